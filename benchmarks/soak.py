"""Logs at a steady rate and watches the memory of client, syncer and server: it must not grow with what is logged.

A real server is started on a free port with its data in a temporary folder. Every few seconds the memory that belongs
to each of the three processes alone is read. A table tells each minute: points per second, points that wait in the
queue, MiB. At the end stands a verdict, and the exit code is 1 if it is bad: every point is stored, and after the first
third of the time no process has grown by more than what its settings let it hold.

    python benchmarks/soak.py [--minutes 2] [--rate 20000] [--series 50] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import psutil
from sync import server

import marigram
from marigram.server.store.points.embedded.engine import FLUSH_BYTES, FLUSH_POINTS, RECENT_POINTS

SAMPLE_EVERY_S = 2.0
TICK_S = 0.02
MINUTE_S = 60
STOP_WITHIN_S = 120.0
MIB = 1 << 20

CLIENT_MIB = 10
"""It holds what it holds at the start; a little is left for what Python does not give back."""

SYNCER_MIB = 40
"""A batch, its encoded form and the server's answer come and go; how large they get depends on how far it is behind."""

ALLOCATOR_MIB = 64
"""The server's threads encode and merge; what they have used is not given back at once."""

RECENT_BYTES = RECENT_POINTS * 40
"""Three columns of eight bytes, and arrays that double."""


class Sample(NamedTuple):
    """One reading: seconds since the beginning, points logged, points that wait, MiB by process."""

    at: float
    logged: int
    waiting: int
    memory: dict[str, float]


class Growth(NamedTuple):
    """What became of one process, in MiB."""

    start: float
    peak: float
    end: float
    grown: float
    allowed: float


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


def soak(url: str, seconds: float, rate: int, series: int, *, quiet: bool) -> tuple[list[Sample], int, int]:
    """Log for so long; return the readings, how many points were logged, and how many the server has."""
    run = marigram.init_run(project="benchmarks/soak", url=url, source_files=[], git_ref=False)
    handles = [run[f"series/{number}"] for number in range(series)]
    sink = run._recorder.sink  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] how much waits is shown to nobody else
    watched = processes(url)
    samples: list[Sample] = []
    began = time.monotonic()
    sample_at = logged = told = 0
    while (now := time.monotonic() - began) < seconds:
        for _ in range(max(0, int(now * rate) - logged)):
            handles[logged % series].append(logged * 0.001)
            logged += 1
        if now >= sample_at:
            sample_at = now + SAMPLE_EVERY_S
            memory = {name: process.memory_full_info().uss / MIB for name, process in watched.items()}
            waiting = sink.last_seq - sink.position().durable_seq
            samples.append(Sample(at=now, logged=logged, waiting=waiting, memory=memory))
            if not quiet and now // MINUTE_S > told:
                told = int(now // MINUTE_S)
                print(minute(samples, told), flush=True)
        time.sleep(TICK_S)
    run.stop(seconds=STOP_WITHIN_S)
    return samples, logged, stored(url, run.id)


def stored(url: str, run_id: str) -> int:
    """Return how many points the server has."""
    with urllib.request.urlopen(f"{url}/api/v1/runs/{run_id}/attributes?prefix=series&limit=1000") as answer:
        return sum(found["series"]["count"] for found in json.load(answer)["attributes"])


HEADER = f"{'minute':>6}{'points/s':>12}{'waiting':>12}{'client':>10}{'syncer':>10}{'server':>10}   (MiB)"


def minute(samples: list[Sample], number: int) -> str:
    """Return the line of a minute that has passed: its rate, and the last reading."""
    of_minute = [each for each in samples if number - 1 <= each.at / MINUTE_S <= number + 0.1]
    first, last = of_minute[0], of_minute[-1]
    rate = (last.logged - first.logged) / max(last.at - first.at, SAMPLE_EVERY_S)
    memory = "".join(f"{last.memory[name]:>10,.1f}" for name in ("client", "syncer", "server"))
    return f"{number:>6}{rate:>12,.0f}{last.waiting:>12,}{memory}"


def growth(name: str, samples: list[Sample], seconds: float, rate: int) -> Growth:
    """Return how a process has grown after the first third, and what it may have."""
    third = [each.memory[name] for each in samples if each.at < seconds / 3]
    later = [each.memory[name] for each in samples if each.at >= seconds / 3]
    allowed = {"client": CLIENT_MIB, "syncer": SYNCER_MIB, "server": ALLOCATOR_MIB}[name]
    if name == "server" and seconds / 3 < 2 * FLUSH_POINTS / rate:
        # So early it has not yet been full: one table of points fills while another is being written.
        allowed += (2 * FLUSH_BYTES + RECENT_BYTES) / MIB
    return Growth(
        start=third[0], peak=max(third + later), end=later[-1], grown=max(later) - max(third), allowed=float(allowed)
    )


def main() -> None:
    """Soak, print, and say whether it went well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=2.0, help="how long to log")
    parser.add_argument("--rate", type=int, default=20_000, help="points per second")
    parser.add_argument("--series", type=int, default=50, help="series that the points go to")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    seconds = arguments.minutes * MINUTE_S
    if not arguments.json:
        print(HEADER)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MARIGRAM_HOME"] = f"{folder}/home"
        with server(Path(folder)) as url:
            samples, logged, kept = soak(url, seconds, arguments.rate, arguments.series, quiet=arguments.json)
    found = {name: growth(name, samples, seconds, arguments.rate) for name in samples[0].memory}
    wrong = [f"{name} has grown by {each.grown:,.0f} MiB" for name, each in found.items() if each.grown > each.allowed]
    wrong += [f"of {logged:,} points {kept:,} are stored"] if kept != logged else []
    if arguments.json:
        memory = {name: each._asdict() for name, each in found.items()}
        print(json.dumps({"points": logged, "stored": kept, "memory": memory, "wrong": wrong}))
    else:
        print(f"\n{'MiB':10}{'start':>10}{'peak':>10}{'end':>10}{'grown':>10}{'allowed':>10}")
        for name, each in found.items():
            print(f"{name:10}" + "".join(f"{number:>10,.1f}" for number in each))
        print(f"\n{logged:,} points in {seconds:g} s, {logged / seconds:,.0f} per second, {kept:,} stored")
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"Verdict: {'; '.join(wrong) if wrong else 'good'}.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
