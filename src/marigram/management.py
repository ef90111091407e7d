"""What concerns projects as a whole: list them, make one, tidy the trash. Each call waits for the server and raises."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from marigram.client.errors import UnreachableError
from marigram.client.project import init_project
from marigram.client.settings import Settings, parse_url
from marigram.client.transport import Transport


class _Project(msgspec.Struct):
    name: str


class _Projects(msgspec.Struct):
    projects: list[_Project]


def get_project_list(*, api_token: str | None = None, url: str | None = None) -> list[str]:
    """Return the names of all projects, the most recently active first.

    Raises:
        SettingError: an argument or an environment variable is wrong.
        AccessError: the server does not accept the token.
        UnreachableError: the server does not answer.
    """
    settings = Settings.from_environment(os.environ)
    transport = Transport(
        url=parse_url(url) if url is not None else settings.url,
        token=api_token if api_token is not None else settings.token,
        proxy=settings.proxy,
    )
    return [project.name for project in transport.get("/api/v1/projects", _Projects, {}).projects]


def create_project(name: str, *, api_token: str | None = None, url: str | None = None) -> str:
    """Make an empty project, `workspace/name`, and return its name; one that exists stays. Logging makes projects too.

    Raises:
        SettingError: the name cannot be one, or another argument is wrong.
        AccessError: the server does not accept the token.
        UnreachableError: the server does not answer.
    """
    with init_project(name, mode="async", api_token=api_token, url=url) as project:
        project["sys/name"] = project.name
        if not project.wait():
            message = f"The server has not answered yet. {name} will be made as soon as it does."
            raise UnreachableError(message)
    return project.name


def trash_objects(
    project: str, ids: str | Iterable[str], *, api_token: str | None = None, url: str | None = None
) -> None:
    """Put runs of a project into the trash, by key or id.

    Raises:
        NotFoundError: there is no such run.
        UnreachableError: the server does not answer.
    """
    init_project(project, mode="read-only", api_token=api_token, url=url).trash_runs(ids)


def delete_objects_from_trash(
    project: str, ids: str | Iterable[str], *, api_token: str | None = None, url: str | None = None
) -> None:
    """Delete runs that are in the trash, for good.

    Raises:
        NotFoundError: there is no such run.
        ServerError: one is not in the trash, or still goes on.
        UnreachableError: the server does not answer.
    """
    init_project(project, mode="read-only", api_token=api_token, url=url).delete_runs(ids)


def clear_trash(project: str, *, api_token: str | None = None, url: str | None = None) -> None:
    """Delete every run in the project's trash, for good.

    Raises:
        ServerError: one of them still goes on.
        UnreachableError: the server does not answer.
    """
    opened = init_project(project, mode="read-only", api_token=api_token, url=url)
    table = opened.fetch_runs_table(trashed=True, columns=[], progress_bar=False)
    opened.delete_runs([row.run.id for row in table])
