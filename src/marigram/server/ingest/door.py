"""`Ingest`, the one way by which anything is written.

A batch is accepted whole or not at all. One thread commits; batches that wait while it works are committed together.
For each group the metadata is committed first and the points second. The writer's position moves with the points, so it
says what is durable in both stores; after a crash between the two commits the batch comes again and its metadata is
applied again, which the port of metadata makes harmless. After the commit, watchers are woken.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from enum import Enum

import msgspec

from marigram.model import (
    Batch,
    ProjectName,
    Receipt,
    Rejection,
    Run,
    RunStatus,
    StopHow,
    StopRequest,
    project_run_id,
)
from marigram.server.ingest.check import broken_envelope, split
from marigram.server.ingest.counting import counted
from marigram.server.ingest.deleting import Deleter
from marigram.server.ingest.placing import Writer, change_of, point_batch, stuck_writers, writer_of
from marigram.server.ingest.refusals import Busy, EnvelopeError, RunEndedError, UnknownRunError
from marigram.server.ingest.room import Room, weight_of
from marigram.server.live import Change, Hub
from marigram.server.store.blobs.port import (
    SHA256,
    BlobStore,
    BlobUpload,
    ResumableUpload,
    UnnamedUpload,
    UploadBusyError,
)
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.points.port import PointStore

MAX_WAITING_BATCHES = 64
"""Batches that may wait for the commit thread; a batch is at most 64 MiB, most are far smaller."""

MAX_WAITING_BYTES = 64 * 1024 * 1024
"""What may wait in memory, arriving bodies included; one batch alone may be larger."""

MAX_GROUP = 32
"""Batches in one commit: enough to share the cost of a sync to disk, few enough to answer soon."""


class _Waiting(msgspec.Struct, frozen=True):
    batch: Batch
    size: int
    answer: Future[Receipt]


class _Deletion(msgspec.Struct, frozen=True):
    run_id: str
    answer: Future[None]


class _End(Enum):
    """What says that nothing more comes."""

    END = "end"


_END = _End.END


class Ingest:
    """The door in. Call `start` before the first batch and `close` at the end."""

    def __init__(
        self,
        *,
        meta: MetaStore,
        points: PointStore,
        blobs: BlobStore,
        hub: Hub,
        clock_ms: Callable[[], int],
        deleted: Callable[[], None] = lambda: None,
    ) -> None:
        self._deleted = deleted
        self._meta = meta
        self._points = points
        self._blobs = blobs
        self._hub = hub
        self._clock_ms = clock_ms
        self._waiting: queue.Queue[_Waiting | _Deletion | _End] = queue.Queue(MAX_WAITING_BATCHES)
        self._room = Room(MAX_WAITING_BYTES)
        self._deleter = Deleter(meta=meta, points=points, clock_ms=clock_ms)
        self._thread = threading.Thread(target=self._work, name="marigram-ingest", daemon=True)

    def start(self) -> None:
        """Start the commit thread."""
        self._thread.start()

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._waiting.put(_END)
        self._thread.join()

    async def accept(self, batch: Batch) -> Receipt:
        """Commit the batch and return its receipt.

        Raises:
            EnvelopeError: the run id, writer or positions are malformed.
            Busy: too many batches wait; nothing was applied.
            OSError: the disk is full or broken; nothing of the batch is receipted.
        """
        fault = broken_envelope(batch)
        if fault is not None:
            raise EnvelopeError(fault)
        answer: Future[Receipt] = Future()
        size = weight_of(batch)
        self._take_room(size)
        try:
            self._waiting.put_nowait(_Waiting(batch, size, answer))
        except queue.Full:
            self._room.give_back(size)
            raise Busy(1) from None
        return await asyncio.wrap_future(answer)

    @contextmanager
    def arriving(self, size: int) -> Generator[None]:
        """Keep room for a body of so many bytes while it is read and decoded.

        Raises:
            Busy: there is none; the body need not be read.
        """
        self._take_room(size)
        try:
            yield
        finally:
            self._room.give_back(size)

    def _take_room(self, size: int) -> None:
        if not self._room.take(size):
            raise Busy(1)

    def durable_seq(self, run_id: str, writer: str) -> int:
        """Return the position up to which the writer's operations are durable, 0 if there are none."""
        return self._points.writer_seq(run_id, writer)

    def hear(self, run_id: str) -> bool:
        """Note that a writer of the run is alive; return whether the run is known."""
        return self._meta.hear(run_id, at=self._clock_ms())

    def request_stop(self, run_id: str, *, how: StopHow, grace_s: float, requested_by: str) -> StopRequest:
        """Ask that the run be stopped, and wake whoever waits for that; `grace_s` is in seconds.

        Raises:
            UnknownRunError: there is no such run.
            RunEndedError: it has ended already.
        """
        run = self._meta.run(run_id)
        if run is not None and run.status is not RunStatus.RUNNING:
            message = f"The run {run.key} has ended already ({run.status.value}). There is nothing to stop."
            raise RunEndedError(message)
        request = self._meta.request_stop(
            run_id, how=how, grace_s=grace_s, requested_by=requested_by, at=self._clock_ms()
        )
        if run is None or request is None:
            message = f"There is no run {run_id!r}. Use the run's id of 32 digits."
            raise UnknownRunError(message)
        self._tell_of_run(run.project, run_id)
        return request

    def trash(self, run_id: str) -> Run:
        """Put the run into the trash and return it; one that is there already stays. It can still be written to.

        Raises:
            UnknownRunError: there is no such run.
        """
        return self._marked(run_id, self._meta.trash([run_id], at=self._clock_ms()))

    def restore(self, run_id: str) -> Run:
        """Take the run out of the trash and return it.

        Raises:
            UnknownRunError: there is no such run.
            RunKeptError: it is being deleted at this moment.
        """
        with self._deleter.keeping(run_id):
            found = self._meta.restore([run_id])
        return self._marked(run_id, found)

    async def delete(self, run_id: str) -> None:
        """Remove a run that is in the trash, for good. It is gone on return; its room on the disk is free soon after.

        Raises:
            UnknownRunError: there is no such run.
            RunKeptError: it is not in the trash, it still goes on, or other runs were forked from it.
            Busy: too many batches wait.
        """
        await asyncio.wrap_future(self._deletion(run_id))

    def delete_now(self, run_id: str) -> None:
        """Do what `delete` does, and wait for it; called from a thread of its own."""
        self._deletion(run_id).result()

    def _deletion(self, run_id: str) -> Future[None]:
        answer: Future[None] = Future()
        try:
            self._waiting.put_nowait(_Deletion(run_id, answer))
        except queue.Full:
            raise Busy(1) from None
        return answer

    def _marked(self, run_id: str, found: Sequence[Run]) -> Run:
        run = found[0] if found else self._known(run_id)
        self._tell_of_run(run.project, run_id)
        return run

    def _known(self, run_id: str) -> Run:
        run = self._meta.run(run_id)
        if run is None or run.id == project_run_id(run.project):
            message = f"There is no run {run_id!r}. Use the run's id of 32 digits."
            raise UnknownRunError(message)
        return run

    def note_delivery(self, run_id: str, number: int) -> None:
        """Note that a process of the run has a request to stop."""
        if self._meta.note_delivery(run_id, number, at=self._clock_ms()):
            run = self._meta.run(run_id)
            if run is not None:
                self._tell_of_run(run.project, run_id)

    def stop_request(self, run_id: str, *, after: int) -> tuple[StopRequest, float] | None:
        """Return the newest request to stop the run and its age in seconds, if its number is larger than `after`."""
        run = self._meta.run(run_id)
        if run is None or run.stop is None or run.stop.number <= after:
            return None
        return run.stop, max(0, self._clock_ms() - run.stop.requested_at) / 1000

    async def wait_for_stop(self, run_id: str, *, after: int, timeout_s: float) -> tuple[StopRequest, float] | None:
        """Return what `stop_request` does, as soon as there is one; None after `timeout_s`, or when the server ends."""
        end = time.monotonic() + timeout_s
        with self._hub.watch(run_id=run_id) as watcher:
            while True:
                found = await asyncio.to_thread(self.stop_request, run_id, after=after)
                left = end - time.monotonic()
                while found is None and left > 0 and not self._hub.closed:
                    changes = await watcher.wait(timeout_s=left)
                    left = end - time.monotonic()
                    if any(change.run_changed for change in changes):
                        break
                if found is not None or left <= 0 or self._hub.closed:
                    return found

    def _tell_of_run(self, project: ProjectName, run_id: str) -> None:
        self._hub.publish([Change(run_id=run_id, project=project, points=False, run_changed=True, paths=frozenset())])

    def blob_size(self, sha256: str) -> int | None:
        """Return the size of a blob in bytes, None if the server doesn't have it. It stays for a batch to name it.

        Raises:
            EnvelopeError: `sha256` is not 64 lowercase hexadecimal digits.
        """
        _require_sha256(sha256)
        return self._blobs.touch(sha256)

    def begin_blob(self, sha256: str) -> BlobUpload:
        """Begin the upload of a blob; its `commit` raises `BlobMismatchError` if the bytes are not those announced.

        Raises:
            EnvelopeError: `sha256` is not 64 lowercase hexadecimal digits.
        """
        _require_sha256(sha256)
        return self._blobs.begin(sha256)

    def receive_blob(self) -> UnnamedUpload:
        """Begin the upload of a blob whose hash nobody has said; its `commit` returns it."""
        return self._blobs.receive()

    def resume_blob(self, sha256: str) -> ResumableUpload:
        """Go on with an upload in parts, or begin one; its `commit` raises as that of `begin_blob` does.

        Raises:
            EnvelopeError: `sha256` is not 64 lowercase hexadecimal digits.
            Busy: another request writes to it at this moment.
        """
        _require_sha256(sha256)
        try:
            return self._blobs.resume(sha256)
        except UploadBusyError as error:
            raise Busy(retry_after_s=1) from error

    def _work(self) -> None:
        deletions: deque[_Deletion] = deque()
        ended = False
        while deletions or not ended:
            group, following = self._next_group(wait=not deletions and not ended)
            if group:
                self._commit_group(group)
            if isinstance(following, _Deletion):
                deletions.append(following)
            ended = ended or following is _END
            # A deletion is in slices, and whoever came meanwhile is served before the next one.
            if deletions and self._delete_some(deletions[0]):
                deletions.popleft()

    def _next_group(self, *, wait: bool) -> tuple[list[_Waiting], _Deletion | _End | None]:
        """Return batches to be committed together, and what came after them that is no batch."""
        group: list[_Waiting] = []
        while len(group) < MAX_GROUP:
            try:
                following = self._waiting.get(block=wait and not group)
            except queue.Empty:
                break
            if not isinstance(following, _Waiting):
                return group, following
            group.append(following)
        return group, None

    def _commit_group(self, group: Sequence[_Waiting]) -> None:
        size = sum(waiting.size for waiting in group)
        # From here on nobody can cancel: an answer that is no longer wanted must not cost its neighbours theirs.
        group = [waiting for waiting in group if waiting.answer.set_running_or_notify_cancel()]
        try:
            self._commit(group)
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to those who wait for an answer
            for waiting in group:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
        self._room.give_back(size)

    def _delete_some(self, deletion: _Deletion) -> bool:
        """Remove some of a run; return whether that is over, because it is gone or may not go."""
        try:
            run = self._known(deletion.run_id)
            if not self._deleter.advance(run):
                return False
            self._tell_of_run(run.project, run.id)
            self._deleted()
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to whoever waits for an answer
            deletion.answer.set_exception(error)
        else:
            deletion.answer.set_result(None)
        return True

    def _commit(self, group: Sequence[_Waiting]) -> None:
        """Commit the batches that continue their writers' streams and answer the rest with where to continue."""
        expected: dict[Writer, int] = {}
        chosen: list[tuple[_Waiting, Batch, list[Rejection]]] = []
        for waiting in group:
            batch = waiting.batch
            writer = writer_of(batch)
            durable = expected.get(writer)
            if durable is None:
                durable = self._points.writer_seq(*writer)
            if batch.first_seq == durable + 1:
                cleaned, rejections = split(self._deleter.without_return(batch), self._blobs.touch)
                chosen.append((waiting, cleaned, rejections))
                durable = batch.last_seq
            else:
                known = Receipt(
                    durable_seq=self._points.writer_seq(*writer), tally=self._points.tally(*writer) or msgspec.UNSET
                )
                waiting.answer.set_result(known)
            expected[writer] = durable
        if not chosen:
            return
        outcomes = self._meta.commit([batch for _, batch, _ in chosen], heard_at=self._clock_ms())
        stuck = stuck_writers([(batch, outcome) for (_, batch, _), outcome in zip(chosen, outcomes, strict=True)])
        applied = [
            (waiting.batch, batch, rejections, outcome)
            for (waiting, batch, rejections), outcome in zip(chosen, outcomes, strict=True)
            if writer_of(batch) not in stuck
        ]
        self._points.commit(
            [
                counted(sent, point_batch(batch, outcome), [*rejections, *outcome.rejections])
                for sent, batch, rejections, outcome in applied
            ]
        )
        self._hub.publish(
            change for _, batch, _, outcome in applied if (change := change_of(batch, outcome)) is not None
        )
        for (waiting, batch, rejections), outcome in zip(chosen, outcomes, strict=True):
            durable = stuck.get(writer_of(batch), batch.last_seq)
            tally = self._points.tally(*writer_of(batch)) or msgspec.UNSET
            receipt = Receipt(durable_seq=durable, rejections=(*rejections, *outcome.rejections), tally=tally)
            waiting.answer.set_result(receipt)


def _require_sha256(sha256: str) -> None:
    if not SHA256.fullmatch(sha256):
        message = f"{sha256[:80]!r} is not a SHA-256. Send 64 lowercase hexadecimal digits."
        raise EnvelopeError(message)
