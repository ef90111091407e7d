"""What MLflow names has one place here, and its name comes back; so do steps."""

from __future__ import annotations

import math

import pytest

from marigram.server.protocols.mlflow.places import (
    metric_key,
    metric_path,
    native_path,
    param_key,
    param_path,
    tag_key,
    tag_path,
)
from marigram.server.protocols.mlflow.steps import MOST_STEP, PLACES, age_of, last_place, nth_of, place_of, step_of


@pytest.mark.parametrize("step", [0, 1, -1, 7, -1000, MOST_STEP - 1, -(MOST_STEP - 1)])
def test_each_value_of_a_step_has_a_place_of_its_own_and_rounding_down_gives_the_step(step: int) -> None:
    counts = [0, 1, 2, 1000, PLACES - 1]
    found = [place_of(step, nth) for nth in counts]
    assert found == sorted(set(found))
    assert [step_of(place) for place in found] == [step] * len(counts)
    assert [nth_of(place) for place in found] == counts
    assert last_place(step) < place_of(step + 1, 0)


def test_what_is_too_much_or_too_far_has_the_last_place_of_its_step() -> None:
    assert place_of(3, PLACES + 5) == last_place(3)
    assert place_of(2**40, 9) == 2.0**40
    assert (step_of(2.0**40), nth_of(2.0**40)) == (2**40, 0)


def test_values_of_a_step_are_ordered_by_time_then_value_and_nan_comes_last() -> None:
    ages = [age_of(1, 5.0), age_of(2, -math.inf), age_of(2, 1.0), age_of(2, math.inf), age_of(2, math.nan)]
    assert ages == sorted(ages)
    assert age_of(2, math.nan) == age_of(2, math.nan)


@pytest.mark.parametrize("key", ["loss", "val/loss", "a b.c-d:e", "monitoring/x", "metrics/x", "system", "sys/x"])
def test_a_key_of_a_metric_or_a_parameter_comes_back(key: str) -> None:
    assert metric_path(key) == f"metrics/{key}"
    assert metric_key(metric_path(key)) == key
    assert param_key(param_path(key)) == key
    assert tag_key(tag_path(key)) == key


def test_system_metrics_are_monitoring() -> None:
    assert metric_path("system/cpu_utilization") == "monitoring/cpu_utilization"
    assert metric_key("monitoring/cpu_utilization") == "system/cpu_utilization"


def test_a_runs_name_and_notes_are_its_own() -> None:
    assert tag_path("mlflow.runName") == "sys/name"
    assert tag_path("mlflow.note.content") == "sys/description"
    assert (tag_key("sys/name"), tag_key("sys/description")) == ("mlflow.runName", "mlflow.note.content")
    assert tag_key("sys/tags") is None


def test_what_a_native_client_logged_is_shown_under_its_own_path_unless_it_is_the_runs_own() -> None:
    assert (metric_key("train/loss"), native_path("train/loss")) == ("train/loss", "train/loss")
    assert param_key("model/depth") == "model/depth"
    assert [param_key(path) for path in ("sys/id", "monitoring/x", "inputs/datasets/a/name", "tags/x")] == [None] * 4
    assert native_path("sys/id") is None
