"""What the real clients say to servers that are hard to reach: answers are lost, or a token is asked for."""

from __future__ import annotations

import pytest

from conformance.mlflow.conftest import CLIENTS, Conversation
from conformance.mlflow.test_stories import facts_of
from conformance.native.answers import Answers, ask
from http_proxy import Exchange

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_client_sends_again_because_the_answer_was_lost_is_there_once(
    conversation: Conversation, client: str
) -> None:
    facts = facts_of(conversation, client, "what_is_sent_again_is_there_once")
    run = Answers(conversation.server, facts["run"])
    assert run.points("metrics/rising") == [(step, step * 0.5) for step in range(40)]
    assert [value for _, value in run.points("metrics/without step")] == [float(place) for place in range(40)]
    assert run.points("metrics/batched") == [(step, step * 2.0) for step in range(2000)]
    assert [value for _, value in run.points("metrics/same in one batch")] == [1.0, 2.0]
    assert run.value("params/p19") == "19"
    assert run.value("tags/t19") == "19"
    assert run.run()["status"] == "finished"
    for place in range(5):
        assert run.file(f"artifacts/{place}.txt") == f"file {place}".encode()
    runs = ask(conversation.server, f"/api/v1/projects/{run.run()['project']}/runs")["rows"]
    assert [row["run"]["id"] for row in runs] == [facts["run"]]


@pytest.mark.parametrize("client", CLIENTS)
def test_enough_answers_to_all_that_writes_were_lost(conversation: Conversation, client: str) -> None:
    lost = [each for each in conversation.lossy[client] if each.lost]
    assert {each.status for each in lost} == {200}, "the server had done what was asked"
    assert {last_word(each) for each in lost} >= {"log-metric", "log-batch", "log-parameter", "set-tag"}
    assert len(lost) >= 40


@pytest.mark.parametrize("client", CLIENTS)
def test_a_token_opens_a_server_that_asks_for_one(conversation: Conversation, client: str) -> None:
    told = conversation.told[client]["a_token_opens_a_server_that_asks_for_one"]
    if told.facts is None:
        pytest.fail(told.error or "nothing was said", pytrace=False)
    assert told.facts["run"]


def last_word(exchange: Exchange) -> str:
    return exchange.target.partition("?")[0].rpartition("/")[2]
