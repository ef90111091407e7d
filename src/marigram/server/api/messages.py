"""The shapes of the read API. OpenAPI and the web app's types are generated from these.

All times are milliseconds since 1970-01-01 UTC. JSON has no NaN and no infinities, so a float that is not finite
travels as one of the strings "NaN", "Infinity", "-Infinity".
"""

from __future__ import annotations

import msgspec

from marigram.model import File, Histogram, Kind, Run, View

JsonFloat = float | str
JsonValue = bool | int | float | str | list[str]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The server is up."""

    status: str
    version: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Whether this server asks for a token, and whether the caller has shown a good one."""

    token_required: bool
    signed_in: bool
    version: str


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """A token, to be kept in a cookie that scripts on the page cannot read."""

    token: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused: what happened, then what to do.

    `position` is where a query is wrong: the number of characters before that place.
    """

    code: str
    message: str
    position: int | None = None


class ProjectInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A project in the list of projects."""

    name: str
    run_count: int
    running_count: int
    created_at: int
    heard_at: int


class ProjectList(msgspec.Struct, frozen=True, kw_only=True):
    """All projects, the most recently active first."""

    projects: list[ProjectInfo]


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    """Some runs, of whatever projects."""

    runs: list[Run]


class ViewList(msgspec.Struct, frozen=True, kw_only=True):
    """Saved views of a project, in order of name."""

    views: list[View]


class SeriesInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A series in one line; `last` is null for a series of files or histograms. Statistics are over finite values.

    `min_step` and `max_step` are the first steps with the minimum and the maximum.
    """

    count: int
    first_step: float
    last_step: float
    last_time: int
    last: JsonFloat | None
    min: float | None
    max: float | None
    mean: float | None
    variance: float | None
    nan_count: int
    inf_count: int
    min_step: float | None
    max_step: float | None


class AttributeInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of a run. Exactly one of `value`, `series` and `file` is set, by `kind`; a datetime is ISO 8601."""

    path: str
    kind: Kind
    value: JsonValue | None = None
    series: SeriesInfo | None = None
    file: File | None = None


class AttributePage(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes of one run in order of path; `cursor` continues, null at the end."""

    attributes: list[AttributeInfo]
    cursor: str | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The first values and float series that a script logged, in the order for people, and how many there are."""

    values: list[AttributeInfo]
    value_count: int
    series: list[AttributeInfo]
    series_count: int


class PathSection(msgspec.Struct, frozen=True, kw_only=True):
    """Series whose paths begin with the same segments, `name`: how many there are, and the first ones' paths."""

    name: str
    count: int
    paths: list[str]


class PathSectionList(msgspec.Struct, frozen=True, kw_only=True):
    """Sections of series in the order for people; the counts are of all sections.

    `all_count` counts the series there would be without the search, `run_count` the runs that were looked through.
    """

    sections: list[PathSection]
    section_count: int
    path_count: int
    all_count: int
    run_count: int


class PathPage(msgspec.Struct, frozen=True, kw_only=True):
    """Paths of series in the order for people; `cursor` continues, null at the end."""

    paths: list[str]
    cursor: str | None


class EarlierValueInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What stood somewhere until `replaced_at` (milliseconds since 1970-01-01 UTC), when `writer` set something else.

    `writer` is `web` for what people do in the browser, else the name that a process writes under.
    """

    kind: Kind
    value: JsonValue
    replaced_at: int
    writer: str


class ValueHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What a value was earlier, the newest first."""

    earlier: list[EarlierValueInfo]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that runs of a project have."""

    path: str
    kind: Kind
    run_count: int


class ColumnList(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes of a project that match a search."""

    columns: list[Column]


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the runs table; `cells` maps a column's path to what the run has there, absent if it has nothing.

    `picked` maps each `pick` that was asked for to the value of its point, absent if there is none.
    """

    run: Run
    cells: dict[str, AttributeInfo]
    picked: dict[str, JsonFloat] = {}


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the runs table. `columns` are those asked for, or the ones chosen; `cursor` continues."""

    rows: list[RunRow]
    columns: list[Column]
    total: int
    cursor: str | None


class GroupedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One measure over the runs of a group: how many have it, and over those the mean and the extremes."""

    count: int
    mean: JsonFloat | None
    min: JsonFloat | None
    max: JsonFloat | None


class RunGroupInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A group of runs: what they have at each path of `by`, null for nothing, and its measures, as they were asked."""

    keys: list[JsonValue | None]
    run_count: int
    measures: list[GroupedNumber]


class RunGroupPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of groups. `total` counts groups, `run_count` the runs in all of them; `cursor` continues."""

    groups: list[RunGroupInfo]
    total: int
    run_count: int
    cursor: str | None


class SeriesBuckets(msgspec.Struct, frozen=True, kw_only=True):
    """Downsampled points of one series as columns of one length; where `count` is 1 the bucket is a single point."""

    run_id: str
    path: str
    step_first: list[float]
    step_last: list[float]
    time_first: list[int]
    time_last: list[int]
    first: list[JsonFloat]
    last: list[JsonFloat]
    min: list[JsonFloat]
    max: list[JsonFloat]
    mean: list[JsonFloat]
    count: list[int]
    nan_count: list[int]
    inf_count: list[int]


class BucketsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets of several series, and the live position that they include."""

    series: list[SeriesBuckets]
    position: int


class GroupBand(msgspec.Struct, frozen=True, kw_only=True):
    """A group of runs as one line with a band, as columns of one length in order of step.

    `mean` counts each run once; a run that has no point at a step of another counts with the straight line between its
    neighbours, and not at all before its first and after its last point. `deviation` is the sample standard deviation
    of the `runs` that there are at the step, `error` that divided by their square root. `min`, `max` are the extremes
    of what any run has logged. Only finite values count.
    """

    path: str
    run_ids: list[str]
    step: list[float]
    mean: list[JsonFloat]
    deviation: list[JsonFloat]
    error: list[JsonFloat]
    min: list[float]
    max: list[float]
    runs: list[int]


class GroupsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Groups of runs, one per path, and the live position that they include."""

    groups: list[GroupBand]
    position: int


class CrossedSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A series over another series of the same run, as columns of one length in order of step.

    `x` is the mean of the series that is the axis; `mean`, `min`, `max` and `count` are of the series that is drawn.
    """

    run_id: str
    path: str
    step: list[float]
    x: list[float]
    mean: list[float]
    min: list[float]
    max: list[float]
    count: list[int]


class CrossedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Series over another series, and the live position that they include."""

    series: list[CrossedSeries]
    position: int


class PointRow(msgspec.Struct, frozen=True, kw_only=True):
    """One point; `value` is set for a float or string series, `file` for a file, `histogram` for a histogram series."""

    step: float
    time: int
    value: JsonFloat | None = None
    file: File | None = None
    histogram: Histogram | None = None


class PointPage(msgspec.Struct, frozen=True, kw_only=True):
    """Points of one series in order of step; `cursor` continues towards later steps, null at the end.

    `total` counts all points of the series; `position` is the live position that the page includes.
    """

    kind: Kind
    points: list[PointRow]
    total: int
    cursor: str | None
    position: int


class FoundPage(msgspec.Struct, frozen=True, kw_only=True):
    """Points of a string series that match a search, in the order in which they were looked at.

    `cursor` looks on, null at the end of the series; it can be set although nothing was found, for one answer looks at
    a bounded number of points. `scanned` is how many.
    """

    points: list[PointRow]
    cursor: str | None
    scanned: int
