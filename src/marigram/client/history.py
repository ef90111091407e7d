"""Going on from an earlier step: of the same run (rewind), or of another one (fork).

What `init_run` is told is checked here, and where the step counters of this process begin is worked out.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import msgspec

from marigram.client.card import load_card
from marigram.client.errors import SettingError
from marigram.client.position import load_position
from marigram.client.run_folder import writer_folders
from marigram.model import Path, Rewind

if TYPE_CHECKING:
    from marigram.client.reader import Attribute

MONITORING = Path("monitoring")
SETTLE_AT_MOST_S = 30.0
_LOOK_AGAIN_AFTER_S = 0.05


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What a run goes on from.

    Attributes:
        rewind_to: the last step that stays of the run itself; None: all of it stays.
        parent: key or id of the run that it is forked from; None: of none.
        fork_step: the last step that is inherited from there.
    """

    rewind_to: float | None = None
    parent: str | None = None
    fork_step: float = 0.0


def check_history(
    *, rewind_to: object, fork_run_id: object, fork_step: object, resumes: bool, with_id: bool
) -> History:
    """Return what the run goes on from; `resumes` says whether an existing run is named.

    Raises:
        SettingError: the arguments do not go together, or one of them is wrong.
    """
    if (fork_run_id is None) != (fork_step is None):
        message = "A fork needs both fork_run_id and fork_step. Pass for example fork_run_id='CATS-12', fork_step=500."
        raise SettingError(message)
    if rewind_to is not None and fork_run_id is not None:
        message = "Both rewind_to and fork_run_id were given. Rewind a run, or fork it: a fork leaves it as it is."
        raise SettingError(message)
    if rewind_to is not None:
        if not resumes:
            message = f"rewind_to={rewind_to!r} needs the run that is rewound. Pass with_id='KEY-1' as well."
            raise SettingError(message)
        return History(rewind_to=_finite("rewind_to", rewind_to))
    if fork_run_id is None:
        return History()
    if with_id:
        message = "Both with_id and fork_run_id were given. A fork is a new run: leave with_id out."
        raise SettingError(message)
    if not isinstance(fork_run_id, str) or not fork_run_id:
        message = f"fork_run_id must be the key or id of a run, but it is {fork_run_id!r}. Pass fork_run_id='CATS-12'."
        raise SettingError(message)
    return History(parent=fork_run_id, fork_step=_finite("fork_step", fork_step))


def rewind_of(history: History, monitoring: Path) -> Rewind | None:
    """Return what is said to the server; consoles and hardware, which do not count the script's steps, stay."""
    if history.rewind_to is None:
        return None
    kept = (MONITORING,) if _is_below(monitoring, MONITORING) else (MONITORING, monitoring)
    return Rewind(after_step=history.rewind_to, keep=kept)


def steps_after(attributes: Iterable[Attribute], *, up_to: float | None, monitoring: Path) -> dict[Path, float]:
    """Return the step after each series, as it is once nothing after `up_to` is left (None: all is left)."""
    steps: dict[Path, float] = {}
    for found in attributes:
        path = Path(found.path)
        if found.series is None:
            continue
        kept = up_to is None or _is_below(path, MONITORING) or _is_below(path, monitoring)
        steps[path] = (found.series.last_step if kept or up_to is None else min(found.series.last_step, up_to)) + 1.0
    return steps


def settle(directory: FilePath, *, send: Callable[[], object], timeout_s: float = SETTLE_AT_MOST_S) -> None:
    """Return when the server has all that earlier processes on this machine have said about the run.

    Points of theirs that came after a rewind would undo it.

    Args:
        directory: `queue/<run id>`.
        send: starts a syncer; called if there is anything to send.
        timeout_s: when to give up.

    Raises:
        SettingError: some of it is still here after so long.
    """
    if not any(_unsent(directory)):
        return
    send()
    deadline = time.monotonic() + timeout_s
    while any(_unsent(directory)):
        if time.monotonic() > deadline:
            message = (
                f"What an earlier process logged to this run is still in {directory}, and would come after the rewind. "
                "Run: marigram sync; then start again."
            )
            raise SettingError(message)
        time.sleep(_LOOK_AGAIN_AFTER_S)


def _unsent(directory: FilePath) -> Iterator[bool]:
    """Yield for each queue of the run whether it holds what the server does not have."""
    from marigram.client.backlog import Backlog  # few runs are rewound: the others need not load it

    for queue in writer_folders(directory):
        card = load_card(queue)
        if card is None:
            continue
        backlog = Backlog(directory=queue, run_id=card.run_id, writer=card.writer)
        backlog.seek(load_position(queue).durable_seq)
        yield backlog.next_batch(max_bytes=1) is not None
        backlog.close()


def _finite(name: str, value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    message = f"{name} must be a finite number, but it is {value!r}. Pass for example {name}=500."
    raise SettingError(message)


def _is_below(path: Path, above: Path) -> bool:
    return path == above or path.startswith(f"{above}/")
