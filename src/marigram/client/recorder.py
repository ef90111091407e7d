"""Turns what the user says into operations on a sink. Nothing here raises into the training: the guard sees to that."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

import msgspec

from marigram.client.casting import leaf_of, milliseconds_of, point_of, step_of, text_of
from marigram.client.columns import floats_of, listed, steps_of, strings_of, times_of
from marigram.client.errands import Errands
from marigram.client.errors import QueueFullError, UnsupportedTypeError
from marigram.client.file import File
from marigram.client.guard import Guard
from marigram.client.histogram import Histogram
from marigram.client.nesting import entries_of
from marigram.client.provenance import files_of
from marigram.client.sink import Sink
from marigram.client.track import MAX_ROW_POINTS, Track, Tracks
from marigram.client.typed import FileSeries, FileSet, Series, Stringified, StringSet
from marigram.model import (
    Append,
    AttachFile,
    Delete,
    EditSet,
    FilePoints,
    FloatPoints,
    HistogramPoints,
    InvalidPathError,
    Path,
    SetValue,
    StringPoints,
    parse_path,
)
from marigram.model import File as StoredFile

if TYPE_CHECKING:
    from marigram.client.tracking import TrackedFile

_NS_PER_MS = 1_000_000
_ROWS = 20_000
"""Rows of one operation: half a megabyte in the queue, far below what a record may hold."""

_STRING_ROWS = 500
_LONG_TEXT, _LONG_TEXT_ROWS = 4000, 4
"""A text may have a megabyte, and a record of the queue 16."""

_MAX_ROW_KINDS = 256
"""Different sets of names that are remembered. Who makes new names in each step shall not fill the memory with them."""

_STR = frozenset({str})
_NUMBERS = frozenset({float, int})

UNFINISHED = (
    "Files given to track_files were still being hashed at the end; those are not stored. Call wait() before stop(), "
    "or give stop() more seconds."
)
_SETS = frozenset({"sys/tags", "sys/group_tags"})


class Recorder:
    """Says things about one run. Safe to use from any thread."""

    def __init__(self, *, sink: Sink, guard: Guard, clock_ns: Callable[[], int]) -> None:
        """Take where operations go, the guard, and a clock in nanoseconds since 1970-01-01 UTC."""
        self.sink = sink
        self.guard = guard
        self.clock_ns = clock_ns
        self._tracks: dict[Path, Track] = {}
        self._rows: dict[tuple[str, ...], Tracks | None] = {}
        self._sets: set[str] = set(_SETS)
        self.errands = Errands(guard)
        self._artifacts: dict[Path, tuple[TrackedFile, ...]] = {}

    def track(self, path: Path) -> Track:
        """Return the one track of a path."""
        track = self._tracks.get(path)
        if track is None:
            track = self._tracks.setdefault(path, Track(path))
        return track

    def assign(self, path: Path | None, value: object) -> None:
        """Set a value, attach a file, write a series anew, or do so for everything in a namespace; None: from the top.

        What cannot be stored is dropped alone, and all the rest of a namespace is stored.
        """
        with self.guard.at(path):
            if isinstance(value, Series) and path is not None:
                self.delete(path)
                self.extend(path, value, steps=None, timestamps=None)
                return
            if isinstance(value, FileSet):
                self.attach_all(path, value.file_globs, FilePath.cwd())
                return
            entries = entries_of(value)
            if entries is not None:
                for key, below in entries.items():
                    with self.guard.at(f"{path}/{key}" if path else str(key)):
                        self.assign(parse_path(f"{path}/{key}" if path else str(key)), below)
                return
            if path is None:
                message = f"A {type(value).__name__} has no names to store it under. Pass a dict, or use run['path']."
                raise UnsupportedTypeError(message)
            self._assign_leaf(path, value)

    def append(self, path: Path, value: object, *, step: object, timestamp: object, caption: str | None = None) -> None:
        """Write one point, or one to each series that a namespace names."""
        try:  # and not `with`: a call costs less so
            at = self.clock_ns() // _NS_PER_MS if timestamp is None else milliseconds_of(timestamp)
            number = None if step is None else step_of(step)
            self._append_all(path, value, number, at, caption)
        except Exception as error:  # noqa: BLE001 the guard decides; see guard.py
            self.guard.caught(error, path)

    def extend(
        self,
        path: Path,
        values: object,
        *,
        steps: Iterable[object] | None,
        timestamps: object,
        caption: str | None = None,
    ) -> None:
        """Write several points, or several to each series that a namespace names."""
        with self.guard.at(path):
            if isinstance(values, Series):
                steps = values.steps if steps is None else steps
                timestamps = values.timestamps if timestamps is None else timestamps
                if isinstance(values, FileSeries):
                    caption = caption_of(values.name, values.description)
                values = values.values
            entries = entries_of(values)
            if entries is not None:
                for key, below in entries.items():
                    with self.guard.at(f"{path}/{key}"):
                        self.extend(
                            parse_path(f"{path}/{key}"), below, steps=steps, timestamps=timestamps, caption=caption
                        )
                return
            if isinstance(values, Stringified):
                values = [Stringified(value) for value in listed("values", values.value)]
            self._extend(path, listed("values", values), steps, timestamps, caption)

    def attach(self, path: Path, file: object) -> None:
        """Store a file: a path, a `File`, or what can be one."""
        with self.guard.at(path):
            self._attach(path, File.create_from(file))

    def attach_all(
        self, path: Path | None, patterns: str | os.PathLike[str] | Iterable[str], directory: FilePath
    ) -> None:
        """Store every file that the patterns match, below `path`."""
        with self.guard.at(path):
            one = isinstance(patterns, (str, os.PathLike))
            wanted = [os.fspath(patterns)] if one else [os.fspath(pattern) for pattern in patterns]
            found = 0
            for name, file in files_of(wanted, directory):
                found += 1
                with self.guard.at(f"{path}/{name}" if path else name):
                    self._attach(parse_path(f"{path}/{name}" if path else name), File(file))
            if not found:
                message = f"No file matches {', '.join(wanted)} in {directory}; nothing is uploaded. Check them."
                raise FileNotFoundError(message)

    def track_files(self, path: Path, place: str, destination: str | None) -> None:
        """Refer to files by hash and place; those of earlier calls of this process for the same path stay.

        The files are read in the background, so this returns at once.
        """

        def errand() -> None:
            from marigram.client.tracking import ARTIFACT_MEDIA_TYPE, find_files, manifest_of

            files = [*self._artifacts.get(path, ()), *find_files(place, destination)]
            manifest = manifest_of(files)
            self._artifacts[path] = manifest.files
            content = msgspec.json.encode(manifest)
            sha256, size = self.sink.stage_bytes(content)
            name = f"{path.rpartition('/')[2]}.artifact.json"
            stored = StoredFile(sha256=sha256, filename=name, media_type=ARTIFACT_MEDIA_TYPE, size=size)
            self.sink.append(AttachFile(path=path, file=stored))

        self.errands.start(errand)

    def edit_set(self, path: Path, *, add: object = (), remove: object = ()) -> None:
        """Add strings to a set, or remove some."""
        with self.guard.at(path):
            self._sets.add(path)
            self.sink.append(EditSet(path=path, add=_strings(add), remove=_strings(remove)))

    def clear(self, path: Path) -> None:
        """Empty what is at `path`: a set stays as an empty one, a series begins again at step 0."""
        with self.guard.at(path):
            if path in self._sets:
                self.sink.append(SetValue(path=path, value=frozenset()))
            else:
                self.delete(path)

    def delete(self, path: Path) -> None:
        """Remove what is at `path` and below; series begin again at step 0."""
        with self.guard.at(path):
            self.sink.append(Delete(path=path))
            for artifact in [place for place in self._artifacts if place == path or place.startswith(f"{path}/")]:
                self._artifacts.pop(artifact, None)
            for track in list(self._tracks.values()):
                if track.path == path or track.path.startswith(f"{path}/"):
                    track.next_step = 0.0

    def finish(self, *, timeout_s: float) -> bool:
        """Wait at most so many seconds for what is done in the background; return whether all of it is done."""
        return self.errands.finish(timeout_s=timeout_s)

    def after_fork(self) -> None:
        """In a forked child: forget the parent's errands."""
        self.errands.after_fork()

    def _assign_leaf(self, path: Path, value: object) -> None:
        leaf = leaf_of(value)
        if isinstance(leaf, frozenset):
            self._sets.add(path)
        if isinstance(leaf, File):
            self._attach(path, leaf)
        else:
            self.sink.append(SetValue(path=path, value=leaf))

    def _append_all(self, path: Path, value: object, step: float | None, at: int, caption: str | None) -> None:
        if type(value) is dict and self.append_row(path, cast("dict[Any, Any]", value), step, at):
            return
        value = cast("object", value)
        entries = entries_of(value)
        if entries is None:
            self._append(self.track(path), value, step, at, caption)
            return
        for key, below in entries.items():
            with self.guard.at(f"{path}/{key}"):
                self._append_all(parse_path(f"{path}/{key}"), below, step, at, caption)

    def append_row(self, path: Path, values: dict[Any, Any], step: float | None, at: int) -> bool:
        """Write a dict of plain numbers as one record; return False, with nothing written, if it is not one.

        Raises:
            Exception: whatever the sink raises, for the guard.
        """
        if not (_NUMBERS.issuperset(map(type, values.values())) or _all_float_or_int(values.values())):
            return False
        if not _STR.issuperset(map(type, values)):
            return False  # keys that are equal to a text need not look like it
        names = (path, *values)
        try:
            tracks = self._rows.get(names) or self._make_tracks(names)
            return tracks is not None and self.sink.append_row(tracks, values.values(), step, at)
        except (QueueFullError, OverflowError, struct.error):
            return False  # one by one, those that fit are kept, and each of the others is counted

    def _make_tracks(self, names: tuple[str, ...]) -> Tracks | None:
        """Return what is written together below the first of the names; None for what had better be written alone."""
        if names in self._rows or len(self._rows) >= _MAX_ROW_KINDS:
            return self._rows.get(names)
        above, *below = names
        try:
            paths = [parse_path(f"{above}/{name}") for name in below]
        except InvalidPathError:
            paths = []
        fit = 0 < len(paths) == len(set(paths)) <= MAX_ROW_POINTS
        tracks = Tracks(tuple(self.track(path) for path in paths)) if fit else None
        return self._rows.setdefault(names, tracks)

    def _append(self, track: Track, value: object, step: float | None, at: int, caption: str | None) -> None:
        if isinstance(value, Histogram):
            shape = value.stored()
            step = self.sink.take_step(track, step)
            points = HistogramPoints(steps=[step], times=[at], values=[shape])
            self.sink.append(Append(path=track.path, points=points))
            return
        if isinstance(value, str):
            self._append_strings(track, [text_of(value)], [self.sink.take_step(track, step)], [at])
            return
        point = point_of(value)
        if isinstance(point, str):
            self._append_strings(track, [point], [self.sink.take_step(track, step)], [at])
        elif isinstance(point, File):
            stored = self._stage(track.path, point, caption)
            step = self.sink.take_step(track, step)
            self.sink.append(Append(path=track.path, points=FilePoints(steps=[step], times=[at], values=[stored])))
        else:
            self.sink.append_float(track, point, step, at)

    def _extend(self, path: Path, values: list[Any], steps: object, timestamps: object, caption: str | None) -> None:
        wanted = None if steps is None else steps_of(listed("steps", steps))
        times = (
            [self.clock_ns() // _NS_PER_MS] * len(values)
            if timestamps is None
            else times_of(listed("timestamps", timestamps))
        )
        if not len(times) == len(values) == (len(values) if wanted is None else len(wanted)):
            message = (
                f"extend() was given {len(values)} values, {len(values) if wanted is None else len(wanted)} steps and "
                f"{len(times)} timestamps; nothing was stored. Give one of each per point."
            )
            raise UnsupportedTypeError(message)
        track = self.track(path)
        floats, strings = floats_of(values), strings_of(values)
        if floats is None and strings is None:
            for place, value in enumerate(values):
                with self.guard.at(path):
                    self._append(track, value, None if wanted is None else wanted[place], times[place], caption)
            return
        if wanted is None:
            # Each step is taken by itself: another thread may write to the same series meanwhile.
            wanted = [self.sink.take_step(track, None) for _ in values]
        else:
            self.sink.take_step(track, max(wanted))
        if floats is not None:
            for start in range(0, len(floats), _ROWS):
                rows = slice(start, start + _ROWS)
                points = FloatPoints(steps=wanted[rows], times=times[rows], values=floats[rows])
                self.sink.append(Append(path=path, points=points))
        else:
            texts = [text_of(text) for text in strings or ()]
            size = _STRING_ROWS if max(map(len, texts)) < _LONG_TEXT else _LONG_TEXT_ROWS
            for start in range(0, len(texts), size):
                rows = slice(start, start + size)
                self._append_strings(track, texts[rows], wanted[rows], times[rows])

    def _append_strings(self, track: Track, texts: list[str], steps: list[float], times: list[int]) -> None:
        self.sink.append(Append(path=track.path, points=StringPoints(steps=steps, times=times, values=texts)))

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


def caption_of(name: str | None, description: str | None) -> str | None:
    """Return the caption of a file that has a name, a description, both or neither."""
    return ": ".join(part for part in (name, description) if part) or None


def _all_float_or_int(values: Iterable[object]) -> bool:
    """Return whether all are ints or kinds of float, such as NumPy's float64."""
    return all(isinstance(value, float) or type(value) is int for value in values)


def _strings(values: object) -> tuple[str, ...]:
    if isinstance(values, StringSet):
        return tuple(sorted(cast("frozenset[str]", values.value)))
    if isinstance(values, str):
        return (values,)
    return tuple(str(value) for value in listed("tags", values))
