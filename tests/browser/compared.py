"""A server's content for the tests of the comparison: a small sweep with its troubles, made by the public client."""

from __future__ import annotations

import math
import random
import sys
from typing import Any

import marigram

PROJECT = "vision/sweep"

QUIET: dict[str, Any] = {"capture_hardware_metrics": False}
"""A slow machine would measure itself while a run lasts, and the tests count the charts."""


def main() -> None:
    """Log six runs of three learning rates and one of them with a thousand series."""
    for rate in (0.1, 0.01, 0.001):
        for seed in (1, 2):
            _train(rate, seed)
    with marigram.init_run(project=PROJECT, name="wide", **QUIET) as run:
        for step in range(3):
            values = {f"unit{number}": float(step * number) for number in range(1000)}
            run["layers"].append(values, step=step)
    print("seeded", file=sys.stderr)


def _train(rate: float, seed: int) -> None:
    noise = random.Random(f"{rate} {seed}")
    with marigram.init_run(project=PROJECT, name=f"lr {rate:g} seed {seed}", tags=["sweep"], **QUIET) as run:
        run["parameters"] = {"learning_rate": rate, "seed": seed, "optimizer": "adam", "layers": {"depth": 4}}
        # Longer runs log at other steps, so that no two share all of theirs.
        steps = 2000 if seed == 1 else 1500
        speed = 200 + abs(math.log10(rate) + 2) * 400
        for step in range(0, steps, seed):
            loss = math.exp(-step / speed) + noise.random() * 0.1
            run["train/loss"].append(loss, step=step)
            run["train/accuracy"].append(1 - 0.9 * math.exp(-step / speed) - noise.random() * 0.02, step=step)
            run["train/epoch"].append(step / 100, step=step)
        for step in range(0, steps, 100):
            run["validation/loss"].append(math.exp(-step / speed) + 0.05, step=step)
            run["validation/margin"].append(math.sin(step / 300), step=step)
        run["train/gradient_norm"].extend([1.0, 2.0, math.nan, 4.0, 900.0 if rate == 0.1 else 3.0, 3.0])
        run["result/f1"] = 1 - rate


if __name__ == "__main__":
    main()
