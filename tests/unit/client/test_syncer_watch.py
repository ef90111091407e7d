from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from marigram.client import parts, syncer_watch
from marigram.client.errors import MarigramError, UnreachableError
from marigram.client.position import Position
from marigram.client.settings import Settings
from marigram.client.sink import NoSink
from marigram.client.syncer_watch import STARTS_AT_MOST, SyncerWatch
from unit.client.making import RUN_ID
from waiting import wait_until


class Behind(NoSink):
    """A sink that the server does not catch up with."""

    last_seq = 1

    def __init__(self, position: Position) -> None:
        self._position = position

    def position(self) -> Position:
        return self._position

    def wait(self, *, seq: int, timeout_s: float) -> bool:
        del seq, timeout_s
        return False


class Starts:
    """Starts processes that only wait, or none."""

    def __init__(self, *, code: str = "input()") -> None:
        self.code = code
        self.started: list[subprocess.Popen[bytes]] = []

    def __call__(self) -> subprocess.Popen[bytes]:
        self.started.append(subprocess.Popen([sys.executable, "-S", "-c", self.code], stdin=subprocess.PIPE))
        return self.started[-1]


@pytest.fixture
def starts() -> Iterator[Starts]:
    starts = Starts()
    yield starts
    for process in starts.started:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def a_watch(start: syncer_watch.Start | None, said: list[str]) -> SyncerWatch:
    return SyncerWatch(start=start, say=said.append, log_file="syncer.log")


def test_a_killed_syncer_is_started_again_while_nobody_asks(starts: Starts) -> None:
    watch = a_watch(starts, [])
    watch.start()
    starts.started[0].kill()
    wait_until(lambda: len(starts.started) == 2, "a second syncer")
    starts.started[1].kill()
    wait_until(lambda: len(starts.started) == 3, "a third syncer")
    watch.leave(for_good=False)
    starts.started[2].kill()
    starts.started[2].wait()
    watch.ensure()
    assert len(starts.started) == 3


def test_one_that_ends_again_and_again_is_given_up(starts: Starts) -> None:
    starts.code = ""
    said: list[str] = []
    watch = a_watch(starts, said)
    for _ in range(STARTS_AT_MOST):
        watch.ensure()
        starts.started[-1].wait()
    assert watch.given_up is None
    watch.ensure()
    watch.ensure()
    assert len(starts.started) == STARTS_AT_MOST
    assert said == [watch.given_up]
    problem = watch.wait_for(Behind(Position()), timeout_s=600.0)
    assert type(problem) is MarigramError
    assert "marigram sync" in str(problem)


def test_waiting_ends_early_where_the_server_refuses_what_was_logged(starts: Starts) -> None:
    watch = a_watch(starts, [])
    problem = watch.wait_for(Behind(Position(problem="The token is not known.", refused=True)), timeout_s=600.0)
    assert type(problem) is MarigramError
    assert str(problem) == "The token is not known."


def test_waiting_for_a_server_that_is_away_says_so_at_its_end(starts: Starts) -> None:
    watch = a_watch(starts, [])
    problem = watch.wait_for(Behind(Position(problem="No answer.")), timeout_s=0.0)
    assert isinstance(problem, UnreachableError)
    assert str(problem) == "No answer."


def test_at_the_end_of_a_script_a_server_that_is_away_is_not_waited_for_to_the_last_second(starts: Starts) -> None:
    watch = a_watch(starts, [])
    problem = watch.wait_for(Behind(Position(problem="No answer.")), timeout_s=3600.0, away_s=0.05)
    assert str(problem) == "No answer."


def test_a_mode_that_sends_nothing_has_no_syncer_and_waits_for_none() -> None:
    watch = a_watch(None, [])
    watch.start()
    watch.ensure()
    assert watch.given_up is None
    assert watch.wait_for(NoSink(), timeout_s=600.0) is None
    watch.leave(for_good=True)


@pytest.mark.parametrize(
    ("mode", "starts_one"), [("async", True), ("sync", True), ("offline", False), ("read-only", False)]
)
def test_only_a_run_that_keeps_and_sends_has_a_syncer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, starts_one: bool
) -> None:
    started: list[str] = []
    monkeypatch.setattr(parts, "start_syncer_of", lambda _, run_id: started.append(run_id))
    settings = Settings.from_environment({"MARIGRAM_HOME": str(tmp_path), "MARIGRAM_MODE": mode})
    syncer = parts.syncer_of(settings, RUN_ID)
    syncer.ensure()
    assert started == [RUN_ID] * starts_one
