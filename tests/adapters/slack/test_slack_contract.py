import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from supportbot.adapter_kit import storing
from supportbot.domain.chat.places import Place
from supportbot.ports import Adapter, AdapterContext
from supportbot.testing import AdapterContract, World
from supportbot_slack.adapter import SlackAdapter
from tests.slack_server import Channel, SlackServer, running_slack

QUICK = {"ping_seconds": 0.2}


class Workspace(World):
    """A workspace with one channel, and the bot in it."""

    def __init__(self, slack: SlackServer, home: Path) -> None:
        self.slack = slack
        self._home = home
        self.help: Channel = slack.call(
            lambda: slack.channel("help", slack.user("Maria"), slack.user("Paul"))
        )

    def adapter(self) -> Adapter:
        options = {"api_url": self.slack.api_url, **QUICK}
        environment = {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
        }
        context = AdapterContext(self._home, options, StringIO(), StringIO())
        return SlackAdapter(context, environment)

    def post(self, author: str, text: str, thread: str | None = None) -> str:
        person = self.slack.call(lambda: self.slack.user(author))
        return self.slack.do(person.says(self.help, text, thread=thread or "")).ts

    def place(self, thread: str) -> Place:
        return Place("slack", self.slack.workspace.id, self.help.id, thread)

    def missing_place(self) -> Place:
        return Place("slack", self.slack.workspace.id, "C0NOWHERE", "1772442000.000100")

    def shown(self) -> list[str]:
        return [
            f"{message.text} {json.dumps(message.blocks, ensure_ascii=False)}"
            for message in self.slack.said_by_bot(self.help)
        ]

    def shown_alone(self, author: str) -> list[str]:
        person = self.slack.call(lambda: self.slack.user(author))
        dm = self.slack.call(lambda: person.dm)
        said = [*self.slack.call(person.sees), *self.slack.said_by_bot(dm)]
        return [message.text for message in said]


@pytest.fixture(autouse=True)
def slack() -> Iterator[SlackServer]:
    with running_slack() as server:
        yield server


class TestSlack(AdapterContract):
    @pytest.fixture(autouse=True)
    def _here(self, slack: SlackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storing, "_PAUSE", timedelta(milliseconds=20))
        self._slack, self._home = slack, tmp_path

    def world(self) -> World:
        return Workspace(self._slack, self._home)
