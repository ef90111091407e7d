"""The shapes that cross the wire: small JSON answers, and the header of an encoded batch.

The header's structs are arrays on the wire, so a field may only be added at the end, with a default.
"""

from __future__ import annotations

import msgspec

PROTOCOL_VERSION = 1


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """The server's answer to `GET /api/native/v1/handshake?project=…`.

    Attributes:
        version: the server's Marigram version.
        protocol: the newest protocol version that it speaks.
    """

    version: str
    protocol: int = PROTOCOL_VERSION


class WriterPosition(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `GET /api/native/v1/runs/{run_id}/writers/{writer}`: continue after `durable_seq` (0 if new)."""

    durable_seq: int


class BlobPosition(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `GET` and `PUT /api/native/v1/blobs/{sha256}/parts…`: how far an upload in parts is.

    Attributes:
        received: the next part begins at this byte.
        complete: the server has the blob, and its hash is right.
    """

    received: int
    complete: bool = False


class HeartbeatReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `POST /api/native/v1/runs/{run_id}/heartbeat`."""

    known: bool


class StopCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A request to stop that a run's processes have to carry out.

    Attributes:
        number: ask for what comes after it next time, and say with it that it was delivered.
        how: `graceful`, `abort` or `kill`.
        grace_s: for `abort`, seconds from the interrupt to the kill.
        age_s: seconds since it was requested, when the server answered; durations need no common clock.
    """

    number: int
    how: str
    grace_s: float
    age_s: float


class Commands(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `GET /api/native/v1/runs/{run_id}/commands?after=…&wait_s=…`: what the run shall do, if anything.

    That a command was delivered is said with `POST /api/native/v1/runs/{run_id}/commands/{number}/delivered`.
    """

    stop: StopCommand | None = None


class WireFile(msgspec.Struct, array_like=True, frozen=True):
    """A `File`."""

    sha256: str
    filename: str
    media_type: str
    size: int
    caption: str | None = None


class WireCreateRun(msgspec.Struct, array_like=True, frozen=True, tag="c"):
    """A `CreateRun`."""

    project: str
    created_at: int
    fork_run_id: str | None = None
    fork_step: float = 0.0


class WireSetValue(msgspec.Struct, array_like=True, frozen=True, tag="v"):
    """A `SetValue`; a datetime travels as milliseconds since 1970-01-01 UTC, a set as a sorted list.

    An int that does not fit 64 bits travels as its decimal digits.
    """

    path: str
    kind: str
    value: bool | int | float | str | list[str]


class WireEditSet(msgspec.Struct, array_like=True, frozen=True, tag="e"):
    """An `EditSet`."""

    path: str
    add: list[str]
    remove: list[str]


class WireAppendFloats(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="f"):
    """An `Append` of the next `count` rows of the batch's columns."""

    path: str
    count: int


class WireAppendStrings(msgspec.Struct, array_like=True, frozen=True, tag="s"):
    """An `Append` of strings."""

    path: str
    steps: list[float]
    times: list[int]
    values: list[str]


class WireAppendFiles(msgspec.Struct, array_like=True, frozen=True, tag="i"):
    """An `Append` of files."""

    path: str
    steps: list[float]
    times: list[int]
    values: list[WireFile]


class WireAppendHistograms(msgspec.Struct, array_like=True, frozen=True, tag="h"):
    """An `Append` of histograms: for each point its edges and its counts."""

    path: str
    steps: list[float]
    times: list[int]
    values: list[tuple[list[float], list[float]]]


class WireAttachFile(msgspec.Struct, array_like=True, frozen=True, tag="a"):
    """An `AttachFile`."""

    path: str
    file: WireFile


class WireDelete(msgspec.Struct, array_like=True, frozen=True, tag="d"):
    """A `Delete`."""

    path: str


class WireRewind(msgspec.Struct, array_like=True, frozen=True, tag="r"):
    """A `Rewind`. It is no `WireDelete` with a step: a server that ignored the step would delete everything."""

    after_step: float
    path: str | None
    keep: list[str]


class WireSetStatus(msgspec.Struct, array_like=True, frozen=True, tag="t"):
    """A `SetStatus`."""

    status: str
    at: int
    exit_code: int | None = None
    failure: str | None = None


WireOperation = (
    WireCreateRun
    | WireSetValue
    | WireEditSet
    | WireAppendFloats
    | WireAppendStrings
    | WireAppendFiles
    | WireAppendHistograms
    | WireAttachFile
    | WireDelete
    | WireRewind
    | WireSetStatus
)


class WireBatch(msgspec.Struct, array_like=True, frozen=True):
    """The header of an encoded batch; `points` rows of columns follow it."""

    run_id: str
    writer: str
    first_seq: int
    last_seq: int
    points: int
    operations: list[WireOperation]
