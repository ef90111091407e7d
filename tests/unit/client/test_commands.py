"""Commands of the server reach the processes that they are meant for, once, and no others."""

from __future__ import annotations

import mmap
import queue
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from timeit import timeit

import msgspec
import psutil
import pytest

from marigram import init_run
from marigram.client.card import Card, Role
from marigram.client.commands import Commands, was_killed
from marigram.client.stop_flag import StopState, how_of, open_flag, read_state, write_state
from marigram.model import ProjectName, StopHow
from marigram.wire import Commands as Answer
from marigram.wire import StopCommand
from waiting import wait_until

NOW = 1_700_000_000.0


class FakeTransport:
    """Answers a question for commands with what a test puts there, and remembers what was delivered."""

    def __init__(self) -> None:
        self.answers: queue.Queue[StopCommand | None] = queue.Queue()
        self.delivered: list[int] = []
        self.asked_after: list[int] = []

    def wait_for_command(self, run_id: str, *, after: int, wait_s: float) -> Answer:
        assert run_id == "a" * 32
        assert wait_s > 0
        self.asked_after.append(after)
        return Answer(stop=self.answers.get())

    def note_delivery(self, run_id: str, number: int) -> None:
        assert run_id == "a" * 32
        self.delivered.append(number)

    def command(self, number: int, how: str, *, age_s: float = 0.0, grace_s: float = 30.0) -> None:
        """Answer with a command and wait until the next question, when it has been carried out."""
        before = len(self.asked_after)
        self.answers.put(StopCommand(number=number, how=how, grace_s=grace_s, age_s=age_s))
        wait_until(lambda: len(self.asked_after) > before, "the next question")


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def commands(transport: FakeTransport) -> Iterator[Commands]:
    commands = Commands(run_id="a" * 32, transport=transport, clock=lambda: NOW, log=lambda _: None)
    commands.start()
    wait_until(lambda: transport.asked_after, "a question")
    yield commands
    commands.stop()
    transport.answers.put(None)


@pytest.fixture
def training() -> Iterator[subprocess.Popen[bytes]]:
    """A process to stop."""
    with subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"]) as process:
        yield process
        process.kill()


def card_of(pid: int, *, created_at: float | None = None) -> Card:
    return Card(
        run_id="a" * 32,
        writer="w",
        role=Role.MAIN,
        project=ProjectName("lab/cats"),
        url="http://127.0.0.1:1",
        created_at=0,
        pid=pid,
        process_created_at=psutil.Process(pid).create_time() if created_at is None else created_at,
        host=socket.gethostname(),
        monitoring="monitoring/x",
    )


def test_a_graceful_stop_raises_the_flag_and_says_so(
    commands: Commands, transport: FakeTransport, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    flag = open_flag(tmp_path, now=NOW - 10)
    commands.watch(card_of(training.pid), tmp_path)
    assert how_of(flag) is None
    transport.command(7, "graceful")
    assert how_of(flag) is StopHow.GRACEFUL
    assert transport.delivered == [7]
    assert transport.asked_after == [0, 7]
    assert training.poll() is None


def test_every_process_of_the_run_is_told(
    commands: Commands, transport: FakeTransport, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    flags: list[mmap.mmap] = []
    for writer in ("one", "two"):
        (tmp_path / writer).mkdir()
        flags.append(open_flag(tmp_path / writer, now=NOW - 10))
        commands.watch(msgspec.structs.replace(card_of(training.pid), writer=writer), tmp_path / writer)
    transport.command(7, "graceful")
    assert [how_of(flag) for flag in flags] == [StopHow.GRACEFUL] * 2
    assert transport.delivered == [7]


def test_a_request_from_before_the_process_is_not_meant_for_it(
    commands: Commands, transport: FakeTransport, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    flag = open_flag(tmp_path, now=NOW - 10)
    commands.watch(card_of(training.pid), tmp_path)
    transport.command(7, "kill", age_s=11)
    assert how_of(flag) is None
    assert transport.delivered == []
    assert training.poll() is None


def test_a_process_that_has_only_the_number_of_the_writer_is_left_alone(
    commands: Commands, transport: FakeTransport, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    open_flag(tmp_path, now=NOW - 10)
    commands.watch(card_of(training.pid, created_at=psutil.Process(training.pid).create_time() - 60), tmp_path)
    transport.command(7, "kill")
    assert transport.delivered == []
    assert training.poll() is None
    assert not was_killed(tmp_path)


def test_a_process_that_begins_to_write_later_hears_of_what_was_asked_since(
    commands: Commands, transport: FakeTransport, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    transport.command(7, "graceful")
    flag = open_flag(tmp_path, now=NOW - 10)
    commands.watch(card_of(training.pid), tmp_path)
    assert how_of(flag) is StopHow.GRACEFUL


def test_a_kill_is_told_from_a_crash(
    commands: Commands, transport: FakeTransport, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    open_flag(tmp_path, now=NOW - 10)
    commands.watch(card_of(training.pid), tmp_path)
    transport.command(7, "kill")
    assert training.wait(10) == -9
    assert was_killed(tmp_path)


def test_who_takes_over_interrupts_nobody_again_but_keeps_to_the_grace_period(
    commands: Commands, transport: FakeTransport, tmp_path: Path
) -> None:
    code = "import signal, threading; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); "
    command = [sys.executable, "-c", code + "threading.Event().wait()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as training:
        assert training.stdout is not None
        training.stdout.readline()
        open_flag(tmp_path, now=NOW - 10)
        write_state(tmp_path, StopState(how=StopHow.ABORT, number=7, opened_at=NOW - 10))
        commands.watch(card_of(training.pid), tmp_path)
        transport.command(7, "abort", age_s=5, grace_s=5.2)
        assert training.wait(10) == -9, "an interrupt would have ended it with -2"


def test_a_weaker_request_takes_nothing_back(
    commands: Commands, transport: FakeTransport, training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    flag = open_flag(tmp_path, now=NOW - 10)
    write_state(tmp_path, StopState(how=StopHow.ABORT, number=6, opened_at=NOW - 10))
    commands.watch(card_of(training.pid), tmp_path)
    transport.command(7, "graceful")
    assert how_of(flag) is StopHow.ABORT
    assert read_state(tmp_path) == StopState(how=StopHow.ABORT, number=7, opened_at=NOW - 10)


def test_asking_whether_to_stop_costs_well_under_a_microsecond() -> None:
    run = init_run(project="lab/cats", mode="debug")
    rounds = 20_000
    best = min(timeit(lambda: run.should_stop, number=rounds) for _ in range(20))
    run.stop()
    assert best / rounds < 1e-6
