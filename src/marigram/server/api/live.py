"""Live streams as server-sent events: what changed, as it changes.

A stream has a position. The first event of a run's stream without a position is `reset`, which names one; from there
on, `points` events carry every point that is committed, each once. When the points after a position are no longer at
hand, or too many came at once, `reset` says so and the reader asks for what it shows afresh.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from marigram.model import File, Histogram, Kind, ProjectName, Run
from marigram.server.api.encode import json_float
from marigram.server.live import Change, Hub, Watcher
from marigram.server.query import CutSeries, DropSeries, Query, Tail, writes_apart

MERGE_S = 0.1
"""Changes of one run within so long become one event: ten redraws a second look continuous."""

MERGE_MANY_S = 0.5
"""The same for streams about many runs, whose readers fetch a page at each event."""

KEEP_ALIVE_S = 15.0
"""A silent stream sends a comment so often, so that proxies do not close it."""

MAX_EVENT_POINTS = 5_000
"""Points in one event; more are cheaper to fetch as buckets."""

MANY_NAMES = 500
"""Paths or run ids in one event; more become null, which stands for many."""

_POSITION = re.compile(r"[0-9]{1,18}")
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class _SeriesDelta(msgspec.Struct, frozen=True):
    path: str
    kind: Kind
    steps: list[float]
    times: list[int]
    values: list[object]


class _PointsEvent(msgspec.Struct, frozen=True):
    position: int
    series: list[_SeriesDelta]


class _ResetEvent(msgspec.Struct, frozen=True):
    position: int


class _AttributesEvent(msgspec.Struct, frozen=True):
    paths: list[str] | None


class _RunsEvent(msgspec.Struct, frozen=True):
    run_ids: list[str] | None


def live_routes(query: Query, hub: Hub) -> Router:
    """Return the routes of the live streams."""

    @get("/runs/{run_id:str}/live", summary="Watch a run")
    async def run_live(
        request: Request[Any, Any, Any],
        run_id: str,
        position: int | None = None,
    ) -> ServerSentEvent:
        resumed = request.headers.get("last-event-id", "")
        start = int(resumed) if _POSITION.fullmatch(resumed) else position
        run = await asyncio.to_thread(query.run, run_id)
        return ServerSentEvent(_run_events(query, hub, run, start), headers=_HEADERS)

    @get("/projects/{workspace:str}/{name:str}/live", summary="Watch a project's runs table")
    async def project_live(workspace: str, name: str) -> ServerSentEvent:
        return ServerSentEvent(_runs_events(hub, f"{workspace}/{name}"), headers=_HEADERS)

    @get("/live", summary="Watch the list of projects")
    async def projects_live() -> ServerSentEvent:
        return ServerSentEvent(_projects_events(hub), headers=_HEADERS)

    return Router("", route_handlers=[run_live, project_live, projects_live], tags=["live"])


async def _run_events(query: Query, hub: Hub, run: Run, position: int | None) -> AsyncIterator[ServerSentEventMessage]:
    with hub.watch(run_id=run.id) as watcher:
        stream = _RunStream(query, run, position)
        for message in await asyncio.to_thread(stream.begin):
            yield message
        while not hub.closed:
            changes = await watcher.wait(timeout_s=KEEP_ALIVE_S)
            if hub.closed:
                return
            started = time.monotonic()
            for message in await asyncio.to_thread(stream.go_on, changes):
                yield message
            await asyncio.sleep(max(0.0, MERGE_S - (time.monotonic() - started)))


async def _runs_events(hub: Hub, project: str) -> AsyncIterator[ServerSentEventMessage]:
    with hub.watch(project=ProjectName(project)) as watcher:
        yield _comment("watching")
        async for changes in _merged(hub, watcher):
            run_ids = [change.run_id for change in changes]
            if run_ids:
                yield _event("runs", _RunsEvent(run_ids if len(run_ids) <= MANY_NAMES else None))
            else:
                yield _comment("keep-alive")


async def _projects_events(hub: Hub) -> AsyncIterator[ServerSentEventMessage]:
    with hub.watch() as watcher:
        yield _comment("watching")
        async for changes in _merged(hub, watcher):
            yield _event("projects", {}) if changes else _comment("keep-alive")


async def _merged(hub: Hub, watcher: Watcher) -> AsyncIterator[list[Change]]:
    """Yield changes at most once in `MERGE_MANY_S`, the first at once; an empty list when there were none for long."""
    while not hub.closed:
        changes = await watcher.wait(timeout_s=KEEP_ALIVE_S)
        if hub.closed:
            return
        yield changes
        if changes:
            await asyncio.sleep(MERGE_MANY_S)


class _RunStream:
    """What one reader of a run's stream knows already. Its methods ask stores, so they run off the event loop."""

    def __init__(self, query: Query, run: Run, position: int | None) -> None:
        self._query = query
        self._run = run
        self._position = position
        self._series: dict[int, tuple[str, Kind]] = {}

    def begin(self) -> list[ServerSentEventMessage]:
        """Return the run, and either a position or what came since the given one."""
        messages = [_event("run", self._run)]
        if self._position is None:
            return [*messages, self._reset()]
        return [*messages, *self._points()]

    def go_on(self, changes: list[Change]) -> list[ServerSentEventMessage]:
        """Return what the changes mean for the reader; without changes, a sign of life."""
        messages: list[ServerSentEventMessage] = []
        if not changes or any(change.run_changed for change in changes):
            run = self._query.run(self._run.id)
            if changes or run.status is not self._run.status:
                messages.append(_event("run", run))
            self._run = run
        paths: set[str] = {path for change in changes for path in change.paths}
        if paths:
            named = sorted(paths) if len(paths) <= MANY_NAMES else None
            messages.append(_event("attributes", _AttributesEvent(named)))
        if any(change.points for change in changes):
            messages.extend(self._points())
        return messages or [_comment("keep-alive")]

    def _points(self) -> list[ServerSentEventMessage]:
        assert self._position is not None  # noqa: S101 - begin() has set it
        tail = self._query.tail(self._run.id, after=self._position, max_points=MAX_EVENT_POINTS)
        if tail is None:
            return [self._reset()]
        series = self._deltas(tail)
        if series is None:
            return [self._reset()]
        self._position = tail.position
        if not series:
            return []
        return [_event("points", _PointsEvent(tail.position, series), position=tail.position)]

    def _deltas(self, tail: Tail) -> list[_SeriesDelta] | None:
        """Return the new points by series; None if the reader had better read afresh."""
        found: dict[int, _SeriesDelta] = {}
        total = 0
        for write in writes_apart(tail.writes):
            if isinstance(write, (DropSeries, CutSeries)):
                return None
            named = self._named(write.attribute)
            total += len(write.points.steps)
            if named is None or total > MAX_EVENT_POINTS:
                return None
            delta = found.setdefault(write.attribute, _SeriesDelta(*named, [], [], []))
            delta.steps.extend(float(step) for step in write.points.steps)
            delta.times.extend(int(at) for at in write.points.times)
            delta.values.extend(_json_point(value) for value in write.points.values)
        return list(found.values())

    def _named(self, attribute: int) -> tuple[str, Kind] | None:
        if attribute not in self._series:
            self._series = self._query.series_paths(self._run.id)
        return self._series.get(attribute)

    def _reset(self) -> ServerSentEventMessage:
        self._position = self._query.position()
        return _event("reset", _ResetEvent(self._position), position=self._position)


def _json_point(value: float | str | File | Histogram) -> object:
    return value if isinstance(value, (str, File, Histogram)) else json_float(float(value))


def _event(name: str, data: object, *, position: int | None = None) -> ServerSentEventMessage:
    text = msgspec.json.encode(data).decode()
    return ServerSentEventMessage(event=name, data=text, id=None if position is None else str(position))


def _comment(text: str) -> ServerSentEventMessage:
    return ServerSentEventMessage(comment=text, data=None)
