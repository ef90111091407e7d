"""Writes to a run where it comes from: its name, host, process, source code and packages."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path as FilePath

from marigram.client.file import File
from marigram.client.provenance import command_line, entry_script, find_commit, owner, requirements
from marigram.client.rank import Rank
from marigram.client.recorder import Recorder
from marigram.model import EditSet, Path


def write_description(
    recorder: Recorder,
    *,
    name: str | None,
    tags: Sequence[str],
    description: str | None,
    custom_run_id: str | None,
) -> None:
    """Write what the user says about the run."""
    for path, text in (("sys/name", name), ("sys/description", description), ("sys/custom_run_id", custom_run_id)):
        if text is not None:
            recorder.assign(Path(path), text)
    if tags:
        with recorder.guard:
            recorder.sink.append(EditSet(path=Path("sys/tags"), add=tuple(tags)))


def write_process(recorder: Recorder, monitoring: Path, rank: Rank | None) -> None:
    """Write which process this is; takes microseconds, so it is done before `init_run` returns."""
    host = socket.gethostname()
    if rank is None or rank.leads:
        recorder.assign(Path("sys/hostname"), host)
        user = owner()
        if user is not None:
            recorder.assign(Path("sys/owner"), user)
        recorder.assign(Path("sys/python_version"), ".".join(str(part) for part in sys.version_info[:3]))
    process: dict[str, str | int] = {
        "hostname": host,
        "pid": os.getpid(),
        "tid": threading.get_ident(),
        "command_line": command_line(),
    }
    if rank is not None:
        process |= {"rank": rank.number, "ranks": rank.size}
    recorder.assign(monitoring, process)


def write_source(
    recorder: Recorder,
    *,
    source_files: Sequence[str] | None,
    repository: FilePath | None,
    directory: FilePath,
) -> None:
    """Write source code, git state and packages. Takes up to seconds, so it runs in a thread of its own.

    Args:
        recorder: the run.
        source_files: patterns; None: the script that runs.
        repository: where to ask git; None: nowhere.
        directory: the working folder when the run began.
    """
    with recorder.guard:
        script = entry_script()
        if script is not None:
            inside = script.is_relative_to(directory)
            entrypoint = script.relative_to(directory).as_posix() if inside else script.name
            recorder.assign(Path("source_code/entrypoint"), entrypoint)
            if source_files is None:
                recorder.attach(Path(f"source_code/files/{script.name}"), script)
        if source_files:
            recorder.attach_all(Path("source_code/files"), source_files, directory)
        if repository is not None:
            _write_commit(recorder, repository)
        packages = File.from_content(requirements())
        recorder.attach(Path("source_code/requirements"), packages)


def _write_commit(recorder: Recorder, repository: FilePath) -> None:
    commit = find_commit(repository)
    if commit is None:
        return
    facts = {
        "commit": commit.sha,
        "branch": commit.branch,
        "message": commit.message,
        "author": commit.author,
        "remote": commit.remote,
        "dirty": commit.dirty,
    }
    recorder.assign(Path("source_code/git"), {name: fact for name, fact in facts.items() if fact is not None})
    if commit.diff is not None:
        recorder.attach(Path("source_code/diff"), File.from_content(commit.diff, "diff"))
