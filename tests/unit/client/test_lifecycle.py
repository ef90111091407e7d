from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from unit.client.fake_server import FakeServer
from waiting import wait_until

START = """
import marigram, os, sys
run = marigram.init_run(project="team/test", source_files=[], git_ref=False, capture_hardware_metrics=False)
run["started"] = True
"""


def script(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run a script that logs."""
    file = tmp_path / "script.py"
    file.write_text(START + dedent(text))
    environment = {name: value for name, value in os.environ.items() if name != "MARIGRAM_RERAISE"}
    return subprocess.run(
        [sys.executable, str(file)], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def last_status(fake: FakeServer) -> tuple[str, int | None, str | None]:
    said = fake.statuses()[-1]
    return said.status.value, said.exit_code, said.failure


@pytest.mark.parametrize(
    ("end", "code", "status"),
    [
        ("", 0, ("finished", 0, None)),
        ("run.stop()", 0, ("finished", 0, None)),
        ("sys.exit(0)", 0, ("finished", 0, None)),
        ("try:\n    sys.exit(5)\nexcept SystemExit:\n    pass", 0, ("finished", 0, None)),
        ("raise ValueError('bad loss')", 1, ("failed", 1, "ValueError: bad loss")),
        ("with run:\n    raise ValueError('in the block')", 1, ("failed", 1, "ValueError: in the block")),
        ("raise KeyboardInterrupt", -2, ("stopped", 130, "interrupted from the keyboard")),
        ("os.kill(os.getpid(), 15)", -15, ("stopped", 143, "terminated by SIGTERM")),
    ],
)
def test_the_run_ends_as_the_script_ends_and_the_script_as_without_us(
    fake: FakeServer, tmp_path: Path, end: str, code: int, status: tuple[str, int | None, str | None]
) -> None:
    done = script(tmp_path, end)
    assert done.returncode == code, done.stderr
    wait_until(lambda: len(fake.statuses()) > 1, "an end")
    assert last_status(fake) == status
    assert len(fake.statuses()) == 2


@pytest.mark.parametrize(
    ("end", "code", "failure"),
    [
        ("sys.exit(3)", 3, "exit code 3"),
        ("sys.exit('no data')", 1, "exit code 1: no data"),
        ("raise SystemExit(3)", 3, "exit code 3"),
        ("raise SystemExit('no data')", 1, "exit code 1"),
    ],
)
def test_an_exit_code_fails_the_run(fake: FakeServer, tmp_path: Path, end: str, code: int, failure: str) -> None:
    assert script(tmp_path, end).returncode == code
    wait_until(lambda: fake.has_status("failed"), "the failure")
    assert last_status(fake) == ("failed", code, failure)


def test_a_run_that_was_stopped_before_the_exit_stays_finished(fake: FakeServer, tmp_path: Path) -> None:
    assert script(tmp_path, "run.stop()\nraise SystemExit(3)").returncode == 3
    wait_until(lambda: not list((tmp_path / "home" / "queue").iterdir()), "an empty queue")
    assert last_status(fake) == ("finished", 0, None)


def test_a_traceback_is_kept_and_still_printed(fake: FakeServer, tmp_path: Path) -> None:
    done = script(tmp_path, "def fail():\n    1 / 0\nfail()")
    assert "ZeroDivisionError" in done.stderr
    wait_until(lambda: fake.has_status("failed"), "an end")
    space = next(path for path in fake.values() if path.endswith("/hostname") and "monitoring" in path)
    lines = [text for _, text in fake.series(space.replace("hostname", "traceback"))]
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ZeroDivisionError: division by zero"
    printed = [text for _, text in fake.series(space.replace("hostname", "stderr"))]
    assert printed[-1] == "ZeroDivisionError: division by zero"


def test_an_exception_that_is_caught_ends_nothing(fake: FakeServer, tmp_path: Path) -> None:
    script(tmp_path, "try:\n    raise ValueError\nexcept ValueError:\n    run['caught'] = True")
    wait_until(lambda: fake.has_status("finished"), "an end")
    assert fake.values()["caught"] is True


def test_a_script_that_forgets_its_run_still_ends_it(fake: FakeServer, tmp_path: Path) -> None:
    script(tmp_path, "del run\nimport gc\ngc.collect()")
    wait_until(lambda: fake.has_status("finished"), "an end")


def test_an_exit_without_goodbye_is_a_crash(fake: FakeServer, tmp_path: Path) -> None:
    script(tmp_path, "run['last'] = 1\nos._exit(0)")
    wait_until(lambda: fake.has_status("crashed"), "the crash", within_s=15)
    assert fake.values()["last"] == 1


def test_a_handler_of_the_users_for_sigterm_is_left_alone(fake: FakeServer, tmp_path: Path) -> None:
    text = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\nos.kill(os.getpid(), signal.SIGTERM)"
    file = tmp_path / "script.py"
    file.write_text(text.partition("os.kill")[0].replace("import signal", "import signal, sys") + START + text)
    done = subprocess.run([sys.executable, str(file)], capture_output=True, check=False, timeout=60)
    assert done.returncode == 5
    wait_until(lambda: fake.has_status("failed"), "an end")


def test_forked_children_log_as_writers_of_their_own_and_leave_the_end_to_the_parent(
    fake: FakeServer, tmp_path: Path
) -> None:
    done = script(
        tmp_path,
        """
        import multiprocessing

        def work(number):
            for step in range(50):
                run["worker/loss"].append(float(number), step=number * 50 + step)
            print("a line of a child")

        if __name__ == "__main__":
            context = multiprocessing.get_context("fork")
            children = [context.Process(target=work, args=(number,)) for number in range(3)]
            for child in children:
                child.start()
            child = os.fork()
            if child == 0:
                run["grandchild"] = True
                sys.exit(9)
            os.waitpid(child, 0)
            for child in children:
                child.join()
            run["parent"] = True
        """,
    )
    assert done.returncode == 0, done.stderr
    wait_until(lambda: fake.has_status("finished"), "an end")
    wait_until(lambda: len(fake.series("worker/loss")) == 150, "all points of the children")
    assert sorted(fake.series("worker/loss")) == [(float(step), float(step // 50)) for step in range(150)]
    wait_until(lambda: {"grandchild": True, "parent": True}.items() <= fake.values().items(), "both values")
    assert [said.status.value for said in fake.statuses()] == ["running", "finished"]
    assert len(fake.operations) == 6 - 1, "the parent, three workers and a child; the syncer had nothing to say"


def test_ctrl_c_at_the_terminal_does_not_reach_the_syncer(fake: FakeServer, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(START + "print('ready', file=sys.__stdout__, flush=True)\nimport time\ntime.sleep(60)")
    with subprocess.Popen(
        [sys.executable, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as training:
        assert training.stdout is not None
        assert training.stdout.readline() == b"ready\n"
        os.killpg(training.pid, signal.SIGINT)
        training.wait(30)
    wait_until(lambda: fake.has_status("stopped"), "an end")
