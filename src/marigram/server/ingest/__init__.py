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

__all__ = [
    "BlobMismatchError",
    "BlobUpload",
    "Busy",
    "EnvelopeError",
    "Ingest",
    "RunEndedError",
    "RunKeptError",
    "UnknownRunError",
]
