"""Going on from an earlier step: what may be asked for, where counters begin, and what is sent first."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

import pytest

import marigram
from marigram.client.backlog import Backlog
from marigram.client.errors import SettingError
from marigram.client.history import History, check_history, rewind_of, settle, steps_after
from marigram.client.position import Position, save_position
from marigram.client.reader import Attribute, SeriesEnd
from marigram.model import Fork, Kind, Path, Rewind
from unit.client.making import a_queue, everything

MONITORING = Path("monitoring/1234")
NOTHING: dict[str, Any] = {
    "rewind_to": None,
    "fork_run_id": None,
    "fork_step": None,
    "resumes": False,
    "with_id": False,
}


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ({"fork_run_id": "CATS-1"}, "fork_step"),
        ({"fork_step": 3}, "fork_run_id"),
        ({"fork_run_id": "CATS-1", "fork_step": 3, "rewind_to": 1, "resumes": True}, "Rewind a run, or fork it"),
        ({"fork_run_id": "CATS-1", "fork_step": 3, "with_id": True}, "leave with_id out"),
        ({"fork_run_id": 7, "fork_step": 3}, "'CATS-12'"),
        ({"fork_run_id": "CATS-1", "fork_step": float("nan")}, "fork_step=500"),
        ({"rewind_to": 3}, "with_id='KEY-1'"),
        ({"rewind_to": "3", "resumes": True}, "rewind_to=500"),
        ({"rewind_to": float("inf"), "resumes": True}, "finite"),
    ],
)
def test_what_does_not_go_together_is_said_with_the_way_to_put_it_right(arguments: dict[str, Any], advice: str) -> None:
    with pytest.raises(SettingError, match=advice):
        check_history(**{**NOTHING, **arguments})


def test_a_rewind_leaves_the_console_alone_wherever_it_is() -> None:
    history = check_history(**{**NOTHING, "rewind_to": 3, "resumes": True})
    assert rewind_of(history, MONITORING) == Rewind(after_step=3.0, keep=(Path("monitoring"),))
    kept = (Path("monitoring"), Path("system"))
    assert rewind_of(history, Path("system")) == Rewind(after_step=3.0, keep=kept)
    assert rewind_of(History(), MONITORING) is None


def test_counters_go_on_after_the_last_step_that_stays() -> None:
    attributes = [
        Attribute(path=path, kind=Kind.FLOAT_SERIES, series=SeriesEnd(last_step=last))
        for path, last in (("train/loss", 9.0), ("val/loss", 2.0), ("monitoring/1/stdout", 70.0))
    ] + [Attribute(path="lr", kind=Kind.FLOAT, value=0.1)]
    assert steps_after(attributes, up_to=4.0, monitoring=MONITORING) == {
        "train/loss": 5.0,
        "val/loss": 3.0,
        "monitoring/1/stdout": 71.0,
    }
    assert steps_after(attributes, up_to=None, monitoring=MONITORING)[Path("train/loss")] == 10.0


def test_nothing_is_waited_for_when_nothing_is_left(tmp_path: FilePath) -> None:
    settle(tmp_path / "nothing", send=lambda: pytest.fail("nothing is to be sent"))


def test_what_earlier_processes_left_is_sent_and_waited_for(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    queue.append(Rewind(after_step=1.0))
    asked: list[bool] = []

    def send() -> None:
        asked.append(True)
        save_position(queue.directory, Position(durable_seq=queue.last_seq))

    settle(queue.directory.parent, send=send)
    assert asked == [True]


def test_what_cannot_be_sent_is_said(tmp_path: FilePath) -> None:
    queue = a_queue(tmp_path)
    queue.append(Rewind(after_step=1.0))
    with pytest.raises(SettingError, match="marigram sync"):
        settle(queue.directory.parent, send=lambda: None, timeout_s=0.0)


@pytest.mark.parametrize("fork", ["a" * 32, "CATS-1"])
def test_an_offline_fork_needs_the_id_of_its_parent(fork: str, tmp_path: FilePath) -> None:
    arguments: dict[str, Any] = {"capture_stdout": False, "capture_stderr": False, "source_files": [], "git_ref": False}
    start = {"project": "a/b", "mode": "offline", "fork_run_id": fork, "fork_step": 2, **arguments}
    if fork == "CATS-1":
        with pytest.raises(SettingError, match="32 digits"):
            marigram.init_run(**start)
        return
    run = marigram.init_run(**start)
    run.stop()
    (directory,) = (tmp_path / "home" / "queue" / run.id).iterdir()
    first = everything(Backlog(directory=directory, run_id=run.id, writer=directory.name))[0]
    assert getattr(first, "fork", None) == Fork(run_id=fork, step=2.0)
