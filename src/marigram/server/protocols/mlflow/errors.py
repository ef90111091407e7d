"""What MLflow's clients are told when something is refused: a code of theirs, a sentence, and a status.

The client waits and tries again for minutes on 408, 429, 500, 502, 503 and 504, so what can't get better by waiting
must never be answered so.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec
from litestar import MediaType, Response


class ErrorCode(str, Enum):
    """MLflow's names of what went wrong, those that are used here."""

    INVALID_PARAMETER_VALUE = "INVALID_PARAMETER_VALUE"
    BAD_REQUEST = "BAD_REQUEST"
    RESOURCE_ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS"
    RESOURCE_DOES_NOT_EXIST = "RESOURCE_DOES_NOT_EXIST"
    ENDPOINT_NOT_FOUND = "ENDPOINT_NOT_FOUND"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    REQUEST_LIMIT_EXCEEDED = "REQUEST_LIMIT_EXCEEDED"
    TEMPORARILY_UNAVAILABLE = "TEMPORARILY_UNAVAILABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


STATUS = {
    ErrorCode.INVALID_PARAMETER_VALUE: 400,
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.RESOURCE_ALREADY_EXISTS: 400,
    ErrorCode.RESOURCE_DOES_NOT_EXIST: 404,
    ErrorCode.ENDPOINT_NOT_FOUND: 404,
    ErrorCode.NOT_IMPLEMENTED: 501,
    ErrorCode.PERMISSION_DENIED: 403,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.REQUEST_LIMIT_EXCEEDED: 429,
    ErrorCode.TEMPORARILY_UNAVAILABLE: 503,
    ErrorCode.INTERNAL_ERROR: 500,
}
_CODE_OF_STATUS = {
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.PERMISSION_DENIED,
    404: ErrorCode.ENDPOINT_NOT_FOUND,
    405: ErrorCode.ENDPOINT_NOT_FOUND,
    429: ErrorCode.REQUEST_LIMIT_EXCEEDED,
    503: ErrorCode.TEMPORARILY_UNAVAILABLE,
}


class MlflowError(Exception):
    """The request is refused; `code` is for programs, the message for people."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """How MLflow writes an error."""

    error_code: str
    message: str


def invalid(message: str) -> MlflowError:
    """Return the error of a request that is not as it must be."""
    return MlflowError(ErrorCode.INVALID_PARAMETER_VALUE, message)


def missing(message: str) -> MlflowError:
    """Return the error of something that is not there."""
    return MlflowError(ErrorCode.RESOURCE_DOES_NOT_EXIST, message)


def taken(message: str) -> MlflowError:
    """Return the error of something that is there already."""
    return MlflowError(ErrorCode.RESOURCE_ALREADY_EXISTS, message)


def code_of_status(status: int) -> ErrorCode:
    """Return the code that says of an error what its HTTP status says."""
    if status < 500:  # noqa: PLR2004 - from there on it is the server's fault
        return _CODE_OF_STATUS.get(status, ErrorCode.BAD_REQUEST)
    return _CODE_OF_STATUS.get(status, ErrorCode.INTERNAL_ERROR)


def answer_of(
    code: ErrorCode, message: str, *, status: int | None = None, headers: dict[str, str] | None = None
) -> Response[Any]:
    """Return an error as MLflow's clients read it."""
    body = msgspec.json.encode(ErrorBody(error_code=code.value, message=message))
    return Response(body, status_code=status or STATUS[code], media_type=MediaType.JSON, headers=headers)
