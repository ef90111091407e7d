"""The training that the demo logs: LightGBM learns to read handwritten digits, a data set that scikit-learn ships.

Everything goes through the public client, so this is also an example of how to use it.
"""

# scikit-learn says nothing of its types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingTypeStubs=false

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split

import marigram

PARAMETERS: dict[str, Any] = {
    "objective": "multiclass",
    "num_class": 10,
    "metric": ["multi_logloss", "multi_error"],
    "learning_rate": 0.03,
    "num_leaves": 6,
    "min_data_in_leaf": 10,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": 7,
    "num_threads": 2,
    "verbosity": -1,
}
IMAGES_EVERY = 25
"""Boosting rounds between two pictures of what the model gets wrong."""

_SHOWN = 24
_ENLARGED = 8

Record = Callable[[str, float, float], None]


def train(run: marigram.Run, *, rounds: int, record: Record) -> None:
    """Train for `rounds` rounds and log as it goes; `record(path, step, value)` is told of every float logged."""
    digits: Any = load_digits()
    parts: list[Any] = train_test_split(
        digits.data, digits.target, test_size=0.3, random_state=7, stratify=digits.target
    )
    train_x, test_x, train_y, test_y = parts
    run["parameters"] = {**PARAMETERS, "metric": ",".join(PARAMETERS["metric"]), "rounds": rounds}
    run["dataset"] = {"name": "scikit-learn digits", "train_rows": len(train_x), "test_rows": len(test_x)}
    run["environment"] = {"lightgbm": lightgbm.__version__, "machine": platform.machine()}
    print(f"Training on {len(train_x)} images of digits, testing on {len(test_x)}, {rounds} rounds.")

    def log(path: str, step: float, value: float) -> None:
        run[path].append(value, step=step)
        record(path, step, value)

    def on_round(round_: Any) -> None:  # noqa: ANN401 - LightGBM gives its callbacks no public type
        step = round_.iteration
        scores: list[str] = []
        for data, metric, value, _ in round_.evaluation_result_list:
            log(f"{data}/{metric}", step, value)
            scores.append(f"{data} {metric} {value:.4f}")
        if step % 10 == 0 or step == rounds - 1:
            print(f"round {step:4d}  {'  '.join(scores)}")
        if step % IMAGES_EVERY == 0 or step == rounds - 1:
            probabilities = np.asarray(round_.model.predict(test_x))
            predicted = probabilities.argmax(axis=1)
            wrong = np.flatnonzero(predicted != test_y)
            log("test/wrong", step, float(len(wrong)))
            picture = _contact_sheet(test_x, wrong if len(wrong) else np.arange(_SHOWN))
            run["test/mistakes"].append(
                marigram.File.as_image(picture), step=step, description=f"{len(wrong)} of {len(test_y)} wrong"
            )

    booster = lightgbm.train(
        PARAMETERS,
        lightgbm.Dataset(train_x, label=train_y),
        num_boost_round=rounds,
        valid_sets=[lightgbm.Dataset(train_x, label=train_y), lightgbm.Dataset(test_x, label=test_y)],
        valid_names=["train", "test"],
        callbacks=[on_round],
    )
    predicted = np.asarray(booster.predict(test_x)).argmax(axis=1)
    run["result/accuracy"] = float(accuracy_score(test_y, predicted))
    matrix = "\n".join(" ".join(f"{count:4d}" for count in row) for row in confusion_matrix(test_y, predicted))
    run["result/confusion_matrix"].upload(marigram.File.from_content(matrix, extension="txt"))
    run["model"].upload(marigram.File.from_content(booster.model_to_string(), extension="txt"))
    print(f"Accuracy on the test set: {accuracy_score(test_y, predicted):.4f}")


def _contact_sheet(images: Any, chosen: Any) -> Any:  # noqa: ANN401 - arrays; scikit-learn doesn't type them
    """Return up to 24 of the 8x8 pictures side by side, enlarged, as uint8 of shape (height, width)."""
    side, columns = 8, 8
    rows = _SHOWN // columns
    sheet = np.zeros((rows * (side + 1), columns * (side + 1)))
    for at, index in enumerate(chosen[:_SHOWN]):
        top, left = (at // columns) * (side + 1), (at % columns) * (side + 1)
        sheet[top : top + side, left : left + side] = np.asarray(images[index]).reshape(side, side) / 16.0
    return (np.kron(sheet, np.ones((_ENLARGED, _ENLARGED))) * 255).astype(np.uint8)
