"""One execution that logs."""

from __future__ import annotations

from enum import Enum

import msgspec

from marigram.model.project import ProjectName


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
