"""Which channels of a server count as open: whoever cannot see one decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from simcord.backend.models import Overwrite, Role
from simcord.backend.permissions import flag
from simcord.enums import OverwriteType

from supportbot.domain.chat.events import ChannelsListed, Event, MessagePosted
from supportbot.ports import Finding
from tests.adapters.discord.test_discord_events import World
from tests.adapters.discord.test_discord_setup import examined
from tests.discord_server import Channel, DiscordServer, Person, running_discord

SEES = flag("view_channel")
WRITES = SEES | flag("send_messages") | flag("read_message_history")


@dataclass
class Server:
    """A server that is set up, and then listened to."""

    discord: DiscordServer
    home: Path
    world: World | None = None

    def role(self, name: str, permissions: int = 0) -> Role:
        """Return a role; members may have it."""
        backend, guild = self.discord.backend, self.discord.guild
        return self.discord.call(
            lambda: backend.create_role(guild.id, name, permissions=permissions)
        )

    def channel(self, name: str, **overwrites: tuple[Any, int, int]) -> Channel:
        """Return a channel with overwrites: for whom, what is allowed, and what denied."""
        given = [
            Overwrite(
                target.id,
                OverwriteType.ROLE if isinstance(target, Role) else OverwriteType.MEMBER,
                allow=allow,
                deny=deny,
            )
            for target, allow, deny in overwrites.values()
        ]
        guild = self.discord.guild
        return self.discord.call(
            lambda: self.discord.backend.create_channel(guild.id, name, overwrites=given)
        )

    @property
    def everyone(self) -> Role:
        """The role that the whole server has."""
        return self.discord.guild.roles[self.discord.guild.id]

    def close_the_gate(self) -> Role:
        """Let @everyone see nothing, and a role see everything; returns the role."""
        everyone, backend, guild = self.everyone, self.discord.backend, self.discord.guild
        allowed = int(everyone.permissions)
        self.discord.call(
            lambda: backend.edit_role(guild.id, everyone.id, {"permissions": allowed & ~SEES})
        )
        bots = self.role("Bots", allowed | WRITES)
        self.discord.call(lambda: backend.add_member_role(guild.id, self.discord.bot.id, bots.id))
        return self.role("Member", allowed | WRITES)

    def person(self, name: str, *roles: Role) -> Person:
        """Return somebody with roles."""
        return self.discord.call(lambda: self.discord.user(name, roles=list(roles)))

    def listen(self, **options: object) -> World:
        """Connect the bot."""
        self.world = World(self.discord, self.home, options)
        self.world.begin()
        return self.world

    def is_open(self, channel: Channel) -> bool:
        """Whether everybody may see a channel, as the bot tells it last."""
        return str(channel.id) in self.last().open

    def is_shared(self, channel: Channel) -> bool:
        """Whether people outside of the group see a channel too."""
        return str(channel.id) in self.last().shared

    def last(self) -> ChannelsListed:
        """Return what the bot has told of the channels last."""
        assert self.world is not None
        told: Sequence[Event] = self.world.heard
        return [event for event in told if isinstance(event, ChannelsListed)][-1]

    def examined(self) -> Sequence[Finding]:
        """Let the doctor look."""
        return examined(self.discord, home=self.home)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_discord() as discord:
        server = Server(discord, tmp_path)
        yield server
        if server.world is not None:
            server.world.end()


def test_a_channel_that_a_role_or_a_person_is_kept_out_of_is_closed(server: Server) -> None:
    newbie, nia = server.role("Newbie"), server.person("Nia")
    help_ = server.channel("help")
    veterans = server.channel("veterans", newbie=(newbie, 0, SEES))
    without_nia = server.channel("without-nia", nia=(nia.user, 0, SEES))
    read_only = server.channel("news", newbie=(newbie, 0, flag("send_messages")))

    server.listen()

    assert [server.is_open(one) for one in (help_, veterans, without_nia, read_only)] == [
        True,
        False,
        False,
        True,
    ]


def test_behind_a_gate_the_one_role_that_sees_everything_is_everybody(server: Server) -> None:
    member = server.close_the_gate()
    help_, general = server.channel("help"), server.channel("general")
    board = server.channel("board", member=(member, 0, SEES))
    lobby = server.channel("lobby", all=(server.everyone, SEES, 0))

    server.listen()

    assert server.is_open(help_)
    assert server.is_open(general)
    assert not server.is_open(board)
    assert not server.is_open(lobby)
    assert server.is_shared(lobby)


def test_who_is_not_through_the_gate_is_an_outsider(server: Server) -> None:
    member = server.close_the_gate()
    server.channel("help")
    server.channel("general")
    lobby = server.channel("lobby", all=(server.everyone, SEES, 0))
    maria, new = server.person("Maria", member), server.person("New")
    world = server.listen()

    inside = world.says(maria, lobby, "Welcome!")
    outside = world.says(new, lobby, "Hello?")
    alone = world.says(new, new.dm, "How do I get in?")

    assert not inside.author.is_outsider
    assert outside.author.is_outsider
    assert alone.author.is_outsider
    assert outside.place.is_shared


def test_where_two_roles_may_be_everybody_no_channel_behind_the_gate_is_open(
    server: Server,
) -> None:
    server.close_the_gate()
    server.role("Customers", SEES)
    help_ = server.channel("help")

    server.listen()

    assert not server.is_open(help_)
    (problem,) = [one.problem for one in server.examined() if "are closed" in one.problem]
    assert "1 of 1 channels are closed" in problem
    assert 'everybody = "' in problem


@pytest.mark.parametrize("name", ["Member", "@member"])
def test_the_settings_name_who_is_everybody(server: Server, name: str) -> None:
    server.close_the_gate()
    customers = server.role("Customers")
    help_ = server.channel("help", customers=(customers, SEES, 0))

    server.listen(everybody=name)

    assert server.is_open(help_)


def test_a_role_that_is_not_there_is_nobodys(server: Server) -> None:
    help_ = server.channel("help")

    server.listen(everybody="Membres")

    assert not server.is_open(help_)


def test_a_role_and_an_overwrite_that_are_changed_count_at_once(server: Server) -> None:
    member = server.close_the_gate()
    help_ = server.channel("help")
    world, backend, guild = server.listen(), server.discord.backend, server.discord.guild
    assert server.is_open(help_)

    denying = Overwrite(member.id, OverwriteType.ROLE, deny=SEES)
    server.discord.call(lambda: backend.set_overwrite(help_.id, denying))
    world.until(lambda: not server.is_open(help_))
    server.discord.call(lambda: backend.delete_overwrite(help_.id, member.id))
    world.until(lambda: server.is_open(help_))
    other = server.role("Other", SEES)
    world.until(lambda: not server.is_open(help_))
    server.discord.call(lambda: backend.delete_role(guild.id, other.id))
    world.until(lambda: server.is_open(help_))


def test_a_thread_is_as_open_as_its_channel(server: Server) -> None:
    newbie = server.role("Newbie")
    closed = server.channel("veterans", newbie=(newbie, 0, SEES))
    maria = server.person("Maria")
    world = server.listen()
    root = world.do(maria.says(closed, "How do I post?"))
    thread = world.do(maria.starts_thread(root, "posting"))

    said = world.do(maria.says(thread, "Anybody?"))

    assert world.hears(MessagePosted, f":{said.id}").place.is_private


def test_the_doctor_says_how_many_channels_are_closed_and_why(server: Server) -> None:
    newbie = server.role("Newbie")
    server.channel("help")
    server.channel("veterans", newbie=(newbie, 0, SEES))

    said = " ".join(finding.otherwise for finding in server.examined())

    assert "everybody is @everyone, and 1 of 2 channels are closed: " in said
    assert "#veterans (denied to Newbie)" in said
