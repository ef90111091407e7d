"""What the disk has lost is named, and everything else is served."""

from __future__ import annotations

import http.client
import random

import pytest

from asking import HttpWriter, ask
from conftest import StartServer
from damaging import blob_place, break_series, flip, move_to_blocks
from operations import RUN, attach, create, file_of, files, floats, put, strings
from running_server import RunningServer

OTHER = "e" * 32
SMALL = b"a small file"
LARGE = random.Random(1).randbytes(2_000_000)
LATE = 1_500_000


@pytest.fixture
def damaged(start_server: StartServer) -> RunningServer:
    """A server whose disk has lost floats and a file of one run, and the middle of a large file."""
    server = start_server()
    for run in (RUN, OTHER):
        writer = HttpWriter(server.url, run=run)
        for content in (SMALL, LARGE):
            assert writer.upload(file_of(content).sha256, content).status == 201
        writer.write(
            create(),
            put("params/lr", 0.1),
            floats("train/loss", [1, 2, 3], random.Random(run).choices(range(1_000_000), k=3)),
            strings("log", [1, 2], ["one", "two"]),
            files("pictures", [1], [file_of(SMALL)]),
            attach("model", file_of(LARGE)),
        )
    server.stop()
    move_to_blocks(server.data / "points.db")
    break_series(server.data / "points.db", RUN, "float_series")
    flip(blob_place(server.data, file_of(SMALL).sha256), 3)
    flip(blob_place(server.data, file_of(LARGE).sha256), LATE)
    server.start()
    return server


def test_damage_is_named_and_the_rest_is_served(damaged: RunningServer) -> None:
    def get(run: str, what: str, **question: object) -> tuple[int, dict[str, object]]:
        answer = ask(damaged.url, f"/api/v1/runs/{run}/{what}", **question)
        return answer.status, answer.json()

    status, problem = get(RUN, "points", path="train/loss")
    assert (status, problem["code"]) == (500, "damaged")
    assert "Points of 'train/loss' of run CATS-1 of lab/cats are damaged" in str(problem["message"])
    assert "marigram doctor" in str(problem["message"])
    question = {"run": [RUN], "path": ["train/loss"], "max_buckets": 2}
    answer = ask(damaged.url, "/api/v1/series/buckets", **question)
    assert (answer.status, answer.json()["code"]) == (500, "damaged")
    assert "train/loss" in answer.json()["message"]

    assert get(RUN, "points", path="log")[0] == 200
    assert get(RUN, "attributes")[0] == 200
    assert get(OTHER, "points", path="train/loss")[1]["total"] == 3
    assert ask(damaged.url, "/api/v1/projects/lab/cats/runs", column=["train/loss"]).status == 200
    assert ask(damaged.url, "/api/v1/series/buckets", run=[OTHER], path=["train/loss"]).status == 200

    status, problem = get(RUN, "file", path="pictures")
    assert (status, problem["code"]) == (500, "damaged")
    assert "file at 'pictures' of run CATS-1 of lab/cats is damaged" in str(problem["message"])


def test_a_large_file_is_cut_off_before_its_damage(damaged: RunningServer) -> None:
    with pytest.raises(http.client.IncompleteRead) as cut:
        ask(damaged.url, f"/api/v1/runs/{RUN}/file", path="model")
    assert LARGE.startswith(cut.value.partial)
    assert len(cut.value.partial) <= LATE


def test_a_new_upload_mends_a_file(damaged: RunningServer) -> None:
    assert HttpWriter(damaged.url).upload(file_of(SMALL).sha256, SMALL).status == 201
    assert ask(damaged.url, f"/api/v1/runs/{RUN}/file", path="pictures").body == SMALL
