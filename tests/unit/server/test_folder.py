"""One process owns a data folder at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from marigram.server.config import is_loopback
from marigram.server.folder import DataFolder, FolderInUseError


def test_a_folder_has_one_owner_until_it_is_closed(tmp_path: Path) -> None:
    first = DataFolder(tmp_path / "new" / "data")
    with pytest.raises(FolderInUseError, match=rf"process {os.getpid()}\) uses .*--data"):
        DataFolder(tmp_path / "new" / "data")
    first.close()
    DataFolder(tmp_path / "new" / "data").close()


def test_everything_lies_inside_a_folder_of_its_owner_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    assert {place.parent for place in (folder.meta, folder.points, folder.blobs)} == {tmp_path / "data"}
    assert folder.root.stat().st_mode & 0o077 == 0
    folder.close()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.5.5.5", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("lab.example", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_only_this_machine_reaches_a_loopback_address(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
