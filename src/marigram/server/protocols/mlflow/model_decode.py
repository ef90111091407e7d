"""From messages about models to operations and edits. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from marigram.model import (
    LoggedModel,
    LoggedModelStatus,
    ModelStage,
    Operation,
    SetValue,
    logged_model_path,
)
from marigram.server.protocols.mlflow.encode import number_of
from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.messages.runs import KeyValue, Metric
from marigram.server.protocols.mlflow.model_encode import STAGES, STATUSES
from marigram.server.protocols.mlflow.reading import missing_parameter
from marigram.server.query import MetricText

MOST_TAG_CHARACTERS = 100_000
MOST_ALIAS_CHARACTERS = 255
_BAD_IN_LOGGED_NAMES = ("/", ":", ".", "%", '"', "'")
_ALIAS = re.compile(r"[\w\-]*")
_VERSION_ALIAS = re.compile(r"[vV]\d+")


def operations_of_logged_model(model: LoggedModel) -> list[Operation]:
    """Return what keeps a new logged model."""
    facts = {
        "name": model.name,
        "status": model.status.value,
        "model_type": model.model_type,
        "source_run_id": model.source_run_id or "",
        "created_at": model.created_at,
        "updated_at": model.updated_at,
    }
    found: list[Operation] = [
        SetValue(path=logged_model_path(model.id, name), value=value) for name, value in facts.items() if value != ""
    ]
    found.extend(_texts(model.id, "params", model.params.items()))
    found.extend(_texts(model.id, "tags", model.tags.items()))
    return found


def operations_of_model_texts(model_id: str, where: str, pairs: Sequence[KeyValue], *, at: int) -> list[Operation]:
    """Return what sets parameters or tags of a logged model: `where` is `params` or `tags`."""
    found = _texts(model_id, where, [(pair.key, pair.value) for pair in pairs])
    return [*found, updated(model_id, at=at)]


def operations_of_model_metrics(metrics: Sequence[Metric], run_id: str) -> list[Operation]:
    """Return what keeps the points that were measured of logged models; a point that comes twice is kept once."""
    found: list[Operation] = []
    for metric in metrics:
        if not metric.model_id:
            continue
        text = MetricText(
            value=number_of(metric.value),
            dataset_name=metric.dataset_name or None,
            dataset_digest=metric.dataset_digest or None,
        )
        path = logged_model_path(
            metric.model_id, "metrics", metric.key, metric.run_id or run_id, str(metric.step), str(metric.timestamp)
        )
        found.append(SetValue(path=path, value=msgspec.json.encode(text).decode()))
    return found


def updated(model_id: str, *, at: int) -> Operation:
    """Return what says when a logged model was changed."""
    return SetValue(path=logged_model_path(model_id, "updated_at"), value=at)


def _texts(model_id: str, where: str, pairs: Iterable[tuple[str, str]]) -> list[Operation]:
    return [SetValue(path=logged_model_path(model_id, where, key), value=value) for key, value in pairs]


def logged_status_of(given: str | int) -> LoggedModelStatus:
    """Return the status that MLflow names so, by name or by number.

    Raises:
        MlflowError: there is none.
    """
    for number, (status, name) in enumerate(STATUSES.items()):
        if given in {number, str(number), name}:
            return status
    message = f"Unknown model status: {given}. Use one of {', '.join(STATUSES.values())}."
    raise invalid(message)


def stage_of(given: str) -> ModelStage:
    """Return the stage that MLflow names so, whatever the case.

    Raises:
        MlflowError: there is none.
    """
    for stage, name in STAGES.items():
        if given.lower() == name.lower():
            return stage
    message = f"Invalid Model Version stage: {given}. Value must be one of {', '.join(STAGES.values())}."
    raise invalid(message)


def number_of_version(given: str) -> int:
    """Return the number of a version, which messages write as text.

    Raises:
        MlflowError: it is none.
    """
    if not given:
        raise missing_parameter("version")  # noqa: EM101 - a name, not a message
    if not (given.isascii() and given.isdigit() and len(given) < 19):  # noqa: PLR2004 - digits of 64 bits
        message = f"Parameter 'version' must be an integer, got '{given[:100]}'."
        raise invalid(message)
    return int(given)


def check_model_name(name: str, field: str = "name") -> None:
    """Check the name of a registered model.

    Raises:
        MlflowError: it is none.
    """
    if not name.strip():
        raise missing_parameter(field)
    if "/" in name or ":" in name:
        message = f"Invalid model name '{name[:200]}'. Names cannot contain '/' or ':'."
        raise invalid(message)
    if name in {".", ".."}:
        message = f"Invalid value {name!r} for parameter '{field}' supplied: it would name a folder. Choose another."
        raise invalid(message)


def check_alias(alias: str) -> None:
    """Check an alias.

    Raises:
        MlflowError: it is none, or stands for something already.
    """
    if not alias:
        message = "Registered model alias name cannot be empty."
        raise invalid(message)
    if not _ALIAS.fullmatch(alias):
        allowed = "Names may only contain alphanumerics, underscores (_) and dashes (-)."
        message = f"Invalid alias name: '{alias[:200]}'. {allowed}"
        raise invalid(message)
    if len(alias) > MOST_ALIAS_CHARACTERS:
        message = f"The alias has {len(alias)} characters, and may have {MOST_ALIAS_CHARACTERS}. Shorten it."
        raise invalid(message)


def check_new_alias(alias: str) -> None:
    """Check an alias that is to be given.

    Raises:
        MlflowError: it is none, or stands for something already.
    """
    check_alias(alias)
    if alias.lower() == "latest":
        message = "'latest' alias name (case insensitive) is reserved."
        raise invalid(message)
    if _VERSION_ALIAS.fullmatch(alias):
        message = f"Version alias name '{alias}' is reserved."
        raise invalid(message)


def check_registry_tag(value: str) -> None:
    """Check the value of a tag in the registry.

    Raises:
        MlflowError: it is too long.
    """
    if len(value) > MOST_TAG_CHARACTERS:
        message = f"'value' exceeds the maximum length of {MOST_TAG_CHARACTERS} characters: it has {len(value)}."
        raise invalid(message)


def check_logged_name(name: str) -> None:
    """Check the name of a logged model.

    Raises:
        MlflowError: it is none.
    """
    if not name or any(bad in name for bad in _BAD_IN_LOGGED_NAMES):
        message = (
            f"Invalid model name ({name[:200]!r}) provided. Model name must be a non-empty string and cannot contain "
            f"the following characters: {_BAD_IN_LOGGED_NAMES}"
        )
        raise invalid(message)
