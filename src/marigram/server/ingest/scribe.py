"""`Scribe`: writes for those who keep no positions of their own, such as people and clients of foreign protocols.

A scribe is one writer of every run it writes to, and numbers the operations itself. Who writes to a run waits for the
receipt of whoever did before, so what is looked at within a turn is as it was written last, as far as this scribe goes.
On return of `write` the operations survive loss of power. A write that fails may have been made or not; the next one
begins at the position that is durable.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from marigram.model import Appends, Batch, Operation, Receipt
from marigram.server.ingest.door import Ingest
from marigram.server.ingest.refusals import Busy

MOST_POSITIONS = 10_000
"""Runs whose position is remembered; of others it is looked up, which is a small question to the store."""


TRIES = 4
"""A position is off when a run was deleted and made anew, or while a write whose asker has gone is on its way."""


class Turn:
    """The right to write to one run, until the context that gave it is left."""

    def __init__(self, scribe: Scribe, run_id: str) -> None:
        self._scribe = scribe
        self._run_id = run_id

    async def write(self, operations: Sequence[Operation | Appends]) -> Receipt:
        """Commit the operations and return their receipt.

        Raises:
            EnvelopeError: the run's id is malformed.
            Busy: too many batches wait; nothing was applied.
            OSError: the disk is full or broken.
        """
        return await self._scribe.append(self._run_id, operations)


class Scribe:
    """Writes under one writer's name. Use it on the event loop, one scribe per writer and server."""

    def __init__(self, *, ingest: Ingest, writer: str) -> None:
        """Write as `writer`: 1 to 64 letters, digits, `-`, `_` or `.`."""
        self._ingest = ingest
        self._writer = writer
        self._positions: OrderedDict[str, int] = OrderedDict()
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}

    async def write(self, run_id: str, operations: Sequence[Operation | Appends]) -> Receipt:
        """Take a turn for one write; see `Turn.write`."""
        async with self.turn(run_id) as turn:
            return await turn.write(operations)

    @asynccontextmanager
    async def turn(self, run_id: str) -> AsyncGenerator[Turn]:
        """Wait until nobody else writes to the run through this scribe, and hold it."""
        lock, waiting = self._turns.get(run_id, (asyncio.Lock(), 0))
        self._turns[run_id] = lock, waiting + 1
        try:
            async with lock:
                yield Turn(self, run_id)
        finally:
            lock, waiting = self._turns[run_id]
            if waiting == 1:
                del self._turns[run_id]
            else:
                self._turns[run_id] = lock, waiting - 1

    async def append(self, run_id: str, operations: Sequence[Operation | Appends]) -> Receipt:
        """Do what `Turn.write` says; only who has the turn may call it."""
        durable = self._positions.pop(run_id, None)
        if durable is None:
            durable = await asyncio.to_thread(self._ingest.durable_seq, run_id, self._writer)
        for _ in range(TRIES):
            receipt = await self._ingest.accept(self._batch(run_id, durable, operations))
            if receipt.durable_seq == durable + len(operations):
                self._positions[run_id] = receipt.durable_seq
                if len(self._positions) > MOST_POSITIONS:
                    self._positions.popitem(last=False)
                return receipt
            if receipt.rejections:
                return receipt  # the run is unknown, so nothing of it has a position
            durable = receipt.durable_seq
        raise Busy(1)

    def _batch(self, run_id: str, durable: int, operations: Sequence[Operation | Appends]) -> Batch:
        return Batch(
            run_id=run_id,
            writer=self._writer,
            first_seq=durable + 1,
            last_seq=durable + len(operations),
            operations=tuple(operations),
        )
