"""Locks on open files: held until the file is closed or the process dies, and seen by all processes of the machine."""

from __future__ import annotations

import errno
import os
import sys

if sys.platform == "win32":
    import msvcrt

    _FAR_AWAY = 1 << 30
    """Windows forbids others to read what is locked, so a byte is locked that no lock file has."""

    _TAKEN = frozenset({errno.EACCES, errno.EDEADLK})

    def try_lock(fd: int) -> bool:
        """Take the lock of an open file; return False if another open file has it."""
        os.lseek(fd, _FAR_AWAY, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            raise
        finally:
            os.lseek(fd, 0, os.SEEK_SET)
        return True

    def is_locked(fd: int) -> bool:
        """Return whether another open file has the lock. Whoever tries to take it in this moment is refused."""
        if not try_lock(fd):
            return True
        os.lseek(fd, _FAR_AWAY, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
        return False

else:
    import fcntl

    def try_lock(fd: int) -> bool:
        """Take the lock of an open file; return False if another open file has it."""
        return _try(fd, fcntl.LOCK_EX)

    def is_locked(fd: int) -> bool:
        """Return whether another open file has the lock. Whoever tries to take it in this moment is refused."""
        if not _try(fd, fcntl.LOCK_SH):
            return True
        fcntl.flock(fd, fcntl.LOCK_UN)
        return False

    def _try(fd: int, kind: int) -> bool:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EACCES}:
                return False
            raise
        return True
