"""Laws of thinning: what stays was there, ends and extremes stay exact in every cell, and nothing else changes."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marigram.server.store.points.batch import PointWrite
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.block import BlockStyle
from marigram.server.store.points.embedded.columns import Columns, joined
from marigram.server.store.points.embedded.extremes import thinned
from marigram.server.store.points.port import LEAST_POINTS
from marigram.testing.point_builders import EVERYWHERE, OTHER_RUN, RUN, batch, cut, drop, floats, write

MODEST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
STYLE = BlockStyle(points=150)
ODD = (math.nan, math.inf, -math.inf, 0.0, -0.0)


def drawn(seed: int, count: int) -> Columns:
    """Return ordered points: steps of some kind, values of which some are not finite or equal."""
    random = np.random.default_rng(seed)
    kind = seed % 4
    if kind == 0:
        steps = np.arange(count) - float(count // 3)
    elif kind == 1:
        steps = np.cumsum(random.exponential(1.0, count) * 10.0 ** random.integers(-3, 4, count))
    elif kind == 2:
        steps = np.unique(random.normal(0, 1, count) * 10.0 ** random.integers(-300, 300, count)) + 0.0
    else:
        steps = np.unique(random.integers(-50, 2 * count, count)).astype(np.float64)
    values = random.choice([random.normal(size=len(steps)), random.integers(-3, 3, len(steps)).astype(np.float64)])
    odd = random.random(len(steps)) < random.choice([0.0, 0.02, 0.9])
    values = np.where(odd, random.choice(ODD, len(steps)), values)
    return Columns(np.unique(steps), np.arange(len(np.unique(steps))), values[: len(np.unique(steps))])


def ends_and_extremes(columns: Columns) -> tuple[object, ...]:
    finite = columns.values[np.isfinite(columns.values)]
    return (
        columns.steps[0],
        columns.steps[-1],
        columns.values[[0, -1]].tobytes(),
        (float(finite.min()), float(finite.max())) if len(finite) else None,
        bool(np.isnan(columns.values).any()),
        bool((columns.values == np.inf).any()),
        bool((columns.values == -np.inf).any()),
    )


def same(one: Columns, other: Columns) -> bool:
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ("steps", "times", "values"))


@MODEST
@given(st.integers(0, 10**6), st.integers(1, 3_000), st.integers(LEAST_POINTS, 400))
def test_ends_and_extremes_stay_and_no_more_points_than_wanted(seed: int, count: int, most: int) -> None:
    columns = drawn(seed, count)
    found = thinned(columns, most)
    assert len(found) <= max(most, 0)
    rows = np.searchsorted(columns.steps, found.steps)
    assert same(found, Columns(columns.steps[rows], columns.times[rows], columns.values[rows]))
    assert ends_and_extremes(found) == ends_and_extremes(columns)
    assert (len(columns) <= most) == (len(found) == len(columns))


@MODEST
@given(st.integers(0, 10**6), st.integers(1, 3_000), st.integers(LEAST_POINTS, 400), st.integers(0, 3_000))
def test_thinning_twice_or_piece_by_piece_is_thinning_once(seed: int, count: int, most: int, at: int) -> None:
    columns = drawn(seed, count)
    once = thinned(columns, most)
    assert same(thinned(once, most), once)
    assert same(thinned(thinned(columns, 2 * most), most), once)
    begun = thinned(columns.cut(0, at), 4 * most)
    rest = columns.cut(at, len(columns))
    assert same(thinned(joined([begun, rest]), most), once)


@settings(MODEST, max_examples=15)
@given(st.data())
def test_a_store_shows_what_thinning_says_and_nothing_else_moves(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedPointStore(Path(folder) / "points.db", style=STYLE)
        store.start()
        try:
            for seq in range(1, data.draw(st.integers(2, 10), label="batches")):
                writes = _writes(data)
                store.commit([batch(seq, *writes, run_id=run) for run in (RUN, OTHER_RUN)])
                if data.draw(st.booleans(), label="flush"):
                    store.flush()
            before = {each: _shown(store, each) for each in (1, 2)}
            summaries = store.summaries([RUN, OTHER_RUN], [1, 2])
            most = data.draw(st.integers(LEAST_POINTS, 300), label="most")
            for _ in range(2):
                store.thinner.thin(RUN, points=most, rest=lambda _: False)
                for attribute, columns in before.items():
                    assert same(_shown(store, attribute), thinned(columns, most))
                    assert same(_shown(store, attribute, OTHER_RUN), columns)
                assert _told(store.summaries([RUN, OTHER_RUN], [1, 2])) == _told(summaries)
        finally:
            store.close()


def _told(summaries: object) -> str:
    """Return summaries as text, where NaN equals itself."""
    return repr(summaries)


def _writes(data: st.DataObject) -> list[PointWrite]:
    found: list[PointWrite] = []
    for attribute in (1, 2):
        what = data.draw(st.sampled_from(["write", "write", "write", "cut", "drop", "nothing"]), label="what")
        if what == "write":
            columns = drawn(data.draw(st.integers(0, 10**6)), data.draw(st.integers(1, 600)))
            found.append(write(attribute, floats(columns.steps.tolist(), columns.values.tolist())))
        elif what == "cut":
            found.append(cut(attribute, data.draw(st.integers(-100, 600).map(float))))
        elif what == "drop":
            found.append(drop(attribute))
    return found


def _shown(store: EmbeddedPointStore, attribute: int, run_id: str = RUN) -> Columns:
    points = store.floats(run_id, attribute, **EVERYWHERE)
    return Columns(np.asarray(points.steps), np.asarray(points.times), np.asarray(points.values))
