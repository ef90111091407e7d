"""The `stop` file of a writer's folder: how a request to stop reaches a process that looks for one in each step.

The training process maps it and reads one byte; the syncer, or a person's script, writes it. It says too what was
delivered already and whether the process was killed on request, so that a syncer that takes over from a killed one
interrupts nobody twice and knows a kill from a crash. A forked child shares the mapping with its parent.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

import msgspec

from marigram.model import StopHow
from marigram.system.files import open_file, write_at

_NAME = "stop"
_LAYOUT = struct.Struct("<BB6xqd")
_HOWS = (None, StopHow.GRACEFUL, StopHow.ABORT, StopHow.KILL)

UNFLAGGED = bytes(_LAYOUT.size)
"""What stands in for the mapping where nobody can ask to stop."""


class StopState(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says.

    Attributes:
        how: the strongest that was asked for; None if nothing was.
        killed: whether the process was sent SIGKILL on request.
        number: of the newest request that was delivered; 0 if none was.
        opened_at: seconds since the machine started; what was requested before is not meant for this process.
    """

    how: StopHow | None = None
    killed: bool = False
    number: int = 0
    opened_at: float = 0.0


def open_flag(directory: Path, *, now: float) -> mmap.mmap:
    """Make the file of a writer's folder and return it mapped: its first byte is 0 until somebody asks to stop.

    Raises:
        OSError: it cannot be written.
    """
    path = directory / _NAME
    path.write_bytes(_LAYOUT.pack(0, 0, 0, now))
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), _LAYOUT.size)


def how_of(flag: mmap.mmap | bytes) -> StopHow | None:
    """Return what a mapped file asks for."""
    return _HOWS[flag[0]]


def state_of(flag: mmap.mmap | bytes) -> StopState:
    """Return all that a mapped file says."""
    return _state(bytes(flag[: _LAYOUT.size]))


def read_state(directory: Path) -> StopState | None:
    """Return what the file says; None if there is none, because the writer cannot be asked."""
    try:
        return _state((directory / _NAME).read_bytes())
    except (OSError, struct.error):
        return None


def write_state(directory: Path, state: StopState) -> None:
    """Let the process see a state. It is written in place, because the process has the file mapped.

    Raises:
        OSError: it cannot be written.
    """
    fd = open_file(directory / _NAME, os.O_WRONLY)
    try:
        write_at(fd, _LAYOUT.pack(_HOWS.index(state.how), state.killed, state.number, state.opened_at), 0)
    finally:
        os.close(fd)


def _state(content: bytes) -> StopState:
    fields: tuple[int, int, int, float] = _LAYOUT.unpack(content)
    how, killed, number, opened_at = fields
    return StopState(how=_HOWS[how], killed=bool(killed), number=number, opened_at=opened_at)


def stronger(one: StopHow | None, other: StopHow | None) -> StopHow | None:
    """Return which of two requests asks for more: a run that was aborted is not asked again to be graceful."""
    return _HOWS[max(_HOWS.index(one), _HOWS.index(other))]
