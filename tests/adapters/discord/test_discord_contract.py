from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from supportbot.adapter_kit import storing
from supportbot.domain.chat.places import Place
from supportbot.ports import Adapter, AdapterContext
from supportbot.testing import AdapterContract, World
from supportbot_discord import adapter
from supportbot_discord.adapter import DiscordAdapter
from tests.discord.quick import QuickConnection
from tests.discord_server import Channel, DiscordServer


class Guild(World):
    """A guild with one channel, and the bot in it."""

    def __init__(self, server: DiscordServer, home: Path) -> None:
        self.server = server
        self._home = home
        self.help: Channel = server.call(lambda: server.channel("help"))

    def adapter(self) -> Adapter:
        options = {
            "mode": "content",
            "api_url": self.server.api_url,
            "gateway_url": self.server.gateway_url,
            "cdn_url": self.server.cdn_url,
        }
        context = AdapterContext(self._home, options, StringIO(), StringIO())
        return DiscordAdapter(context, {"DISCORD_TOKEN": self.server.token})

    def post(self, author: str, text: str, thread: str | None = None) -> str:
        person = self.server.call(lambda: self.server.user(author))
        place = self.help
        if thread is not None:
            root = next(m for m in self.server.messages(self.help) if str(m.id) == thread)
            place = self.server.thread(root) or self.server.do(person.starts_thread(root, "?"))
        return str(self.server.do(person.says(place, text)).id)

    def place(self, thread: str) -> Place:
        return Place("discord", str(self.server.guild.id), str(self.help.id), thread)

    def missing_place(self) -> Place:
        return Place("discord", str(self.server.guild.id), "4040404", "4040405")

    def shown(self) -> list[str]:
        channels = self.server.backend.channels
        return [
            str(self.server.as_json(message)["components"])
            for message in self.server.said_by_bot()
            if channels[message.channel_id].guild_id
        ]

    def shown_alone(self, author: str) -> list[str]:
        person = self.server.call(lambda: self.server.user(author))
        dm = self.server.call(lambda: person.dm)
        return [str(self.server.as_json(message)) for message in self.server.said_by_bot(dm)]


class TestDiscord(AdapterContract):
    @pytest.fixture(autouse=True)
    def _here(self, server: DiscordServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(storing, "_PAUSE", timedelta(milliseconds=20))
        monkeypatch.setattr(adapter, "Connection", QuickConnection)
        self._server, self._home = server, tmp_path

    def world(self) -> World:
        return Guild(self._server, self._home)
