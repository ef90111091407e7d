"""MLflow's filter grammar is read as it is meant, and nothing else is."""

from __future__ import annotations

import pytest

from marigram.server.protocols.mlflow.clauses import clauses_of, holds, like
from marigram.server.protocols.mlflow.errors import MlflowError
from marigram.server.protocols.mlflow.paging import offset_of, page_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.loss > 0.5", [("metrics", "loss", ">", (0.5,))]),
        ("metric.`a b` <= -1e3", [("metric", "a b", "<=", (-1000.0,))]),
        ('Params."x/y" = "1"', [("params", "x/y", "=", ("1",))]),
        (
            "run_name like 'a%' and status != 'FAILED'",
            [("", "run_name", "LIKE", ("a%",)), ("", "status", "!=", ("FAILED",))],
        ),
        ("run_id NOT  IN ('a', \"b\")", [("", "run_id", "NOT IN", ("a", "b"))]),
        ("tags.mlflow.user IS NOT NULL", [("tags", "mlflow.user", "IS NOT NULL", ())]),
        ("tag.x is null AND start_time>=3;", [("tag", "x", "IS NULL", ()), ("", "start_time", ">=", (3,))]),
        ("name = 'AND it''", None),
        ("  ", []),
    ],
)
def test_filters_are_taken_apart(text: str, expected: list[tuple[object, ...]] | None) -> None:
    if expected is None:
        with pytest.raises(MlflowError):
            clauses_of(text)
        return
    assert [(each.entity, each.key, each.operator, each.values) for each in clauses_of(text)] == expected


@pytest.mark.parametrize(
    "text",
    ["a", "a =", "a = b", "a = 'x' OR b = 'y'", "(a = 'x')", "a IN ()", "a IN ('x'", "a == 1", "1 = a", "a = 'x' AND"],
)
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(MlflowError, match="Invalid clause"):
        clauses_of(text)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a%", "abc", True),
        ("%c", "abc", True),
        ("a_c", "abc", True),
        ("A%", "abc", False),
        ("%b%", "abc", True),
        ("", "", True),
        ("%%", "", True),
        ("_", "", False),
        ("a.c", "abc", False),
        ("%a%b%c", "xaxbxcxc", True),
        ("%a%b", "xbxa", False),
        ("%\n_", "a\nb", True),
    ],
)
def test_like_means_what_sql_means(pattern: str, text: str, *, expected: bool) -> None:
    assert like(pattern, text, ignore_case=False) is expected
    assert like(pattern.upper(), text, ignore_case=True) is (expected or pattern == "A%")


def test_a_pattern_of_many_wildcards_is_decided() -> None:
    assert not like("%a" * 200 + "b", "a" * 3000, ignore_case=False)  # a matcher that goes back takes years


def test_of_what_is_not_there_only_is_null_is_true() -> None:
    [equal, other, null] = clauses_of("tags.x = 'a' AND tags.x != 'a' AND tags.x IS NULL")
    assert [holds(each, None) for each in (equal, other, null)] == [False, False, True]
    assert [holds(each, "a") for each in (equal, other, null)] == [True, False, False]


def test_pages_go_on_where_the_last_one_ended() -> None:
    first, token = page_of(range(5), token=None, most=2)
    second, token = page_of(range(5), token=token, most=2)
    third, end = page_of(range(5), token=token, most=2)
    assert ([*first], [*second], [*third], end) == ([0, 1], [2, 3], [4], None)
    for bad in ("?", "bm9uZQ==", "eyJvZmZzZXQiOi0xfQ=="):
        with pytest.raises(MlflowError, match="page token"):
            offset_of(bad)
