"""Checks what `init_run` was given; every error says what to write instead."""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterable
from typing import cast

from marigram.client.card import FLUSH_PERIOD_S
from marigram.client.errors import SettingError
from marigram.client.host import host_name
from marigram.client.settings import Mode
from marigram.model import InvalidPathError, InvalidProjectNameError, Path, ProjectName, parse_path, parse_project_name

_STORES_NOTHING = frozenset({Mode.DEBUG, Mode.DISABLED})
_PLACEHOLDER = ProjectName("debug/debug")


def check_text(name: str, value: object) -> str | None:
    """Return a text argument, None if it is missing.

    Raises:
        SettingError: it is no str.
    """
    if value is None or isinstance(value, str):
        return value
    message = f"{name} must be a str, but it is a {type(value).__name__}. Pass {name}={str(value)!r}."
    raise SettingError(message)


def check_project(value: object, mode: Mode) -> ProjectName:
    """Return the project's name.

    Raises:
        SettingError: it is missing, or no name of a project.
    """
    text = check_text("project", value)
    if text is None:
        if mode in _STORES_NOTHING:
            return _PLACEHOLDER
        message = (
            "No project was given. Pass project='workspace/name' to init_run, or set MARIGRAM_PROJECT. It is made when "
            "it does not exist."
        )
        raise SettingError(message)
    try:
        return parse_project_name(text)
    except InvalidProjectNameError as error:
        raise SettingError(str(error)) from error


def check_tags(value: object, name: str = "tags") -> tuple[str, ...]:
    """Return the tags.

    Raises:
        SettingError: they are not a str or several.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    tags = _listed(value)
    wrong = [tag for tag in tags if not isinstance(tag, str)]
    if wrong:
        message = f"{name} must be strings, but {wrong[0]!r} is not. Pass for example {name}=['baseline', 'resnet']."
        raise SettingError(message)
    return tuple(str(tag) for tag in tags)


def check_monitoring(value: object) -> Path:
    """Return the path below which console and hardware go; by default one of this host, process and thread.

    Raises:
        SettingError: it is no path.
    """
    text = check_text("monitoring_namespace", value)
    if text is None:
        identity = f"{host_name()}/{os.getpid()}/{threading.get_ident()}"
        return Path(f"monitoring/{zlib.crc32(identity.encode()):08x}")
    try:
        return parse_path(text)
    except InvalidPathError as error:
        message = f"monitoring_namespace cannot be used: {error}"
        raise SettingError(message) from error


def check_flush_period(value: object) -> float:
    """Return how many seconds may pass before something logged is sent.

    Raises:
        SettingError: it is not a number above 0.
    """
    if value is None:
        return FLUSH_PERIOD_S
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return float(value)
    message = f"flush_period must be seconds above 0, but it is {value!r}. Leave it out, or pass for example 5."
    raise SettingError(message)


def check_callable(name: str, value: object) -> None:
    """Refuse what cannot be called.

    Raises:
        SettingError: it is neither callable nor None.
    """
    if value is not None and not callable(value):
        message = f"{name} must be a function, but it is {value!r}. Pass for example {name}=save_and_leave, without ()."
        raise SettingError(message)


def check_whole(name: str, value: object) -> int | None:
    """Return a whole number, None if it is missing.

    Raises:
        SettingError: it is no int.
    """
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    message = f"{name} must be a whole number, but it is {value!r}. Pass for example {name}=42."
    raise SettingError(message)


def check_patterns(value: object) -> tuple[str, ...] | None:
    """Return the patterns of source files; None: the default.

    Raises:
        SettingError: they are not a str or several.
    """
    if value is None:
        return None
    patterns: list[object] = [value] if isinstance(value, str) else _listed(value)
    wrong = [pattern for pattern in patterns if not isinstance(pattern, (str, os.PathLike))]
    if wrong:
        message = f"source_files must be file patterns, but {wrong[0]!r} is not. Pass for example ['src/**/*.py']."
        raise SettingError(message)
    return tuple(str(pattern) for pattern in patterns)


def _listed(value: object) -> list[object]:
    return list(cast("Iterable[object]", value)) if isinstance(value, Iterable) else [value]
