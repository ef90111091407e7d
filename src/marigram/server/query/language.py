"""The query language: text → a filter. Pure; the clock's time is handed in, for durations such as `-2h`.

    query      = conjunction { OR conjunction }
    conjunction = term { AND term }
    term       = NOT term | "(" query ")" | condition
    condition  = operand comparison value | operand [NOT] CONTAINS value | operand [NOT] MATCHES value
               | operand [NOT] EXISTS
    operand    = path [":" type] | aggregate "(" path [":" type] ")" | path "@" best "(" path ")"
    best       = min | max

A path that holds spaces or signs stands in backquotes. Keywords may be written in small letters. AND binds closer than
OR.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone

import msgspec

from marigram.model import InvalidPathError, Kind, Path, RunStatus, parse_path
from marigram.server.query.tokens import TEXT_COMPARISONS, FilterError, Token, TokenKind, tokens_of
from marigram.server.store.meta.filter import (
    ORDERINGS,
    RUNNING_TIME,
    Aggregate,
    And,
    AtBest,
    Best,
    Compare,
    Comparison,
    Filter,
    Has,
    Literal,
    Not,
    Or,
    StandIn,
    named,
)
from marigram.server.store.meta.pattern import PatternError, matcher_of

LONGEST_QUERY = 10_000
DEEPEST = 50
"""Brackets and NOTs within each other; a bound on recursion here and in SQL."""

MOST_CONDITIONS = 100
"""Conditions in one query; each is one more look at every run."""

MOST_POINTS = 20
"""Conditions on single points of series; each may be one more look at the points of every run."""

_NUMBERS = frozenset({Kind.INT, Kind.FLOAT})
_FLOAT_SERIES = frozenset({Kind.FLOAT_SERIES})
_COUNTED = frozenset({Kind.FLOAT_SERIES, Kind.STRING_SET})
_TYPES: Mapping[str, frozenset[Kind]] = {
    "bool": frozenset({Kind.BOOL}),
    "int": _NUMBERS,
    "float": _NUMBERS,
    "string": frozenset({Kind.STRING}),
    "datetime": frozenset({Kind.DATETIME}),
    "stringset": frozenset({Kind.STRING_SET}),
    "file": frozenset({Kind.FILE}),
    "floatseries": _FLOAT_SERIES,
    "stringseries": frozenset({Kind.STRING_SERIES}),
    "fileseries": frozenset({Kind.FILE_SERIES}),
    "imageseries": frozenset({Kind.FILE_SERIES}),
    "histogramseries": frozenset({Kind.HISTOGRAM_SERIES}),
    "experimentstate": frozenset({Kind.STRING}),
}
_TYPE_NAMES = (
    "bool, int, float, string, datetime, stringSet, file, floatSeries, stringSeries, fileSeries, histogramSeries"
)
_COMPARISONS = {
    "=": Comparison.EQUAL,
    "==": Comparison.EQUAL,
    "!=": Comparison.EQUAL,
    "<": Comparison.LESS,
    "<=": Comparison.AT_MOST,
    ">": Comparison.MORE,
    ">=": Comparison.AT_LEAST,
}
_AGGREGATES = frozenset(each.value for each in Aggregate)
_BEST = frozenset(each.value for each in Best)
_RESERVED = frozenset({"AND", "OR", "NOT", "EXISTS", *TEXT_COMPARISONS})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:inf|infinity)|nan", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m|h|d|w|M|y)")
_DURATION = re.compile(rf"([+-]?)((?:{_LENGTH.pattern})+)")
_FRACTION = re.compile(r"(?<=:[0-9]{2})\.([0-9]+)")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000, "y": 31_536_000}
_STATE = Path("sys/state")
_CREATION_TIME = Path("sys/creation_time")
_STATES = (*(each.value for each in RunStatus), "active", "idle", "inactive")
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}
_LATEST_MS = 2**53


def parse_filter(text: str, *, now_ms: int) -> Filter:
    """Return what the query asks for; an empty one asks for all runs.

    Args:
        text: the query.
        now_ms: milliseconds since 1970-01-01 UTC, what durations are counted from.

    Raises:
        FilterError: it cannot be understood; the message shows the place and says what to write.
    """
    if len(text) > LONGEST_QUERY:
        raise FilterError(text, LONGEST_QUERY, f"The query is too long. Use at most {LONGEST_QUERY} characters.")
    return _Parser(text, now_ms).parse()


def literal_of(text: str, *, now_ms: int) -> Literal:
    """Return the value with every reading that its text allows: number, date or duration, truth."""
    duration = _duration_s(text)
    number = _number(text)
    moment = _moment(text)
    if duration is not None:
        number = duration if number is None else number
        shifted = now_ms + duration * 1000
        moment = round(max(-_LATEST_MS, min(_LATEST_MS, shifted)))
    return Literal(text=text, number=number, moment=moment, truth=_TRUTHS.get(text.lower()))


class _Operand(msgspec.Struct, frozen=True, kw_only=True):
    path: Path
    kinds: frozenset[Kind] | None
    stand_in: StandIn | None


class _Parser:
    """Goes once through the tokens of one query."""

    def __init__(self, text: str, now_ms: int) -> None:
        self._text = text
        self._now_ms = now_ms
        self._tokens = list(tokens_of(text))
        self._at = 0
        self._conditions = 0
        self._points = 0

    def parse(self) -> Filter:
        if self._peek().kind is TokenKind.END:
            return And(())
        found = self._query(0)
        if self._peek().kind is TokenKind.CLOSE:
            raise self._error(self._peek(), "No bracket is open here. Remove ')', or open one before.")
        if self._peek().kind is not TokenKind.END:
            raise self._error(self._peek(), "Conditions stand side by side. Put AND or OR between them.")
        return found

    def _query(self, depth: int) -> Filter:
        terms = [self._conjunction(depth)]
        while self._take_keyword("OR"):
            terms.append(self._conjunction(depth))
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _conjunction(self, depth: int) -> Filter:
        terms = [self._term(depth)]
        while self._take_keyword("AND"):
            terms.append(self._term(depth))
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _term(self, depth: int) -> Filter:
        if depth > DEEPEST:
            raise self._error(self._peek(), f"Brackets go deeper than {DEEPEST}. Write the query with fewer.")
        if self._take_keyword("NOT"):
            return Not(self._term(depth + 1))
        if self._peek().kind is TokenKind.OPEN:
            opened = self._take()
            found = self._query(depth + 1)
            if self._peek().kind is not TokenKind.CLOSE:
                after = self._peek().kind is TokenKind.END
                sentence = "This bracket is not closed. Add ')'." if after else "Put AND, OR or ')' here."
                raise self._error(opened if after else self._peek(), sentence)
            self._take()
            return found
        return self._condition()

    def _count(self) -> None:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise self._error(self._peek(), f"The query has too many conditions. Use at most {MOST_CONDITIONS}.")

    def _condition(self) -> Filter:
        self._count()
        operand = self._operand()
        negated = self._take_keyword("NOT")
        token = self._peek()
        if token.keyword == "EXISTS":
            self._take()
            found = _exists(operand)
        elif token.kind is TokenKind.COMPARISON and not negated:
            self._take()
            found = self._compare(operand, _COMPARISONS[token.text], self._value())
            negated = token.text == "!="
        elif token.keyword in TEXT_COMPARISONS:
            self._take()
            found = self._compare(operand, Comparison(token.keyword), self._value())
        elif token.keyword == "IN":
            self._take()
            found = self._one_of(operand)
        else:
            words = "CONTAINS, MATCHES, IN or EXISTS"
            wanted = words if negated else f"=, !=, <, <=, >, >=, {words}"
            raise self._error(token, f"A comparison is missing here. Write {wanted}.")
        return Not(found) if negated else found

    def _one_of(self, operand: _Operand) -> Filter:
        """Read `(a, "b c")`: equal to one of these. Each counts as a condition."""
        if self._peek().kind is not TokenKind.OPEN:
            raise self._error(self._peek(), 'IN takes a list in brackets. Write optimizer IN (adam, "my own").')
        opened = self._take()
        found = [self._compare(operand, Comparison.EQUAL, self._value())]
        while self._peek().kind is TokenKind.COMMA:
            self._take()
            self._count()
            found.append(self._compare(operand, Comparison.EQUAL, self._value()))
        if self._peek().kind is not TokenKind.CLOSE:
            after = self._peek().kind is TokenKind.END
            sentence = "This list is not closed. Add ')'." if after else "Put a comma between the values of a list."
            raise self._error(opened if after else self._peek(), sentence)
        self._take()
        return found[0] if len(found) == 1 else Or(tuple(found))

    def _operand(self) -> _Operand:
        token = self._peek()
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if token.kind is TokenKind.WORD and following.kind is TokenKind.OPEN:
            if token.text.lower() not in _AGGREGATES:
                names = ", ".join(sorted(_AGGREGATES))
                sentence = f"There is no aggregate {token.text!r}. Use one of {names}, or put a path in backquotes."
                raise self._error(token, sentence)
            self._take()
            self._take()
            path, kinds = self._typed_path()
            if self._peek().kind is not TokenKind.CLOSE:
                raise self._error(self._peek(), "The aggregate's bracket is not closed. Write last(`train/loss`).")
            self._take()
            if kinds is None:
                kinds = self._type()
            stand_in = Aggregate(token.text.lower())
            if stand_in is Aggregate.FIRST:
                self._count_point(token, kinds)
            countable = _COUNTED if stand_in is Aggregate.COUNT else _FLOAT_SERIES
            return _Operand(path=path, kinds=kinds or countable, stand_in=stand_in)
        path, kinds = self._typed_path()
        if self._peek().kind is TokenKind.AT:
            return self._at_best(path, kinds)
        return _Operand(path=path, kinds=kinds, stand_in=None)

    def _at_best(self, path: Path, kinds: frozenset[Kind] | None) -> _Operand:
        """Read `@min(loss)` behind a path."""
        token = self._take()
        if token.text.lower() not in _BEST:
            raise self._error(token, f"There is no '@{token.text}'. Write accuracy@min(loss), or with max.")
        opened = self._take()
        of, of_kinds = self._typed_path()
        if self._peek().kind is not TokenKind.CLOSE:
            raise self._error(opened, "This bracket is not closed. Write accuracy@min(loss).")
        self._take()
        self._count_point(token, kinds, of_kinds)
        at_best = AtBest(best=Best(token.text.lower()), of=of)
        return _Operand(path=path, kinds=_FLOAT_SERIES, stand_in=at_best)

    def _count_point(self, token: Token, *kinds: frozenset[Kind] | None) -> None:
        """See that points are asked of float series, and not too many; `kinds` are those that the query names."""
        if not {None, _FLOAT_SERIES}.issuperset(kinds):
            raise self._error(token, "Only a floatSeries has such a point. Leave the type out.")
        self._points += 1
        if self._points > MOST_POINTS:
            sentence = f"The query looks at too many points of series. Use first(…) and @ at most {MOST_POINTS} times."
            raise self._error(token, sentence)

    def _typed_path(self) -> tuple[Path, frozenset[Kind] | None]:
        token = self._peek()
        if token.kind not in {TokenKind.PATH, TokenKind.WORD} or token.keyword in _RESERVED:
            raise self._error(token, "A path is missing here. Write a condition such as `train/loss` < 0.5.")
        self._take()
        try:
            path = parse_path(token.text)
        except InvalidPathError as error:
            raise self._error(token, str(error)) from error
        return path, self._type()

    def _type(self) -> frozenset[Kind] | None:
        if self._peek().kind is not TokenKind.COLON:
            return None
        self._take()
        token = self._peek()
        kinds = _TYPES.get(token.text.replace("_", "").lower()) if token.kind is TokenKind.WORD else None
        if kinds is None:
            sentence = f"After ':' stands a type. Use one of {_TYPE_NAMES}, or put a path that holds ':' in backquotes."
            raise self._error(token, sentence)
        self._take()
        return kinds

    def _value(self) -> Token:
        token = self._peek()
        if token.kind not in {TokenKind.VALUE, TokenKind.WORD}:
            raise self._error(token, 'A value is missing here. Write a number, a word, or a text in quotes: "a b".')
        return self._take()

    def _compare(self, operand: _Operand, comparison: Comparison, value: Token) -> Compare:
        literal = literal_of(value.text, now_ms=self._now_ms)
        if comparison is Comparison.MATCHES:
            try:
                matcher_of(value.text)
            except PatternError as error:
                raise self._error(value, str(error)) from error
        if operand.stand_in is not None and literal.number is None:
            stands = named(operand.path, operand.stand_in)
            raise self._error(value, f"{value.text!r} is no number, and {stands} is. Write one.")
        problem = _own_problem(operand.path, comparison, literal)
        if problem is not None:
            raise self._error(value, problem)
        return Compare(
            path=operand.path,
            comparison=comparison,
            literal=literal,
            kinds=operand.kinds,
            aggregate=operand.stand_in or Aggregate.LAST,
        )

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _take_keyword(self, word: str) -> bool:
        if self._peek().keyword != word:
            return False
        self._take()
        return True

    def _error(self, token: Token, sentence: str) -> FilterError:
        return FilterError(self._text, token.start, sentence)


def _exists(operand: _Operand) -> Filter:
    """Return that there is something, or, of an aggregate, a number whatever it is."""
    if operand.stand_in in {None, Aggregate.LAST}:
        return Has(path=operand.path, kinds=operand.kinds)
    number = Compare(
        path=operand.path,
        comparison=Comparison.AT_LEAST,
        literal=Literal(text="-inf", number=-math.inf),
        kinds=operand.kinds,
        aggregate=operand.stand_in or Aggregate.LAST,
    )
    nan = msgspec.structs.replace(number, comparison=Comparison.EQUAL, literal=Literal(text="nan", number=math.nan))
    return Or((number, nan))


def _own_problem(path: Path, comparison: Comparison, literal: Literal) -> str | None:
    """Return why no run can compare so at a path where every run has the same kind of value; None if one can."""
    if comparison not in ORDERINGS:
        return None
    if path == _STATE and comparison is Comparison.EQUAL and literal.text.lower() not in _STATES:
        return f"There is no state {literal.text!r}. Use one of {', '.join(_STATES)}."
    if path == _CREATION_TIME and literal.moment is None:
        return f"{literal.text!r} is no date. Write one such as 2026-01-31 or 2026-01-31T10:30:00Z, or -2d."
    if path == RUNNING_TIME and literal.number is None:
        return f"{literal.text!r} is no duration. Write one such as 90s, 1h30m or 2d."
    return None


def _number(text: str) -> int | float | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def _duration_s(text: str) -> float | None:
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    seconds = sum(float(number) * _UNIT_S[unit] for number, unit in _LENGTH.findall(found[2]))
    return -seconds if found[1] == "-" else seconds


def _six_digits(fraction: re.Match[str]) -> str:
    """Return a fraction of a second as Python 3.10 wants it."""
    return "." + fraction[1][:6].ljust(6, "0")


def _moment(text: str) -> int | None:
    """Return milliseconds since 1970-01-01 UTC; a date without a zone is in UTC."""
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(_six_digits, re.sub(r"[zZ]$", "+00:00", text)))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    seconds = moment.timestamp()
    return round(seconds * 1000) if math.isfinite(seconds) else None
