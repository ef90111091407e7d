"""What the recorded client was made to say; `tools/record_mlflow.py` runs this where the client is installed."""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

from __future__ import annotations

import math

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

TIME = 1_700_000_000_000


def main() -> None:
    """Call each tracking call of the client that has a request of its own."""
    client = MlflowClient()
    home = client.create_experiment("recorded / one", tags={"team": "cats"})
    mlflow.set_experiment("recorded / one")
    client.set_experiment_tag(home, "stage", "trial")
    run_id = client.create_run(home, start_time=TIME, tags={"kind": "test"}, run_name="first").info.run_id
    client.log_param(run_id, "lr", 0.1)
    client.log_metric(run_id, "loss", 0.5, timestamp=TIME, step=0)
    client.log_metric(run_id, "loss", 0.25, timestamp=TIME + 1)
    client.log_batch(
        run_id,
        metrics=[
            Metric("loss", 0.125, TIME + 2, 1),
            Metric("odd/one", math.nan, TIME, -3),
            Metric("system/cpu_utilization_percentage", 12.5, TIME, 0),
        ],
        params=[Param("depth", "6")],
        tags=[RunTag("mlflow.note.content", "Soft *ears*.")],
    )
    client.set_tag(run_id, "kind", "real")
    client.set_tag(run_id, "gone", "x")
    client.delete_tag(run_id, "gone")
    for attempt in (lambda: client.log_param(run_id, "lr", 0.2), lambda: client.get_run("0" * 32)):
        try:
            attempt()
        except MlflowException:
            continue
    client.set_terminated(run_id, "FINISHED", end_time=TIME + 60_000)
    client.get_run(run_id)
    client.get_metric_history(run_id, "loss")
    client.search_runs([home], "metrics.loss < 0.2 AND params.lr = '0.1'", order_by=["metrics.loss DESC"])
    client.search_runs([home], run_view_type=ViewType.ALL, max_results=1)
    client.search_experiments(filter_string="tags.team = 'cats'")
    client.rename_experiment(home, "recorded / two")
    client.get_experiment_by_name("recorded / two")
    client.delete_run(run_id)
    client.restore_run(run_id)
    client.delete_experiment(home)
    client.restore_experiment(home)


if __name__ == "__main__":
    main()
