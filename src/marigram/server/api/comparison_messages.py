"""The shapes of the read API that compare runs; see `messages` for what all shapes have in common."""

from __future__ import annotations

import msgspec

from marigram.server.api.messages import JsonFloat, JsonValue
from marigram.server.query import Area


class PartingInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How the curves of one series go along with each other.

    They part at `step`, and have their first values that are not the same at `differs_at`; null if they don't. Their
    difference counts as noise up to `limit`; they are compared up to `last_step`.
    """

    step: float | None
    differs_at: float | None
    limit: JsonFloat
    last_step: float


class DifferenceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: what the baseline had `before` and the run has `after`, null for nothing.

    A file is its SHA-256, a series its mean at the end of the steps that both runs have, throughput is in steps per
    second. `weight` is from 0 to 1. `details` are lines for people.
    """

    area: Area
    path: str
    before: JsonValue | None
    after: JsonValue | None
    weight: float
    details: list[str]
    parting: PartingInfo | None


class DifferenceList(msgspec.Struct, frozen=True, kw_only=True):
    """What changed between two runs, what weighs most first; `left_out` counts those that are not listed.

    `series_alike` counts the series that do not part, `series_left_out` those that were too many to compare.
    `is_whole` says whether all attributes were compared; of very many it is the first ones.
    """

    differences: list[DifferenceInfo]
    left_out: int
    series_alike: int
    series_left_out: int
    is_whole: bool


class ParameterGroupInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Runs with one value of a parameter, or with one from `low` to `high`, and the median of their targets."""

    low: JsonValue
    high: JsonValue
    run_count: int
    median: JsonFloat


class ImportanceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What one parameter says about the target, over the runs that have both.

    `importance`, 0 to 1, is the share of the variance of the target's ranks that groups of runs by the parameter
    explain, less what they would by chance; null where there are too few runs for the values. `correlation`, -1 to 1,
    is Spearman's; null for texts. `distinct` counts different values.
    """

    path: str
    importance: float | None
    correlation: float | None
    run_count: int
    distinct: int
    groups: list[ParameterGroupInfo]


class ImportanceList(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters that vary, the most important first; `measured_count` of the `run_count` runs have the target."""

    parameters: list[ImportanceInfo]
    run_count: int
    measured_count: int
