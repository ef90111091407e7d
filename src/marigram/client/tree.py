"""`run["a/b"]` and what else a run's tree of attributes can do as a whole: assign, delete, read back, look at.

Writing never raises and never waits for the network, except with `wait=True`; reading does both.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path as FilePath
from typing import Any

from typing_extensions import Self

from marigram.client.handler import Handler
from marigram.client.read_back import ReadBack
from marigram.client.recorder import Recorder
from marigram.client.sink import ClosedSink, NoSink
from marigram.model import InvalidPathError, Path, parse_path


class Tree:
    """Attributes by path. Safe to use from any thread."""

    def __init__(self, *, recorder: Recorder, read_back: ReadBack) -> None:
        """Take the two directions."""
        self._recorder = recorder
        self._read_back = read_back
        self._handlers: dict[str, Handler] = {}
        self._users_lock = threading.RLock()

    def after_fork(self) -> None:
        """In a forked child: forget the parent's lock and background work, whose threads are not here."""
        self._users_lock = threading.RLock()
        self._recorder.after_fork()
        self._read_back.after_fork()

    def __getitem__(self, path: str) -> Handler:
        """Return the handle of a path. A path that cannot be is warned of, and what is logged there is dropped."""
        handler = self._handlers.get(path)
        return handler if handler is not None else self._make_handler(path)

    def __setitem__(self, path: str, value: object) -> None:
        """Assign: `run["parameters/lr"] = 0.1`."""
        self[path].assign(value)

    def __delitem__(self, path: str) -> None:
        """Delete what is at `path` and below."""
        self[path].pop()

    def __iter__(self) -> Iterator[str]:
        """Yield the paths of all attributes, as the server has them.

        Raises:
            UnreachableError: the server does not answer.
        """
        return self._read_back.paths()

    def __contains__(self, path: str) -> bool:
        """Return whether anything is stored at `path` or below; asks the server."""
        return self.exists(path)

    def assign(self, value: object, *, wait: bool = False) -> None:
        """Assign everything in a dict or another namespace, from the top."""
        self._recorder.assign(None, value)
        if wait:
            self.wait()

    def define(self, path: str, value: object, *, wait: bool = False) -> Handler:
        """Assign, and return the handle of the path."""
        handler = self[path]
        handler.assign(value, wait=wait)
        return handler

    def pop(self, path: str, *, wait: bool = False) -> None:
        """Delete what is at `path` and below."""
        self[path].pop(wait=wait)

    def upload_files(self, value: str | os.PathLike[str] | Iterable[str], *, wait: bool = False) -> None:
        """Store every file that the patterns match, from the top."""
        self._recorder.attach_all(None, value, FilePath.cwd())
        if wait:
            self.wait()

    def wait(self, *, disk_only: bool = False, timeout_s: float = 60.0) -> bool:
        """Wait until everything said so far is at the server; return whether it is. On disk it is already."""
        raise NotImplementedError

    def lock(self) -> threading.RLock:
        """Return one lock, the same for everybody, for `with run.lock():` around calls that belong together.

        Single calls need none.
        """
        return self._users_lock

    def start(self) -> None:
        """Do nothing: what made this object has started it."""

    def get_state(self) -> str:
        """Return `started` or `stopped`: whether what is logged to this object is still stored."""
        return "stopped" if isinstance(self._recorder.sink, ClosedSink) else "started"

    def ping(self) -> None:
        """Do nothing: the syncer tells the server that the run lives."""

    def get_root_object(self) -> Self:
        """Return this."""
        return self

    def get_attribute(self, path: str) -> Handler | None:
        """Return the handle of a path if there is an attribute, else None.

        Raises:
            UnreachableError: the server does not answer.
        """
        return self[path] if self.exists(path) else None

    def exists(self, path: str) -> bool:
        """Return whether anything is stored at `path` or below.

        Raises:
            InvalidPathError: there can be nothing.
            UnreachableError: the server does not answer.
        """
        return self._read_back.exists(parse_path(path))

    def fetch(self) -> dict[str, Any]:
        """Return all values as a nested dict.

        Raises:
            UnreachableError: the server does not answer.
        """
        return self._read_back.fetch_all()

    def get_structure(self) -> dict[str, Any]:
        """Return all paths as a nested dict whose leaves are kinds, for example `float_series`.

        Raises:
            UnreachableError: the server does not answer.
        """
        return self._read_back.structure()

    def print_structure(self) -> None:
        """Print every path with its kind.

        Raises:
            UnreachableError: the server does not answer.
        """
        for path, kind in self._read_back.kinds():
            print(f"{path}: {kind}")  # noqa: T201 its purpose

    def _make_handler(self, path: str) -> Handler:
        try:
            place = parse_path(path)
        except (InvalidPathError, AttributeError, TypeError) as error:
            if not isinstance(error, InvalidPathError):
                error = InvalidPathError(f"A path must be a str, but {path!r} is not. Use for example 'train/loss'.")
            self._recorder.guard.caught(error)
            nowhere = Recorder(sink=NoSink(), guard=self._recorder.guard, clock_ns=self._recorder.clock_ns)
            return Handler(owner=self, recorder=nowhere, read_back=self._read_back, path=Path("nowhere"))
        handler = self._handlers.get(place)
        if handler is None:
            handler = Handler(owner=self, recorder=self._recorder, read_back=self._read_back, path=place)
            handler = self._handlers.setdefault(place, handler)
        self._handlers[path] = handler
        return handler
