"""The exit code of this process, for the syncer to read when the process is gone.

When a program's exit handlers run, Python has forgotten a `SystemExit` that was raised without `sys.exit`, and nobody
but the parent process is told the code later. The C library of Linux hands the code to functions registered with
`on_exit`; here that function is `fputc`, which writes it as one byte to a file. It runs after the interpreter is gone,
so no Python is called then. Where there is no such C library, nothing is written and nothing is corrected.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NAME = "exit_code"


def can_note_exit_code() -> bool:
    """Return whether this system tells a process's exit code in the way described above."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes  # not at the top: only a program's very end needs it

    return hasattr(ctypes.CDLL(None), "on_exit")  # musl has none


def note_exit_code(directory: Path) -> bool:
    """See to it that the exit code of this process is written to `directory`; return whether it will be.

    For exit handlers only: each call leaves a function and an open file for the end of the process.
    """
    if not can_note_exit_code():
        return False
    import ctypes  # not at the top: only a program's very end needs it

    library = ctypes.CDLL(None)
    library.fopen.restype = ctypes.c_void_p
    library.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    library.on_exit.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    stream = library.fopen(os.fsencode(directory / _NAME), b"we")
    if not stream:
        return False
    return library.on_exit(ctypes.cast(library.fputc, ctypes.c_void_p), stream) == 0


def load_exit_code(directory: Path) -> int | None:
    """Return the exit code that was written to `directory`, 0 to 255; None if none was."""
    try:
        written = (directory / _NAME).read_bytes()
    except OSError:
        return None
    return written[0] if written else None
