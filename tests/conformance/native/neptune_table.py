"""What a table of another client's calls is made of: sections of calls, each with how ours is and a check of it.

A call is `same` (its name and meaning hold here), `other name`, or `not there`. A check of the first two makes the call
and looks at the result through the read API; a check of the last shows that it is not there. So the page that is made
of the table cannot say what is not so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import marigram
from conformance.native.answers import Answers
from running_server import RunningServer

SAME, OTHER_NAME, NOT_THERE = "same", "other name", "not there"


class Start(Protocol):
    """Starts a run that is stopped when the check ends."""

    def __call__(self, **arguments: Any) -> marigram.Run: ...


@dataclass(frozen=True)
class Bench:
    """What a check works with.

    Attributes:
        run: shared by all checks; each writes below the name of its own.
        read: what the server says of it.
        start: starts another run in the same project.
        folder: empty, and the working folder.
    """

    run: marigram.Run
    read: Answers
    start: Start
    server: RunningServer
    folder: Path

    def said(self) -> Answers:
        """What the server says once it has everything."""
        assert self.run.wait(), "the server has everything within a minute"
        return self.read

    def read_of(self, run: marigram.Run) -> Answers:
        """What the server says of another run."""
        return Answers(self.server, run.id)


Check = Callable[[Bench], None]


@dataclass(frozen=True)
class Call:
    """One row."""

    section: str
    theirs: str
    verdict: str
    ours: str
    note: str
    check: Check


@dataclass(frozen=True)
class Section:
    """The calls of one object of theirs."""

    title: str
    calls: list[Call] = field(default_factory=list)

    def same(self, theirs: str, note: str = "") -> Callable[[Check], Check]:
        """The call is there and means the same."""
        return self._row(theirs, SAME, theirs, note)

    def other(self, theirs: str, ours: str, note: str = "") -> Callable[[Check], Check]:
        """The call is there by another name."""
        return self._row(theirs, OTHER_NAME, ours, note)

    def missing(self, theirs: str, note: str) -> Callable[[Check], Check]:
        """The call is not there, for the reason given."""
        return self._row(theirs, NOT_THERE, "", note)

    def _row(self, theirs: str, verdict: str, ours: str, note: str) -> Callable[[Check], Check]:
        def keep(check: Check) -> Check:
            self.calls.append(Call(self.title, theirs, verdict, ours, note, check))
            return check

        return keep


INTRODUCTION = """\
# Calls of the Neptune client

What users of the Neptune 1.x client call, and what it is here. Change the import, and most scripts run:

```text
import marigram as neptune
from marigram.types import File
from marigram.utils import stringify_unsupported
```

A test makes each of these calls against a real server and looks at the result through the read API; this page is
written by `python tools/neptune_calls.py`, and the test fails if it is not what that would write. What a call takes and
guarantees stands in its docstring; [logging](../guides/logging.md) is the guide.
"""


def page(sections: Iterable[Section]) -> str:
    """Return the page of documentation."""
    all_sections = list(sections)
    calls = [call for section in all_sections for call in section.calls]
    counts = {verdict: sum(call.verdict == verdict for call in calls) for verdict in (SAME, OTHER_NAME, NOT_THERE)}
    lines = [INTRODUCTION, ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + ".\n"]
    for section in all_sections:
        lines += [f"## {section.title}\n", "| theirs | here | |", "|---|---|---|"]
        for call in section.calls:
            here = f"`{call.ours}`" if call.verdict == OTHER_NAME else call.verdict
            lines.append(f"| `{call.theirs}` | {here} | {call.note} |")
        lines.append("")
    return "\n".join(lines)
