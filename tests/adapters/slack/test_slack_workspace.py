import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.errors import DeliveryError
from supportbot_slack import workspace as module
from supportbot_slack.events import Needed
from supportbot_slack.workspace import RefusalError, Workspace
from tests.slack_server import (
    Held,
    NotJson,
    RateLimited,
    Refusal,
    Reset,
    SlackServer,
    Slow,
    Status,
)

T = TypeVar("T")


def calling(act: Callable[[SlackServer, Workspace], Awaitable[T]]) -> T:
    """Let something happen with a workspace at a server of its own."""

    async def play() -> T:
        async with SlackServer() as slack, aiohttp.ClientSession() as session:
            client = AsyncWebClient(
                token=slack.bot_token,
                base_url=slack.api_url,
                session=session,
                timeout=5,
                retry_handlers=[],
            )
            return await act(slack, Workspace(client))

    return asyncio.run(play())


async def failure(work: Awaitable[object]) -> DeliveryError:
    """Return the error that something ends with."""
    with pytest.raises(DeliveryError) as caught:
        await work
    return caught.value


def test_it_waits_as_long_as_slack_asks_before_the_same_call_is_made_again() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        slack.faults.add("auth.test", RateLimited(1))
        error = await failure(here.identify())
        await asyncio.gather(here.identify(), here.identify())

        assert (error.permanent, error.retry_after) == (False, timedelta(seconds=1))
        assert len(slack.record.calls_of("auth.test")) == 3
        assert slack.record.early_calls() == []

    calling(act)


def test_other_calls_go_on_while_one_has_to_wait() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        slack.faults.add("auth.test", RateLimited(3_000))
        await failure(here.identify())
        later = await failure(here.identify())
        await here.learn_names()

        assert later.retry_after is not None
        assert later.retry_after > timedelta(minutes=49)
        assert len(slack.record.calls_of("auth.test")) == 1

    calling(act)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(0, 0), (None, 60), ("soon", 60), ("-5", 60), ("1.5", 60), (10**9, 3600)],
)
def test_what_slack_asks_for_is_obeyed_within_reason(
    asked: float | str | None, seconds: int
) -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        slack.faults.add("auth.test", RateLimited(asked))

        error = await failure(here.identify())

        assert error.retry_after == timedelta(seconds=seconds)

    calling(act)


@pytest.mark.parametrize(
    "fault",
    [
        Status(500),
        Status(502, "Bad gateway", "text/plain"),
        Status(504, '"too late"', "application/json"),
        NotJson(),
        NotJson("<html>Sign in</html>", "text/html"),
        NotJson("fine", "text/plain"),
        NotJson("[1]"),
        NotJson("null"),
        NotJson(""),
        Reset(),
    ],
)
def test_an_answer_that_cannot_be_read_is_none(fault: Status | NotJson | Reset) -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        slack.faults.add("auth.test", fault)

        error = await failure(here.identify())

        assert not error.permanent
        assert "did not answer" in str(error)

    calling(act)


@pytest.mark.parametrize(
    ("code", "is_permanent"),
    [("is_archived", True), ("cannot_reply_to_message", True), ("token_revoked", False)],
)
def test_a_refusal_says_why_and_whether_it_is_for_good(code: str, *, is_permanent: bool) -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        slack.faults.add("auth.test", Refusal(code))

        error = await failure(here.identify())

        assert isinstance(error, RefusalError)
        assert (error.code, error.permanent) == (code, is_permanent)

    calling(act)


def test_a_scope_that_is_lacking_is_named() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        slack.faults.add("users.list", Refusal("missing_scope", {"needed": "users:read"}))

        assert "the app lacks the scope users:read" in str(await failure(here.learn_names()))

    calling(act)


def test_a_name_that_does_not_come_in_time_is_done_without() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        maria = slack.user("Maria")
        slack.faults.add("users.info", Slow(30))

        unknown = await here.known(Needed(users=(maria.id,)))
        known = await here.known(Needed(users=(maria.id,)))

        assert unknown.people == {}
        assert known.people[maria.id].name == "Maria"

    calling(act)


def test_names_are_asked_for_once() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        maria = slack.user("Maria")
        await here.learn_names()

        known = await here.known(Needed(users=(maria.id,)))

        assert known.people[maria.id].name == "Maria"
        assert slack.record.calls_of("users.info") == []

    calling(act)


def test_a_channel_that_the_bot_may_not_look_at_is_taken_for_a_private_one() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        slack.faults.add("conversations.info", Refusal("channel_not_found"))

        assert (await here.known(Needed(channel="C0ELSEWHERE"))).is_private

    calling(act)


def test_that_a_channel_is_open_is_not_taken_from_an_event_that_may_be_an_old_one() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        help_ = slack.channel("help", private=True)

        here.note_privacy(help_.id, is_private=False)

        assert await here.is_private(help_.id)

    calling(act)


def test_a_channel_that_was_closed_while_slack_said_that_it_is_open_is_closed() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        help_ = slack.channel("help")
        slack.faults.add("conversations.info", held := Held())
        asking = asyncio.create_task(here.is_private(help_.id))
        await slack.until(lambda: slack.record.calls_of("conversations.info"))
        here.note_privacy(help_.id, is_private=True)
        held.release()

        assert await asking

    calling(act)


def test_who_may_see_a_channel_is_asked_again_once_something_may_have_been_missed() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        help_, maria = slack.channel("help"), slack.user("Maria")
        assert not await here.is_private(help_.id)
        await maria.makes_private(help_.id)

        here.forget_privacy()

        assert await here.is_private(help_.id)

    calling(act)


@pytest.mark.parametrize("fault", [Status(500), Slow(30)])
def test_of_a_channel_nothing_is_read_unless_slack_says_who_may_see_it(
    monkeypatch: pytest.MonkeyPatch, fault: Status | Slow
) -> None:
    monkeypatch.setattr(module, "_PRIVACY_PATIENCE", 0.2)

    async def act(slack: SlackServer, here: Workspace) -> None:
        help_ = slack.channel("help")
        slack.faults.add("conversations.info", fault)

        await failure(here.known(Needed(channel=help_.id)))

        assert (await here.known(Needed(channel=help_.id))).is_private is False

    calling(act)


def test_a_file_of_another_companys_people_is_looked_up_before_it_is_read() -> None:
    async def act(slack: SlackServer, here: Workspace) -> None:
        maria = slack.user("Maria")
        file = slack.add_file(slack.workspace, maria.id, "log.txt", b"error 4")
        named = {"id": file["id"], "file_access": "check_file_info"}

        known = await here.known(Needed(files=(named,)))

        assert known.files == {file["id"]: "error 4"}
        assert known.found[file["id"]]["name"] == "log.txt"

    calling(act)


def test_a_file_that_slack_does_not_tell_of_is_only_not_read() -> None:
    async def act(_slack: SlackServer, here: Workspace) -> None:
        named = {"id": "F0GONE", "file_access": "check_file_info"}

        known = await here.known(Needed(files=(named,)))

        assert (known.files, dict(known.found["F0GONE"])) == ({}, named)

    calling(act)
