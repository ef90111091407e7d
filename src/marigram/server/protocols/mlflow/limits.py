"""What MLflow allows a key, a value and a batch to be. Pure.

Limits are MLflow's own. A parameter or a tag that is too long is refused by MLflow or cut without a word, as the server
was set up; here it is kept whole, up to what the store takes.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence

from marigram.server.protocols.mlflow.errors import MlflowError, invalid
from marigram.server.protocols.mlflow.messages.runs import DatasetInput, KeyValue, Metric, ModelInput
from marigram.server.protocols.mlflow.reading import missing_parameter

MOST_METRICS = 1000
MOST_PARAMS = 100
MOST_TAGS = 100
MOST_ENTITIES = 1000
MOST_KEY_CHARACTERS = 250
MOST_NAME_CHARACTERS = 500
MOST_DIGEST_CHARACTERS = 36
MOST_DATASETS = 1000
MOST_VALUE_CHARACTERS = 1_000_000
"""What the store takes as one text, about; MLflow's limit of 6,000 is about the columns of its tables."""

_KEY = re.compile(r"[/\w.\- :]*")
_MODEL_ID = re.compile(r"[A-Za-z0-9][\w\-]{0,255}", re.ASCII)
_INT64 = range(-(2**63), 2**63)
MIN_TIME_MS = -62_135_596_800_000
MAX_TIME_MS = 253_402_300_799_999
"""Years 1 to 9999: what the store takes as a time."""


def check_key(key: str, what: str, field: str) -> None:
    """Check the key of a metric, a parameter or a tag.

    Args:
        key: as it came.
        what: `metric`, `parameter` or `tag`.
        field: where it stood in the request, for the message.

    Raises:
        MlflowError: it is none.
    """
    if not key:
        raise missing_parameter(field)
    if not _KEY.fullmatch(key):
        message = (
            f"Invalid value {key[:MOST_KEY_CHARACTERS]!r} for parameter '{field}' supplied: Names may only contain "
            "alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."
        )
        raise invalid(message)
    if key != posixpath.normpath(key) or key == "." or key.startswith(("..", "/")):
        message = (
            f"Invalid value {key[:MOST_KEY_CHARACTERS]!r} for parameter '{field}' supplied: Names may be treated as "
            "files in certain cases, and must not resolve to other names when treated as such. This name would resolve "
            f"to {posixpath.normpath(key)[:MOST_KEY_CHARACTERS]!r}."
        )
        raise invalid(message)
    if len(key) > MOST_KEY_CHARACTERS:
        message = (
            f"'{field}' exceeds the maximum length of {MOST_KEY_CHARACTERS} characters: the {what} has {len(key)}. "
            "Shorten it."
        )
        raise invalid(message)


def check_value(value: str, field: str) -> None:
    """Check the value of a parameter or a tag.

    Raises:
        MlflowError: it is longer than the store takes.
    """
    if len(value) > MOST_VALUE_CHARACTERS:
        message = (
            f"'{field}' exceeds the maximum length of {MOST_VALUE_CHARACTERS} characters: the value has {len(value)}. "
            "Log it as an artifact instead."
        )
        raise invalid(message)


def check_metric(metric: Metric, field: str) -> None:
    """Check a metric.

    Raises:
        MlflowError: its key, time or step is none.
    """
    check_key(metric.key, "metric", f"{field}name" if not field else f"{field}.name")
    if not MIN_TIME_MS <= metric.timestamp <= MAX_TIME_MS:
        raise _no_number(metric, "timestamp", metric.timestamp)
    if metric.step not in _INT64:
        raise _no_number(metric, "step", metric.step)


def check_items(items: Sequence[KeyValue], what: str, field: str) -> None:
    """Check parameters or tags of one request.

    Raises:
        MlflowError: one of them is none.
    """
    for at, item in enumerate(items):
        check_key(item.key, what, f"{field}[{at}].key")
        check_value(item.value, f"{field}[{at}].value")


def check_batch(metrics: Sequence[Metric], params: Sequence[KeyValue], tags: Sequence[KeyValue]) -> None:
    """Check what one call of log-batch brings.

    Raises:
        MlflowError: it is too much, or a parameter comes twice with different values.
    """
    for name, count, most in (
        ("metrics", len(metrics), MOST_METRICS),
        ("params", len(params), MOST_PARAMS),
        ("tags", len(tags), MOST_TAGS),
        ("metrics, params, and tags", len(metrics) + len(params) + len(tags), MOST_ENTITIES),
    ):
        if count > most:
            message = (
                f"A batch logging request can contain at most {most} {name}. Got {count} {name}. "
                f"Please split up {name} across multiple requests and try again."
            )
            raise invalid(message)
    check_items(params, "parameter", "params")
    check_items(tags, "tag", "tags")
    for at, metric in enumerate(metrics):
        check_metric(metric, f"metrics[{at}]")
    counts = Counter(param.key for param in params)
    if len(counts) < len(params):
        twice = sorted(key for key, count in counts.items() if count > 1)
        message = f"Duplicate parameter keys have been submitted: {twice}. Please ensure the request contains only one."
        raise invalid(message)


def check_inputs(datasets: Sequence[DatasetInput], models: Sequence[ModelInput]) -> None:
    """Check what a run says that it used.

    Raises:
        MlflowError: one of them is none, or too long, or there are too many.
    """
    if len(datasets) > MOST_DATASETS:
        message = f"A request can name at most {MOST_DATASETS} data sets. Got {len(datasets)}. Send them in parts."
        raise invalid(message)
    for at, given in enumerate(datasets):
        dataset, field = given.dataset, f"datasets[{at}].dataset"
        for name, value, most in (
            ("name", dataset.name, MOST_NAME_CHARACTERS),
            ("digest", dataset.digest, MOST_DIGEST_CHARACTERS),
            ("source_type", dataset.source_type, MOST_NAME_CHARACTERS),
            ("source", dataset.source, MOST_VALUE_CHARACTERS),
            ("schema", dataset.schema, MOST_VALUE_CHARACTERS),
            ("profile", dataset.profile, MOST_VALUE_CHARACTERS),
        ):
            where = f"{field}.{name}"
            if not value and name in {"name", "digest", "source_type", "source"}:
                raise missing_parameter(where)
            if len(value) > most:
                message = f"'{where}' exceeds the maximum length of {most} characters: it has {len(value)}. Shorten it."
                raise invalid(message)
        check_items(given.tags, "tag", f"datasets[{at}].tags")
    check_model_ids([model.model_id for model in models])


def check_model_ids(model_ids: Sequence[str]) -> None:
    """Check ids of logged models.

    Raises:
        MlflowError: one of them is none.
    """
    for at, model_id in enumerate(model_ids):
        where = f"models[{at}].model_id"
        if not model_id:
            raise missing_parameter(where)
        if not _MODEL_ID.fullmatch(model_id):
            message = f"Invalid value {model_id[:80]!r} for parameter '{where}' supplied: it is no id of a model."
            raise invalid(message)


def _no_number(metric: Metric, field: str, value: int) -> MlflowError:
    message = (
        f"Got invalid value {value} for {field} of metric '{metric.key}' (timestamp={metric.timestamp}). "
        "It has to be a 64-bit integer, and a time one that a calendar shows."
    )
    return invalid(message)
