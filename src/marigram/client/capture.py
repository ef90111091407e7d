"""What is captured without being logged: the user's choice, checked, and the companions that it means."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path as FilePath

import msgspec

from marigram.client.arguments import check_patterns
from marigram.client.console import ConsoleCapture
from marigram.client.descriptor import DescriptorCapture
from marigram.client.environment import VARIABLES, is_interactive
from marigram.client.errors import SettingError
from marigram.client.git import GitRef
from marigram.client.lines import Lines
from marigram.client.provenance import entry_script

INFER = "infer"
_STREAMS = (("stdout", 1), ("stderr", 2))


class CaptureChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What a run captures by itself.

    Attributes:
        stdout, stderr: what Python prints.
        child_output: what child processes and C libraries print, too.
        hardware: what the machine does meanwhile, sampled by the syncer.
        environment: patterns of the variables to keep.
        source_files: patterns; None: the script that runs.
        repository: where to ask git; None: nowhere.
        dependencies: `infer`: list the installed packages; a path: store that file; None: neither.
    """

    stdout: bool
    stderr: bool
    child_output: bool
    hardware: bool
    environment: tuple[str, ...]
    source_files: tuple[str, ...] | None
    repository: FilePath | None
    dependencies: str | None


def check_choice(
    *,
    stdout: bool | None,
    stderr: bool | None,
    child_output: bool,
    hardware: bool | None,
    environment: object,
    source_files: object,
    git_ref: object,
    dependencies: object,
) -> CaptureChoice:
    """Return the choice that the arguments of `init_run` stand for.

    What is None of console and hardware is captured, except in a notebook or at a prompt: there the output is kept by
    the notebook itself, and a run often stays open while its author thinks.

    Raises:
        SettingError: one of them cannot be understood.
    """
    default = not is_interactive()
    return CaptureChoice(
        stdout=default if stdout is None else bool(stdout),
        stderr=default if stderr is None else bool(stderr),
        child_output=bool(child_output),
        hardware=default if hardware is None else bool(hardware),
        environment=_check_environment(environment),
        source_files=check_patterns(source_files),
        repository=_check_repository(git_ref),
        dependencies=_check_dependencies(dependencies),
    )


def console_captures(
    choice: CaptureChoice, line_writer: Callable[[str], Callable[[int, str], None]], clock: Callable[[], float]
) -> Iterator[ConsoleCapture]:
    """Yield the captures of the console that the choice asks for; `line_writer` gives each stream its series."""
    for name, number in _STREAMS:
        if not getattr(choice, name) or (getattr(sys, name) is None and not choice.child_output):
            continue
        lines = Lines(write_line=line_writer(name), clock=clock)
        descriptor = DescriptorCapture(descriptor=number, name=name, keep=lines.keep) if choice.child_output else None
        yield ConsoleCapture(name=name, lines=lines, descriptor=descriptor)


def _check_environment(value: object) -> tuple[str, ...]:
    if value is None or value is True:
        return VARIABLES
    if value is False:
        return ()
    patterns = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, tuple, set)) else None  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    if patterns is not None and all(isinstance(pattern, str) for pattern in patterns):  # pyright: ignore[reportUnknownVariableType]
        return tuple(str(pattern) for pattern in patterns)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    message = (
        f"capture_environment must be True, False or names of variables, but it is {value!r}. Pass for example "
        "capture_environment=['CUDA_*', 'DATASET']; '*' keeps them all, with secrets masked."
    )
    raise SettingError(message)


def _check_repository(git_ref: object) -> FilePath | None:
    if git_ref is False or git_ref is GitRef.DISABLED:
        return None
    if isinstance(git_ref, GitRef):
        git_ref = git_ref.repository_path
    if git_ref is None or git_ref is True:
        script = entry_script()
        return script.parent if script is not None else FilePath.cwd()
    if isinstance(git_ref, (str, os.PathLike)):
        return FilePath(git_ref).expanduser().absolute()  # pyright: ignore[reportUnknownArgumentType]
    message = (
        f"git_ref must be a folder, a GitRef, True or False, but it is {git_ref!r}. Leave it out, or pass "
        "git_ref=False."
    )
    raise SettingError(message)


def _check_dependencies(value: object) -> str | None:
    if value is None or value == INFER:
        return value if value is None else INFER
    if isinstance(value, (str, os.PathLike)):
        path = FilePath(value).expanduser().absolute()  # pyright: ignore[reportUnknownArgumentType]
        if path.is_file():
            return str(path)
    message = (
        f"dependencies must be 'infer', None or an existing file, but it is {value!r}. Pass for example "
        "dependencies='requirements.txt'."
    )
    raise SettingError(message)
