"""What travels between a writer and the server: a batch one way, a receipt back."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec

from marigram.model.operation import Appends, Operation
from marigram.model.path import Path


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive operations of one run from one writer, accepted whole or not at all.

    `(run_id, writer, seq)` makes an operation unique. A batch covers the positions `first_seq` to `last_seq`, both
    included; `operations` may be fewer, because points of one series that follow each other are merged, and `Appends`
    hold many.

    Attributes:
        run_id: 32 hexadecimal digits.
        writer: one process that writes to the run; 1 to 64 letters, digits, `-`, `_` or `.`.
        first_seq, last_seq: positions in the writer's stream; the first position is 1 and there are no gaps.
    """

    run_id: str
    writer: str
    first_seq: int
    last_seq: int
    operations: tuple[Operation | Appends, ...]


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


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all that one writer has sent so far: repeats and crashes neither count twice nor leave out.

    Attributes:
        points_stored: points that were written, those too that a later point of the same step replaced.
        points_refused: points that were rejected. Together they are all points that the writer has sent.
        rejections: refused points and other operations, by code.
    """

    points_stored: int = 0
    points_refused: int = 0
    rejections: dict[str, int] = {}

    def with_batch(self, *, stored: int, refused: int, rejections: Mapping[str, int]) -> Tally:
        """Return the tally after one more batch."""
        codes = {
            code: self.rejections.get(code, 0) + rejections.get(code, 0) for code in {**self.rejections, **rejections}
        }
        return Tally(
            points_stored=self.points_stored + stored, points_refused=self.points_refused + refused, rejections=codes
        )


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The server's answer: everything up to `durable_seq` survives the loss of the server's power.

    A writer continues at `durable_seq + 1`, whatever it sent. If that is not the end of the batch it has just sent,
    nothing of the batch was applied. `tally` is what became of everything up to there; it is left out if
    nobody counted.
    """

    durable_seq: int
    rejections: tuple[Rejection, ...] = ()
    tally: Tally | msgspec.UnsetType = msgspec.UNSET
