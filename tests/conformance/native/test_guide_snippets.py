"""What users of the Neptune client write runs after `import marigram as neptune`, and every value can be read back.

Each snippet is a script of its own, as in a guide; values are checked through the read API, not through the client.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from PIL import Image

from conformance.native.answers import Answers, ask
from running_server import RunningServer
from waiting import wait_until

BASIC = """
    import marigram as neptune

    run = neptune.init_run(
        project="team/guide",
        name="first run",
        tags=["quickstart", "script"],
        description="what a beginner writes",
    )
    params = {"learning_rate": 0.001, "optimizer": "Adam"}
    run["parameters"] = params
    for epoch in range(10):
        run["train/loss"].append(0.9 ** epoch)
    run["eval/f1_score"] = 0.66
    run.stop()
"""
PARAMETERS = """
    import argparse
    from datetime import datetime, timezone

    import marigram as neptune

    with neptune.init_run(project="team/guide") as run:
        run["parameters/batch_size"] = 64
        run["parameters"] = {
            "dropout": 0.2,
            "use_augmentation": True,
            "model": {"backbone": "resnet", "layers": 18},
        }
        run["parameters/started"] = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
        run["parameters/cli"] = argparse.Namespace(seed=3, fast=False)
        run["sys/tags"].add(["tuned", "v2"])
        run["sys/tags"].add("final")
        run["sys/tags"].remove("v2")
        handler = run["model"]
        handler["summary"] = "two layers"
        run["parameters/batch_size"] = 128
"""
SERIES = """
    import marigram as neptune

    run = neptune.init_run(project="team/guide")
    for step in range(100):
        run["metrics/accuracy"].append(value=step / 100, step=step * 10, timestamp=1_700_000_000 + step)
        run["metrics/all"].append({"loss": 1.0 / (step + 1), "nested": {"lr": 0.5 ** step}})
    run["metrics/fractional"].append(1.0, step=0.5)
    run["metrics/fractional"].append(2.0, step=0.25)
    run["metrics/fractional"].append(3.0, step=0.5)
    run["metrics/old_style"].log(7.5)
    run["metrics/extended"].extend([1.0, 2.0, 4.0], steps=[1, 2, 4])
    run["metrics/strange"].extend([float("nan"), float("inf"), float("-inf"), 1.0])
    run["notes"].append("first line")
    run["notes"].append("second line")
    run.stop()
"""
IMAGES = """
    import numpy as np

    import marigram as neptune
    from marigram.types import File

    run = neptune.init_run(project="team/guide")
    for epoch in range(3):
        picture = np.full((8, 8, 3), epoch / 2)
        run["train/predictions"].append(File.as_image(picture), step=epoch, name=f"epoch {epoch}")
    run["train/sample"].upload(File.as_image(np.zeros((4, 4))))
    run.stop()
"""
UPLOADS = """
    from pathlib import Path

    import marigram as neptune
    from marigram.types import File

    Path("model.bin").write_bytes(bytes(range(256)) * 1000)
    Path("notes.txt").write_text("read me")
    run = neptune.init_run(project="team/guide")
    run["model/weights"].upload("model.bin")
    run["docs/notes"].upload(File("notes.txt"))
    run["docs/page"].upload(File.from_content("<b>bold</b>", extension="html"))
    run["docs/pickled"].upload(File.as_pickle({"a": 1}))
    run.stop()
"""
READING = """
    import marigram as neptune

    run = neptune.init_run(project="team/guide")
    run["parameters"] = {"lr": 0.25, "name": "x"}
    for step in range(5):
        run["loss"].append(step * 2.0)
    run["sys/tags"].add("read")
    assert run["parameters/lr"].fetch() == 0.25
    assert run["parameters"].fetch() == {"lr": 0.25, "name": "x"}
    assert run["sys/tags"].fetch() == {"read"}
    assert run["loss"].fetch_last() == 8.0
    frame = run["loss"].fetch_values()
    assert list(frame["value"]) == [0.0, 2.0, 4.0, 6.0, 8.0], frame
    assert list(frame["step"]) == [0.0, 1.0, 2.0, 3.0, 4.0], frame
    assert run.exists("loss")
    assert not run.exists("gain")
    run.stop()
"""


def run_snippet(snippet: str, server: RunningServer, folder: Path) -> Answers:
    """Run the snippet as a script and return what the server says of the run once it has ended."""
    script = folder / "snippet.py"
    script.write_text(dedent(snippet))
    environment = {**os.environ, "MARIGRAM_URL": server.url}
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    runs = ask(server, "/api/v1/projects/team/guide/runs")["rows"]
    assert len(runs) == 1
    answers = Answers(server, runs[0]["run"]["id"])
    wait_until(lambda: answers.run()["status"] == "finished", "a finished run")
    return answers


@pytest.mark.slow
def test_basic_logging(server: RunningServer, tmp_path: Path) -> None:
    read = run_snippet(BASIC, server, tmp_path)
    run = read.run()
    assert (run["name"], run["tags"], run["exit_code"]) == ("first run", ["quickstart", "script"], 0)
    assert read.value("sys/description") == "what a beginner writes"
    assert read.value("parameters/learning_rate") == 0.001
    assert read.value("parameters/optimizer") == "Adam"
    assert read.points("train/loss") == [(float(epoch), 0.9**epoch) for epoch in range(10)]
    assert read.value("eval/f1_score") == 0.66
    assert read.value("sys/id") == "GUID-1"
    assert read.value("source_code/entrypoint") == "snippet.py"


@pytest.mark.slow
def test_parameters(server: RunningServer, tmp_path: Path) -> None:
    read = run_snippet(PARAMETERS, server, tmp_path)
    expected = {
        "parameters/batch_size": 128,
        "parameters/dropout": 0.2,
        "parameters/use_augmentation": True,
        "parameters/model/backbone": "resnet",
        "parameters/model/layers": 18,
        "parameters/started": "2026-01-02T03:04:05.000Z",
        "parameters/cli/seed": 3,
        "parameters/cli/fast": False,
        "model/summary": "two layers",
        "sys/tags": ["final", "tuned"],
    }
    assert {path: read.value(path) for path in expected} == expected


@pytest.mark.slow
def test_series(server: RunningServer, tmp_path: Path) -> None:
    read = run_snippet(SERIES, server, tmp_path)
    assert read.points("metrics/accuracy") == [(step * 10.0, step / 100) for step in range(100)]
    assert read.rows("metrics/accuracy")[5]["time"] == 1_700_000_005_000
    assert read.points("metrics/all/loss") == [(float(step), 1.0 / (step + 1)) for step in range(100)]
    assert read.points("metrics/all/nested/lr")[:3] == [(0.0, 1.0), (1.0, 0.5), (2.0, 0.25)]
    assert read.points("metrics/fractional") == [(0.25, 2.0), (0.5, 3.0)]
    assert read.points("metrics/old_style") == [(0.0, 7.5)]
    assert read.points("metrics/extended") == [(1.0, 1.0), (2.0, 2.0), (4.0, 4.0)]
    assert [value for _, value in read.points("metrics/strange")] == ["NaN", "Infinity", "-Infinity", 1.0]
    assert [value for _, value in read.points("notes")] == ["first line", "second line"]


@pytest.mark.slow
def test_image_series(server: RunningServer, tmp_path: Path) -> None:
    read = run_snippet(IMAGES, server, tmp_path)
    rows = read.rows("train/predictions")
    assert [row["step"] for row in rows] == [0.0, 1.0, 2.0]
    assert {row["file"]["media_type"] for row in rows} == {"image/png"}
    assert "epoch 1" in json.dumps(rows[1]["file"])
    for epoch, shade in enumerate((0, 128, 255)):
        picture = np.asarray(Image.open(io.BytesIO(read.file("train/predictions", step=str(epoch)))))
        assert picture.shape == (8, 8, 3)
        assert abs(int(picture[0, 0, 0]) - shade) <= 1
    assert np.asarray(Image.open(io.BytesIO(read.file("train/sample")))).shape == (4, 4)


@pytest.mark.slow
def test_uploads(server: RunningServer, tmp_path: Path) -> None:
    read = run_snippet(UPLOADS, server, tmp_path)
    assert read.file("model/weights") == bytes(range(256)) * 1000
    assert read.file("docs/notes") == b"read me"
    assert read.file("docs/page") == b"<b>bold</b>"
    assert read.media_type("docs/page") == "text/html"
    assert pickle.loads(read.file("docs/pickled")) == {"a": 1}  # noqa: S301 - made by the snippet above


@pytest.mark.slow
def test_reading_back_in_the_script(server: RunningServer, tmp_path: Path) -> None:
    read = run_snippet(READING, server, tmp_path)
    assert read.value("parameters/lr") == 0.25
