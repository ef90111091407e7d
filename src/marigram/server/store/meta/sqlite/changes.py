"""`ChangeRecorder`: what each transaction of the write connection has changed, for those who listen.

Triggers tell, so no statement that is written now or later can change a row that listeners don't hear of. They are
temporary: they belong to the connection and never reach the file. Used under the engine's write lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from marigram.model import Kind, Path, ProjectName
from marigram.server.store.meta.port import MetaChanges, MetaListener

_ROWS: Sequence[tuple[str, str]] = (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))


class ChangeRecorder:
    """Gathers changes until the transaction ends, then publishes or discards them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Put the triggers on the connection; its tables are there."""
        self._connection = connection
        self._listeners: list[MetaListener] = []
        self._projects: dict[int, ProjectName] = {}
        self._runs: list[tuple[int, int]] = []
        self._attributes: list[tuple[int, int, str, str]] = []
        self._cells: list[tuple[int, int]] = []
        self._put_triggers()

    def listen(self, listener: MetaListener) -> None:
        """Tell the listener of all transactions from now on."""
        self._listeners.append(listener)

    def publish(self) -> None:
        """Tell what was gathered: the transaction was committed."""
        changes = MetaChanges(
            runs=[(self._project(project), number) for project, number in self._runs],
            attributes=[
                (each, self._project(project), Path(path), Kind(kind)) for each, project, path, kind in self._attributes
            ],
            cells=self._cells,
        )
        self.discard()
        if changes.runs or changes.attributes or changes.cells:
            for listener in self._listeners:
                listener(changes)

    def discard(self) -> None:
        """Forget what was gathered."""
        self._runs, self._attributes, self._cells = [], [], []

    def _put_triggers(self) -> None:
        note = self._connection.create_function
        note("note_run", 2, self._note_run)
        note("note_attribute", 4, self._note_attribute)
        note("note_cell", 2, self._note_cell)
        for event, row in _ROWS:
            for table in ("attribute_value", "inherited"):
                self._put_trigger(table, event, f"note_cell({row}.run, {row}.attribute)")
            self._put_trigger("run", event, f"note_run({row}.project, {row}.id)")
        self._put_trigger("attribute", "INSERT", "note_attribute(NEW.id, NEW.project, NEW.path, NEW.kind)")

    def _put_trigger(self, table: str, event: str, call: str) -> None:
        self._connection.execute(
            f"CREATE TEMP TRIGGER {table}_{event} AFTER {event} ON main.{table} BEGIN SELECT {call}; END"
        )

    def _note_run(self, project: int, number: int) -> None:
        self._runs.append((project, number))

    def _note_attribute(self, attribute: int, project: int, path: str, kind: str) -> None:
        self._attributes.append((attribute, project, path, kind))

    def _note_cell(self, run: int, attribute: int) -> None:
        self._cells.append((run, attribute))

    def _project(self, number: int) -> ProjectName:
        known = self._projects.get(number)
        if known is None:
            row = self._connection.execute("SELECT name FROM project WHERE id = ?", (number,)).fetchone()
            known = self._projects[number] = ProjectName(row[0])
        return known
