import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.errors import DeliveryError
from supportbot_slack.posting import find_posted, post
from supportbot_slack.workspace import Workspace
from tests.slack_server import (
    Channel,
    LostResponse,
    Message,
    RateLimited,
    Refusal,
    SlackServer,
    Status,
)

T = TypeVar("T")
SAID = {"text": "Open the setup."}
Act = Callable[[SlackServer, Workspace, Channel, Message], Awaitable[T]]


def posting(act: Act[T]) -> T:
    """Let something happen with a question of Maria's, at a server of its own."""

    async def play() -> T:
        async with SlackServer() as slack, aiohttp.ClientSession() as session:
            client = AsyncWebClient(
                token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
            )
            maria = slack.user("Maria")
            help_ = slack.channel("help", maria)
            asked = await maria.says(help_, "How do I open the ledger?")
            return await act(slack, Workspace(client), help_, asked)

    return asyncio.run(play())


async def failure(work: Awaitable[object]) -> DeliveryError:
    """Return the error that something ends with."""
    with pytest.raises(DeliveryError) as caught:
        await work
    return caught.value


def test_what_was_posted_is_found_again_by_its_id() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        in_thread = await post(here, help_.id, asked.ts, "one", SAID)
        in_channel = await post(here, help_.id, None, "two", SAID)

        assert await find_posted(here, help_.id, asked.ts, "one") == in_thread
        assert await find_posted(here, help_.id, None, "two") == in_channel
        assert await find_posted(here, help_.id, asked.ts, "three") == ""
        assert len(slack.said_by_bot(help_)) == 2

    posting(act)


def test_a_post_whose_answer_was_lost_is_found() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        slack.faults.add("chat.postMessage", LostResponse())
        error = await failure(post(here, help_.id, asked.ts, "one", SAID))

        (there,) = slack.thread(asked)
        assert not error.permanent
        assert await find_posted(here, help_.id, asked.ts, "one") == there.ts

    posting(act)


def test_it_is_found_behind_many_others() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        ts = await post(here, help_.id, asked.ts, "one", SAID)
        for number in range(450):
            await slack.user("Maria").says(help_, f"And {number}?", thread=asked)

        assert await find_posted(here, help_.id, asked.ts, "one") == ts

    posting(act)


def test_a_search_that_slack_interrupts_goes_on_where_it_was() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        slack.most_of_history = 15
        for number in range(40):
            await slack.user("Maria").says(help_, f"And {number}?", thread=asked)
        ts = await post(here, help_.id, asked.ts, "one", SAID)
        slack.faults.add("conversations.replies", RateLimited(0), after=1)
        slack.faults.add("conversations.replies", RateLimited(0), after=2)

        for _ in range(2):
            await failure(find_posted(here, help_.id, asked.ts, "one"))

        assert await find_posted(here, help_.id, asked.ts, "one") == ts
        answered = [c for c in slack.record.calls_of("conversations.replies") if not c.fault]
        assert len({call.arguments.get("cursor", "") for call in answered}) == len(answered) == 3
        assert here.searches == {}

    posting(act)


def test_nothing_is_said_again_while_slack_does_not_say_whether_it_is_there() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        slack.faults.add("conversations.replies", Status(500))

        assert not (await failure(find_posted(here, help_.id, asked.ts, "one"))).permanent

    posting(act)


def test_a_reply_whose_thread_was_deleted_is_taken_back_out_of_the_channel() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        await slack.user("Maria").deletes(asked)

        error = await failure(post(here, help_.id, asked.ts, "one", SAID))

        assert error.permanent
        assert slack.said_by_bot(help_) == []

    posting(act)


@pytest.mark.parametrize("fault", [Status(500), LostResponse()])
def test_a_reply_that_could_not_be_taken_back_is_taken_back_at_the_next_attempt(
    fault: Status | LostResponse,
) -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        await slack.user("Maria").deletes(asked)
        slack.faults.add("chat.delete", fault)
        first = await failure(post(here, help_.id, asked.ts, "one", SAID))

        posted = await find_or_post(here, help_, asked)

        assert (first.permanent, posted.permanent) == (False, True)
        assert slack.said_by_bot(help_) == []

    posting(act)


async def find_or_post(here: Workspace, help_: Channel, asked: Message) -> DeliveryError:
    """Do what the adapter does at a second attempt, which must fail."""

    async def again() -> None:
        if not await find_posted(here, help_.id, asked.ts, "one"):
            await post(here, help_.id, asked.ts, "one", SAID)

    return await failure(again())


def test_a_reply_that_is_gone_already_when_it_is_taken_back_is_over() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        await slack.user("Maria").deletes(asked)
        slack.faults.add("chat.delete", Refusal("message_not_found"))

        assert (await failure(post(here, help_.id, asked.ts, "one", SAID))).permanent

    posting(act)


def test_a_thread_whose_first_message_left_a_tombstone_is_still_a_thread() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        await slack.user("Maria").says(help_, "Anybody?", thread=asked)
        await slack.user("Maria").deletes(asked)

        ts = await post(here, help_.id, asked.ts, "one", SAID)

        assert ts in [message.ts for message in slack.thread(asked)]

    posting(act)


def test_of_a_channel_that_is_gone_posting_says_so() -> None:
    async def act(slack: SlackServer, here: Workspace, help_: Channel, asked: Message) -> None:
        await slack.user("Maria").deletes_channel(help_)

        assert await find_posted(here, help_.id, asked.ts, "one") == ""
        assert (await failure(post(here, help_.id, asked.ts, "one", SAID))).permanent

    posting(act)
