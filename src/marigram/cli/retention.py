"""`marigram retention`: the rules of what goes by itself."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path as FilePath

import msgspec
import typer

from marigram.cli.backup import data_folder
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded.accounting import usage
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.upkeep import Rules, read_rules, write_rules
from marigram.server.upkeep.keeper import due
from marigram.server.upkeep.rules import RulesError


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """A run that a rule lets go."""

    id: str
    key: str
    project: str
    trashed_at: int | None
    bytes: int


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The rules, and what they let go now; its bytes are those of points, for files may have other names."""

    rules: Rules
    going: list[Going]
    bytes: int


def show_or_set(data: FilePath | None, *, trash_days: float | None, off: bool, dry_run: bool, as_json: bool) -> None:
    """Set the rules if some are given, and print them and what goes; exits with 1 if that cannot be done."""
    root = data_folder(data)
    if not (root / "meta.db").is_file():
        typer.echo(f"marigram: {root} holds no data of a server. Name its folder with --data.", err=True)
        raise typer.Exit(1)
    try:
        rules = Rules() if off else read_rules(root) if trash_days is None else Rules(trash_days=trash_days)
        going = _going(root, rules)
        if (off or trash_days is not None) and not dry_run:
            write_rules(root, rules)
    except (RulesError, OSError) as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None
    answer = Retention(rules=rules, going=going, bytes=sum(each.bytes for each in going))
    if as_json:
        typer.echo(msgspec.json.encode(answer).decode())
        return
    if rules.trash_days is None:
        typer.echo("Nothing goes by itself. --trash-days empties the trash.")
        return
    typer.echo(f"Runs go for good after {rules.trash_days:g} days in the trash.")
    for each in going:
        typer.echo(f"  {each.key} of {each.project}: {each.bytes:,} bytes of points")
    if going:
        typer.echo(f"{len(going)} go now, with {answer.bytes:,} bytes, and files that nothing else names.")


def _going(root: FilePath, rules: Rules) -> list[Going]:
    with closing(SqliteMetaStore(root / "meta.db")) as meta:
        runs = due(meta, rules, time.time_ns() // 1_000_000)
    readers = Readers(root / "points.db")
    sizes = usage(readers)
    readers.close()
    return [
        Going(id=run.id, key=run.key, project=run.project, trashed_at=run.trashed_at, bytes=sizes.get(run.id, 0))
        for run in runs
    ]
