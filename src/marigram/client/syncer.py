"""The syncer: the process that empties a run's queues to the server. `python -m marigram.client.syncer DIRECTORY`.

It belongs to one folder `queue/<run id>`. A file lock lets only one syncer work on a folder; a second one waits, so it
takes over if the first is killed. It goes on after the training process ended or died, until everything is receipted or
its patience is over. Interrupts and the closing of a terminal are not meant for it; SIGTERM ends it and leaves the rest
in the queue.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path as FilePath

from marigram.client.card import any_card
from marigram.client.emptying import Syncer
from marigram.client.lock import take_lock
from marigram.client.settings import Settings
from marigram.client.transport import Transport
from marigram.system.process import TERMINAL_SIGNALS

LOOK_FOR_LOCK_EVERY_S = 1.0
AFTER_A_FAILURE_S = 5.0
_GIVE_UP_AFTER_FAILURES = 20


def main(arguments: list[str]) -> int:
    """Sync the folder named on the command line until its runs have ended and all is receipted."""
    directory = FilePath(arguments[0])
    for number in TERMINAL_SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # these mean the terminal, not us
    settings = Settings.from_environment(os.environ)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
    for failures in range(_GIVE_UP_AFTER_FAILURES):
        lock = take_lock(directory)
        while lock is None:
            if stopping.wait(LOOK_FOR_LOCK_EVERY_S) or not directory.exists():
                return 0
            lock = take_lock(directory)
        try:
            return _sync(directory, settings, stopping)
        except Exception:  # noqa: BLE001 a defect here must not leave data on the disk that a second try could send
            log(f"failure {failures + 1}:\n{traceback.format_exc()}")
        finally:
            os.close(lock)
        stopping.wait(AFTER_A_FAILURE_S)
    return 1


def _sync(directory: FilePath, settings: Settings, stopping: threading.Event) -> int:
    card = any_card(directory)
    if card is None:
        log("there is no queue here")
        return 0
    transport = Transport(url=card.url, token=settings.token, proxy=settings.proxy)
    syncer = Syncer(directory=directory, home=directory.parent.parent, transport=transport, log=log, stopping=stopping)
    log(f"process {os.getpid()} syncs to {card.url}")
    syncer.run()
    return 0


def log(text: str) -> None:
    """Write a line to the syncer's log, which is its error stream."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
