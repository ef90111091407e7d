"""One execution that logs."""

from __future__ import annotations

from enum import Enum

import msgspec

from marigram.model.project import ProjectName
from marigram.model.stop import StopRequest


class RunStatus(str, Enum):
    """How a run stands.

    `stalled` is never written: it is how a run that says `running` is shown when nothing has been heard of it for
    longer than its heartbeat allows.
    """

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CRASHED = "crashed"
    STOPPED = "stopped"
    STALLED = "stalled"


class Fork(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run's history comes from: the series of another run of the project, up to a step, included.

    Nothing is copied: what the parent has there is looked up when it is asked for.

    Attributes:
        run_id: the parent's id, 32 hexadecimal digits.
        step: the last step that is inherited; finite.
    """

    run_id: str
    step: float


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as everybody sees it.

    Attributes:
        id: 32 hexadecimal digits, made by the client, so that a run exists before any server knows it.
        key: short name within the project, made by the server, for example `CATS-12`.
        project: the project it belongs to.
        name: given by the user; empty if none was.
        status: how it stands.
        created_at, ended_at, heard_at: milliseconds since 1970-01-01 UTC; `ended_at` is None while it runs,
            `heard_at` is when the server last heard of it.
        exit_code: of the training process, if known.
        failure: last line of the traceback or the reason of the end, if known.
        tags: sorted.
        stop: the newest request to stop it, if there was one.
        trashed_at: when it was put into the trash, in milliseconds since 1970-01-01 UTC; None if it is not there.
        fork: where its history comes from, if it goes on from another run.
    """

    id: str
    key: str
    project: ProjectName
    name: str
    status: RunStatus
    created_at: int
    ended_at: int | None
    heard_at: int
    exit_code: int | None
    failure: str | None
    tags: tuple[str, ...]
    stop: StopRequest | None = None
    trashed_at: int | None = None
    fork: Fork | None = None
