"""Records what an MLflow client says and hears, for tests/protocols/mlflow: `python tools/record_mlflow.py PYTHON`.

PYTHON is one that has the client. Its calls are those of tests/protocols/mlflow/said.py, the server is Marigram's with
no data. What was recorded of a version goes into a file named after it and is never made again: that client is
installed on machines that nobody updates.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "protocols" / "mlflow"


def main() -> None:
    """Record."""
    sys.path.insert(0, str(ROOT / "tests"))
    python = sys.argv[1]
    version = subprocess.run(
        [python, "-c", "from importlib.metadata import version; print(version('mlflow'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        server = importlib.import_module("running_server").RunningServer(folder / "data", folder / "log")
        server.start()
        try:
            with importlib.import_module("http_proxy").HttpProxy(server.port) as proxy:
                environment = {**os.environ, "MLFLOW_TRACKING_URI": proxy.url, "USER": "ada", "LOGNAME": "ada"}
                subprocess.run([python, "said.py"], check=True, cwd=FOLDER, env=environment)
                said = [exchange_of(each) for each in proxy.exchanges]
        finally:
            server.stop()
    lines = ",\n".join(json.dumps(each, ensure_ascii=False, sort_keys=True) for each in said)
    (FOLDER / f"{version}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(said)} exchanges of mlflow {version}")


def exchange_of(exchange: Any) -> dict[str, Any]:  # noqa: ANN401 - a class of the tests
    """Return an exchange as it is kept."""
    return {
        "method": exchange.method,
        "target": exchange.target,
        "body": json.loads(exchange.body) if exchange.body else None,
        "status": exchange.status,
        "answer": json.loads(exchange.answer) if exchange.answer else None,
    }


if __name__ == "__main__":
    main()
