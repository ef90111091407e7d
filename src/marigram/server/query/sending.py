"""How a file is sent: the part that HTTP asks for (RFC 9110, section 14), and its name. Pure.

Players seek, and broken downloads go on.
"""

from __future__ import annotations

import re
from urllib.parse import quote

import msgspec

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes `[start, stop)` of `size`."""

    start: int
    stop: int
    size: int

    @property
    def content_range(self) -> str:
        """The header that says which part an answer is."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


class UnsatisfiableError(ValueError):
    """The range begins beyond the end of the file; the message says how long it is."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes. Ask for a range that begins within it.")
        self.size = size


def part_of(header: str | None, size: int) -> Part | None:
    """Return the part that a `Range` header asks for; None for the whole file.

    Several ranges at once, and what is no range of bytes, are answered with the whole file, as the RFC allows.

    Raises:
        UnsatisfiableError: there is nothing in the range.
    """
    match = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        length = int(last)
        if not length or not size:
            raise UnsatisfiableError(size)
        return Part(start=max(0, size - length), stop=size, size=size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise UnsatisfiableError(size)
    return Part(start=start, stop=min(size, int(last) + 1) if last else size, size=size)


def disposition(filename: str, *, download: bool) -> str:
    """Return the header that names the file; RFC 6266 with the encoding of RFC 8187."""
    return f"{'attachment' if download else 'inline'}; filename*=UTF-8''{quote(filename, safe='')}"
