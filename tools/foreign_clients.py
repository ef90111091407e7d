"""Makes the environments of the foreign clients that tests/conformance runs: `python tools/foreign_clients.py`.

With `--behind` it returns at once and a process of its own goes on, so that `make test` has them when it wants them; if
that fails, the tests try once more and say why.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Make them all and print where they are."""
    if "--behind" in arguments:
        nowhere = subprocess.DEVNULL
        command = [sys.executable, str(Path(__file__).resolve())]
        subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)
        return 0
    sys.path.insert(0, str(ROOT / "tests"))  # as pytest does
    clients = importlib.import_module("foreign_clients")
    for name, python in clients.pythons_of(clients.all_clients()).items():
        print(f"{name}: {python}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
