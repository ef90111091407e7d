"""What the client has: its public names, for the table of calls to be held against, and what no server answers."""

from __future__ import annotations

from typing import Any

import mlflow
from bench import Bench, refused, since


def the_names_of_the_client(bench: Bench) -> dict[str, Any]:
    del bench
    return {
        "version": mlflow.__version__,
        "client": [name for name in dir(mlflow.MlflowClient) if not name.startswith("_")],
        "fluent": sorted(set(mlflow.__all__)),
    }


def what_nobody_knows_is_refused_in_words(bench: Bench) -> None:
    for method, path in (("GET", "nothing/here"), ("POST", "runs/vanish"), ("DELETE", "experiments/create")):
        answer = bench.ask(method, f"/api/2.0/mlflow/{path}", **({"json": {}} if method == "POST" else {}))
        assert answer.status_code in {404, 405}, answer.status_code


@since(3)
def what_is_not_spoken_is_refused_in_words(bench: Bench) -> None:
    client = bench.client
    for call, *arguments in (
        (client.list_webhooks,),
        (client.search_datasets, []),
        (client.get_trace, "tr-1"),
        (client.search_mcp_servers,),
    ):
        refused("ENDPOINT_NOT_FOUND", "", call, *arguments)


def a_traced_function_runs(bench: Bench) -> None:
    def double(number: int) -> int:
        return 2 * number

    mlflow.set_experiment(bench.called())
    assert mlflow.trace(double)(21) == 42
    mlflow.flush_trace_async_logging()
