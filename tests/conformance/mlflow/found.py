"""What the read API must say after a scenario: a check for each that leaves something behind, by its name."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from conformance.native.answers import Answers, ask
from running_server import RunningServer


class Found:
    """Checks over one server; each takes what the scenario returned.

    Attributes:
        server: the one that the client talked to.
    """

    def __init__(self, server: RunningServer) -> None:
        self.server = server

    def of(self, run_id: str) -> Answers:
        """What the server says of a run."""
        return Answers(self.server, run_id)

    def an_experiment_is_made_found_renamed_and_tagged(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"]).run()
        assert run["project"].startswith("mlflow/")
        names = [project["name"] for project in ask(self.server, "/api/v1/projects")["projects"]]
        assert run["project"] in names

    def an_experiment_is_deleted_and_restored(self, facts: dict[str, Any]) -> None:
        assert self.of(facts["run"]).run()["trashed_at"] is None

    def the_default_experiment_is_there(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"]).run()
        assert (run["project"], run["status"]) == ("mlflow/Default", "finished")

    def an_experiment_named_like_a_project_is_that_project(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        assert (run.run()["project"], run.run()["name"]) == ("vision/cats-and-dogs", "first")
        assert run.points("metrics/loss") == [(0, 0.5)]

    def a_run_is_made_named_changed_and_ended(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        said = run.run()
        assert (said["name"], said["status"]) == ("third try", "failed")
        assert (said["created_at"], said["ended_at"]) == (1_700_000_000_123, 1_700_000_001_456)
        assert run.value("sys/description") == "It *works*."
        assert run.value("sys/client") == "mlflow"
        assert run.value("tags/a") == "1"
        wanted = {"FINISHED": "finished", "KILLED": "stopped", "SCHEDULED": "running", "RUNNING": "running"}
        status = {name: self.of(run_id).run()["status"] for name, run_id in facts["others"].items()}
        assert status == wanted

    def a_run_of_the_fluent_interface_says_who_and_what(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        assert (run.run()["name"], run.run()["status"]) == ("fluent", "finished")
        assert run.value("sys/description") == "words"
        assert run.value("params/lr") == "0.1"
        assert run.value("tags/stage") == "try"
        assert run.points("metrics/loss") == [(3, 0.5)]
        assert self.of(facts["failed"]).run()["status"] == "failed"

    def params_and_tags_keep_their_limits(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        assert run.value("params/p") == "1"
        assert run.value("params/long") == "x" * 6000
        assert run.value("params/many/099") == "99"
        assert run.value("params/folder/deep.x y-z:1") == "fine"
        assert run.points("metrics/m") == [(0, 1.0)]

    def runs_are_deleted_and_restored(self, facts: dict[str, Any]) -> None:
        assert self.of(facts["restored"]).run()["trashed_at"] is None
        assert self.of(facts["deleted"]).run()["trashed_at"] is not None
        assert self.of(facts["restored"]).points("metrics/m") == [(0, 1.0)]

    def nested_runs_know_their_parent(self, facts: dict[str, Any]) -> None:
        for place, child in enumerate(facts["children"]):
            assert self.of(child).value("tags/mlflow.parentRunId") == facts["parent"]
            assert self.of(child).run()["name"] == f"child {place}"

    def datasets_are_noted_and_found(self, facts: dict[str, Any]) -> None:
        listed = ask(self.server, f"/api/v1/runs/{facts['run']}/attributes?prefix=inputs&limit=100")["attributes"]
        values = [each["value"] for each in listed]
        assert {"table", "array", facts["digest"], "training", "testing"} <= set(values)

    def a_project_runs_with_the_environment_that_mlflow_run_gives_it(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        assert (run.run()["name"], run.run()["status"]) == ("by mlflow run", "finished")
        assert run.value("params/alpha") == "0.25"
        assert run.points("metrics/score") == [(0, 0.75)]

    def a_history_keeps_every_point_in_its_order(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        points = run.points("metrics/without/step")
        assert [value for _, value in points] == [0.0, 0.25, 0.5, 0.75], "values of one step stand in order of time"
        assert [math.floor(step) for step, _ in points] == [0, 0, 0, 0]
        assert [row["time"] - 1_700_000_000_000 for row in run.rows("metrics/without/step")] == [0, 1, 2, 3]
        assert run.points("metrics/steps") == [(-2, -2.0), (1, 1.0), (3, 3.0), (5, 5.0)]

    def odd_numbers_come_back(self, facts: dict[str, Any]) -> None:
        values = [value for _, value in self.of(facts["run"]).points("metrics/odd")]
        assert values == ["Infinity", "-Infinity", "NaN", 1e-300, 0.0]

    def batches_are_kept_whole(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        assert run.points("metrics/long") == [(step, step * 0.5) for step in range(3000)]
        assert run.points("metrics/wide/999") == [(0, 999.0)]

    def many_histories_are_read_at_once(self, facts: dict[str, Any]) -> None:
        for run in facts["runs"]:
            assert self.of(run).points("metrics/loss") == [(step, 1 / (step + 1)) for step in range(500)]

    def logging_from_other_threads_arrives(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        assert run.points("metrics/loss") == [(step, step / 10) for step in range(300)]
        assert run.value("params/b") == "2"

    def the_machine_is_watched(self, facts: dict[str, Any]) -> None:
        points = self.of(facts["run"]).points("monitoring/cpu_utilization_percentage")
        assert [step for step, _ in points] == list(range(len(points)))
        assert len(points) >= facts["points"] > 0

    def runs_are_found_by_every_kind_of_filter(self, facts: dict[str, Any]) -> None:
        assert self.of(facts["runs"]["c"]).run()["trashed_at"] is not None
        assert self.of(facts["runs"]["a"]).points("metrics/score") == [(0, 0.5)]
        assert self.of(facts["runs"]["a"]).value("params/model name") == "Net_a"

    def files_and_folders_are_logged_listed_and_fetched(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        for path in ("large.bin", "parts/large.bin"):
            assert hashlib.sha256(run.file(f"artifacts/{path}")).hexdigest() == facts["sha256"]
        assert run.file("artifacts/a folder/deep/plain.txt") == b"changed"
        assert run.file(f"artifacts/tree/{facts['odd']}") == facts["odd"].encode()
        listed = ask(self.server, f"/api/v1/runs/{facts['run']}/attributes?prefix=artifacts/tree&limit=100")
        assert [each["path"] for each in listed["attributes"]] == [f"artifacts/tree/{facts['odd']}"]

    def figures_tables_texts_and_images_are_logged(self, facts: dict[str, Any]) -> None:
        run = self.of(facts["run"])
        assert run.file("artifacts/page.html") == b"<b>bold</b>"
        assert run.file("artifacts/figures/line.png").startswith(b"\x89PNG")
        assert run.media_type("artifacts/figures/line.png") == "image/png"
        assert run.media_type("artifacts/page.html").startswith("text/html")
        for path in facts["pictures"]:
            assert run.attribute(f"artifacts/{path}")["file"]["size"] > 0

    def a_model_is_logged_and_loaded_by_run(self, facts: dict[str, Any]) -> None:
        assert self.of(facts["run"]).run()["status"] == "finished"

    def versions_are_made_staged_named_and_deleted(self, facts: dict[str, Any]) -> None:
        assert self.of(facts["run"]).file("artifacts/model/weights.txt") == b"weights"
