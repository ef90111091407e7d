"""Scenarios of metrics: their history, odd numbers, batches, other threads, and the machine's own."""

from __future__ import annotations

import math
import time
from typing import Any

import mlflow
from bench import Bench
from mlflow.entities import Metric

LARGEST = 1.7976931348623157e308
"""What MLflow makes of infinity."""

UNTIL_S = 60.0


def a_history_keeps_every_point_in_its_order(bench: Bench) -> dict[str, Any]:
    client = bench.client
    run = client.create_run(bench.experiment()).info.run_id
    for place in range(4):
        client.log_metric(run, "without/step", place / 4, timestamp=1_700_000_000_000 + place)
    client.log_metric(run, "without/step", 0.75, timestamp=1_700_000_000_003)
    for step in (5, 1, 3, -2):
        client.log_metric(run, "steps", float(step), timestamp=1_700_000_000_000, step=step)
    history = client.get_metric_history(run, "without/step")
    assert sorted((point.value, point.step, point.timestamp - 1_700_000_000_000) for point in history) == [
        (0.0, 0, 0),
        (0.25, 0, 1),
        (0.5, 0, 2),
        (0.75, 0, 3),
    ], "a point that comes again is not doubled"
    assert {(point.step, point.value) for point in client.get_metric_history(run, "steps")} == {
        (5, 5),
        (1, 1),
        (3, 3),
        (-2, -2),
    }
    found = client.get_run(run).data.metrics
    assert found == {"without/step": 0.75, "steps": 5.0}, "the last is the one of the highest step, then time"
    assert client.get_metric_history(run, "nothing") == []
    words = {"run_id": run, "key": "text", "value": "high", "timestamp": 1, "step": 0}
    answer = bench.ask("POST", "/api/2.0/mlflow/runs/log-metric", json=words)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    return {"run": run}


def odd_numbers_come_back(bench: Bench) -> dict[str, Any]:
    client = bench.client
    run = client.create_run(bench.experiment()).info.run_id
    for step, value in enumerate((math.inf, -math.inf, math.nan, 1e-300, -0.0)):
        client.log_metric(run, "odd", value, step=step)
    for name, value in (("up", math.inf), ("down", -math.inf), ("none", math.nan)):
        client.log_metric(run, name, value)
    values = [point.value for point in sorted(client.get_metric_history(run, "odd"), key=lambda point: point.step)]
    assert values[:2] == [LARGEST, -LARGEST]
    assert math.isnan(values[2])
    assert values[3:] == [1e-300, 0.0]
    last = client.get_run(run).data.metrics
    assert (last["up"], last["down"]) == (LARGEST, -LARGEST)
    assert math.isnan(last["none"])
    return {"run": run}


def batches_are_kept_whole(bench: Bench) -> dict[str, Any]:
    client = bench.client
    run = client.create_run(bench.experiment()).info.run_id
    for batch in range(3):
        steps = range(batch * 1000, batch * 1000 + 1000)
        client.log_batch(run, metrics=[Metric("long", step * 0.5, 1_700_000_000_000 + step, step) for step in steps])
    client.log_batch(run, metrics=[Metric(f"wide/{place:03}", place, 1, 0) for place in range(1000)])
    history = client.get_metric_history(run, "long")
    assert [(point.step, point.value) for point in history] == [(step, step * 0.5) for step in range(3000)]
    metrics = client.get_run(run).data.metrics
    assert len(metrics) == 1001
    assert metrics["wide/999"] == 999.0
    question: dict[str, Any] = {"run_id": run, "metric_key": "long", "max_results": 1000}
    sizes = []
    while True:
        page = bench.ask("GET", "/api/2.0/mlflow/metrics/get-history", params=question).json()
        sizes.append(len(page.get("metrics", ())))
        if not page.get("next_page_token"):
            break
        question["page_token"] = page["next_page_token"]
    assert sizes == [1000, 1000, 1000]
    return {"run": run}


def many_histories_are_read_at_once(bench: Bench) -> dict[str, Any]:
    client, experiment = bench.client, bench.experiment()
    runs = sorted(client.create_run(experiment).info.run_id for _ in range(2))
    for run in runs:
        client.log_batch(run, metrics=[Metric("loss", 1 / (step + 1), step, step) for step in range(500)])
    path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
    rows = bench.ask("GET", path, params={"run_id": runs, "metric_key": "loss"}).json()["metrics"]
    assert [(row["run_id"], row["step"]) for row in rows] == [(run, step) for run in runs for step in range(500)]
    assert (
        bench.ask("GET", path, params={"run_id": runs, "metric_key": "loss", "max_results": 7}).json()["metrics"]
        == rows[:7]
    )
    path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
    question = {"run_ids": runs, "metric_key": "loss", "max_results": 10}
    rows = bench.ask("GET", path, params=question).json()["metrics"]
    for run in runs:
        steps = [row["step"] for row in rows if row["run_id"] == run]
        assert steps == sorted(steps)
        assert steps[0] == 0
        assert steps[-1] == 499
        assert 8 <= len(steps) <= 14
    rows = bench.ask("GET", path, params={**question, "start_step": 10, "end_step": 14}).json()["metrics"]
    assert sorted({row["step"] for row in rows}) == [10, 11, 12, 13, 14]
    assert bench.ask("GET", path, params={**question, "start_step": 10}).status_code == 400
    assert bench.ask("GET", path, params={**question, "max_results": 0}).status_code == 400
    return {"runs": runs}


def logging_from_other_threads_arrives(bench: Bench) -> dict[str, Any]:
    experiment = mlflow.set_experiment(bench.called()).experiment_id
    with mlflow.start_run() as run:
        for step in range(300):
            mlflow.log_metric("loss", step / 10, step=step, synchronous=False)
        mlflow.log_params({"a": 1, "b": 2}, synchronous=False)
        mlflow.set_tags({"c": "3"}, synchronous=False)
        mlflow.log_metrics({"x": 1.0, "y": 2.0}, synchronous=False).wait()
        mlflow.flush_async_logging()
    run_id = run.info.run_id
    assert [point.step for point in bench.client.get_metric_history(run_id, "loss")] == list(range(300))
    found = mlflow.get_run(run_id)
    assert found.data.params == {"a": "1", "b": "2"}
    assert found.data.tags["c"] == "3"
    return {"run": run_id, "experiment": experiment}


def the_machine_is_watched(bench: Bench) -> dict[str, Any]:
    mlflow.set_experiment(bench.called())
    mlflow.set_system_metrics_sampling_interval(0.1)
    mlflow.set_system_metrics_samples_before_logging(1)
    mlflow.set_system_metrics_node_id("")
    mlflow.enable_system_metrics_logging()
    try:
        with mlflow.start_run() as run:
            end = time.monotonic() + UNTIL_S
            while "system/cpu_utilization_percentage" not in mlflow.get_run(run.info.run_id).data.metrics:
                assert time.monotonic() < end, "no measurement of the processor has come"
                time.sleep(0.05)
    finally:
        mlflow.disable_system_metrics_logging()
    metrics = mlflow.get_run(run.info.run_id).data.metrics
    assert all(name.startswith("system/") for name in metrics)
    history = bench.client.get_metric_history(run.info.run_id, "system/cpu_utilization_percentage")
    assert [point.step for point in history] == list(range(len(history)))
    return {"run": run.info.run_id, "points": len(history)}
