"""Files of runs: which there are, and their bytes. Any thread."""

from __future__ import annotations

import math
from collections.abc import Iterator

from marigram.model import File, Kind, Path
from marigram.server.query.answers import NotThere
from marigram.server.query.attributes import Attributes, FindRun
from marigram.server.query.series import WholeSeries
from marigram.server.store.blobs.port import BlobStore
from marigram.server.store.meta.port import MetaStore


class Files:
    """Finds files and reads them."""

    def __init__(
        self, *, meta: MetaStore, points: WholeSeries, blobs: BlobStore, attributes: Attributes, run: FindRun
    ) -> None:
        self._meta = meta
        self._points = points
        self._blobs = blobs
        self._attributes = attributes
        self._run = run

    def at(self, run_id: str, path: str, *, step: float | None) -> File:
        """Return the file at `path`, or the one at a step of a file series (its last one if `step` is None).

        Raises:
            NotThere: there is no such file.
        """
        answer = self._attributes.at(run_id, path)
        if answer.attribute.file is not None:
            return answer.attribute.file
        if answer.attribute.kind is Kind.FILE_SERIES:
            low, high = (-math.inf, math.inf) if step is None else (step, step)
            points = self._points.files(
                run_id, answer.attribute.id, first_step=low, last_step=high, limit=1, from_end=True
            )
            if points.values:
                return points.values[0]
        message = f"The run has no file at {path!r}{'' if step is None else f', step {step}'}."
        raise NotThere(message)

    def below(self, run_id: str, prefix: str) -> list[tuple[Path, File]]:
        """Return the files at and below the path `prefix`, or all files if it is empty; files of series are none.

        Raises:
            NotThere: there is no such run, or it has no file there.
        """
        self._run(run_id)
        found: list[tuple[Path, File]] = []
        after = ""
        while page := self._meta.attributes(run_id, prefix=prefix, after=after, limit=1000):
            found.extend((each.path, each.file) for each in page if each.file is not None)
            after = page[-1].path
        if not found:
            message = f"The run has no file at or below {prefix!r}. Look at its files for the paths there are."
            raise NotThere(message)
        return found

    def read(self, file: File, *, start: int, stop: int | None) -> Iterator[bytes]:
        """Yield the bytes `[start, stop)` of a file.

        Raises:
            NotThere: the store has lost the blob.
            CorruptBlobError: its bytes are not those that were uploaded; raised at the call, or at a later chunk.
        """
        try:
            return self._blobs.read(file.sha256, start=start, stop=stop)
        except FileNotFoundError:
            message = f"The bytes of {file.filename!r} are not in the store. Restore blob {file.sha256} from a backup."
            raise NotThere(message) from None
