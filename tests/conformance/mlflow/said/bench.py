"""What a scenario works with: the unmodified client, a folder, names of its own, and a way to say what must be refused.

Runs in the client's environment, so nothing of Marigram is imported here or beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.utils.rest_utils import http_request

Function = TypeVar("Function", bound=Callable[..., Any])

OLDEST = "oldest"
"""The attribute of a scenario that says which major version of the client is the first to have what it calls."""


@dataclass(frozen=True)
class Bench:
    """One scenario's.

    Attributes:
        name: of the scenario; the names of what it makes begin with it, for the server is shared.
        folder: empty.
    """

    name: str
    folder: Path

    @property
    def client(self) -> Any:
        """A client of the server that MLFLOW_TRACKING_URI names."""
        return mlflow.MlflowClient()

    def experiment(self, name: str = "") -> str:
        """Make an experiment of that name and return its id."""
        return self.client.create_experiment(self.called(name))

    def called(self, name: str = "") -> str:
        """Return a name that only this scenario uses."""
        return f"{self.name}-{name}" if name else self.name

    def file(self, name: str, content: bytes) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    def ask(self, method: str, path: str, **arguments: Any) -> Any:
        """Send a request that has no method in the client; it goes as the client's own go."""
        credentials = mlflow.MlflowClient()._tracking_client.store.get_host_creds()
        return http_request(credentials, path, method, max_retries=0, **arguments)


def since(version: int) -> Callable[[Function], Function]:
    """Mark a scenario as one for clients from that major version on."""

    def mark(scenario: Function) -> Function:
        setattr(scenario, OLDEST, version)
        return scenario

    return mark


def refused(code: str, text: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    """See that a call raises MLflow's exception with that code, and that its message has that text in it."""
    said: MlflowException | None = None
    try:
        call(*arguments, **named)
    except MlflowException as error:
        said = error
    assert said is not None, f"{call} was not refused."
    assert said.error_code == code, f"{said.error_code} instead of {code}: {said}"
    assert text in str(said), f"{text!r} is not in {str(said)!r}"


def all_pages(search: Callable[..., Any], **arguments: Any) -> list[list[Any]]:
    """Return the pages of a search."""
    pages: list[list[Any]] = []
    token = None
    while True:
        page = search(**arguments, page_token=token)
        pages.append(list(page))
        token = page.token
        if not token:
            return pages
