"""What people ask the bot from somewhere in Slack, and what they alone are told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportbot.domain.chat.events import AnswerAccepted, Event, MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import Asked, OutgoingMessage, Reply
from supportbot.errors import DeliveryError
from supportbot_slack.adapter import SlackAdapter
from tests.adapters.slack.test_slack_connection import connected, posted
from tests.slack_server import Channel, SlackServer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Act = Callable[[SlackServer, SlackAdapter, asyncio.Queue[Event]], Awaitable[None]]


def asking(act: Act, home: Path) -> None:
    """Let something happen with a bot that is connected to a Slack of its own."""

    async def play() -> None:
        async with SlackServer() as slack, connected(slack, home) as (adapter, events):
            await act(slack, adapter, events)

    asyncio.run(play())


def heard_so_far(events: asyncio.Queue[Event]) -> list[Event]:
    return [events.get_nowait() for _ in range(events.qsize())]


async def share(slack: SlackServer, adapter: SlackAdapter, channel: Channel) -> None:
    """Let the bot ask the group what Maria had asked it alone."""
    asked = Asked(Author("slack", "U1", "Maria"), "How do I post?", asked_here_at=NOW)
    place = Place("slack", slack.workspace.id, channel.id)
    message = OutgoingMessage("m1", place, Reply("Maria asks:", asked=asked))
    await adapter.deliver(message, attempt=1)


def test_an_open_channel_is_joined_so_that_the_replies_are_heard(tmp_path: Path) -> None:
    async def act(slack: SlackServer, adapter: SlackAdapter, events: asyncio.Queue[Event]) -> None:
        ben = slack.user("Ben")
        channel = slack.channel("open", ben, bot=False)

        await share(slack, adapter, channel)
        (root,) = slack.said_by_bot(channel)
        await ben.says(channel, "Two thin coats, and sand it between them.", thread=root)

        heard = await posted(events)
        assert heard.place.thread == root.ts

    asking(act, tmp_path)


@pytest.mark.parametrize("is_private", [True, False], ids=["a private channel", "no scope to join"])
def test_nothing_is_asked_where_the_replies_would_not_be_heard(
    tmp_path: Path, *, is_private: bool
) -> None:
    async def act(slack: SlackServer, adapter: SlackAdapter, _events: asyncio.Queue[Event]) -> None:
        channel = slack.channel("closed", slack.user("Ben"), private=is_private, bot=False)
        slack.installation().scopes.remove("channels:join")

        with pytest.raises(DeliveryError) as refused:
            await share(slack, adapter, channel)

        assert refused.value.permanent
        assert slack.said_by_bot(channel) == []

    asking(act, tmp_path)


def test_the_shortcut_in_a_channel_without_the_bot_tells_its_user_what_to_do(
    tmp_path: Path,
) -> None:
    async def act(slack: SlackServer, _adapter: SlackAdapter, events: asyncio.Queue[Event]) -> None:
        ada, ben = slack.user("Ada"), slack.user("Ben")
        channel = slack.channel("closed", ada, ben, private=True, bot=False)
        message = await ben.says(channel, "How do I hang the picture?")

        await ada.uses_shortcut("ask_the_group", message)

        (told,) = slack.workspace.ephemerals
        assert "Add me with /invite" in told.text
        assert told.ephemeral_to == ada.id
        assert not any(isinstance(one, MessagePosted) for one in heard_so_far(events))

    asking(act, tmp_path)


def test_the_shortcut_in_an_open_channel_without_the_bot_brings_it_there(tmp_path: Path) -> None:
    async def act(slack: SlackServer, _adapter: SlackAdapter, events: asyncio.Queue[Event]) -> None:
        ada, ben = slack.user("Ada"), slack.user("Ben")
        channel = slack.channel("open", ada, ben, bot=False)
        message = await ben.says(channel, "How do I hang the picture?")

        await ada.uses_shortcut("ask_the_group", message)

        asked = await posted(events)
        assert asked.message_id == message.ts
        assert slack.bot.id in channel.members

    asking(act, tmp_path)


def test_a_shortcut_that_means_nothing_is_answered_all_the_same(tmp_path: Path) -> None:
    async def act(slack: SlackServer, adapter: SlackAdapter, events: asyncio.Queue[Event]) -> None:
        ada = slack.user("Ada")
        channel = slack.channel("help", ada)
        place = Place("slack", slack.workspace.id, channel.id)
        await adapter.deliver(OutgoingMessage("m1", place, Reply("Hello.")), attempt=1)
        (own,) = slack.said_by_bot(channel)

        await ada.uses_shortcut("ask_the_group", own)

        (told,) = slack.workspace.ephemerals
        assert "can't find a question" in told.text
        assert not any(isinstance(one, MessagePosted) for one in heard_so_far(events))

    asking(act, tmp_path)


def test_a_command_to_ask_without_a_question_is_heard_and_waits_for_a_word(tmp_path: Path) -> None:
    async def act(slack: SlackServer, _adapter: SlackAdapter, events: asyncio.Queue[Event]) -> None:
        ada = slack.user("Ada")
        channel = slack.channel("help", ada)

        await ada.runs("/ask", "", channel)

        asked = await posted(events)
        assert (asked.text, asked.is_command) == ("", True)

    asking(act, tmp_path)


def test_a_new_name_counts_from_the_moment_that_it_is_chosen(tmp_path: Path) -> None:
    async def act(slack: SlackServer, _adapter: SlackAdapter, events: asyncio.Queue[Event]) -> None:
        maria = slack.user("Maria")
        channel = slack.channel("help", maria)
        first = await maria.says(channel, "How do I post?")
        before = await posted(events, first.ts)
        await maria.changes(real_name="Maria Silva")
        await slack.until_delivered()
        second = await maria.says(channel, "And how do I print it?")

        after = await posted(events, second.ts)

        assert (before.author.name, after.author.name) == ("Maria", "Maria Silva")

    asking(act, tmp_path)


def test_an_open_channel_that_somebody_joins_stays_open(tmp_path: Path) -> None:
    async def act(slack: SlackServer, _adapter: SlackAdapter, events: asyncio.Queue[Event]) -> None:
        maria, ben = slack.user("Maria"), slack.user("Ben")
        channel = slack.channel("help", maria)
        said = await maria.says(channel, "How do I post?")
        await ben.joins(channel)
        await maria.reacts(said, "white_check_mark")

        marked = await events.get()
        while not isinstance(marked, AnswerAccepted):
            marked = await events.get()

        assert not marked.place.is_private

    asking(act, tmp_path)
