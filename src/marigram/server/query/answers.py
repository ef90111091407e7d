"""What the query door answers with: nouns and columns, not yet in anybody's format."""

from __future__ import annotations

import msgspec

from marigram.model import Kind, Points, Run, Value
from marigram.server.query.comparison import CrossColumns, GroupColumns
from marigram.server.store.meta.port import Attribute, ColumnRow
from marigram.server.store.points.answers import BucketColumns, SeriesSummary


class NotThere(LookupError):  # noqa: N818 - it names what was found: nothing
    """What was asked for does not exist; the message says what, and what to look at instead."""


class BadQuestion(ValueError):  # noqa: N818 - it names what was asked
    """What was asked for makes no sense, or is too much; the message says what to ask instead."""


class AttributeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute, and its summary if it is a series that has points."""

    attribute: Attribute
    summary: SeriesSummary | None = None


class RunsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the runs table; `cells` is by run id, then path. `cursor` continues, None at the end."""

    runs: list[Run]
    cells: dict[str, dict[str, AttributeAnswer]]
    columns: list[ColumnRow]
    total: int
    cursor: str | None


class GroupNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """A number over the runs of a group: how many have it, and over those the mean and the extremes."""

    count: int
    mean: float | None
    min: float | None
    max: float | None


class RunGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that have the same at the paths that they were grouped by; `keys` and `numbers` are in the order asked."""

    keys: tuple[Value | None, ...]
    run_count: int
    numbers: tuple[GroupNumbers, ...]


class RunGroupsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page of groups; `total` counts groups, `run_count` the runs in them. `cursor` continues, None at the end."""

    groups: list[RunGroup]
    total: int
    run_count: int
    cursor: str | None


class SeriesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets of one series."""

    run_id: str
    path: str
    buckets: BucketColumns


class GroupAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One path of a group of runs; `run_ids` are those that have a float series there."""

    path: str
    run_ids: tuple[str, ...]
    columns: GroupColumns


class CrossAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One series of a run over another of the same run."""

    run_id: str
    path: str
    columns: CrossColumns


class PointsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Points of one series in order of step, how many it has in all, and where to continue."""

    kind: Kind
    points: Points
    total: int
    cursor: str | None
    position: int
