"""Scenarios that talk to other servers: one behind a connection that loses answers, one that asks for a token.

Their addresses are in the environment; where there are none, nothing is said.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import mlflow
from bench import Bench, refused
from mlflow.entities import Metric

LOSSY_URL, GUARDED_URL, TOKEN = "LOSSY_URL", "GUARDED_URL", "GUARDED_TOKEN"
CREDENTIALS = ("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")


@contextmanager
def _at(url: str, **credentials: str) -> Generator[None]:
    before = os.environ["MLFLOW_TRACKING_URI"]
    mlflow.set_tracking_uri(url)
    os.environ.update(credentials)
    try:
        yield
    finally:
        for name in CREDENTIALS:
            os.environ.pop(name, None)
        mlflow.set_tracking_uri(before)


def what_is_sent_again_is_there_once(bench: Bench) -> dict[str, Any]:
    if LOSSY_URL not in os.environ:
        return {}
    with _at(os.environ[LOSSY_URL]):
        return _log_by_every_way(bench)


def _log_by_every_way(bench: Bench) -> dict[str, Any]:
    client = bench.client
    mlflow.set_experiment(bench.called())
    now = int(time.time() * 1000)
    with mlflow.start_run() as run:
        run_id = run.info.run_id
        for step in range(40):
            mlflow.log_metric("rising", step * 0.5, step=step)
            client.log_metric(run_id, "without step", step, timestamp=now + step)
        for first in range(0, 2000, 100):
            steps = range(first, first + 100)
            client.log_batch(run_id, metrics=[Metric("batched", step * 2.0, now + step, step) for step in steps])
        same = [Metric("same in one batch", value, now, 7) for value in (1.0, 2.0, 1.0)]
        for _ in range(4):
            client.log_batch(run_id, metrics=same)
        for place in range(20):
            mlflow.log_param(f"p{place}", place)
            mlflow.set_tag(f"t{place}", place)
        for place in range(5):
            mlflow.log_text(f"file {place}", f"{place}.txt")
    assert len(client.get_metric_history(run_id, "without step")) == 40
    assert len(client.get_metric_history(run_id, "batched")) == 2000
    return {"run": run_id}


def a_token_opens_a_server_that_asks_for_one(bench: Bench) -> dict[str, Any]:
    if GUARDED_URL not in os.environ:
        return {}
    url, token = os.environ[GUARDED_URL], os.environ[TOKEN]
    with _at(url):
        refused("UNAUTHENTICATED", "token", bench.client.search_experiments)
    with _at(url, MLFLOW_TRACKING_TOKEN="wrong"):
        refused("UNAUTHENTICATED", "token", bench.client.search_experiments)
    with _at(url, MLFLOW_TRACKING_TOKEN=token):
        mlflow.set_experiment(bench.called())
        with mlflow.start_run() as run:
            mlflow.log_metric("by token", 1.0)
            mlflow.log_text("secret", "secret.txt")
    with _at(url, MLFLOW_TRACKING_USERNAME="anybody", MLFLOW_TRACKING_PASSWORD=token):
        bench.client.log_metric(run.info.run_id, "by password", 2.0)
        assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/secret.txt") == "secret"
        assert mlflow.get_run(run.info.run_id).data.metrics == {"by token": 1.0, "by password": 2.0}
    return {"run": run.info.run_id}
