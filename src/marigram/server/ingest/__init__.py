"""The door in: validate, order, de-duplicate, commit, notify. Every protocol comes through here."""

from marigram.server.ingest.arranging import ViewKeeper
from marigram.server.ingest.door import Ingest
from marigram.server.ingest.editing import Annotation, EditRefusedError, RunEdit, RunEditor
from marigram.server.ingest.modelling import ModelKeeper, UnknownModelError
from marigram.server.ingest.refusals import (
    Busy,
    EnvelopeError,
    RunEndedError,
    RunKeptError,
    UnknownProjectError,
    UnknownRunError,
    ViewChangedError,
    ViewRefusedError,
)
from marigram.server.ingest.scribe import Scribe, Turn
from marigram.server.store.blobs.port import BlobMismatchError, BlobUpload, UnnamedUpload
from marigram.server.store.meta.registry import ModelExistsError

__all__ = [
    "Annotation",
    "BlobMismatchError",
    "BlobUpload",
    "Busy",
    "EditRefusedError",
    "EnvelopeError",
    "Ingest",
    "ModelExistsError",
    "ModelKeeper",
    "RunEdit",
    "RunEditor",
    "RunEndedError",
    "RunKeptError",
    "Scribe",
    "Turn",
    "UnknownModelError",
    "UnknownProjectError",
    "UnknownRunError",
    "UnnamedUpload",
    "ViewChangedError",
    "ViewKeeper",
    "ViewRefusedError",
]
