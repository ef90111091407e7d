"""The name of a project, `workspace/name`."""

from __future__ import annotations

import re
import uuid
from typing import NewType

ProjectName = NewType("ProjectName", str)

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_PROJECT_NAME = re.compile(rf"{_PART}/{_PART}")

RESERVED_WORKSPACES = frozenset({"api", "assets", "health", "schema", "auth"})
"""First path segments that the server itself answers, so that no workspace hides one."""


_PROJECT_NAMESPACE = uuid.UUID("c2a1f0f6-3f57-5d0c-9b3d-6d6172696772")
"""Any fixed number: it makes a project's own run the same one on every machine."""


class InvalidProjectNameError(ValueError):
    """The text does not name a project."""


def parse_project_name(text: str) -> ProjectName:
    """Return `text` as a project name.

    Raises:
        InvalidProjectNameError: it is not `workspace/name`, or the workspace's name is reserved.
    """
    if not _PROJECT_NAME.fullmatch(text):
        message = (
            f"{text!r} is not a project name. Write 'workspace/name', for example 'vision/cats'; letters, digits, "
            "'.', '_' and '-' are allowed in both parts."
        )
        raise InvalidProjectNameError(message)
    if text.partition("/")[0].lower() in RESERVED_WORKSPACES:
        message = f"The workspace of {text!r} is a reserved word. Choose another workspace name."
        raise InvalidProjectNameError(message)
    return ProjectName(text)


def project_run_id(project: ProjectName) -> str:
    """Return the id of the run that holds what is said of the project itself. No table of runs shows it."""
    return uuid.uuid5(_PROJECT_NAMESPACE, project).hex
