"""Messages about artifacts."""

from __future__ import annotations

import msgspec


class ListArtifacts(msgspec.Struct, frozen=True, kw_only=True):
    """Which folder of which run; no path: all that the run has."""

    run_id: str | None = None
    run_uuid: str | None = None
    path: str | None = None
    page_token: str | None = None


class ListStored(msgspec.Struct, frozen=True, kw_only=True):
    """Which folder, as an address below the artifact store's root."""

    path: str | None = None


class FileInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file with its size in bytes, or a folder."""

    path: str
    is_dir: bool
    file_size: int | None = None


class StoredFiles(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is in a folder."""

    files: list[FileInfo] = []


class ArtifactPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is in a folder of a run or a model, and where all its artifacts are."""

    root_uri: str
    files: list[FileInfo] = []


class BeginUpload(msgspec.Struct, frozen=True, kw_only=True):
    """A file, by its path on the client's disk, of which the name counts, and how many parts it has."""

    path: str = ""
    num_parts: int = 1


class PartPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part is to be sent, and with which headers."""

    url: str
    part_number: int
    headers: dict[str, str]


class BegunUpload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload, and where its parts go."""

    upload_id: str
    credentials: list[PartPlace]


class SentPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part that was sent, and the ETag of the answer."""

    part_number: int
    etag: str = ""


class CompleteUpload(msgspec.Struct, frozen=True, kw_only=True):
    """All parts of a file."""

    path: str = ""
    upload_id: str = ""
    parts: list[SentPart] = []


class AbortUpload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload that is given up."""

    path: str = ""
    upload_id: str = ""
