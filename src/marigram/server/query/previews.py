"""How a file can be looked at, from what its names and its media type say; never from what is in it. Pure.

The web app goes by the same rules (`web/src/base/preview-kind.ts`), and one list of examples tests both.
"""

from __future__ import annotations

import re
from enum import Enum

from marigram.model import File


class Preview(str, Enum):
    """How a file is shown."""

    TEXT = "text"
    JSON = "json"
    DIFF = "diff"
    IMAGE = "image"
    HTML = "html"
    AUDIO = "audio"
    VIDEO = "video"
    TABLE = "table"
    PARQUET = "parquet"
    PDF = "pdf"
    NONE = "none"


MEDIA = frozenset({Preview.IMAGE, Preview.AUDIO, Preview.VIDEO, Preview.HTML, Preview.TABLE, Preview.PARQUET})
"""What a gallery shows."""

READABLE = frozenset({Preview.TEXT, Preview.JSON, Preview.DIFF, Preview.TABLE})
"""What is compared line by line."""

_DIFF_NAME = re.compile(r"\.(diff|patch)$", re.IGNORECASE)
_TABLE_NAME = re.compile(r"\.(csv|tsv)$", re.IGNORECASE)
_PARQUET_NAME = re.compile(r"\.parquet$", re.IGNORECASE)
_PAGE_NAME = re.compile(r"\.html?$", re.IGNORECASE)
_JSON_NAME = re.compile(r"\.json$", re.IGNORECASE)
_TEXT_NAME = re.compile(
    r"\.(txt|log|md|rst|py|pyi|ipynb|js|ts|tsx|sh|bash|toml|ya?ml|ini|cfg|conf|xml|sql|r|c|cc|cpp|h|hpp|go|rs|java|lock)$"
    r"|(^|/)(dockerfile|makefile|license|requirements)$",
    re.IGNORECASE,
)
_TEXT_TYPE = re.compile(r"^text/|(yaml|toml|xml|javascript|x-sh|x-python)$")
_BY_FAMILY = {"image/": Preview.IMAGE, "audio/": Preview.AUDIO, "video/": Preview.VIDEO}


def preview_of(path: str, file: File) -> Preview:
    """Return how the file at `path` is shown."""
    name = file.filename
    media_type = file.media_type.partition(";")[0].strip().lower()
    if path == "source_code/diff" or _DIFF_NAME.search(name) or media_type == "text/x-diff":
        return Preview.DIFF
    family = _BY_FAMILY.get(media_type[:6])
    if family is not None:
        return family
    if media_type == "application/pdf":
        return Preview.PDF
    if media_type in {"text/csv", "text/tab-separated-values"} or _TABLE_NAME.search(name):
        return Preview.TABLE
    if media_type == "application/vnd.apache.parquet" or _PARQUET_NAME.search(name):
        return Preview.PARQUET
    if media_type == "text/html" or _PAGE_NAME.search(name):
        return Preview.HTML
    if media_type == "application/json" or media_type.endswith("+json") or _JSON_NAME.search(name):
        return Preview.JSON
    return Preview.TEXT if _TEXT_TYPE.search(media_type) or _TEXT_NAME.search(name) else Preview.NONE
