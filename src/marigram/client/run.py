"""`Run`: what a training script talks to.

Guarantees after `init_run` has returned: writing never raises, never waits for the network, and is on the disk's queue
when the call returns. Reading (`fetch…`, `exists`, `download`) first waits until the server has what this process
wrote, and raises if it cannot answer. `stop` may be called any number of times, and from any thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

import msgspec
from typing_extensions import Self

from marigram.client.exit_code import can_note_exit_code
from marigram.client.lifecycle import FINISHED, Ending, Watch, ending_of
from marigram.client.read_back import ReadBack
from marigram.client.receipt import Logged, account_of
from marigram.client.recorder import UNFINISHED, Recorder
from marigram.client.sink import ClosedSink
from marigram.client.stop_callback import StopCallback
from marigram.client.stop_flag import UNFLAGGED, how_of
from marigram.client.syncer_watch import AWAY_FOR_S, SyncerWatch
from marigram.client.tree import Tree
from marigram.model import Append, Path, RunStatus, SetStatus, StopHow, StringPoints

if TYPE_CHECKING:
    import mmap
    import threading

    from marigram.client.companion import Companion

_PROVENANCE_AT_MOST_S = 5.0
_MS = 1000


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Which run this is, and how it behaves.

    Attributes:
        monitoring: the path below which console and hardware series are.
        stop_timeout_s: how long `stop` waits for receipts.
        fail_on_exception, capture_traceback: what becomes of an exception.
        leads: whether this process says that the run has finished; others of the same job say only that they failed.
    """

    run_id: str
    project: str
    url: str
    monitoring: str
    stop_timeout_s: float = 5.0
    fail_on_exception: bool = True
    capture_traceback: bool = True
    keeps: bool = True
    sends: bool = True
    leads: bool = True


class Run(Tree):
    """One execution that logs. Made by `init_run`."""

    def __init__(
        self,
        *,
        identity: Identity,
        recorder: Recorder,
        say: Callable[[str], None],
        read_back: ReadBack,
        syncer: SyncerWatch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what `init_run` has made; `begin` starts it."""
        super().__init__(recorder=recorder, read_back=read_back)
        self._identity = identity
        self._guard = recorder.guard
        self._say = say
        self._clock = clock
        self._companions: list[Companion] = []
        self._watch: Watch | None = None
        self._provenance: threading.Thread | None = None
        self._syncer = syncer
        self._away_s: float | None = AWAY_FOR_S
        self._ended = False
        self._forked = False
        self._stop_flag: mmap.mmap | bytes = UNFLAGGED
        self._stop_seen = False
        self._on_stop: StopCallback | None = None

    def begin(
        self,
        *,
        companions: Iterable[Companion],
        provenance: threading.Thread | None,
        stop_flag: mmap.mmap | bytes = UNFLAGGED,
        on_stop: Callable[[], object] | None = None,
    ) -> None:
        """Start the syncer, and hook into the process: its end, its console. Called once, by `init_run`."""
        self._syncer.start()
        self._stop_flag = stop_flag
        if on_stop is not None:
            self._on_stop = StopCallback(is_asked=lambda: self.should_stop, call=on_stop, say=self._say)
            self._on_stop.start()
        self._provenance = provenance
        if provenance is not None:
            provenance.start()
        for companion in companions:
            with self._guard:
                companion.start()
                self._companions.append(companion)
        self._watch = Watch(self)
        self._watch.start()

    @property
    def id(self) -> str:
        """The run's id, 32 hexadecimal digits."""
        return self._identity.run_id

    @property
    def monitoring_namespace(self) -> str:
        """The path below which console and hardware series are."""
        return self._identity.monitoring

    @property
    def should_stop(self) -> bool:
        """Whether somebody has asked the run to stop, on its page or with `marigram stop`.

        Looking costs about as much as reading an attribute, so a training loop can look in every step. A run that
        ends by itself after it has looked and seen True is `stopped`, not `finished`.
        """
        if self._stop_flag[0]:
            self._stop_seen = True
            return True
        return False

    @property
    def dropped(self) -> dict[str, int]:
        """How many calls were not stored, by reason; empty if all is well."""
        return self._guard.counts

    def get_url(self) -> str:
        """Return the address of the run's page."""
        return f"{self._identity.url}/{self._identity.project}/runs/{self._identity.run_id}"

    def sync(self, *, wait: bool = True, timeout_s: float = 60.0) -> bool:
        """Wait until the server has everything said so far, at most so many seconds; return whether it has.

        It returns sooner if waiting is in vain: the server refuses what was said, or nothing can be sent any more.
        With `wait=False` it only looks. A run whose mode sends nothing is not waited for.
        """
        self._join_provenance()
        done = self._recorder.finish(timeout_s=timeout_s if wait else 0.0)
        if not self._identity.sends:
            return False
        return self._syncer.wait_for(self._recorder.sink, timeout_s=timeout_s if wait else 0.0) is None and done

    def wait(self, *, disk_only: bool = False, timeout_s: float = 60.0) -> bool:
        """Wait until everything said so far is at the server; return whether it is. On disk it is already."""
        return True if disk_only else self.sync(timeout_s=timeout_s)

    def stop(self, seconds: float | None = None) -> None:
        """End the run as finished, and wait at most so many seconds for receipts.

        Without `seconds` it is MARIGRAM_STOP_TIMEOUT_S, and two seconds while the server does not answer.
        """
        if seconds is not None:
            self._identity = msgspec.structs.replace(self._identity, stop_timeout_s=max(0.0, float(seconds)))
            self._away_s = None  # who says how long wants to wait for a server that comes back
        self.end(FINISHED)

    def end(self, ending: Ending, *, wait: bool = True, at_exit: bool = False) -> None:
        """End the run in the way given, once; tell in one line what became of it."""
        if self._ended:
            return
        self._ended = True
        with self._guard:
            self._end(ending, wait=wait, at_exit=at_exit)

    def after_fork(self) -> None:
        """In a forked child: log as a writer of its own, and leave the run's end to the parent."""
        self._forked = True
        self._provenance = None
        self._syncer.after_fork()
        super().after_fork()
        self._recorder.sink.after_fork()
        self._guard.after_fork()
        for companion in self._companions:
            companion.after_fork()

    def __enter__(self) -> Self:
        """Use the run in a `with` block; it ends with the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the run: finished, or failed with the block's exception, which goes on."""
        self.end(FINISHED if error is None else ending_of(error))

    def __reduce__(self) -> NoReturn:
        """Refuse to be sent to another process.

        Raises:
            TypeError: always; the message says what to do instead.
        """
        message = (
            "A Run cannot be pickled. In the other process, call init_run(custom_run_id=...) with the same id in both, "
            "or keep the run in the process that made it."
        )
        raise TypeError(message)

    def __repr__(self) -> str:
        """Say which run it is."""
        return f"<marigram run {self.get_url()}>"

    def _end(self, ending: Ending, *, wait: bool, at_exit: bool) -> None:
        self._syncer.ensure()
        code_comes = at_exit and self._code_comes(ending)
        if self._on_stop is not None:
            self._on_stop.stop()
        for companion in reversed(self._companions):
            with self._guard:
                companion.stop()
        sink = self._recorder.sink
        if not self._forked:
            if wait:
                self._join_provenance()
                if not self._recorder.finish(timeout_s=self._identity.stop_timeout_s):
                    self._guard.drop("unfinished", UNFINISHED)
            with self._guard:
                self._write_ending(FINISHED if code_comes else ending)
        with self._guard:  # even where the ending could not be written, for example on a full disk
            sink.end(exit_said=(ending.failure or "") if code_comes else None, drops=self._guard.counts)
        self._recorder.sink = ClosedSink(sink)
        if not self._forked and wait and self._identity.keeps:
            self._report()
        if self._watch is not None:
            self._watch.stop()
        self._syncer.leave(for_good=at_exit or not wait)

    def _code_comes(self, ending: Ending) -> bool:
        """Return whether the exit code, which the syncer sees later, shall decide how the run has ended."""
        if self._forked or not self._identity.fail_on_exception:
            return False
        return ending == FINISHED or (not ending.is_certain and can_note_exit_code())

    def _write_ending(self, ending: Ending) -> None:
        at = int(self._clock() * _MS)
        if ending.traceback and self._identity.capture_traceback:
            count = len(ending.traceback)
            lines = StringPoints(
                steps=[float(number) for number in range(1, count + 1)], times=[at] * count, values=ending.traceback
            )
            self._recorder.sink.append(Append(path=Path(f"{self._identity.monitoring}/traceback"), points=lines))
        self._guard.write_counts()
        ending = self._as_stopped(ending)
        failed = ending.status is RunStatus.FAILED and self._identity.fail_on_exception
        status = RunStatus.FINISHED if ending.status is RunStatus.FAILED and not failed else ending.status
        if self._identity.leads or status is RunStatus.FAILED:
            said = SetStatus(status=status, at=at, exit_code=ending.exit_code, failure=ending.failure)
            self._recorder.sink.append(said)

    def _as_stopped(self, ending: Ending) -> Ending:
        """Return the ending as that of a run which was asked to end, if that is why it does."""
        how = how_of(self._stop_flag)
        interrupted = how in {StopHow.ABORT, StopHow.KILL}
        if ending.status is RunStatus.STOPPED and interrupted:
            return msgspec.structs.replace(ending, failure="interrupted on request")
        if ending.status is RunStatus.FINISHED and (interrupted or (how is not None and self._stop_seen)):
            return msgspec.structs.replace(ending, status=RunStatus.STOPPED, failure="stopped on request")
        return ending

    def _report(self) -> None:
        sink = self._recorder.sink
        count = sink.last_seq
        if not self._identity.sends:
            self._say(f"{count} operations are in the queue; send them with: marigram sync")
            return
        problem = self._syncer.wait_for(sink, timeout_s=self._identity.stop_timeout_s, away_s=self._away_s)
        position = sink.position()
        if problem is None:
            drops = self._guard.counts
            account = account_of(Logged(points=sink.points, drops=drops), position)
            said = f"all {count:,} operations stored" if account is None else account.sentence()
            reasons = ", ".join(f"{reason} {number:,}" for reason, number in {**drops, **position.rejected}.items())
            if position.rejection is not None:
                self._say(f"The server refused some of it, the last time at {position.rejection}")
            self._say(f"{said}{f' ({reasons})' if reasons else ''}: {self.get_url()}")
            return
        left = count - position.durable_seq
        self._say(
            f"{left} of {count} operations are still in the queue; the syncer goes on in the background, and "
            f"'marigram sync' sends what it cannot. {problem}"
        )

    def _join_provenance(self) -> None:
        if self._provenance is not None and self._provenance.is_alive():
            self._provenance.join(timeout=_PROVENANCE_AT_MOST_S)
