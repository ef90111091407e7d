"""Talking to a server as MLflow's clients do."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

from asking import Answer, ask

API = "/api/2.0/mlflow"
STORE = "/api/2.0/mlflow-artifacts/artifacts"


class Mlflow:
    """Calls endpoints; an answer that is an error is returned as it is."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, /, **message: Any) -> Any:
        """Return what an endpoint answers: a GET has its message in the address, all else in the body."""
        if method == "GET":
            return ask(self.url, f"{API}/{path}", **message).json()
        body = json.dumps(message).encode()
        headers = {"content-type": "application/json"}
        return ask(self.url, f"{API}/{path}", method=method, body=body, headers=headers).json()

    def code(self, method: str, path: str, /, **message: Any) -> str:
        """Return the code of the error that an endpoint answers."""
        return self.call(method, path, **message)["error_code"]

    def experiment(self, name: str) -> str:
        """Make an experiment and return its id."""
        return self.call("POST", "experiments/create", name=name)["experiment_id"]

    def run(self, experiment_id: str = "0") -> dict[str, Any]:
        """Begin a run and return its info."""
        message = {"experiment_id": experiment_id, "start_time": time.time_ns() // 1_000_000}
        return self.call("POST", "runs/create", **message)["run"]["info"]

    def put(self, uri: str, path: str, content: bytes) -> Answer:
        """Keep an artifact below an artifact URI."""
        return ask(self.url, stored(uri, path), method="PUT", body=content)

    def get(self, uri: str, path: str, **headers: str) -> Answer:
        """Fetch an artifact."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(self.url, stored(uri, path), headers=named)

    def parts(self, what: str, uri: str, **message: Any) -> Answer:
        """Begin, complete or abort an upload in parts to the folder of an artifact URI."""
        path = f"{STORE.removesuffix('artifacts')}mpu/{what}/{below_root(uri)}"
        headers = {"content-type": "application/json"}
        return ask(self.url, path, method="POST", body=json.dumps(message).encode(), headers=headers)

    def names(self, uri: str, path: str = "") -> dict[str, int | None]:
        """Return what is in a folder: names, and sizes of files."""
        found = ask(self.url, STORE, path=f"{below_root(uri)}/{path}".rstrip("/")).json()
        return {each["path"]: None if each["is_dir"] else each["file_size"] for each in found.get("files", [])}

    def logged_model(self, experiment_id: str, **message: Any) -> dict[str, Any]:
        """Make a logged model and return its info."""
        return self.call("POST", "logged-models", experiment_id=experiment_id, **message)["model"]["info"]


def below_root(uri: str) -> str:
    """Return an artifact URI as a path below the store's root."""
    return uri.removeprefix("mlflow-artifacts:").strip("/")


def stored(uri: str, path: str) -> str:
    """Return the address of an artifact."""
    return f"{STORE}/{quote(f'{below_root(uri)}/{path}')}"
