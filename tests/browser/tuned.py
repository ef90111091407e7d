"""A server's content for the tests of what explains a result: a dozen small runs of a search, and two that part."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

import marigram

PROJECT = "vision/tuned"

QUIET: dict[str, Any] = {
    "capture_hardware_metrics": False,
    "capture_stdout": False,
    "capture_stderr": False,
    "git_ref": False,
}
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)


def main() -> None:
    """Log a search over three parameters; the loss of two of the runs parts at step 120."""
    folder = Path(sys.argv[1])
    os.chdir(folder)
    for number, rate in enumerate(RATES):
        requirements = folder / f"requirements-{number}.txt"
        requirements.write_text(f"numpy==1.{20 + number}\ntorch==2.3.0\n", encoding="utf-8")
        script = folder / "train.py"
        script.write_text(f"rate = {rate}\n", encoding="utf-8")
        with marigram.init_run(
            project=PROJECT,
            name=f"trial {number}",
            dependencies=str(requirements),
            source_files=["train.py"],
            **QUIET,
        ) as run:
            run["parameters"] = {"rate": rate, "width": 16 * (1 + number % 3), "optimizer": ("adam", "sgd")[number % 2]}
            for step in range(240):
                parted = 0.3 if number == 1 and step >= 120 else 0.0
                run["train/loss"].append(math.exp(-step / 80) + parted, step=step)
            run["result/score"] = -math.log10(rate)
            for line in (f"begin with {rate:g}", "the same for all"):
                run[f"{run.monitoring_namespace}/stdout"].append(line)
            if number < 2:
                for step in range(0, 40, 10 * (1 + number)):
                    picture = marigram.File.as_image(np.full((24, 32), 0.2 + step / 50))
                    run["samples/picture"].append(picture, step=step)
    print("seeded", file=sys.stderr)


if __name__ == "__main__":
    main()
