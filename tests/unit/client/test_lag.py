from __future__ import annotations

import threading

import pytest

import marigram
from marigram.client.errors import SettingError
from marigram.client.lag import Alarm, Backlog, LagWatch, check_alarms
from unit.client.fake_server import FakeServer


class Watched:
    """A queue whose positions, and a clock which, a test moves."""

    def __init__(self, *, lag_s: float | None = None, no_progress_s: float | None = None) -> None:
        self.now = 0.0
        self.last_seq = self.durable_seq = 0
        self.called: list[tuple[str, float]] = []
        self.said: list[str] = []
        self.watch = LagWatch(
            position=lambda: (self.last_seq, self.durable_seq),
            clock=lambda: self.now,
            say=self.said.append,
            lag=self.alarm("lag", lag_s),
            no_progress=self.alarm("no_progress", no_progress_s),
        )

    def alarm(self, name: str, threshold_s: float | None) -> Alarm | None:
        if threshold_s is None:
            return None
        return Alarm(name=name, call=lambda: self.called.append((name, self.now)), threshold_s=threshold_s)

    def at(self, now: float, *, last_seq: int, durable_seq: int) -> None:
        self.now, self.last_seq, self.durable_seq = now, last_seq, durable_seq
        self.watch.look()


def test_the_age_is_that_of_the_oldest_call_without_a_receipt() -> None:
    backlog = Backlog()
    assert backlog.observe(0.0, last_seq=0, durable_seq=0) == (0.0, 0.0)
    assert backlog.observe(10.0, last_seq=5, durable_seq=0) == (0.0, 0.0)
    assert backlog.observe(20.0, last_seq=9, durable_seq=0) == (10.0, 10.0)
    assert backlog.observe(30.0, last_seq=9, durable_seq=5) == (10.0, 0.0)
    assert backlog.observe(40.0, last_seq=9, durable_seq=7) == (20.0, 0.0)
    assert backlog.observe(50.0, last_seq=9, durable_seq=9) == (0.0, 0.0)
    assert backlog.observe(90.0, last_seq=10, durable_seq=9) == (0.0, 0.0)


def test_a_server_that_is_far_behind_is_told_again_after_each_threshold() -> None:
    watched = Watched(lag_s=10.0)
    for second in range(35):
        watched.at(second, last_seq=1000 + second, durable_seq=second)
    assert watched.called == [("lag", 10.0), ("lag", 20.0), ("lag", 30.0)]


def test_a_server_that_moves_slowly_makes_progress() -> None:
    watched = Watched(no_progress_s=10.0)
    for second in range(35):
        watched.at(second, last_seq=1000, durable_seq=second)
    assert watched.called == []
    for second in range(35, 50):
        watched.at(second, last_seq=1000, durable_seq=34)
    assert watched.called == [("no_progress", 44.0)]


def test_a_run_that_logs_nothing_is_not_stuck() -> None:
    watched = Watched(lag_s=1.0, no_progress_s=1.0)
    for second in range(100):
        watched.at(second, last_seq=7, durable_seq=7)
    assert watched.called == []


def test_a_function_that_raises_is_told_of_and_the_watch_goes_on() -> None:
    watched = Watched()

    def fails() -> None:
        message = "no mail server"
        raise RuntimeError(message)

    watch = LagWatch(
        position=lambda: (1, 0),
        clock=lambda: watched.now,
        say=watched.said.append,
        lag=Alarm(name="async_lag_callback", call=fails, threshold_s=1.0),
        no_progress=None,
    )
    for watched.now in (0.0, 2.0, 4.0):
        watch.look()
    assert len(watched.said) == 2
    assert "async_lag_callback raised RuntimeError: no mail server" in watched.said[0]


@pytest.mark.parametrize(("callback", "threshold"), [("no function", None), (print, 0), (print, "soon"), (print, True)])
def test_what_cannot_be_called_or_waited_for_is_refused(callback: object, threshold: object) -> None:
    with pytest.raises(SettingError, match="async_lag_"):
        check_alarms(lag=(callback, threshold), no_progress=(None, None), argument=lambda: None)


def test_the_callback_gets_the_run_while_the_server_is_away(
    own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del own_environment
    monkeypatch.setenv("MARIGRAM_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MARIGRAM_SYNC_PATIENCE_S", "0")
    told: list[marigram.Run] = []
    called = threading.Event()

    def callback(run: marigram.Run) -> None:
        told.append(run)
        called.set()

    run = marigram.init_run(
        project="team/test",
        source_files=[],
        git_ref=False,
        capture_hardware_metrics=False,
        async_no_progress_callback=callback,
        async_no_progress_threshold=0.1,
    )
    run["x"].append(1.0)
    assert called.wait(20)
    run.stop(seconds=0)
    assert told[0] is run


def test_a_server_that_keeps_up_calls_nobody(fake: FakeServer) -> None:
    told: list[object] = []
    with marigram.init_run(
        project="team/test", source_files=[], git_ref=False, async_lag_callback=told.append, async_lag_threshold=30
    ) as run:
        run["x"].append(1.0)
    assert told == []
    assert fake.series("x") == [(0.0, 1.0)]
