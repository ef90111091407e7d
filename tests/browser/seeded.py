"""A server's content for the browser tests: one run of everything, made by the public client."""

from __future__ import annotations

import math
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

import marigram
from marigram import File

sys.path.insert(0, str(Path(__file__).parents[1]))
from waiting import wait_until  # lies beside this folder, which alone is on the path of a script


def main() -> None:
    """Log one finished run with something of every kind, a few short ones, and one that failed."""
    folder = Path(sys.argv[1])
    for number in range(4):
        with marigram.init_run(project="vision/digits", name=f"baseline {number}", tags=["baseline"]) as run:
            run["parameters"] = {"learning_rate": 0.1 / (number + 1), "optimizer": "sgd"}
            for step in range(50):
                run["train/loss"].append(math.exp(-step / (10 + 5 * number)), step=step)
    _everything(folder)
    with (
        suppress(ValueError),
        marigram.init_run(project="vision/digits", name="diverged", tags=["baseline"]) as run,
    ):
        run["parameters"] = {"learning_rate": 9.0, "optimizer": "sgd"}
        for step in range(10):
            run["train/loss"].append(math.exp(step), step=step)
        message = "loss is not finite"
        raise ValueError(message)


def _everything(folder: Path) -> None:
    noise = random.Random(1)
    run = marigram.init_run(project="vision/digits", name="convnet", tags=["best", "augmented"])
    run["parameters"] = {"learning_rate": 0.02, "optimizer": "adam", "layers": {"depth": 4, "width": 64}, "amp": True}
    for step in range(3000):
        base = math.exp(-step / 700)
        run["train/loss"].append(base + noise.random() * 0.1, step=step)
        run["validation/loss"].append(base + 0.05 + noise.random() * 0.02, step=step)
        run["train/accuracy"].append(1 - base * 0.9, step=step)
    run["train/gradient_norm"].extend([1.0, 2.0, math.nan, 4.0, math.inf, 3.0])
    for step in range(0, 60, 10):
        picture = [[(x * y * (step + 1)) % 256 for x in range(64)] for y in range(64)]
        run["samples/input"].append(File.as_image(_array(picture)), step=step, description=f"after {step} steps")
    for line in range(400):
        print(f"\x1b[32mepoch {line // 40}\x1b[0m batch {line % 40} loss {math.exp(-line / 90):.4f}")
    print("a warning about nothing", file=sys.stderr)
    note = folder / "note.txt"
    note.write_text("A note on the run.\nSecond line.\n")
    run["files/note"].upload(str(note))
    page = "<h1>Report</h1><script>try { parent.window.pwned = true } catch { document.title = 'kept in' }</script>"
    run["files/report"].upload(File.from_content(page, extension="html"))
    run["result/f1"] = 0.97
    wait_until(lambda: run.exists(f"{run.monitoring_namespace}/cpu"), "a first sample of the hardware")
    run.stop()


def _array(rows: list[list[int]]) -> Any:
    return np.asarray(rows, dtype=np.uint8)


main()
