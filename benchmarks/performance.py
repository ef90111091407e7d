"""The stores of several trackers with the same data, side by side in one run on one machine.

Each tracker has a virtual environment of its own below the user's cache folder, made at the first run from PyPI, and a
process of its own. One tracker is measured at a time, Marigram through a real server on a free port.

    python benchmarks/performance.py [--only marigram,mlflow] [--points 100000] [--runs 200] [--json] [--write]

`--write` puts the table into docs/reference/performance.md. Where the environments are there, all takes five minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from environments import python_of, quiet_environment, version_of
from sync import server

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "reference" / "performance.md"
GIVE_UP_S = 1800.0

PEERS = {
    "marigram": [],
    "mlflow": ["mlflow", "numpy"],
    "aim": ["aim", "setuptools<81"],
    "trackio": ["trackio", "numpy"],
    "tensorboard": ["tensorboard", "setuptools<81"],
}
HOW = {
    "marigram": "client, syncer and server over HTTP",
    "mlflow": "SQLite store in the process, batches of 1,000",
    "aim": "repository in the process",
    "trackio": "its local store",
    "tensorboard": "event file and loader",
}


@contextlib.contextmanager
def home_of(name: str) -> Generator[tuple[Path, dict[str, str]]]:
    """Yield a folder for the tracker's data, and what tells it where its server is."""
    with tempfile.TemporaryDirectory(prefix=f"performance-{name}-") as folder:
        if name == "marigram":
            with server(Path(folder)) as url:
                yield Path(folder), {"MARIGRAM_URL": url}
        else:
            yield Path(folder), {}


def measure(name: str, sizes: dict[str, int]) -> dict[str, Any]:
    """Return what one tracker's store does."""
    python = Path(sys.executable) if name == "marigram" else python_of(name, PEERS[name])
    with home_of(name) as (folder, address):
        command = [str(python), str(HERE / "store_peer.py"), name, str(folder), json.dumps(sizes)]
        done = subprocess.run(
            command,
            env={**quiet_environment(), **address},
            capture_output=True,
            text=True,
            timeout=GIVE_UP_S,
            check=False,
        )
    if done.returncode:
        message = f"{name} failed:\n{done.stderr[-2000:]}"
        raise RuntimeError(message)
    return {"version": version_of(python, name), **json.loads(done.stdout.splitlines()[-1])}


def table(results: dict[str, dict[str, Any]], sizes: dict[str, int]) -> str:
    """Return the results as a Markdown table; in brackets how many times as much as the first tracker's."""
    ours = next(iter(results.values()))
    columns: list[tuple[str, Callable[[dict[str, Any]], float | None], Callable[[float], str]]] = [
        (f"{sizes['tall']:,} points of one series stored", lambda found: found["tall_s"], lambda x: f"{x:,.1f} s"),
        (
            f"{sizes['wide']:,} series x {sizes['deep']} points stored",
            lambda found: found["wide_s"],
            lambda x: f"{x:,.1f} s",
        ),
        ("bytes per point", lambda found: found["tall_bytes"] / sizes["tall"], lambda x: f"{x:,.0f}"),
        (f"chart of {sizes['tall']:,} points", lambda found: found["chart_s"] * 1000, lambda x: f"{x:,.1f} ms"),
        (
            f"page of {sizes['runs']:,} runs",
            lambda found: None if found["table_s"] is None else found["table_s"] * 1000,
            lambda x: f"{x:,.1f} ms",
        ),
    ]
    lines = [
        "| tracker | " + " | ".join(title for title, _, _ in columns) + " |",
        "|---|" + "---:|" * len(columns),
    ]
    for name, found in results.items():
        cells = [f"{name} {found['version']} ({HOW[name]})"]
        for _, value_of, text_of in columns:
            value, own = value_of(found), value_of(ours)
            if value is None:
                cells.append("-")
            elif found is ours or not own:
                cells.append(text_of(value))
            else:
                cells.append(f"{text_of(value)} ({value / own:,.1f}x)")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine() -> str:
    """Return what was measured on, and when."""
    now = datetime.now(timezone.utc)
    return (
        f"{now:%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def page(text: str, sizes: dict[str, int]) -> str:
    """Return the page of the reference."""
    return f"""# Stores beside each other

Made by `python benchmarks/performance.py --write`; run it on your machine. {machine()}.

{text}

- In brackets: how many times as much as Marigram's.
- **Stored** is from the first call until the tracker says that all is stored, in the call that takes all metrics of a
  step where there is one. For Marigram that is the start of a run and its syncer, and the receipt of a server that has
  synced all to the disk, over HTTP; the others write to files in the same process, and only MLflow's database promises
  as much.
- **Bytes per point** are on the disk just after that, before Marigram's points have been moved to blocks.
- **A chart** is {1000:,} points of the series as the tracker's own web page would get them: Marigram's have the minimum
  and maximum of everything between them, the others' are every n-th point. Best of {sizes["repeats"]}.
- **A page** is the first 50 runs with one of {sizes["parameters"]} parameters above a number, sorted by one of
  {sizes["metrics"]} metrics. Trackio and TensorBoard have no such question. Best of {sizes["repeats"]}.
- [What logging costs](client-cost.md) the training process is a page of its own.
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--points", type=int, default=100_000, help="points of the long series")
    parser.add_argument("--runs", type=int, default=200, help="runs of the table")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help="write docs/reference/performance.md")
    arguments = parser.parse_args()
    sizes = {
        "tall": arguments.points,
        "wide": 1000,
        "deep": 10,
        "runs": arguments.runs,
        "parameters": 20,
        "metrics": 5,
        "repeats": 5,
    }
    results: dict[str, dict[str, Any]] = {}
    for name in [name for name in PEERS if not arguments.only or name in arguments.only.split(",")]:
        print(f"measuring {name}", file=sys.stderr)
        results[name] = measure(name, sizes)
    if arguments.write:
        PAGE.write_text(page(table(results, sizes), sizes))
    if arguments.json:
        print(json.dumps({"machine": machine(), "sizes": sizes, "results": results}))
    else:
        print(table(results, sizes))
        print(machine())


if __name__ == "__main__":
    main()
