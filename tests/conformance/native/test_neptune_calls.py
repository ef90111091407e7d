"""Every public call of the Neptune 1.x client, made against a real server and looked at through the read API.

docs/reference/neptune-calls.md is written from the same table, so it says what has just been tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import marigram
from conformance.native.answers import Answers
from conformance.native.neptune_calls import SECTIONS
from conformance.native.neptune_table import Bench, Call, page
from running_server import RunningServer

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "neptune-calls.md"
CALLS = [call for section in SECTIONS for call in section.calls]
NAMES = {
    "neptune": "ANONYMOUS_API_TOKEN Model ModelVersion Project Run init_model init_model_version init_project init_run",
    "init_run": "with_id project api_token custom_run_id mode name description tags source_files capture_stdout "
    "capture_stderr capture_hardware_metrics fail_on_exception monitoring_namespace flush_period proxies "
    "capture_traceback git_ref dependencies async_lag_callback async_lag_threshold async_no_progress_callback "
    "async_no_progress_threshold",
    "Run": "assign container_type define exists fetch get_attribute get_root_object get_state get_structure get_url "
    "lock monitoring_namespace ping pop print_structure set_attribute start stop sync wait",
    "Handler": "add append assign clear container delete_files download download_last extend fetch fetch_extension "
    "fetch_files_list fetch_hash fetch_last fetch_values get_root_object list_fileset_files log pop remove track_files "
    "upload upload_files",
    "Project": "fetch_models_table fetch_runs_table",
    "Model": "fetch_model_versions_table change_stage",
    "Table": "to_pandas to_rows download_file_attribute download_file_set_attribute get_attribute_type "
    "get_attribute_value",
    "types": "Artifact Boolean Datetime File FileSeries FileSet Float FloatSeries GitRef Integer String StringSeries "
    "StringSet",
    "File": "as_html as_image as_pickle content create_from extension from_content from_path from_stream "
    "is_convertable is_convertable_to_html is_convertable_to_image path",
    "utils": "NullProgressBar TqdmProgressBar stop_synchronization_callback stringify_unsupported",
    "integrations": "NeptuneHandler aws detectron2 fastai kedro lightgbm mosaicml optuna pandas prophet pytorch "
    "pytorch_lightning sacred sklearn tensorboard tensorflow_keras transformers xgboost",
    "management": "MemberRole ProjectVisibility WorkspaceMemberRole add_project_member add_project_service_account "
    "clear_trash create_project delete_objects_from_trash delete_project get_project_list get_project_member_list "
    "get_project_service_account_list get_workspace_member_list get_workspace_service_account_list "
    "get_workspace_status invite_to_workspace remove_project_member remove_project_service_account trash_objects",
}
"""What introspection shows to be public in neptune 1.14.0, less modules and constants of its inside."""

QUIET: dict[str, Any] = {
    "project": "team/calls",
    "capture_stdout": False,
    "capture_stderr": False,
    "capture_hardware_metrics": False,
    "source_files": [],
    "git_ref": False,
}


@pytest.fixture(scope="module")
def shared_run(shared_server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[marigram.Run]:
    """One run for all checks that need none of their own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MARIGRAM_HOME", str(tmp_path_factory.mktemp("home")))
        environment.setenv("MARIGRAM_RERAISE", "1")
        environment.setenv("MARIGRAM_SYNC_PATIENCE_S", "60")  # its server ends before its syncer does
        run = marigram.init_run(url=shared_server.url, name="calls", **QUIET)
    run.wait()  # checks ask the server about it at once
    yield run
    run.stop()


@pytest.fixture
def bench(
    shared_server: RunningServer, shared_run: marigram.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """What a check works with; the runs that it has started are stopped."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    started: list[marigram.Run] = []

    def start(**arguments: Any) -> marigram.Run:
        run = marigram.init_run(url=shared_server.url, **{**QUIET, **arguments})
        started.append(run)
        return run

    read = Answers(shared_server, shared_run.id)
    yield Bench(run=shared_run, read=read, start=start, server=shared_server, folder=folder)
    for run in started:
        run.stop()


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.section} {call.theirs}".replace("`", ""))
def test_a_call_does_what_the_page_says(call: Call, bench: Bench) -> None:
    call.check(bench)


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(SECTIONS), "write it again with: python tools/neptune_calls.py"


def test_no_call_is_named_twice() -> None:
    names = [(call.section, call.theirs) for call in CALLS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("place", NAMES)
def test_every_public_name_stands_on_the_page(place: str) -> None:
    words = set(re.findall(r"\w+", PAGE.read_text(encoding="utf-8")))
    assert [name for name in NAMES[place].split() if name not in words] == []
