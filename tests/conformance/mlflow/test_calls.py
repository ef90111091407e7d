"""The unmodified MLflow clients, newest and oldest: every call of theirs, looked at through them and the read API.

docs/reference/mlflow-calls.md is written from the same table, so it says what has just been tried.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance.mlflow.calls import ENDPOINTS, SECTIONS
from conformance.mlflow.calls_table import NEWEST, OLDEST, Row, page
from conformance.mlflow.conftest import CLIENTS, Conversation
from conformance.mlflow.found import Found

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "mlflow-calls.md"
SAID = Path(__file__).parent / "said"
SCENARIO = re.compile(r"^def ([a-z]\w+)\(bench: Bench\)", re.MULTILINE)
SCENARIOS = [name for file in sorted(SAID.glob("*.py")) for name in SCENARIO.findall(file.read_text(encoding="utf-8"))]
ROWS = [row for section in SECTIONS for row in section.rows]
MODULES = {"artifacts", "client", "data", "entities", "exceptions", "models", "projects", "tracing", "types", "utils"}

NO_SERVER = "the_names_of_the_client"
TYPES = {"ActiveModel", "ActiveRun"}  # what the calls return

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_client_and_the_read_api_see_what_the_scenario_says(
    conversation: Conversation, client: str, scenario: str
) -> None:
    told = conversation.told[client][scenario]
    if told.error is not None:
        pytest.fail(told.error, pytrace=False)
    check = getattr(Found(conversation.server), scenario, None)
    if check is not None and told.facts is not None:
        check(told.facts)


def test_every_check_belongs_to_a_scenario() -> None:
    checks = {name for name in vars(Found) if not name.startswith("_")} - {"of"}
    assert checks <= set(SCENARIOS)


def test_no_request_of_a_scenario_was_answered_with_an_error_of_the_server(conversation: Conversation) -> None:
    failed = [f"{each.status} {each.method} {each.target}" for each in conversation.exchanges if each.status >= 500]
    assert failed == []


def test_every_error_has_the_shape_that_the_client_reads(conversation: Conversation) -> None:
    for each in conversation.exchanges:
        if each.status >= 400:
            body = json.loads(each.answer)
            assert set(body) == {"error_code", "message"}, each
            assert body["error_code"]
            assert body["message"]


def test_every_endpoint_of_the_table_has_answered(conversation: Conversation) -> None:
    answered = {(each.method, urlsplit(each.target).path) for each in conversation.exchanges if each.status < 300}
    silent = [
        f"{each.method} {each.path}"
        for each in ENDPOINTS
        if not any(method == each.method and _pattern(each.path).fullmatch(path) for method, path in answered)
    ]
    assert silent == []


def test_every_endpoint_that_answered_is_in_the_table(conversation: Conversation) -> None:
    answered = {(each.method, urlsplit(each.target).path) for each in conversation.exchanges if each.status < 300}
    unknown = {
        f"{method} {path}"
        for method, path in answered
        if not any(method == each.method and _pattern(each.path).fullmatch(path) for each in ENDPOINTS)
    }
    assert unknown == set()


@pytest.mark.parametrize("client", CLIENTS)
def test_every_public_name_of_the_client_is_in_the_table(conversation: Conversation, client: str) -> None:
    facts = conversation.told[client]["the_names_of_the_client"].facts
    assert facts is not None
    assert facts["version"] == {"mlflow-3": NEWEST, "mlflow-2": OLDEST}[client]
    named = {name for row in ROWS if row.since <= int(client[-1]) for name in row.names}
    assert {*facts["client"], *facts["fluent"]} - named - MODULES == set()


def test_every_name_of_the_table_is_one_of_a_client(conversation: Conversation) -> None:
    every = {client: conversation.told[client]["the_names_of_the_client"].facts for client in CLIENTS}
    names = {name for facts in every.values() if facts for name in [*facts["client"], *facts["fluent"]]}
    assert {name for row in ROWS for name in row.names} - names == set()


@pytest.mark.parametrize("row", [row for row in ROWS if row.scenario], ids=lambda row: row.calls.split()[0])
def test_a_call_is_said_to_work_only_if_a_scenario_makes_it(row: Row) -> None:
    if row.scenario == NO_SERVER:
        return
    text = "".join(file.read_text(encoding="utf-8") for file in sorted(SAID.glob("*.py")))
    assert row.scenario in SCENARIOS
    assert [name for name in sorted(row.names - TYPES) if not re.search(rf"\b{name}\b", text)] == []


def test_the_page_of_the_table_is_what_the_documentation_shows() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(SECTIONS, ENDPOINTS), "run `python tools/mlflow_calls.py`"


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\{\}", ".+"))
