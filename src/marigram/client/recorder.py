"""Turns what the user says into operations on a sink. Nothing here raises into the training: the guard sees to that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path as FilePath

from marigram.client.casting import entries_of, leaf_of, leaves_of, milliseconds_of, number_of, step_of, text_of
from marigram.client.errors import UnsupportedTypeError
from marigram.client.file import File
from marigram.client.guard import Guard
from marigram.client.provenance import files_of
from marigram.client.queue import Track
from marigram.client.sink import Sink
from marigram.model import (
    Append,
    AttachFile,
    Delete,
    EditSet,
    FilePoints,
    Path,
    SetValue,
    StringPoints,
    parse_path,
)
from marigram.model import File as StoredFile

_NS_PER_MS = 1_000_000


class Recorder:
    """Says things about one run. Safe to use from any thread."""

    def __init__(self, *, sink: Sink, guard: Guard, clock_ns: Callable[[], int]) -> None:
        """Take where operations go, the guard, and a clock in nanoseconds since 1970-01-01 UTC."""
        self.sink = sink
        self.guard = guard
        self.clock_ns = clock_ns
        self._tracks: dict[Path, Track] = {}

    def track(self, path: Path) -> Track:
        """Return the one track of a path."""
        track = self._tracks.get(path)
        if track is None:
            track = self._tracks.setdefault(path, Track(path))
        return track

    def assign(self, path: Path, value: object) -> None:
        """Set a value, attach a file, or do so for everything in a dict."""
        with self.guard:
            for below, leaf in leaves_of(value):
                with self.guard:
                    if isinstance(leaf, UnsupportedTypeError):
                        raise leaf
                    place = parse_path(f"{path}/{below}") if below else path
                    if isinstance(leaf, File):
                        self._attach(place, leaf)
                    else:
                        self.sink.append(SetValue(path=place, value=leaf))

    def append(self, path: Path, value: object, *, step: object, timestamp: object, caption: str | None = None) -> None:
        """Write one point, or one to each series that a dict names."""
        with self.guard:
            at = self.clock_ns() // _NS_PER_MS if timestamp is None else milliseconds_of(timestamp)
            number = None if step is None else step_of(step)
            entries = entries_of(value)
            if entries is not None:
                for key, below in entries.items():
                    self.append(parse_path(f"{path}/{key}"), below, step=step, timestamp=at / 1000, caption=caption)
                return
            self._append(self.track(path), value, number, at, caption)

    def extend(self, path: Path, values: object, *, steps: Iterable[object] | None, timestamps: object) -> None:
        """Write several points, or several to each series that a dict names."""
        with self.guard:
            entries = entries_of(values)
            if entries is not None:
                for key, below in entries.items():
                    self.extend(parse_path(f"{path}/{key}"), below, steps=steps, timestamps=timestamps)
                return
            points = _listed("values", values)
            all_steps = [None] * len(points) if steps is None else _listed("steps", steps)
            times = [None] * len(points) if timestamps is None else _listed("timestamps", timestamps)
            if not len(points) == len(all_steps) == len(times):
                message = (
                    f"extend() was given {len(points)} values, {len(all_steps)} steps and {len(times)} timestamps; "
                    "nothing was stored. Give one of each per point."
                )
                raise UnsupportedTypeError(message)
            for value, step, timestamp in zip(points, all_steps, times, strict=True):
                self.append(path, value, step=step, timestamp=timestamp)

    def attach(self, path: Path, file: object) -> None:
        """Store a file: a path, a `File`, or something that is plainly a picture."""
        with self.guard:
            wanted = File(file) if isinstance(file, (str, FilePath)) else leaf_of(file)
            if not isinstance(wanted, File):
                message = f"A {type(file).__name__} is not a file. Use upload('name.txt') or File.from_content(...)."
                raise UnsupportedTypeError(message)
            self._attach(path, wanted)

    def attach_all(self, path: Path | None, patterns: str | Iterable[str], directory: FilePath) -> None:
        """Store every file that the patterns match, below `path`."""
        with self.guard:
            wanted = [patterns] if isinstance(patterns, str) else list(patterns)
            for name, file in files_of(wanted, directory):
                with self.guard:
                    self._attach(parse_path(f"{path}/{name}" if path else name), File(file))

    def edit_set(self, path: Path, *, add: object = (), remove: object = ()) -> None:
        """Add strings to a set, or remove some."""
        with self.guard:
            self.sink.append(EditSet(path=path, add=_strings(add), remove=_strings(remove)))

    def delete(self, path: Path) -> None:
        """Remove what is at `path` and below; series begin again at step 0."""
        with self.guard:
            self.sink.append(Delete(path=path))
            for track in list(self._tracks.values()):
                if track.path == path or track.path.startswith(f"{path}/"):
                    track.next_step = 0.0

    def _append(self, track: Track, value: object, step: float | None, at: int, caption: str | None) -> None:
        if isinstance(value, str):
            step = self.sink.take_step(track, step)
            strings = StringPoints(steps=[step], times=[at], values=[text_of(value)])
            self.sink.append(Append(path=track.path, points=strings))
            return
        if not isinstance(value, (int, float)):
            leaf = leaf_of(value)
            if isinstance(leaf, File):
                stored = self._stage(track.path, leaf, caption)
                step = self.sink.take_step(track, step)
                self.sink.append(Append(path=track.path, points=FilePoints(steps=[step], times=[at], values=[stored])))
                return
            if isinstance(leaf, str):
                self._append(track, leaf, step, at, caption)
                return
        self.sink.append_float(track, number_of(value), step, at)

    def _attach(self, path: Path, file: File) -> None:
        self.sink.append(AttachFile(path=path, file=self._stage(path, file, None)))

    def _stage(self, path: Path, file: File, caption: str | None) -> StoredFile:
        if file.content is not None:
            sha256, size = self.sink.stage_bytes(file.content)
        elif file.path is not None:
            sha256, size = self.sink.stage_file(file.path)
        else:
            message = "a File has a path or content"
            raise AssertionError(message)
        return StoredFile(
            sha256=sha256, filename=file.filename(path), media_type=file.media_type, size=size, caption=caption
        )


def _listed(name: str, values: object) -> list[object]:
    if isinstance(values, Iterable) and not isinstance(values, (str, bytes)):
        return list(values)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    message = (
        f"{name} must be a list, but it is a {type(values).__name__}; nothing was stored. Pass [{name[:-1]}, ...]."
    )
    raise UnsupportedTypeError(message)


def _strings(values: object) -> tuple[str, ...]:
    if isinstance(values, str):
        return (values,)
    return tuple(str(value) for value in _listed("tags", values))
