"""What a page of the runs table costs inside the server, with many runs.

Half of the attributes are parameters (numbers and words), half are metrics. Each question filters, sorts, counts
exactly and reads a page of 50 runs and 20 columns through the query door, as the read API does. The first question is
cold: no column is in memory. The stores' files are written in bulk, because logging so many runs takes its time.

    python benchmarks/table.py [--runs 100000] [--attributes 50] [--rounds 15] [--wide 100000] [--keep FOLDER] [--json]

With --keep the files stay in FOLDER and are used again.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path as FilePath
from statistics import median
from typing import Any

import msgspec
import numpy as np

from marigram.model import Batch, CreateRun, Kind, Path, ProjectName, SetValue
from marigram.server.query import Aggregate, GroupKey, GroupQuestion, Measure, Query, RunSort
from marigram.server.store.blobs.memory import MemoryBlobStore
from marigram.server.store.meta.sqlite import SqliteMetaStore
from marigram.server.store.points.embedded import EmbeddedPointStore
from marigram.server.store.points.embedded.statistics import SeriesState

PROJECT = "lab/table"
CREATED_AT = 1_700_000_000_000
WORDS = ("adam", "sgd", "adamw", "lion", "rmsprop", "resnet50", "vit-b16", "cosine", "linear", "none")
RUNS_AT_ONCE = 5_000
PAGE = 50
COLUMNS = 20

Times = dict[str, float]


def parameter(number: int) -> str:
    """Return a parameter's path; even ones are numbers, odd ones words."""
    return f"parameters/p{number:02}"


def metric(number: int) -> str:
    """Return a metric's path."""
    return f"metrics/m{number:02}"


def build(folder: FilePath, runs: int, attributes: int, project: str = PROJECT) -> None:
    """Write the files of both stores into an empty folder."""
    rng = np.random.default_rng(7)
    half = attributes // 2
    meta = sqlite3.connect(folder / "meta.db", isolation_level=None)
    # The version before counts were kept: opening it counts once, instead of row by row.
    tables = resources.files("marigram.server.store.meta.sqlite")
    for name in ("schema.sql", "migration_2.sql", "migration_3.sql", "migration_4.sql"):
        meta.executescript(tables.joinpath(name).read_text())
    meta.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; DROP INDEX attribute_value_by_attribute;")
    own = ("sys/id", "sys/name", "sys/state", "sys/creation_time")
    paths = [(path, Kind.DATETIME if path == "sys/creation_time" else Kind.STRING) for path in own]
    paths += [(parameter(each), Kind.STRING if each % 2 else Kind.FLOAT) for each in range(half)]
    paths += [(metric(each), Kind.FLOAT_SERIES) for each in range(attributes - half)]
    meta.execute(
        "INSERT INTO project (name, key_prefix, next_number, created_at) VALUES (?, 'TABLE', ?, ?)",
        (project, runs + 1, CREATED_AT),
    )
    meta.executemany(
        "INSERT INTO attribute (project, path, kind) VALUES (1, ?, ?)", [(path, kind.value) for path, kind in paths]
    )
    meta.execute("BEGIN")
    for first in range(0, runs, RUNS_AT_ONCE):
        some = range(first, min(runs, first + RUNS_AT_ONCE))
        meta.executemany(
            "INSERT INTO run (run_id, project, key, name, status, created_at, ended_at, heard_at)"
            " VALUES (?, 1, ?, ?, 'finished', ?, ?, ?)",
            [
                (f"{run:032x}", f"TABLE-{run + 1}", f"run {run:07}", CREATED_AT + run, CREATED_AT + 2 * run, CREATED_AT)
                for run in some
            ],
        )
        numbers = rng.integers(0, 1000, (len(some), half))
        meta.executemany("INSERT INTO attribute_value VALUES (?, ?, ?, ?)", _values(some, numbers, attributes))
    meta.execute("COMMIT")
    meta.execute("CREATE INDEX attribute_value_by_attribute ON attribute_value (attribute, run)")
    meta.close()
    store = EmbeddedPointStore(folder / "points.db")
    store.start()
    store.close()
    points = sqlite3.connect(folder / "points.db", isolation_level=None)
    points.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
    points.execute("BEGIN")
    for first in range(0, runs, RUNS_AT_ONCE):
        some = range(first, min(runs, first + RUNS_AT_ONCE))
        points.executemany("INSERT INTO run (number, run_id) VALUES (?, ?)", [(run + 1, f"{run:032x}") for run in some])
        last = rng.random((len(some), attributes - half))
        points.executemany("INSERT INTO series (run, attribute, state) VALUES (?, ?, ?)", _states(some, last, half))
    points.execute("COMMIT")
    points.execute("PRAGMA journal_mode=WAL")
    points.close()


def _values(runs: range, numbers: Any, attributes: int) -> Iterator[tuple[int, int, float | None, str | None]]:  # noqa: ANN401 - an array
    for run, row in zip(runs, numbers.tolist(), strict=True):
        at = run + 1
        yield at, 1, None, f"TABLE-{at}"
        yield at, 2, None, f"run {run:07}"
        yield at, 3, None, "finished"
        yield at, 4, CREATED_AT + run, None
        for each, number in enumerate(row):
            yield (at, 5 + each, None, WORDS[number % len(WORDS)]) if each % 2 else (at, 5 + each, number / 1000, None)
        for each in range(len(row), attributes):
            yield at, 5 + each, None, None


def _states(runs: range, last: Any, half: int) -> Iterator[tuple[int, int, bytes]]:  # noqa: ANN401 - an array
    encode = msgspec.msgpack.Encoder().encode
    for run, row in zip(runs, last.tolist(), strict=True):
        for each, value in enumerate(row):
            state = SeriesState(
                kind=Kind.FLOAT_SERIES, position=1, stale=False, count=100, first_step=0.0, last_step=99.0,
                last_time=CREATED_AT, last=value, min=value / 2, max=value + 1, mean=value, squares=value,
                min_step=40.0, max_step=60.0,
            )  # fmt: skip
            yield run + 1, 5 + half + each, encode(state)


def questions(query: Query, runs: int, attributes: int) -> dict[str, Callable[[], object]]:
    """Return what is asked, by name."""
    columns = [parameter(each) for each in range(min(COLUMNS, attributes) // 2)]
    columns += [metric(each) for each in range(min(COLUMNS, attributes) // 2)]
    two = f"`{parameter(0)}` < 0.5 AND `{parameter(1)}` = adam"
    by_metric = RunSort(path=Path(metric(0)), descending=False)

    def page(wanted: str = "", text: str = "", cursor: str | None = None, sort: list[RunSort] | None = None) -> Any:  # noqa: ANN401 - an answer
        return query.runs(
            PROJECT, text=text, query=wanted, sort=sort or [by_metric], paths=columns, cursor=cursor, limit=PAGE
        )

    def second() -> Any:  # noqa: ANN401 - an answer
        return page(two, cursor=page(two).cursor)

    by_word = GroupQuestion(by=[GroupKey(path=Path(parameter(1)))], measures=[Measure(path=Path(metric(0)))])
    by_lowest = GroupQuestion(
        by=[GroupKey(path=Path(metric(1)), aggregate=Aggregate.MIN)], measures=[Measure(path=Path(metric(0)))]
    )
    several = [RunSort(path=Path(parameter(1)), descending=False), by_metric]
    lowest = RunSort(path=Path(metric(1)), descending=False, aggregate=Aggregate.MIN)
    return {
        "filter on two, sort by a metric": lambda: page(two),
        "the same and its second page": second,
        "all runs, sort by a metric": page,
        "all runs, the middle page": lambda: page(cursor=str(runs // 2)),
        "filter on a metric, sort by the minimum of another": lambda: page(f"`{metric(0)}` < 0.25", sort=[lowest]),
        "sort by a word, then by a metric": lambda: page(sort=several),
        "sort by name": lambda: page(sort=[RunSort(path=Path("sys/name"), descending=True)]),
        "a pattern over names": lambda: page("`sys/name` MATCHES '00.7$'"),
        "text search": lambda: page(text="lion 77"),
        "groups by a word, mean of a metric": lambda: query.groups(PROJECT, by_word, cursor=None, limit=PAGE),
        "groups by the minimum of a metric, one for each run": lambda: query.groups(
            PROJECT, by_lowest, cursor=None, limit=PAGE
        ),
        "columns of the project": lambda: query.columns(PROJECT, search="", limit=500),
        "columns by a search": lambda: query.columns(PROJECT, search="m1", limit=100),
        "the table with columns of its own choice": lambda: query.runs(
            PROJECT, text="", sort=by_metric, paths=None, cursor=None, limit=PAGE
        ),
        "list of projects": query.projects,
        "attributes of a run": lambda: query.attributes(f"{1:032x}", prefix="", search="", cursor=None, limit=1000),
    }


def timed(question: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """Return the first time, then median and maximum of the others, in milliseconds."""
    times: list[float] = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        question()
        times.append((time.perf_counter() - begun) * 1000)
    return times[0], median(times[1:]), max(times[1:])


def add_wide_run(meta: SqliteMetaStore, attributes: int) -> float:
    """Commit one run that has so many attributes; return the seconds that it took."""
    writes = [SetValue(path=Path(f"wide/{each % 100}/{each}"), value=each / 7) for each in range(attributes)]
    operations = (CreateRun(project=ProjectName(PROJECT), created_at=CREATED_AT), *writes)
    begun = time.perf_counter()
    meta.commit(
        [Batch(run_id="f" * 32, writer="w", first_seq=1, last_seq=len(operations), operations=operations)],
        heard_at=CREATED_AT,
    )
    return time.perf_counter() - begun


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--attributes", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--wide", type=int, default=100_000, help="attributes of the one run that is added at the end")
    parser.add_argument("--keep", type=FilePath)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = FilePath(temporary) if asked.keep is None else asked.keep
        folder.mkdir(parents=True, exist_ok=True)
        found = measure(folder, asked.runs, asked.attributes, asked.rounds, asked.wide)
    if asked.json:
        print(json.dumps(found, indent=2))


def measure(folder: FilePath, runs: int, attributes: int, rounds: int, wide: int) -> dict[str, Any]:
    """Ask everything, print as it goes, and return all numbers."""
    found: dict[str, Any] = {"runs": runs, "attributes": attributes}
    begun = time.perf_counter()
    if not (folder / "points.db").exists():
        build(folder, runs, attributes)
        found["built_s"] = time.perf_counter() - begun
    begun = time.perf_counter()
    meta = SqliteMetaStore(folder / "meta.db")
    points = EmbeddedPointStore(folder / "points.db")
    points.start()
    found["opened_s"] = time.perf_counter() - begun
    size = sum(each.stat().st_size for each in folder.iterdir()) / 1e6
    print(f"{runs:,} runs x {attributes} attributes, {size:,.0f} MB; opened in {found['opened_s']:.1f} s")
    query = Query(meta=meta, points=points, blobs=MemoryBlobStore(), clock_ms=lambda: CREATED_AT)
    before = resident_mb()
    found["questions"] = ask(questions(query, runs, attributes), rounds)
    found["cache_mb"] = query.table_bytes() / 1e6
    found["rss_mb"] = (before, resident_mb(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"columns in memory {found['cache_mb']:.0f} MB; RSS before {before:.0f} MB, now and at most "
          f"{found['rss_mb'][1]:.0f} and {found['rss_mb'][2]:.0f} MB")  # fmt: skip
    if wide and meta.run("f" * 32) is None:
        took = add_wide_run(meta, wide)
        print(f"\none run of {wide:,} attributes was added, in {took:.1f} s:")
    if wide:
        mine = questions(query, runs, attributes)
        mine["attributes of that run, first page"] = lambda: query.attributes(
            "f" * 32, prefix="", search="", cursor=None, limit=1000
        )
        mine["its attributes by a search"] = lambda: query.attributes(
            "f" * 32, prefix="", search="/99", cursor=None, limit=1000
        )
        mine["columns by a search that finds thousands"] = lambda: query.columns(PROJECT, search="wide/7", limit=100)
        found["questions_beside_a_wide_run"] = ask(mine, rounds)
    points.close()
    meta.close()
    return found


def ask(asked: dict[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Time all questions and print a table."""
    print(f"{'milliseconds':52} {'first':>9} {'median':>9} {'slowest':>9}")
    found: dict[str, Times] = {}
    for name, question in asked.items():
        first, middle, slowest = timed(question, rounds)
        found[name] = {"first_ms": first, "median_ms": middle, "slowest_ms": slowest}
        print(f"{name:52} {first:9.1f} {middle:9.1f} {slowest:9.1f}", flush=True)
    return found


def resident_mb() -> float:
    """Return the memory of this process in MB."""
    pages = int(FilePath("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
