"""Paths and project names are parsed at the door; inside they are trusted."""

from __future__ import annotations

import pytest

from marigram.model import InvalidPathError, InvalidProjectNameError, namespace_of, parse_path, parse_project_name
from marigram.model.path import MAX_PATH_BYTES
from marigram.model.project import RESERVED_WORKSPACES


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("loss", "loss"),
        ("train/loss", "train/loss"),
        ("/train/loss/", "train/loss"),
        ("with space/ü/数", "with space/ü/数"),
        ("..", ".."),
        ("a" * MAX_PATH_BYTES, "a" * MAX_PATH_BYTES),
    ],
)
def test_a_path_loses_the_slashes_at_its_ends_and_nothing_else(text: str, path: str) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        ("///", "empty"),
        ("a//b", "empty segment"),
        ("a" * (MAX_PATH_BYTES + 1), "at most 1024"),
        ("ü" * 513, "1026 bytes"),
        ("a\x00b", "control character"),
        ("a\nb", "control character"),
        ("a\x7f", "control character"),
        ("a\ud800", "not valid Unicode"),
    ],
)
def test_a_path_that_names_no_place_is_refused_with_what_to_do(text: str, complaint: str) -> None:
    with pytest.raises(InvalidPathError, match=complaint) as caught:
        parse_path(text)
    assert str(caught.value).count(".") >= 2, "what happened, then what to do"


def test_the_namespace_is_what_stands_before_the_last_slash() -> None:
    assert namespace_of(parse_path("a/b/c")) == "a/b"
    assert namespace_of(parse_path("a")) == ""


@pytest.mark.parametrize("name", ["lab/cats", "A/b", "a.b_c-d/0", f"{'a' * 128}/{'b' * 128}"])
def test_a_project_name_has_two_parts(name: str) -> None:
    assert parse_project_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "cats", "a/b/c", "/cats", "lab/", "lab /cats", "-a/b", "a/..", "a/b\n", "lab/ü", f"{'a' * 129}/b", "a/b?c"],
)
def test_what_is_no_project_name_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(InvalidProjectNameError, match="vision/cats"):
        parse_project_name(name)


@pytest.mark.parametrize("workspace", [*sorted(RESERVED_WORKSPACES), "API"])
def test_no_workspace_hides_what_the_server_answers_itself(workspace: str) -> None:
    with pytest.raises(InvalidProjectNameError, match="reserved"):
        parse_project_name(f"{workspace}/cats")
