"""`marigram retention`: the rules of what goes by itself."""

from __future__ import annotations

import re
import time
from contextlib import closing
from pathlib import Path as FilePath

import msgspec
import typer

from marigram.cli.backup import data_folder
from marigram.model import InvalidPathError, parse_path
from marigram.server.store.meta.port import MetaStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded.accounting import usage
from marigram.server.store.points.embedded.connections import Readers
from marigram.server.store.points.embedded.thinning import candidates, thinnable
from marigram.server.upkeep import Rules, read_rules, write_rules
from marigram.server.upkeep.ageing import old_runs
from marigram.server.upkeep.checkpoints import surplus_files
from marigram.server.upkeep.keeper import due
from marigram.server.upkeep.rules import Best, RulesError

_BEST = re.compile(r"(?P<path>.+)=(?P<count>[1-9]\d{0,8}):(?P<name>[^:]+):(?P<order>min|max)")

_SHOWN = 50
"""Runs and files that are listed; --json lists all."""


class Going(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rule lets go: a run, one of its files, or points of its series.

    Attributes:
        path: of the file; None: the whole run, or points.
        bytes: of the run's points, or of the file, which is kept if something else names it.
        points: that are taken from series, about; 0: the whole run, or a file.
    """

    id: str
    key: str
    project: str
    bytes: int
    path: str | None = None
    points: int = 0


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The rules, and what they let go now."""

    rules: Rules
    going: list[Going]
    bytes: int


def show_or_set(
    data: FilePath | None,
    *,
    trash_days: float | None,
    keep_files: list[str],
    keep_best: list[str],
    thin_after_days: float | None,
    thin_to: int | None,
    off: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Set the rules that are given, and print all and what goes; exits with 1 if that cannot be done."""
    root = data_folder(data)
    if not (root / "meta.db").is_file():
        typer.echo(f"marigram: {root} holds no data of a server. Name its folder with --data.", err=True)
        raise typer.Exit(1)
    kept, best = _kept(keep_files), _best(keep_best)
    try:
        rules = Rules() if off else read_rules(root)
        given = {"trash_days": trash_days, "thin_after_days": thin_after_days, "thin_to": thin_to}
        given = {name: value for name, value in given.items() if value is not None}
        files, bests = {**rules.keep_files, **kept}, {**rules.keep_best, **best}
        rules = msgspec.structs.replace(rules, keep_files=files, keep_best=bests, **given)
        if not bests.keys() <= files.keys():
            message = (
                "--keep-best keeps files that --keep-files would let go. Give --keep-files for the same path, too."
            )
            raise RulesError(message)  # noqa: TRY301 - said like the other faults of rules
        going = _going(root, rules)
        if (off or kept or best or given) and not dry_run:
            write_rules(root, rules)
    except (RulesError, OSError) as error:
        typer.echo(f"marigram: {error}", err=True)
        raise typer.Exit(1) from None
    answer = Retention(rules=rules, going=going, bytes=sum(each.bytes for each in going))
    if as_json:
        typer.echo(msgspec.json.encode(answer).decode())
    else:
        _say(answer)


def _kept(keep_files: list[str]) -> dict[str, int]:
    kept: dict[str, int] = {}
    for each in keep_files:
        path, _, count = each.rpartition("=")
        try:
            kept[parse_path(path)] = int(count)
        except (ValueError, InvalidPathError):
            typer.echo(f"marigram: {each!r} is not a path and a number. Write --keep-files checkpoints=3.", err=True)
            raise typer.Exit(2) from None
        if kept[parse_path(path)] < 1:
            typer.echo("marigram: at least one file is kept. To delete all, delete them in the run.", err=True)
            raise typer.Exit(2)
    return kept


def _best(keep_best: list[str]) -> dict[str, Best]:
    best: dict[str, Best] = {}
    for each in keep_best:
        found = _BEST.fullmatch(each)
        try:
            if found is None:
                raise ValueError(each)  # noqa: TRY301 - said below, like a path that is none
            best[parse_path(found["path"])] = Best(int(found["count"]), found["name"], found["order"] == "max")
        except ValueError:
            message = (
                f"marigram: {each!r} is not a path, a number, a name and min or max. "
                "Write --keep-best checkpoints=3:val_loss:min."
            )
            typer.echo(message, err=True)
            raise typer.Exit(2) from None
    return best


def _say(answer: Retention) -> None:
    rules = answer.rules
    if not rules.let_something_go:
        typer.echo(
            "Nothing goes by itself. --trash-days empties the trash, --keep-files keeps the last checkpoints, "
            "--thin-after-days thins old series."
        )
        return
    if rules.trash_days is not None:
        typer.echo(f"Runs go for good after {rules.trash_days:g} days in the trash.")
    for path, count in rules.keep_files.items():
        best = rules.keep_best.get(path)
        also = "" if best is None else f" and the {best.count} with the {_order(best)} {best.name} in their names"
        typer.echo(f"Of the files below {path}, a run that has ended keeps the last {count}{also}.")
    if rules.thin_after_days is not None:
        typer.echo(f"Series of runs that ended {rules.thin_after_days:g} days ago keep {rules.thin_to:,} points.")
    for each in answer.going[:_SHOWN]:
        typer.echo(f"  {each.key} of {each.project}: {_what(each)}")
    if len(answer.going) > _SHOWN:
        typer.echo(f"  ... and {len(answer.going) - _SHOWN:,} more; --json lists them.")
    if answer.going:
        typer.echo(f"{len(answer.going):,} go now, {answer.bytes:,} bytes; files stay that something else names.")


def _order(best: Best) -> str:
    return "largest" if best.largest else "least"


def _what(each: Going) -> str:
    if each.points:
        return f"about {each.points:,} points of series, {each.bytes:,} bytes"
    return f"{'points' if each.path is None else each.path}, {each.bytes:,} bytes"


def _going(root: FilePath, rules: Rules) -> list[Going]:
    now = time.time_ns() // 1_000_000
    readers = Readers(root / "points.db")
    with closing(SqliteMetaStore(root / "meta.db")) as meta, closing(readers):
        sizes = usage(readers)
        runs = due(meta, rules, now)
        files = [
            Going(id=run.id, key=run.key, project=run.project, bytes=each.file.size, path=each.path)
            for run, surplus in surplus_files(meta, rules)
            for each in surplus
            if each.file is not None
        ]
        thin = [] if rules.thin_after_days is None else _thinned(meta, readers, rules, now)
    whole = [Going(id=run.id, key=run.key, project=run.project, bytes=sizes.get(run.id, 0)) for run in runs]
    return [*whole, *files, *thin]


def _thinned(meta: MetaStore, readers: Readers, rules: Rules, now: int) -> list[Going]:
    found: list[Going] = []
    for run in old_runs(meta, candidates(readers, rules.thin_to), days=rules.thin_after_days or 0.0, now=now):
        some = thinnable(readers, run.id, rules.thin_to)
        if some.points:
            found.append(Going(id=run.id, key=run.key, project=run.project, bytes=some.bytes, points=some.points))
    return found
