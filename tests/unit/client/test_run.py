from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import marigram
from marigram.client.leftovers import sync_leftovers
from marigram.client.settings import Settings
from marigram.types import File
from unit.client.fake_server import FakeServer
from waiting import wait_until

PROJECT = "team/test"
QUIET: dict[str, Any] = {"capture_stdout": False, "capture_stderr": False, "source_files": [], "git_ref": False}


def test_everything_that_a_script_says_reaches_the_server(fake: FakeServer, tmp_path: Path) -> None:
    with marigram.init_run(
        project=PROJECT, name="first", tags=["a", "b"], description="why", source_files=[], git_ref=False
    ) as run:
        run["parameters"] = {"lr": 0.1, "model": {"layers": 3, "name": "resnet"}, "on": True}
        run["args"] = argparse.Namespace(seed=7)
        run["when"] = datetime(2026, 1, 2, tzinfo=timezone.utc)
        run["a"]["b"]["c"] = "nested"
        for epoch in range(10):
            run["train/loss"].append(0.9**epoch)
        run["train/accuracy"].extend([0.1, 0.2], steps=[5, 6], timestamps=[1.0, 2.0])
        run["train"].append({"lr": 0.5, "more": {"x": 1}}, step=3)
        run["notes"].append("first note")
        run["sys/tags"].add("c")
        run["sys/tags"].remove(["a"])
        run["gone"] = 1
        del run["gone"]
        model = tmp_path / "model.pkl"
        model.write_bytes(b"weights")
        run["model"].upload(str(model))
        run["report"].upload(File.from_content("<p>", extension="html"))
        run["images"].append(File.as_image(np.zeros((2, 2))), name="epoch", description="first")
    values = fake.values(run.id)
    assert values["parameters/lr"] == 0.1
    assert values["parameters/model/layers"] == 3
    assert values["parameters/on"] is True
    assert values["args/seed"] == 7
    assert values["when"] == datetime(2026, 1, 2, tzinfo=timezone.utc)
    assert values["a/b/c"] == "nested"
    assert values["sys/name"] == "first"
    assert values["sys/description"] == "why"
    assert values["sys/tags"] == {"b", "c"}
    assert "gone" not in values
    assert fake.series("train/loss") == [(float(epoch), 0.9**epoch) for epoch in range(10)]
    assert fake.points("train/accuracy") == [(5.0, 1000, 0.1), (6.0, 2000, 0.2)]
    assert fake.series("train/lr") == [(3.0, 0.5)]
    assert fake.series("train/more/x") == [(3.0, 1.0)]
    assert fake.series("notes") == [(0.0, "first note")]
    assert (values["model"].filename, fake.blobs[values["model"].sha256]) == ("model.pkl", b"weights")
    assert (values["report"].filename, values["report"].media_type) == ("report.html", "text/html")
    ((_, image),) = fake.series("images")
    assert (image.media_type, image.caption) == ("image/png", "epoch: first")
    assert fake.blobs[image.sha256].startswith(b"\x89PNG")
    assert [said.status.value for said in fake.statuses()] == ["running", "finished"]
    assert fake.statuses()[-1].exit_code == 0


def test_the_start_says_where_the_run_comes_from(fake: FakeServer) -> None:
    run = marigram.init_run(project=PROJECT, capture_stdout=False, capture_stderr=False)
    run.stop()
    values = fake.values()
    space = run.monitoring_namespace
    assert {"sys/hostname", "sys/python_version", "source_code/requirements"} <= set(values)
    assert {f"{space}/hostname", f"{space}/pid", f"{space}/tid", f"{space}/command_line"} <= set(values)
    assert b"msgspec==" in fake.blobs[values["source_code/requirements"].sha256]


def test_source_files_keep_their_names(fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "layers.py").write_text("pass")
    (tmp_path / "notes.txt").write_text("not asked for")
    monkeypatch.chdir(tmp_path)
    marigram.init_run(project=PROJECT, **{**QUIET, "source_files": ["**/*.py"]}).stop()
    files = [path for path in fake.values() if path.startswith("source_code/files")]
    assert files == ["source_code/files/package/layers.py"]


def test_git_state_and_uncommitted_changes_are_kept(
    fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> str:
        names = ["-c", "user.name=A", "-c", "user.email=a@b", "-c", "init.defaultBranch=trunk"]
        return subprocess.run(
            ["git", *names, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init")
    (tmp_path / "code.py").write_text("old\n")
    git("add", "code.py")
    git("commit", "-m", "first commit")
    git("remote", "add", "origin", "https://user:secret@example.org/repo.git")
    (tmp_path / "code.py").write_text("new\n")
    monkeypatch.chdir(tmp_path)
    marigram.init_run(project=PROJECT, **{**QUIET, "git_ref": str(tmp_path)}).stop()
    values = fake.values()
    assert values["source_code/git/commit"] == git("rev-parse", "HEAD")
    assert values["source_code/git/branch"] == "trunk"
    assert values["source_code/git/message"] == "first commit"
    assert values["source_code/git/dirty"] is True
    assert values["source_code/git/remote"] == "https://example.org/repo.git"
    diff = values["source_code/diff"]
    assert diff.media_type == "text/x-diff"
    assert b"+new" in fake.blobs[diff.sha256]


def test_printed_lines_become_series_and_the_streams_are_given_back(
    fake: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.stdout, sys.stderr
    run = marigram.init_run(project=PROJECT, source_files=[], git_ref=False)
    print("hello\nworld")
    print("oh no", file=sys.stderr)
    run.stop()
    assert (sys.stdout, sys.stderr) == before
    print("after the run")
    assert dict(fake.series(f"{run.monitoring_namespace}/stdout")) == {1.0: "hello", 2.0: "world"}
    assert dict(fake.series(f"{run.monitoring_namespace}/stderr")) == {1.0: "oh no"}
    assert capsys.readouterr().out == "hello\nworld\nafter the run\n"


def test_hardware_is_sampled_by_the_syncer_and_heartbeats_are_sent(fake: FakeServer) -> None:
    run = marigram.init_run(project=PROJECT, **QUIET)
    space = run.monitoring_namespace
    wait_until(lambda: fake.series(f"{space}/memory") and fake.heartbeats, "a sample and a heartbeat")
    run.stop()
    assert fake.series(f"{space}/memory")[0][1] > 0
    assert fake.series(f"{space}/process/memory")[0][1] > 0
    assert fake.heartbeats[0] == run.id


def test_hardware_that_is_not_wanted_is_not_sampled(fake: FakeServer) -> None:
    run = marigram.init_run(project=PROJECT, capture_hardware_metrics=False, **QUIET)
    wait_until(lambda: fake.heartbeats, "a heartbeat")
    run.stop()
    assert fake.series(f"{run.monitoring_namespace}/memory") == []


def test_the_queue_is_gone_when_all_is_stored(fake: FakeServer, tmp_path: Path) -> None:
    assert fake.url
    run = marigram.init_run(project=PROJECT, **QUIET)
    run["x"] = 1
    run.stop()
    queue = tmp_path / "home" / "queue"
    wait_until(lambda: not list(queue.iterdir()), "an empty folder of queues")


def test_stopping_twice_and_logging_afterwards_ends_nothing(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARIGRAM_RERAISE")
    run = marigram.init_run(project=PROJECT, **QUIET)
    run.stop()
    run.stop()
    run["late"] = 1
    run["late/series"].append(1.0)
    assert sum(run.dropped.values()) == 2
    assert [said.status.value for said in fake.statuses()] == ["running", "finished"]


def test_nothing_that_is_logged_can_raise(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARIGRAM_RERAISE")
    run = marigram.init_run(project=PROJECT, **QUIET)
    bad: Any = object()
    run["ok"] = 1
    run["bad"] = bad
    run["bad"].append(bad)
    run["bad"].append(1.0, step=float("nan"))
    run["bad"].append(1.0, timestamp=bad)
    run["bad"].extend(5)  # pyright: ignore[reportArgumentType]
    run["bad"].extend([1.0], steps=[1, 2])
    run["bad"].upload("/nowhere/to/be/found")
    run["bad"].upload(bad)
    run["bad//path"].append(1.0)
    run[""] = 1
    run[5] = 1  # pyright: ignore[reportArgumentType]
    run["bad"].add(5)  # pyright: ignore[reportArgumentType]
    run["mixed"] = {"good": 1, "bad": bad, "nested": {"good": 2, "bad": None}}
    run["x" * 2000].append(1.0)
    run["series"].append({"good": 1.0, "bad": bad})
    run.stop()
    values = fake.values()
    assert values["ok"] == values["mixed/good"] == 1
    assert (values["mixed/nested/good"], values["mixed/nested/bad"]) == (2, "None")
    assert fake.series("series/good") == [(0.0, 1.0)]
    dropped = {path: count for path, count in values.items() if path.startswith("sys/drops/")}
    assert dropped == {
        "sys/drops/unsupported_type": 10,
        "sys/drops/file_not_found": 1,
        "sys/drops/invalid_path": 4,
    }
    assert fake.series("bad") == []


def test_unusual_numbers_are_kept_as_they_are(fake: FakeServer) -> None:
    run = marigram.init_run(project=PROJECT, **QUIET)
    for value in (np.float32(0.5), np.int64(3), True, 7, float("inf"), np.array([1.5])):
        run["numbers"].append(value)
    run["nan"].append(float("nan"))
    run.stop()
    assert fake.series("numbers") == [(0.0, 0.5), (1.0, 3.0), (2.0, 1.0), (3.0, 7.0), (4.0, float("inf")), (5.0, 1.5)]
    assert fake.series("nan")[0][1] != fake.series("nan")[0][1]


def test_a_server_that_is_away_is_no_error_and_gets_all_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer() as first:
        port = first.port
    monkeypatch.setenv("MARIGRAM_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("MARIGRAM_STOP_TIMEOUT_S", "0.2")
    run = marigram.init_run(project=PROJECT, **QUIET)
    for number in range(100):
        run["loss"].append(float(number))
    run.stop()
    with FakeServer(port=port) as server:
        wait_until(lambda: server.has_status("finished"), "the run")
        assert server.series("loss") == [(float(number), float(number)) for number in range(100)]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"project": "no-slash"}, "workspace/name"),
        ({"project": 5}, "project must be a str"),
        ({"project": None}, "MARIGRAM_PROJECT"),
        ({"mode": "fast"}, "'async'"),
        ({"tags": [1]}, "tags must be strings"),
        ({"tags": 5}, "tags must be strings"),
        ({"name": 5}, "name must be a str"),
        ({"flush_period": 0}, "flush_period must be seconds"),
        ({"monitoring_namespace": "a//b"}, "monitoring_namespace"),
        ({"source_files": 5}, "source_files must be"),
        ({"git_ref": 5}, "git_ref must be"),
        ({"url": "localhost"}, "http://"),
        ({"with_id": "A-1", "custom_run_id": "x"}, "Both"),
        ({"mode": "read-only"}, "with_id"),
        ({"mode": "offline", "with_id": "A-1"}, "looked up"),
    ],
)
def test_what_is_wrong_at_the_start_raises_with_the_way_to_put_it_right(
    fake: FakeServer, tmp_path: Path, arguments: dict[str, Any], hint: str
) -> None:
    assert fake.url
    with pytest.raises(marigram.SettingError) as raised:
        marigram.init_run(**{"project": PROJECT, **QUIET, **arguments})
    assert hint in str(raised.value)
    assert not (tmp_path / "home").exists(), "a run that did not start leaves nothing"


def test_a_token_that_is_not_known_raises(fake: FakeServer) -> None:
    fake.token = "right"
    with pytest.raises(marigram.AccessError, match="MARIGRAM_TOKEN"):
        marigram.init_run(project=PROJECT, api_token="wrong", **QUIET)


def test_a_token_reaches_the_server_and_no_file_of_the_queue(fake: FakeServer, tmp_path: Path) -> None:
    fake.token = "very-secret"
    run = marigram.init_run(project=PROJECT, api_token="very-secret", **QUIET)
    for file in (tmp_path / "home").rglob("*"):
        if file.is_file():
            assert b"very-secret" not in file.read_bytes()
    run.stop()
    assert fake.has_status("finished")


def test_a_project_that_the_server_refuses_raises_its_sentence(fake: FakeServer) -> None:
    assert fake.url
    with pytest.raises(marigram.SettingError, match="may not use"):
        marigram.init_run(project="no/entry", **QUIET)


def test_something_that_is_no_marigram_server_raises(fake: FakeServer) -> None:
    with pytest.raises(marigram.ServerError, match="MARIGRAM_URL"):
        marigram.init_run(project=PROJECT, url=f"{fake.url}/elsewhere", **QUIET)


@pytest.mark.parametrize("mode", ["debug", "disabled"])
def test_a_mode_that_stores_nothing_stores_nothing(tmp_path: Path, mode: str) -> None:
    with marigram.init_run(mode=mode, **QUIET) as run:
        run["a"] = 1
        run["b"].append(1.0)
        run["c"].append("text")
        run["d"].upload(File.from_content("x"))
        with pytest.raises(marigram.MarigramError, match="async"):
            run["a"].fetch()
    assert not (tmp_path / "home").exists()


def test_an_offline_run_waits_for_sync_leftovers(fake: FakeServer, tmp_path: Path) -> None:
    run = marigram.init_run(project=PROJECT, mode="offline", **QUIET)
    run["a"] = 1
    run["file"].upload(File.from_content("content"))
    run.stop()
    assert fake.posts == 0
    told: list[tuple[str, int]] = []
    (leftover,) = sync_leftovers(
        Settings.from_environment({"MARIGRAM_HOME": str(tmp_path / "home")}).home,
        progress=lambda run_id, count: told.append((run_id, count)),
    )
    assert (leftover.run_id, leftover.finished, leftover.problem) == (run.id, True, None)
    assert leftover.sent == sum(count for _, count in told) > 0
    assert fake.values()["a"] == 1
    assert fake.blobs[fake.values()["file"].sha256] == b"content"
    assert [said.status.value for said in fake.statuses()] == ["running", "finished"]
    assert sync_leftovers(tmp_path / "home") == ()


def test_in_sync_mode_each_call_waits_for_its_receipt(fake: FakeServer) -> None:
    with marigram.init_run(project=PROJECT, mode="sync", **QUIET) as run:
        run["a"] = 1
        assert fake.values()["a"] == 1
        run["loss"].append(0.5)
        assert fake.series("loss") == [(0.0, 0.5)]


def test_one_custom_run_id_is_one_run(fake: FakeServer) -> None:
    runs = [marigram.init_run(project=PROJECT, custom_run_id="same", **QUIET) for _ in range(2)]
    for number, run in enumerate(runs):
        run[f"from{number}"] = number
    for run in runs:
        run.stop()
    other = marigram.init_run(project="team/other", custom_run_id="same", **QUIET)
    other.stop()
    assert runs[0].id == runs[1].id != other.id
    assert {"from0": 0, "from1": 1}.items() <= fake.values(runs[0].id).items()


def test_a_run_is_continued_by_its_key_and_its_series_go_on(fake: FakeServer) -> None:
    run_id = "ab" * 16
    found = {
        "id": run_id, "key": "TEST-1", "project": PROJECT, "name": "", "status": "finished", "created_at": 1,
        "ended_at": None, "heard_at": 1, "exit_code": None, "failure": None, "tags": [],
    }  # fmt: skip
    fake.answers[f"/api/v1/projects/{PROJECT}/runs/TEST-1"] = found
    series = {"path": "loss", "kind": "float_series", "series": {"last_step": 41.0, "last": 0.5, "count": 42}}
    printed = {"path": "here/stdout", "kind": "string_series", "series": {"last_step": 7.0, "last": "x", "count": 7}}
    fake.answers[f"/api/v1/runs/{run_id}/attributes"] = {"attributes": [series, printed], "cursor": None}
    options = {**QUIET, "capture_stdout": True, "monitoring_namespace": "here"}
    run = marigram.init_run(project=PROJECT, with_id="TEST-1", **options)
    assert run.id == run_id
    run["loss"].append(0.25)
    print("one\ntwo")
    run.stop()
    assert fake.series("loss") == [(42.0, 0.25)]
    # What an earlier process printed there is kept.
    assert dict(fake.series("here/stdout")) == {8.0: "one", 9.0: "two"}
    with pytest.raises(marigram.NotFoundError, match="TEST-9"):
        marigram.init_run(project=PROJECT, with_id="TEST-9", **QUIET)


def test_what_was_logged_is_read_back(fake: FakeServer, tmp_path: Path) -> None:
    run = marigram.init_run(project=PROJECT, **QUIET)
    base = f"/api/v1/runs/{run.id}"
    fake.answers |= {
        f"{base}/attribute?path=lr": {"path": "lr", "kind": "float", "value": 0.5},
        f"{base}/attribute?path=bad": {"path": "bad", "kind": "float", "value": "NaN"},
        f"{base}/attribute?path=when": {"path": "when", "kind": "datetime", "value": "2026-01-02T00:00:00Z"},
        f"{base}/attribute?path=tags": {"path": "tags", "kind": "string_set", "value": ["a", "b"]},
        f"{base}/attribute?path=model": {
            "path": "model",
            "kind": "file",
            "file": {"sha256": "0" * 64, "filename": "../../evil.pt", "media_type": "x/y", "size": 3},
        },
        f"{base}/file?path=model": b"abc",
        f"{base}/attributes": {
            "attributes": [
                {"path": "params/a", "kind": "int", "value": 1},
                {"path": "params/b/c", "kind": "bool", "value": True},
            ],
            "cursor": None,
        },
        f"{base}/points?path=loss": {
            "kind": "float_series",
            "points": [{"step": 0.0, "time": 1000, "value": 0.5}, {"step": 1.0, "time": 2000, "value": "NaN"}],
            "cursor": None,
        },
    }  # fmt: skip
    assert run["lr"].fetch() == 0.5
    assert run["bad"].fetch() != run["bad"].fetch()
    assert run["when"].fetch() == datetime(2026, 1, 2, tzinfo=timezone.utc)
    assert run["tags"].fetch() == {"a", "b"}
    assert run["params"].fetch() is not None
    assert run.get_structure() == {"params": {"a": "int", "b": {"c": "bool"}}}
    frame = run["loss"].fetch_values()
    assert list(frame.columns) == ["step", "value", "timestamp"]
    assert frame["value"].tolist()[0] == 0.5
    assert frame["value"].isna().tolist() == [False, True]
    saved = run["model"].download(tmp_path)
    assert saved == str(tmp_path / "evil.pt")
    assert Path(saved).read_bytes() == b"abc"
    assert run.exists("lr")
    fake.answers[f"{base}/attributes"] = {"attributes": [], "cursor": None}
    assert not run.exists("nothing")
    with pytest.raises(marigram.NotFoundError, match="nothing"):
        run["nothing"].fetch()
    run.stop()


def test_a_run_cannot_be_pickled_and_says_what_to_do(fake: FakeServer) -> None:
    assert fake.url
    run = marigram.init_run(project=PROJECT, **QUIET)
    with pytest.raises(TypeError, match="custom_run_id"):
        pickle.dumps(run)
    run.stop()


def test_threads_may_log_to_one_run(fake: FakeServer) -> None:
    run = marigram.init_run(project=PROJECT, **QUIET)

    def work() -> None:
        for _ in range(500):
            run["shared/count"].append(1.0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.stop()
    assert sorted(step for step, _ in fake.series("shared/count")) == [float(step) for step in range(2000)]


def test_what_the_server_refuses_is_counted_in_the_run_and_told_at_the_end(
    fake: FakeServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    run = marigram.init_run(project=PROJECT, **QUIET)
    wait_until(fake.statuses, "the first batch")
    fake.rejections = [{"path": "a", "code": "kind_conflict", "message": "It is a series.", "count": 3}]
    run["a"] = 1
    wait_until(lambda: fake.values().get("sys/rejections/kind_conflict") == 3, "the count in the run")
    run.stop()
    assert "kind_conflict 3" in capfd.readouterr().err


def test_settings_of_a_run_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Settings.from_environment({}).url = "x"  # pyright: ignore[reportAttributeAccessIssue]
    assert msgspec.structs.fields(Settings)


def test_files_still_being_hashed_at_the_end_are_counted_not_waited_for(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MARIGRAM_RERAISE")
    gate = threading.Event()
    run = marigram.init_run(project=PROJECT, **QUIET)
    run._recorder.errands.start(lambda: gate.wait(30.0) and None)
    run.stop(seconds=0.05)
    gate.set()
    assert run.dropped == {"unfinished": 1}
    assert run._recorder.finish(timeout_s=30.0)
    wait_until(lambda: fake.has_status("finished"), "the end")
    assert fake.values()["sys/drops/unfinished"] == 1


def test_what_is_written_to_a_run_that_is_only_read_is_counted(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MARIGRAM_RERAISE")
    assert fake.url
    run = marigram.init_run(project=PROJECT, mode="read-only", custom_run_id="known", **QUIET)
    run["x"] = 1
    run["loss"].append(0.5)
    run["file"].upload(File.from_content("text"))
    run.stop()
    assert sum(run.dropped.values()) == 3
    assert "mode='read-only'" in capfd.readouterr().err
    assert fake.all_operations() == []


def test_an_offline_run_is_not_waited_for(fake: FakeServer) -> None:
    assert fake.url
    run = marigram.init_run(project=PROJECT, mode="offline", **QUIET)
    run["x"].append(1.0, wait=True)
    run["x"].assign({"y": 1}, wait=True)
    assert run.wait(disk_only=True)
    assert not run.sync()
    run.stop()
