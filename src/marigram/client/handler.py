"""`run["a/b"]`: everything that can be said about one path, and asked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Protocol

from marigram.client.progress import ProgressBar
from marigram.client.read_back import ReadBack
from marigram.client.recorder import Recorder, caption_of
from marigram.model import Path

if TYPE_CHECKING:
    import pandas as pd

    from marigram.client.stored_files import FileEntry
    from marigram.client.tracking import TrackedFile

_NS_PER_MS = 1_000_000


class Owner(Protocol):
    """The run that a handle belongs to."""

    def __getitem__(self, path: str, /) -> Handler:
        """Return the handle of a path."""
        ...

    def wait(self) -> bool:
        """Wait until the server has everything said so far."""
        ...


class Handler:
    """A place in a run. Writing never raises and never waits for the network; reading does both.

    Examples:
        >>> loss = run["train/loss"]
        >>> loss.append(0.3)
        >>> run["parameters"] = {"lr": 0.1, "layers": 3}
    """

    __slots__ = ("_clock_ns", "_owner", "_path", "_read_back", "_recorder", "_track")

    def __init__(self, *, owner: Owner, recorder: Recorder, read_back: ReadBack, path: Path) -> None:
        """Take the run, its two directions and the place."""
        self._owner = owner
        self._recorder = recorder
        self._read_back = read_back
        self._path = path
        self._track = recorder.track(path)
        self._clock_ns = recorder.clock_ns

    @property
    def path(self) -> str:
        """The place, for example `train/loss`."""
        return self._path

    def __getitem__(self, path: str) -> Handler:
        """Return the place below: `run["a"]["b"]` is `run["a/b"]`."""
        return self._owner[f"{self._path}/{path}"]

    def __setitem__(self, path: str, value: object) -> None:
        """Assign below this place."""
        self[path].assign(value)

    def __delitem__(self, path: str) -> None:
        """Delete below this place."""
        self[path].pop()

    @property
    def container(self) -> Owner:
        """What this is a place in: the run."""
        return self._owner

    def get_root_object(self) -> Owner:
        """Return what this is a place in: the run."""
        return self._owner

    def __iter__(self) -> Iterator[str]:
        """Yield the paths below this place, relative to it, as the server has them.

        Raises:
            UnreachableError: the server does not answer.
        """
        return self._read_back.paths(self._path)

    def __contains__(self, path: str) -> bool:
        """Return whether anything is stored at `path` below this place; asks the server."""
        return self[path].exists()

    def assign(self, value: object, *, wait: bool = False) -> None:
        """Set what is here.

        Args:
            value: a bool, int, float, str, datetime, None (stored as the text `None`), set of strings, `File`, figure
                or picture; a series from `marigram.types`, which replaces the one here; or a dict, argparse namespace,
                dataclass, attrs or pydantic object or OmegaConf configuration of these, stored below.
            wait: return when the server has it, or after a minute.
        """
        self._recorder.assign(self._path, value)
        if wait:
            self._owner.wait()

    def append(
        self,
        value: object,
        *,
        step: float | None = None,
        timestamp: float | datetime | None = None,
        name: str | None = None,
        description: str | None = None,
        wait: bool = False,
    ) -> None:
        """Write one point of the series here.

        Args:
            value: a number, a str, a `File`, figure or picture; or a dict of these, one per series below.
            step: any finite number, in any order; the last write of a step wins. Default: one more than the largest
                step that this process wrote so far, from 0.
            timestamp: seconds since 1970, or a datetime. Default: now.
            name: caption of a file.
            description: caption of a file, after the name.
            wait: return when the server has it, or after a minute.
        """
        # The common cases are written out: each call saved here is a tenth of what an append costs.
        if timestamp is None and (step is None or type(step) is int) and not wait:
            recorder = self._recorder
            try:
                if type(value) is float:
                    recorder.sink.append_float(self._track, value, step, self._clock_ns() // _NS_PER_MS)
                    return
                if type(value) is dict and recorder.append_row(
                    self._path,
                    value,  # pyright: ignore[reportUnknownArgumentType] what is in it is looked at there
                    step,
                    self._clock_ns() // _NS_PER_MS,
                ):
                    return
            except Exception as error:  # noqa: BLE001 the guard decides; see guard.py
                recorder.guard.caught(error)
                return
        caption = caption_of(name, description)
        self._recorder.append(self._path, value, step=step, timestamp=timestamp, caption=caption)  # pyright: ignore[reportUnknownArgumentType] it was looked at
        if wait:
            self._owner.wait()

    log = append

    def extend(
        self,
        values: Any,  # noqa: ANN401 lists, arrays, columns of data frames, series, and dicts of them
        *,
        steps: Iterable[float] | None = None,
        timestamps: Iterable[float | datetime] | None = None,
        name: str | None = None,
        description: str | None = None,
        wait: bool = False,
    ) -> None:
        """Write several points of the series here.

        Args:
            values: a list, an array, a column of a data frame, or a series from `marigram.types`; or a dict of these,
                one per series below.
            steps: one per value; default: counted on.
            timestamps: one per value; default: now for all.
            name: caption of all files.
            description: caption of all files, after the name.
            wait: return when the server has them, or after a minute.
        """
        caption = caption_of(name, description)
        self._recorder.extend(self._path, values, steps=steps, timestamps=timestamps, caption=caption)
        if wait:
            self._owner.wait()

    def upload(self, value: object, *, wait: bool = False) -> None:
        """Store a file here: a path, a `File`, a picture, a figure or a table. Its content is taken as it is now."""
        self._recorder.attach(self._path, value)
        if wait:
            self._owner.wait()

    def upload_files(self, value: str | os.PathLike[str] | Iterable[str], *, wait: bool = False) -> None:
        """Store every file that the patterns match, below this place, under its name relative to the working folder.

        A pattern may contain `*`, `?`, `[…]` and `**`; one that names a folder stands for all files below it.
        """
        self._recorder.attach_all(self._path, value, FilePath.cwd())
        if wait:
            self._owner.wait()

    def delete_files(self, paths: str | Iterable[str], *, wait: bool = False) -> None:
        """Delete files or folders that `upload_files` has stored below this place."""
        for path in [paths] if isinstance(paths, str) else paths:
            self[path].pop()
        if wait:
            self._owner.wait()

    def track_files(self, path: str, *, destination: str | None = None, wait: bool = False) -> None:
        """Refer to files by hash and place, without keeping a copy; earlier calls for this place are added to.

        Args:
            path: a file or folder, `s3://bucket/prefix` (needs boto3) or an http address. Files are hashed in the
                background; `run.stop()` and reading wait for that.
            destination: folder that is put before their names in the artifact.
            wait: return when the server has it, or after a minute.
        """
        self._recorder.track_files(self._path, os.fspath(path), destination)
        if wait:
            self._owner.wait()

    def add(self, values: str | Iterable[str], *, wait: bool = False) -> None:
        """Add strings to the set here, for example tags."""
        self._recorder.edit_set(self._path, add=values)
        if wait:
            self._owner.wait()

    def remove(self, values: str | Iterable[str], *, wait: bool = False) -> None:
        """Remove strings from the set here."""
        self._recorder.edit_set(self._path, remove=values)
        if wait:
            self._owner.wait()

    def clear(self, *, wait: bool = False) -> None:
        """Empty the set or the series here; a series begins again at step 0."""
        self._recorder.clear(self._path)
        if wait:
            self._owner.wait()

    def pop(self, path: str | None = None, *, wait: bool = False) -> None:
        """Delete what is here, or at `path` below, and everything under it."""
        self._recorder.delete(self._path) if path is None else self[path].pop()
        if wait:
            self._owner.wait()

    def fetch(self) -> Any:  # noqa: ANN401 whatever was stored
        """Return what is stored here: a value, the last value of a series, or a dict of what is below.

        Raises:
            NotFoundError: nothing.
            UnreachableError: the server does not answer.
        """
        return self._read_back.fetch(self._path)

    def fetch_last(self) -> Any:  # noqa: ANN401 a number or a text
        """Return the last value of the series here.

        Raises:
            NotFoundError: there is no series.
            UnreachableError: the server does not answer.
        """
        return self._read_back.fetch_last(self._path)

    def fetch_values(self, *, include_timestamp: bool = True, progress_bar: ProgressBar = None) -> pd.DataFrame:
        """Return the points of the series here: columns `step`, `value`, and `timestamp` in UTC.

        Raises:
            NotFoundError: there is no series.
            UnreachableError: the server does not answer.
            MarigramError: pandas is not installed.
        """
        return self._read_back.fetch_values(self._path, include_timestamp=include_timestamp, progress_bar=progress_bar)

    def fetch_extension(self) -> str:
        """Return the extension of the file here, without the dot.

        Raises:
            NotFoundError: there is no file.
            UnreachableError: the server does not answer.
        """
        return self._read_back.files().extension(self._path)

    def fetch_hash(self) -> str:
        """Return the hash of the artifact here, 64 hexadecimal digits; equal files have equal hashes.

        Raises:
            NotFoundError: there is no artifact.
            UnreachableError: the server does not answer.
        """
        return self._read_back.files().manifest(self._path).hash

    def fetch_files_list(self) -> list[TrackedFile]:
        """Return the files of the artifact here, sorted by name.

        Raises:
            NotFoundError: there is no artifact.
            UnreachableError: the server does not answer.
        """
        return list(self._read_back.files().manifest(self._path).files)

    def list_fileset_files(self, path: str | None = None) -> list[FileEntry]:
        """Return the files and folders here, or in the folder `path` below, sorted by name.

        Raises:
            NotFoundError: there are no files.
            UnreachableError: the server does not answer.
        """
        return self._read_back.files().entries(self._path, path)

    def download(
        self,
        destination: str | os.PathLike[str] | None = None,
        progress_bar: ProgressBar = None,
        *,
        unpack: bool = False,
    ) -> str:
        """Save what is here; return where.

        A file, or the last of a series of files, is saved as such; an artifact's files are copied from where they are;
        of a place with files below it, all are saved as one zip.

        Args:
            destination: a folder or a file name; default: the working folder.
            progress_bar: None: a line on a terminal; False: none; or a class to show it with.
            unpack: save the files below as a folder, `destination`, instead of as a zip.

        Raises:
            NotFoundError: there is no file.
            UnreachableError: the server does not answer.
        """
        place = FilePath(destination) if destination is not None else None
        return str(self._read_back.download(self._path, place, unpack=unpack, progress_bar=progress_bar))

    def download_last(self, destination: str | os.PathLike[str] | None = None) -> str:
        """Save the last file of the series here; return where. See `download`."""
        return self.download(destination)

    def exists(self) -> bool:
        """Return whether anything is stored here or below.

        Raises:
            UnreachableError: the server does not answer.
        """
        return self._read_back.exists(self._path)

    def __repr__(self) -> str:
        """Say where it is."""
        return f"<marigram handle of {self._path!r}>"
