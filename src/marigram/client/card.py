"""`writer.json`: who writes a queue and where it shall go, so that any syncer can send it, even weeks later.

It never holds the token. A writer is told from a later process with the same number by its mark, which no setting of
the clock moves; where the system has none, by the time it was created.
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path

import msgspec

from marigram.client.host import host_name
from marigram.client.run_folder import CARD_NAME, writer_folders
from marigram.model import Fork, ProjectName
from marigram.system.files import read_whole, replace

FLUSH_PERIOD_S = 0.25
"""A chart moves while one looks, and each batch costs both sides some milliseconds of a processor, however small it is:
ten a second would take more from a training on this machine than its logging calls do."""


class Role(str, Enum):
    """What a writer's end means.

    When a `main` process is gone without an end, the run has crashed. A `fork` (a worker of the main process) may
    vanish at any time, and so may a `syncer`.
    """

    MAIN = "main"
    FORK = "fork"
    SYNCER = "syncer"


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One writer.

    Attributes:
        created_at: of the run, milliseconds since 1970-01-01 UTC.
        pid, process_created_at: of the process; seconds since 1970 as psutil tells them.
        hardware: whether the syncer shall sample the hardware, below `monitoring`.
        visible_devices: what CUDA_VISIBLE_DEVICES says in the process, if anything.
        flush_period_s: how long the syncer may collect before it sends.
        fork: where the run's history comes from, if from another run.
        patience_s: how long the syncer tries on after the process ended.
        process_mark: what only this process has on this host; empty where the system tells nothing of the kind.
    """

    run_id: str
    writer: str
    role: Role
    project: ProjectName
    url: str
    created_at: int
    pid: int
    process_created_at: float
    host: str
    monitoring: str
    hardware: bool = False
    flush_period_s: float = FLUSH_PERIOD_S
    patience_s: float = 86_400.0
    fork: Fork | None = None
    visible_devices: str | None = None
    version: int = 1
    process_mark: str = ""

    def is_alive(self) -> bool | None:
        """Return whether the writing process is there; None if that cannot be known, on another host.

        A zombie counts as gone: it will never write again.
        """
        import psutil  # not at the top: a training process asks this of nobody

        if self.host != host_name():
            return None
        try:
            process = psutil.Process(self.pid)
            mark = process_mark(self.pid) if self.process_mark else ""
            if mark:
                same = mark == self.process_mark
            else:
                same = abs(process.create_time() - self.process_created_at) < _CREATED_TOLERANCE_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True


_CREATED_TOLERANCE_S = 1.5
"""The boot time that psutil adds moves when the clock is set; a process number is not used again within a second."""


def save_card(directory: Path, card: Card) -> None:
    """Write the card whole or not at all; a process that writes its own puts its mark on it."""
    if card.pid == os.getpid() and abs(process_created_at() - card.process_created_at) < _CREATED_TOLERANCE_S:
        card = msgspec.structs.replace(card, process_mark=process_mark(card.pid))
    temporary = directory / (CARD_NAME + ".new")
    temporary.write_bytes(msgspec.json.encode(card))
    replace(temporary, directory / CARD_NAME)


def load_card(directory: Path) -> Card | None:
    """Return the card of a queue; None if there is none, or none of ours."""
    try:
        return msgspec.json.decode(read_whole(directory / CARD_NAME), type=Card)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


def any_card(directory: Path) -> Card | None:
    """Return the card of one of a run's writers; None if there is no queue."""
    cards = map(load_card, writer_folders(directory))
    return next((card for card in cards if card is not None), None)


def process_created_at() -> float:
    """Return when this process was created, as psutil tells it."""
    import psutil  # not at the top: `import marigram` shall stay light

    return psutil.Process().create_time()


def process_mark(pid: int) -> str:
    """Return which start of the system a process belongs to, and when after it the process began; empty if unknown.

    The time of creation in seconds since 1970 is of less use: Linux derives it from the clock, so when the clock is
    set, every process seems to be another one.
    """
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # The name of the program stands in brackets and may contain anything; field 22 is the time of creation.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return f"{start}/{fields[_STARTTIME]}"
    except (OSError, IndexError):
        return ""


_STARTTIME = 22 - 3
"""Two fields stand before and in the brackets, and the first has number 1."""
