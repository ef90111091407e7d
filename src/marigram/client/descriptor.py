"""Copies what child processes and C libraries print: everything written to file descriptor 1 or 2.

The descriptor is replaced by a pipe, and a thread pumps from there: first to where it went before, then to the run.
What Python itself prints does not take that way: its stream is opened anew on the old destination, so it stays a
terminal if it was one, and is kept at the call. `stop` puts everything back as it was. Where the descriptor is closed,
and on Windows, nothing is done.

Limits: to a child process the terminal looks like a pipe, so it may print without colours. A child that outlives this
process loses where it prints to. A C library that prints more than the pipe holds (1 MiB on Linux) without releasing
the interpreter's lock would wait for ever; hence this capture is only there when asked for.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Any

_PIPE_BYTES = 1 << 20
_READ_BYTES = 1 << 16
_DRAIN_AT_MOST_S = 2.0
_STOP = b"."


class DescriptorCapture:
    """One captured descriptor, from `start` to `stop`."""

    def __init__(self, *, descriptor: int, name: str, keep: Callable[[str], None]) -> None:
        """Take the descriptor's number, the name in `sys` of the stream that writes to it, and who keeps its text."""
        self._descriptor = descriptor
        self._name = name
        self._keep = keep
        self._pid = os.getpid()
        self._before = self._reading = self._wakes = self._waking = -1
        self._stream_before: Any = None
        self._stream: Any = None
        self._drained = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Put the pipe in the place of the descriptor, and pump."""
        if sys.platform == "win32":
            return
        _flush(getattr(sys, self._name))
        try:
            self._before = os.dup(self._descriptor)
            self._reading, writing = os.pipe()
            self._wakes, self._waking = os.pipe()
        except OSError:
            self._close()  # the descriptor is closed, or the process may open no more
            return
        _enlarge(writing)
        self._reopen_stream()
        os.dup2(writing, self._descriptor, inheritable=True)
        os.close(writing)
        self._thread = threading.Thread(target=self._pump, name=f"marigram-{self._name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Put everything back; what was printed until now is kept."""
        if self._thread is None or os.getpid() != self._pid:
            return
        self._thread = None
        _flush(self._stream)
        _flush(self._stream_before)
        _flush_c()
        with contextlib.suppress(OSError):
            os.dup2(self._before, self._descriptor, inheritable=True)
        if self._stream is not None and getattr(sys, self._name) is self._stream:
            setattr(sys, self._name, self._stream_before)
        if not self._drained.is_set():
            with contextlib.suppress(OSError):
                os.write(self._waking, _STOP)
            self._drained.wait(_DRAIN_AT_MOST_S)

    def after_fork(self) -> None:
        """In a forked child: its output goes on to the pipe, which the parent pumps; nothing here is its to undo."""
        self._thread = None

    def _reopen_stream(self) -> None:
        stream = getattr(sys, self._name)
        try:
            if stream.fileno() != self._descriptor:
                return  # a notebook's stream, or a test's: it goes elsewhere already
            raw = io.FileIO(os.dup(self._before), "wb")
            self._stream = io.TextIOWrapper(
                io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True
            )
        except (AttributeError, OSError, ValueError):
            return
        self._stream_before = stream
        setattr(sys, self._name, self._stream)

    def _pump(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        sources = [self._reading, self._wakes]
        wait_s: float | None = None
        passes = True
        try:
            while True:
                ready, _, _ = select.select(sources, [], [], wait_s)
                if self._reading in ready:
                    content = os.read(self._reading, _READ_BYTES)
                    if not content:
                        break
                    passes = passes and _pass_on(self._before, content)
                    self._keep(decoder.decode(content))
                elif ready:
                    sources, wait_s = [self._reading], 0.0  # stopped: first what is still in the pipe
                else:
                    # A child goes on printing to the pipe: it is passed on for as long as this process lives.
                    wait_s = None
                    self._drained.set()
        except (OSError, ValueError):
            return  # the interpreter is closing; whoever prints sees a closed pipe
        finally:
            self._drained.set()
            self._close()

    def _close(self) -> None:
        for descriptor in (self._before, self._reading, self._wakes, self._waking):
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        self._before = self._reading = self._wakes = self._waking = -1


def _pass_on(descriptor: int, content: bytes) -> bool:
    """Write all of it; return whether that worked. The pump goes on if not, so that nobody waits for a full pipe."""
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        return False
    return True


def _enlarge(pipe: int) -> None:
    """Give a pipe room for long outputs, where the system lets us."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _flush(stream: Any) -> None:  # noqa: ANN401 whatever stands in `sys`
    with contextlib.suppress(AttributeError, OSError, ValueError):
        stream.flush()


def _flush_c() -> None:
    """Have C libraries write what they hold back."""
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).fflush(None)
