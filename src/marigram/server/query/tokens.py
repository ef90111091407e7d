"""The query language's words: text → tokens, each with its place. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import msgspec

from marigram.server.query.answers import BadQuestion


class FilterError(BadQuestion):
    """The query cannot be understood.

    Attributes:
        position: of the first character that is wrong, counted from 0.
    """

    def __init__(self, text: str, position: int, sentence: str) -> None:
        """Take the whole query, the place, and what is wrong and how to put it right."""
        super().__init__(f"{sentence}\n{_excerpt(text, position)}")
        self.position = position


class TokenKind(str, Enum):
    """What a token is; the value names it in messages."""

    PATH = "a path"
    WORD = "a word"
    VALUE = "a value"
    COMPARISON = "a comparison"
    COLON = "':'"
    AT = "'@'"
    OPEN = "'('"
    CLOSE = "')'"
    COMMA = "','"
    END = "the end of the query"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a query. `text` is without quotes and '@'; a `quoted` value or path is never a keyword."""

    kind: TokenKind
    text: str
    start: int
    quoted: bool = False

    @property
    def keyword(self) -> str:
        """The word in capitals, empty if it is none."""
        return self.text.upper() if self.kind is TokenKind.WORD else ""


TEXT_COMPARISONS = frozenset({"CONTAINS", "MATCHES"})
_COMPARISON = re.compile(r"==|!=|>=|<=|=|>|<")
_AT = re.compile(r"@([^\s()=!<>:`\"'@]*)(?=\()")
_WORD = re.compile(rf"[^\s()=!<>:`\"']+?(?={_AT.pattern})|[^\s()=!<>:`\"']+")
"""Elsewhere than before a bracket, '@' is a letter like others."""

_LISTED_VALUE = re.compile(r"[^\s(),`\"']+")
_BARE_VALUE = re.compile(r"[^\s()`\"']+")
_ESCAPED = re.compile(r"\\([\"'\\])")
_SIGNS = {":": TokenKind.COLON, "(": TokenKind.OPEN, ")": TokenKind.CLOSE}
_EXCERPT_CHARACTERS = 60


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a query; the last one is the end.

    Raises:
        FilterError: a quote is not closed, or a character belongs nowhere.
    """
    position = 0
    wants_value = wants_list = in_list = False
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if position == len(text):
            yield Token(kind=TokenKind.END, text="", start=position)
            return
        token, position = _listed(text, position) if in_list else _next(text, position, wants_value=wants_value)
        in_list = token.kind is not TokenKind.CLOSE if in_list else wants_list and token.kind is TokenKind.OPEN
        wants_list = token.keyword == "IN"
        wants_value = token.kind is TokenKind.COMPARISON or token.keyword in TEXT_COMPARISONS
        yield token


def _next(text: str, start: int, *, wants_value: bool) -> tuple[Token, int]:
    first = text[start]
    if first in "\"'":
        inside, end = _quoted(text, start)
        return Token(kind=TokenKind.VALUE, text=_ESCAPED.sub(r"\1", inside), start=start, quoted=True), end
    if first == "`":
        end = text.find("`", start + 1)
        if end < 0:
            raise FilterError(text, start, "This backquote is not closed. Write a path as `train/loss`.")
        return Token(kind=TokenKind.PATH, text=text[start + 1 : end], start=start, quoted=True), end + 1
    if wants_value and (found := _BARE_VALUE.match(text, start)) and not _COMPARISON.match(text, start):
        return Token(kind=TokenKind.VALUE, text=found[0], start=start), found.end()
    if first in _SIGNS:
        return Token(kind=_SIGNS[first], text=first, start=start), start + 1
    if found := _COMPARISON.match(text, start):
        return Token(kind=TokenKind.COMPARISON, text=found[0], start=start), found.end()
    if found := _AT.match(text, start):
        return Token(kind=TokenKind.AT, text=found[1], start=start), found.end()
    if found := _WORD.match(text, start):
        return Token(kind=TokenKind.WORD, text=found[0], start=start), found.end()
    raise FilterError(
        text, start, f"{first!r} is no comparison. Use =, !=, <, <=, >, >=, or put NOT before a condition."
    )


def _listed(text: str, start: int) -> tuple[Token, int]:
    """Return a token of the list behind IN, where a comma ends a value."""
    if text[start] == ",":
        return Token(kind=TokenKind.COMMA, text=",", start=start), start + 1
    if found := _LISTED_VALUE.match(text, start):
        return Token(kind=TokenKind.VALUE, text=found[0], start=start), found.end()
    return _next(text, start, wants_value=False)


def _quoted(text: str, start: int) -> tuple[str, int]:
    quote = text[start]
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == quote:
            return text[start + 1 : at], at + 1
        at += 1
    raise FilterError(text, start, f"This quote is not closed. Put {quote} at the end of the value.")


def _excerpt(text: str, position: int) -> str:
    """Return the query around the place, with a caret below it."""
    flat = "".join(" " if character.isspace() else character for character in text)
    begin = max(0, min(position, len(flat)) - _EXCERPT_CHARACTERS // 2)
    shown = flat[begin : begin + _EXCERPT_CHARACTERS]
    return f"  {shown}\n  {' ' * (position - begin)}^"
