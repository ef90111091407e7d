"""Many files as one archive, in which no name leads elsewhere."""

from __future__ import annotations

import io
import zipfile
from uuid import uuid4

from asking import HttpWriter
from marigram.server.api.zips import names_in_archive
from one_of_everything import Api
from operations import attach, create, file_of


def test_names_stay_below_the_folder_and_differ() -> None:
    asked = [
        ("a", "x.txt"),
        ("a/b", "y.txt"),
        ("a/../../../etc/passwd", "z"),
        ("c:\\windows/.. ./x", "x"),
        ("A.TXT", "x.txt"),
        ("model.pt", "model.pt"),
        ("d", "d"),
        ("d/e", "e"),
    ]
    names = names_in_archive(asked)
    assert names[:3] == ["a.txt", "a/b.txt", "a/__/__/__/etc/passwd"]
    assert len({name.casefold() for name in names}) == len(names)
    folders = {name.rpartition("/")[0].casefold() for name in names}
    assert not folders & {name.casefold() for name in names}
    for name in names:
        assert not set(name) & set('\\:*?"<>|')
        assert all(segment.strip(". ") for segment in name.split("/"))


def test_a_folder_comes_as_one_archive_and_no_other_files_do(api: Api) -> None:
    contents = {"out/a": b"first", "out/deep/b.bin": bytes(range(256)) * 4096, "outer": b"not this one"}
    writer = HttpWriter(api.url, run=uuid4().hex)
    for content in contents.values():
        assert writer.upload(file_of(content).sha256, content).status == 201
    writer.write(create(), *(attach(path, file_of(content, "name.txt")) for path, content in contents.items()))
    answer = api.get(f"/runs/{writer.run}/zip", prefix="out")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].endswith("''out.zip")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {"out/a.txt": contents["out/a"], "out/deep/b.bin.txt": contents["out/deep/b.bin"]}
    with zipfile.ZipFile(io.BytesIO(api.get(f"/runs/{writer.run}/zip").body)) as archive:
        assert len(archive.namelist()) == 3
    assert api.get(f"/runs/{writer.run}/zip", prefix="nothing/here").status == 404


def test_texts_are_downloaded_and_found_by_time(api: Api) -> None:
    answer = api.run("/text", path="log")
    assert (answer.status, answer.body) == (200, b"one\ntwo\nNaN\n")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert api.run("/points/step", path="log", time=0).json() == {"step": 1.0}
    assert api.run("/points/step", path="log", time=2**52).json() == {"step": None}
    assert api.run("/points/step", path="train/loss", time=0).status == 404
