"""Artifacts: files that a run refers to by hash and place, without keeping a copy.

An artifact is stored as a small file of JSON, its manifest, of the media type below. Its hash is the SHA-256 of the
sorted lines `name NUL hash LF` of its files, so two artifacts are equal exactly if their files are. A file on this
machine is known by the SHA-256 of its content; one at an HTTP server or in S3 by its entity tag, and where a server
sends none, by the SHA-256 of its content too. The address of an HTTP file is kept without user, password and
signature, so what needs them can be told from others by its hash, but not be downloaded by its artifact.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path as FilePath
from urllib.parse import unquote, urlsplit

import msgspec

from marigram.client.errors import MarigramError, NotFoundError
from marigram.client.masking import mask_address
from marigram.system.files import path_of_uri, safe_name

ARTIFACT_MEDIA_TYPE = "application/vnd.marigram.artifact+json"
_PIECE_BYTES = 1 << 20
_HTTP_TIMEOUT_S = 30.0
_MS = 1000
_OK = 200


class TrackedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of an artifact.

    Attributes:
        file_path: its name within the artifact.
        file_hash: see the module.
        type: `Local`, `HTTP` or `S3`.
        size: bytes, if known.
        location: where it is, as a URL.
        modified_at: milliseconds since 1970-01-01 UTC, if known.
    """

    file_path: str
    file_hash: str
    type: str
    size: int | None
    location: str
    modified_at: int | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact as it is stored."""

    hash: str
    files: tuple[TrackedFile, ...]


def manifest_of(files: Iterable[TrackedFile]) -> Manifest:
    """Return the manifest of these files; of two with one name the later stays."""
    by_name = {file.file_path: file for file in files}
    ordered = tuple(by_name[name] for name in sorted(by_name))
    lines = "".join(f"{file.file_path}\0{file.file_hash}\n" for file in ordered)
    return Manifest(hash=hashlib.sha256(lines.encode()).hexdigest(), files=ordered)


def find_files(place: str, destination: str | None) -> Iterator[TrackedFile]:
    """Yield the files at a path or URL; `destination` is put before their names.

    A folder, and an S3 prefix, stand for all files below; these keep their names relative to it.

    Raises:
        FileNotFoundError: there is none.
        MarigramError: the place cannot be read.
    """
    scheme = urlsplit(place).scheme
    before = f"{destination.strip('/')}/" if destination else ""
    if scheme in {"http", "https"}:
        found: Iterable[TrackedFile] = [_at_http(place)]
    elif scheme == "s3":
        from marigram.client.tracking_s3 import find_objects

        found = find_objects(place)
    else:
        found = _local(path_of_uri(place) if scheme == "file" else FilePath(place).expanduser())
    for file in found:
        yield msgspec.structs.replace(file, file_path=before + file.file_path)


def copy_to(file: TrackedFile, folder: FilePath) -> FilePath:
    """Copy a tracked file from where it is into `folder`, under its name in the artifact; return where.

    Raises:
        NotFoundError: it is not there any more.
        MarigramError: its name leads out of the folder, or the place cannot be read.
    """
    import shutil  # loads five compressors, which logging needs not

    target = folder / safe_name(file.file_path)
    if not target.resolve().is_relative_to(folder.resolve()):
        message = f"The artifact's file {file.file_path!r} would be written outside {folder}. It was not downloaded."
        raise MarigramError(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.type == "S3":
        from marigram.client.tracking_s3 import download_object

        download_object(file.location, target)
    elif file.type == "HTTP":
        with target.open("wb") as stream:
            _read_http(file.location, stream.write)
    else:
        source = path_of_uri(file.location)
        if not source.is_file():
            message = f"The tracked file {source} is not here any more. Artifacts refer to files and keep no copy."
            raise NotFoundError(message)
        shutil.copyfile(source, target)
    return target


def _local(place: FilePath) -> Iterator[TrackedFile]:
    found = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    if not found:
        message = f"There are no files below {place}; nothing was tracked. Check the path."
        raise FileNotFoundError(message)
    for path in found:
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
        yield TrackedFile(
            file_path=path.relative_to(place).as_posix() if place.is_dir() else path.name,
            file_hash=digest.hexdigest(),
            type="Local",
            size=status.st_size,
            location=path.absolute().as_uri(),
            modified_at=status.st_mtime_ns // 1_000_000,
        )


def _at_http(url: str) -> TrackedFile:
    from email.utils import parsedate_to_datetime

    import urllib3

    answer = urllib3.request("HEAD", url, timeout=_HTTP_TIMEOUT_S, retries=2)
    if answer.status != _OK:
        message = f"{mask_address(url)} answers {answer.status} and was not tracked. Check the address."
        raise MarigramError(message)
    tag = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
    length = answer.headers.get("Content-Length", "")
    modified = answer.headers.get("Last-Modified")
    size = int(length) if length.isdigit() else None
    if not tag:
        digest = hashlib.sha256()
        size = _read_http(url, digest.update)
        tag = digest.hexdigest()
    return TrackedFile(
        file_path=FilePath(unquote(urlsplit(url).path)).name or urlsplit(url).netloc,
        file_hash=tag,
        type="HTTP",
        size=size,
        location=mask_address(url),
        modified_at=int(parsedate_to_datetime(modified).timestamp() * _MS) if modified else None,
    )


def _read_http(url: str, write: Callable[[bytes], object]) -> int:
    import urllib3

    size = 0
    answer = urllib3.request("GET", url, timeout=_HTTP_TIMEOUT_S, retries=2, preload_content=False)
    try:
        if answer.status != _OK:
            message = f"{mask_address(url)} answers {answer.status}. Check whether the file is still there."
            raise NotFoundError(message)
        for piece in answer.stream(_PIECE_BYTES):
            write(piece)
            size += len(piece)
    finally:
        answer.release_conn()
    return size
