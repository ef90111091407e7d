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
