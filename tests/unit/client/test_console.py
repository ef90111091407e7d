from __future__ import annotations

import io
import threading

from marigram.client.console import MAX_LINE_CHARACTERS, Capture


class Printed:
    """A captured stream with a clock that a test moves, and what the run was told of it."""

    def __init__(self) -> None:
        self.terminal = io.StringIO()
        self.now = 0.0
        self.said: list[tuple[int, str]] = []
        self.capture = Capture(stream=self.terminal, write_line=self.tell, clock=lambda: self.now)

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
    printed.capture.stop()
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
    kept = len(printed.lines()[1])
    assert kept == MAX_LINE_CHARACTERS + 1


def test_what_keeping_a_line_prints_is_not_kept_again() -> None:
    printed = Printed()
    said: list[str] = []

    def tell(_: int, line: str) -> None:
        said.append(line)
        print("from within", file=capture)

    capture = Capture(stream=printed.terminal, write_line=tell, clock=lambda: 0.0)
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
    printed.capture.after_fork()
    print("in the child", file=printed.capture)
    assert printed.said == []
    assert printed.terminal.getvalue() == "in the child\n"
