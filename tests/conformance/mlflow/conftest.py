"""One server that both clients have talked to, all their scenarios, before its tests look at what was said."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.mlflow.talking import Client, Told
from http_proxy import Exchange, HttpProxy
from running_server import RunningServer

CLIENTS = ("mlflow-3", "mlflow-2")
WRITES = ("log-metric", "log-batch", "log-parameter", "set-tag", "runs/update", ".txt")


@dataclass(frozen=True)
class Conversation:
    """What both clients said to one server.

    Attributes:
        told: by client and scenario.
        exchanges: every request of both.
        lossy: by client, every request that went to it over the connection that loses answers.
    """

    server: RunningServer
    told: dict[str, dict[str, Told]]
    exchanges: list[Exchange]
    lossy: dict[str, list[Exchange]]


@pytest.fixture(scope="session")
def mlflow_clients(foreign_pythons: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Client]:
    """Both clients, by name."""
    folder = tmp_path_factory.mktemp("mlflow")
    return {name: Client(name, foreign_pythons[name], folder) for name in CLIENTS}


@pytest.fixture(scope="session")
def conversation(mlflow_clients: dict[str, Client], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    """The conversation; the server is still there."""
    folder = tmp_path_factory.mktemp("mlflow_server")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARIGRAM_")}
    environment = {**kept, "MARIGRAM_HOME": str(folder / "home")}
    server = RunningServer(folder / "data", folder / "server.log", environment=environment)
    guarded = RunningServer(folder / "guarded", folder / "guarded.log", environment=environment)
    create = [sys.executable, "-m", "marigram.cli", "token", "create", "--data", str(guarded.data)]
    made = subprocess.run(create, env=environment, capture_output=True, text=True, check=True)
    token = made.stdout.strip().splitlines()[-1]
    with ExitStack() as stack:
        for each in (server, guarded):
            each.start()
            stack.callback(each.stop)
        proxy = stack.enter_context(HttpProxy(server.port))
        lossy = {
            name: stack.enter_context(HttpProxy(server.port, loses=_half_of_what(WRITES, random.Random(5))))
            for name in CLIENTS
        }
        elsewhere = {"GUARDED_URL": guarded.url, "GUARDED_TOKEN": token}
        with ThreadPoolExecutor(len(CLIENTS)) as pool:
            talks = {
                name: pool.submit(client.talk, proxy.url, label=name, LOSSY_URL=lossy[name].url, **elsewhere)
                for name, client in mlflow_clients.items()
            }
            told = {name: talk.result() for name, talk in talks.items()}
        yield Conversation(server, told, proxy.exchanges, {name: each.exchanges for name, each in lossy.items()})


def _half_of_what(endings: tuple[str, ...], chance: random.Random) -> Callable[[str, str], bool]:
    """Lose half of the answers to what writes, but never two in a row of one path: clients give up after a few."""
    lost_before: set[str] = set()

    def loses(method: str, target: str) -> bool:
        path = target.partition("?")[0]
        if method == "GET" or not path.endswith(endings) or path in lost_before or chance.random() < 0.5:
            lost_before.discard(path)
            return False
        lost_before.add(path)
        return True

    return loses
