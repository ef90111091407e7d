"""The thread that moves points from memory to blocks and merges small blocks.

It takes one frozen generation after the other, and merges when none waits or too much is unmerged. If the disk
refuses, points stay in memory and in the `wal` table, and it tries again; nothing is lost by waiting.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from marigram.server.store.points.embedded.block import BlockStyle
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.errors import CorruptRowError
from marigram.server.store.points.embedded.flushing import (
    RunBlocks,
    Window,
    merged,
    put_flushed,
    put_merged,
    run_blocks,
    windows,
)
from marigram.server.store.points.embedded.memtable import Generation, Memtable
from marigram.server.store.points.embedded.states import SeriesStates

RETRY_AFTER_S = 5.0

UNMERGED_FLUSHES = 8
"""So many flushes may go before the merging of their blocks; then commits wait, so that neither falls behind."""

EASE_S = 0.02
"""What each commit leaves to the flusher for every generation by which it is behind."""

_STATES_AT_ONCE = 2_000
"""Statistics of so many series are written in some ten milliseconds."""

Write = Callable[[], AbstractContextManager[sqlite3.Connection]]


class Flusher:
    """Flushes what is frozen in `memtable`. `start()` begins, `stop()` ends; in between it is woken by `wake()`.

    Args:
        memtable: what it empties.
        states: what it saves before.
        readers: for the blocks that it merges.
        write: opens a write transaction when it is its turn; commits wait for as long as it is open.
        tidy: called after the work is done, when nothing has to wait.
        style: how blocks are written.
    """

    def __init__(
        self,
        *,
        memtable: Memtable,
        states: SeriesStates,
        readers: Readers,
        write: Write,
        tidy: Callable[[], None],
        style: BlockStyle,
    ) -> None:
        self._memtable = memtable
        self._states = states
        self._readers = readers
        self._write = write
        self._tidy = tidy
        self._style = style
        self._changed = threading.Condition()
        self._stopping = False
        self._failure: Exception | None = None
        self._damaged_runs: set[int] = set()
        self._unmerged: dict[int, None] = {}
        self._unmerged_flushes = 0
        self._logger = logging.getLogger(__name__)
        self._thread = threading.Thread(target=self._work, name="marigram-flusher", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """Say that something was frozen."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, *, at_most: int) -> None:
        """Return as soon as no more than `at_most` generations wait to be flushed.

        Raises:
            OSError: flushing has failed and has not succeeded since.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._memtable.frozen_count <= at_most or self._failure is not None or self._stopping
            )
            if self._memtable.frozen_count > at_most and self._failure is not None:
                message = f"Points could not be moved to blocks: {self._failure}"
                raise OSError(message) from self._failure

    def give_way(self) -> None:
        """Wait for a moment if more than one generation waits, so that commits never have to wait for long."""
        behind = self._memtable.frozen_count - 1
        if behind > 0:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._memtable.frozen_count <= 1 or self._failure is not None or self._stopping,
                    timeout=EASE_S * behind,
                )

    def stop(self) -> None:
        """Finish what is being done and end; points not flushed are in the `wal` table."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._failure is not None:
                    self._changed.wait_for(lambda: self._stopping, timeout=RETRY_AFTER_S)
                else:
                    self._changed.wait_for(
                        lambda: self._stopping or self._memtable.frozen_count > 0 or bool(self._unmerged)
                    )
                if self._stopping:
                    return
            generation = self._memtable.oldest_frozen()
            # Points in memory go first, for commits may have to wait for them, but not for ever.
            if generation is not None and self._unmerged_flushes < UNMERGED_FLUSHES:
                self._take(generation)
            elif self._unmerged:
                self._merge_one()

    def _take(self, generation: Generation) -> None:
        failure: Exception | None = None
        try:
            self._unmerged.update(dict.fromkeys(self._flush(generation)))
            self._unmerged_flushes += 1
        except Exception as error:  # noqa: BLE001 whatever it is, commits must learn of it, not wait for a dead thread
            self._logger.warning("Points could not be moved to blocks and stay in memory for now. %s", error)
            failure = error
        with self._changed:
            self._failure = failure
            self._changed.notify_all()

    def _merge_one(self) -> None:
        run = next(iter(self._unmerged))
        del self._unmerged[run]
        if not self._unmerged:
            self._unmerged_flushes = 0
        try:
            self._merge_run(run)
            if not self._unmerged:
                self._tidy()
        except Exception as error:  # noqa: BLE001 a dead thread would stop all commits; not tidied blocks stop nothing
            self._logger.warning("Blocks were not merged this time. %s", error)

    def _flush(self, generation: Generation) -> list[int]:
        runs = self._memtable.runs_of(generation)
        flushed: list[RunBlocks] = [run_blocks(buffers, self._style) for _, buffers in runs]
        self._save_states([run_id for run_id, _ in runs])
        with self._write() as connection:
            put_flushed(connection, generation, flushed)
            self._states.shrink()
        self._memtable.retire(generation)
        return [run.run for run in flushed]

    def _save_states(self, run_ids: Sequence[str]) -> None:
        """Bring the states in the file up to date, a slice at a time, so that no commit waits for long."""
        for run_id, attributes in self._states.unsaved(run_ids):
            for start in range(0, len(attributes), _STATES_AT_ONCE):
                some = attributes[start : start + _STATES_AT_ONCE]
                try:
                    with self._write() as connection:
                        self._states.save(connection, run_id, some)
                except BaseException:
                    self._states.not_saved(run_id, some)
                    raise

    def _next_window(self, run: int) -> Window | None:
        if self._stopping:
            return None
        with self._readers.snapshot() as connection:
            # A merge can complete the next larger window, so each is looked for anew.
            return next(iter(windows(connection, run)), None)

    def _merge_run(self, run: int) -> None:
        if run in self._damaged_runs:
            return
        try:
            while (window := self._next_window(run)) is not None:
                with self._readers.snapshot() as connection:
                    merge = merged(connection, window, self._style)
                with self._write() as connection:
                    put_merged(connection, merge)
        except CorruptRowError as error:
            self._damaged_runs.add(run)
            self._logger.error("Blocks of a run are no longer merged. %s", error)  # noqa: TRY400 the message says it all
