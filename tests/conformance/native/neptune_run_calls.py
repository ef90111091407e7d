"""What is called on a run, and what starts one."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

import marigram
from conformance.native.neptune_table import Bench, Section
from waiting import wait_until

MODULE = Section("`neptune`")
ARGUMENTS = Section("`neptune.init_run`")
RUN = Section("`Run`")


@MODULE.same("init_run(…)", "its arguments are below; by position comes `project`, there `with_id`")
def init_run(bench: Bench) -> None:
    run = bench.start()
    run["x"] = 1
    run.stop()
    assert bench.read_of(run).value("x") == 1


@MODULE.same("Run(…)", "as a type; `init_run` makes one")
def run_type(bench: Bench) -> None:
    assert isinstance(bench.run, marigram.Run)
    assert bench.read.run()["id"] == bench.run.id


@MODULE.same("__version__")
def version(bench: Bench) -> None:
    assert marigram.__version__
    assert bench.run.id


@MODULE.missing("ANONYMOUS_API_TOKEN", "nobody runs a public server; a server on your own machine needs no token")
def anonymous(bench: Bench) -> None:
    assert not hasattr(marigram, "ANONYMOUS_API_TOKEN")
    assert bench.run.id


@ARGUMENTS.same("project")
def project(bench: Bench) -> None:
    run = bench.start(project="team/other")
    run.stop()
    assert bench.read_of(run).run()["project"] == "team/other"


@ARGUMENTS.same("with_id", "also the run's id")
def with_id(bench: Bench) -> None:
    run = bench.start()
    run["loss"].append(1.0)
    run.stop()
    again = bench.start(with_id=bench.read_of(run).value("sys/id"))
    again["loss"].append(2.0)
    again.stop()
    assert bench.read_of(run).points("loss") == [(0.0, 1.0), (1.0, 2.0)]


@ARGUMENTS.same("custom_run_id")
def custom_run_id(bench: Bench) -> None:
    first, second = bench.start(custom_run_id="shared"), bench.start(custom_run_id="shared")
    first["a"] = 1
    second["b"] = 2
    first.stop()
    second.stop()
    assert first.id == second.id
    assert (bench.read_of(first).value("a"), bench.read_of(first).value("b")) == (1, 2)


@ARGUMENTS.same("name, description, tags")
def description(bench: Bench) -> None:
    run = bench.start(name="first", description="why", tags=["b", "a"])
    run.stop()
    said = bench.read_of(run).run()
    assert (said["name"], said["tags"]) == ("first", ["a", "b"])
    assert bench.read_of(run).value("sys/description") == "why"


@ARGUMENTS.same("source_files")
def source_files(bench: Bench) -> None:
    Path("train.py").write_text("pass")
    run = bench.start(source_files=["*.py"])
    run.stop()
    assert bench.read_of(run).file("source_code/files/train.py") == b"pass"


@ARGUMENTS.same("git_ref", "True, False, a folder or a `GitRef`")
def git_ref(bench: Bench) -> None:
    run = bench.start(git_ref=False)
    run.stop()
    assert not any(path.startswith("source_code/git") for path in bench.start(with_id=run.id, mode="read-only"))


@ARGUMENTS.same("capture_stdout, capture_stderr")
def capture(bench: Bench) -> None:
    run = bench.start(capture_stdout=True, capture_stderr=True)
    print("to stdout")
    print("to stderr", file=sys.stderr)
    run.stop()
    read = bench.read_of(run)
    assert (1.0, "to stdout") in read.points(f"{run.monitoring_namespace}/stdout")
    assert "to stderr" in [value for _, value in read.points(f"{run.monitoring_namespace}/stderr")]


@ARGUMENTS.same("capture_hardware_metrics")
def capture_hardware_metrics(bench: Bench) -> None:
    run = bench.start(capture_hardware_metrics=True)
    wait_until(lambda: run.exists(f"{run.monitoring_namespace}/memory"), "a sample of memory")
    assert bench.read_of(run).points(f"{run.monitoring_namespace}/memory")[0][1] > 0


def fail(run: marigram.Run) -> None:
    message = "as planned"
    with run:
        raise ArithmeticError(message)


@ARGUMENTS.same("capture_traceback")
def capture_traceback(bench: Bench) -> None:
    run = bench.start(capture_traceback=True)
    with pytest.raises(ArithmeticError):
        fail(run)
    lines = bench.read_of(run).points(f"{run.monitoring_namespace}/traceback")
    assert "as planned" in lines[-1][1]


@ARGUMENTS.same("fail_on_exception")
def fail_on_exception(bench: Bench) -> None:
    failed, finished = bench.start(), bench.start(fail_on_exception=False)
    for run in (failed, finished):
        with pytest.raises(ArithmeticError):
            fail(run)
    assert bench.read_of(failed).run()["status"] == "failed"
    assert bench.read_of(finished).run()["status"] == "finished"


@ARGUMENTS.same("monitoring_namespace")
def monitoring_namespace(bench: Bench) -> None:
    run = bench.start(monitoring_namespace="monitoring/mine")
    run.stop()
    assert bench.read_of(run).value("monitoring/mine/pid")


@ARGUMENTS.same("flush_period", "seconds; 0.25 by default, because a chart moves while you look")
def flush_period(bench: Bench) -> None:
    run = bench.start(flush_period=0.5)
    run["x"] = 1
    run.stop()
    assert bench.read_of(run).value("x") == 1


@ARGUMENTS.same("api_token", "or MARIGRAM_TOKEN; a server on your own machine needs none")
def api_token(bench: Bench) -> None:
    run = bench.start(api_token="not asked for")
    run.stop()
    assert bench.read_of(run).run()["id"] == run.id


@ARGUMENTS.same("dependencies", "`infer`, the default, or a file")
def dependencies(bench: Bench) -> None:
    Path("requirements.txt").write_text("numpy==1.0\n")
    run = bench.start(dependencies="requirements.txt")
    run.stop()
    assert bench.read_of(run).file("source_code/requirements") == b"numpy==1.0\n"


@ARGUMENTS.same("proxies", "or MARIGRAM_PROXY")
def proxies(bench: Bench) -> None:
    run = bench.start(proxies={"https": "http://127.0.0.1:9"})
    run["x"] = 1
    run.stop()
    assert bench.read_of(run).value("x") == 1


@ARGUMENTS.same("async_lag_callback, async_lag_threshold", "called on a thread of its own; not while all is well")
def lag_callback(bench: Bench) -> None:
    said: list[marigram.Run] = []
    run = bench.start(async_lag_callback=said.append, async_lag_threshold=60)
    run["x"] = 1
    run.stop()
    assert (said, bench.read_of(run).value("x")) == ([], 1)


@ARGUMENTS.same("async_no_progress_callback, async_no_progress_threshold", "as above")
def no_progress_callback(bench: Bench) -> None:
    said: list[marigram.Run] = []
    run = bench.start(async_no_progress_callback=said.append, async_no_progress_threshold=60)
    run["x"] = 1
    run.stop()
    assert (said, bench.read_of(run).value("x")) == ([], 1)


@ARGUMENTS.same('mode="async"')
def mode_async(bench: Bench) -> None:
    run = bench.start(mode="async")
    run["x"] = 1
    assert run.sync()
    assert bench.read_of(run).value("x") == 1


@ARGUMENTS.same('mode="sync"', "each call returns after the server's receipt")
def mode_sync(bench: Bench) -> None:
    run = bench.start(mode="sync")
    run["x"] = 1
    assert bench.read_of(run).value("x") == 1
    run["loss"].append(0.5)
    assert bench.read_of(run).points("loss") == [(0.0, 0.5)]


@ARGUMENTS.same('mode="offline"', "`marigram sync` sends it later")
def mode_offline(bench: Bench) -> None:
    run = bench.start(mode="offline")
    run["x"] = 1
    assert not run.wait()
    with pytest.raises(marigram.MarigramError, match="read back"):
        run["x"].fetch()
    run.stop()


@ARGUMENTS.same('mode="read-only"', "reading works, writing is warned of")
def mode_read_only(bench: Bench) -> None:
    bench.run["read_only"] = 1
    bench.said()
    run = bench.start(mode="read-only", with_id=bench.run.id)
    assert run["read_only"].fetch() == 1
    with pytest.raises(marigram.MarigramError, match="read-only"):  # here the guard lets it through
        run["read_only"] = 2
    assert bench.read.value("read_only") == 1


@ARGUMENTS.same('mode="debug"', "also `disabled`; nothing is stored")
def mode_debug(bench: Bench) -> None:
    run = bench.start(mode="debug")
    run["x"].append(1.0)
    run["y"] = {"z": 1}
    with pytest.raises(marigram.MarigramError, match="read back"):
        run.fetch()


@RUN.same("run[path]")
def get_item(bench: Bench) -> None:
    bench.run["run/get_item"].append(1.0)
    assert bench.said().points("run/get_item") == [(0.0, 1.0)]


@RUN.same("run[path] = value")
def set_item(bench: Bench) -> None:
    bench.run["run/set_item"] = 1
    assert bench.said().value("run/set_item") == 1


@RUN.same("del run[path]")
def delete_item(bench: Bench) -> None:
    bench.run["run/deleted"] = 1
    del bench.run["run/deleted"]
    bench.said()
    assert not bench.run.exists("run/deleted")


@RUN.same("assign(value, wait=)")
def assign(bench: Bench) -> None:
    bench.run.assign({"run_assign": {"a": 1}, "run_assign/b": 2}, wait=True)
    assert (bench.read.value("run_assign/a"), bench.read.value("run_assign/b")) == (1, 2)


@RUN.same("define(path, value, wait=)", "returns the handle of the path; what is there is replaced")
def define(bench: Bench) -> None:
    assert bench.run.define("run/defined", 3, wait=True).fetch() == 3
    assert bench.read.value("run/defined") == 3


@RUN.same("exists(path)", "also `path in run`")
def exists(bench: Bench) -> None:
    bench.run["run/exists"] = 1
    assert bench.run.exists("run/exists")
    assert "run" in bench.run
    assert "run/not" not in bench.run
    assert bench.read.value("run/exists") == 1


@RUN.same("fetch()", "all values, and the last of each series")
def fetch(bench: Bench) -> None:
    bench.run["run_fetch"] = {"a": 1}
    assert bench.run.fetch()["run_fetch"] == {"a": bench.read.value("run_fetch/a")}


@RUN.same("get_attribute(path)", "the handle of the path, or None")
def get_attribute(bench: Bench) -> None:
    bench.run["run/attribute"] = 1
    handle = bench.run.get_attribute("run/attribute")
    assert handle is not None
    assert handle.fetch() == bench.read.value("run/attribute")
    assert bench.run.get_attribute("run/none") is None


@RUN.missing("set_attribute(path, attribute)", "there are no attribute objects; assign a value")
def set_attribute(bench: Bench) -> None:
    assert not hasattr(bench.run, "set_attribute")


@RUN.same("get_root_object()")
def get_root_object(bench: Bench) -> None:
    assert bench.run.get_root_object() is bench.run


@RUN.same("get_state()", "`started` or `stopped`")
def get_state(bench: Bench) -> None:
    run = bench.start()
    assert run.get_state() == "started"
    run.stop()
    assert run.get_state() == "stopped"
    assert bench.read_of(run).run()["status"] == "finished"


@RUN.same("get_structure()", "leaves are kinds, such as `float_series`, not objects")
def get_structure(bench: Bench) -> None:
    bench.run["structure/loss"].append(1.0)
    assert bench.run.get_structure()["structure"] == {"loss": bench.read.attribute("structure/loss")["kind"]}


@RUN.same("print_structure()")
def print_structure(bench: Bench) -> None:
    run = bench.start()
    run["structure/loss"].append(1.0)
    run.print_structure()
    run.stop()
    assert bench.read_of(run).attribute("structure/loss")["kind"] == "float_series"


@RUN.same("get_url()")
def get_url(bench: Bench) -> None:
    assert bench.run.get_url().startswith(bench.server.url)
    assert bench.read.run()["id"] in bench.run.get_url()


@RUN.same("lock()", "single calls need none")
def lock(bench: Bench) -> None:
    with bench.run.lock(), bench.run.lock():
        bench.run["run/locked"] = threading.get_ident()
    assert bench.said().value("run/locked") == threading.get_ident()


@RUN.same("monitoring_namespace")
def namespace(bench: Bench) -> None:
    assert bench.said().value(f"{bench.run.monitoring_namespace}/pid")


@RUN.same("ping()", "does nothing: the syncer tells that the run lives")
def ping(bench: Bench) -> None:
    bench.run.ping()
    assert bench.read.run()["status"] == "running"


@RUN.same("pop(path, wait=)")
def pop(bench: Bench) -> None:
    bench.run["run_pop/a"] = 1
    bench.run.pop("run_pop", wait=True)
    assert not bench.run.exists("run_pop")


@RUN.same("start()", "does nothing: `init_run` has started the run")
def start(bench: Bench) -> None:
    bench.run.start()
    assert bench.read.run()["status"] == "running"


@RUN.same("stop(seconds=)", "waits at most 5 s by default; the syncer goes on")
def stop(bench: Bench) -> None:
    run = bench.start()
    run["x"] = 1
    run.stop(seconds=30)
    assert bench.read_of(run).run()["status"] == "finished"


@RUN.same("sync(wait=)", "returns whether the server has everything")
def sync(bench: Bench) -> None:
    bench.run["run/sync"] = 1
    assert bench.run.sync()
    assert bench.read.value("run/sync") == 1


@RUN.same("wait(disk_only=)", "returns whether it is so; at most a minute")
def wait(bench: Bench) -> None:
    bench.run["run/wait"] = 1
    assert bench.run.wait(disk_only=True)
    assert bench.run.wait()
    assert bench.read.value("run/wait") == 1


@RUN.same("with run:")
def with_block(bench: Bench) -> None:
    with bench.start() as run:
        run["x"] = 1
    assert bench.read_of(run).run()["status"] == "finished"


@RUN.missing("container_type", "a run is a run, a project a project; `isinstance` tells")
def container_type(bench: Bench) -> None:
    assert not hasattr(bench.run, "container_type")
