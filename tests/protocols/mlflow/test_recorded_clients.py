"""What clients of MLflow said once is understood for ever, and is answered as it was then."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from asking import ask
from running_server import RunningServer

RECORDED = sorted(Path(__file__).parent.glob("*.json"))
TIME = 1_700_000_000_000
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_BY_THE_CLOCK = {"creation_time", "last_update_time"}


def differences(then: Any, now: Any, ids: dict[str, str], where: str = "$") -> list[str]:
    """Return what is answered otherwise, but for times of the clock; ids of runs are noted as what they are now."""
    if isinstance(then, dict) and isinstance(now, dict):
        before, after = cast("dict[str, Any]", then), cast("dict[str, Any]", now)
        if before.keys() != after.keys():
            return [f"{where}: {sorted(before)} became {sorted(after)}"]
        names = sorted(before.keys() - _BY_THE_CLOCK, key=lambda name: name != "run_id")
        return [each for name in names for each in differences(before[name], after[name], ids, f"{where}.{name}")]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [each for at, (old, new) in pairs for each in differences(old, new, ids, f"{where}[{at}]")]
    if where.endswith(".run_id") and isinstance(then, str) and _RUN_ID.fullmatch(then):
        ids.setdefault(then, now)
    return [] if translated(then, ids) == now else [f"{where}: {then!r} became {now!r}"]


def translated(value: Any, ids: dict[str, str]) -> Any:
    """Return a text with the ids of runs as they are now."""
    return _RUN_ID.sub(lambda found: ids.get(found[0], found[0]), value) if isinstance(value, str) else value


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_conversation_is_answered_as_it_was(path: Path, start_server: Any) -> None:
    server: RunningServer = start_server()
    ids: dict[str, str] = {}
    for exchange in json.loads(path.read_bytes()):
        body = None if exchange["body"] is None else translated(json.dumps(exchange["body"]), ids).encode()
        answer = ask(server.url, translated(exchange["target"], ids), method=exchange["method"], body=body)
        said = f"{exchange['method']} {exchange['target']}"
        assert answer.status == exchange["status"], (said, answer.body)
        assert differences(exchange["answer"], answer.json(), ids) == [], said
    [run] = set(ids.values()) - {"0" * 32}
    assert stored(server, run) == {
        "params/lr": "0.1",
        "params/depth": "6",
        "tags/kind": "real",
        "metrics/loss": [(0, TIME, 0.5), (2**-20, TIME + 1, 0.25), (1, TIME + 2, 0.125)],
        "metrics/odd/one": [(-3, TIME, "NaN")],
        "monitoring/cpu_utilization_percentage": [(0, TIME, 12.5)],
    }
    shown = ask(server.url, f"/api/v1/runs/{run}").json()
    facts = {name: shown[name] for name in ("name", "status", "created_at", "ended_at", "trashed_at")}
    assert facts == {
        "name": "first",
        "status": "finished",
        "created_at": TIME,
        "ended_at": TIME + 60_000,
        "trashed_at": None,
    }


def stored(server: RunningServer, run: str) -> dict[str, Any]:
    """Return what the read API says that the run has, but for what is its own and what names the client's machine."""
    found: dict[str, Any] = {}
    for each in ask(server.url, f"/api/v1/runs/{run}/attributes", limit=1000).json()["attributes"]:
        path = each["path"]
        if path.startswith(("sys/", "tags/mlflow.")):
            continue
        if each["kind"] == "float_series":
            points = ask(server.url, f"/api/v1/runs/{run}/points", path=path).json()["points"]
            found[path] = [(each["step"], each["time"], each["value"]) for each in points]
        else:
            found[path] = each["value"]
    return found
