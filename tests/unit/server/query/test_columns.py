"""Which columns a runs table begins with."""

from __future__ import annotations

from itertools import count

from marigram.model import Kind, Path
from marigram.server.query.columns import CHOSEN_SERIES, CHOSEN_VALUES, choose_columns
from marigram.server.store.meta.port import ColumnRow

ids = count(1)


def column(path: str, kind: Kind = Kind.FLOAT, *, runs: int = 3, distinct: int = 2) -> ColumnRow:
    return ColumnRow(id=next(ids), path=Path(path), kind=kind, run_count=runs, distinct=distinct)


def chosen(*columns: ColumnRow) -> list[str]:
    return [each.path for each in choose_columns(columns)]


def test_metrics_come_first_then_what_differs_then_the_rest() -> None:
    assert chosen(
        column("params/same", distinct=1),
        column("params/lr"),
        column("train/loss", Kind.FLOAT_SERIES),
    ) == ["train/loss", "params/lr", "params/same"]


def test_what_most_runs_have_comes_first_among_those_that_differ() -> None:
    assert chosen(column("rare", runs=1), column("common", runs=9)) == ["common", "rare"]


def test_what_the_system_writes_is_left_out() -> None:
    assert chosen(
        column("monitoring/a/cpu", Kind.FLOAT_SERIES),
        column("source_code/git/dirty", Kind.BOOL),
        column("sys/failed", Kind.BOOL),
        column("system/own", Kind.BOOL),
    ) == ["system/own"]


def test_files_texts_sets_and_dates_are_left_out() -> None:
    kinds = (Kind.FILE, Kind.STRING_SERIES, Kind.FILE_SERIES, Kind.STRING_SET, Kind.DATETIME)
    assert chosen(*(column(f"x/{kind.value}", kind) for kind in kinds)) == []


def test_a_path_of_two_kinds_is_one_column() -> None:
    assert chosen(column("lr", Kind.FLOAT), column("lr", Kind.STRING)) == ["lr"]


def test_no_more_are_chosen_than_fit_a_screen() -> None:
    many = [column(f"m{at}", Kind.FLOAT_SERIES) for at in range(20)] + [column(f"p{at}") for at in range(20)]
    assert len(choose_columns(many)) == CHOSEN_SERIES + CHOSEN_VALUES
