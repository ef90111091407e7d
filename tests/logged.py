"""A server's content for the tests of the run page, written as a syncer would send it: exact and quick."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from asking import HttpWriter
from marigram.model import Append, File, FilePoints, Operation, RunStatus, SetStatus, StringPoints, parse_path
from operations import CREATED_AT, attach, create, floats, put

PROJECT = "lab/pages"
RUN = "ab" * 16
WIDE = "cd" * 16
WIDTH = 10_000
LINES = 100_000
ERRORS = 500
"""Lines of the standard error output, spread evenly among the others."""

STDOUT, STDERR = "monitoring/m/stdout", "monitoring/m/stderr"
NEEDLE = 12_345
"""The step of the only line that holds the word `needle`, half of it in another colour."""


def write_logged(url: str) -> None:
    """Write the run that the tests look at."""
    writer = HttpWriter(url, run=RUN)
    writer.write(create(PROJECT), put("sys/name", "everything"))
    for operation in _console():
        writer.write(operation)
    writer.write(*_values())
    _write_wide(url)
    writer.write(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + LINES))


def _values() -> list[Operation]:
    values = {
        "learning_rate": 0.02,
        "layers": 3,
        "amp": True,
        "net": "conv",
        "augmentations": frozenset({"flip", "crop"}),
    }
    return [
        *(put(f"parameters/{name}", value) for name, value in values.items()),
        floats("train/loss", list(range(50)), [1 / (at + 1) for at in range(50)]),
    ]


def _write_wide(url: str) -> None:
    """Write a run of ten thousand attributes."""
    writer = HttpWriter(url, run=WIDE)
    writer.write(create(PROJECT), *(put(f"weights/layer{at // 100}/w{at % 100}", at / 7) for at in range(WIDTH)))


def _console() -> list[Operation]:
    lines = [f"\x1b[3{at % 8}mepoch {at // 1000}\x1b[0m batch {at} of {LINES}" for at in range(1, LINES + 1)]
    lines[NEEDLE - 1] = "here is the nee\x1b[31mdle\x1b[0m"
    every = LINES // ERRORS
    found: list[Operation] = []
    for start in range(0, LINES, 20_000):
        steps = range(start + 1, start + 20_001)
        found.append(_texts(STDOUT, list(steps), [CREATED_AT + at for at in steps], lines[start : start + 20_000]))
    steps = range(1, ERRORS + 1)
    # Each is half a step behind a line of the standard output.
    warnings = [f"warning {at}" for at in steps]
    found.append(_texts(STDERR, list(steps), [CREATED_AT + at * every for at in steps], warnings))
    return found


def _texts(path: str, steps: Sequence[float], times: list[int], values: list[str]) -> Append:
    points = StringPoints(steps=[float(step) for step in steps], times=times, values=values)
    return Append(path=parse_path(path), points=points)


def upload(writer: HttpWriter, content: bytes, filename: str, media_type: str, caption: str | None = None) -> File:
    """Upload bytes and return the file that names them."""
    sha256 = hashlib.sha256(content).hexdigest()
    assert writer.upload(sha256, content).status in {200, 201}
    return File(sha256=sha256, filename=filename, media_type=media_type, size=len(content), caption=caption)


def pictures(path: str, steps: Sequence[float], files: list[File]) -> Append:
    """Return files of a series."""
    points = FilePoints(steps=list(steps), times=[CREATED_AT + int(step) for step in steps], values=files)
    return Append(path=parse_path(path), points=points)


__all__ = ["attach", "pictures", "upload", "write_logged"]
