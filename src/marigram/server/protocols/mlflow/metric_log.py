"""`MetricLog`: gives each point of a metric its place in a series, so that nothing is lost and nothing comes twice.

MLflow keeps every value of a step, and drops a point whose step, time and value it has already: that is what lets its
client send a request again when the answer was lost. Here the points of a step stand in order of time, then value (see
`steps.py`). A point that is newer than the newest of its series needs no look at what is stored, and the newest one is
remembered; any other is put among those of its step, which are then written anew from there on.

Call it within the turn of the run's writer: what others write to the same series meanwhile is not seen.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec

from marigram.model import Appends, FloatPoints, Kind, Path
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.messages.runs import Metric
from marigram.server.protocols.mlflow.places import metric_path
from marigram.server.protocols.mlflow.steps import age_of, last_place, nth_of, place_of, step_of
from marigram.server.query import Query

MOST_REMEMBERED = 50_000
"""Series whose newest point is in memory: some ten megabytes."""

Row = tuple[int, tuple[int, bool, float], float]
"""Step, age, value."""


class Newest(msgspec.Struct, frozen=True):
    """The newest point of a series: its step, which of the step's values it is, and its age."""

    step: int
    nth: int
    age: tuple[int, bool, float]


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written, None if all of it is there already, and what is the newest then."""

    appends: Appends | None
    newest: Mapping[Path, Newest]


class MetricLog:
    """Places points. Not thread-safe within one run; runs do not mind each other."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._newest: OrderedDict[tuple[str, Path], Newest] = OrderedDict()

    def place(self, run_id: str, metrics: Sequence[Metric]) -> Placed:
        """Return what has to be written for these points; blocks while it asks the store.

        Raises:
            MlflowError: what the run has at a metric's path is no metric.
        """
        rows: dict[Path, list[Row]] = {}
        for metric in metrics:
            row = (metric.step, age_of(metric.timestamp, metric.value), metric.value)
            rows.setdefault(metric_path(metric.key), []).append(row)
        newest = self._known(run_id, list(rows))
        paths: list[Path] = []
        counts: list[int] = []
        steps: list[float] = []
        times: list[int] = []
        values: list[float] = []
        now: dict[Path, Newest] = {}
        for path, points in rows.items():
            before = len(steps)
            known = last = newest.get(path)
            if len(points) > 1:
                points.sort(key=_order)
            if known is not None and (points[0][0], points[0][1]) < (known.step, known.age):
                points, last = self._among_old(run_id, path, points, known), None  # noqa: PLW2901 - with what is there
            for step, age, value in points:
                nth = 0
                if last is not None and step == last.step:
                    if age == last.age:
                        continue
                    nth = last.nth + 1
                last = Newest(step, nth, age)
                steps.append(place_of(step, nth))
                times.append(age[0])
                values.append(value)
            newer = max((each for each in (known, last) if each is not None), key=_rank, default=None)
            if newer is not None:
                now[path] = newer
            if len(steps) > before:
                paths.append(path)
                counts.append(len(steps) - before)
        if not steps:
            return Placed(appends=None, newest=now)
        columns = FloatPoints(steps=steps, times=times, values=values)
        return Placed(appends=Appends(paths=paths, counts=counts, points=columns), newest=now)

    def remember(self, run_id: str, placed: Placed) -> None:
        """Note that what was placed is written."""
        for path, newest in placed.newest.items():
            self._newest[run_id, path] = newest
            self._newest.move_to_end((run_id, path))
        while len(self._newest) > MOST_REMEMBERED:
            self._newest.popitem(last=False)

    def forget(self, run_id: str, paths: Sequence[Path]) -> None:
        """Note that nobody knows what became of a write."""
        for path in paths:
            self._newest.pop((run_id, path), None)

    def _known(self, run_id: str, paths: Sequence[Path]) -> dict[Path, Newest]:
        """Return the newest point of each series that has one."""
        found: dict[Path, Newest] = {}
        asked: list[Path] = []
        for path in paths:
            newest = self._newest.get((run_id, path))
            if newest is None:
                asked.append(path)
            else:
                found[path] = newest
        cells = self._query.cells(run_id, asked) if asked else {}
        for path, cell in cells.items():
            if cell.attribute.kind is not Kind.FLOAT_SERIES:
                message = (
                    f"The run has a {cell.attribute.kind.value} at '{path}', so no metric can be logged there. Use "
                    "another key."
                )
                raise invalid(message)
            summary = cell.summary
            if summary is not None:
                last = summary.last if isinstance(summary.last, float) else math.nan
                place = summary.last_step
                found[Path(path)] = Newest(step_of(place), nth_of(place), age_of(summary.last_time, last))
        return found

    def _among_old(self, run_id: str, path: Path, points: Sequence[Row], known: Newest) -> list[Row]:
        """Return the rows to write where some are not newer than the newest: all of each step that gets a new one."""
        stored = self._stored(run_id, path, {step for step, _, _ in points if step <= known.step})
        by_step: dict[int, list[Row]] = {}
        for row in points:
            by_step.setdefault(row[0], []).append(row)
        writes: list[Row] = []
        for step, fresh in by_step.items():
            there = stored.get(step, [])
            ages = {age for _, age, _ in there}
            added = [row for row in fresh if row[1] not in ages]
            if added:
                writes.extend(sorted([*there, *added], key=_order))
        return writes

    def _stored(self, run_id: str, path: Path, steps: set[int]) -> dict[int, list[Row]]:
        """Return the points that these steps have, in order."""
        found: dict[int, list[Row]] = {}
        first, last = float(min(steps)), last_place(max(steps))
        points = self._query.floats(run_id, path, first_step=first, last_step=last)
        for place, time, value in zip(points.steps, points.times, points.values, strict=True):
            step = step_of(place)
            if step in steps:
                found.setdefault(step, []).append((step, age_of(int(time), float(value)), float(value)))
        return found


def _rank(newest: Newest) -> tuple[int, int]:
    return newest.step, newest.nth


def _order(row: Row) -> tuple[int, tuple[int, bool, float]]:
    return row[0], row[1]
