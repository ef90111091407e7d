"""Messages about the histories of metrics."""

from __future__ import annotations

import msgspec

from marigram.server.protocols.mlflow.messages.runs import AboutRun, MetricAnswer


class GetHistory(AboutRun, frozen=True, kw_only=True):
    """Whose metric; without `max_results` as much of it as one answer can hold."""

    metric_key: str
    max_results: int | None = None
    page_token: str | None = None


class History(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of a history; no token: the last one."""

    metrics: list[MetricAnswer] = []
    next_page_token: str | None = None


class GetHistoryBulk(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of many runs."""

    metric_key: str
    run_id: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    max_results: int | None = None


class GetHistoryBulkInterval(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of many runs between two steps, at most so many points of each."""

    metric_key: str
    run_ids: tuple[str, ...] = ()
    start_step: int | None = None
    end_step: int | None = None
    max_results: int | None = None


class MetricOfRun(MetricAnswer, frozen=True, kw_only=True):
    """A point and whose it is."""

    run_id: str


class BulkHistory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Points of several runs."""

    metrics: list[MetricOfRun] = []
