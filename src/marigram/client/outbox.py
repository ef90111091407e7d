"""One writer's queue on its way to the server.

Guarantees: operations go in order, a batch goes only when the one before is receipted, blobs go before the batch that
names them, and nothing is deleted here before the server's receipt covers it. Where to continue is what the receipt
says, whatever was sent, so a batch sent twice is stored once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from marigram.client.backlog import MAX_BATCH_BYTES, Backlog
from marigram.client.card import Card
from marigram.client.errors import ServerError, SettingError, UnreachableError
from marigram.client.exit_code import load_exit_code
from marigram.client.position import load_position, save_position
from marigram.client.queue import ENDED_NAME, EXIT_CODE_COMES
from marigram.client.run_folder import remove_writer
from marigram.client.staging import BLOBS_NAME, can_change, forget, is_lent, settle, settle_by_copy
from marigram.client.transport import Transport
from marigram.model import Append, Appends, AttachFile, Batch, CreateRun, File, FilePoints, Operation, Receipt, Tally
from marigram.system.disk import sync_file

UPLOADS_AT_ONCE = 4
_TOO_LARGE = 413


class _Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it goes to the server, with the files that it names: where each hash's bytes are, and its token."""

    batch: Batch
    uploads: dict[str, tuple[Path, str | None]]
    gone: int
    changed: int


class Outbox:
    """Sends one queue. Not for several threads."""

    def __init__(self, *, directory: Path, card: Card, transport: Transport, log: Callable[[str], None]) -> None:
        """Take a queue's folder, its card and the way to the server."""
        self.directory = directory
        self.card = card
        self._blobs = directory / BLOBS_NAME
        self._transport = transport
        self._log = log
        self._backlog = Backlog(directory=directory, run_id=card.run_id, writer=card.writer)
        self.position = load_position(directory)
        self._backlog.seek(self.position.durable_seq)
        self._waiting: Batch | None = None
        self._synced_files: set[str] = set()
        self.was_empty = self.is_empty = False
        self._batch_bytes = MAX_BATCH_BYTES
        self._lost_before = self.position.lost

    @property
    def has_ended(self) -> bool:
        """Whether the writer has said that it says no more."""
        return (self.directory / ENDED_NAME).exists()

    @property
    def awaits_exit_code(self) -> bool:
        """Whether the process will leave its exit code after its last word."""
        return self._last_word().startswith(EXIT_CODE_COMES)

    def exit_said(self) -> str:
        """Return what the program gave as the reason for its exit code; empty if it did not."""
        return self._last_word().partition("\n")[2]

    def exit_code(self) -> int | None:
        """Return the exit code that the process has left; None if it has not."""
        return load_exit_code(self.directory) if self.awaits_exit_code else None

    @property
    def is_behind(self) -> bool:
        """Whether more was waiting than the last batch could take."""
        return self._backlog.is_behind

    def send_next(self, *, max_bytes: int = MAX_BATCH_BYTES) -> int | None:
        """Send the next batch; return how many operations the server has now that it had not.

        None means that there is nothing left to send, for now. 0 is something else: the server has lost what it had, or
        a proxy before it takes smaller batches only, and the next one will be smaller.

        Raises:
            UnreachableError, AccessError, NotFoundError, SettingError, ServerError: it did not work; call again later.
        """
        batch = self._waiting
        if batch is None:
            batch = self._backlog.next_batch(max_bytes=min(max_bytes, self._batch_bytes))
        self.is_empty = batch is None
        if batch is None:
            self.was_empty = True
            return None
        self._waiting = batch = _beginning(batch, self.card)
        ready = self._settle(batch)
        self._upload(ready)
        try:
            receipt = self._transport.send(ready.batch)
        except ServerError as error:
            if error.status != _TOO_LARGE or batch.first_seq == batch.last_seq:
                raise
            self._make_smaller()
            return 0
        return self._apply(batch, ready, receipt)

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
            for entry in os.scandir(self._blobs):
                if entry.name not in self._synced_files:
                    self._synced_files.add(entry.name)
                    sync_file(Path(entry.path))

    def note_problem(self, problem: str | None, *, refused: bool = False) -> None:
        """Let the training process and `marigram sync` know why nothing goes on."""
        if (problem, refused) != (self.position.problem, self.position.refused):
            self._save(problem=problem, refused=refused)

    def mark_ended(self) -> None:
        """Say in place of a writer that is gone that it says no more."""
        (self.directory / ENDED_NAME).touch()

    def clean(self) -> None:
        """Delete what is receipted; call when the writer has ended and nothing is left."""
        self._backlog.forget(self.position.durable_seq)
        shutil.rmtree(self._blobs, ignore_errors=True)

    def remove(self) -> None:
        """Delete the queue."""
        self._backlog.close()
        remove_writer(self.directory)

    def close(self) -> None:
        """Let go of the files; the queue stays."""
        self._backlog.close()

    def _apply(self, batch: Batch, ready: _Ready, receipt: Receipt) -> int:
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
        last_rejection = self.position.rejection
        for rejection in receipt.rejections:
            code = rejection.code.value
            rejected[code] = rejected.get(code, 0) + rejection.count
            last_rejection = f"{rejection.path!r}: {rejection.message}"
            self._log(f"rejected at {rejection.path}: {code} ({rejection.count}): {rejection.message}")
        counted: dict[str, object] = {}
        if isinstance(receipt.tally, Tally):
            # The server's count knows of answers that never came here, such as the one before a syncer was killed.
            rejected = receipt.tally.rejections
            counted = {
                "points_stored": receipt.tally.points_stored,
                "points_refused": receipt.tally.points_refused,
            }
        self._save(
            **counted,
            durable_seq=durable,
            rejected=rejected,
            rejection=last_rejection,
            problem=None,
            refused=False,
            files_gone=self.position.files_gone + ready.gone,
            files_changed=self.position.files_changed + ready.changed,
        )
        if durable == batch.last_seq:
            self._backlog.forget(durable)
            for file in _files(batch):
                forget(self._blobs, file.sha256)
        return max(0, durable - before)

    def _last_word(self) -> str:
        with contextlib.suppress(OSError):
            return (self.directory / ENDED_NAME).read_text(encoding="utf-8")
        return ""

    def _make_smaller(self) -> None:
        """Read what waits again, in batches of a quarter."""
        self._batch_bytes = max(1, self._batch_bytes // 4)
        self._log(f"{self.card.writer}: the server takes no batch so large; going on with {self._batch_bytes} bytes")
        self._waiting = None
        self._backlog.seek(self.position.durable_seq)

    def _save(self, **changes: object) -> None:
        lost = self._lost_before + self._backlog.lost
        self.position = msgspec.structs.replace(self.position, lost=lost, **changes)
        save_position(self.directory, self.position)

    def _settle(self, batch: Batch) -> _Ready:
        """Put hashes where tokens stand for files that were lent; leave out what names a file that has gone."""
        found: dict[str, File] = {}
        uploads: dict[str, tuple[Path, str | None]] = {}
        gone: set[str] = set()
        changed = 0
        for file in _files(batch):
            if not is_lent(self._blobs, file.sha256):
                uploads[file.sha256] = (self._blobs / file.sha256, None)
                continue
            settled = settle(self._blobs, file.sha256)
            if settled is None:
                gone.add(file.sha256)
                self._log(f"{file.filename} had gone before it could be sent")
                continue
            changed += settled.changed
            uploads[settled.sha256] = (settled.content, file.sha256)
            found[file.sha256] = msgspec.structs.replace(file, sha256=settled.sha256, size=settled.size)
        if found or gone:
            batch = msgspec.structs.replace(batch, operations=tuple(_with_files(batch.operations, found, gone)))
        return _Ready(batch=batch, uploads=uploads, gone=len(gone), changed=changed)

    def _upload(self, ready: _Ready) -> None:
        """Upload a batch's files, several at once."""
        if len(ready.uploads) == 1:
            for sha256, (content, token) in ready.uploads.items():
                self._upload_one(sha256, content, token)
        elif ready.uploads:
            with ThreadPoolExecutor(max_workers=UPLOADS_AT_ONCE, thread_name_prefix="marigram-upload") as pool:
                uploads = [
                    pool.submit(self._upload_one, sha256, content, token)
                    for sha256, (content, token) in ready.uploads.items()
                ]
            for upload in uploads:
                upload.result()

    def _upload_one(self, sha256: str, content: Path, token: str | None) -> None:
        if self._transport.has_blob(sha256):
            return
        try:
            self._transport.put_blob(sha256, content)
        except FileNotFoundError:
            # The server will reject the operation by name, which is counted; holding up the rest would help nobody.
            self._log(f"the content of {sha256} is not in the queue any more")
        except SettingError as error:
            if token is None or not can_change(self._blobs, token):
                raise
            # It was overwritten while it was read; what a copy holds stays as it is.
            settle_by_copy(self._blobs, token)
            message = f"A file changed while it was sent; sending a copy of it. ({error})"
            raise UnreachableError(message) from error


def _beginning(batch: Batch, card: Card) -> Batch:
    """A writer's first batch makes the run, even where a loss of power took the operation that says so."""
    if batch.first_seq != 1 or (batch.operations and isinstance(batch.operations[0], CreateRun)):
        return batch
    create = CreateRun(project=card.project, created_at=card.created_at, fork=card.fork)
    return msgspec.structs.replace(batch, operations=(create, *batch.operations))


def _with_files(
    operations: Iterable[Operation | Appends], found: dict[str, File], gone: set[str]
) -> Iterator[Operation | Appends]:
    """Yield the operations with the files that tokens stood for, without those that have gone."""
    for operation in operations:
        match operation:
            case AttachFile(file=file):
                if file.sha256 not in gone:
                    yield msgspec.structs.replace(operation, file=_named_as(file, found))
            case Append(points=FilePoints(steps=steps, times=times, values=values)):
                rows = [row for row in zip(steps, times, values, strict=True) if row[2].sha256 not in gone]
                points = FilePoints(
                    steps=[row[0] for row in rows],
                    times=[row[1] for row in rows],
                    values=[_named_as(row[2], found) for row in rows],
                )
                if rows:
                    yield msgspec.structs.replace(operation, points=points)
            case _:
                yield operation


def _named_as(file: File, found: dict[str, File]) -> File:
    settled = found.get(file.sha256)
    if settled is None:
        return file
    return msgspec.structs.replace(file, sha256=settled.sha256, size=settled.size)


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
