"""`run["a/b"]`: everything that can be said about one path, and asked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Protocol

from marigram.client.read_back import ReadBack
from marigram.client.recorder import Recorder
from marigram.model import Path

if TYPE_CHECKING:
    import pandas as pd

_NS_PER_MS = 1_000_000


class Owner(Protocol):
    """The run that a handle belongs to."""

    def __getitem__(self, path: str, /) -> Handler:
        """Return the handle of a path."""
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

    def assign(self, value: object) -> None:
        """Set what is here: a bool, int, float, str, datetime, set of strings, `File`, or a dict of these."""
        self._recorder.assign(self._path, value)

    def append(
        self,
        value: object,
        *,
        step: float | None = None,
        timestamp: float | datetime | None = None,
        name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Write one point of the series here.

        Args:
            value: a number, a str, a `File` or a picture; or a dict of these, one per series below.
            step: any finite number, in any order; the last write of a step wins. Default: one more than the largest
                step that this process wrote so far, from 0.
            timestamp: seconds since 1970, or a datetime. Default: now.
            name: caption of a file.
            description: caption of a file, after the name.
        """
        # The common case is written out: each call saved here is a tenth of what an append costs.
        if type(value) is float and timestamp is None and (step is None or type(step) is int):
            recorder = self._recorder
            try:
                recorder.sink.append_float(self._track, value, step, self._clock_ns() // _NS_PER_MS)
            except Exception as error:  # noqa: BLE001 the guard decides; see guard.py
                recorder.guard.caught(error)
            return
        caption = ": ".join(part for part in (name, description) if part) or None
        self._recorder.append(self._path, value, step=step, timestamp=timestamp, caption=caption)

    log = append

    def extend(
        self,
        values: Iterable[object] | dict[str, Any],
        *,
        steps: Iterable[float] | None = None,
        timestamps: Iterable[float | datetime] | None = None,
    ) -> None:
        """Write several points of the series here; `steps` and `timestamps`, if given, have one entry per value."""
        self._recorder.extend(self._path, values, steps=steps, timestamps=timestamps)

    def upload(self, value: object) -> None:
        """Store a file here: a path, a `File`, or a picture. Its content is copied to the queue before this returns."""
        self._recorder.attach(self._path, value)

    def upload_files(self, globs: str | Iterable[str]) -> None:
        """Store every file that the patterns match, below this place, under its name relative to the working folder."""
        self._recorder.attach_all(self._path, globs, FilePath.cwd())

    def add(self, values: str | Iterable[str]) -> None:
        """Add strings to the set here, for example tags."""
        self._recorder.edit_set(self._path, add=values)

    def remove(self, values: str | Iterable[str]) -> None:
        """Remove strings from the set here."""
        self._recorder.edit_set(self._path, remove=values)

    def clear(self) -> None:
        """Make the set here empty."""
        empty: frozenset[str] = frozenset()
        self._recorder.assign(self._path, empty)

    def pop(self, path: str | None = None) -> None:
        """Delete what is here, or at `path` below, and everything under it."""
        self._recorder.delete(self._path) if path is None else self[path].pop()

    def fetch(self) -> Any:  # noqa: ANN401 whatever was stored
        """Return what is stored here: a value, the last value of a series, or a dict of what is below.

        Raises:
            NotFoundError: nothing.
            UnreachableError: the server does not answer.
        """
        return self._read_back.fetch(self._path)

    fetch_last = fetch

    def fetch_values(self, *, include_timestamp: bool = True) -> pd.DataFrame:
        """Return the points of the series here: columns `step`, `value`, and `timestamp` in UTC.

        Raises:
            NotFoundError: there is no series.
            UnreachableError: the server does not answer.
            MarigramError: pandas is not installed.
        """
        return self._read_back.fetch_values(self._path, include_timestamp=include_timestamp)

    def download(self, destination: str | os.PathLike[str] | None = None) -> str:
        """Save the file here; return where. `destination` is a folder or a file name; default: the working folder.

        Raises:
            NotFoundError: there is no file.
            UnreachableError: the server does not answer.
        """
        place = FilePath(destination) if destination is not None else None
        return str(self._read_back.download(self._path, place))

    download_last = download

    def exists(self) -> bool:
        """Return whether anything is stored here or below.

        Raises:
            UnreachableError: the server does not answer.
        """
        return self._read_back.exists(self._path)

    def __repr__(self) -> str:
        """Say where it is."""
        return f"<marigram handle of {self._path!r}>"
