from __future__ import annotations

from pathlib import Path

import pytest

from marigram.client.errors import SettingError
from marigram.client.settings import DEFAULT_URL, Mode, Settings, parse_url


def test_without_variables_the_server_is_on_this_machine(tmp_path: Path) -> None:
    settings = Settings.from_environment({"HOME": str(tmp_path)})
    assert (settings.url, settings.token, settings.project, settings.mode) == (DEFAULT_URL, None, None, Mode.ASYNC)
    assert settings.home.name == "marigram"
    assert (settings.stop_timeout_s, settings.sync_patience_s, settings.reraise) == (5.0, 86_400.0, False)


def test_every_variable_is_read(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "MARIGRAM_URL": "https://tracker.lab/sub/",
            "MARIGRAM_TOKEN": "secret",
            "MARIGRAM_PROJECT": "a/b",
            "MARIGRAM_HOME": str(tmp_path),
            "MARIGRAM_MODE": "offline",
            "MARIGRAM_CUSTOM_RUN_ID": "same",
            "MARIGRAM_MONITORING_NAMESPACE": "monitoring/rank0",
            "MARIGRAM_STOP_TIMEOUT_S": "0.5",
            "MARIGRAM_SYNC_PATIENCE_S": "60",
            "MARIGRAM_QUEUE_MAX_BYTES": "5000000",
            "MARIGRAM_RERAISE": "1",
        }
    )
    assert settings == Settings(
        url="https://tracker.lab/sub",
        token="secret",
        project="a/b",
        home=tmp_path,
        mode=Mode.OFFLINE,
        custom_run_id="same",
        monitoring_namespace="monitoring/rank0",
        stop_timeout_s=0.5,
        sync_patience_s=60.0,
        queue_max_bytes=5_000_000,
        reraise=True,
    )


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("MARIGRAM_URL", "localhost:6274", "http://"),
        ("MARIGRAM_MODE", "asynchronous", "'async'"),
        ("MARIGRAM_STOP_TIMEOUT_S", "soon", "number of seconds"),
        ("MARIGRAM_SYNC_PATIENCE_S", "-1", "number of seconds"),
    ],
)
def test_a_variable_that_cannot_be_understood_is_named_with_what_to_write(name: str, text: str, hint: str) -> None:
    with pytest.raises(SettingError, match=name) as raised:
        Settings.from_environment({name: text})
    assert hint in str(raised.value)


@pytest.mark.parametrize("text", ["", "ftp://x", "http://", "6274"])
def test_an_address_must_be_one_of_a_web_server(text: str) -> None:
    with pytest.raises(SettingError):
        parse_url(text)
