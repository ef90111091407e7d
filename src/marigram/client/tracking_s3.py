"""Files in S3 for artifacts. The only place that needs boto3; its own settings say which server and credentials.

The variable S3_ENDPOINT_URL names another server than Amazon's, where boto3's own settings do not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from marigram.client.errors import MarigramError
from marigram.client.tracking import TrackedFile

try:
    import boto3  # pyright: ignore[reportMissingImports]
except ImportError as error:
    message = f"Files in S3 need boto3 ({error}). Run: pip install boto3"
    raise MarigramError(message) from error

_MS = 1000


def find_objects(url: str) -> Iterator[TrackedFile]:
    """Yield the object `s3://bucket/key`, or all objects below it.

    Raises:
        FileNotFoundError: there is none.
    """
    split = urlsplit(url)
    bucket, prefix = split.netloc, unquote(split.path).lstrip("/")
    pages = _client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    folder = prefix.rstrip("/") + "/" if prefix else ""
    found = False
    for page in pages:
        for entry in page.get("Contents", ()):
            key = str(entry["Key"])
            if key.endswith("/") or not (key == prefix or key.startswith(folder)):
                continue  # a marker of a folder, or a neighbour whose name begins alike
            found = True
            yield TrackedFile(
                file_path=key.rpartition("/")[2] if key == prefix else key[len(folder) :],
                file_hash=str(entry["ETag"]).strip('"'),
                type="S3",
                size=int(entry["Size"]),
                location=f"s3://{bucket}/{key}",
                modified_at=int(entry["LastModified"].timestamp() * _MS),
            )
    if not found:
        message = f"There is nothing at {url}; nothing was tracked. Check bucket and prefix."
        raise FileNotFoundError(message)


def download_object(url: str, target: FilePath) -> None:
    """Save the object `s3://bucket/key` to `target`."""
    split = urlsplit(url)
    _client().download_file(split.netloc, unquote(split.path).lstrip("/"), str(target))


def _client() -> Any:  # noqa: ANN401 boto3 makes its classes at run time
    return cast("Any", boto3.client("s3", endpoint_url=os.environ.get("S3_ENDPOINT_URL") or None))
