"""The tag in which clients before MLflow 3 list the models of a run: JSON in a text. Pure."""

from __future__ import annotations

from typing import cast

import msgspec

from marigram.server.protocols.mlflow.errors import invalid
from marigram.server.protocols.mlflow.messages.runs import KeyValue
from marigram.server.query import AttributeAnswer

HISTORY_TAG = "mlflow.log-model.history"
_REQUIRED = ("artifact_path", "flavors", "utc_time_created", "run_id")


def with_model(history: AttributeAnswer | None, model_json: str) -> KeyValue:
    """Return the tag with one more model.

    Raises:
        MlflowError: what was sent is no model.
    """
    try:
        model = cast("object", msgspec.json.decode(model_json))
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"Malformed model info. \n {model_json[:200]} \n failed to parse as JSON: {error}."
        raise invalid(message) from error
    names = cast("dict[str, object]", model) if isinstance(model, dict) else {}
    lacking = [name for name in _REQUIRED if name not in names]
    if lacking:
        message = f"Model json is missing mandatory fields: {', '.join(lacking)}."
        raise invalid(message)
    known = history.attribute.value if history is not None else None
    try:
        models = msgspec.json.decode(known if isinstance(known, str) else "[]", type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        models = []
    models.append(msgspec.Raw(model_json.encode("utf-8", "surrogatepass")))
    return KeyValue(key=HISTORY_TAG, value=msgspec.json.encode(models).decode())
