"""Runs scenarios in the client's environment: `python main.py RESULTS FOLDER LABEL [SCENARIO...]`.

MLFLOW_TRACKING_URI names the server; LABEL is in all names that are made there. One line of JSON per scenario goes into
the file RESULTS: its name, what it returned (None if the client is too old for it), and the traceback if it failed; all
run, whatever fails.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import artifacts
import elsewhere
import experiments
import metrics
import mlflow
import models
import names
import prompts
import registry
import runs
import search
import stories
from bench import OLDEST, Bench

MODULES = (names, experiments, runs, metrics, search, artifacts, models, registry, prompts, stories, elsewhere)


def scenarios_of(module: ModuleType) -> dict[str, Callable[[Bench], Any]]:
    """Return the scenarios of a module by name: its own functions that are not private."""
    return {
        name: thing
        for name, thing in vars(module).items()
        if callable(thing) and getattr(thing, "__module__", "") == module.__name__ and not name.startswith("_")
    }


def run(name: str, scenario: Callable[[Bench], Any], folder: Path, label: str) -> dict[str, Any]:
    """Run one and return its line."""
    began = time.monotonic()
    line: dict[str, Any] = {"scenario": name, "facts": None, "error": None}
    if int(mlflow.__version__.partition(".")[0]) >= getattr(scenario, OLDEST, 0):
        folder.mkdir(parents=True)
        try:
            line["facts"] = scenario(Bench(f"{label}-{name.replace('_', '-')}", folder)) or {}
        except Exception:  # noqa: BLE001 - whatever it is, the others run
            line["error"] = traceback.format_exc()
        while mlflow.active_run():
            mlflow.end_run()
    return {**line, "seconds": round(time.monotonic() - began, 2)}


def main(results: Path, folder: Path, label: str, wanted: list[str]) -> None:
    """Run those whose names are given, or all."""
    warnings.simplefilter("ignore")
    every = {name: scenario for module in MODULES for name, scenario in scenarios_of(module).items()}
    with results.open("w", encoding="utf-8") as file:
        for name in wanted or every:
            file.write(json.dumps(run(name, every[name], folder / name, label)) + "\n")
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
