from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

import marigram
from marigram.integrations.python_logger import MarigramHandler
from unit.client.fake_server import FakeServer

QUIET: dict[str, Any] = {
    "capture_stdout": False,
    "capture_stderr": False,
    "capture_hardware_metrics": False,
    "source_files": [],
    "git_ref": False,
    "dependencies": None,
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, own_environment: None) -> Iterator[FakeServer]:
    """A server; MARIGRAM_URL names it."""
    del own_environment
    with FakeServer() as server:
        monkeypatch.setenv("MARIGRAM_URL", server.url)
        monkeypatch.setenv("MARIGRAM_SYNC_PATIENCE_S", "20")
        yield server


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger whose handlers are gone after the test."""
    logger = logging.getLogger("marigram.test.python_logger")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield logger
    logger.handlers.clear()


def test_records_become_one_series_per_level(fake: FakeServer, logger: logging.Logger) -> None:
    with marigram.init_run(project="team/test", **QUIET) as run:
        handler = MarigramHandler(run=run, level=logging.INFO)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.debug("too low")
        logger.info("first %s", "one")
        logger.warning("careful")
        logger.info("second")
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "timed", None, None)
        record.created = 12.5
        logger.handle(record)
    assert fake.series("logs/info") == [(0.0, "INFO first one"), (1.0, "INFO second")]
    assert fake.series("logs/warning") == [(0.0, "WARNING careful")]
    assert fake.points("logs/error") == [(0.0, 12_500, "ERROR timed")]
    assert fake.series("logs/debug") == []


def test_records_can_go_below_a_place_or_with_the_process(fake: FakeServer, logger: logging.Logger) -> None:
    with marigram.init_run(project="team/test", **QUIET) as run:
        logger.addHandler(MarigramHandler(run=run["worker"], path="log"))
        logger.addHandler(MarigramHandler(run=run, path=None))
        logger.info("both")
    assert fake.series("worker/log/info") == [(0.0, "both")]
    assert fake.series(f"{run.monitoring_namespace}/python_logger/info") == [(0.0, "both")]


def test_a_record_that_cannot_be_formatted_does_not_raise(fake: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    with marigram.init_run(project="team/test", **QUIET) as run:
        handler = MarigramHandler(run=run)
        # Handed over by hand: a logger would hand it to pytest's own handler too, which raises.
        handler.handle(logging.LogRecord("x", logging.INFO, __file__, 1, "%d", ("no number",), None))
        handler.handle(logging.LogRecord("x", logging.INFO, __file__, 1, "fine", None, None))
    assert fake.series("logs/info") == [(0.0, "fine")]
    assert "no number" in capsys.readouterr().err


def test_what_is_no_run_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="init_run"):
        MarigramHandler(run="run")
