"""Runs make targets one after the other, all of them even if one fails, and ends with a table of how they went.

`python tools/timed_steps.py TARGET...`; the exit status is 1 if any failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A target that was run, how long it took and whether it ended well."""

    name: str
    seconds: float
    passed: bool


def run(target: str, root: Path) -> Step:
    """Run one target in `root`."""
    print(f"\n=== {target}", flush=True)
    began = time.monotonic()
    done = subprocess.run([os.environ.get("MAKE", "make"), "--no-print-directory", target], cwd=root, check=False)
    return Step(name=target, seconds=time.monotonic() - began, passed=done.returncode == 0)


def main(targets: Sequence[str]) -> int:
    """Run all targets and print the table."""
    root = Path(__file__).resolve().parent.parent
    steps = [run(target, root) for target in targets]
    print("\n=== summary")
    for step in steps:
        print(f"{step.name:12} {step.seconds:7.1f} s  {'passed' if step.passed else 'FAILED'}")
    print(f"{'all':12} {sum(step.seconds for step in steps):7.1f} s")
    failed = [step.name for step in steps if not step.passed]
    if failed:
        print(f"\nRun again what failed: make {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
