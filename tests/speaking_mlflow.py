"""Asking a server in MLflow's protocol, with nothing but HTTP and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from asking import Answer, ask

PREFIX = "/api/2.0/mlflow"
CREATED_AT = 1_700_000_000_000


class Refused(NamedTuple):
    """What an answer says that is an error."""

    status: int
    code: str
    message: str


class Speaking:
    """Asks one server; what is refused where an answer is expected fails the test."""

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None, prefix: str = PREFIX) -> None:
        self.url = url
        self._headers = dict(headers or {})
        self._prefix = prefix

    def raw(self, method: str, path: str, body: bytes | None = None, **question: Any) -> Answer:
        """Ask and return whatever comes."""
        return ask(self.url, f"{self._prefix}/{path}", method=method, body=body, headers=self._headers, **question)

    def post(self, path: str, **message: Any) -> Any:
        """Send a message and return the answer."""
        return _said(self.raw("POST", path, json.dumps(message).encode()))

    def get(self, path: str, **question: Any) -> Any:
        """Ask and return the answer."""
        return _said(self.raw("GET", path, **question))

    def refused(self, path: str, method: str = "POST", **message: Any) -> Refused:
        """Ask for what is refused."""
        body = json.dumps(message).encode() if method != "GET" else None
        answer = self.raw(method, path, body, **({} if body is not None else message))
        found = answer.json()
        assert set(found) == {"error_code", "message"}, found
        return Refused(answer.status, found["error_code"], found["message"])

    def experiment(self, name: str) -> str:
        """Make an experiment and return its id."""
        return self.post("experiments/create", name=name)["experiment_id"]

    def run(self, experiment: str = "0", *, at: int = CREATED_AT, **message: Any) -> str:
        """Begin a run and return its id."""
        made = self.post("runs/create", experiment_id=experiment, start_time=at, **message)
        return made["run"]["info"]["run_id"]

    def data(self, run: str) -> dict[str, dict[str, Any]]:
        """Return metrics, parameters and tags of a run by key; of a metric value, time and step."""
        found = self.get("runs/get", run_id=run)["run"]["data"]
        return {
            "metrics": {
                each["key"]: (each["value"], each["timestamp"], each["step"]) for each in found.get("metrics", [])
            },
            "params": {each["key"]: each["value"] for each in found.get("params", [])},
            "tags": {each["key"]: each["value"] for each in found.get("tags", [])},
        }

    def history(self, run: str, key: str) -> list[tuple[int, int, Any]]:
        """Return step, time and value of all points of a metric."""
        found = self.get("metrics/get-history", run_id=run, metric_key=key)
        return [(each["step"], each["timestamp"], each["value"]) for each in found.get("metrics", [])]

    def names(self, *experiments: str, **message: Any) -> list[str]:
        """Return the names of runs that a search finds."""
        found = self.post("runs/search", experiment_ids=list(experiments), **message)
        return [each["info"]["run_name"] for each in found.get("runs", [])]


def metric(key: str, value: Any, step: int = 0, time: int = CREATED_AT) -> dict[str, Any]:
    """Return a point as log-batch takes it."""
    return {"key": key, "value": value, "timestamp": time, "step": step}


def pairs(**values: str) -> list[dict[str, str]]:
    """Return parameters or tags as log-batch takes them."""
    return [{"key": key, "value": value} for key, value in values.items()]


def _said(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    return answer.json()
