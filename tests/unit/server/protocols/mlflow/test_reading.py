"""Requests become messages as MLflow reads them, and what is wrong is named as MLflow names it."""

from __future__ import annotations

import math

import pytest

from marigram.server.protocols.mlflow.errors import ErrorCode, MlflowError, code_of_status
from marigram.server.protocols.mlflow.messages.metrics import GetHistoryBulkInterval
from marigram.server.protocols.mlflow.messages.runs import LogBatch, LogMetric, SearchRuns
from marigram.server.protocols.mlflow.reading import message_of_body, message_of_query

DOCS = "See the API docs for more information about request parameters."


def test_numbers_may_be_texts_and_words() -> None:
    found = message_of_body(b'{"key": "k", "value": "NaN", "timestamp": "12", "step": 3.0, "run_id": "r"}', LogMetric)
    assert math.isnan(found.value)
    assert (found.timestamp, found.step) == (12, 3)
    assert message_of_body(b'{"key": "k", "value": "-Infinity", "timestamp": 1}', LogMetric).value == -math.inf


def test_what_nobody_knows_is_ignored_and_nothing_is_an_empty_message() -> None:
    assert message_of_body(b'{"new": {"deep": [1]}, "max_results": 5}', SearchRuns).max_results == 5
    assert message_of_body(b"", SearchRuns) == SearchRuns()


def test_a_parameter_that_repeats_in_a_query_is_a_list_and_of_others_the_last_one_counts() -> None:
    found = message_of_query(
        {"run_ids": ["a", "b"], "metric_key": ["x", "y"], "max_results": ["7"], "other": ["z"]}, GetHistoryBulkInterval
    )
    assert (found.run_ids, found.metric_key, found.max_results) == (("a", "b"), "y", 7)
    assert message_of_query({"run_ids": ["a"], "metric_key": ["x"]}, GetHistoryBulkInterval).run_ids == ("a",)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{}", f"Missing value for required parameter 'key'. {DOCS}"),
        (b'{"key": null, "value": 1, "timestamp": 1}', f"Missing value for required parameter 'key'. {DOCS}"),
        (
            b'{"key": 5, "value": 1, "timestamp": 1}',
            f"Invalid value 5 for parameter 'key' supplied: Hint: Value was of type 'int'. {DOCS}",
        ),
        (
            b'{"key": "k", "value": "much", "timestamp": 1}',
            f"Invalid value \"much\" for parameter 'value' supplied: Hint: Value was of type 'str'. {DOCS}",
        ),
    ],
)
def test_what_is_wrong_is_named(body: bytes, said: str) -> None:
    with pytest.raises(MlflowError) as refused:
        message_of_body(body, LogMetric)
    assert (str(refused.value), refused.value.code) == (said, ErrorCode.INVALID_PARAMETER_VALUE)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"1", b'"', b"\xff\xfe", b'{"metrics": 5}', b'{"metrics": [5]}', b'{"metrics": [{"key": []}]}'],
)
def test_whatever_is_sent_is_refused_as_mlflow_refuses(body: bytes) -> None:
    with pytest.raises(MlflowError):
        message_of_body(body, LogBatch)
    with pytest.raises(MlflowError):
        message_of_body(b'{"a":' * 5000, LogBatch)


def test_a_status_of_http_has_a_code_that_no_client_retries_in_vain() -> None:
    codes = {status: code_of_status(status) for status in (400, 404, 405, 413, 415, 429, 500, 503)}
    assert codes[405] is codes[404] is ErrorCode.ENDPOINT_NOT_FOUND
    assert codes[400] is codes[413] is codes[415] is ErrorCode.BAD_REQUEST
    assert codes[429] is ErrorCode.REQUEST_LIMIT_EXCEEDED
    assert (codes[500], codes[503]) == (ErrorCode.INTERNAL_ERROR, ErrorCode.TEMPORARILY_UNAVAILABLE)
