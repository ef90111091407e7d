"""Writes to a run where it comes from: its name, host, process, environment, source code and packages."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path as FilePath

from marigram.client.capture import INFER, CaptureChoice
from marigram.client.environment import notebook_of, python_of, variables_of
from marigram.client.file import File
from marigram.client.git import Commit, find_commit
from marigram.client.host import host_name
from marigram.client.provenance import command_line, entry_script, owner, requirements
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
    group: str | None = None,
    group_tags: Sequence[str] = (),
    seed: int | None = None,
) -> None:
    """Write what the user says about the run."""
    facts = {
        "name": name,
        "description": description,
        "custom_run_id": custom_run_id,
        "group": group,
        "seed": seed,
    }
    recorder.assign(Path("sys"), {key: fact for key, fact in facts.items() if fact is not None})
    for place, strings in (("sys/tags", tags), ("sys/group_tags", group_tags)):
        if strings:
            with recorder.guard:
                recorder.sink.append(EditSet(path=Path(place), add=tuple(strings)))


def write_process(recorder: Recorder, monitoring: Path, rank: Rank | None, choice: CaptureChoice) -> None:
    """Write which process this is; takes microseconds, so it is done before `init_run` returns."""
    host = host_name()
    leads = rank is None or rank.leads
    if leads:
        recorder.assign(Path("sys/hostname"), host)
        user = owner()
        if user is not None:
            recorder.assign(Path("sys/owner"), user)
        recorder.assign(Path("sys"), python_of(os.environ))
    process: dict[str, str | int] = {
        "hostname": host,
        "pid": os.getpid(),
        "tid": threading.get_ident(),
        "command_line": command_line(),
    }
    if rank is not None:
        process |= {"rank": rank.number, "ranks": rank.size}
    recorder.assign(monitoring, process)
    # The first of several processes speaks for the run; what differs in the others stands with each.
    environment = Path("sys/environment") if leads else Path(f"{monitoring}/environment")
    recorder.assign(environment, variables_of(os.environ, choice.environment))


def write_source(recorder: Recorder, *, choice: CaptureChoice, directory: FilePath) -> None:
    """Write source code, git state and packages. Takes up to seconds, so it runs in a thread of its own.

    Args:
        recorder: the run.
        choice: what of it the user wants.
        directory: the working folder when the run began.
    """
    with recorder.guard:
        _write_files(recorder, choice, directory)
        if choice.repository is not None:
            commit = find_commit(choice.repository)
            if commit is not None:
                _write_commit(recorder, commit)
        place = Path("source_code/requirements")
        if choice.dependencies == INFER:
            recorder.attach(place, File.from_content(requirements()))
        elif choice.dependencies is not None:
            recorder.attach(place, File(choice.dependencies))


def _write_files(recorder: Recorder, choice: CaptureChoice, directory: FilePath) -> None:
    script = entry_script() or notebook_of(os.environ)
    if script is not None and choice.source_files != ():
        inside = script.is_relative_to(directory)
        entrypoint = script.relative_to(directory).as_posix() if inside else script.name
        recorder.assign(Path("source_code/entrypoint"), entrypoint)
        if choice.source_files is None and script.is_file():
            recorder.attach(Path(f"source_code/files/{script.name}"), script)
    if choice.source_files:
        recorder.attach_all(Path("source_code/files"), choice.source_files, directory)


def _write_commit(recorder: Recorder, commit: Commit) -> None:
    facts: dict[str, object] = {
        "commit": commit.sha,
        "message": commit.message,
        "author": commit.author,
        "date": commit.date,
        "branch": commit.branch,
        "remote": commit.remotes.get("origin"),
        "remotes": commit.remotes,
        "upstream": commit.upstream,
        "dirty": commit.dirty,
        "untracked": "\n".join(commit.untracked) or None,
    }
    recorder.assign(Path("source_code/git"), {name: fact for name, fact in facts.items() if fact is not None})
    if commit.diff is not None:
        recorder.attach(Path("source_code/diff"), File.from_content(commit.diff, "diff"))
    if commit.upstream_sha is not None and commit.upstream_diff is not None:
        place = Path(f"source_code/upstream_diff_{commit.upstream_sha}")
        recorder.attach(place, File.from_content(commit.upstream_diff, "diff"))
