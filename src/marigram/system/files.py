"""Files that one process opens while another renames or deletes them, and names that every system takes.

What is opened here can be renamed and deleted while it is open, on Windows too, and is read and written as bytes. What
Windows refuses all the same while somebody looks at a file is tried again for a moment. A file that is mapped cannot be
deleted there: `remove` leaves it, and is called again later.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_Result = TypeVar("_Result")

if sys.platform == "win32":
    import ctypes
    import mmap
    import msvcrt
    from ctypes import wintypes

    GONE: tuple[type[OSError], ...] = (FileNotFoundError, PermissionError)
    """What opening a file raises that is gone or, on Windows, on its way out."""

    _READ = 0x80000000
    _WRITE = 0x40000000
    _APPEND = 0x00120194
    """All that writing needs but the right to write anywhere else than at the end; and to look at the size."""

    _SHARE_ALL = 0x00000007
    """Reading, writing, and what Python's own `open` does not grant: renaming and deleting."""

    _CREATE_NEW, _OPEN_EXISTING, _OPEN_ALWAYS = 1, 3, 4
    _ORDINARY = 0x00000080
    _NO_HANDLE = ctypes.c_void_p(-1).value
    _TRIES = 50
    _BETWEEN_TRIES_S = 0.02
    _FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]|[. ]+(?=/|$)')
    _RESERVED = re.compile(r"(?i)(?<![^/])(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=[./]|$)")

    def open_file(path: str | os.PathLike[str], flags: int, mode: int = 0o600) -> int:
        """Open a file as `os.open` would and return its descriptor; flags: access, O_CREAT, O_EXCL and O_APPEND.

        Raises:
            OSError: it cannot be opened.
        """
        del mode  # the folder of the user's own data is closed to others
        create = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
        word = wintypes.DWORD
        create.argtypes = [wintypes.LPCWSTR, word, word, wintypes.LPVOID, word, word, wintypes.HANDLE]
        create.restype = wintypes.HANDLE
        if flags & os.O_APPEND:
            access = _APPEND
        else:
            access = {os.O_RDONLY: _READ, os.O_WRONLY: _WRITE}.get(flags & (os.O_RDWR | os.O_WRONLY), _READ | _WRITE)
        how = _OPEN_EXISTING
        if flags & os.O_CREAT:
            how = _CREATE_NEW if flags & os.O_EXCL else _OPEN_ALWAYS
        handle = create(os.fspath(path), access, _SHARE_ALL, None, how, _ORDINARY, None)
        if handle is None or handle == _NO_HANDLE:
            raise ctypes.WinError(ctypes.get_last_error())
        return msvcrt.open_osfhandle(handle, flags & os.O_APPEND)

    def read_at(fd: int, size: int, position: int) -> bytes:
        """Return at most `size` bytes from `position` on; the descriptor is used by one thread."""
        os.lseek(fd, position, os.SEEK_SET)
        return os.read(fd, size)

    def read_mapped_at(fd: int, size: int, position: int) -> bytes:
        """Do the same for a file that another process writes by a mapping.

        Windows promises what stands in one mapping to other mappings only, not to a read.
        """
        if os.fstat(fd).st_size <= position:
            return b""
        with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as view:
            return view[position : position + size]

    def write_at(fd: int, data: bytes, position: int) -> int:
        """Write at `position` and return how many bytes were; the descriptor is used by one thread."""
        os.lseek(fd, position, os.SEEK_SET)
        return os.write(fd, data)

    def taken_bytes(facts: os.stat_result) -> int:
        """Return how much of the disk a file takes, as far as the system says."""
        return facts.st_size

    def safe_name(name: str) -> str:
        """Return a relative name, parts separated by `/`, as one that can be a file's here."""
        return _RESERVED.sub(r"_\1", _FORBIDDEN.sub("_", name))

    def path_of_uri(uri: str) -> Path:
        """Return the file that a `file:` address names."""
        from urllib.parse import unquote, urlsplit  # which logging needs not

        parts = urlsplit(uri)
        share = f"//{parts.netloc}" if parts.netloc not in {"", "localhost"} else ""
        path = unquote(parts.path)
        return Path(share + (path[1:] if re.match("/[A-Za-z]:", path) else path))

    def _patiently(act: Callable[[], _Result]) -> _Result:
        for _ in range(_TRIES - 1):
            try:
                return act()
            except PermissionError:
                time.sleep(_BETWEEN_TRIES_S)
        return act()

    def _is_busy(error: OSError) -> bool:
        return isinstance(error, PermissionError)

else:
    GONE: tuple[type[OSError], ...] = (FileNotFoundError,)
    """What opening a file raises that is gone or, on Windows, on its way out."""

    _BLOCK_BYTES = 512
    """What `st_blocks` counts, whatever the file system's own blocks are."""

    def open_file(path: str | os.PathLike[str], flags: int, mode: int = 0o600) -> int:
        """Open a file as `os.open` would and return its descriptor; flags: access, O_CREAT, O_EXCL and O_APPEND.

        Raises:
            OSError: it cannot be opened.
        """
        return os.open(path, flags, mode)

    # By their own names: the syncer calls them for all that is logged.
    read_at = os.pread
    read_mapped_at = os.pread
    write_at = os.pwrite

    def taken_bytes(facts: os.stat_result) -> int:
        """Return how much of the disk a file takes, as far as the system says."""
        return facts.st_blocks * _BLOCK_BYTES

    def safe_name(name: str) -> str:
        """Return a relative name, parts separated by `/`, as one that can be a file's here."""
        return name

    def path_of_uri(uri: str) -> Path:
        """Return the file that a `file:` address names."""
        from urllib.parse import unquote, urlsplit  # which logging needs not

        return Path(unquote(urlsplit(uri).path))

    def _patiently(act: Callable[[], _Result]) -> _Result:
        return act()

    def _is_busy(error: OSError) -> bool:
        del error
        return False


def replace(source: Path, target: Path) -> None:
    """Give a file or folder another name, in the place of a file that had it.

    Raises:
        OSError: it cannot be done; on Windows, not within a second.
    """
    _patiently(lambda: source.replace(target))


def read_whole(path: Path) -> bytes:
    """Return what is in a file that may be replaced at this moment.

    Raises:
        FileNotFoundError: it is gone.
        OSError: it cannot be read.
    """
    return _patiently(path.read_bytes)


def remove(path: Path) -> bool:
    """Delete a file; return whether it is gone, which on Windows has to wait while somebody has it mapped or open."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        if not _is_busy(error):
            raise
        return False
    return True
