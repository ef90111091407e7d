"""Runs make targets one after the other, all of them even if one fails, and ends with a table of how they went.

`python tools/timed_steps.py TARGET...`; targets joined by a plus sign, `types+soak`, run at the same time, and what
each has printed comes when it has ended. The exit status is 1 if any failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A target that was run, how long it took and whether it ended well."""

    name: str
    seconds: float
    passed: bool


def run(target: str, root: Path, *, alone: bool = True) -> Step:
    """Run one target in `root`; one that is not `alone` prints all at once, under its name."""
    if alone:
        print(f"\n=== {target}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [os.environ.get("MAKE", "make"), "--no-print-directory", target],
        cwd=root,
        check=False,
        stdout=None if alone else subprocess.PIPE,
        stderr=None if alone else subprocess.STDOUT,
        text=True,
    )
    if not alone:
        print(f"\n=== {target}\n{done.stdout}", end="", flush=True)
    return Step(name=target, seconds=time.monotonic() - began, passed=done.returncode == 0)


def run_beside(targets: Sequence[str], root: Path) -> list[Step]:
    """Run these targets at the same time and return how they went, in their order."""
    with ThreadPoolExecutor(len(targets)) as workers:
        answers = [workers.submit(run, target, root, alone=len(targets) == 1) for target in targets]
        return [answer.result() for answer in answers]


def main(groups: Sequence[str]) -> int:
    """Run all targets and print the table."""
    root = Path(__file__).resolve().parent.parent
    began = time.monotonic()
    steps = [step for group in groups for step in run_beside(group.split("+"), root)]
    print("\n=== summary")
    for step in steps:
        print(f"{step.name:12} {step.seconds:7.1f} s  {'passed' if step.passed else 'FAILED'}")
    print(f"{'all':12} {time.monotonic() - began:7.1f} s")
    failed = [step.name for step in steps if not step.passed]
    if failed:
        print(f"\nRun again what failed: make {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
