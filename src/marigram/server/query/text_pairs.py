"""`TextPairs`: which texts two runs have that are read side by side, and how their values differ. Any thread.

A text is the configuration, that is each value that a script has set; what the first process of a run printed or
reported, for names of processes differ from run to run; or a readable file, paired with the one at the same path.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

import msgspec

from marigram.model import File, Kind, Path
from marigram.model.value import SERIES_KINDS
from marigram.server.query.answers import AttributeAnswer
from marigram.server.query.paths import path_matcher, people_key
from marigram.server.query.previews import READABLE, preview_of
from marigram.server.store.meta.port import Attribute, MetaStore

CONFIGURATION = "configuration"
"""Names the text of all values."""

_VALUE_KINDS = tuple(kind for kind in Kind if kind not in SERIES_KINDS and kind is not Kind.FILE)
_SAID_BY_ITSELF = ("sys/", "monitoring/", "source_code/")
_OUTPUT = re.compile(r"monitoring/.+/(stdout|stderr|traceback)")
_OUTPUTS: Mapping[str, str] = {
    "stdout": "console standard output",
    "stderr": "console standard error",
    "traceback": "traceback",
}
"""Names of outputs, and the words that find them besides."""

_WORDS: Mapping[str, str] = {"source_code/diff": "git changes that were not committed uncommitted"}
_ALL = 10_000_000


class TextPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where the text of one run is: at a path, of the configuration an empty one; a file, if it is one."""

    path: str
    file: File | None


class TextPair(msgspec.Struct, frozen=True, kw_only=True):
    """A text that at least one of two runs has.

    Attributes:
        name: tells it from the others: `CONFIGURATION`, the last segment of an output's path, or a file's path.
        before, after: where each of them has it; None if it has none.
        differs: whether they differ; None where only a look at the texts can tell.
    """

    name: str
    before: TextPlace | None
    after: TextPlace | None
    differs: bool | None


class TextPairsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the texts: the configuration, the outputs, then files by path.

    Attributes:
        pairs: those that were asked for.
        pair_count: how many the search finds.
        all_count: how many there are without it.
        first_differing: the name of the first that the search finds and that is known to differ; None if there is none.
    """

    pairs: list[TextPair]
    pair_count: int
    all_count: int
    first_differing: str | None


class ValuePair(msgspec.Struct, frozen=True, kw_only=True):
    """What two runs have at one path; None for nothing."""

    path: Path
    before: AttributeAnswer | None
    after: AttributeAnswer | None


class ValuePairsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Values that differ between two runs, in the order for people.

    Attributes:
        pairs: those that were asked for.
        pair_count: how many differ, of those that the search finds.
        before_count, after_count: at how many of these paths the one and the other have a value.
        value_count: paths at which at least one of them has a value, of those that the search finds.
        all_count: such paths without the search.
    """

    pairs: list[ValuePair]
    pair_count: int
    before_count: int
    after_count: int
    value_count: int
    all_count: int


class TextPairs:
    """Answers what is asked about the texts of two runs."""

    def __init__(self, *, meta: MetaStore) -> None:
        self._meta = meta

    def texts(self, before: str, after: str, *, text: str, start: int, limit: int) -> TextPairsAnswer:
        """Return texts from the `start`th on, `limit` at most; `text` is looked for in their names.

        Raises:
            BadQuestion: the text is no regular expression.
        """
        everything = [*self._configuration(before, after), *self._outputs(before, after), *self._files(before, after)]
        matches = path_matcher(text)
        found = [each for each in everything if matches(_searched(each.name))]
        return TextPairsAnswer(
            pairs=found[start : start + limit],
            pair_count=len(found),
            all_count=len(everything),
            first_differing=next((each.name for each in found if each.differs), None),
        )

    def text(self, before: str, after: str, name: str) -> TextPair | None:
        """Return the text of this name; None if neither of them has it."""
        pairs = {each.name: each for each in (*self._configuration(before, after), *self._outputs(before, after))}
        if name in pairs:
            return pairs[name]
        return _paired_file(name, self._meta.attribute(before, name), self._meta.attribute(after, name))

    def values(self, before: str, after: str, *, text: str, start: int, limit: int) -> ValuePairsAnswer:
        """Return values that differ from the `start`th on, `limit` at most; `text` is looked for in their paths.

        Raises:
            BadQuestion: the text is no regular expression.
        """
        old, new = self._values(before), self._values(after)
        everything = list(dict.fromkeys([*old, *new]))
        matches = path_matcher(text)
        found = [path for path in everything if matches(path)]
        differing = sorted((path for path in found if not _same(old.get(path), new.get(path))), key=people_key)
        return ValuePairsAnswer(
            pairs=[
                ValuePair(path=path, before=_answer(old.get(path)), after=_answer(new.get(path)))
                for path in differing[start : start + limit]
            ],
            pair_count=len(differing),
            before_count=sum(path in old for path in differing),
            after_count=sum(path in new for path in differing),
            value_count=len(found),
            all_count=len(everything),
        )

    def _values(self, run_id: str) -> dict[Path, Attribute]:
        found = self._meta.attributes(run_id, kinds=_VALUE_KINDS, limit=_ALL)
        return {each.path: each for each in found if not each.path.startswith(_SAID_BY_ITSELF)}

    def _configuration(self, before: str, after: str) -> Iterator[TextPair]:
        old, new = self._values(before), self._values(after)
        if old or new:
            whole = TextPlace(path="", file=None)
            differs = old.keys() != new.keys() or any(not _same(each, new[path]) for path, each in old.items())
            yield TextPair(
                name=CONFIGURATION, before=whole if old else None, after=whole if new else None, differs=differs
            )

    def _outputs(self, before: str, after: str) -> Iterator[TextPair]:
        old, new = self._first_outputs(before), self._first_outputs(after)
        for name in _OUTPUTS:
            left, right = old.get(name), new.get(name)
            if left is not None or right is not None:
                yield TextPair(
                    name=name, before=left, after=right, differs=True if left is None or right is None else None
                )

    def _first_outputs(self, run_id: str) -> dict[str, TextPlace]:
        found: dict[str, TextPlace] = {}
        for path, _ in self._meta.paths([run_id], kinds=[Kind.STRING_SERIES], below="monitoring"):
            output = _OUTPUT.fullmatch(path)
            if output is not None:
                found.setdefault(output[1], TextPlace(path=path, file=None))
        return found

    def _files(self, before: str, after: str) -> Iterator[TextPair]:
        old, new = (
            {each.path: each for each in self._meta.attributes(run_id, kinds=[Kind.FILE], limit=_ALL)}
            for run_id in (before, after)
        )
        for path in sorted({*old, *new}, key=people_key):
            pair = _paired_file(path, old.get(path), new.get(path))
            if pair is not None:
                yield pair


def _searched(name: str) -> str:
    words = _OUTPUTS.get(name) or _WORDS.get(name)
    return name if words is None else f"{name} {words}"


def _paired_file(path: str, before: Attribute | None, after: Attribute | None) -> TextPair | None:
    old, new = _readable(before), _readable(after)
    if old is None and new is None:
        return None
    return TextPair(
        name=path,
        before=None if old is None else TextPlace(path=path, file=old),
        after=None if new is None else TextPlace(path=path, file=new),
        differs=old is None or new is None or old.sha256 != new.sha256,
    )


def _readable(attribute: Attribute | None) -> File | None:
    if attribute is None or attribute.file is None:
        return None
    return attribute.file if preview_of(attribute.path, attribute.file) in READABLE else None


def _same(before: Attribute | None, after: Attribute | None) -> bool:
    if before is None or after is None or before.kind is not after.kind:
        return False
    old, new = before.value, after.value
    if isinstance(old, float) and isinstance(new, float) and math.isnan(old) and math.isnan(new):
        return True
    return old == new


def _answer(attribute: Attribute | None) -> AttributeAnswer | None:
    return None if attribute is None else AttributeAnswer(attribute=attribute, summary=None)
