"""What a table of MLflow's calls is made of, and the page that is written from it.

A row names calls and the scenario that makes them with the unmodified clients, so the page says what has been tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NEWEST, OLDEST = "3.17.2", "2.22.5"
"""The clients, as tests/conformance/clients pins them."""


@dataclass(frozen=True)
class Row:
    """Calls of one kind.

    Attributes:
        calls: names of methods or functions; a name of `MlflowClient` and of the module `mlflow` stands for both.
        scenario: which makes them; empty if they are not spoken.
        since: the first major version that has them.
    """

    calls: str
    scenario: str = ""
    note: str = ""
    since: int = 2

    @property
    def names(self) -> set[str]:
        return set(self.calls.split())


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Endpoint:
    """One endpoint; `{}` in its path stands for any text, and it is tried by some scenario."""

    method: str
    path: str
    note: str = ""


INTRODUCTION = f"""\
# Calls of the MLflow client

What the unmodified `mlflow` client calls, and whether Marigram answers it: `mlflow.set_tracking_uri` with the server's
address, and nothing else. The [guide](../guides/mlflow.md) says how, and what becomes what.

A test makes these calls with the clients {NEWEST} and {OLDEST} against a real server and looks at the result through
the client and through the read API; this page is written by `python tools/mlflow_calls.py`, and the test fails if it is
not what that would write. What the scenarios expect is what MLflow's own server does, too:
`python tools/mlflow_own_server.py` runs them against it.
"""


def page(sections: Iterable[Section], endpoints: Iterable[Endpoint]) -> str:
    """Return the page of documentation."""
    lines = [INTRODUCTION]
    for section in sections:
        lines += [f"## {section.title}\n", f"| call | {NEWEST} | {OLDEST} | |", "|---|---|---|---|"]
        for row in section.rows:
            calls = ", ".join(f"`{name}`" for name in row.calls.split())
            verdict = "works" if row.scenario else "not spoken"
            lines.append(f"| {calls} | {verdict} | {verdict if row.since <= 2 else 'not in it'} | {row.note} |")
        lines.append("")
    lines += [
        "## Endpoints\n",
        "Each has been asked by one of the clients and has answered.\n",
        "| | path | |",
        "|---|---|---|",
    ]
    lines += [f"| {each.method} | `{each.path}` | {each.note} |" for each in endpoints]
    return "\n".join(lines) + "\n"
