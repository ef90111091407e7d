"""Pages of a list, by tokens as MLflow writes them. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from marigram.server.protocols.mlflow.errors import invalid

_Item = TypeVar("_Item")


class _Token(msgspec.Struct, frozen=True):
    offset: int


def page_of(items: Sequence[_Item], *, token: str | None, most: int) -> tuple[Sequence[_Item], str | None]:
    """Return the page that begins where a token says, and the token of the next one; None: there is none.

    Raises:
        MlflowError: the token is none.
    """
    start = offset_of(token)
    end = start + most
    return items[start:end], token_of(end) if end < len(items) else None


def offset_of(token: str | None) -> int:
    """Return where a page begins.

    Raises:
        MlflowError: the token is none.
    """
    if not token:
        return 0
    try:
        offset = msgspec.json.decode(base64.b64decode(token, validate=True), type=_Token).offset
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _no_token(token) from error
    if offset < 0:
        raise _no_token(token)
    return offset


def token_of(offset: int) -> str:
    """Return the token of the page that begins there."""
    return base64.b64encode(msgspec.json.encode(_Token(offset))).decode()


def checked_most(asked: int | None, *, default: int, most: int) -> int:
    """Return how much a page holds.

    Raises:
        MlflowError: nothing, or too much.
    """
    if asked is None:
        return default
    if asked < 1:
        message = f"Invalid value for max_results. It must be a positive integer, but got {asked}"
        raise invalid(message)
    if asked > most:
        message = f"Invalid value for request parameter max_results. It must be at most {most}, but got value {asked}"
        raise invalid(message)
    return asked


def _no_token(token: str) -> Exception:
    return invalid(f"Invalid page token, could not base64-decode {token[:200]!r}. Begin without one.")
