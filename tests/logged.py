"""A server's content for the tests of the run page, written as a syncer would send it: exact and quick."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence

from asking import HttpWriter
from marigram.model import (
    Append,
    CreateRun,
    File,
    FilePoints,
    Fork,
    Operation,
    ProjectName,
    RunStatus,
    SetStatus,
    StringPoints,
    parse_path,
)
from operations import CREATED_AT, attach, create, floats, put

PROJECT = "lab/pages"
RUN = "ab" * 16
WIDE = "cd" * 16
FORK = "ef" * 16
WIDTH = 10_000
GROUP = 'sweep "7"'
LINES = 100_000
ERRORS = 500
"""Lines of the standard error output, spread evenly among the others."""

STDOUT, STDERR = "monitoring/m/stdout", "monitoring/m/stderr"
NEEDLE = 12_345
"""The step of the only line that holds the word `needle`, half of it in another colour."""


def write_logged(url: str) -> None:
    """Write the run that the tests look at."""
    writer = HttpWriter(url, run=RUN)
    writer.write(create(PROJECT), put("sys/name", "everything"), put("sys/group", GROUP))
    writer.write(put("monitoring/m/pid", 7), put("monitoring/n/pid", 8))
    for operation in _console():
        writer.write(operation)
    writer.write(*_values())
    writer.write(*_media(writer), *_source(writer), *_files(writer))
    _write_fork(url)
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


HOSTILE = b"""<!doctype html><meta charset="utf-8"><p id="found"></p><script>
const found = [`origin ${self.origin}`];
const attempt = (name, act) => {
  try { act(); found.push(`${name} reached`); } catch { found.push(`${name} refused`); }
};
attempt("app", () => parent === self ? document.cookie : parent.document.body);
attempt("storage", () => localStorage.length);
fetch("/api/v1/projects").then(() => "reached", () => "refused").then((said) => {
  document.getElementById("found").textContent = [...found, `server ${said}`].join(", ");
});
</script>"""
"""A page that tries what a page of the app could do, and says what became of it."""


def _media(writer: HttpWriter) -> list[Operation]:
    squares = {shade: _square(shade) for shade in (0, 80, 160, 240)}
    shades = {
        shade: upload(writer, png, f"{shade}.png", "image/png", f"shade {shade}") for shade, png in squares.items()
    }
    table = b'name,score\n"cat, grey",0.9\ndog,0.8\n'
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><script>parent.pwned = 1</script>'
    return [
        pictures("samples/input", [0, 10, 20], [shades[0], shades[80], shades[160]]),
        pictures("samples/mask", [5, 20], [shades[240], shades[0]]),
        attach("samples/sound", upload(writer, _silence(), "sound.wav", "audio/wav")),
        attach("report/page", upload(writer, HOSTILE, "page.html", "text/html")),
        attach("report/scores", upload(writer, table, "scores.csv", "text/csv")),
        attach("report/drawing", upload(writer, svg + b'<circle r="30" fill="red"/></svg>', "a.svg", "image/svg+xml")),
    ]


SCRIPT = '"""Train."""\n\ndef train(rate=1e-3):  # slow\n' + "".join(f"    step({at})\n" for at in range(3000))
DIFF = """diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -1,3 +1,4 @@
 import torch
-rate = 0.1
+rate = 0.2
+print(rate)
 step()
diff --git a/notes.md b/notes.md
new file mode 100644
--- /dev/null
+++ b/notes.md
@@ -0,0 +1 @@
+Slower is better.
"""


def _source(writer: HttpWriter) -> list[Operation]:
    values = {"commit": "0123456789" * 4, "branch": "slower", "message": "Try a rate", "remote": "https://git.lab/cats"}
    return [
        put("source_code/entrypoint", "train.py"),
        *(put(f"source_code/git/{name}", value) for name, value in values.items()),
        put("source_code/git/dirty", True),
        attach("source_code/files/train.py", upload(writer, SCRIPT.encode(), "train.py", "text/x-python")),
        attach("source_code/files/conf/a.yaml", upload(writer, b"rate: 0.2 # slow\n", "a.yaml", "text/yaml")),
        attach("source_code/diff", upload(writer, DIFF.encode(), "diff", "text/x-diff")),
        attach("source_code/requirements", upload(writer, b"numpy==2.0\n", "requirements.txt", "text/plain")),
    ]


def _square(shade: int) -> bytes:
    """Return a PNG of 8 x 8 pixels of one grey."""
    rows = (b"\0" + bytes([shade]) * 8) * 8

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def _silence() -> bytes:
    """Return a WAV file of a tenth of a second."""
    data = bytes(800)
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", len(data)
    )
    return head + data


def _files(writer: HttpWriter) -> list[Operation]:
    return [
        attach("out/result", upload(writer, b'{"f1": 0.97, "of": [1, null]}', "result.json", "application/json")),
        attach("out/deep/paper", upload(writer, b"%PDF-1.4 (not much of one)", "paper.pdf", "application/pdf")),
        attach("out/deep/weights", upload(writer, bytes(5000), "weights.pt", "application/octet-stream")),
    ]


def _write_fork(url: str) -> None:
    """Write a run that goes on from the middle of the first one, and belongs to its group."""
    writer = HttpWriter(url, run=FORK)
    fork = Fork(run_id=RUN, step=25.0)
    writer.write(CreateRun(project=ProjectName(PROJECT), created_at=CREATED_AT, fork=fork))
    writer.write(put("sys/name", "another way"), put("sys/group", GROUP))
    writer.write(SetStatus(status=RunStatus.FINISHED, at=CREATED_AT + 1))


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
