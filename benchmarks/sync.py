"""How many points per second one client gets into a durable server, end to end.

A real server is started on a free port with its data in a temporary folder; a client logs so many points of a few
series and waits for the receipt of the last, which the server gives when all before it survive a loss of power. Beside
it, in the same folder and the same run, the same bytes are written and synced raw: the disk's own limit.

    python benchmarks/sync.py [--points 1000000] [--series 10] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import marigram

BYTES_PER_POINT = 24
"""Step, time and value of eight bytes each: what a point is before anybody encodes it."""

RAW_WRITE_BYTES = 1 << 20
READY_WITHIN_S = 60.0
RECEIPT_WITHIN_S = 600.0


@contextmanager
def server(folder: Path) -> Generator[str]:
    """Run a server for the length of the block; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "marigram.cli", "up", "--host", "127.0.0.1", "--port", str(port)]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen([*command, "--data", str(folder / "data")], stdout=log, stderr=log) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url, folder / "server.log")
            yield url
        finally:
            process.terminate()
            process.wait()


def wait_for(url: str, log: Path) -> None:
    """Return when the server answers.

    Raises:
        SystemExit: it did not in time.
    """
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    message = f"The server did not start. Its log says:\n{log.read_text()[-2000:]}"
    raise SystemExit(message)


def measure_disk(folder: Path, size: int) -> float:
    """Return how many seconds it takes to write so many bytes, synced after every megabyte as batches are."""
    piece = os.urandom(RAW_WRITE_BYTES)
    fd = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT, 0o600)
    began = time.perf_counter()
    for start in range(0, size, RAW_WRITE_BYTES):
        os.write(fd, piece[: min(RAW_WRITE_BYTES, size - start)])
        os.fdatasync(fd)
    taken = time.perf_counter() - began
    os.close(fd)
    return taken


def measure(points: int, series: int) -> dict[str, Any]:
    """Return what was measured; times in seconds, rates in points per second."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["MARIGRAM_HOME"] = str(folder / "home")
        with server(folder) as url:
            run = marigram.init_run(
                project="benchmarks/sync",
                url=url,
                source_files=[],
                git_ref=False,
                capture_stdout=False,
                capture_stderr=False,
                capture_hardware_metrics=False,
            )
            run.sync()  # the start of the processes is not what is measured
            handles = [run[f"train/series{number}"] for number in range(series)]
            began = time.perf_counter()
            for step in range(points // series):
                for handle in handles:
                    handle.append(step * 0.001)
            logged = time.perf_counter() - began
            if not run.sync(timeout_s=RECEIPT_WITHIN_S):
                message = f"No receipt within {RECEIPT_WITHIN_S:g} s."
                raise SystemExit(message)
            stored = time.perf_counter() - began
            run.stop()
        raw = measure_disk(folder, points * BYTES_PER_POINT)
    return {
        "points": points,
        "series": series,
        "logging_s": logged,
        "stored_s": stored,
        "raw_disk_s": raw,
        "logged_per_s": points / logged,
        "stored_per_s": points / stored,
        "raw_disk_per_s": points / raw,
        "of_raw_disk": raw / stored,
        "dropped": run.dropped,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000, help="points in all")
    parser.add_argument("--series", type=int, default=10, help="series that they belong to")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    results = measure(arguments.points, arguments.series)
    if arguments.json:
        facts = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
        print(json.dumps({"machine": facts, "results": results}))
        return
    print(f"{results['points']:,} points of {results['series']} series")
    print(f"  said by the client            {results['logged_per_s']:>12,.0f} points/s  {results['logging_s']:.2f} s")
    print(f"  durable at the server         {results['stored_per_s']:>12,.0f} points/s  {results['stored_s']:.2f} s")
    print(
        f"  the same bytes, raw and synced{results['raw_disk_per_s']:>12,.0f} points/s  {results['raw_disk_s']:.2f} s"
    )
    print(f"  the server's part of the disk's limit: {results['of_raw_disk']:.1%}")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
