"""What can be wrong with stored data, as `marigram doctor` finds it."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong.

    Attributes:
        code: what it is, for scripts: `damaged_file`, `damaged_row`, `half_deleted`, `unknown_run`, `missing_blob`,
            `damaged_blob`, `unnamed_blob`, `damaged_rollup`, `half_restored`.
        message: what it is, for people.
        lost: something that was stored cannot be read any more; nothing that mends it brings that back.
        run: the run's key and project, or its id.
        path: of the series or file.
        table, row: where it is in a database.
        sha256: of the blob.
    """

    code: str
    message: str
    lost: bool = False
    run: str | None = None
    path: str | None = None
    table: str | None = None
    row: int | None = None
    sha256: str | None = None
