"""Reading back what a run has. It first waits until the server has what this process said, so one reads one's writes.

Reading is not logging: it waits for the network, and it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

from marigram.client.errors import MarigramError, NotFoundError, UnreachableError
from marigram.client.progress import ProgressBar, told
from marigram.client.recorder import Recorder
from marigram.model import Kind, Path

if TYPE_CHECKING:
    import pandas as pd

    from marigram.client.reader import PointRow, Reader
    from marigram.client.stored_files import StoredFiles
    from marigram.client.syncer_watch import SyncerWatch

READ_WAITS_AT_MOST_S = 30.0
"""So long reading waits for this process's own writes to arrive."""

_TELL_EVERY = 10_000


class ReadBack:
    """Reads one run. The reader is connected with the first question.

    Every method raises `UnreachableError` if the server does not answer, and `MarigramError` if what was logged cannot
    be sent, or in a mode that sends nothing.
    """

    def __init__(
        self, *, run_id: str, recorder: Recorder, connect: Callable[[], Reader] | None, syncer: SyncerWatch
    ) -> None:
        """Take the run, its recorder, how to connect (None: this run is not sent to a server), and who sends."""
        self._run_id = run_id
        self._recorder = recorder
        self._connect = connect
        self._syncer = syncer
        self._reader: Reader | None = None

    def after_fork(self) -> None:
        """In a forked child: open connections of its own."""
        self._reader = None

    def fetch_all(self) -> dict[str, Any]:
        """Return all values as a nested dict."""
        from marigram.client.reader import value_of

        return _nested((found.path, value_of(found)) for found in self._ready().attributes(self._run_id))

    def kinds(self) -> Iterator[tuple[str, str]]:
        """Yield (path, kind) of all attributes, in order of path."""
        for found in self._ready().attributes(self._run_id):
            yield found.path, found.kind.value

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Yield the paths of all attributes below `prefix`, relative to it, in order."""
        for found in self._ready().attributes(self._run_id, prefix):
            path = found.path[len(prefix) + 1 :] if prefix else found.path
            if path:
                yield path

    def structure(self) -> dict[str, Any]:
        """Return all kinds as a nested dict."""
        return _nested(self.kinds())

    def exists(self, path: Path) -> bool:
        """Return whether anything is stored at `path` or below."""
        try:
            self._ready().attribute(self._run_id, path)
        except NotFoundError:
            return next(self._ready().attributes(self._run_id, path), None) is not None
        return True

    def fetch(self, path: Path) -> Any:  # noqa: ANN401 whatever was stored
        """Return what is stored at `path`; a nested dict if it is a namespace.

        Raises:
            NotFoundError: nothing is.
        """
        from marigram.client.reader import value_of

        try:
            return value_of(self._ready().attribute(self._run_id, path))
        except NotFoundError:
            prefix = f"{path}/"
            below = [
                (found.path[len(prefix) :], value_of(found)) for found in self._ready().attributes(self._run_id, path)
            ]
            if not below:
                raise
            return _nested(below)

    def fetch_values(self, path: Path, *, include_timestamp: bool, progress_bar: ProgressBar = False) -> pd.DataFrame:
        """Return the points of a series.

        Raises:
            NotFoundError: there is none.
            MarigramError: pandas is not installed.
        """
        from marigram.client.frames import frame_of  # needs pandas, which not everybody has

        with told(progress_bar, description=f"Fetching {path}", unit="points") as tell:
            rows = self._ready().points(self._run_id, path)
            return frame_of(_counted(rows, tell), include_timestamp=include_timestamp)

    def fetch_last(self, path: Path) -> Any:  # noqa: ANN401 a number or a text
        """Return the last value of a series.

        Raises:
            NotFoundError: there is no series of values.
        """
        from marigram.client.reader import value_of

        attribute = self._ready().attribute(self._run_id, path)
        if attribute.series is None:
            message = f"{path!r} is a {attribute.kind.value}, not a series. Use fetch()."
            raise NotFoundError(message)
        if attribute.kind is Kind.FILE_SERIES:
            message = f"{path!r} is a series of files, which have no last value. Use download_last()."
            raise NotFoundError(message)
        return value_of(attribute)

    def download(
        self, path: Path, destination: FilePath | None, *, unpack: bool = False, progress_bar: ProgressBar = False
    ) -> FilePath:
        """Save a file, the last of a series of files, an artifact's files or all files below; return where.

        Raises:
            NotFoundError: there is none.
        """
        with told(progress_bar, description=f"Downloading {path}", unit="files") as tell:
            return self.files().download(path, destination, unpack=unpack, tell=tell)

    def files(self) -> StoredFiles:
        """Return the run's files."""
        from marigram.client.stored_files import StoredFiles

        return StoredFiles(reader=self._ready(), run_id=self._run_id)

    def _ready(self) -> Reader:
        if self._connect is None:
            message = "This run is not sent to a server in its mode, so nothing can be read back. Use mode='async'."
            raise MarigramError(message)
        self._recorder.finish(timeout_s=READ_WAITS_AT_MOST_S)
        problem = self._syncer.wait_for(self._recorder.sink, timeout_s=READ_WAITS_AT_MOST_S)
        if isinstance(problem, UnreachableError):
            message = f"{problem} Reading waits until the server has what was logged; try again when it answers."
            raise UnreachableError(message)
        if problem is not None:
            message = f"Reading waits until the server has what was logged, which does not get there. {problem}"
            raise MarigramError(message)
        if self._reader is None:
            self._reader = self._connect()
        return self._reader


def _counted(rows: Iterable[PointRow], tell: Callable[[int, int | None], None]) -> Iterator[PointRow]:
    for number, row in enumerate(rows, 1):
        if number % _TELL_EVERY == 0:
            tell(number, None)
        yield row


def _nested(entries: Iterable[tuple[str, object]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for path, value in entries:
        *namespaces, name = path.split("/")
        place = result
        for namespace in namespaces:
            below = place.get(namespace)
            if not isinstance(below, dict):
                # A value may stand where a namespace begins; the namespace, which holds more, is shown.
                below = place[namespace] = {}
            place = cast("dict[str, Any]", below)
        place[name] = value
    return result
