"""Two stories of users: a library logs by itself, more is logged beside it, and the model is loaded and predicts."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Any

import lightgbm as lgb
import matplotlib as mpl
import mlflow
import numpy as np
import pandas as pd
from bench import Bench
from sklearn.datasets import load_iris, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

mpl.use("agg")
ROUNDS = 12
LEARNING_RATE = 0.1


def lightgbm_logs_by_itself_and_its_model_is_loaded_also_in_spark(bench: Bench) -> dict[str, Any]:
    values, classes = make_classification(n_samples=400, n_features=5, random_state=1)
    names = [f"f{place}" for place in range(5)]
    x_train, x_test, y_train, y_test = train_test_split(pd.DataFrame(values, columns=names), classes, random_state=1)
    train = lgb.Dataset(x_train, label=y_train)
    mlflow.set_experiment(bench.called())
    mlflow.lightgbm.autolog(log_input_examples=True)
    params = {
        "objective": "binary",
        "metric": ["binary_logloss", "auc"],
        "learning_rate": LEARNING_RATE,
        "verbose": -1,
        "num_threads": 1,
        "seed": 1,
    }
    seen: dict[str, dict[str, list[float]]] = {}
    with mlflow.start_run(run_name="boosted") as run:
        validation = lgb.Dataset(x_test, label=y_test, reference=train)
        booster = lgb.train(
            params,
            train,
            ROUNDS,
            valid_sets=[validation],
            valid_names=["valid"],
            callbacks=[lgb.record_evaluation(seen)],
        )
    expected = booster.predict(x_test)
    mlflow.lightgbm.autolog(disable=True)
    uri = f"runs:/{run.info.run_id}/model"
    predicted = mlflow.pyfunc.load_model(uri).predict(x_test)
    assert np.allclose(predicted, expected)
    facts: dict[str, Any] = {
        "run": run.info.run_id,
        "rounds": ROUNDS,
        "logged": dict(seen["valid"]),
        "importance": {
            "split": booster.feature_importance("split").tolist(),
            "gain": booster.feature_importance("gain").tolist(),
        },
        "predicted": float(np.sum(predicted)),
    }
    if find_spec("pyspark"):
        facts["in spark"] = _in_spark(uri, x_test)
        assert np.isclose(facts["in spark"], facts["predicted"])
    return facts


def _in_spark(uri: str, table: pd.DataFrame) -> float:
    """Return the sum of what Spark predicts for the table."""
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession  # noqa: PLC0415 only one of the clients has it
    from pyspark.sql.functions import sum as total  # noqa: PLC0415 as above

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = (
        builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    )
    try:
        predict = mlflow.pyfunc.spark_udf(spark, uri, result_type="double", env_manager="local")
        frame = spark.createDataFrame(table.to_dict("records"))
        return float(frame.select(total(predict(*table.columns)).alias("sum")).collect()[0]["sum"])
    finally:
        spark.stop()


def scikit_learn_logs_by_itself_beside_figures_tables_and_dictionaries(bench: Bench) -> dict[str, Any]:
    import matplotlib.pyplot as plt  # noqa: PLC0415 after the choice of what draws

    table, classes = load_iris(as_frame=True, return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(table, classes, random_state=1)
    mlflow.set_experiment(bench.called())
    mlflow.sklearn.autolog()
    with mlflow.start_run(run_name="forest") as run:
        forest = RandomForestClassifier(n_estimators=8, max_depth=3, random_state=1).fit(x_train, y_train)
        score = forest.score(x_test, y_test)
        figure, axes = plt.subplots()
        axes.bar(range(4), forest.feature_importances_)
        mlflow.log_figure(figure, "figures/importance.png")
        mlflow.log_table(pd.DataFrame({"true": y_test, "predicted": forest.predict(x_test)}), "tables/predictions.json")
        mlflow.log_dict({"classes": ["setosa", "versicolor", "virginica"]}, "classes.json")
    mlflow.sklearn.autolog(disable=True)
    loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    assert np.array_equal(loaded.predict(x_test), forest.predict(x_test))
    kept = mlflow.load_table("tables/predictions.json", run_ids=[run.info.run_id])
    assert list(kept["true"]) == list(y_test)
    data = mlflow.get_run(run.info.run_id).data
    return {
        "run": run.info.run_id,
        "score": float(score),
        "rows": len(y_test),
        "metrics": data.metrics,
        "params": data.params,
    }
