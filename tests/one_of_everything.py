"""One run that has something of every kind, and short ways to ask a server about it."""

from __future__ import annotations

import math
from datetime import datetime, timezone

from asking import Answer, HttpWriter, ask
from marigram.model import Append, File, FloatPoints, RunStatus, SetStatus, parse_path
from operations import CREATED_AT, RUN, attach, create, edit, file_of, files, floats, put, strings

CAT = file_of(b"\x89PNG cat", "cat 1.png", "image/png")
PAGE = file_of("<script>alert('é')</script>".encode(), 'a"b;\n…ü.html', "text/html")


class Api:
    """The read API of a server that has one run, and shorter ways to ask it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, /, **question: object) -> Answer:
        """Ask the read API."""
        return ask(self.url, f"/api/v1{path}", **question)

    def run(self, path: str = "", /, **question: object) -> Answer:
        """Ask about the run."""
        return self.get(f"/runs/{RUN}{path}", **question)


def write_one_of_everything(url: str) -> None:
    """Write the run that the tests of this folder read."""
    writer = HttpWriter(url)
    for file, content in ((CAT, b"\x89PNG cat"), (PAGE, "<script>alert('é')</script>".encode())):
        assert writer.upload(file.sha256, content).status == 201
    odd = FloatPoints(steps=[1.0, 2.0, 3.0, 4.0], times=[10, 20, 30, 40], values=[math.nan, math.inf, -math.inf, 0.5])
    writer.write(
        create(),
        put("sys/name", "first"),
        edit("sys/tags", add=["b", "a"]),
        put("params/lr", 0.1),
        put("params/layers", 3),
        put("params/bias", True),
        put("params/net", "conv"),
        put("params/seen", datetime(2024, 2, 29, 1, 2, 3, 4_000, tzinfo=timezone.utc)),
        put("params/names", frozenset({"y", "x"})),
        put("params/nan", math.nan),
        put("params/inf", -math.inf),
        put("params/big", 2**70),
        floats("train/loss", [at / 2 for at in range(2000)], [math.sin(at) for at in range(2000)]),
        Append(path=parse_path("train/odd"), points=odd),
        strings("log", [1, 2, 3], ["one", "two", "NaN"]),
        files("pictures", [1, 2.5], [CAT, PAGE]),
        attach("page", PAGE),
        attach("cat", CAT),
        SetStatus(status=RunStatus.FAILED, at=CREATED_AT + 9, exit_code=1, failure="ValueError: no"),
    )


def as_json(file: File) -> dict[str, object]:
    """Return a file as the API shows it."""
    shown = {"sha256": file.sha256, "filename": file.filename, "media_type": file.media_type, "size": file.size}
    return {**shown, "caption": file.caption}
