"""What a server says of one run through its read API, asked with the standard library alone."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

from running_server import RunningServer


class Answers:
    """The read API of a server, and the run that a snippet has made on it."""

    def __init__(self, server: RunningServer, run_id: str) -> None:
        self._server = server
        self._run_id = run_id

    def run(self) -> Any:
        return ask(self._server, f"/api/v1/runs/{self._run_id}")

    def value(self, path: str) -> Any:
        return self.attribute(path)["value"]

    def points(self, path: str) -> list[tuple[float, Any]]:
        rows = self._get("points", path=path, limit="10000")["points"]
        return [(row["step"], row["value"]) for row in rows]

    def rows(self, path: str) -> list[Any]:
        return self._get("points", path=path)["points"]

    def file(self, path: str, **where: str) -> bytes:
        question = urllib.parse.urlencode({"path": path, **where})
        with urllib.request.urlopen(f"{self._server.url}/api/v1/runs/{self._run_id}/file?{question}") as answer:
            return answer.read()

    def media_type(self, path: str) -> str:
        return self.attribute(path)["file"]["media_type"]

    def attribute(self, path: str) -> Any:
        return self._get("attribute", path=path)

    def _get(self, what: str, **question: str) -> Any:
        return ask(self._server, f"/api/v1/runs/{self._run_id}/{what}?{urllib.parse.urlencode(question)}")


def ask(server: RunningServer, place: str) -> Any:
    with urllib.request.urlopen(server.url + place) as answer:
        return json.load(answer)
