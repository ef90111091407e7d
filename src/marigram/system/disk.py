"""What was written reaches the disk itself, and has room there before it is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from marigram.system.files import open_file

if TYPE_CHECKING:
    import mmap

if sys.platform == "win32":

    def reserve(fd: int, size: int) -> None:
        """Give an empty file its size, and room on the disk for all of it.

        Raises:
            OSError: there is no room, or the file system cannot.
        """
        os.ftruncate(fd, size)  # the C library writes the zeros

    def populate(data: mmap.mmap) -> None:
        """Spare the first writer of each page the time to fetch it, where that can be asked for."""
        del data

    def sync_descriptor(fd: int) -> None:
        """Bring what was written to an open file to the disk, so that it survives a loss of power."""
        os.fsync(fd)

    def sync_file(path: Path) -> None:
        """Bring what was written to a file, by whomever, to the disk itself."""
        fd = open_file(path, os.O_RDWR)  # who may only read may not flush
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def sync_folder(folder: Path) -> None:
        """Bring the names in a folder to the disk. NTFS keeps a journal of them, and takes no such wish."""
        del folder

    def clone(source: Path, target: Path) -> None:
        """Make `target` share the blocks of `source` until one of them is changed.

        Raises:
            OSError: the file system cannot.
        """
        message = f"{source} cannot be cloned to {target} on this system."
        raise OSError(message)

elif sys.platform == "darwin":
    import ctypes
    import fcntl
    import struct

    _FULLFSYNC = 51
    _PREALLOCATE = 42
    _ALLOCATE_ALL, _FROM_THE_END = 4, 3
    _WISH = struct.Struct("=Iiqqq")

    def reserve(fd: int, size: int) -> None:
        """Give an empty file its size, and room on the disk for all of it.

        Raises:
            OSError: there is no room, or the file system cannot.
        """
        fcntl.fcntl(fd, _PREALLOCATE, _WISH.pack(_ALLOCATE_ALL, _FROM_THE_END, 0, size, 0))
        os.ftruncate(fd, size)

    def populate(data: mmap.mmap) -> None:
        """Spare the first writer of each page the time to fetch it, where that can be asked for."""
        del data

    def sync_descriptor(fd: int) -> None:
        """Bring what was written to an open file to the disk, so that it survives a loss of power."""
        try:
            fcntl.fcntl(fd, _FULLFSYNC)  # fsync alone leaves it in the disk's own memory
        except OSError:
            os.fsync(fd)  # not every file system knows the other

    def sync_file(path: Path) -> None:
        """Bring what was written to a file, by whomever, to the disk itself."""
        _sync(path)

    def sync_folder(folder: Path) -> None:
        """Bring the names in a folder to the disk."""
        _sync(folder)

    def clone(source: Path, target: Path) -> None:
        """Make `target` share the blocks of `source` until one of them is changed.

        Raises:
            OSError: the file system cannot.
        """
        library = ctypes.CDLL(None, use_errno=True)
        if library.clonefile(os.fsencode(source), os.fsencode(target), 0):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(target))

else:
    import contextlib
    import fcntl

    _FICLONE = 0x40049409
    """The request that gives a file the blocks of another."""

    _POPULATE_WRITE = 23
    """MADV_POPULATE_WRITE of Linux 5.14: one fault for the whole mapping instead of one for each page."""

    def reserve(fd: int, size: int) -> None:
        """Give an empty file its size, and room on the disk for all of it.

        Raises:
            OSError: there is no room, or the file system cannot.
        """
        os.posix_fallocate(fd, 0, size)

    def populate(data: mmap.mmap) -> None:
        """Spare the first writer of each page the time to fetch it, where that can be asked for."""
        with contextlib.suppress(OSError):
            data.madvise(_POPULATE_WRITE)

    def sync_descriptor(fd: int) -> None:
        """Bring what was written to an open file to the disk, so that it survives a loss of power."""
        os.fsync(fd)

    def sync_file(path: Path) -> None:
        """Bring what was written to a file, by whomever, to the disk itself."""
        _sync(path)

    def sync_folder(folder: Path) -> None:
        """Bring the names in a folder to the disk."""
        _sync(folder)

    def clone(source: Path, target: Path) -> None:
        """Make `target` share the blocks of `source` until one of them is changed.

        Raises:
            OSError: the file system cannot.
        """
        with source.open("rb") as original, target.open("wb") as copy:
            fcntl.ioctl(copy.fileno(), _FICLONE, original.fileno())


if sys.platform != "win32":

    def _sync(path: Path) -> None:
        fd = open_file(path, os.O_RDONLY)
        try:
            sync_descriptor(fd)
        finally:
            os.close(fd)
