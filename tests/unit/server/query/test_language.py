from __future__ import annotations

from datetime import datetime, timezone

import pytest

from marigram.model import Kind, Path
from marigram.server.query.language import parse_filter
from marigram.server.query.tokens import FilterError
from marigram.server.store.meta.filter import Aggregate, And, AtBest, Best, Compare, Comparison, Filter, Has, Not, Or

NOW = 1_700_000_000_000


def parsed(text: str) -> Filter:
    return parse_filter(text, now_ms=NOW)


def compared(text: str) -> Compare:
    found = parsed(text)
    assert isinstance(found, Compare)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "`lr`:float = 0.1",
        "lr=0.1",
        "lr:float==0.1",
        '`lr` = "0.1"',
        "(lr = 0.1)",
        "`lr` : float = '0.1'",
        "lr : int=.1",
    ],
)
def test_a_comparison_may_be_written_in_many_ways(text: str) -> None:
    found = compared(text)
    assert (found.path, found.comparison, found.literal.number) == ("lr", Comparison.EQUAL, 0.1)


def test_a_type_narrows_to_its_kinds_and_numbers_are_one_type() -> None:
    assert compared("lr:float = 1").kinds == frozenset({Kind.INT, Kind.FLOAT})
    assert compared("`sys/tags`:stringSet CONTAINS a").kinds == frozenset({Kind.STRING_SET})
    assert compared("loss:floatSeries < 1").kinds == frozenset({Kind.FLOAT_SERIES})
    assert compared("lr = 1").kinds is None


def test_what_is_negated_is_the_whole_condition() -> None:
    for text in ("lr != 1", "NOT lr = 1", "not (lr == 1)"):
        assert parsed(text) == Not(compared("lr = 1"))
    assert parsed("a NOT CONTAINS b") == Not(compared("a CONTAINS b"))
    assert parsed("a NOT MATCHES b") == Not(compared("a MATCHES b"))
    assert parsed("a not exists") == Not(Has(path=Path("a")))


def test_and_binds_closer_than_or_and_brackets_closest() -> None:
    a, b, c = (compared(f"{name} = 1") for name in "abc")
    assert parsed("a=1 OR b=1 AND c=1") == Or((a, And((b, c))))
    assert parsed("(a=1 OR b=1) AND c=1") == And((Or((a, b)), c))
    assert parsed("a=1 and b=1 and c=1") == And((a, b, c))


@pytest.mark.parametrize(
    "text", ["min(`train/loss`:floatSeries) < 0.5", "MIN(train/loss) < .5", "min(train/loss):floatSeries<0.5"]
)
def test_an_aggregate_stands_for_a_series(text: str) -> None:
    found = compared(text)
    assert (found.path, found.aggregate, found.kinds) == ("train/loss", Aggregate.MIN, frozenset({Kind.FLOAT_SERIES}))


@pytest.mark.parametrize(
    "text",
    [
        "val/accuracy@min(val/loss) > .9",
        "`val/accuracy`@MIN(`val/loss`)>0.9",
        "val/accuracy @min( val/loss ) > 0.9",
        "`val/accuracy`:floatSeries@min(val/loss:floatSeries) > 0.9",
    ],
)
def test_the_value_at_the_best_step_of_another_series_stands_for_a_series(text: str) -> None:
    found = compared(text)
    assert (found.path, found.aggregate) == ("val/accuracy", AtBest(best=Best.MIN, of=Path("val/loss")))
    assert (found.kinds, found.literal.number) == (frozenset({Kind.FLOAT_SERIES}), 0.9)


def test_the_sign_of_a_best_step_is_a_letter_everywhere_else() -> None:
    assert compared("recall@5 > 0.5").path == "recall@5"
    assert compared("recall@min > 0.5").path == "recall@min"
    assert compared("recall@5@max(f1@5) > 0.5").path == "recall@5"
    assert compared("recall@5@max(f1@5) > 0.5").aggregate == AtBest(best=Best.MAX, of=Path("f1@5"))
    assert compared("first(recall@5) > 0.5").aggregate is Aggregate.FIRST
    assert compared("owner = me@min").literal.text == "me@min"
    assert parsed("owner IN (me@here, you@there)") == parsed("owner = me@here OR owner = you@there")


def test_a_date_without_a_zone_is_in_utc_and_a_duration_counts_from_now() -> None:
    day = datetime(2026, 1, 5, tzinfo=timezone.utc).timestamp() * 1000
    assert compared("`sys/creation_time` > 2026-01-05").literal.moment == day
    assert compared('`sys/creation_time`:datetime > "2026-01-05T01:00:00+01:00"').literal.moment == day
    assert compared("`sys/creation_time` > -2h").literal.moment == NOW - 2 * 3600 * 1000
    assert compared("`sys/running_time` > 1.5m").literal.number == 90
    assert compared("`sys/running_time` > 1h30m").literal.number == 5400
    assert compared("`sys/creation_time` > -1d12h").literal.moment == NOW - 36 * 3600 * 1000


def test_truth_values_are_read_in_any_case() -> None:
    assert compared('`sys/archived`:bool != "True"'.replace("!=", "=")).literal.truth is True
    assert compared("`sys/failed` = false").literal.truth is False


def test_a_keyword_in_quotes_is_a_value_and_a_path_in_backquotes_may_hold_anything() -> None:
    assert compared('name = "AND"').literal.text == "AND"
    assert compared("`my metric: a=b` = 1").path == "my metric: a=b"
    assert compared(r'name = "say \"hi\" \d"').literal.text == r'say "hi" \d'


def test_a_value_without_quotes_may_hold_colons_and_signs() -> None:
    assert compared("when = 2026-01-05T10:00:00Z").literal.text == "2026-01-05T10:00:00Z"
    assert compared("commit CONTAINS a=b").literal.text == "a=b"


def test_an_empty_query_wants_every_run() -> None:
    assert parsed("  ") == And(())


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("first(loss) EXISTS", "first(loss) >= -inf OR first(loss) = nan"),
        ("a@min(loss) NOT EXISTS", "NOT (a@min(loss) >= -inf OR a@min(loss) = nan)"),
        ("last(loss) EXISTS", "loss:floatSeries EXISTS"),
        ("max(lr:float) EXISTS", "max(lr:float) >= -inf OR max(lr:float) = nan"),
    ],
)
def test_what_stands_for_a_series_exists_if_it_is_any_number(text: str, other: str) -> None:
    # Only NaN is not equal to itself.
    assert repr(parse_filter(text, now_ms=0)) == repr(parse_filter(other, now_ms=0))


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("lr", 2, "comparison is missing"),
        ("lr >", 4, "value is missing"),
        ("lr > > 3", 5, "value is missing"),
        ("lr = 1 b = 2", 7, "Put AND or OR"),
        ("lr = 1 AND", 10, "path is missing"),
        ("(lr = 1", 0, "not closed"),
        ("lr = 1)", 6, "No bracket is open"),
        ("`lr = 1", 0, "backquote"),
        ('name = "abc', 7, "quote is not closed"),
        ("lr ! 3", 3, "no comparison"),
        ("lr:number = 3", 3, "After ':' stands a type"),
        ("median(loss) < 3", 0, "no aggregate"),
        ("f(x) = 3", 0, "put a path in backquotes"),
        ("sys/state = done", 12, "Use one of running, finished"),
        ("lr = 1 AND sys/state IN (failed, done)", 33, "no state 'done'"),
        ("sys/creation_time > yesterday", 20, "no date"),
        ("sys/creation_time < 2026-02-30", 20, "no date"),
        ("sys/running_time > long", 19, "no duration"),
        ("last(loss) = abc", 13, "no number"),
        ("last(loss < 3", 10, "bracket is not closed"),
        ("first(loss:float) < 3", 0, "Only a floatSeries"),
        ("first() < 3", 6, "path is missing"),
        ("a@mean(loss) < 3", 1, "There is no '@mean'"),
        ("a:string@min(loss) < 3", 8, "Only a floatSeries"),
        ("@min(loss) < 3", 0, "path is missing"),
        ("a@min() < 3", 6, "path is missing"),
        ("a@min(loss < 3", 5, "not closed"),
        ("a@min(loss) = high", 14, "no number"),
        (" OR ".join(["first(a)=1"] * 11 + ["a@max(b)=1"] * 10), 281, "too many points of series"),
        ("lr NOT = 3", 7, "CONTAINS, MATCHES, IN or EXISTS"),
        ("name MATCHES '('", 13, "no regular expression"),
        ("name MATCHES '(?=a)'", 13, "look-around"),
        (r"name MATCHES '(a)\1'", 13, "back-references are not possible"),
        ("name MATCHES '((a{99}){99}){99}'", 13, "no regular expression"),
        ("opt IN adam", 7, "IN takes a list in brackets"),
        ("opt IN (a b)", 10, "Put a comma"),
        ("opt IN (a, b", 7, "list is not closed"),
        ("opt IN ()", 8, "value is missing"),
        ("AND", 0, "path is missing"),
        ("a//b = 1", 0, "empty segment"),
        ("(" * 60 + "a=1", 51, "deeper than"),
        (" AND ".join(["a=1"] * 101), 800, "too many conditions"),
        (f"a IN ({','.join('1' * 101)})", 206, "too many conditions"),
    ],
)
def test_an_error_names_its_place_and_what_to_write(text: str, position: int, says: str) -> None:
    with pytest.raises(FilterError, match=says) as caught:
        parsed(text)
    assert caught.value.position == position
    _, shown, caret = str(caught.value).splitlines()
    assert caret.endswith("^")
    place = len(caret) - 1
    assert shown[place : place + 1] == text[position : position + 1]


@pytest.mark.parametrize(
    "pattern", ["^resnet.*v2$", "(a+)+$", "a*b*c*d*e*", "(ab)+c?", r"v\d+\.\d+", "[^(]*", "a|b", "(?:x|y)z"]
)
def test_ordinary_patterns_are_allowed(pattern: str) -> None:
    assert compared(f'name MATCHES "{pattern}"').literal.text == pattern


def test_a_list_is_one_of_its_values() -> None:
    assert parsed('opt IN (adam, "my own", a=b)') == parsed('opt = adam OR opt = "my own" OR opt = a=b')
    assert parsed("min(`loss`) not in ( 0.5 )") == Not(compared("min(loss) = 0.5"))
    assert parsed("a IN (1,2) AND (b IN (3) OR in = 4)") == parsed("(a = 1 OR a = 2) AND (b = 3 OR `in` = 4)")
