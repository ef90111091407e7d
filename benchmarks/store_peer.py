"""What one tracker's store does with the same data, in a process of its own. `performance.py` runs this file.

    python store_peer.py TRACKER FOLDER SIZES

SIZES is JSON: tall (points of one series), wide (series), deep (points of each of those), runs, parameters, metrics,
repeats. For Marigram, MARIGRAM_URL names a server that keeps its data below FOLDER. Prints one line of JSON with
seconds and bytes; null where the tracker has no such question.
"""

# ruff: noqa: PLC0415 each tracker is imported only where it is installed

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

POINTS_SHOWN = 1000
BATCH = 1000
PAGE = 50


def loss_at(step: int, chance: random.Random) -> float:
    """Return a loss as a training computes it: a 32-bit float with noise."""
    value = 2.0 / (1 + step / 3000) + chance.gauss(0, 0.02)
    return struct.unpack("f", struct.pack("f", value))[0]


class Tracker(ABC):
    """One tracker's own calls, as its documentation has them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def write_series(self, series: dict[str, list[float]]) -> str:
        """Log one run with these series, steps from 0, and return once all is stored; the result names the run."""

    @abstractmethod
    def read_chart(self, run: str, name: str) -> int:
        """Return how many points the tracker's own chart would be given of a series."""

    def write_run(self, parameters: dict[str, float], metrics: dict[str, float]) -> None:
        """Log one run with parameters and one value of each metric."""
        raise NotImplementedError

    def settle(self) -> None:
        """Do what the tracker does by itself in time before it can be asked; not timed."""
        return

    def read_table(self, parameter: str, above: float, metric: str) -> int | None:  # noqa: ARG002 most have one
        """Return how many of the first `PAGE` runs with `parameter` > `above` are found, sorted by `metric`."""
        return None


class Marigram(Tracker):
    """Series through the client and its syncer; runs of the table, which are not timed, straight to the server."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        os.environ["MARIGRAM_HOME"] = str(folder / "home")
        self.url = os.environ["MARIGRAM_URL"]

    def write_series(self, series: dict[str, list[float]]) -> str:
        """Log one run with these series."""
        import marigram

        run = marigram.init_run(
            project="lab/peers",
            capture_hardware_metrics=False,
            capture_stdout=False,
            capture_stderr=False,
            git_ref=False,
            source_files=[],
        )
        for step in range(max(map(len, series.values()))):
            run["train"].append({name: values[step] for name, values in series.items()}, step=step)
        run.wait(timeout_s=600)
        run.stop()
        return run.id

    def read_chart(self, run: str, name: str) -> int:
        """Count the points of a chart."""
        question = {"run": run, "path": f"train/{name}", "max_buckets": POINTS_SHOWN}
        body = self._get("/series/buckets", question, accept="application/vnd.marigram.columns")
        (length,) = struct.unpack_from("<I", body)
        return json.loads(body[4 : 4 + length])["series"][0]["rows"]

    def write_run(self, parameters: dict[str, float], metrics: dict[str, float]) -> None:
        """Log one run of the table."""
        import uuid

        from marigram.model import Append, Batch, CreateRun, FloatPoints, Operation, ProjectName, SetValue
        from marigram.model import Path as Name
        from marigram.wire import encode_batch

        operations: list[Operation] = [CreateRun(project=ProjectName("lab/table"), created_at=int(time.time() * 1000))]
        operations += [SetValue(path=Name(f"params/{name}"), value=value) for name, value in parameters.items()]
        operations += [
            Append(path=Name(f"metrics/{name}"), points=FloatPoints(steps=[0.0], times=[0], values=[value]))
            for name, value in metrics.items()
        ]
        batch = Batch(
            run_id=uuid.uuid4().hex, writer="w", first_seq=1, last_seq=len(operations), operations=tuple(operations)
        )
        self._post("/api/native/v1/batches", encode_batch(batch))

    def read_table(self, parameter: str, above: float, metric: str) -> int | None:
        """Ask for a page of the table."""
        question = {
            "query": f"`params/{parameter}`:float > {above!r}",
            "sort": f"metrics/{metric}",
            "limit": PAGE,
            "column": [f"params/{parameter}", f"metrics/{metric}"],
        }
        return len(json.loads(self._get("/projects/lab/table/runs", question))["rows"])

    def _get(self, path: str, question: dict[str, Any], accept: str = "application/json") -> bytes:
        import urllib.parse
        import urllib.request

        address = f"{self.url}/api/v1{path}?{urllib.parse.urlencode(question, doseq=True)}"
        request = urllib.request.Request(address, headers={"accept": accept})
        with urllib.request.urlopen(request, timeout=600) as answer:
            return answer.read()

    def _post(self, path: str, body: bytes) -> None:
        import urllib.request

        headers = {"content-type": "application/vnd.marigram.batch"}
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=600) as answer:
            answer.read()


class MLflow(Tracker):
    """Its SQLite store in this process, which is kinder than its server would be; batches as large as it takes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import mlflow
        from mlflow import MlflowClient

        self.uri = f"sqlite:///{folder}/mlflow.db"
        mlflow.set_tracking_uri(self.uri)
        self.client = MlflowClient()
        self.experiment = self.client.create_experiment("peers", artifact_location=str(folder / "artifacts"))
        self.table = self.client.create_experiment("table", artifact_location=str(folder / "artifacts"))

    def write_series(self, series: dict[str, list[float]]) -> str:
        """Log one run with these series."""
        from mlflow.entities import Metric

        run = self.client.create_run(self.experiment).info.run_id
        now = int(time.time() * 1000)
        metrics = [
            Metric(name, value, now, step) for name, values in series.items() for step, value in enumerate(values)
        ]
        for start in range(0, len(metrics), BATCH):
            self.client.log_batch(run, metrics=metrics[start : start + BATCH])
        self.client.set_terminated(run)
        return run

    def read_chart(self, run: str, name: str) -> int:
        """Count the points of a chart."""
        from mlflow.tracking._tracking_service.utils import _get_store

        return len(_get_store(self.uri).get_metric_history_bulk_interval([run], name, POINTS_SHOWN, None, None))

    def write_run(self, parameters: dict[str, float], metrics: dict[str, float]) -> None:
        """Log one run of the table."""
        from mlflow.entities import Metric, Param

        run = self.client.create_run(self.table).info.run_id
        # Its parameters are texts, so the one that is asked for by number is a metric too.
        numbers = [Metric(name, value, 0, 0) for name, value in {**metrics, **parameters}.items()]
        self.client.log_batch(
            run, metrics=numbers, params=[Param(name, str(value)) for name, value in parameters.items()]
        )
        self.client.set_terminated(run)

    def read_table(self, parameter: str, above: float, metric: str) -> int | None:
        """Ask for a page of the table."""
        found = self.client.search_runs(
            [self.table],
            filter_string=f"metrics.{parameter} > {above!r}",
            order_by=[f"metrics.{metric} ASC"],
            max_results=PAGE,
        )
        return len(found)


class Aim(Tracker):
    """Its repository in this process; `track` for each point."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from aim import Repo

        self.repo = Repo.from_path(str(folder), init=True)

    def _run(self, experiment: str) -> Any:  # noqa: ANN401 its package has no types
        from aim import Run

        return Run(
            repo=str(self.folder),
            experiment=experiment,
            system_tracking_interval=None,
            capture_terminal_logs=False,
            log_system_params=False,
        )

    def write_series(self, series: dict[str, list[float]]) -> str:
        """Log one run with these series."""
        run = self._run("peers")
        for step in range(max(map(len, series.values()))):
            run.track({name: values[step] for name, values in series.items()}, step=step)
        run.close()
        return run.hash

    def read_chart(self, run: str, name: str) -> int:
        """Count the points of a chart."""
        from aim.storage.context import Context

        metric = self.repo.get_run(run).get_metric(name, Context({}))
        return len(metric.data.sample(POINTS_SHOWN).numpy()[0])

    def settle(self) -> None:
        """Index what is finished."""
        from aim import Repo

        # Its server indexes finished runs in the background; this is the command for that.
        command = [str(Path(sys.executable).parent / "aim"), "storage", "--repo", str(self.folder), "reindex"]
        subprocess.run(command, input=b"y\n", check=True, capture_output=True)
        self.repo = Repo(str(self.folder))

    def write_run(self, parameters: dict[str, float], metrics: dict[str, float]) -> None:
        """Log one run of the table."""
        run = self._run("table")
        run["params"] = parameters
        for name, value in metrics.items():
            run.track(value, name=name, step=0)
        run.close()

    def read_table(self, parameter: str, above: float, metric: str) -> int | None:
        """Ask for a page of the table."""
        from aim.sdk.types import QueryReportMode
        from aim.storage.context import Context

        query = f"run.experiment == 'table' and run.params.{parameter} > {above!r}"
        rows: list[tuple[float, str]] = []
        for found in self.repo.query_runs(query, report_mode=QueryReportMode.DISABLED).iter_runs():
            last = found.run.get_metric(metric, Context({})).values.last_value()
            rows.append((last, found.run.hash))
        return len(sorted(rows)[:PAGE])


class Trackio(Tracker):
    """Its local store; it has no search over runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        os.environ["TRACKIO_DIR"] = str(folder)

    def write_series(self, series: dict[str, list[float]]) -> str:
        """Log one run with these series."""
        import trackio

        name = "deep" if len(series) == 1 else "wide"
        trackio.init(project="peers", name=name, embed=False, auto_log_gpu=False, auto_log_cpu=False)
        for step in range(max(map(len, series.values()))):
            trackio.log({key: values[step] for key, values in series.items()}, step=step)
        trackio.finish()
        return name

    def read_chart(self, run: str, name: str) -> int:
        """Count the points of a chart."""
        from trackio.sqlite_storage import SQLiteStorage

        return sum(name in row for row in SQLiteStorage.get_logs("peers", run, max_points=POINTS_SHOWN))


class TensorBoard(Tracker):
    """An event file, read by TensorBoard's own loader; it has no search over runs."""

    def write_series(self, series: dict[str, list[float]]) -> str:
        """Log one run with these series."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        folder = self.folder / f"run-{len(series)}"
        writer = EventFileWriter(str(folder))
        for name, values in series.items():
            for step, value in enumerate(values):
                summary = Summary(value=[Summary.Value(tag=name, simple_value=value)])
                writer.add_event(Event(wall_time=time.time(), step=step, summary=summary))
        writer.close()
        return str(folder)

    def read_chart(self, run: str, name: str) -> int:
        """Count the points of a chart."""
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        events = EventAccumulator(run, size_guidance={"scalars": POINTS_SHOWN})
        events.Reload()
        return len(events.Scalars(name))


TRACKERS: dict[str, Callable[[Path], Tracker]] = {
    "marigram": Marigram,
    "mlflow": MLflow,
    "aim": Aim,
    "trackio": Trackio,
    "tensorboard": TensorBoard,
}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that the work takes, and its result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def best(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the least seconds of some repetitions: warm, and least disturbed."""
    times = [timed(work) for _ in range(repeats)]
    return min(seconds for seconds, _ in times), times[-1][1]


def bytes_below(folder: Path) -> int:
    """Return how many bytes the files below a folder have."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(name: str, folder: Path, sizes: dict[str, int]) -> None:
    """Measure one tracker and print what was found."""
    chance = random.Random(7)
    tracker = TRACKERS[name](folder)
    before = bytes_below(folder)
    tall = {"loss": [loss_at(step, chance) for step in range(sizes["tall"])]}
    wide = {f"metric_{at}": [loss_at(step, chance) for step in range(sizes["deep"])] for at in range(sizes["wide"])}
    tall_s, tall_run = timed(lambda: tracker.write_series(tall))
    tall_bytes = bytes_below(folder) - before
    wide_s, _ = timed(lambda: tracker.write_series(wide))
    tracker.settle()
    chart_s, shown = best(lambda: tracker.read_chart(tall_run, "loss"), sizes["repeats"])
    table_s: float | None = None
    rows: int | None = None
    if type(tracker).read_table is not Tracker.read_table:
        for _ in range(sizes["runs"]):
            parameters = {f"p{at}": chance.random() for at in range(sizes["parameters"])}
            tracker.write_run(parameters, {f"m{at}": chance.random() for at in range(sizes["metrics"])})
        tracker.settle()
        table_s, rows = best(lambda: tracker.read_table("p3", 0.5, "m1"), sizes["repeats"])
    found = {
        "tall_s": tall_s,
        "tall_bytes": tall_bytes,
        "wide_s": wide_s,
        "chart_s": chart_s,
        "shown": shown,
        "table_s": table_s,
        "rows": rows,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
