"""A file as a run knows it: a blob with a name."""

from __future__ import annotations

import msgspec


class File(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute or a point that names a blob.

    Attributes:
        sha256: the blob's address, 64 lowercase hexadecimal digits.
        filename: what the file is called when it is downloaded.
        media_type: for example `image/png`.
        size: bytes.
        caption: text shown beside an image, if any.
    """

    sha256: str
    filename: str
    media_type: str
    size: int
    caption: str | None = None
