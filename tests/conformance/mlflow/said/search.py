"""Scenarios of the search for runs: the whole grammar of filters, orders, pages and refusals."""

from __future__ import annotations

import math
from typing import Any

import mlflow
from bench import Bench, all_pages, refused
from mlflow.entities import Metric, Param, RunTag, ViewType

LETTERS = "abcdef"
SCORES = {"a": 0.5, "b": 1.5, "c": math.nan, "d": 2.5, "e": -1.0}
"""Run f has none."""


def _seed(bench: Bench) -> tuple[str, dict[str, str]]:
    client, experiment = bench.client, bench.experiment()
    runs: dict[str, str] = {}
    for place, letter in enumerate(LETTERS):
        start = 1_700_000_000_000 + place * 1000
        run = client.create_run(experiment, start_time=start, run_name=f"Run {letter}").info.run_id
        metrics = [Metric("score", SCORES[letter], start, 0)] if letter in SCORES else []
        params = [Param("lr", f"0.{place + 1}"), Param("model name", f"Net_{letter}")]
        tags = [RunTag("half", "first" if place < 3 else "second"), RunTag("with-dash", letter)]
        if letter in "ab":
            tags.append(RunTag("rare", "yes"))
            params.append(Param("rare", "100%"))
        client.log_batch(run, metrics=metrics, params=params, tags=tags)
        if letter != "f":
            client.set_terminated(run, "FAILED" if letter == "b" else "FINISHED", end_time=start + 500)
        runs[letter] = run
    return experiment, runs


def _finder(bench: Bench, experiment: str, runs: dict[str, str]) -> Any:
    letters = {run: letter for letter, run in runs.items()}

    def find(filter_string: str = "", order: list[str] | None = None, **arguments: Any) -> str:
        order = ["start_time ASC"] if order is None else order
        found = bench.client.search_runs([experiment], filter_string, order_by=order, **arguments)
        return "".join(letters[run.info.run_id] for run in found)

    return find


def runs_are_found_by_every_kind_of_filter(bench: Bench) -> dict[str, Any]:
    experiment, runs = _seed(bench)
    find = _finder(bench, experiment, runs)
    wanted = {
        "": "abcdef",
        "metrics.score > 0": "abd",
        "metrics.score >= 0.5 and metrics.score < 2.5": "ab",
        "metric.score <= -1": "e",
        "metrics.`score` = 1.5": "b",
        'metrics."score" != 1.5': "acde",
        "metrics.score < 1e3": "abde",
        "params.lr = '0.1'": "a",
        "param.lr != '0.1'": "bcdef",
        "parameters.`model name` LIKE 'Net_%'": "abcdef",
        "params.`model name` LIKE 'net_%'": "",
        "params.`model name` ILIKE 'net_%'": "abcdef",
        "params.`model name` LIKE '%_c'": "c",
        "params.rare LIKE '100%'": "ab",
        'params.rare = "100%"': "ab",
        "params.rare IS NULL": "cdef",
        "params.rare IS NOT NULL": "ab",
        "tags.half = 'first'": "abc",
        "tags.half != 'first'": "def",
        "tags.rare != 'no'": "ab",
        "tag.rare IS NULL AND tags.half = 'first'": "c",
        "tags.rare is not null": "ab",
        "tags.`with-dash` = 'd'": "d",
        "tags.\"with-dash\" LIKE '%'": "abcdef",
        "tags.mlflow.runName = 'Run a'": "a",
        "status = 'FAILED'": "b",
        "attributes.status != 'FINISHED'": "bf",
        "attribute.status = 'RUNNING'": "f",
        "run_name LIKE 'Run %'": "abcdef",
        "attributes.run_name ILIKE 'run B'": "b",
        "attr.`run name` = 'Run c'": "c",
        "run.start_time >= 1700000003000": "def",
        "created < 1700000001000": "a",
        "end_time > 1700000000500 AND end_time <= 1700000002500": "bc",
        f"run_id = '{runs['d']}'": "d",
        f"attributes.run_id IN ('{runs['d']}', '{runs['a']}')": "ad",
        f"run_id NOT IN ('{runs['d']}', '{runs['a']}')": "bcef",
        f"artifact_uri LIKE '%{runs['e']}%'": "e",
        "status = 'FINISHED' aNd metrics.score > 0 AnD tags.half='second'": "d",
    }
    wrong = {}
    for filter_string, letters in wanted.items():
        try:
            found = find(filter_string)
        except mlflow.exceptions.MlflowException as error:
            found = str(error)
        if found != letters:
            wrong[filter_string] = f"{found} instead of {letters}"
    assert wrong == {}
    client = bench.client
    client.delete_run(runs["c"])
    assert find("metrics.score > -10", run_view_type=ViewType.ACTIVE_ONLY) == "abde"
    assert find(run_view_type=ViewType.DELETED_ONLY) == "c"
    assert find(run_view_type=ViewType.ALL) == "abcdef"
    return {"runs": runs}


def runs_are_ordered_and_paged(bench: Bench) -> dict[str, Any]:
    experiment, runs = _seed(bench)
    find = _finder(bench, experiment, runs)
    orders = {
        "metrics.score ASC": "eabdcf",
        "metrics.score DESC": "dbaecf",
        "metrics.`score`": "eabdcf",
        "params.lr DESC": "fedcba",
        "params.rare": "ba" + "fedc",
        "tags.half DESC": "fedcba",
        "attributes.start_time": "abcdef",
        "start_time DESC": "fedcba",
        "end_time DESC": "edcba" + "f",
        "run_name desc": "fedcba",
    }
    wrong = {order: find(order=[order]) for order, letters in orders.items() if find(order=[order]) != letters}
    assert wrong == {}
    assert find(order=[]) == "fedcba", "the newest first"
    assert find(order=["tags.half", "metrics.score DESC"]) == "bacdef"
    pages = all_pages(bench.client.search_runs, experiment_ids=[experiment], max_results=4, order_by=["metrics.score"])
    letters = {run: letter for letter, run in runs.items()}
    assert ["".join(letters[run.info.run_id] for run in page) for page in pages] == ["eabd", "cf"]
    table = mlflow.search_runs([experiment], order_by=["start_time"])
    assert list(table["tags.mlflow.runName"]) == [f"Run {letter}" for letter in LETTERS]
    assert list(table["params.lr"]) == [f"0.{place + 1}" for place in range(6)]
    assert table["metrics.score"].isna().sum() == 2
    by_name = mlflow.search_runs(experiment_names=[bench.called()], output_format="list", max_results=2)
    assert len(by_name) == 2
    everywhere = mlflow.search_runs(
        search_all_experiments=True, filter_string=f"run_id = '{runs['a']}'", output_format="list"
    )
    assert [run.info.run_id for run in everywhere] == [runs["a"]]
    return {"experiment": experiment}


def what_is_no_filter_is_refused(bench: Bench) -> None:
    client, experiment = bench.client, bench.experiment()
    for bad in (
        "metrics.score > 'high'",
        "metrics.score LIKE '1'",
        "params.lr > '1'",
        "params.lr = 1",
        "tags.x = 5",
        "params.lr = '1' OR params.lr = '2'",
        "(params.lr = '1')",
        "status",
        "nothing.x = '1'",
        "attributes.nothing = '1'",
        "run_id > 'x'",
        "start_time = 'x'",
        "metrics.score >",
        "params.lr IN ('1')",
        "= '1'",
        "params.lr = 'unended",
        "metrics.score IS NULL",
    ):
        try:
            refused("INVALID_PARAMETER_VALUE", "", client.search_runs, [experiment], bad)
        except AssertionError as error:
            message = f"{bad}: {error}"
            raise AssertionError(message) from error
    for order in ("nothing.x", "metrics.score UP", "attributes.nothing", ""):
        refused("INVALID_PARAMETER_VALUE", "", client.search_runs, [experiment], order_by=[order])
    refused("INVALID_PARAMETER_VALUE", "", client.search_runs, [experiment], max_results=50_001)
    refused("INVALID_PARAMETER_VALUE", "", client.search_runs, [experiment], page_token="nonsense")
    assert client.search_runs(["987654321"]) == []
    assert client.search_runs([]) == []
