"""Whatever is written as a filter or an order of MLflow's, it is understood or refused; nothing else happens."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from marigram.server.protocols.mlflow.errors import MlflowError
from marigram.server.protocols.mlflow.run_filters import RunFilter, run_filter
from marigram.server.protocols.mlflow.run_order import in_order, run_orders
from marigram.server.query import And, RunChoice

PIECES = st.sampled_from(
    [
        *(
            "metrics",
            "metric",
            "params",
            "tags",
            "attributes",
            "dataset",
            "run",
            ".",
            "`",
            '"',
            "'",
            "(",
            ")",
            ",",
            " ",
        ),
        *("=", "!=", ">", ">=", "<", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "AND", "OR", "and"),
        *("acc", "a b", "status", "run_id", "start_time", "name", "'x'", '"y"', "'%_'", "1", "-2.5", "1e400", "nan"),
        *("ASC", "DESC", "é", "\n", "\x00", "\\", ";"),
    ]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES).map(" ".join))

KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_/.]{0,10}", fullmatch=True)
WORDS = st.text(st.characters(blacklist_characters="'\"`\x00", blacklist_categories=("Cs",)), max_size=10)
CLAUSES = st.one_of(
    st.builds("metrics.`{}` {} {}".format, KEYS, st.sampled_from([">", ">=", "=", "!=", "<", "<="]), st.integers()),
    st.builds("params.{} {} '{}'".format, KEYS, st.sampled_from(["=", "!=", "LIKE", "ILIKE"]), WORDS),
    st.builds('tags."{}" {} "{}"'.format, KEYS, st.sampled_from(["=", "!=", "like", "ilike"]), WORDS),
    st.builds("tag.{} IS {}".format, KEYS, st.sampled_from(["NULL", "NOT NULL", "not  null"])),
    st.builds("run_id IN ('{}', '{}')".format, WORDS, WORDS),
    st.builds("attributes.start_time > {}".format, st.integers()),
    st.builds("datasets.name NOT IN ('{}')".format, WORDS),
)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    with suppress(MlflowError):
        assert isinstance(run_filter(text), RunFilter)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_any_text_is_an_order_or_is_refused(text: str) -> None:
    with suppress(MlflowError):
        assert len(run_orders([text])) == 1


@settings(deadline=None, max_examples=60)
@given(st.lists(CLAUSES, min_size=1, max_size=5), st.sampled_from([" AND ", " and ", "  And\n"]))
def test_clauses_that_make_sense_are_all_taken(clauses: list[str], joint: str) -> None:
    found = run_filter(joint.join(clauses))
    assert isinstance(found.wanted, And)
    assert len(found.wanted.terms) + len(found.late) == len(clauses)


PLACES = st.one_of(st.none(), st.floats(), st.text(max_size=3))


@settings(deadline=None, max_examples=60)
@given(st.lists(PLACES, max_size=12), st.booleans())
def test_an_order_keeps_every_run_and_puts_nothing_last(places: list[float | str | None], falling: bool) -> None:
    [order] = run_orders(["metrics.m DESC" if falling else "metrics.m"])
    ids = [f"{number:02}" for number in range(len(places))]
    choice = RunChoice(
        run_ids=ids,
        created_at=list(range(len(places))),
        ended_at=[None] * len(places),
        places=dict.fromkeys(order.paths, places),
    )
    found = in_order([choice], [order])
    assert sorted(found) == ids
    there = [places[int(run_id)] is not None for run_id in found]
    assert there == sorted(there, reverse=True)
    numbers = [place for run_id in found if isinstance(place := places[int(run_id)], float) and place == place]  # noqa: PLR0124 - not NaN
    assert numbers == sorted(numbers, reverse=falling)
