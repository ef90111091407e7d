"""Which endpoint a request asks for: method and path, below every prefix that MLflow's clients use. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec
from litestar import Response

from marigram.server.protocols.mlflow.reading import Asked

Answer = Callable[[Asked], Awaitable["msgspec.Struct | Response[Any]"]]
OPEN = "*"
"""A segment of a path that takes any text."""
REST = "**"
"""The last segment of a path that takes all that follows, slashes too."""


class Endpoint(msgspec.Struct, frozen=True):
    """What answers a method and a path, for example `POST runs/create`, `GET logged-models/*` or `GET artifacts/**`."""

    method: str
    path: str
    answer: Answer


class Endpoints:
    """Finds endpoints."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._plain: dict[tuple[str, str], Answer] = {}
        self._open: list[tuple[str, list[str], Answer]] = []
        for each in endpoints:
            if OPEN in each.path:
                self._open.append((each.method, each.path.split("/"), each.answer))
            else:
                self._plain[each.method, each.path] = each.answer

    def find(self, method: str, path: str) -> tuple[Answer, tuple[str, ...]] | None:
        """Return what answers, and what stands in the open segments of its path."""
        found = self._plain.get((method, path))
        if found is not None:
            return found, ()
        segments = path.split("/")
        for wanted, pattern, answer in self._open:
            if wanted != method:
                continue
            here = segments
            if pattern[-1] == REST and len(segments) > len(pattern):
                last = len(pattern) - 1
                here = [*segments[:last], "/".join(segments[last:])]
            if len(pattern) == len(here):
                pairs = list(zip(pattern, here, strict=True))
                if all(part in {OPEN, REST, segment} and segment for part, segment in pairs):
                    return answer, tuple(segment for part, segment in pairs if part in {OPEN, REST})
        return None
