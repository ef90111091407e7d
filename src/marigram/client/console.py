"""Copies what Python prints to the run: text, and bytes written to the stream's `buffer`.

A stream is wrapped, never replaced below: text goes to the terminal first, and whatever goes wrong here, it still
does. Log handlers that hold the stream from before are handed the wrapper for as long as the run lasts. What child
processes and C libraries print does not pass here; see descriptor.py.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from marigram.client.descriptor import DescriptorCapture
from marigram.client.lines import Lines


class Capture:
    """One wrapped stream. Threads may print at the same time."""

    def __init__(self, *, stream: TextIO, lines: Lines) -> None:
        """Take the stream and what keeps its lines."""
        self._stream: Any = stream  # text, or another wrapper
        self._lines = lines
        self._buffer: _Buffer | None = None

    def write(self, text: str) -> int:
        """Print, then keep."""
        written = self._stream.write(text)
        self._lines.keep(text)
        return written

    def writelines(self, lines: Any) -> None:  # noqa: ANN401 as TextIO has it
        """Print several pieces, then keep them."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:  # noqa: ANN401 as TextIO has it
        """The stream's binary layer, wrapped as well."""
        below = self._stream.buffer
        if self._buffer is None or self._buffer.below is not below:
            self._buffer = _Buffer(below, self._lines)
        return self._buffer

    @property
    def stream(self) -> TextIO:
        """The wrapped stream."""
        return self._stream

    def leave_out(self, gone: Capture) -> None:
        """Print past a wrapper below this one that keeps nothing any more."""
        if self._stream is gone:
            self._stream = gone.stream
        elif isinstance(self._stream, Capture):
            self._stream.leave_out(gone)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 isatty, fileno, encoding, flush…: whatever the stream has
        """Answer as the stream does."""
        return getattr(self._stream, name)

    def __iter__(self) -> Any:  # noqa: ANN401 as TextIO has it
        """Read the stream, if it can be read."""
        return iter(self._stream)


class _Buffer:
    """The binary layer of a wrapped stream."""

    def __init__(self, below: Any, lines: Lines) -> None:  # noqa: ANN401 a BinaryIO of any kind
        self.below = below
        self._lines = lines
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def write(self, content: Any) -> int:  # noqa: ANN401 bytes, or anything like them
        """Print, then keep."""
        written = self.below.write(content)
        self._lines.keep(self._decoder.decode(bytes(content)))
        return written

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever the layer has
        return getattr(self.below, name)


class ConsoleCapture:
    """Keeps what is printed to `sys.stdout` or `sys.stderr`, from `start` to `stop`."""

    def __init__(self, *, name: str, lines: Lines, descriptor: DescriptorCapture | None = None) -> None:
        """Take the stream's name in `sys`, what keeps its lines, and the capture below it if that is wanted too."""
        self._name = name
        self._lines = lines
        self._descriptor = descriptor
        self._capture: Capture | None = None

    def start(self) -> None:
        """Wrap the stream; do nothing where the process has none."""
        before = getattr(sys, self._name)
        if self._descriptor is not None:
            self._descriptor.start()
        stream = getattr(sys, self._name)
        if stream is None:
            return
        self._capture = Capture(stream=stream, lines=self._lines)
        setattr(sys, self._name, self._capture)
        if before is stream:
            _hand_over(stream, self._capture)

    def stop(self) -> None:
        """Give the stream back; under the wrapper of a later run ours is taken out, under all else it passes on."""
        capture = self._capture
        stream = getattr(sys, self._name)
        if capture is not None and stream is capture:
            setattr(sys, self._name, capture.stream)
        elif capture is not None and isinstance(stream, Capture):
            stream.leave_out(capture)
        if self._descriptor is not None:
            self._descriptor.stop()
        if capture is not None:
            _hand_over(capture, getattr(sys, self._name) if self._descriptor is not None else capture.stream)
        self._lines.finish()

    def after_fork(self) -> None:
        """In a forked child: pass on only."""
        self._lines.after_fork()
        if self._descriptor is not None:
            self._descriptor.after_fork()


def _hand_over(old: object, new: Any) -> None:  # noqa: ANN401 a stream, or what stands for one
    """Give the new stream to every log handler that writes to the old one."""
    for handler in _stream_handlers():
        if handler.stream is old:
            # Not setStream(), which flushes: a stream that is closed or full must not matter here.
            handler.acquire()
            try:
                handler.stream = new
            finally:
                handler.release()


def _stream_handlers() -> Iterator[Any]:
    logging = sys.modules.get("logging")
    if logging is None:
        return
    loggers = [logging.root, *list(logging.root.manager.loggerDict.values())]
    seen: set[int] = set()
    for logger in loggers:
        for handler in list(getattr(logger, "handlers", ())):  # a placeholder in the dictionary has none
            if isinstance(handler, logging.StreamHandler) and id(handler) not in seen:
                seen.add(id(handler))
                yield handler
