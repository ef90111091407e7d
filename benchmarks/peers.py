"""What logging costs the training process, side by side with other trackers, in one run on one machine.

Each tracker has a virtual environment of its own below the user's cache folder, made at the first run from PyPI. All
log to this machine's disk without a server, except that Marigram has one that does not answer. One tracker is measured
at a time. The slowdown is of a loop with a NumPy matrix product of about 5 ms and 50 metrics per step.

    python benchmarks/peers.py [--only marigram,wandb] [--seconds 8] [--json] [--write]

`--write` puts the table into docs/reference/client-cost.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import platformdirs

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "reference" / "client-cost.md"
GIVE_UP_S = 300.0
IMPORTS = 2
PEERS = {
    "neptune": ["neptune>=1.10,<2", "numpy", "setuptools<81"],
    "wandb": ["wandb", "numpy"],
    "mlflow": ["mlflow", "numpy"],
    "trackio": ["trackio", "numpy"],
    "tensorboardX": ["tensorboardX", "numpy"],
}
MODES = {
    "marigram": "async, its server away",
    "neptune": "offline",
    "wandb": "offline",
    "mlflow": "SQLite store in the process",
    "trackio": "local",
    "tensorboardX": "event file",
}
QUIET = {
    "OPENBLAS_NUM_THREADS": "1",  # a product on all cores would wait for whatever else runs on any of them
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "NEPTUNE_API_TOKEN": "ANONYMOUS",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
}


def python_of(name: str) -> Path:
    """Return a Python that has the tracker; its environment is made if it is not there."""
    if name == "marigram":
        return Path(sys.executable)
    folder = platformdirs.user_cache_path("marigram", appauthor=False) / "peers" / name
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        print(f"installing {name}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        without_torch = folder / "constraints.txt"
        without_torch.write_text("torch==0.0.0\n")  # a version that does not exist: none may come along
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--constraint", str(without_torch), *PEERS[name]], check=True)
        ready.touch()
    return python


def import_ms(python: Path, name: str) -> float:
    """Return the processor time that the import takes, beyond the interpreter's start, in milliseconds; the least."""

    def seconds(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([str(python), "-c", code], check=True, env={**os.environ, **QUIET}, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    seconds(f"import {name}")
    return (min(seconds(f"import {name}") for _ in range(IMPORTS)) - seconds("pass")) * 1000


def version_of(python: Path, name: str) -> str:
    """Return the version of the tracker that is installed there."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def measure(name: str, seconds: float) -> dict[str, float | str]:
    """Return what one tracker costs; where it did not work, why."""
    python = python_of(name)
    found: dict[str, float | str] = {"version": version_of(python, name), "import_ms": import_ms(python, name)}
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python), str(HERE / "peer.py"), name, folder, repr(time.time()), str(seconds)]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **QUIET},
                capture_output=True,
                text=True,
                check=False,
                timeout=GIVE_UP_S,
                cwd=folder,
            )
        except subprocess.TimeoutExpired:
            found["failure"] = f"did not end within {GIVE_UP_S:g} s"
            return found
        ended = time.time()
        for line in done.stdout.splitlines():
            word, _, rest = line.partition(" ")
            if word == "RESULT":
                found |= json.loads(rest)
            elif word == "LAST":
                found["exit_s"] = ended - float(rest)
    if "p50_us" not in found:
        lines = done.stderr.strip().splitlines()
        found["failure"] = lines[-1] if lines else f"ended with {done.returncode}"
    return found


def table(results: dict[str, dict[str, float | str]]) -> str:
    """Return the results as a Markdown table, with ratios to Marigram."""
    base = results.get("marigram", {}).get("p50_us")
    head = "one scalar, p50 | p99 | p50 / ours | loop slower by | start to first point | exit | `import`"
    rows = [f"| tracker | {head} |", "|---|" + "---:|" * 7]
    for name, found in results.items():
        title = f"{name} {found['version']} ({MODES[name]})"
        if "failure" in found:
            rows.append(f"| {title} | {found['failure']} | | | | | | {found['import_ms']:,.0f} ms |")
            continue
        p50 = float(found["p50_us"])
        ratio = f"{p50 / float(base):,.1f}" if base else ""
        rows.append(
            f"| {title} | {p50:,.1f} µs | {found['p99_us']:,.1f} µs | {ratio} | {float(found['slowdown']):.1%} "
            f"| {found['first_point_s']:,.2f} s | {found.get('exit_s', 0.0):,.2f} s | {found['import_ms']:,.0f} ms |"
        )
    return "\n".join(rows)


def machine() -> str:
    """Return what was measured on, and when."""
    load = os.getloadavg()[0]
    now = datetime.now(timezone.utc)
    return (
        f"{now:%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {load:.1f}"
    )


def page(text: str) -> str:
    """Return the page of the reference."""
    return f"""# What logging costs

Made by `python benchmarks/peers.py --write`; run it on your machine. {machine()}.

{text}

- **One scalar** is a call that logs one float, on the calling thread. `p50 / ours` compares the medians.
- **The loop** multiplies matrices for about 5 ms and logs 50 metrics per step, in turns with the same loop alone; the
  medians of the steps are compared. On a machine with other work (see the load above) some percent are its doing.
- **`import`** is processor time, so that other work on the machine does not count.
- **Exit** is from the end of the loop to the end of the process. Marigram's server does not answer here, so
  `run.stop()` waits `MARIGRAM_STOP_TIMEOUT_S` (5 s) for it; the others have no server to wait for.
- What the calls promise differs. After Marigram's, the point survives `kill -9` of the process; see
  [what survives what](../concepts/durability.md).
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--seconds", type=float, default=8.0, help="bound of each measurement")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help="write docs/reference/client-cost.md")
    arguments = parser.parse_args()
    names = [name for name in arguments.only.split(",") if name] or list(MODES)
    results: dict[str, dict[str, float | str]] = {}
    for name in names:
        print(f"measuring {name}", file=sys.stderr)
        results[name] = measure(name, arguments.seconds)
        if arguments.write:
            PAGE.write_text(page(table(results)))
    if arguments.json:
        print(json.dumps({"machine": machine(), "results": results}))
    else:
        print(table(results))
        print(machine())


if __name__ == "__main__":
    main()
