"""Makes this Linux process look like one of Windows to Python code: `pretend_windows.py CODE` executes the code so.

What Windows has not is taken away, what only Windows has is imitated, and files are as touchy as there: what is open
without the right to share it can be neither renamed nor deleted, what is mapped cannot be deleted, and a folder that
a process works in or has open files in stays as it is. `WINDOWS` in the executed code tells what was asked for.
"""

# ruff: noqa: F401 the modules that look at the platform when they are loaded are loaded before it changes
# pyright: reportUnusedImport=none

from __future__ import annotations

import asyncio
import concurrent.futures
import ctypes.wintypes
import errno
import getpass
import importlib.metadata
import logging
import mmap
import os
import pathlib
import platform
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import platformdirs
import psutil
import urllib3
import zstandard

NOT_IN_OS = """
fork forkpty register_at_fork killpg getpgid setpgid setsid getsid posix_fallocate posix_fadvise pread pwrite preadv
pwritev getuid geteuid getgid getegid getgroups uname statvfs fstatvfs mkfifo sched_getaffinity sched_setaffinity
getloadavg sysconf nice fchown chown pidfd_open sendfile O_CLOEXEC O_DIRECTORY O_NONBLOCK WNOHANG wait3 wait4
"""
NOT_IN_SIGNAL = """
SIGKILL SIGHUP SIGUSR1 SIGUSR2 SIGALRM SIGCHLD SIGPIPE SIGQUIT pthread_kill pthread_sigmask set_wakeup_fd
"""
NOT_IN_TIME = "clock_gettime CLOCK_BOOTTIME CLOCK_MONOTONIC"
NO_MODULES = ("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog")

SHARE_ALL = 7
CREATE_NEW, OPEN_EXISTING, OPEN_ALWAYS = 1, 3, 4


class Windows:
    """What the code asked of the system."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.started: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self._shared: set[tuple[int, int]] = set()
        self._locks: dict[tuple[int, int], int] = {}
        self._last_error = 0

    def create_file(self, *arguments: Any) -> int:
        """CreateFileW."""
        path, access, share, _, how, _, _ = arguments
        assert share == SHARE_ALL, "a file that others may not rename"
        if access & 0x80000000:
            flags = os.O_RDWR if access & 0x40000000 else os.O_RDONLY
        else:
            flags = os.O_WRONLY if access & 0x40000000 else os.O_WRONLY | os.O_APPEND
        flags |= {CREATE_NEW: os.O_CREAT | os.O_EXCL, OPEN_EXISTING: 0, OPEN_ALWAYS: os.O_CREAT}[how]
        try:
            fd = os.open(path, flags, 0o600)
        except OSError as error:
            self._last_error = error.errno or 0
            return ctypes.c_void_p(-1).value or 0
        self._shared.add(_identity(os.fstat(fd)))
        # The number may be one that was closed, and with it its lock.
        self._locks = {key: holder for key, holder in self._locks.items() if holder != fd}
        self.opened.append(path)
        return fd

    def error(self, code: int) -> OSError:
        """`ctypes.WinError`."""
        return OSError(code, os.strerror(code))

    def last_error(self) -> int:
        """`ctypes.get_last_error`."""
        return self._last_error

    def locking(self, fd: int, mode: int, count: int) -> None:
        """`msvcrt.locking`."""
        at = os.lseek(fd, 0, os.SEEK_CUR)
        assert (at, count) == (1 << 30, 1), "a lock on bytes that somebody may want to read"
        key = _identity(os.fstat(fd))
        if mode == 0:
            assert self._locks.pop(key) == fd
            return
        holder = self._locks.get(key)
        if holder is not None and _is_open(holder, key):
            raise PermissionError(errno.EACCES, "Permission denied")
        self._locks[key] = fd

    def popen(self, command: list[str], **options: Any) -> None:
        """`subprocess.Popen`, which starts nothing."""
        assert "start_new_session" not in options
        self.started.append({"command": command, **options})

    def require_free(self, path: Any, dir_fd: int | None, *, to_delete: bool) -> None:
        """Raise what Windows would, if somebody has the file or something in the folder open."""
        folder = Path(f"/proc/self/fd/{dir_fd}").readlink() if dir_fd is not None else Path.cwd()
        place = folder / path
        try:
            facts = place.lstat()
        except FileNotFoundError:
            return
        if stat.S_ISDIR(facts.st_mode):
            busy = Path.cwd().is_relative_to(place) or any(Path(each).is_relative_to(place) for each in _open_paths())
        else:
            busy = str(place) in _open_paths() and _identity(facts) not in self._shared
            busy = busy or (to_delete and str(place) in Path("/proc/self/maps").read_text())
        if busy:
            self.refused.append(place.name)
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(place))


def _identity(facts: os.stat_result) -> tuple[int, int]:
    return facts.st_dev, facts.st_ino


def _is_open(fd: int, key: tuple[int, int]) -> bool:
    try:
        return _identity(os.fstat(fd)) == key
    except OSError:
        return False


def _open_paths() -> set[str]:
    found: set[str] = set()
    for each in list(Path("/proc/self/fd").iterdir()):
        try:
            target = each.readlink()
        except OSError:
            continue
        # Not what is deleted: since 2018 Windows takes the name away at once. Nor folders, which rmtree opens here.
        if target.exists() and not target.is_dir():
            found.add(str(target))
    return found


def _pretend() -> Windows:
    windows = Windows()
    rename, replace, unlink, rmdir = os.rename, os.replace, os.unlink, os.rmdir
    statvfs = os.statvfs

    def renaming(how: Any) -> Any:
        def act(source: Any, target: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
            windows.require_free(source, src_dir_fd, to_delete=False)
            windows.require_free(target, dst_dir_fd, to_delete=True)
            how(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

        return act

    def deleting(how: Any) -> Any:
        def act(path: Any, *, dir_fd: int | None = None) -> None:
            windows.require_free(path, dir_fd, to_delete=True)
            how(path, dir_fd=dir_fd)

        return act

    def disk_usage(path: Any) -> tuple[int, int, int]:
        facts = statvfs(path)
        total, free = facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize
        return total, total - free, free

    patches: dict[Any, dict[str, Any]] = {
        os: {
            "rename": renaming(rename),
            "replace": renaming(replace),
            "unlink": deleting(unlink),
            "remove": deleting(unlink),
            "rmdir": deleting(rmdir),
        },
        shutil: {"disk_usage": disk_usage, "_use_fd_functions": False},
        signal: {"SIGBREAK": signal.SIGUSR2},
        ctypes: {"WinDLL": _library(windows), "WinError": windows.error, "get_last_error": windows.last_error},
        subprocess: {"CREATE_NO_WINDOW": 0x08000000, "CREATE_NEW_PROCESS_GROUP": 0x200, "Popen": windows.popen},
        sys: {"platform": "win32"},
    }
    for module, changes in patches.items():
        for name, value in changes.items():
            setattr(module, name, value)
    accessor = getattr(pathlib, "_NormalAccessor", None)  # what Python 3.10 has taken from `os` already
    if accessor is not None:
        for name in ("rename", "replace", "unlink", "rmdir"):
            setattr(accessor, name, staticmethod(getattr(os, name)))
    for module, names in ((os, NOT_IN_OS), (signal, NOT_IN_SIGNAL), (time, NOT_IN_TIME)):
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    sys.modules.update(dict.fromkeys(NO_MODULES))  # pyright: ignore[reportCallIssue] None is how Python says: not here
    runtime = ModuleType("msvcrt")
    vars(runtime).update(
        LK_UNLCK=0, LK_NBLCK=2, locking=windows.locking, open_osfhandle=lambda handle, _: handle, get_osfhandle=int
    )
    sys.modules["msvcrt"] = runtime
    return windows


def _library(windows: Windows) -> Any:
    class Function:
        argtypes: Any = None
        restype: Any = None

        def __call__(self, *arguments: Any) -> int:
            assert len(self.argtypes) == len(arguments)
            return windows.create_file(*arguments)

    class Library:
        def __init__(self, name: str, *, use_last_error: bool) -> None:
            assert (name, use_last_error) == ("kernel32", True)
            self.CreateFileW = Function()

    return Library


if __name__ == "__main__":
    code = sys.argv[1]
    exec(compile(code, "<on Windows>", "exec"), {"WINDOWS": _pretend(), "__name__": "on_windows"})  # noqa: S102 the test's own
