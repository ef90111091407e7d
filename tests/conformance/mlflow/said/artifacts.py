"""Scenarios of artifacts: everything that has a way to be logged, listed, fetched and deleted."""

from __future__ import annotations

import hashlib
import io
import os
import random
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib as mpl
import mlflow
import numpy as np
import pandas as pd
from bench import Bench
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from PIL import Image
from requests import HTTPError

mpl.use("agg")
LARGE = 40_000_000


def send_in_parts(client: Any, run: str, file: str) -> None:
    """Log a file to `parts`, in parts where the server takes some; begin another one, and give it up."""
    parts = {"MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true", "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "20000000"}
    with mock.patch.dict(os.environ, parts):
        client.log_artifact(run, file, "parts")
    repository = get_artifact_repository(client.get_run(run).info.artifact_uri)
    try:
        begun = repository.create_multipart_upload("given up.bin", 2, "parts")
    except HTTPError as error:
        assert error.response.status_code == 501  # noqa: PT017 - as MLflow's own server says where it keeps files
    else:
        repository.abort_multipart_upload("given up.bin", begun.upload_id, "parts")


def files_and_folders_are_logged_listed_and_fetched(bench: Bench) -> dict[str, Any]:
    client = bench.client
    run = client.create_run(bench.experiment()).info.run_id
    content = random.Random(1).randbytes(LARGE)
    client.log_artifact(run, bench.file("large.bin", content))
    client.log_artifact(run, bench.file("plain.txt", b"plain"), "a folder/deep")
    for name in ("x.txt", "ünï cödé & more+%.txt", "sub/empty"):
        bench.file(f"tree/{name}", name.encode() if "empty" not in name else b"")
    client.log_artifacts(run, str(bench.folder / "tree"), "tree")
    listed = {(item.path, item.is_dir, item.file_size) for item in client.list_artifacts(run)}
    assert listed == {("large.bin", False, LARGE), ("a folder", True, None), ("tree", True, None)}
    tree = {(item.path, item.is_dir, item.file_size) for item in client.list_artifacts(run, "tree")}
    odd = "ünï cödé & more+%.txt"
    assert tree == {("tree/x.txt", False, 5), (f"tree/{odd}", False, len(odd.encode())), ("tree/sub", True, None)}
    assert client.list_artifacts(run, "tree/x.txt") == [] or len(client.list_artifacts(run, "tree/x.txt")) == 1
    assert client.list_artifacts(run, "nothing") == []
    send_in_parts(client, run, bench.file("large.bin", content))
    for path in ("large.bin", "parts/large.bin"):
        fetched = Path(client.download_artifacts(run, path, str(bench.folder)))
        assert hashlib.sha256(fetched.read_bytes()).digest() == hashlib.sha256(content).digest()
    folder = Path(mlflow.artifacts.download_artifacts(run_id=run, artifact_path="tree"))
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == sorted(
        ["x.txt", odd, str(Path("sub", "empty"))]
    )
    assert (folder / odd).read_text() == odd
    assert (folder / "sub" / "empty").read_bytes() == b""
    client.log_artifact(run, bench.file("plain.txt", b"changed"), "a folder/deep")
    assert mlflow.artifacts.load_text(f"runs:/{run}/a folder/deep/plain.txt") == "changed"
    root = client.get_run(run).info.artifact_uri
    get_artifact_repository(root).delete_artifacts("tree/sub")
    assert {item.path for item in client.list_artifacts(run, "tree")} == {"tree/x.txt", f"tree/{odd}"}
    get_artifact_repository(root).delete_artifacts("tree/x.txt")
    assert {item.path for item in client.list_artifacts(run, "tree")} == {f"tree/{odd}"}
    answer = bench.ask("GET", "/api/2.0/mlflow/artifacts/list", params={"run_id": run, "path": "tree"})
    assert [(file["path"], file["is_dir"]) for file in answer.json()["files"]] == [(f"tree/{odd}", False)]
    assert answer.json()["root_uri"] == root
    return {"run": run, "sha256": hashlib.sha256(content).hexdigest(), "odd": odd}


def what_is_not_there_and_what_leads_outside_is_refused(bench: Bench) -> dict[str, Any]:
    client = bench.client
    run = client.create_run(bench.experiment()).info
    client.log_text(run.run_id, "inside", "inside.txt")
    root = run.artifact_uri.partition(":/")[2].lstrip("/")
    base = "/api/2.0/mlflow-artifacts/artifacts"
    assert bench.ask("GET", f"{base}/{root}/inside.txt").text == "inside"
    missing = bench.ask("GET", f"{base}/{root}/missing.txt")
    assert missing.status_code == 404, missing.text
    for path in ("..%2F..%2Fetc%2Fpasswd", "a/%2e%2e/%2e%2e/b", "%2Fetc%2Fpasswd"):
        answer = bench.ask("GET", f"{base}/{root}/{path}")
        assert answer.status_code in {400, 404}, (path, answer.status_code)
    for path in ("../..", "/etc", "a/../../b"):
        answer = bench.ask("GET", "/api/2.0/mlflow/artifacts/list", params={"run_id": run.run_id, "path": path})
        assert answer.status_code == 400, (path, answer.status_code, answer.text)
        assert "Invalid path" in answer.json()["message"]
    kept = bench.ask("GET", f"{base}/{root}/inside.txt").headers
    assert kept["X-Content-Type-Options"] == "nosniff"
    assert kept["Content-Type"].startswith("text/plain")
    assert "inside.txt" in kept["Content-Disposition"]
    try:
        client.download_artifacts(run.run_id, "missing.txt", str(bench.folder))
    except (MlflowException, OSError):
        return {"run": run.run_id}
    message = "A file that is not there was fetched."
    raise AssertionError(message)


def figures_tables_texts_and_images_are_logged(bench: Bench) -> dict[str, Any]:
    import matplotlib.pyplot as plt  # noqa: PLC0415 after the choice of what draws

    mlflow.set_experiment(bench.called())
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3])
    picture = np.zeros((8, 12, 3), dtype=np.uint8)
    picture[:, :, 0] = 255
    with mlflow.start_run() as run:
        mlflow.log_text("<b>bold</b>", "page.html")
        mlflow.log_dict({"a": [1, 2]}, "data/plain.json")
        mlflow.log_dict({"a": "ö"}, "data/plain.yml")
        mlflow.log_figure(figure, "figures/line.png")
        mlflow.log_image(picture, "pictures/red.png")
        mlflow.log_image(Image.fromarray(picture), key="dogs", step=3)
        mlflow.log_image(picture, key="dogs", step=4)
        mlflow.log_table({"question": ["a", "b"], "score": [0.5, 1.0]}, "tables/answers.json")
        mlflow.log_table(pd.DataFrame({"question": ["c"], "score": [0.25]}), "tables/answers.json")
        mlflow.flush_artifact_async_logging()
        if hasattr(mlflow, "log_stream"):
            mlflow.log_stream(io.BytesIO(b"streamed"), "from/stream.bin")
    plt.close(figure)
    run_id = run.info.run_id
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/data/plain.json") == {"a": [1, 2]}
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/page.html") == "<b>bold</b>"
    assert mlflow.artifacts.load_image(f"runs:/{run_id}/pictures/red.png").size == (12, 8)
    table = mlflow.load_table("tables/answers.json", run_ids=[run_id])
    assert list(table["question"]) == ["a", "b", "c"]
    assert list(table["score"]) == [0.5, 1.0, 0.25]
    tags = mlflow.get_run(run_id).data.tags
    assert "tables/answers.json" in tags["mlflow.loggedArtifacts"]
    pictures = [item.path for item in bench.client.list_artifacts(run_id, "images")]
    assert len([path for path in pictures if path.endswith(".png")]) == 2
    return {"run": run_id, "pictures": pictures}
