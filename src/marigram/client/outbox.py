"""One writer's queue on its way to the server.

Guarantees: operations go in order, a batch goes only when the one before is receipted, blobs go before the batch that
names them, and nothing is deleted here before the server's receipt covers it. Where to continue is what the receipt
says, whatever was sent, so a batch sent twice is stored once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from marigram.client.backlog import MAX_BATCH_BYTES, Backlog
from marigram.client.card import Card
from marigram.client.errors import UnreachableError
from marigram.client.exit_code import load_exit_code
from marigram.client.position import load_position, save_position
from marigram.client.queue import BLOBS_NAME, ENDED_NAME, EXIT_CODE_COMES
from marigram.client.segment import sync_file
from marigram.client.transport import Transport
from marigram.model import Append, AttachFile, Batch, CreateRun, File, FilePoints, Receipt


class Outbox:
    """Sends one queue. Not for several threads."""

    def __init__(self, *, directory: Path, card: Card, transport: Transport, log: Callable[[str], None]) -> None:
        """Take a queue's folder, its card and the way to the server."""
        self.directory = directory
        self.card = card
        self._transport = transport
        self._log = log
        self._backlog = Backlog(directory=directory, run_id=card.run_id, writer=card.writer)
        self.position = load_position(directory)
        self._backlog.seek(self.position.durable_seq)
        self._waiting: Batch | None = None
        self._synced_files: set[str] = set()
        self.was_empty = False
        self._lost_before = self.position.lost

    @property
    def has_ended(self) -> bool:
        """Whether the writer has said that it says no more."""
        return (self.directory / ENDED_NAME).exists()

    @property
    def awaits_exit_code(self) -> bool:
        """Whether the process will leave its exit code after its last word."""
        with contextlib.suppress(OSError):
            return (self.directory / ENDED_NAME).read_text() == EXIT_CODE_COMES
        return False

    def exit_code(self) -> int | None:
        """Return the exit code that the process has left; None if it has not."""
        return load_exit_code(self.directory) if self.awaits_exit_code else None

    @property
    def is_behind(self) -> bool:
        """Whether more was waiting than the last batch could take."""
        return self._backlog.is_behind

    def send_next(self, *, max_bytes: int = MAX_BATCH_BYTES) -> int | None:
        """Send the next batch; return how many operations the server has now that it had not.

        None means that there is nothing left to send, for now. 0 is something else: the server has lost what it had.

        Raises:
            UnreachableError, AccessError, NotFoundError, SettingError, ServerError: it did not work; call again later.
        """
        batch = self._waiting
        if batch is None:
            batch = self._backlog.next_batch(max_bytes=max_bytes)
        if batch is None:
            self.was_empty = True
            return None
        self._waiting = batch = _beginning(batch, self.card)
        for file in _files(batch):
            self._upload(file)
        receipt = self._transport.send(batch)
        return self._apply(batch, receipt)

    def sync_to_disk(self) -> None:
        """Bring what is queued to the disk itself, unless all of it was receipted at some moment since the last call.

        So nothing that was said is for longer than two of the caller's periods in the memory of this machine alone,
        and while sending works, which is nearly always, the disk is left in peace.
        """
        was_empty, self.was_empty = self.was_empty, False
        if was_empty:
            return
        self._backlog.sync()
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self.directory / BLOBS_NAME):
                if entry.name not in self._synced_files:
                    self._synced_files.add(entry.name)
                    sync_file(Path(entry.path))

    def note_problem(self, problem: str | None) -> None:
        """Let the training process and `marigram sync` know why nothing goes on."""
        if problem != self.position.problem:
            self._save(problem=problem)

    def mark_ended(self) -> None:
        """Say in place of a writer that is gone that it says no more."""
        (self.directory / ENDED_NAME).touch()

    def clean(self) -> None:
        """Delete what is receipted; call when the writer has ended and nothing is left."""
        self._backlog.forget(self.position.durable_seq)
        shutil.rmtree(self.directory / BLOBS_NAME, ignore_errors=True)

    def remove(self) -> None:
        """Delete the queue."""
        self._backlog.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def close(self) -> None:
        """Let go of the files; the queue stays."""
        self._backlog.close()

    def _apply(self, batch: Batch, receipt: Receipt) -> int:
        before = self.position.durable_seq
        durable = receipt.durable_seq
        if durable == batch.first_seq - 1:
            message = f"The server did not take operations {batch.first_seq} to {batch.last_seq}; trying again."
            raise UnreachableError(message)
        self._waiting = None
        if durable != batch.last_seq:
            self._log(f"{self.card.writer}: sent {batch.first_seq}-{batch.last_seq}, continuing after {durable}")
            self._backlog.seek(durable)
        rejected = dict(self.position.rejected)
        for rejection in receipt.rejections:
            code = rejection.code.value
            rejected[code] = rejected.get(code, 0) + rejection.count
            self._log(f"rejected at {rejection.path}: {code} ({rejection.count}): {rejection.message}")
        self._save(durable_seq=durable, rejected=rejected, problem=None)
        if durable == batch.last_seq:
            self._backlog.forget(durable)
            for file in _files(batch):
                (self.directory / BLOBS_NAME / file.sha256).unlink(missing_ok=True)
        return max(0, durable - before)

    def _save(self, **changes: object) -> None:
        lost = self._lost_before + self._backlog.lost
        self.position = msgspec.structs.replace(self.position, lost=lost, **changes)
        save_position(self.directory, self.position)

    def _upload(self, file: File) -> None:
        if self._transport.has_blob(file.sha256):
            return
        try:
            self._transport.put_blob(file.sha256, self.directory / BLOBS_NAME / file.sha256)
        except FileNotFoundError:
            # The server will reject the operation by name, which is counted; holding up the rest would help nobody.
            self._log(f"the content of {file.filename} ({file.sha256}) is not in the queue any more")


def _beginning(batch: Batch, card: Card) -> Batch:
    """A writer's first batch makes the run, even where a loss of power took the operation that says so."""
    if batch.first_seq != 1 or (batch.operations and isinstance(batch.operations[0], CreateRun)):
        return batch
    create = CreateRun(project=card.project, created_at=card.created_at, fork=card.fork)
    return msgspec.structs.replace(batch, operations=(create, *batch.operations))


def _files(batch: Batch) -> Iterator[File]:
    seen: set[str] = set()
    for operation in batch.operations:
        match operation:
            case AttachFile(file=file):
                files = [file]
            case Append(points=FilePoints(values=values)):
                files = list(values)
            case _:
                continue
        for file in files:
            if file.sha256 not in seen:
                seen.add(file.sha256)
                yield file
