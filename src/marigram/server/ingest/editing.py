"""What people write on a run after the fact: its name, notes and tags, annotations, and other values.

Edits go the way of every batch, as those of a writer of their own, so whatever watches a run sees them. They are no
sign of life: a run that was silent before an edit is as silent after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from marigram.model import Delete, EditSet, Operation, Path, Run, RunStatus, SetValue, project_run_id
from marigram.server.ingest.deleting import SILENT_AFTER_MS
from marigram.server.ingest.door import Ingest
from marigram.server.ingest.refusals import UnknownRunError
from marigram.server.ingest.scribe import Scribe
from marigram.server.ingest.value_edits import JsonValue, NoSuchValueError, check_editable, value_of
from marigram.server.store.meta.port import MetaStore

WRITER = "web"
"""The writer of all edits of a run."""

NAME = Path("sys/name")
NOTES = Path("sys/description")
TAGS = Path("sys/tags")
ANNOTATIONS = "annotations"
"""The namespace of texts that are pinned to a step: `annotations/1200`."""


_WHOLE_UP_TO = 2**53


class EditRefusedError(ValueError):
    """The run has something else where the edit would go; the message says what."""


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is pinned to a step; an empty one takes it away."""

    step: float
    text: str

    def operation(self) -> Operation:
        """Return the write that pins it."""
        # Steps are read by people, so a whole one is written as such, as far as float64 tells them apart.
        step = int(self.step) if self.step.is_integer() and abs(self.step) < _WHOLE_UP_TO else self.step
        path = Path(f"{ANNOTATIONS}/{step}")
        return SetValue(path=path, value=self.text) if self.text else Delete(path=path)


class RunEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What shall change of a run; None leaves it as it is.

    Attributes:
        name: the run's name; empty takes it away.
        notes: its description.
        add_tags: tags that it gets.
        remove_tags: tags that it loses; done first.
        annotations: texts that are pinned to steps.
    """

    name: str | None = None
    notes: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    annotations: tuple[Annotation, ...] = ()

    def operations(self) -> tuple[Operation, ...]:
        """Return the writes that make the change."""
        found: list[Operation] = []
        if self.name is not None:
            found.append(SetValue(path=NAME, value=self.name))
        if self.notes is not None:
            found.append(SetValue(path=NOTES, value=self.notes))
        if self.add_tags or self.remove_tags:
            found.append(EditSet(path=TAGS, add=self.add_tags, remove=self.remove_tags))
        found.extend(each.operation() for each in self.annotations)
        return tuple(found)


class RunEditor:
    """Writes edits through the door in, one after another."""

    def __init__(self, *, ingest: Ingest, meta: MetaStore, clock_ms: Callable[[], int]) -> None:
        self._scribe = Scribe(ingest=ingest, writer=WRITER)
        self._meta = meta
        self._clock_ms = clock_ms

    async def edit(self, run_id: str, wanted: RunEdit) -> Run:
        """Change the run and return it.

        Raises:
            UnknownRunError: there is no such run.
            EditRefusedError: the run has something of another kind there; the rest of the edit is made.
            Busy: too many batches wait; nothing was changed.
        """
        run = await asyncio.to_thread(self._known, run_id)
        operations = wanted.operations()
        if operations:
            await self._write(run, operations)
        return await asyncio.to_thread(self._known, run_id)

    async def set_value(self, run_id: str, path: Path, given: JsonValue) -> None:
        """Set the value at `path`, which the run has already, to another of its kind.

        Raises:
            UnknownRunError: there is no such run.
            EditRefusedError: the run has no value there, none that people edit, or none of this kind.
            Busy: too many batches wait; nothing was changed.
        """
        run = await asyncio.to_thread(self._known, run_id)
        held = await asyncio.to_thread(self._meta.attribute, run_id, path)
        if held is None:
            message = f"The run has no value at {path!r}. Look at its attributes for the paths there are."
            raise EditRefusedError(message)
        try:
            check_editable(path, held.kind)
            value = value_of(held.kind, given)
        except NoSuchValueError as error:
            raise EditRefusedError(str(error)) from error
        await self._write(run, (SetValue(path=path, value=value),))

    async def _write(self, run: Run, operations: tuple[Operation, ...]) -> None:
        receipt = await self._scribe.write(run.id, operations)
        if run.status is not RunStatus.RUNNING or self._clock_ms() - run.heard_at >= SILENT_AFTER_MS:
            await asyncio.to_thread(self._meta.hear, run.id, at=run.heard_at)
        if receipt.rejections:
            raise EditRefusedError(receipt.rejections[0].message)

    def _known(self, run_id: str) -> Run:
        run = self._meta.run(run_id)
        if run is None or run.id == project_run_id(run.project):
            message = f"There is no run {run_id!r}. Use the run's id of 32 digits."
            raise UnknownRunError(message)
        return run
