"""What travels between a writer and the server: a batch one way, a receipt back."""

from __future__ import annotations

from enum import Enum

import msgspec

from marigram.model.operation import Operation
from marigram.model.path import Path


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive operations of one run from one writer, accepted whole or not at all.

    `(run_id, writer, seq)` makes an operation unique. A batch covers the positions `first_seq` to `last_seq`, both
    included; `operations` may be fewer, because points of one series that follow each other are merged.

    Attributes:
        run_id: 32 hexadecimal digits.
        writer: one process that writes to the run; 1 to 64 letters, digits, `-`, `_` or `.`.
        first_seq, last_seq: positions in the writer's stream; the first position is 1 and there are no gaps.
    """

    run_id: str
    writer: str
    first_seq: int
    last_seq: int
    operations: tuple[Operation, ...]


class RejectionCode(str, Enum):
    """Why an operation was refused."""

    KIND_CONFLICT = "kind_conflict"
    INVALID_PATH = "invalid_path"
    INVALID_VALUE = "invalid_value"
    RUN_UNKNOWN = "run_unknown"
    BLOB_MISSING = "blob_missing"
    TOO_LARGE = "too_large"


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """One operation refused; a value, not an exception.

    Attributes:
        path: where it would have gone; None if the operation has no path.
        code: for programs.
        message: for people: what happened, then what to do.
        count: how many points or operations it cost.
    """

    path: Path | None
    code: RejectionCode
    message: str
    count: int = 1


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The server's answer: everything up to `durable_seq` survives the loss of the server's power.

    A writer continues at `durable_seq + 1`, whatever it sent. If that is not the end of the batch it has just sent,
    nothing of the batch was applied.
    """

    durable_seq: int
    rejections: tuple[Rejection, ...] = ()
