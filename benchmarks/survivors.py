"""What a killed process has left of its scalars, read with each tracker's own Python and from its own files.

    python survivors.py TRACKER FOLDER

Prints one line of JSON: the values of the series `loss` that are in FOLDER. `peers.py` runs this after a SIGKILL.
"""

# ruff: noqa: PLC0415 each tracker is imported only where it is installed

from __future__ import annotations

import json
import os
import sqlite3
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_WANDB_HEADER_BYTES, _WANDB_BLOCK_BYTES = 7, 1 << 15
_WANDB_WHOLE, _WANDB_LAST = 1, 4


def marigram(folder: Path) -> list[float]:
    """Read the queue as the syncer does."""
    from marigram.client.backlog import Backlog
    from marigram.client.card import load_card

    found: list[float] = []
    for card_file in folder.glob("queue/*/*/writer.json"):
        card = load_card(card_file.parent)
        if card is None:
            continue
        backlog = Backlog(directory=card_file.parent, run_id=card.run_id, writer=card.writer)
        while (batch := backlog.next_batch()) is not None:
            for operation in batch.operations:
                if getattr(operation, "path", None) == "loss":
                    found += getattr(operation, "points").values  # noqa: B009 an Append, the only one there
    return found


def neptune(folder: Path) -> list[float]:
    """Read the operations of its queue on the disk, JSON after JSON; `neptune sync` reads the same files."""
    found: list[float] = []
    decoder = json.JSONDecoder()
    for file in folder.glob(".neptune/**/data-*.log"):
        text = file.read_text()
        at = 0
        while at < len(text):
            try:
                entry, at = decoder.raw_decode(text, at)
            except json.JSONDecodeError:
                break  # cut off in the middle
            while at < len(text) and text[at].isspace():
                at += 1
            operation = entry["obj"]
            if operation.get("path") == ["loss"] and operation["type"] == "LogFloats":
                found += [value["value"] for value in operation["values"]]
    return found


def _wandb_records(data: bytes) -> Iterator[bytes]:
    """Yield the records of a .wandb file: pieces with a header of checksum, length and type, in blocks of 32 KiB."""
    at, record = _WANDB_HEADER_BYTES, b""
    while True:
        left = _WANDB_BLOCK_BYTES - at % _WANDB_BLOCK_BYTES
        if left < _WANDB_HEADER_BYTES:
            at += left
        if at + _WANDB_HEADER_BYTES > len(data):
            return
        _, length, kind = struct.unpack_from("<IHB", data, at)
        piece = data[at + _WANDB_HEADER_BYTES : at + _WANDB_HEADER_BYTES + length]
        if kind == 0 or len(piece) < length:
            return
        at += _WANDB_HEADER_BYTES + length
        record += piece
        if kind in {_WANDB_WHOLE, _WANDB_LAST}:
            yield record
            record = b""


def wandb(folder: Path) -> list[float]:
    """Read the transaction log of the offline run; `wandb sync` reads the same file."""
    from wandb.proto import wandb_internal_pb2

    found: list[float] = []
    for file in folder.glob("**/run-*.wandb"):
        for data in _wandb_records(file.read_bytes()):
            record: Any = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            items = record.history.item
            found += [float(item.value_json) for item in items if "loss" in {item.key, *item.nested_key}]
    return found


def mlflow(folder: Path) -> list[float]:
    """Ask its client."""
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{folder}/mlflow.db")
    runs = client.search_runs([experiment.experiment_id for experiment in client.search_experiments()])
    return [metric.value for run in runs for metric in client.get_metric_history(run.info.run_id, "loss")]


def trackio(folder: Path) -> list[float]:
    """Read its database."""
    found: list[float] = []
    for file in folder.glob("*.db"):
        with sqlite3.connect(file) as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'metrics'").fetchone():
                rows = database.execute("SELECT metrics FROM metrics").fetchall()
                found += [metrics["loss"] for metrics in (json.loads(row[0]) for row in rows) if "loss" in metrics]
    return found


def tensorboardx(folder: Path) -> list[float]:
    """Read its event file: length, checksum, event, checksum."""
    from tensorboardX.proto import event_pb2

    found: list[float] = []
    for file in folder.glob("**/events.out.*"):
        data = file.read_bytes()
        at = 0
        while at + 12 <= len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            piece = data[at + 12 : at + 12 + length]
            if len(piece) < length:
                break
            event: Any = event_pb2.Event()
            event.ParseFromString(piece)
            found += [value.simple_value for value in event.summary.value if value.tag == "loss"]
            at += 16 + length
    return found


READERS: dict[str, Callable[[Path], list[float]]] = {
    "marigram": marigram,
    "neptune": neptune,
    "wandb": wandb,
    "mlflow": mlflow,
    "trackio": trackio,
    "tensorboardX": tensorboardx,
}


def main(name: str, folder: str) -> None:
    """Read and print."""
    os.environ["TRACKIO_DIR"] = folder
    found = READERS[name](Path(folder))
    print(json.dumps({"found": found}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
