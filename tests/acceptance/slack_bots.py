"""The bot in a process of its own, and a Slack that it is connected to over real sockets."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.acceptance.bots import Bot, eventually
from tests.slack_server import Channel, Message, Person, SlackServer

MODES = ["socket", "http"]
QUICK = 0.2
"""Seconds between two looks at a socket."""


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@dataclass
class SlackBot:
    """A bot that is connected to a Slack, in one of the two modes."""

    bot: Bot
    slack: SlackServer
    mode: str = "socket"
    port: int = 0
    settings: str = ""
    """More of the settings file."""

    def __post_init__(self) -> None:
        """Write its settings."""
        self.port = free_port()
        file = self.bot.home.with_suffix(".toml")
        file.write_text(
            f"{file.read_text()}\n{self.settings}\n[adapters.slack]\n"
            f'mode = "{self.mode}"\napi_url = "{self.slack.api_url}"\nport = {self.port}\n'
            f"ping_seconds = {QUICK}\n"
        )

    @property
    def environment(self) -> dict[str, str]:
        """The secrets."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
        }

    def start(self, **befalls: Any) -> None:
        """Start it; it need not be connected yet."""
        if self.mode == "http":
            self.slack.call(lambda: self.slack.use_http(self.address))
        self.bot.start(environment=self.environment, **befalls)

    def connect(self, **befalls: Any) -> None:
        """Start it, and wait until it listens."""
        self.start(**befalls)
        eventually(self.listens)

    @property
    def address(self) -> str:
        """Where it takes requests."""
        return f"http://127.0.0.1:{self.port}/slack/events"

    def listens(self) -> bool:
        """Whether Slack can reach it."""
        if self.mode == "http":
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                return False
            return True
        return bool(self.slack.call(lambda: self.slack.courier.sockets))

    def stop(self) -> int | None:
        """Ask it to stop, and wait until it has."""
        self.bot.send_signal(15)
        return self.bot.wait()

    # People

    def person(self, name: str) -> Person:
        """Give somebody."""
        return self.slack.call(lambda: self.slack.user(name))

    def channel(self, name: str, *members: Person, **more: Any) -> Channel:
        """Return a channel with the bot in it."""
        return self.slack.call(lambda: self.slack.channel(name, *members, **more))

    def says(self, person: Person, channel: Channel, text: str, **more: Any) -> Message:
        """Let somebody say something."""
        return self.slack.do(person.says(channel, text, **more))

    def said(self, channel: Channel) -> list[Message]:
        """Return what the bot said in a channel, outside threads."""
        said = self.slack.call(lambda: self.slack.said_by_bot(channel))
        return [message for message in said if not message.is_reply]

    def look(self, query: str) -> int:
        """Count something in the bot's database."""
        rows = self.bot.look(query)
        return rows[0][0] if rows else 0

    def heard(self) -> None:
        """Wait until everything so far was acknowledged: of two at once, either may be first."""
        self.slack.do(self.slack.until_delivered())

    def presses(self, person: Person, message: Message, action: str, **chosen: Any) -> Any:
        """Let somebody press a button."""
        return self.slack.do(person.presses(message, f"supportbot.{action}", **chosen))

    def solves(self, person: Person, root: Message) -> Any:
        """Let somebody press that the answer solved it which the bot asks about in a thread."""
        eventually(lambda: self._offers(root))
        offer = self._offers(root)[-1]
        (element,) = next(b["elements"] for b in offer.blocks if b["type"] == "actions")
        value = element["options"][-1]["value"] if "options" in element else None
        return self.presses(person, offer, "solved", value=value)

    def _offers(self, root: Message) -> list[Message]:
        said = self.replies(root)
        return [one for one in said if "solve it?" in one.text and _may_press(one)]

    def says_at_once(self, things: Sequence[tuple[Person, Channel, str]]) -> list[Message]:
        """Let people say things, all in the same moment; Slack has sent none of it yet."""

        async def say() -> list[Message]:
            return [await person.says(channel, text) for person, channel, text in things]

        return self.slack.do(say())

    def replies(self, root: Message) -> list[Message]:
        """Return what the bot said in a thread."""
        bot = self.slack.bot.id
        return self.slack.call(lambda: [m for m in self.slack.thread(root) if m.user == bot])

    def reply(self, root: Message, number: int = 1) -> Message:
        """Wait for the n-th thing that the bot says in a thread."""
        eventually(lambda: len(self.replies(root)) >= number)
        return self.replies(root)[number - 1]


def _may_press(message: Message) -> bool:
    return any(block["type"] == "actions" for block in message.blocks)
