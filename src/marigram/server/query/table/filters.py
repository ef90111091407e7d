"""`Filters`: a filter → one truth per row of a project's table. Any thread.

Says what `marigram.server.store.meta.filter` says of values; a property test sees to that. Beyond it, a series compares
by the number that stands for it, and a state as it is shown. A condition on texts that are too long to be kept is put
to the meta store, which gives the runs for which it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from typing_extensions import assert_never

from marigram.model import Kind, Path
from marigram.server.query.answers import BadQuestion
from marigram.server.query.table.cache import Table
from marigram.server.query.table.column import NOTHING, NUMBER_OF_KIND, TooBigError
from marigram.server.query.table.conditions import numbers_that_compare, rows_that_compare, texts_that_compare
from marigram.server.store.meta.filter import (
    OWN_KINDS,
    RUNNING_TIME,
    Aggregate,
    And,
    Compare,
    Comparison,
    Filter,
    Has,
    Not,
    OneOf,
    Or,
)
from marigram.server.store.meta.port import MetaStore, RunSort

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

STALLED_AFTER_MS = 60_000
"""A running run that was not heard of for so long is shown as stalled; its writers are heard of every few seconds."""

CLIENT = Path("sys/client")
"""Names the client of a run, if it is one that is heard of only when something is logged."""

QUIET_STALLED_AFTER_MS = 3_600_000
"""The same for runs of such clients. Most log once per epoch, and an epoch may take the better part of an hour. Nothing
acts on the mark but people: an hour late it still says what they need to know, and one that comes and goes with each
long epoch would teach them to look away."""

ANY_ORDER = RunSort(path=Path("sys/id"), descending=True)
VALUE_KINDS = frozenset({Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STRING, Kind.DATETIME, Kind.STRING_SET})
_STATE = Path("sys/state")

MANY_TEXTS = 10_000
"""Different texts that are looked into one by one in some hundredths of a second; more are looked into as lines."""


class Filters:
    """Evaluates filters over tables that the caller has in hand."""

    def __init__(self, *, meta: MetaStore, clock_ms: Callable[[], int]) -> None:
        self._meta = meta
        self._clock_ms = clock_ms

    def mask(self, table: Table, wanted: Filter) -> Mask:
        """Return per row whether the run is wanted.

        Raises:
            BadQuestion: texts are too long for what is asked of them.
        """
        match wanted:
            case Compare(path=path, comparison=Comparison.EQUAL) if path == _STATE:
                return self._state(table, wanted)
            case Compare():
                return self._compare(table, wanted)
            case Has():
                return self._has(table, wanted)
            case OneOf(run_ids):
                return self.mask_of(table, list(run_ids))
            case Not(term):
                return ~self.mask(table, term)
            case And(terms):
                found = np.ones(len(table.index), np.bool_)
                for term in terms:
                    found &= self.mask(table, term)
                return found
            case Or(terms):
                found = np.zeros(len(table.index), np.bool_)
                for term in terms:
                    found |= self.mask(table, term)
                return found
            case _:
                assert_never(wanted)

    def mask_of(self, table: Table, run_ids: Sequence[str]) -> Mask:
        """Return per row whether it is one of these runs."""
        found = np.zeros(len(table.index), np.bool_)
        numbers = self._meta.run_numbers(run_ids)
        found[table.index.rows(np.fromiter(numbers.values(), np.int64, len(numbers)))[0]] = True
        return found

    def _state(self, table: Table, wanted: Compare) -> Mask:
        """Return which runs are in a state as it is shown; `active` and `idle` are what Neptune's users write."""
        state = wanted.literal.text.lower()
        if state not in {"running", "active", "idle", "inactive", "stalled"}:
            literal = msgspec.structs.replace(wanted.literal, text=state)
            return self._compare(table, msgspec.structs.replace(wanted, literal=literal))
        silent = self.silent(table)
        match state:
            case "running" | "active":
                return table.index.running & ~silent
            case "stalled":
                return table.index.running & silent
            case _:
                return ~(table.index.running & ~silent)

    def silent(self, table: Table) -> Mask:
        """Return which runs have not been heard of for so long that they are stalled, if they say that they run."""
        silence = self._clock_ms() - table.index.until(self._meta.heard(table.project))
        if not self._meta.kinds_at(table.project, CLIENT):
            return silence > STALLED_AFTER_MS
        quiet = table.values(CLIENT).kind != NOTHING
        return silence > np.where(quiet, QUIET_STALLED_AFTER_MS, STALLED_AFTER_MS)

    def _compare(self, table: Table, wanted: Compare) -> Mask:
        found = np.zeros(len(table.index), np.bool_)
        if wanted.path in OWN_KINDS:
            own = wanted.kinds is None or OWN_KINDS[wanted.path] in wanted.kinds
            return self._compare_own(table, wanted) if own else found
        kinds = self._meta.kinds_at(table.project, wanted.path).keys()
        kinds = kinds if wanted.kinds is None else kinds & wanted.kinds
        if wanted.aggregate is Aggregate.COUNT:
            found |= self._compare_sizes(table, wanted, kinds)
        elif kinds & VALUE_KINDS:
            try:
                column = table.values(wanted.path)
                many = len(column.values) >= MANY_TEXTS
                texts = self._look_into_texts(table, wanted, kinds & VALUE_KINDS) if many else None
                found |= rows_that_compare(column, wanted) if texts is None else texts
            except TooBigError:
                found |= self._compare_many_texts(table, wanted, kinds & VALUE_KINDS)
        if Kind.FLOAT_SERIES in kinds and wanted.literal.number is not None:
            column = table.series(wanted.path, Kind.FLOAT_SERIES, wanted.aggregate)
            found |= (column.kind == NUMBER_OF_KIND[Kind.FLOAT_SERIES]) & numbers_that_compare(
                column.number, wanted.comparison, wanted.literal.number, nan_counts=True
            )
        if Kind.STRING_SERIES in kinds:
            found |= self._compare_last_texts(table, wanted)
        return found

    @staticmethod
    def _compare_sizes(table: Table, wanted: Compare, kinds: AbstractSet[Kind]) -> Mask:
        """Return which runs have a set of so many strings."""
        nothing = np.zeros(len(table.index), np.bool_)
        if Kind.STRING_SET not in kinds or wanted.literal.number is None:
            return nothing
        try:
            column = table.values(wanted.path)
        except TooBigError:
            message = f"What runs have at {wanted.path!r} takes too much memory to be counted. Leave the condition out."
            raise BadQuestion(message) from None
        if column.code is None:
            return nothing
        sizes = [float(len(value)) if isinstance(value, frozenset) else np.nan for value in column.values]
        # The last one is for runs that have no set: their code is -1.
        per_run = np.array([*sizes, np.nan], np.float64)[column.code]
        return numbers_that_compare(per_run, wanted.comparison, wanted.literal.number, nan_counts=False)

    def _compare_many_texts(self, table: Table, wanted: Compare, kinds: AbstractSet[Kind]) -> Mask:
        """Return which runs have values that compare so at a path whose texts are too many for a column."""
        texts = self._look_into_texts(table, wanted, kinds)
        if texts is not None:
            return texts
        ids = self._meta.search_runs(table.project, text="", sort=ANY_ORDER, where=wanted, trashed=None)
        return self.mask_of(table, ids)

    @staticmethod
    def _look_into_texts(table: Table, wanted: Compare, kinds: AbstractSet[Kind]) -> Mask | None:
        """Return in which texts a text or a pattern is found; None if that, or more than that, is asked otherwise."""
        if kinds != {Kind.STRING}:
            return None
        try:
            if wanted.comparison is Comparison.CONTAINS:
                return table.lines(wanted.path).that_contain(wanted.literal.text)
            if wanted.comparison is Comparison.MATCHES:
                return table.lines(wanted.path).that_match(wanted.literal.text)
        except TooBigError:
            pass
        return None

    def _compare_last_texts(self, table: Table, wanted: Compare) -> Mask:
        try:
            column = table.series(wanted.path, Kind.STRING_SERIES, wanted.aggregate)
            return texts_that_compare(column, msgspec.structs.replace(wanted, kinds=None))
        except TooBigError:
            message = (
                f"The last texts of the series at {wanted.path!r} are too long to be compared so. Use MATCHES, which "
                "looks at their first 256 characters, or leave the condition out."
            )
            raise BadQuestion(message) from None

    def _compare_own(self, table: Table, wanted: Compare) -> Mask:
        """Compare with what no run stores."""
        nothing = np.zeros(len(table.index), np.bool_)
        if wanted.path == RUNNING_TIME:
            number = wanted.literal.number
            seconds = self.running_ms(table) / 1000
            return (
                nothing
                if number is None
                else numbers_that_compare(seconds, wanted.comparison, number, nan_counts=False)
            )
        if wanted.comparison is not Comparison.EQUAL or wanted.literal.truth is None:
            return nothing
        return table.index.trashed == wanted.literal.truth

    def running_ms(self, table: Table) -> NDArray[np.int64]:
        """Return for how long each has been running, in milliseconds."""
        return table.index.until(self._meta.heard(table.project)) - table.index.created_at

    def _has(self, table: Table, wanted: Has) -> Mask:
        if wanted.path in OWN_KINDS:
            own = wanted.kinds is None or OWN_KINDS[wanted.path] in wanted.kinds
            return np.full(len(table.index), own, np.bool_)
        kinds = self._meta.kinds_at(table.project, wanted.path).keys()
        kinds = kinds if wanted.kinds is None else kinds & wanted.kinds
        if not kinds:
            return np.zeros(len(table.index), np.bool_)
        try:
            kind = table.values(wanted.path).kind
        except TooBigError:
            ids = self._meta.search_runs(table.project, text="", sort=ANY_ORDER, where=wanted, trashed=None)
            return self.mask_of(table, ids)
        return np.isin(kind, [NUMBER_OF_KIND[each] for each in kinds])
