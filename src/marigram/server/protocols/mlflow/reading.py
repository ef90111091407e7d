"""From a request to a message: JSON bodies and query strings, read the way MLflow's own server reads them.

Fields that nobody here knows are ignored: newer clients add some. Numbers may come as text. What is wrong is named as
MLflow names it, because clients and their tests look at the words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request

from marigram.server.protocols.mlflow.errors import MlflowError, invalid

_DOCS = "See the API docs for more information about request parameters."
_MISSING = re.compile(r"Object missing required field `([^`]+)`(?: - at `\$(.*)`)?")
_WRONG = re.compile(r"(.*?) - at `\$\.?([^`]*)`")
_SHOWN = 200

_Message = TypeVar("_Message", bound=msgspec.Struct)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request.

    Attributes:
        request: as it came, for those who read its body as a stream.
        parts: what stood in the places of the endpoint's path that are open, in order.
    """

    request: Request[Any, Any, Any]
    parts: tuple[str, ...] = ()

    async def message(self, kind: type[_Message]) -> _Message:
        """Return the body, or the query of a GET, as a message.

        Raises:
            MlflowError: it is none; the message names the parameter.
        """
        if self.request.method == "GET":
            return self.query(kind)
        return message_of_body(await self.request.body(), kind)

    def query(self, kind: type[_Message]) -> _Message:
        """Return the query string as a message; see `message`."""
        return message_of_query(self.request.query_params.dict(), kind)


def message_of_body(body: bytes, kind: type[_Message]) -> _Message:
    """Return a JSON body as a message; an empty one stands for `{}`.

    Raises:
        MlflowError: it is none.
    """
    try:
        return msgspec.json.decode(body or b"{}", type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise _named(str(error), _loosely(body)) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        message = f"The body of the request is no JSON that can be read: {error}."
        raise invalid(message) from error


def message_of_query(query: Mapping[str, Sequence[str]], kind: type[_Message]) -> _Message:
    """Return a query string as a message; a parameter that repeats is a list.

    Raises:
        MlflowError: it is none.
    """
    lists = {field.encode_name for field in msgspec.structs.fields(kind) if _is_list(field.type)}
    found = {name: list(values) if name in lists else values[-1] for name, values in query.items() if values}
    try:
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _named(str(error), found) from error


def required(value: str, name: str) -> str:
    """Return `value` unless it is empty, which in MLflow's messages is the same as missing.

    Raises:
        MlflowError: it is.
    """
    if not value:
        raise missing_parameter(name)
    return value


def missing_parameter(name: str) -> MlflowError:
    """Return the error of a parameter that has to be there and is not."""
    return invalid(f"Missing value for required parameter '{name}'. {_DOCS}")


def wrong_parameter(name: str, value: object, hint: str = "") -> MlflowError:
    """Return the error of a parameter that can't be what it is."""
    hinted = f" Hint: {hint}" if hint else ""
    return invalid(f"Invalid value {_shown(value)} for parameter '{name}' supplied:{hinted} {_DOCS}")


def _is_list(kind: object) -> bool:
    return "tuple" in str(kind) or "list" in str(kind)


def _loosely(body: bytes) -> object:
    """Return the body whatever it holds, to show what was wrong in it."""
    try:
        return msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _named(said: str, whole: object) -> MlflowError:
    """Return what MLflow says where msgspec said `said`."""
    found = _MISSING.match(said)
    if found is not None:
        return missing_parameter(_path(f"{found[2] or ''}.{found[1]}"))
    found = _WRONG.match(said)
    if found is None:
        return wrong_parameter("request", whole, f"{said}.")
    name = _path(found[2])
    value = _at(whole, found[2])
    if value is None and "`null`" in said:
        return missing_parameter(name)
    return wrong_parameter(name, value, f"Value was of type '{type(value).__name__}'.")


def _path(text: str) -> str:
    return text.lstrip(".").replace("[...]", "")


def _at(whole: object, path: str) -> object:
    """Return what stands at a path such as `metrics[...].value`; the list itself, where it is in one of many."""
    here = whole
    for name in path.partition("[")[0].split("."):
        here = cast("dict[str, object]", here).get(name) if isinstance(here, dict) else None
    return here


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
