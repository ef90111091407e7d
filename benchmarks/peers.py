"""What logging costs the training process, side by side with other trackers, in one run on one machine.

Each tracker has a virtual environment of its own below the user's cache folder, made at the first run from PyPI. All
log to this machine's disk without a server; Marigram is measured with a server that does not answer, and once more with
one on this machine. One tracker is measured at a time: calls in a loop of their own, then a loop with a NumPy matrix
product of about 5 ms and 50 metrics per step, then what a process that is killed has left.

    python benchmarks/peers.py [--only marigram,wandb] [--seconds 8] [--json] [--write]

`--write` puts the table into docs/reference/client-cost.md. Where the environments are there, all takes ten minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from environments import python_of, quiet_environment, version_of

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "reference" / "client-cost.md"
GIVE_UP_S = 300.0
IMPORTS = 5
KILL_AFTER_CALLS = 1000
KILL_AFTER_S = 10.0
SETTLE_S = 5.0
"""So long, other processes of the tracker may write down what they were given before the kill."""

PEERS = {
    "neptune": ["neptune>=1.10,<2", "numpy", "setuptools<81"],
    "wandb": ["wandb", "numpy"],
    "mlflow": ["mlflow", "numpy"],
    "trackio": ["trackio", "numpy"],
    "tensorboardX": ["tensorboardX", "numpy"],
}
MODES = {
    "marigram": "async, its server away",
    "marigram with a server": "async, its server on this machine",
    "neptune": "offline",
    "wandb": "offline",
    "mlflow": "SQLite store in the process",
    "trackio": "local",
    "tensorboardX": "event file",
}


def import_ms(python: Path, name: str) -> float:
    """Return the processor time that the import takes, beyond the interpreter's start, in milliseconds; the least."""

    def seconds(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([str(python), "-c", code], check=True, env=quiet_environment(), capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    seconds(f"import {name}")
    return (min(seconds(f"import {name}") for _ in range(IMPORTS)) - seconds("pass")) * 1000


@contextlib.contextmanager
def server_if_wanted(name: str) -> Generator[dict[str, str]]:
    """Run a Marigram server while one is wanted, and yield what tells a tracker where it is."""
    if name != "marigram with a server":
        yield {}
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "marigram", "up", "--port", str(port), "--data", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + GIVE_UP_S
            while time.monotonic() < deadline:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.1)
            yield {"MARIGRAM_URL": f"http://127.0.0.1:{port}"}
        finally:
            server.terminate()
            server.wait()


def measure(name: str, seconds: float) -> dict[str, Any]:
    """Return what one tracker costs; where it did not work, why."""
    package = name.partition(" ")[0]
    python = Path(sys.executable) if name.startswith("marigram") else python_of(name, PEERS[name])
    found: dict[str, Any] = {"version": version_of(python, package), "import_ms": import_ms(python, package)}
    with server_if_wanted(name) as address:
        environment = {**quiet_environment(), **address}
        found |= cost_of(package, python, seconds, environment)
        if not address:  # a server has what is no longer in the queue
            found |= survival_of(package, python, environment)
    return found


def cost_of(package: str, python: Path, seconds: float, environment: dict[str, str]) -> dict[str, Any]:
    """Return what `peer.py` finds, and how long the process takes to end after its last call."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [str(python), str(HERE / "peer.py"), package, folder, "cost", repr(time.time()), str(seconds)]
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, timeout=GIVE_UP_S, cwd=folder
            )
        except subprocess.TimeoutExpired:
            return {"failure": f"did not end within {GIVE_UP_S:g} s"}
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


def survival_of(package: str, python: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Return how many calls had returned when the process was killed, and how many of their values are still there."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [str(python), str(HERE / "peer.py"), package, folder, "until-killed"]
        victim = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if victim.stdout is None:
            message = "a process with a pipe has one"
            raise AssertionError(message)
        returned = _kill(victim, victim.stdout.fileno())
        time.sleep(SETTLE_S)
        reader = [str(python), str(HERE / "survivors.py"), package, folder]
        done = subprocess.run(reader, env=environment, capture_output=True, text=True, check=False, timeout=GIVE_UP_S)
        victim.stdout.close()
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            return {"returned": returned, "unread": lines[-1] if lines else f"ended with {done.returncode}"}
        values = set(json.loads(done.stdout.splitlines()[-1])["found"])
    return {"returned": returned, "survived": sum(float(number) in values for number in range(returned))}


def _kill(victim: subprocess.Popen[bytes], pipe: int) -> int:
    """Kill the process, and not its helpers, when enough calls have returned; return how many had."""
    os.set_blocking(pipe, False)
    heard = b""
    began = time.monotonic()
    first: float | None = None
    while True:
        with contextlib.suppress(BlockingIOError):
            heard += os.read(pipe, 1 << 16)
        calls = heard.count(b"RETURNED ")
        now = time.monotonic()
        if calls and first is None:
            first = now
        late = now - began > GIVE_UP_S if first is None else now - first > KILL_AFTER_S
        if calls >= KILL_AFTER_CALLS or late or victim.poll() is not None:
            break
        time.sleep(0.001)
    victim.kill()
    victim.wait()
    with contextlib.suppress(BlockingIOError):  # what it had said is in the pipe, and its helpers may keep that open
        while more := os.read(pipe, 1 << 16):
            heard += more
    return sum(line.startswith(b"RETURNED ") for line in heard.split(b"\n")[:-1])


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return the results as a Markdown table, with ratios to Marigram."""
    base = results.get("marigram", {}).get("p50_us")
    head = (
        "one scalar, p50 | p99 | p50 / ours | loop slower by, one call per step | one call per metric "
        "| survives `kill -9` | start to first point | exit | `import`"
    )
    rows = [f"| tracker | {head} |", "|---|" + "---:|" * 9]
    for name, found in results.items():
        title = f"{name.partition(' ')[0]} {found['version']} ({MODES[name]})"
        if "failure" in found:
            rows.append(f"| {title} | {found['failure']} | | | | | | | | {found['import_ms']:,.0f} ms |")
            continue
        p50 = float(found["p50_us"])
        ratio = f"{p50 / float(base):,.1f}" if base else ""
        rows.append(
            f"| {title} | {p50:,.1f} µs | {found['p99_us']:,.1f} µs | {ratio} "
            f"| {_slower(found.get('together'))} | {_slower(found.get('each'))} | {_survived(found)} "
            f"| {found['first_point_s']:,.2f} s | {found.get('exit_s', 0.0):,.2f} s | {found['import_ms']:,.0f} ms |"
        )
    return "\n".join(rows)


def _slower(found: dict[str, float] | None) -> str:
    if found is None:
        return "—"
    low, middle, high = (f"{found[key]:.1%}" for key in ("slower_low", "slower", "slower_high"))
    return f"{middle} ({low} … {high}); calls {found['in_calls']:.2%}"


def _survived(found: dict[str, Any]) -> str:
    if "returned" not in found:
        return "—"
    if "unread" in found:
        return f"not read: {found['unread']}"
    return f"{found['survived']:,} of {found['returned']:,}"


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
- **The loop** multiplies matrices for about 5 ms and logs 50 metrics per step: in one call where the tracker has one,
  and in one call per metric where that is another. Blocks of steps with and without logging take turns; of the
  differences of the pairs you see the median and the quartiles, which are wide on a machine with other work (see the
  load above). `calls` is what the calls themselves take of the loop's time, clocked one by one: it is exact, and misses
  what threads and processes of the tracker take from the loop.
- **Survives `kill -9`**: a process logs scalars and says each call that has returned; it gets a SIGKILL, its helpers
  get {SETTLE_S:g} s to write down what they have, and the tracker's files are read. Told is how many of the values
  whose calls had returned are there.
- **`import`** is processor time, so that other work on the machine does not count. Bytecode is there, as installers
  write it.
- **Exit** is from the end of the loop to the end of the process. A script waits for receipts, but for no more than two
  seconds where Marigram's server does not answer; the others have no server to wait for.
- What the calls promise differs; see [what survives what](../concepts/durability.md) for Marigram's.
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--seconds", type=float, default=8.0, help="bound of each measurement")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help="write docs/reference/client-cost.md")
    arguments = parser.parse_args()
    names = [name for name in MODES if not arguments.only or name.partition(" ")[0] in arguments.only.split(",")]
    results: dict[str, dict[str, Any]] = {}
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
