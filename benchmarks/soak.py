"""Logs at a steady rate and watches the memory of client, syncer and server: it must not grow with what is logged.

A real server is started on a free port with its data in a temporary folder. Every few seconds the resident memory of
the three processes is read. Printed are the rate that was reached, and start, peak and end in MiB with the slope over
the second half, in MiB per minute.

    python benchmarks/soak.py [--seconds 120] [--rate 20000] [--series 50] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from sync import server

import marigram

SAMPLE_EVERY_S = 2.0
TICK_S = 0.02
MIB = 1 << 20


def processes(url: str) -> dict[str, psutil.Process]:
    """Return client, syncer and server, which are this process and its children."""
    port = url.rpartition(":")[2]
    found = {"client": psutil.Process()}
    for child in psutil.Process().children():
        command = child.cmdline()
        if "marigram.client.syncer" in command:
            found["syncer"] = child
        elif port in command:
            found["server"] = child
    return found


def soak(url: str, seconds: float, rate: int, series: int) -> tuple[dict[str, list[tuple[float, float]]], int]:
    """Log for so long; return (seconds, MiB) of each process, and how many points were logged."""
    run = marigram.init_run(project="benchmarks/soak", url=url, source_files=[], git_ref=False)
    handles = [run[f"series/{number}"] for number in range(series)]
    watched = processes(url)
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in watched}
    began = time.monotonic()
    sample_at = logged = 0
    while (now := time.monotonic() - began) < seconds:
        for _ in range(max(0, int(now * rate) - logged)):
            handles[logged % series].append(logged * 0.001)
            logged += 1
        if now >= sample_at:
            sample_at = now + SAMPLE_EVERY_S
            for name, process in watched.items():
                samples[name].append((now, process.memory_info().rss / MIB))
        time.sleep(TICK_S)
    run.stop(seconds=60)
    return samples, logged


def figures(samples: list[tuple[float, float]]) -> dict[str, float]:
    """Return start, peak and end in MiB, and the slope over the second half in MiB per minute."""
    values = [value for _, value in samples]
    half = samples[len(samples) // 2 :]
    slope = float(np.polyfit([at / 60 for at, _ in half], [value for _, value in half], 1)[0]) if len(half) > 1 else 0.0
    return {"start_mib": values[0], "peak_mib": max(values), "end_mib": values[-1], "slope_mib_per_min": slope}


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0, help="how long to log")
    parser.add_argument("--rate", type=int, default=20_000, help="points per second")
    parser.add_argument("--series", type=int, default=50, help="series that the points go to")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MARIGRAM_HOME"] = f"{folder}/home"
        with server(Path(folder)) as url:
            samples, logged = soak(url, arguments.seconds, arguments.rate, arguments.series)
    results = {name: figures(of_process) for name, of_process in samples.items()}
    rate = logged / arguments.seconds
    if arguments.json:
        print(json.dumps({"points": logged, "rate": rate, "memory": results}))
        return
    print(f"{logged:,} points in {arguments.seconds:g} s: {rate:,.0f} per second")
    print(f"{'MiB':10}{'start':>10}{'peak':>10}{'end':>10}{'per minute':>12}")
    for name, numbers in results.items():
        print(f"{name:10}" + "".join(f"{number:>10,.1f}" for number in numbers.values()))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
