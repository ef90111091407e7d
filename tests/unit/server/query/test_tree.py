"""What a run has as a tree of rows: which are there, in which order, and that only those asked for are made."""

from __future__ import annotations

import math
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors import Doors
from marigram.model import Kind, Path
from marigram.server.query import BadQuestion, NotThere, TreeAnswer, TreeQuestion, TreeRow
from marigram.server.query.paths import people_key
from marigram.server.query.tree import PathTree
from operations import RUN, attach, create, delete, file_of, floats, put

NAMES = st.sampled_from(["a", "A", "a-b", "a0", "a.b", "a b", "w2", "w10", "é", "0", "~"])
PATHS = st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=40)


def expected_rows(paths: set[str], toggled: set[str], *, is_open: bool) -> list[TreeRow]:
    """Return all rows, the slow way."""
    rows: list[TreeRow] = []

    def size_of(path: str) -> int:
        return sum(each == path or each.startswith(f"{path}/") for each in paths)

    def visit(folder: str, depth: int, parent: int | None) -> None:
        inside = [path.removeprefix(folder) for path in paths if path.startswith(folder)]
        for name in sorted({each.partition("/")[0] for each in inside}, key=people_key):
            path = folder + name
            expandable = any(each.startswith(f"{path}/") for each in paths)
            expanded = expandable and is_open != (path in toggled)
            here = len(rows)
            rows.append(
                TreeRow(
                    path=Path(path),
                    depth=depth,
                    parent=parent,
                    expandable=expandable,
                    expanded=expanded,
                    size=size_of(path),
                    held=path in paths,
                )
            )
            if expanded:
                visit(f"{path}/", depth + 1, here)

    visit("", 0, None)
    return rows


@given(PATHS, st.data(), st.booleans(), st.integers(0, 50), st.integers(0, 50))
def test_any_stretch_of_any_tree_is_that_of_the_whole(
    paths: set[str], data: st.DataObject, is_open: bool, start: int, limit: int
) -> None:
    folders = sorted({path[:at] for path in paths for at, each in enumerate(path) if each == "/"})
    toggled = data.draw(st.sets(st.sampled_from([*folders, "none"])))
    tree = PathTree([Path(path) for path in sorted(paths)], lambda path: is_open != (path in toggled))
    expected = expected_rows(paths, toggled, is_open=is_open)
    assert tree.row_count == len(expected)
    assert tree.rows(start, start + limit) == expected[start : start + limit]


def test_a_tree_may_be_as_deep_as_a_path() -> None:
    path = "/".join("a" * 512)
    tree = PathTree([Path(path)], lambda _: True)
    assert tree.row_count == 512
    assert [row.path for row in tree.rows(511, 600)] == [path]


def test_what_is_in_a_closed_folder_is_not_looked_at() -> None:
    class Counted(list[Path]):
        looked = 0

        def __getitem__(self, at: int) -> Path:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
            self.looked += 1
            return super().__getitem__(at)

    paths = Counted(sorted(Path(f"weights/layer{at // 100}/w{at % 100}") for at in range(10_000)))
    tree = PathTree(paths, {"weights"}.__contains__)
    assert tree.row_count == 101
    assert [row.path for row in tree.rows(1, 4)] == [f"weights/layer{at}" for at in range(3)]
    # Of a hundred folders their first paths, and some twelve to find where each ends.
    assert paths.looked <= 2_000


@given(PATHS, st.booleans(), st.integers(0, 50), st.integers(0, 50))
def test_the_tree_of_a_folder_is_a_part_of_the_whole(paths: set[str], is_open: bool, start: int, limit: int) -> None:
    inside = {f"top/in/{path}" for path in paths}
    tree = PathTree([Path(path) for path in sorted(inside)], lambda _: is_open, top="top/in/")
    expected = expected_rows(paths, set(), is_open=is_open)
    assert tree.row_count == len(expected)
    assert [(row.path, row.depth, row.parent, row.size) for row in tree.rows(start, start + limit)] == [
        (f"top/in/{row.path}", row.depth, row.parent, row.size) for row in expected[start : start + limit]
    ]


@pytest.fixture
def filled(doors: Doors) -> Doors:
    for content in (b"12345", b"123"):
        doors.keep(content)
    doors.write(
        create(),
        put("train", "the run's own"),
        *(floats(f"train/layer{at}/w", [1, 2], [at, 2.0 * at]) for at in (2, 10)),
        put("params/lr", 0.1),
        put("params/limit", -math.inf),
        put("params/amp", value=True),
        put("params/net", "Conv small"),
        put("params/tags", frozenset({"x1", "y2"})),
        put("params/seen", datetime(2024, 2, 29, tzinfo=timezone.utc)),
        attach("out/note", file_of(b"12345", "Paper.TXT")),
        attach("out/deep/weights", file_of(b"123", "w.pt")),
    )
    return doors


def asked(doors: Doors, *, start: int = 0, limit: int = 100, sizes: bool = False, **question: object) -> TreeAnswer:
    question = {"kinds": [kind for kind in Kind if kind is not Kind.STRING_SET], **question}
    return doors.query.tree(RUN, TreeQuestion(**question), start=start, limit=limit, sizes=sizes)  # type: ignore[arg-type]


def shown(answer: TreeAnswer) -> list[str]:
    """Return the rows but the server's own as text: indented, with what is expanded marked."""
    marks = {(True, True): "-", (True, False): "+", (False, False): " "}
    rows = [row for row in answer.rows if row.path.split("/")[0] != "sys"]
    return [f"{'  ' * row.depth}{marks[row.expandable, row.expanded]}{row.path}" for row in rows]


def held(answer: TreeAnswer) -> list[str]:
    return [row.path for row in answer.rows if row.held]


def test_folders_are_open_while_there_are_few_attributes_and_can_be_toggled(filled: Doors) -> None:
    answer = asked(filled, kinds=[Kind.FLOAT_SERIES, Kind.FILE])
    assert answer.is_open
    everything = [
        "-out",
        "  -out/deep",
        "     out/deep/weights",
        "   out/note",
        "-train",
        "  -train/layer2",
        "     train/layer2/w",
        "  -train/layer10",
        "     train/layer10/w",
    ]
    assert shown(answer) == everything
    assert (answer.row_count, answer.attribute_count, answer.file_bytes) == (9, 4, None)
    closed = asked(filled, kinds=[Kind.FLOAT_SERIES, Kind.FILE], open_up_to=3)
    assert shown(closed) == ["+out", "+train"]
    assert [row.size for row in closed.rows] == [2, 2]
    toggled = frozenset({"train", "out/deep"})
    assert shown(asked(filled, kinds=[Kind.FLOAT_SERIES, Kind.FILE], open_up_to=3, toggled=toggled)) == [
        "+out",
        "-train",
        "  +train/layer2",
        "  +train/layer10",
    ]


def test_a_row_brings_what_is_there_with_its_summary_and_rows_elsewhere_bring_nothing(filled: Doors) -> None:
    answer = asked(filled, search="train", start=0, limit=3)
    assert [row.path for row in answer.rows] == ["train", "train/layer2", "train/layer2/w"]
    assert answer.row_count == 5
    assert list(answer.cells) == ["train", "train/layer2/w"]
    assert answer.cells["train"].attribute.value == "the run's own"
    summary = answer.cells["train/layer2/w"].summary
    assert summary is not None
    assert (summary.count, summary.max) == (2, 4.0)
    last = asked(filled, search="train", start=4, limit=3)
    assert [(row.path, row.parent, row.depth) for row in last.rows] == [("train/layer10/w", 3, 2)]
    assert list(last.cells) == ["train/layer10/w"]
    assert asked(filled, limit=0).cells == {}


@pytest.mark.parametrize(
    ("search", "paths"),
    [
        ("LAYER2", ["train/layer2/w"]),
        ("w train", ["train/layer2/w", "train/layer10/w", "train"]),
        ("small net", ["params/net"]),
        ("true params/", ["params/amp"]),
        ("0.1", ["params/lr"]),
        ("-infinity", ["params/limit"]),
        ("2024-02-29", ["params/seen"]),
        ("paper", ["out/note"]),
        ("/layer[0-9]{2}|NET$/", ["params/net", "train/layer10/w"]),
        ("/small/", []),
        ("nothing like it", []),
    ],
)
def test_every_word_has_to_be_in_the_path_or_the_value_and_what_is_found_is_in_sight(
    filled: Doors, search: str, paths: list[str]
) -> None:
    answer = asked(filled, search=search, open_up_to=0)
    assert sorted(held(answer)) == sorted(paths)
    assert answer.is_open
    assert answer.attribute_count == len(held(answer))


def test_the_texts_of_a_set_are_found(filled: Doors) -> None:
    assert held(asked(filled, kinds=[], search="x1 y2")) == ["params/tags"]


def test_sizes_are_those_of_the_files_that_were_found(filled: Doors) -> None:
    assert asked(filled, sizes=True, limit=0).file_bytes == 8
    assert asked(filled, sizes=True, search="note").file_bytes == 5
    assert asked(filled, sizes=True, kinds=[Kind.FLOAT_SERIES]).file_bytes == 0


def test_what_is_deleted_is_gone_and_what_comes_is_there(filled: Doors) -> None:
    filled.write(delete("train"), put("params/new", 1))
    assert "train" not in [row.path for row in asked(filled).rows]
    assert held(asked(filled, search="params/new")) == ["params/new"]


def test_a_folder_of_very_many_is_sorted_for_people(doors: Doors) -> None:
    doors.write(create(), *(put(f"w/{at}", at) for at in range(1500)))
    for _ in range(2):
        answer = asked(doors, kinds=[Kind.INT], open_up_to=2000, start=1498, limit=5)
        assert held(answer) == ["w/1497", "w/1498", "w/1499"]
    doors.write(put("w/1499.5", 1))
    assert held(asked(doors, kinds=[Kind.INT], open_up_to=2000, start=1500, limit=5)) == ["w/1499", "w/1499.5"]


def test_a_pattern_that_is_none_and_a_run_that_is_none_are_refused(filled: Doors) -> None:
    with pytest.raises(BadQuestion, match="no regular expression"):
        asked(filled, search="/(/")
    with pytest.raises(NotThere):
        filled.query.tree("f" * 32, TreeQuestion(), start=0, limit=1)


def test_a_folder_has_a_tree_of_its_own(filled: Doors) -> None:
    assert shown(asked(filled, below="train")) == [
        "-train/layer2",
        "   train/layer2/w",
        "-train/layer10",
        "   train/layer10/w",
    ]
    assert shown(asked(filled, below="out", search="deep")) == ["-out/deep", "   out/deep/weights"]
    answer = asked(filled, below="tra")
    assert (answer.rows, answer.attribute_count) == ([], 0)
