"""Processes: one that outlives this one, forks, the signals that end a program, and how another process is ended."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

    import psutil

if sys.platform == "win32":
    ENDING_SIGNALS = (signal.SIGTERM, signal.SIGBREAK)
    """What asks a program to end: the second one comes when its window is closed or its user signs off."""

    TERMINAL_SIGNALS = (signal.SIGINT, signal.SIGBREAK)
    """What a terminal sends to all programs in it."""

    INTERRUPTS_ITSELF = True
    """Whether a process must interrupt itself, because another one cannot."""

    def start_detached(
        command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a process that goes on without this one and its terminal, and says what it says to `log`.

        Raises:
            OSError: it cannot be started.
        """
        import subprocess  # not at the top: `import marigram` shall stay light

        # A console of its own that nobody sees; with none at all, the interpreter that a virtual environment's
        # python.exe starts would open a window.
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(  # noqa: S603 the caller's own command
            command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, creationflags=flags
        )

    def after_fork_in_child(call: Callable[[], None]) -> None:
        """Have `call` called in every forked child from now on. No process forks on Windows."""
        del call

    def interrupt(process: psutil.Process) -> None:
        """Interrupt a process as Ctrl-C would; it does that itself, see `INTERRUPTS_ITSELF`."""
        del process

    def ask_to_end(process: psutil.Process) -> None:
        """Ask a process to end. Windows knows nothing between an interrupt and the end for a program without window."""
        del process

    def as_typed(arguments: Sequence[str]) -> str:
        """Return a command as one would type it."""
        import subprocess

        return subprocess.list2cmdline(arguments)

else:
    ENDING_SIGNALS = (signal.SIGTERM,)
    """What asks a program to end."""

    TERMINAL_SIGNALS = (signal.SIGINT, signal.SIGHUP)
    """What a terminal sends to all programs in it."""

    INTERRUPTS_ITSELF = False
    """Whether a process must interrupt itself, because another one cannot."""

    def start_detached(
        command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a process that goes on without this one and its terminal, and says what it says to `log`.

        Raises:
            OSError: it cannot be started.
        """
        import subprocess  # not at the top: `import marigram` shall stay light

        return subprocess.Popen(  # noqa: S603 the caller's own command
            command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )

    def after_fork_in_child(call: Callable[[], None]) -> None:
        """Have `call` called in every forked child from now on."""
        os.register_at_fork(after_in_child=call)

    def interrupt(process: psutil.Process) -> None:
        """Interrupt a process as Ctrl-C would. psutil compares the time of creation before it sends."""
        process.send_signal(signal.SIGINT)

    def ask_to_end(process: psutil.Process) -> None:
        """Ask a process to end."""
        process.send_signal(signal.SIGTERM)

    def as_typed(arguments: Sequence[str]) -> str:
        """Return a command as one would type it."""
        import shlex

        return shlex.join(arguments)


def kill(process: psutil.Process) -> None:
    """End a process at once. psutil compares the time of creation before it acts."""
    process.kill()


if sys.platform == "darwin":

    def cores_of(process: psutil.Process) -> frozenset[int] | None:
        """Return the cores that a process may use; None if that cannot be known."""
        del process
        return None

else:

    def cores_of(process: psutil.Process) -> frozenset[int] | None:
        """Return the cores that a process may use; None if that cannot be known."""
        return frozenset(process.cpu_affinity() or ())
