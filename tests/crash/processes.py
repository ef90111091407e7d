"""Processes that may end while a test looks at them: whatever has just vanished counts as gone, never as an error."""

from __future__ import annotations

import psutil

SYNCER = "marigram.client.syncer"
"""The module that a syncer's command line names."""


def syncers_of(*trainings: int) -> list[psutil.Process]:
    """The syncers alive now that these processes, by their pids, have started."""
    found: list[psutil.Process] = []
    for training in trainings:
        found += [child for child in _children(training) if SYNCER in _command(child)]
    return found


def has_open(process: psutil.Process, name: str) -> bool:
    """Whether a process is alive and has a file of this name open."""
    try:
        return any(file.path.rpartition("/")[2] == name for file in process.open_files())
    except psutil.Error:
        return False


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended, be it waited for by its parent or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return []


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # a zombie has none
        return []
