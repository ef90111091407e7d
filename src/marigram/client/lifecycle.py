"""How the process ends, and that a run hears of it in time.

`Watch.start` hooks into the interpreter: uncaught exceptions, `sys.exit`, the normal end, SIGTERM (on Windows SIGBREAK
too) where nobody else handles it, and fork. `Watch.stop` takes every hook back that is still ours. The training ends
exactly as it would have without us: exceptions are still printed, exit codes and signals pass on.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import traceback
import weakref
from types import FrameType, TracebackType
from typing import NoReturn, Protocol

import msgspec

from marigram.model import RunStatus
from marigram.system.process import ENDING_SIGNALS, after_fork_in_child

_EXIT_OF_INTERRUPT = 130
_EXIT_OF_SIGNAL = 128


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended.

    Attributes:
        status: finished, failed or stopped.
        exit_code: of the process, as a shell would see it.
        failure: one line.
        traceback: lines of it, if an exception ended the run.
        is_certain: False for a `sys.exit` that somebody may have caught, so that the program did not end by it.
    """

    status: RunStatus
    exit_code: int | None = None
    failure: str | None = None
    traceback: tuple[str, ...] = ()
    is_certain: bool = True


FINISHED = Ending(status=RunStatus.FINISHED, exit_code=0)


class Watched(Protocol):
    """What a `Watch` tells about the process's end."""

    def end(self, ending: Ending, *, wait: bool = True, at_exit: bool = False) -> None:
        """End; `wait` says whether there is time to wait for receipts, `at_exit` that the program ends now."""
        ...

    def after_fork(self) -> None:
        """Become what a forked child may be."""
        ...


def ending_of(error: BaseException) -> Ending:
    """Return what an exception that leaves the program means."""
    match error:
        case SystemExit(code=code):
            if code is None or code == 0:
                return FINISHED
            number = code if isinstance(code, int) else 1
            said = "" if isinstance(code, int) else f": {code}"
            return Ending(status=RunStatus.FAILED, exit_code=number, failure=f"exit code {number}{said}")
        case KeyboardInterrupt():
            failure = "interrupted from the keyboard"
            return Ending(status=RunStatus.STOPPED, exit_code=_EXIT_OF_INTERRUPT, failure=failure)
        case _:
            lines = traceback.format_exception(type(error), error, error.__traceback__)
            last = traceback.format_exception_only(type(error), error)[-1].strip()
            return Ending(
                status=RunStatus.FAILED,
                exit_code=1,
                failure=last.splitlines()[0] if last else type(error).__name__,
                traceback=tuple("".join(lines).splitlines()),
            )


class Watch:
    """Hooks into the interpreter's end, for one run, which it keeps alive until `stop`.

    A run that was started in a function and forgotten there is still ended properly when the program ends.
    """

    def __init__(self, watched: Watched) -> None:
        """Take whom to tell; nothing is hooked yet."""
        self._watched: Watched | None = watched
        self._pid = os.getpid()
        self._ending = FINISHED
        self._on = False
        self._previous_excepthook = sys.excepthook
        self._previous_exit = sys.exit
        # Bound once: a bound method is a new object each time, and hooks are taken back by identity.
        self._excepthook = self._except
        self._exithook = self._exit
        self._signalhook = self._terminate

    def start(self) -> None:
        """Hook in. Signals are left alone outside the main thread, and where somebody handles them already."""
        self._on = True
        self._previous_excepthook, sys.excepthook = sys.excepthook, self._excepthook
        self._previous_exit = sys.exit
        sys.exit = self._exithook
        atexit.register(self._at_exit)
        main = threading.current_thread() is threading.main_thread()
        for number in ENDING_SIGNALS if main else ():
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._signalhook)
        after_fork_in_child(_Call(self))

    def stop(self) -> None:
        """Take the hooks back, except where somebody has hooked in after us: then ours passes on."""
        self._on = False
        self._watched = None
        if sys.excepthook is self._excepthook:
            sys.excepthook = self._previous_excepthook
        if sys.exit is self._exithook:
            sys.exit = self._previous_exit
        atexit.unregister(self._at_exit)
        main = threading.current_thread() is threading.main_thread()
        for number in ENDING_SIGNALS if main else ():
            if signal.getsignal(number) is self._signalhook:
                signal.signal(number, signal.SIG_DFL)

    def forked(self) -> None:
        """In a forked child: tell the run, whose end is now not ours to say."""
        watched = self._watched
        if self._on and watched is not None:
            watched.after_fork()

    def _except(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if self._on:
            self._ending = ending_of(error)
        self._previous_excepthook(kind, error, trace)

    def _exit(self, status: object = None, /) -> NoReturn:
        # The interpreter tells nobody the code of a SystemExit, so it is noted where nearly all of them are made.
        if self._on and threading.current_thread() is threading.main_thread():
            self._ending = msgspec.structs.replace(ending_of(SystemExit(status)), is_certain=False)
        raise SystemExit(status)

    def _at_exit(self) -> None:
        watched = self._watched
        if self._on and watched is not None:
            watched.end(self._ending, at_exit=True)

    def _terminate(self, number: int, _frame: FrameType | None) -> None:
        watched = self._watched
        if self._on and watched is not None and os.getpid() == self._pid:
            failure = f"terminated by {signal.Signals(number).name}"
            ending = Ending(status=RunStatus.STOPPED, exit_code=_EXIT_OF_SIGNAL + number, failure=failure)
            watched.end(ending, wait=False)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


class _Call:
    """What fork calls, for as long as the process lives, without keeping the run alive for so long."""

    def __init__(self, watch: Watch) -> None:
        self._watch = weakref.ref(watch)

    def __call__(self) -> None:
        watch = self._watch()
        if watch is not None:
            watch.forked()
