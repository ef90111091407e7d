"""What the command line says about itself, and how quickly."""

from __future__ import annotations

import subprocess
import sys

import pytest

from marigram.version import VERSION

ENDS_WITHIN_S = 60.0


def marigram(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end, on a terminal of ordinary width."""
    command = [sys.executable, "-m", "marigram.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=False)


def test_version_is_one_line() -> None:
    answer = marigram("--version")
    assert (answer.returncode, answer.stdout) == (0, f"marigram {VERSION}\n")


@pytest.mark.parametrize("wish", [["--help"], ["-h"]])
def test_help_names_every_command(wish: list[str]) -> None:
    answer = marigram(*wish)
    assert answer.returncode == 0
    for command in ("up", "demo", "sync", "token"):
        assert command in answer.stdout


def test_help_of_up_names_every_option() -> None:
    answer = marigram("up", "--help")
    assert answer.returncode == 0
    for option in ("--host", "--port", "--data", "--open-to-network", "127.0.0.1", "6274"):
        assert option in answer.stdout


def test_no_command_shows_the_help() -> None:
    answer = marigram()
    assert "Usage" in answer.stdout + answer.stderr


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["up", "--port", "many"], ["up", "--port", "65536"], ["up", "--nonsense"]]
)
def test_a_mistake_on_the_command_line_is_2_and_no_traceback(arguments: list[str]) -> None:
    answer = marigram(*arguments)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert answer.stderr


def test_help_loads_neither_the_server_nor_numpy() -> None:
    program = (
        "import sys; sys.argv = ['marigram', '--help']\n"
        "from marigram.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'litestar', 'uvicorn', 'marigram.server.app'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=False
    )
    assert answer.returncode == 0, answer.stderr
