from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

HEAD = """
import ctypes, json, logging, os, subprocess, sys, threading
handler = logging.StreamHandler()
logging.getLogger().addHandler(handler)
from marigram.client.console import ConsoleCapture
from marigram.client.descriptor import DescriptorCapture
from marigram.client.lines import Lines

said = {}
kept = Lines(write_line=lambda number, line: said.__setitem__(number, line), clock=lambda: 0.0)
def capture(name="stdout", number=1):
    return ConsoleCapture(
        name=name, lines=kept, descriptor=DescriptorCapture(descriptor=number, name=name, keep=kept.keep)
    )
def tell():
    print(json.dumps({"said": said}), file=open(os.environ["ANSWER"], "w"))
"""


def script(tmp_path: Path, text: str) -> tuple[dict[str, str], subprocess.CompletedProcess[bytes]]:
    """Run a script; return the lines that were kept, and what it printed."""
    answer = tmp_path / "answer.json"
    done = subprocess.run(
        [sys.executable, "-c", HEAD + dedent(text) + "\ntell()\n"],
        env={**os.environ, "ANSWER": str(answer)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(answer.read_text())["said"], done


def test_children_and_c_are_kept_and_the_terminal_gets_all(tmp_path: Path) -> None:
    said, done = script(
        tmp_path,
        """
        console = capture()
        console.start()
        print("python")
        subprocess.run(["echo", "child"])
        ctypes.CDLL(None).puts(b"from c")
        os.write(1, b"caf\\xc3\\xa9 \\xff\\n")
        console.stop()
        print("after")
        subprocess.run(["echo", "child after"])
        """,
    )
    assert sorted(said.values()) == sorted(["python", "child", "caf\u00e9 \ufffd", "from c"])
    lines = done.stdout.splitlines()
    assert sorted(lines[:-2]) == sorted([b"python", b"child", b"caf\xc3\xa9 \xff", b"from c"])
    assert lines[-2:] == [b"after", b"child after"]


def test_a_handler_on_the_old_stream_is_kept_once(tmp_path: Path) -> None:
    said, done = script(
        tmp_path,
        """
        console = capture("stderr", 2)
        console.start()
        logging.warning("warned")
        console.stop()
        """,
    )
    assert said == {"1": "warned"}
    assert done.stderr == b"warned\n"


def test_much_output_of_a_child_passes_whole(tmp_path: Path) -> None:
    said, done = script(
        tmp_path,
        """
        console = capture()
        console.start()
        subprocess.run([sys.executable, "-c", "for i in range(100000): print(i)"])
        console.stop()
        """,
    )
    assert len(said) == 100_000
    assert done.stdout.split() == [str(number).encode() for number in range(100_000)]


def test_a_closed_descriptor_is_left_alone(tmp_path: Path) -> None:
    said, _ = script(
        tmp_path,
        """
        os.close(1)
        console = capture()
        console.start()
        console.stop()
        """,
    )
    assert said == {}


def test_a_child_that_goes_on_after_the_stop_still_prints(tmp_path: Path) -> None:
    said, done = script(
        tmp_path,
        """
        console = capture()
        console.start()
        child = subprocess.Popen(["sh", "-c", "read line; echo later"], stdin=subprocess.PIPE)
        before = threading.active_count()
        console.stop()
        child.communicate(b"go\\n")
        for thread in threading.enumerate():
            if thread.name == "marigram-stdout":
                thread.join(10)
                assert not thread.is_alive()
        """,
    )
    assert said == {}
    assert done.stdout == b"later\n"


def test_nothing_is_left_open(tmp_path: Path) -> None:
    script(
        tmp_path,
        """
        import gc, pathlib
        def count():
            gc.collect()
            return len(list(pathlib.Path("/proc/self/fd").iterdir()))
        if not pathlib.Path("/proc/self/fd").exists():
            count = lambda: 0
        before = count()
        for _ in range(3):
            console = capture()
            console.start()
            print("line")
            console.stop()
            for thread in threading.enumerate():
                if thread.name == "marigram-stdout":
                    thread.join(10)
        console = None
        assert count() == before, (count(), before)
        """,
    )


def test_a_forked_child_leaves_the_parents_pipe_alone(tmp_path: Path) -> None:
    said, done = script(
        tmp_path,
        """
        console = capture()
        console.start()
        pid = os.fork()
        if pid == 0:
            console.after_fork()
            os.write(1, b"from the fork\\n")
            console.stop()
            os._exit(0)
        os.waitpid(pid, 0)
        print("from the parent")
        console.stop()
        """,
    )
    assert set(said.values()) == {"from the fork", "from the parent"}
    assert set(done.stdout.splitlines()) == {b"from the fork", b"from the parent"}
