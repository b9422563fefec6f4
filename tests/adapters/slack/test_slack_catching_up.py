import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.adapter_kit import storing
from supportbot.domain.chat.events import (
    AnswerAccepted,
    ChannelsListed,
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.errors import SupportbotError
from supportbot_slack import catching_up as module
from supportbot_slack.catching_up import catch_up
from supportbot_slack.events import Known, read_event
from supportbot_slack.workspace import Workspace
from tests.slack_server import (
    Channel,
    NotJson,
    Person,
    RateLimited,
    Refusal,
    Reset,
    SlackServer,
    Status,
)

HOUR = 3600.0


@dataclass
class Here:
    """A Slack with one channel, and what was brought from it."""

    slack: SlackServer
    workspace: Workspace
    maria: Person
    paul: Person
    help_: Channel
    brought: list[Event] = field(default_factory=list)
    listed: list[Event] = field(default_factory=list)
    """What was told of which channels are open."""
    fails: int = 0
    """Times that storing fails."""

    async def catch_up(self, *, hours: float = 1, days: float = 3) -> Sequence[Event]:
        """Bring what was missed in so many hours; gives it."""
        now = datetime.now(UTC)
        since, oldest = now - timedelta(hours=hours), now - timedelta(days=days)
        await catch_up(self.workspace, self._receive, since=max(since, oldest), oldest=oldest)
        return self.brought

    async def _receive(self, event: Event) -> None:
        if self.fails:
            self.fails -= 1
            message = "the disk is full"
            raise SupportbotError(message)
        (self.listed if isinstance(event, ChannelsListed) else self.brought).append(event)

    def ago(self, hours: float) -> float:
        return time.time() - hours * HOUR


def away(act: Callable[[Here], Awaitable[None]]) -> None:
    """Let something happen while the bot is away."""

    async def play() -> None:
        async with SlackServer() as slack, aiohttp.ClientSession() as session:
            client = AsyncWebClient(
                token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
            )
            maria, paul = slack.user("Maria"), slack.user("Paul")
            workspace = Workspace(client)
            await workspace.identify()
            await act(Here(slack, workspace, maria, paul, slack.channel("help", maria, paul)))

    asyncio.run(play())


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", timedelta(milliseconds=10))
    monkeypatch.setattr(storing, "_PAUSE", timedelta(milliseconds=10))


def test_what_was_said_is_brought_in_order_with_replies_and_from_every_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)

    async def act(here: Here) -> None:
        first = await here.maria.says(here.help_, "One?", at=here.ago(0.9))
        await here.maria.says(here.help_, "Three?", at=here.ago(0.7))
        await here.paul.says(here.help_, "Two.", thread=first, at=here.ago(0.8))
        for number in range(5):
            await here.paul.says(here.help_, f"Hm {number}", thread=first, at=here.ago(0.5))
        await here.maria.says(here.maria.dm, "In private?")

        brought = await here.catch_up()

        texts = [event.text for event in brought if isinstance(event, MessagePosted)]
        assert texts[:3] == ["One?", "Two.", "Three?"]
        assert len(texts) == 9
        assert texts[-1] == "In private?"

    away(act)


def test_first_it_is_told_which_channels_everybody_may_see_from_every_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_LISTED", 1)

    async def act(here: Here) -> None:
        other = here.slack.channel("elsewhere")
        closed = here.slack.channel("board", here.maria)
        await here.maria.makes_private(closed)

        await here.catch_up()

        (listed,) = here.listed
        assert isinstance(listed, ChannelsListed)
        assert listed.place == Place("slack", here.workspace.team, "")
        assert set(listed.open) >= {here.help_.id, other.id}
        assert closed.id not in listed.open

    away(act)


def test_nothing_is_said_of_open_channels_while_slack_does_not_list_them_all() -> None:
    async def act(here: Here) -> None:
        here.slack.faults.add("conversations.list", Refusal("missing_scope"), times=2)

        await here.catch_up()

        assert here.listed == []

    away(act)


def test_what_is_too_old_is_left_alone() -> None:
    async def act(here: Here) -> None:
        await here.maria.says(here.help_, "Yesterday?", at=here.ago(23))
        await here.maria.says(here.help_, "Long ago?", at=here.ago(80))

        brought = await here.catch_up(hours=1_000, days=3)

        assert [e.text for e in brought if isinstance(e, MessagePosted)] == ["Yesterday?"]

    away(act)


def test_a_question_that_somebody_has_answered_is_late() -> None:
    async def act(here: Here) -> None:
        answered = await here.maria.says(here.help_, "One?")
        await here.paul.says(here.help_, "Yes.", thread=answered)
        alone = await here.maria.says(here.help_, "Two?")
        await here.maria.says(here.help_, "Nobody?", thread=alone)

        brought = await here.catch_up()

        late = {e.text: e.is_late for e in brought if isinstance(e, MessagePosted)}
        assert late == {"One?": True, "Yes.": False, "Two?": False, "Nobody?": False}

    away(act)


@pytest.mark.parametrize("hours_ago", [0.05, 20])
def test_an_edit_and_a_tick_are_brought_whenever_the_message_was_posted(hours_ago: float) -> None:
    async def act(here: Here) -> None:
        asked = await here.maria.says(here.help_, "One?", at=here.ago(hours_ago))
        answer = await here.paul.says(
            here.help_, "Yes.", thread=asked, at=here.ago(hours_ago - 0.01)
        )
        await here.maria.edits(asked, "Two?")
        await here.paul.edits(answer, "No.")
        await here.maria.reacts(answer, "white_check_mark")
        await here.maria.reacts(answer, "eyes")

        brought = await here.catch_up()

        assert [e.text for e in brought if isinstance(e, MessageEdited)] == ["Two?", "No."]
        accepted = [e for e in brought if isinstance(e, AnswerAccepted)]
        assert [(e.message_id, e.author.name) for e in accepted] == [(answer.ts, "Maria")]

    away(act)


@pytest.mark.parametrize("hours_ago", [0.05, 20])
def test_a_question_that_was_deleted_is_noticed_by_the_replies_that_are_left(
    hours_ago: float,
) -> None:
    async def act(here: Here) -> None:
        in_channel = await here.maria.says(here.help_, "One?", at=here.ago(hours_ago))
        await here.paul.says(here.help_, "Yes.", thread=in_channel, at=here.ago(hours_ago - 0.01))
        alone = await here.maria.says(here.maria.dm, "Two?", at=here.ago(hours_ago))
        await here.maria.says(here.maria.dm, "Hm", thread=alone, at=here.ago(hours_ago - 0.01))
        await here.maria.deletes(in_channel)
        await here.maria.deletes(alone)

        brought = await here.catch_up()

        deleted = {e.message_id: e.place for e in brought if isinstance(e, MessageDeleted)}
        assert deleted == {
            in_channel.ts: Place("slack", here.workspace.team, here.help_.id),
            alone.ts: direct_place(Author("slack", here.maria.id, ""), here.workspace.team),
        }

    away(act)


def test_a_deletion_that_is_told_of_and_one_that_is_found_later_are_one_event() -> None:
    async def act(here: Here) -> None:
        asked = await here.maria.says(here.help_, "One?")
        await here.paul.says(here.help_, "Yes.", thread=asked)
        await here.maria.deletes(asked)
        (told,) = here.slack.record.events("message", "message_changed")

        found = [e for e in await here.catch_up() if isinstance(e, MessageDeleted)]

        live = read_event(told.payload, Known(here.workspace.team, here.workspace.bot))
        assert live is not None
        assert [one.event_id for one in found] == [live.event_id]

    away(act)


def test_nobody_is_looked_up_for_what_is_no_news() -> None:
    async def act(here: Here) -> None:
        await here.maria.says(here.help_, "One?", at=here.ago(20))

        assert await here.catch_up() == []
        assert here.slack.record.calls_of("users.info") == []

    away(act)


@pytest.mark.parametrize(
    "fault",
    [
        Status(500),
        Status(502, "Bad gateway", "text/plain"),
        NotJson(),
        Reset(),
        RateLimited(0),
        Refusal("internal_error"),
        Refusal("token_revoked"),
    ],
)
@pytest.mark.parametrize(
    "method", ["users.conversations", "conversations.history", "conversations.replies"]
)
def test_nothing_is_passed_over_because_slack_fails_for_a_while(
    fault: Status | NotJson | Reset | RateLimited | Refusal, method: str
) -> None:
    async def act(here: Here) -> None:
        asked = await here.maria.says(here.help_, "One?")
        await here.paul.says(here.help_, "Yes.", thread=asked)
        here.slack.faults.add(method, fault, times=3)

        assert len(await here.catch_up()) == 2

    away(act)


def test_a_channel_that_may_not_be_read_keeps_nobody_from_the_others() -> None:
    async def act(here: Here) -> None:
        closed = here.slack.channel("closed", here.maria)
        await here.maria.says(here.help_, "One?")
        here.slack.faults.add(
            "conversations.history", Refusal("missing_scope"), times=-1, channel=closed.id
        )

        assert len(await here.catch_up()) == 1

    away(act)


def test_what_could_not_be_stored_is_offered_again() -> None:
    async def act(here: Here) -> None:
        await here.maria.says(here.help_, "One?")
        here.fails = 2

        assert len(await here.catch_up()) == 1

    away(act)
