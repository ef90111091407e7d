"""What a run keeps as files, read back: folders of files as a folder or a zip, artifacts from where they are."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path as FilePath
from typing import IO

import msgspec

from marigram.client.errors import MarigramError, NotFoundError
from marigram.client.reader import Attribute, Reader, save
from marigram.client.tracking import ARTIFACT_MEDIA_TYPE, Manifest, copy_to
from marigram.model import File, Kind, Path
from marigram.system.files import safe_name


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a folder of files, below a path.

    Attributes:
        name: relative to the path that was asked for.
        size: bytes; of a folder, those of all files in it.
        file_type: `file` or `directory`.
    """

    name: str
    size: int
    file_type: str


class StoredFiles:
    """Files of one run; every method asks the server and raises `UnreachableError` if it does not answer."""

    def __init__(self, *, reader: Reader, run_id: str) -> None:
        """Take the way to the server and the run."""
        self._reader = reader
        self._run_id = run_id

    def entries(self, path: Path, inside: str | None) -> list[FileEntry]:
        """Return what is in the folder `path`, or in `inside` below it: files and folders, sorted by name.

        Raises:
            NotFoundError: there are no files.
        """
        folder = Path(f"{path}/{inside.strip('/')}") if inside and inside.strip("/.") else path
        found: dict[str, FileEntry] = {}
        for name, file in self._below(folder):
            top, _, rest = name.partition("/")
            before = found.get(top)
            size = file.size + (before.size if before is not None else 0)
            found[top] = FileEntry(name=top, size=size, file_type="directory" if rest else "file")
        return [found[name] for name in sorted(found)]

    def extension(self, path: Path) -> str:
        """Return the extension of a file, without the dot; empty if it has none.

        Raises:
            NotFoundError: there is no file.
        """
        return FilePath(self._file(self._reader.attribute(self._run_id, path)).filename).suffix.lstrip(".")

    def manifest(self, path: Path) -> Manifest:
        """Return the manifest of an artifact.

        Raises:
            NotFoundError: there is none.
        """
        attribute = self._reader.attribute(self._run_id, path)
        if attribute.file is None or attribute.file.media_type != ARTIFACT_MEDIA_TYPE:
            message = f"{path!r} is a {attribute.kind.value}, not an artifact. Use track_files(...) to make one."
            raise NotFoundError(message)
        pieces: list[bytes] = []
        self._reader.download(self._run_id, path, pieces.append)
        return msgspec.json.decode(b"".join(pieces), type=Manifest)

    def download(
        self, path: Path, destination: FilePath | None, *, unpack: bool, tell: Callable[[int, int], None]
    ) -> FilePath:
        """Save what is at `path`: a file, an artifact's files, or the files below as a zip or a folder; return where.

        Args:
            path: of a file, of a series of files (its last is saved), of an artifact or of a folder of files.
            destination: a folder or a file name; default: the working folder.
            unpack: save the files below as a folder, not as a zip.
            tell: called with (bytes or files done, all) as it goes on.

        Raises:
            NotFoundError: there is nothing to save.
        """
        place = destination if destination is not None else FilePath.cwd()
        name = path.rpartition("/")[2]
        try:
            attribute = self._reader.attribute(self._run_id, path)
        except NotFoundError:
            files = list(self._below(path))
            if unpack:
                return self._unpack(path, files, place, tell)
            return self._pack(path, files, place / f"{name}.zip" if place.is_dir() else place, tell)
        if attribute.file is not None and attribute.file.media_type == ARTIFACT_MEDIA_TYPE:
            return self._from_source(path, place, tell)
        return self._one(attribute, place)

    def _one(self, attribute: Attribute, place: FilePath) -> FilePath:
        name = self._file(attribute).filename
        if place.is_dir():
            place /= safe_name(FilePath(name).name)  # the name comes from elsewhere and must not lead out of the folder
        place.parent.mkdir(parents=True, exist_ok=True)
        save(place, lambda write: self._reader.download(self._run_id, Path(attribute.path), write))
        return place

    def _from_source(self, path: Path, place: FilePath, tell: Callable[[int, int], None]) -> FilePath:
        files = self.manifest(path).files
        for done, file in enumerate(files, 1):
            copy_to(file, place)
            tell(done, len(files))
        return place

    def _unpack(
        self, path: Path, files: list[tuple[str, File]], place: FilePath, tell: Callable[[int, int], None]
    ) -> FilePath:
        for done, (name, _) in enumerate(files, 1):
            target = place / safe_name(name)
            if not target.resolve().is_relative_to(place.resolve()):
                message = f"The file {name!r} would be written outside {place}. It was not downloaded."
                raise MarigramError(message)
            target.parent.mkdir(parents=True, exist_ok=True)
            where = Path(f"{path}/{name}")
            save(target, lambda write, where=where: self._reader.download(self._run_id, where, write))
            tell(done, len(files))
        return place

    def _pack(
        self, path: Path, files: list[tuple[str, File]], place: FilePath, tell: Callable[[int, int], None]
    ) -> FilePath:
        place.parent.mkdir(parents=True, exist_ok=True)

        def fill(archive: zipfile.ZipFile, done: int, name: str) -> None:
            member: IO[bytes]
            with archive.open(name, "w", force_zip64=True) as member:
                self._reader.download(self._run_id, Path(f"{path}/{name}"), member.write)
            tell(done, len(files))

        temporary = place.with_name(place.name + ".part")
        try:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
                for done, (name, _) in enumerate(files, 1):
                    fill(archive, done, name)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)
        return place

    def _below(self, path: Path) -> Iterator[tuple[str, File]]:
        prefix = f"{path}/"
        found = False
        for attribute in self._reader.attributes(self._run_id, path):
            if attribute.file is not None and attribute.path.startswith(prefix):
                found = True
                yield attribute.path[len(prefix) :], attribute.file
        if not found:
            message = f"The run has no files at {path!r}. Check the path; run.print_structure() lists what there is."
            raise NotFoundError(message)

    def _file(self, attribute: Attribute) -> File:
        path = Path(attribute.path)
        if attribute.file is not None:
            return attribute.file
        last = self._reader.last_file(self._run_id, path) if attribute.kind is Kind.FILE_SERIES else None
        if last is not None:
            return last
        message = f"{path!r} is a {attribute.kind.value}, not a file. Use fetch() or fetch_values()."
        raise NotFoundError(message)
