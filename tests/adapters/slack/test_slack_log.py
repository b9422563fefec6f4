import logging
from io import StringIO
from pathlib import Path

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.ports import AdapterContext
from supportbot_slack.adapter import create


def test_a_token_in_the_environment_is_no_reason_to_warn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    create(AdapterContext(tmp_path, {}, StringIO(), StringIO()))

    with caplog.at_level(logging.WARNING):
        AsyncApp(client=AsyncWebClient(token="xoxb-1"), signing_secret="secret")  # noqa: S106

    assert caplog.messages == []
