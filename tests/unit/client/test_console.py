from __future__ import annotations

import io
import logging
import sys
import threading
from typing import Any

import pytest

from marigram.client.console import Capture, ConsoleCapture
from marigram.client.lines import CUT, MAX_LINE_CHARACTERS, Lines


class Printed:
    """A captured stream with a clock that a test moves, and what the run was told of it."""

    def __init__(self) -> None:
        self.terminal = io.StringIO()
        self.now = 0.0
        self.said: list[tuple[int, str]] = []
        self.kept = Lines(write_line=self.tell, clock=lambda: self.now)
        self.capture = Capture(stream=self.terminal, lines=self.kept)

    def tell(self, number: int, line: str) -> None:
        self.said.append((number, line))

    def lines(self) -> dict[int, str]:
        return dict(self.said)


def test_lines_are_numbered_from_one_and_the_terminal_gets_all() -> None:
    printed = Printed()
    print("one\ntwo", file=printed.capture)
    print("three", "four", file=printed.capture)
    assert printed.lines() == {1: "one", 2: "two", 3: "three four"}
    assert printed.terminal.getvalue() == "one\ntwo\nthree four\n"


def test_a_progress_bar_rewrites_its_line_at_most_five_times_a_second() -> None:
    printed = Printed()
    for percent in range(101):
        printed.capture.write(f"\r{percent}%")
        printed.now += 0.01
    assert all(number == 1 for number, _ in printed.said)
    assert 3 <= len(printed.said) <= 7
    printed.capture.write("\n")
    print("after", file=printed.capture)
    assert printed.lines() == {1: "100%", 2: "after"}


def test_an_unfinished_line_is_kept_when_the_capture_stops() -> None:
    printed = Printed()
    printed.capture.write("first")
    printed.capture.write(" and the rest")
    printed.kept.finish()
    assert printed.lines() == {1: "first and the rest"}
    printed.capture.write("later\n")
    assert printed.lines() == {1: "first and the rest"}
    assert printed.terminal.getvalue().endswith("later\n")


def test_windows_line_ends_leave_no_empty_line() -> None:
    printed = Printed()
    printed.capture.write("one\r\ntwo\r\n")
    assert printed.lines() == {1: "one", 2: "two"}


def test_a_very_long_line_is_cut() -> None:
    printed = Printed()
    print("x" * (MAX_LINE_CHARACTERS * 3), file=printed.capture)
    assert printed.lines()[1] == "x" * MAX_LINE_CHARACTERS + CUT
    for _ in range(100):
        printed.capture.write("y" * 1000)
    printed.kept.finish()
    assert printed.lines()[2] == ("y" * MAX_LINE_CHARACTERS) + CUT


def test_what_keeping_a_line_prints_is_not_kept_again() -> None:
    printed = Printed()
    said: list[str] = []

    def tell(_: int, line: str) -> None:
        said.append(line)
        print("from within", file=capture)

    capture = Capture(stream=printed.terminal, lines=Lines(write_line=tell, clock=lambda: 0.0))
    print("outside", file=capture)
    assert set(said) == {"outside"}
    assert "from within" in printed.terminal.getvalue()


def test_threads_that_print_lose_no_line() -> None:
    printed = Printed()

    def work(name: int) -> None:
        for number in range(200):
            printed.capture.write(f"{name}-{number}\n")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = printed.lines()
    assert sorted(lines) == list(range(1, 801))
    assert set(lines.values()) == {f"{name}-{number}" for name in range(4) for number in range(200)}


def test_the_stream_is_asked_for_what_a_capture_does_not_know() -> None:
    printed = Printed()
    assert printed.capture.isatty() is False
    assert printed.capture.getvalue() == ""


def test_a_forked_child_only_passes_on() -> None:
    printed = Printed()
    printed.kept.after_fork()
    print("in the child", file=printed.capture)
    assert printed.said == []
    assert printed.terminal.getvalue() == "in the child\n"


def test_bars_that_move_the_cursor_rewrite_their_own_lines() -> None:
    printed = Printed()
    for percent in (0, 50, 100):  # as tqdm does with two nested bars
        printed.capture.write(f"\router {percent}")
        printed.capture.write(f"\n\rinner {percent}\x1b[A")
        printed.now += 1.0
    printed.capture.write("\n\n")
    print("after", file=printed.capture)
    assert printed.lines() == {1: "outer 100", 2: "inner 100", 3: "after"}


def test_a_table_that_is_redrawn_from_its_top_stays_one_table() -> None:
    printed = Printed()
    printed.capture.write("first 0\nsecond 0")
    for round_ in range(1, 50):  # as rich does
        printed.capture.write(f"\r\x1b[2K\x1b[1A\x1b[2Kfirst {round_}\nsecond {round_}")
        printed.now += 0.1
    printed.capture.write("\n")
    printed.kept.finish()
    assert printed.lines() == {1: "first 49", 2: "second 49"}
    assert len(printed.said) < 70


def test_colours_are_kept() -> None:
    printed = Printed()
    print("\x1b[31mred\x1b[0m plain", file=printed.capture)
    assert printed.lines() == {1: "\x1b[31mred\x1b[0m plain"}


def test_bytes_written_below_the_text_are_kept_even_where_they_are_no_text() -> None:
    below = io.BytesIO()
    printed = Printed()
    capture = Capture(stream=io.TextIOWrapper(below), lines=printed.kept)
    capture.buffer.write("gr\u00fc".encode()[:3])
    capture.buffer.write("gr\u00fc".encode()[3:] + b"n \xff\n")
    capture.buffer.flush()
    assert printed.lines() == {1: "gr\u00fcn \ufffd"}
    assert below.getvalue() == "gr\u00fcn ".encode() + b"\xff\n"


def test_a_log_handler_made_before_is_captured_and_gets_its_stream_back(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    logger = logging.getLogger("made.before.the.run")
    logger.propagate = False
    handler = logging.StreamHandler()
    logger.addHandler(handler)
    printed = Printed()
    console = ConsoleCapture(name="stderr", lines=printed.kept)
    console.start()
    during = logging.StreamHandler()
    logger.addHandler(during)
    logger.warning("during")
    console.stop()
    logger.warning("after")
    assert printed.lines() == {1: "during", 2: "during"}
    assert terminal.getvalue() == "during\nduring\nafter\nafter\n"
    assert handler.stream is terminal
    assert during.stream is terminal
    logger.handlers.clear()


def test_a_process_without_streams_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    console = ConsoleCapture(name="stdout", lines=Printed().kept)
    console.start()
    console.stop()
    assert sys.stdout is None


def test_a_stream_that_somebody_replaced_meanwhile_stays_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    printed = Printed()
    console = ConsoleCapture(name="stdout", lines=printed.kept)
    console.start()
    theirs: Any = io.StringIO()
    monkeypatch.setattr(sys, "stdout", theirs)
    console.stop()
    assert sys.stdout is theirs


def test_the_stream_is_given_back_in_whatever_order_runs_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stdout", terminal)
    first, second, third = (
        ConsoleCapture(name="stdout", lines=Lines(write_line=lambda _number, _line: None, clock=lambda: 0.0))
        for _ in range(3)
    )
    for each in (first, second, third):
        each.start()
    for each in (second, first, third):
        each.stop()
    assert sys.stdout is terminal
