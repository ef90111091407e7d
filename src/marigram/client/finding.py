"""Which run `init_run` is about: a new one, or one that the server or this machine already knows.

What cannot be, such as a run that is not there or a token that is refused, is found here and raises. A server that does
not answer is no error unless it is needed.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import msgspec

from marigram.client.errors import NotFoundError, ServerError, SettingError, UnreachableError
from marigram.client.history import MONITORING, History, settle, steps_after
from marigram.client.notice import say
from marigram.client.parts import send_rest
from marigram.client.run_folder import queue_directory
from marigram.client.settings import SENDING, Settings
from marigram.model import Fork, Path, ProjectName

if TYPE_CHECKING:
    from marigram.client.reader import Reader
    from marigram.client.transport import Transport

CONNECT_TIMEOUT_S = 1.5
"""A training that starts without its server shall not wait longer for that than a person notices."""

_RUN_NAMESPACE = uuid.UUID("5f2ac7f8-9f0a-5c0e-8f0b-6d61726967d6")
"""Any fixed number: it makes the same custom_run_id the same run on every machine."""

_RUN_ID = re.compile("[0-9a-f]{32}")


class Found(msgspec.Struct, frozen=True):
    """Which run it is, the step after each series that it has or inherits, and where it was forked."""

    run_id: str
    next_steps: dict[Path, float]
    fork: Fork | None = None


def find_run(
    settings: Settings, project: ProjectName, with_id: str | None, history: History, monitoring: Path
) -> Found:
    """Return which run it is; `monitoring` is where its console and hardware are.

    Raises:
        SettingError, AccessError, NotFoundError, UnreachableError, ServerError: as `init_run` says.
    """
    if settings.custom_run_id is not None:
        run_id = uuid.uuid5(_RUN_NAMESPACE, f"{project}/{settings.custom_run_id}").hex
    elif with_id is not None and _RUN_ID.fullmatch(with_id):
        run_id = with_id
    else:
        run_id = uuid.uuid4().hex
    exists = with_id is not None or settings.custom_run_id is not None
    if settings.mode not in SENDING:
        if with_id is not None and run_id != with_id:
            message = (
                f"The run {with_id!r} must be looked up at the server, which mode={settings.mode.value!r} does not."
            )
            raise SettingError(message + " Pass the run's id of 32 digits, or use mode='async'.")
        return Found(run_id, {}, _fork_unseen(history))
    # urllib3 is loaded here and not at the top, so that `import marigram` stays light.
    from marigram.client.transport import Transport

    transport = Transport(
        url=settings.url, token=settings.token, connect_timeout_s=CONNECT_TIMEOUT_S, proxy=settings.proxy
    )
    reachable = shake_hands(transport, project, needed=with_id is not None or history.rewind_to is not None)
    if not reachable:
        return Found(run_id, {}, _fork_unseen(history))
    if not exists and history.parent is None:
        return Found(run_id, {})
    from marigram.client.reader import Reader

    reader = Reader(transport)
    if with_id is not None:
        run_id = reader.find_run(project, with_id).id
    if history.rewind_to is not None:
        settle(queue_directory(settings.home, run_id), send=lambda: send_rest(settings, run_id))
    fork = None
    steps: dict[Path, float] = {}
    if history.parent is not None:
        fork = Fork(run_id=reader.find_run(project, history.parent).id, step=history.fork_step)
        found = (each for each in reader.attributes(fork.run_id) if not each.path.startswith(f"{MONITORING}/"))
        steps.update(steps_after(found, up_to=fork.step, monitoring=monitoring))
    if exists:
        steps.update(next_steps_of(reader, run_id, history.rewind_to, monitoring))
    return Found(run_id, steps, fork)


def _fork_unseen(history: History) -> Fork | None:
    """Return where the run is forked, for when the server cannot be asked."""
    if history.parent is None:
        return None
    if not _RUN_ID.fullmatch(history.parent):
        message = f"The run fork_run_id={history.parent!r} must be looked up at the server, which is not asked now."
        raise SettingError(message + " Pass its id of 32 digits, or start again when the server answers.")
    return Fork(run_id=history.parent, step=history.fork_step)


def shake_hands(transport: Transport, project: ProjectName, *, needed: bool) -> bool:
    """Return whether the server answers; raise if it refuses us, or if it is needed and does not answer."""
    try:
        transport.handshake(project)
    except NotFoundError as error:
        message = f"{transport.url} answers, but is no Marigram server. Check the address: MARIGRAM_URL, or url=..."
        raise ServerError(message, status=404) from error
    except UnreachableError as error:
        if needed:
            raise
        say(f"{error} Logging goes on: everything is kept on this disk and sent when the server answers.")
        return False
    return True


def next_steps_of(reader: Reader, run_id: str, up_to: float | None, monitoring: Path) -> dict[Path, float]:
    """Return the step after each series of a run; nothing for a run that does not exist yet."""
    try:
        return steps_after(reader.attributes(run_id), up_to=up_to, monitoring=monitoring)
    except NotFoundError:
        return {}  # a custom_run_id that is used for the first time
