"""A stranger's server, beside that of the group, as the adapter sees both."""

from collections.abc import Iterator

import pytest

from supportbot.domain.chat.events import Event, MessagePosted
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot.errors import DeliveryError
from supportbot_discord.belonging import CONFIRMED
from tests.adapters.discord.test_discord_events import World
from tests.discord_server import Channel, Person, running_discord


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that listens, first in one server alone."""
    with running_discord() as server:
        world = World(server, tmp_path_factory.mktemp("discord"))
        world.begin()
        yield world
        world.end()


@pytest.fixture(scope="module")
def help_(world: World) -> Channel:
    """A channel of the group's server."""
    return world.server.call(lambda: world.server.channel("help"))


@pytest.fixture(scope="module")
def hall(world: World) -> Channel:
    """A channel of a server to which a stranger has added the bot."""
    server = world.server
    evil = server.call(lambda: server.add_guild("Evil"))
    return server.call(lambda: server.channel("hall", guild=evil))


@pytest.fixture(scope="module")
def owner(world: World, hall: Channel) -> Person:
    """Who manages that server, and is in no other."""
    server = world.server
    guild = server.call(lambda: server.backend.guilds[hall.guild_id or 0])
    return server.call(
        lambda: server.user(
            "Owner", roles=[server.role("Own", "manage_guild", guild=guild)], guild=guild
        )
    )


def member(world: World, name: str) -> Person:
    return world.server.call(lambda: world.server.user(name))


def heard_until_now(world: World, help_: Channel) -> list[Event]:
    """Return what was heard until something that a member says now."""
    said = world.says(member(world, "Maria"), help_, "Is it on?")
    return world.heard[: world.heard.index(said)]


def test_the_only_server_is_confirmed_and_one_that_is_joined_later_waits(
    world: World, help_: Channel, hall: Channel, owner: Person
) -> None:
    world.do(owner.says(hall, "How can I close the ledger?"))

    heard = heard_until_now(world, help_)

    assert str(hall.guild_id) not in {event.place.workspace for event in heard}
    assert (world.home / CONFIRMED).read_text().split() == [str(world.server.guild.id)]


def test_who_is_in_no_server_of_the_group_is_not_heard_in_a_direct_message(
    world: World, help_: Channel, owner: Person
) -> None:
    world.do(owner.says(owner.dm, "How can I steal the ledger?"))

    heard = heard_until_now(world, help_)

    assert "steal" not in str([one.text for one in heard if isinstance(one, MessagePosted)])


def test_a_member_of_the_group_is_heard_in_a_direct_message(world: World) -> None:
    paul = member(world, "Paul")

    said = world.says(paul, paul.dm, "How can I close the ledger?")

    assert said.author.name == "Paul"


def test_a_command_in_another_server_is_refused_to_that_person_alone(
    world: World, hall: Channel, owner: Person
) -> None:
    result = world.do(owner.runs("ask", hall, question="How can I close the ledger?"))

    assert result.ephemeral
    assert result.response is not None
    assert "only help in my own group" in result.response.content


def test_nothing_is_posted_in_another_server(world: World, hall: Channel) -> None:
    place = Place("discord", str(hall.guild_id), str(hall.id))

    with pytest.raises(DeliveryError, match="not the group's") as raised:
        world.shows(OutgoingMessage("e1/reply", place, Reply("This was answered before.")))

    assert raised.value.permanent


def test_a_role_says_in_which_server_it_is_held(world: World, help_: Channel) -> None:
    server = world.server
    boss = server.call(lambda: server.user("Boss", roles=[server.role("Keep", "manage_guild")]))

    said = world.says(boss, help_, "Good morning.")

    assert said.author.held_in == str(server.guild.id)
    assert "manage_guild" in said.author.roles
