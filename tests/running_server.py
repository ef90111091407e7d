"""A real server in its own process, as `marigram up` starts it, for tests of what only a whole server can show.

It listens on loopback at a free port and keeps its data in a folder of the test's. `kill` is SIGKILL: what a test then
finds after `restart` was durable. The log is kept in `log`, and shown with a test that fails.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from waiting import wait_until

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0
ASK_WITHIN_S = 2.0


class RunningServer:
    """One server; `start` starts it, and `stop` or `kill` must be called in the end.

    Attributes:
        url: without a slash at the end.
        data: the folder that `--data` names; it outlives `kill` and `restart`.
        log: what the process wrote to stdout and stderr, over all its starts.
        process: the running process, None before `start` and after `stop` or `kill`.
    """

    def __init__(
        self, data: Path, log: Path, *, environment: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> None:
        """Remember where the data and the log go; `options` are added to `marigram up`."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = data
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._environment = dict(environment) if environment is not None else None
        self._options = tuple(options)

    def start(self) -> None:
        """Start the process and return when it answers /health.

        Raises:
            AssertionError: it ended, or did not answer in time; the message ends with its log.
        """
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--data", str(self.data)]
        command = [sys.executable, "-m", "marigram.cli", "up", *place, *self._options]
        environment = self._environment if self._environment is not None else dict(os.environ)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment
            )
        try:
            wait_until(self._is_ready, f"an answer from {self.url}/health", within_s=READY_WITHIN_S)
        except AssertionError as error:
            self.kill()
            message = f"{error}\n{self.log_tail()}"
            raise AssertionError(message) from error

    def stop(self) -> int | None:
        """Ask the process to end, as a service manager would, and return its exit status (None if it did not run).

        Raises:
            AssertionError: it did not end in time and was killed.
        """
        process, self.process = self.process, None
        if process is None:
            return None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            message = f"The server did not end within {STOP_WITHIN_S:g} s of SIGTERM.\n{self.log_tail()}"
            raise AssertionError(message) from error

    def kill(self) -> None:
        """End the process at once, without a chance to tidy up."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()

    def restart(self) -> None:
        """Start it again at the same address over the same data, after `kill`, or after stopping it first."""
        self.stop()
        self.start()

    def log_tail(self, lines: int = 60) -> str:
        """Return the end of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _is_ready(self) -> bool:
        process = self.process
        if process is None or process.poll() is not None:
            message = f"The server ended with exit status {process.returncode if process else None}."
            raise AssertionError(message)
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=ASK_WITHIN_S) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


def free_port() -> int:
    """Return a port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
