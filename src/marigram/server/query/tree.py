"""`Trees`: what a run has as a tree, in flat rows of which only those on the screen are made. Any thread.

A folder holds the paths that begin with its own and a slash. A path may hold an attribute and be a folder too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec
from typing_extensions import assert_never

from marigram.model import Kind, Path
from marigram.model.value import SERIES_KINDS
from marigram.server.query.answers import AttributeAnswer
from marigram.server.query.paths import expression_in, path_matcher, people_key
from marigram.server.store.meta.keys import AFTER_SLASH
from marigram.server.store.meta.port import Attribute, MetaStore

OPEN_UP_TO = 400
"""With so many attributes, folders are open if nobody says otherwise."""

_REMEMBERED_FROM = 1000
"""Names in a folder whose order is remembered: sorting a hundred thousand takes a fifth of a second."""

_ALL = 10_000_000

Cells = Callable[[str, Sequence[str]], Mapping[str, AttributeAnswer]]
"""Returns what a run has at paths."""


class TreeQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which tree is asked for.

    Attributes:
        kinds: of what; empty for all.
        search: words of which each has to stand in the path, the value as text, or the file's name, whatever the case;
            or a regular expression between slashes, which looks at the path. Empty finds all.
        open_up_to: folders are open while there are at most so many attributes of these kinds, and in a search.
        toggled: folders of which the opposite is true.
        below: the folder of which this is the tree, its own row left out; empty for all.
    """

    kinds: Collection[Kind] = ()
    search: str = ""
    open_up_to: int = OPEN_UP_TO
    toggled: frozenset[str] = frozenset()
    below: str = ""


class TreeRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of a tree.

    Attributes:
        path: where it stands; an attribute's path if `held`.
        depth: 0 for the outermost.
        parent: the place of the row of the folder that it is in, counted from the first row of all; None outside.
        expandable: whether something is below it.
        expanded: whether the rows of that follow.
        size: attributes at the path and below.
        held: whether there is an attribute at the path itself.
    """

    path: Path
    depth: int
    parent: int | None
    expandable: bool
    expanded: bool
    size: int
    held: bool


class TreeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Some rows of a tree.

    Attributes:
        rows: those that were asked for.
        cells: what is at the paths of these rows.
        row_count: how many rows there are in all.
        attribute_count: how many attributes were found.
        file_bytes: the sizes of all files that were found; None where they were not asked for.
        is_open: whether folders are open that nobody has toggled.
    """

    rows: list[TreeRow]
    cells: Mapping[str, AttributeAnswer]
    row_count: int
    attribute_count: int
    file_bytes: int | None
    is_open: bool


class Trees:
    """Answers what trees ask."""

    def __init__(self, *, meta: MetaStore, cells: Cells) -> None:
        self._meta = meta
        self._cells = cells
        # A folder of very many is asked for again with every screen; what its names are says what their order is.
        self._remembered_order = lru_cache(maxsize=4)(_in_order)

    def answer(self, run_id: str, asked: TreeQuestion, *, start: int, limit: int, sizes: bool = False) -> TreeAnswer:
        """Return rows from the `start`th on, `limit` at most; `sizes` reads all files to add up what they take.

        A run that is unknown has an empty tree.

        Raises:
            BadQuestion: the search is no regular expression.
        """
        top = asked.below and f"{asked.below}/"
        known = [
            path for path, _ in self._meta.paths([run_id], kinds=asked.kinds, below=asked.below) if path.startswith(top)
        ]
        found = self._searched(run_id, known, asked) if asked.search.strip() else known
        is_open = found is not known or len(known) <= asked.open_up_to
        toggled = asked.toggled
        tree = PathTree(found, lambda path: is_open != (path in toggled), top=top, in_order=self._in_order)
        rows = tree.rows(start, start + limit)
        return TreeAnswer(
            rows=rows,
            cells=self._cells(run_id, [row.path for row in rows if row.held]),
            row_count=tree.row_count,
            attribute_count=len(found),
            file_bytes=self._file_bytes(run_id, found) if sizes else None,
            is_open=is_open,
        )

    def _searched(self, run_id: str, paths: Sequence[Path], asked: TreeQuestion) -> list[Path]:
        matches = path_matcher(asked.search)
        if expression_in(asked.search) is not None:
            return [path for path in paths if matches(path)]
        # Of a series the path is all that is looked at.
        kinds = [kind for kind in asked.kinds or Kind if kind not in SERIES_KINDS]
        texts = {each.path: _text_of(each) for each in self._read(run_id, kinds)}
        return [path for path in paths if matches(f"{path} {texts.get(path, '')}")]

    def _file_bytes(self, run_id: str, paths: Sequence[Path]) -> int:
        found = set(paths)
        read = self._read(run_id, [Kind.FILE])
        return sum(each.file.size for each in read if each.file is not None and each.path in found)

    def _read(self, run_id: str, kinds: Collection[Kind]) -> list[Attribute]:
        """Return all of these kinds; none without any. In pages each page would be looked for anew among all."""
        return self._meta.attributes(run_id, kinds=kinds, limit=_ALL) if kinds else []

    def _in_order(self, names: tuple[str, ...]) -> Sequence[str]:
        return _in_order(names) if len(names) < _REMEMBERED_FROM else self._remembered_order(names)


def _in_order(names: tuple[str, ...]) -> Sequence[str]:
    return sorted(names, key=people_key)


def _text_of(attribute: Attribute) -> str:
    """Return what a search looks at besides the path."""
    if attribute.file is not None:
        return attribute.file.filename
    match attribute.value:
        case None:
            return ""
        case frozenset() as texts:
            return ", ".join(sorted(texts))
        case datetime() as moment:
            return moment.isoformat()
        case float() as number:
            return repr(number).replace("inf", "Infinity")
        case bool() | int() | str() as value:
            return str(value)
        case _:
            assert_never(attribute.value)


class _Place(NamedTuple):
    """A name in a folder: whether something is at it, and which of the sorted paths are below it."""

    held: bool
    first: int
    stop: int


_LEAF = _Place(held=True, first=0, stop=0)


class PathTree:
    """The rows of a tree of sorted paths. What is in a folder that is closed is not looked at.

    Attributes:
        row_count: how many rows there are.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        is_open: Callable[[str], bool],
        *,
        top: str = "",
        in_order: Callable[[tuple[str, ...]], Sequence[str]] = _in_order,
    ) -> None:
        """Count the rows.

        Args:
            paths: each once, in order of their characters.
            is_open: says of a folder whether its rows are there.
            top: what all paths begin with, a folder's path and a slash, of which there is no row; empty for nothing.
            in_order: sorts the names in a folder.
        """
        self._paths = paths
        self._is_open = is_open
        self._top = top
        self._in_order = in_order
        self._levels: dict[str, dict[str, _Place]] = {}
        self._counts: dict[str, int] = {}
        self.row_count = self._count(top, 0, len(paths))

    def rows(self, start: int, stop: int) -> list[TreeRow]:
        """Return the rows `[start, stop)`, depth first, names in the order for people."""
        rows: list[TreeRow] = []
        at = 0
        stack = [self._listed(self._top, None)]
        while stack and at < stop:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
                continue
            path, place, parent = entry
            below = self._counts.get(f"{path}/", 0)
            here, at = at, at + 1
            if here >= start:
                rows.append(
                    TreeRow(
                        path=path,
                        depth=len(stack) - 1,
                        parent=parent,
                        expandable=place.stop > place.first,
                        expanded=below > 0,
                        size=place.stop - place.first + place.held,
                        held=place.held,
                    )
                )
            if at + below <= start:
                at += below
            elif below:
                stack.append(self._listed(f"{path}/", here))
        return rows

    def _listed(self, top: str, parent: int | None) -> Iterator[tuple[Path, _Place, int | None]]:
        level = self._levels[top]
        return ((Path(top + name), level[name], parent) for name in self._in_order(tuple(level)))

    def _count(self, top: str, first: int, stop: int) -> int:
        """Look at what is in a folder and count its rows; `top` is its path with a slash."""
        level = self._levels[top] = self._level(len(top), first, stop)
        count = len(level)
        for name, place in level.items():
            if place.stop > place.first and self._is_open(top + name):
                count += self._count(f"{top}{name}/", place.first, place.stop)
        self._counts[top] = count
        return count

    def _level(self, cut: int, first: int, stop: int) -> dict[str, _Place]:
        """Return what is in the folder whose paths are `[first, stop)`, by what follows its `cut` characters."""
        paths = self._paths
        level: dict[str, _Place] = {}
        at = first
        while at < stop:
            path = paths[at]
            slash = path.find("/", cut)
            if slash < 0:
                level[path[cut:]] = _LEAF
                at += 1
                continue
            # All that is below a path stands together, but not beside the path itself: `a`, `a-b`, `a/b`.
            end = bisect_left(paths, path[:slash] + AFTER_SLASH, at + 1, stop)
            name = path[cut:slash]
            level[name] = _Place(name in level, at, end)
            at = end
        return level
