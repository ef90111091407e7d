"""How files are shown: the same as in the web app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from marigram.server.query.previews import preview_of
from operations import file_of

CASES = Path(__file__).parents[4] / "web" / "src" / "base" / "preview-kind.cases.json"


@pytest.mark.parametrize(("path", "filename", "media_type", "kind"), json.loads(CASES.read_text()))
def test_a_file_is_shown_as_its_names_and_its_type_say(path: str, filename: str, media_type: str, kind: str) -> None:
    assert preview_of(path, file_of(b"", filename, media_type)).value == kind
