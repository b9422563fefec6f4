"""Whoever types a command reads something, whatever becomes of it."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from supportbot.domain.chat.events import Inquired, MessagePosted
from supportbot.domain.replies.notices import compose_still_working
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot_discord import adapter as adapter_module
from supportbot_discord.asked_alone import AskedAlone
from tests.adapters.discord.test_discord_events import World
from tests.discord.quick import QuickConnection
from tests.discord.redirecting import redirected_for_now
from tests.discord_server import Channel, Message, Person, running_discord


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    impatient = partial(AskedAlone, timedelta(milliseconds=100))
    with redirected_for_now() as patch, running_discord() as server:
        patch.setattr(adapter_module, "Connection", QuickConnection)
        patch.setattr(adapter_module, "AskedAlone", impatient)
        world = World(server, tmp_path_factory.mktemp("home"))
        world.begin()
        yield world
        world.end()


@pytest.fixture
def maria(world: World) -> Person:
    return world.server.call(lambda: world.server.user("Maria"))


@pytest.fixture
def help_(world: World) -> Channel:
    return world.server.call(lambda: world.server.channel("help"))


def seen(world: World, person: Person, channel: Channel) -> list[Message]:
    return world.server.call(lambda: person.sees(channel))


def last_heard(world: World, kind: type[Inquired] | type[MessagePosted]) -> str:
    event = [one for one in world.heard if isinstance(one, kind)][-1]
    return event.message_id if isinstance(event, MessagePosted) else event.place.thread or ""


def test_a_command_that_nothing_comes_of_is_resolved_all_the_same(
    world: World, maria: Person, help_: Channel
) -> None:
    world.do(maria.runs("help", help_))

    world.until(lambda: seen(world, maria, help_))

    assert [one.content for one in seen(world, maria, help_)] == [compose_still_working().text]


def test_what_comes_late_stands_below_the_word_that_was_said_meanwhile(
    world: World, maria: Person, help_: Channel
) -> None:
    known = len(seen(world, maria, help_))
    world.do(maria.runs("ask", help_, question="How do I post?"))
    world.until(lambda: len(seen(world, maria, help_)) > known)
    place = [one for one in world.heard if isinstance(one, MessagePosted)][-1].place
    thread = place.in_thread(last_heard(world, MessagePosted))

    world.shows(OutgoingMessage("late", thread, Reply("With the button.")))

    assert len(seen(world, maria, help_)) == known + 2


def test_what_cannot_be_stored_is_said_once(world: World, maria: Person, help_: Channel) -> None:
    known = len(seen(world, maria, help_))
    world.is_broken = True
    world.do(maria.runs("help", help_))
    world.is_broken = False
    world.do(maria.runs("home", help_))

    world.until(lambda: len(seen(world, maria, help_)) >= known + 2)

    texts = [one.content for one in seen(world, maria, help_)[known:]]
    assert texts[0].startswith("I couldn't take that just now")
    assert texts[1:] == [compose_still_working().text]
