"""What differs between what two runs have, but for their series: found, told apart by area, and weighed. Pure.

A path says its area. Below `source_code/`, requirements are environment and all else is code. Below `sys/`, Python, the
machine and environment variables are environment; what makes every run another one (its key, times, state, name, tags)
is no difference. Below `monitoring/`, the machine's description is hardware; it is compared without the name of the
process. Annotations, below `annotations/`, are none. Elsewhere an artifact, that is a manifest of hashes, is data, any
other file is output; a value is a result if its first segment is one of `RESULTS`, and config if it is not.

A weight from 0 to 1 ranks differences: that of its area times the size of the change. Of two numbers the size is
|a - b| / (|a| + |b|), at least 0.3; anything else that changed has the whole size, and what only one run has three
quarters of it. Causes weigh more than what follows from them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum

import msgspec

from marigram.model import File, Path, Value
from marigram.model.value import SERIES_KINDS
from marigram.server.query.parting import Parting
from marigram.server.store.meta.port import Attribute


class Area(str, Enum):
    """What a difference is about."""

    CONFIG = "config"
    CODE = "code"
    DATA = "data"
    ENVIRONMENT = "environment"
    HARDWARE = "hardware"
    THROUGHPUT = "throughput"
    METRICS = "metrics"
    RESULT = "result"
    OUTPUT = "output"


WEIGHTS: Mapping[Area, float] = {
    Area.CONFIG: 1.0,
    Area.DATA: 0.95,
    Area.CODE: 0.9,
    Area.METRICS: 0.7,
    Area.THROUGHPUT: 0.65,
    Area.HARDWARE: 0.6,
    Area.ENVIRONMENT: 0.55,
    Area.RESULT: 0.5,
    Area.OUTPUT: 0.2,
}
RESULTS = frozenset(
    {"eval", "evaluation", "final", "info", "metric", "metrics", "outputs", "result", "results", "score", "scores"}
    | {"summary", "test", "val", "validation"}
)
"""First segments of paths whose values are what came out of a run."""

ARTIFACT_MEDIA_TYPE = "application/vnd.marigram.artifact+json"

MOST_DETAILS = 40
_LEAST_SIZE = 0.3
_ONE_SIDED = 0.75
_ENVIRONMENT = (
    "sys/environment/",
    "sys/hostname",
    "sys/platform",
    "sys/python_version",
    "sys/python_executable",
    "sys/conda_environment",
    "sys/virtual_environment",
)
_PLACES = ("sys/hostname", "sys/python_executable", "sys/virtual_environment")
"""Where something stands: it differs between machines that compute the same."""

_PLACE_SHARE = 0.5
_OF_A_COMMIT = frozenset({"message", "author", "date"})
_HARDWARE = ("cpu_count", "cpu_limit", "memory_total", "memory_limit", "gpu_", "ranks")


class RunDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between a run and the baseline it is compared with.

    Attributes:
        area: what it is about.
        path: where it is; of hardware, without the namespace of the process.
        before, after: what the baseline and the run have; None for nothing. A file is its SHA-256; a series what it is
            at the end of the steps that both runs have; throughput is in steps per second.
        weight: 0 to 1; see the module.
        details: more about it, one line each.
        parting: of a series, where the curves part.
    """

    area: Area
    path: str
    before: Value | None
    after: Value | None
    weight: float
    details: tuple[str, ...] = ()
    parting: Parting | None = None


TextOf = Callable[[File], "str | None"]
"""Returns the text of a file; None if it is too large, not text, or lost."""


def area_of(attribute: Attribute) -> tuple[Area, str] | None:
    """Return what a difference at this attribute is about, and the path to name; None if it says nothing."""
    path = attribute.path
    head, _, rest = path.partition("/")
    if head == "sys":
        return (Area.ENVIRONMENT, path) if path.startswith(_ENVIRONMENT) else None
    if head == "monitoring":
        name = rest.partition("/")[2]
        return (Area.HARDWARE, name) if name.startswith(_HARDWARE) else None
    if head == "annotations":
        return None
    if head == "source_code":
        return _area_of_source(path, rest)
    if attribute.file is not None:
        is_artifact = attribute.file.media_type == ARTIFACT_MEDIA_TYPE
        return (Area.DATA if is_artifact else Area.OUTPUT), path
    return (Area.RESULT if head in RESULTS else Area.CONFIG), path


def _area_of_source(path: Path, rest: str) -> tuple[Area, str] | None:
    if rest == "requirements":
        return Area.ENVIRONMENT, path
    if rest.startswith("git/") and rest.removeprefix("git/") in _OF_A_COMMIT:
        return None
    return Area.CODE, path


def differences_of(before: Iterable[Attribute], after: Iterable[Attribute], text_of: TextOf) -> list[RunDifference]:
    """Return how the values and files of two runs differ, in no order."""
    old, new = _by_name(before), _by_name(after)
    found: list[RunDifference] = []
    for key in dict.fromkeys([*old, *new]):
        area, path = key
        left, right = old.get(key, []), new.get(key, [])
        values = _value_of(left), _value_of(right)
        if _same(*values):
            continue
        found.append(
            RunDifference(
                area=area,
                path=path,
                before=values[0],
                after=values[1],
                weight=WEIGHTS[area] * _share_of(path) * size_of(*values),
                details=_details(path, left, right, text_of),
            )
        )
    return found


def size_of(before: Value | None, after: Value | None) -> float:
    """Return how large a change is, more than 0 and at most 1."""
    if before is None or after is None:
        return _ONE_SIDED
    old, new = _number_of(before), _number_of(after)
    if old is None or new is None:
        return 1.0
    size = abs(old / 2 - new / 2) / (abs(old) / 2 + abs(new) / 2) if old or new else 0.0
    return 1.0 if math.isnan(size) else min(1.0, max(size, _LEAST_SIZE))


def _number_of(value: Value) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _share_of(path: str) -> float:
    return _PLACE_SHARE if path in _PLACES else 1.0


def _by_name(attributes: Iterable[Attribute]) -> dict[tuple[Area, str], list[Attribute]]:
    """Return values and files by area and path; several processes have several under one name."""
    found: dict[tuple[Area, str], list[Attribute]] = {}
    for each in attributes:
        if each.kind in SERIES_KINDS:
            continue
        key = area_of(each)
        if key is not None:
            found.setdefault(key, []).append(each)
    return found


def _value_of(attributes: Sequence[Attribute]) -> Value | None:
    held = [each.value if each.file is None else each.file.sha256 for each in attributes]
    values = [value for value in held if value is not None]
    if not values:
        return None
    # Processes of one run that have the same count as one; others are told side by side.
    return values[0] if all(_same(values[0], other) for other in values[1:]) else frozenset(map(str, values))


def _same(before: Value | None, after: Value | None) -> bool:
    if isinstance(before, float) and isinstance(after, float) and math.isnan(before) and math.isnan(after):
        return True
    return isinstance(before, bool) == isinstance(after, bool) and before == after


def _details(path: str, before: Sequence[Attribute], after: Sequence[Attribute], text_of: TextOf) -> tuple[str, ...]:
    old, new = (next((each.file for each in side if each.file is not None), None) for side in (before, after))
    if old is None and new is None:
        return ()
    left = "" if old is None else text_of(old)
    right = "" if new is None else text_of(new)
    if left is None or right is None:
        return ()
    if path == "source_code/requirements":
        lines = package_changes(left, right)
    elif path == "source_code/diff":
        lines = sorted(_touched(left) | _touched(right))
    else:
        lines = line_changes(left, right)
    more = len(lines) - MOST_DETAILS
    return (*lines[:MOST_DETAILS], f"and {more} more") if more > 0 else tuple(lines)


def package_changes(before: str, after: str) -> list[str]:
    """Return which packages two lists of requirements have in other versions, or one of them alone."""
    old, new = _packages(before), _packages(after)
    changed = [f"{name} {old[name]} → {new[name]}" for name in old if name in new and old[name] != new[name]]
    return [
        *changed,
        *(f"{name} {version} added" for name, version in new.items() if name not in old),
        *(f"{name} {version} gone" for name, version in old.items() if name not in new),
    ]


_REQUIREMENT = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:==\s*)?(.*)")


def _packages(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _REQUIREMENT.match(line.strip())
        if match is not None:
            found[re.sub(r"[-_.]+", "-", match[1]).lower()] = match[2].strip()
    return dict(sorted(found.items()))


def line_changes(before: str, after: str) -> list[str]:
    """Return how many lines there are more and fewer; a line that only moved is none of them."""
    old, new = Counter(before.splitlines()), Counter(after.splitlines())
    more, fewer = (new - old).total(), (old - new).total()
    return [f"lines: {more} added, {fewer} gone"] if more or fewer else ["the same lines in another order"]


def _touched(diff: str) -> set[str]:
    return set(re.findall(r"^diff --git a/.*? b/(.+)$", diff, re.MULTILINE))
