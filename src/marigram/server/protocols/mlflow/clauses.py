"""MLflow's filter grammar: comparisons joined by AND. Pure.

    filter   = clause { AND clause }
    clause   = name operator literal | name [NOT] IN ( literal { , literal } ) | name IS [NOT] NULL
    name     = [ entity . ] key            key: bare, "quoted" or `quoted`
    operator = > >= = != < <= LIKE ILIKE

Words are read whatever their case. Which entities, keys and operators make sense is up to whoever asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from marigram.server.protocols.mlflow.errors import MlflowError, invalid

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"""(?:([A-Za-z_]\w*)\.)?(`[^`]*`|"[^"]*"|[A-Za-z_][\w./:\-]*)""")
_OPERATOR = re.compile(r">=|<=|!=|=|>|<|(?:NOT\s+IN|IN|I?LIKE|IS\s+NOT\s+NULL|IS\s+NULL)(?=[\s('\"]|$)", re.IGNORECASE)
_LITERAL = re.compile(r"""'([^']*)'|"([^"]*)"|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?=[\s,)]|$)""")
_AND = re.compile(r"AND(?=\s)", re.IGNORECASE)
_MOST_CHARACTERS = 100_000

NULL_TESTS = frozenset({"IS NULL", "IS NOT NULL"})
LISTS = frozenset({"IN", "NOT IN"})
TEXT_OPERATORS = frozenset({"=", "!=", "LIKE", "ILIKE"})
NUMBER_OPERATORS = frozenset({">", ">=", "=", "!=", "<", "<="})


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison.

    Attributes:
        entity: what stands before the dot, in small letters; empty if nothing does.
        key: what is compared.
        operator: in capitals, words parted by one space.
        values: what it is compared with: texts as such, numbers as numbers; none for `IS NULL`.
        text: the clause as it stands in the filter, for messages.
    """

    entity: str
    key: str
    operator: str
    values: tuple[str | int | float, ...]
    text: str

    @property
    def value(self) -> str | int | float:
        """The only value that it is compared with."""
        return self.values[0]


def clauses_of(text: str | None) -> tuple[Clause, ...]:
    """Return the clauses of a filter; none of an empty one.

    Raises:
        MlflowError: it is no filter.
    """
    if not text or not text.strip():
        return ()
    if len(text) > _MOST_CHARACTERS:
        message = f"Invalid filter string: it has {len(text)} characters. Use at most {_MOST_CHARACTERS}."
        raise invalid(message)
    reader = _Reader(text.strip().rstrip(";"))
    found = [reader.clause()]
    while not reader.at_end():
        reader.take(_AND, "AND")
        found.append(reader.clause())
    return tuple(found)


def holds(clause: Clause, actual: str | float | None) -> bool:
    """Return whether a clause is true of what is there; of nothing, only `IS NULL` is."""
    if clause.operator in NULL_TESTS:
        return (actual is None) is (clause.operator == "IS NULL")
    if actual is None:
        return False
    if clause.operator in LISTS:
        return (actual in clause.values) is (clause.operator == "IN")
    if clause.operator in {"LIKE", "ILIKE"}:
        return like(str(clause.value), str(actual), ignore_case=clause.operator == "ILIKE")
    wanted = clause.value
    if isinstance(actual, str) or isinstance(wanted, str):
        same = str(actual) == str(wanted)
        return same is (clause.operator == "=")
    return {
        ">": actual > wanted,
        ">=": actual >= wanted,
        "=": actual == wanted,
        "!=": actual != wanted,
        "<": actual < wanted,
        "<=": actual <= wanted,
    }[clause.operator] and not math.isnan(actual)


def like(pattern: str, text: str, *, ignore_case: bool) -> bool:
    """Return whether a text is as a LIKE pattern says: `%` stands for any text, `_` for one character.

    Takes time in proportion to both lengths: of several `%` only the last one is ever tried anew.
    """
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    at = in_pattern = 0
    after_any, tried = -1, 0
    while at < len(text):
        if in_pattern < len(pattern) and pattern[in_pattern] == "%":
            in_pattern += 1
            after_any, tried = in_pattern, at
        elif in_pattern < len(pattern) and pattern[in_pattern] in {"_", text[at]}:
            at, in_pattern = at + 1, in_pattern + 1
        elif after_any >= 0:
            tried += 1
            at, in_pattern = tried, after_any
        else:
            return False
    return not pattern[in_pattern:].strip("%")


def check_operator(clause: Clause, allowed: frozenset[str]) -> None:
    """Check that a clause's operator makes sense where it stands.

    Raises:
        MlflowError: it does not.
    """
    if clause.operator not in allowed:
        message = (
            f"Invalid comparator for {clause.entity or 'attribute'} '{clause.key}': {clause.operator}. "
            f"Use one of {', '.join(sorted(allowed))}."
        )
        raise invalid(message)


def check_texts(clause: Clause) -> None:
    """Check that a clause compares with texts.

    Raises:
        MlflowError: it compares with a number.
    """
    if any(not isinstance(value, str) for value in clause.values):
        message = f"Expected a quoted string value for {clause.key}, got: {clause.text}. Put it into quotes."
        raise invalid(message)


def number_of_clause(clause: Clause) -> Clause:
    """Return the clause with its value as a number.

    Raises:
        MlflowError: it is none.
    """
    try:
        return msgspec.structs.replace(
            clause, values=tuple(value if isinstance(value, int) else float(value) for value in clause.values)
        )
    except ValueError as error:
        message = f"Expected a numeric value for {clause.key}, got: {clause.text}. Compare with a number."
        raise invalid(message) from error


def orders_of(order_by: Sequence[str], keys: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Return what to sort by: key and whether it falls; `keys` says which names there are for each key.

    Raises:
        MlflowError: one of them is no key, or comes twice.
    """
    found: list[tuple[str, bool]] = []
    for text in order_by:
        name, _, direction = text.strip().partition(" ")
        direction = direction.strip().upper()
        key = keys.get(name.strip('`"').removeprefix("attribute.").removeprefix("attributes."))
        if key is None or direction not in {"", "ASC", "DESC"}:
            message = f"Invalid order by key '{text}' specified. Valid keys are {sorted(keys)}, each with ASC or DESC."
            raise invalid(message)
        if any(key == known for known, _ in found):
            message = f"`order_by` contains duplicate fields: {list(order_by)}"
            raise invalid(message)
        found.append((key, direction == "DESC"))
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def take(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        self._skip()
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self._fault(what)
        self._at = found.end()
        self._skip()
        return found

    def clause(self) -> Clause:
        begin = self._at
        name = self.take(_NAME, "a name such as metrics.loss")
        operator = " ".join(self.take(_OPERATOR, "a comparison such as = or >")[0].upper().split())
        if operator in NULL_TESTS:
            values: tuple[str | int | float, ...] = ()
        elif operator in LISTS:
            values = self._list()
        else:
            values = (self._literal(),)
        return Clause(
            entity=(name[1] or "").lower(),
            key=name[2].strip('`"'),
            operator=operator,
            values=values,
            text=self._text[begin : self._at].strip(),
        )

    def _list(self) -> tuple[str | int | float, ...]:
        self.take(re.compile(r"\("), "a list such as ('a', 'b')")
        found = [self._literal()]
        while self.take(re.compile(r"[,)]"), "',' or ')'")[0] == ",":
            found.append(self._literal())
        return tuple(found)

    def _literal(self) -> str | int | float:
        found = self.take(_LITERAL, "a quoted text or a number")
        if found[3] is None:
            return found[1] if found[1] is not None else found[2]
        return int(found[3]) if found[3].lstrip("+-").isdigit() else float(found[3])

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found is not None else self._at

    def _fault(self, what: str) -> MlflowError:
        rest = self._text[self._at : self._at + 40]
        message = f"Invalid clause(s) in filter string: expected {what} at '{rest}' in '{self._text[:200]}'."
        return invalid(message)
