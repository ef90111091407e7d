"""What is in a folder of a run's files: one level, without reading what lies below it. Any thread."""

from __future__ import annotations

import msgspec

from marigram.model import File, RunFolder
from marigram.server.store.meta.port import MetaStore

_AT_ONCE = 200
_LAST = "\U0010ffff"
"""Sorts after all that can follow a slash in a path."""


class FolderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a folder: files by name, and the names of folders, each in order of name."""

    files: dict[str, File]
    folders: list[str]


class Folders:
    """Looks into folders."""

    def __init__(self, *, meta: MetaStore) -> None:
        self._meta = meta

    def look(self, folder: RunFolder) -> FolderAnswer:
        """Return what is directly in a folder; a folder of which nobody knows is empty."""
        files: dict[str, File] = {}
        folders: list[str] = []
        top = f"{folder.path}/"
        after = folder.path
        while page := self._meta.attributes(folder.run_id, prefix=folder.path, after=after, limit=_AT_ONCE):
            for each in page:
                after = each.path
                name, slash, _ = each.path.removeprefix(top).partition("/")
                if slash:
                    # Whatever else is in there need not be read.
                    folders.append(name)
                    after = f"{top}{name}/{_LAST}"
                    break
                if each.file is not None:
                    files[name] = each.file
        return FolderAnswer(files=files, folders=sorted(set(folders)))
