"""Sends what earlier runs left on this machine: offline runs, and those whose server or syncer was away.

For `marigram sync`. A queue that a live syncer works on is left to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from marigram.client.card import any_card
from marigram.client.emptying import Syncer
from marigram.client.lock import take_lock
from marigram.client.run_folder import queue_directory, remove_abandoned
from marigram.client.transport import Transport

PATIENCE_S = 5.0
"""Somebody waits at a terminal: a server that is away so long is reported instead."""


class Leftover(msgspec.Struct, frozen=True, kw_only=True):
    """One run's queue after an attempt to send it.

    Attributes:
        sent: operations that the server has now and had not before.
        finished: everything is receipted and the queue is gone.
        problem: why not, if not.
    """

    run_id: str
    project: str
    url: str
    sent: int
    finished: bool
    problem: str | None


def sync_leftovers(
    home: Path,
    url: str | None = None,
    *,
    token: str | None = None,
    proxy: str | None = None,
    progress: Callable[[str, int], None] | None = None,
    log: Callable[[str], None] = lambda _: None,
) -> tuple[Leftover, ...]:
    """Send every queue below `home` that no live syncer handles.

    Args:
        home: the folder of MARIGRAM_HOME.
        url: where to send; None: where each run was meant to go.
        token: API token.
        proxy: to go by, if any.
        progress: is told the run's id and how many of its operations a receipt has just covered.
        log: takes lines for whoever looks for trouble.
    """
    queues = home / "queue"
    found = sorted(entry.name for entry in os.scandir(queues) if entry.is_dir()) if queues.is_dir() else []
    results: list[Leftover] = []
    for run_id in found:
        result = _sync_run(home, run_id, url=url, token=token, proxy=proxy, progress=progress, log=log)
        if result is not None:
            results.append(result)
    return tuple(results)


def _sync_run(
    home: Path,
    run_id: str,
    *,
    url: str | None,
    token: str | None,
    proxy: str | None,
    progress: Callable[[str, int], None] | None,
    log: Callable[[str], None],
) -> Leftover | None:
    directory = queue_directory(home, run_id)
    card = any_card(directory)
    if card is None:
        remove_abandoned(directory)
        return None
    target = url or card.url
    lock = take_lock(directory)
    if lock is None:
        problem = "A syncer works on it at this moment."
        return Leftover(run_id=run_id, project=card.project, url=target, sent=0, finished=False, problem=problem)
    sent = 0

    def count(operations: int) -> None:
        nonlocal sent
        sent += operations
        if progress is not None:
            progress(run_id, operations)

    try:
        syncer = Syncer(
            directory=directory,
            home=home,
            transport=Transport(url=target, token=token, proxy=proxy),
            log=log,
            follow=False,
            patience_s=PATIENCE_S,
            progress=count,
        )
        finished = syncer.run()
    finally:
        os.close(lock)
    problem = None if finished else syncer.problem or "The run still goes on."
    return Leftover(run_id=run_id, project=card.project, url=target, sent=sent, finished=finished, problem=problem)
