"""The bot in a process of its own, and a Discord that it is connected to over real sockets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simcord.components import walk_components

from supportbot.adapter_kit.presence import Presence
from tests.acceptance.bots import Bot, eventually
from tests.discord_server import Channel, DiscordServer, InteractionResult, Message, Person

MODES = ["content", "mentions"]
MAINTAINERS = '[teaching]\nmaintainer_roles = ["manage_guild"]'
IMPATIENT = {"DISCORD_HEARTBEAT_TIMEOUT": "1.5"}
"""Lets the client take a gateway for dead that is silent for so many seconds."""


_OWN_FAULTS = (
    "could not be taken",
    "could not be delivered",
    "not looked for",
    "never retrieved",
    "is set aside",
)


@dataclass
class DiscordBot:
    """A bot that is connected to a Discord, in one of the two modes."""

    bot: Bot
    discord: DiscordServer
    mode: str = "content"
    settings: str = ""
    """More of the settings file."""
    servers: Sequence[int] = ()
    """The group's, where it has several."""

    def __post_init__(self) -> None:
        """Write its settings."""
        file = self.bot.home.with_suffix(".toml")
        file.write_text(
            f"{file.read_text()}\n{self.settings}\n[adapters.discord]\n"
            f'mode = "{self.mode}"\napi_url = "{self.discord.api_url}"\n'
            f'gateway_url = "{self.discord.gateway_url}"\ncdn_url = "{self.discord.cdn_url}"\n'
            f"look_seconds = 0.05\nservers = {list(self.servers)}\n"
        )

    def make_expert(self, person: Person) -> None:
        """Let somebody be the one of the settings who knows about the ledger."""
        file = self.bot.home.with_suffix(".toml")
        declared = f'topics = ["ledger"]\nidentities = ["discord:{person.id}"]'
        file.write_text(file.read_text().replace('topics = ["ledger"]', declared))

    def start(self, *, environment: dict[str, str] | None = None, **befalls: Any) -> None:
        """Start it; it need not be connected yet."""
        secrets = {"DISCORD_TOKEN": self.discord.token, **(environment or {})}
        self.bot.start(environment=secrets, **befalls)

    def connect(self, **befalls: Any) -> None:
        """Start it, and wait until it listens, and has looked for what it missed."""
        began = datetime.now(UTC)
        self.start(**befalls)
        self.until_caught_up(began)

    def until_caught_up(self, since: datetime) -> None:
        """Wait until it says that it listens, after a moment; before that it looks for the rest."""
        presence = Presence(self.bot.home / "discord-heard.txt")
        eventually(lambda: (presence.until() or since) > since)

    def listens(self) -> bool:
        """Whether Discord can tell it something."""
        return bool(self.discord.call(lambda: self.discord.gateway.connected))

    def stop(self) -> int | None:
        """Ask it to stop, and wait until it has."""
        self.bot.send_signal(15)
        return self.bot.wait()

    # People

    def person(self, name: str, **more: Any) -> Person:
        """Give somebody."""
        return self.discord.call(lambda: self.discord.user(name, **more))

    def maintainer(self, name: str) -> Person:
        """Give somebody who manages the guild."""
        discord = self.discord
        return discord.call(
            lambda: discord.user(name, roles=[discord.role("Keepers", "manage_guild")])
        )

    def channel(self, name: str, *members: Person, **more: Any) -> Channel:
        """Return a channel with the bot in it."""
        return self.discord.call(lambda: self.discord.channel(name, *members, **more))

    def says(self, person: Person, place: Channel, text: str, **more: Any) -> Message:
        """Let somebody say something."""
        return self.discord.do(person.says(place, text, **more))

    def says_at_once(self, things: Sequence[tuple[Person, Channel, str]]) -> list[Message]:
        """Let people say things, all in the same moment."""

        async def say() -> list[Message]:
            return [await person.says(channel, text) for person, channel, text in things]

        return self.discord.do(say())

    def presses(self, person: Person, message: Message, label: str) -> InteractionResult:
        """Let somebody press a button, and be answered."""
        result = self.discord.do(person.presses(message, label))
        assert result.acknowledged, "nobody answered in three seconds"
        return result

    def solves(self, person: Person, place: Channel) -> InteractionResult:
        """Let somebody press that the answer solved it which the bot asks about in a thread."""
        eventually(lambda: self._offers(place))
        offer = self._offers(place)[-1]
        if "This solved it" in labels_of(offer):
            return self.presses(person, offer, "This solved it")
        menu = next(one for one in walk_components(offer.components) if "options" in one)
        return self.chooses(person, offer, menu["options"][-1]["value"])

    def _offers(self, place: Channel) -> list[Message]:
        said = self.discord.call(lambda: self.discord.said_by_bot(place))
        return [one for one in said if "solve it?" in text_of(one) and labels_of(one)]

    def chooses(self, person: Person, message: Message, *chosen: Any) -> InteractionResult:
        """Let somebody choose from the only list of a message, and be answered."""
        result = self.discord.do(person.chooses(message, *chosen))
        assert result.acknowledged, "nobody answered in three seconds"
        return result

    def runs(self, person: Person, command: str, place: Channel, **options: str) -> Message:
        """Let somebody run a command; gives what only they see of it."""
        known = len(self.discord.call(lambda: person.sees(place)))
        result = self.discord.do(person.runs(command, place, **options))
        assert result.acknowledged, "nobody answered in three seconds"
        return self.seen(person, place, known + 1)

    def seen(self, person: Person, place: Channel, number: int = 1) -> Message:
        """Wait for the n-th thing that only one person sees."""
        eventually(lambda: len(self.discord.call(lambda: person.sees(place))) >= number)
        return self.discord.call(lambda: person.sees(place))[number - 1]

    # What is seen

    def thread(self, root: Message) -> Channel:
        """Wait for the thread on a message."""
        eventually(lambda: self.discord.call(lambda: self.discord.thread(root)))
        found = self.discord.call(lambda: self.discord.thread(root))
        assert found is not None
        return found

    def said(self, channel: Channel) -> list[Message]:
        """Return what the bot said in a channel, or in a thread."""
        return self.discord.call(lambda: self.discord.said_by_bot(channel))

    def said_there(self, channel: Channel, number: int = 1) -> Message:
        """Wait for the n-th thing that the bot says in a channel, or in a thread."""
        eventually(lambda: len(self.said(channel)) >= number)
        return self.said(channel)[number - 1]

    def replies(self, root: Message) -> list[Message]:
        """Return what the bot said in the thread on a message."""

        def said() -> list[Message]:
            thread = self.discord.thread(root)
            return self.discord.said_by_bot(thread) if thread else []

        return self.discord.call(said)

    def reply(self, root: Message, number: int = 1) -> Message:
        """Wait for the n-th thing that the bot says in the thread on a message."""
        eventually(lambda: len(self.replies(root)) >= number)
        return self.replies(root)[number - 1]

    # The database

    def look(self, query: str) -> int:
        """Count something in the bot's database."""
        rows = self.bot.look(query)
        return rows[0][0] if rows else 0

    def holds(self, message: Message) -> bool:
        """Whether the bot has stored and handled what somebody said."""
        stored = f"event_id LIKE 'discord:%:{message.id}' AND state != 'waiting'"
        return bool(self.look(f"SELECT count(*) FROM inbox WHERE {stored}"))  # noqa: S608

    def heard(self, message: Message) -> Message:
        """Wait until the bot has handled what somebody said."""
        eventually(lambda: self.holds(message))
        return message

    @property
    def complaints(self) -> list[str]:
        """Return what it said of mistakes of its own."""
        return [line for line in self.bot.said.splitlines() if any(map(line.count, _OWN_FAULTS))]

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is left to do."""
        return not self.bot.count("inbox", "waiting") and not self.bot.count("outbox", "waiting")

    def rests(self) -> None:
        """Wait until nothing is left to do."""
        eventually(lambda: self.is_at_rest)


def text_of(message: Message) -> str:
    """Return what a message says, below one another."""
    parts = [one["content"] for one in walk_components(message.components) if "content" in one]
    return "\n".join([message.content, *parts] if message.content else parts)


def labels_of(message: Message) -> list[str]:
    """Return what may be pressed and chosen in a message."""
    return list(_labels(message))


def _labels(message: Message) -> Iterator[str]:
    for one in walk_components(message.components):
        if "custom_id" in one:
            yield one.get("label") or one["placeholder"]


def moment(seconds: float) -> datetime:
    """Return a time by the seconds since 1970."""
    return datetime.fromtimestamp(seconds).astimezone()
