"""The door in: validate, order, de-duplicate, commit, notify. Every protocol comes through here."""

from marigram.server.ingest.door import (
    BlobMismatchError,
    BlobUpload,
    Busy,
    EnvelopeError,
    Ingest,
    RunEndedError,
    RunKeptError,
    UnknownRunError,
)
from marigram.server.ingest.editing import EditRefusedError, RunEdit, RunEditor

__all__ = [
    "BlobMismatchError",
    "BlobUpload",
    "Busy",
    "EditRefusedError",
    "EnvelopeError",
    "Ingest",
    "RunEdit",
    "RunEditor",
    "RunEndedError",
    "RunKeptError",
    "UnknownRunError",
]
