"""Guests, people of other companies, and the channels that they share."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.adapter_kit.slack_people import is_ext_shared, is_outside
from supportbot.domain.chat.events import ChannelsListed, Event, MessagePosted, PlaceChanged
from supportbot_slack.catching_up import catch_up
from supportbot_slack.events import Needed, Person, needed, person_in, read_event, read_past
from supportbot_slack.outside import Walls
from supportbot_slack.workspace import Workspace
from tests.adapters.slack.test_slack_events import KNOWN, TS, pressed, told
from tests.slack_server import SlackServer

WIDE = replace(KNOWN, walls=Walls(widens_shared=True, widens_guests=True))


def event_told(**more: Any) -> dict[str, Any]:
    return told(ts=TS, text="How do I post?") | more


@pytest.mark.parametrize(
    ("channel", "is_shared"),
    [
        ({"is_shared": True, "is_ext_shared": True}, True),
        ({"is_pending_ext_shared": True}, True),
        ({"is_shared": True, "is_org_shared": True, "is_ext_shared": False}, False),
        ({}, False),
    ],
)
def test_a_channel_is_shared_when_another_company_is_in_it_or_invited(
    channel: dict[str, Any], *, is_shared: bool
) -> None:
    assert is_ext_shared(channel) is is_shared


@pytest.mark.parametrize(
    ("user", "is_foreign"),
    [
        ({"team_id": "T1"}, False),
        ({"team_id": "T9"}, True),
        ({"team_id": "T1", "is_restricted": True}, True),
        ({"team_id": "T1", "is_restricted": True, "is_ultra_restricted": True}, True),
        ({"team_id": "T1", "is_stranger": True}, True),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E1", "teams": ["T9"]}}, False),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E9", "teams": ["T9"]}}, True),
        ({"team_id": "E1"}, False),
        ({}, False),
    ],
)
def test_an_outsider_is_a_guest_or_of_another_company(
    user: dict[str, Any], *, is_foreign: bool
) -> None:
    assert is_outside(user, "T1", "E1") is is_foreign


@pytest.mark.parametrize("known", [KNOWN, WIDE])
def test_a_message_says_whether_its_channel_is_shared(known: Any) -> None:
    event = read_event(event_told(is_ext_shared_channel=True), known)

    assert event is not None
    assert event.place.is_shared is (known is KNOWN)
    assert event.place.is_private is (known is KNOWN)


def test_a_press_in_a_shared_channel_is_one_there() -> None:
    event = read_event(pressed("solved"), replace(KNOWN, is_shared=True))

    assert event is not None
    assert event.place.is_shared


def test_a_channel_to_which_another_company_is_invited_is_shared_whatever_an_event_says() -> None:
    known = replace(KNOWN, pending=frozenset({"C1"}))

    event = read_event(event_told(is_ext_shared_channel=False), known)

    assert event is not None
    assert event.place.is_shared


def test_what_is_read_of_the_past_says_it_as_well() -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    message = {"ts": TS, "user": "U1", "text": "How do I post?"}
    channel = {"id": "C1", "is_private": False, "is_ext_shared": True}

    (event,) = read_past(message, channel, KNOWN, since=now - timedelta(days=9), now=now)

    assert event.place.is_shared


@pytest.mark.parametrize(
    ("said", "is_shared"),
    [
        ({"type": "channel_shared", "connected_team_id": "T9"}, True),
        ({"type": "channel_unshared", "is_ext_shared": True}, True),
        ({"type": "channel_unshared", "is_ext_shared": False}, False),
    ],
)
def test_a_channel_that_is_shared_or_not_any_more_is_news(
    said: dict[str, Any], *, is_shared: bool
) -> None:
    body = {"type": "event_callback", "event": {"channel": "C1", "event_ts": TS, **said}}

    event = read_event(body, KNOWN)

    assert needed(body).channel == "C1"
    assert isinstance(event, PlaceChanged)
    assert (event.place.is_shared, event.place.is_private) == (is_shared, is_shared)


@pytest.mark.parametrize(("known", "is_outsider"), [(KNOWN, True), (WIDE, False)])
def test_a_guest_says_something_as_an_outsider(known: Any, *, is_outsider: bool) -> None:
    people = {"U1": Person("Sam", is_outsider=True)}

    event = read_event(event_told(), replace(known, people=people))

    assert isinstance(event, MessagePosted)
    assert event.author.is_outsider is is_outsider


def test_of_whom_slack_does_not_say_who_they_are_nobody_takes_them_for_a_member() -> None:
    event = read_event(event_told(), replace(KNOWN, people={}))

    assert isinstance(event, MessagePosted)
    assert event.author.is_outsider


def test_that_somebody_is_a_guest_from_now_on_is_known_at_once() -> None:
    async def play() -> None:
        async with SlackServer() as slack, aiohttp.ClientSession() as session:
            here = await workspace(slack, session)
            sam = slack.user("Sam")
            before = (await here.known(Needed(users=(sam.id,)))).people[sam.id]

            sam.user.is_restricted = True
            event = {"type": "user_change", "user": sam.user.as_json()}
            here.note_person(person_in({"type": "event_callback", "event": event}))

            after = (await here.known(Needed(users=(sam.id,)))).people[sam.id]
            assert (before.is_outsider, after.is_outsider) == (False, True)

    asyncio.run(play())


def test_whoever_administers_another_companys_workspace_is_nobody_here() -> None:
    async def play() -> None:
        async with SlackServer() as slack, aiohttp.ClientSession() as session:
            here = await workspace(slack, session)
            sam = slack.user("Sam", is_admin=True)
            sam.user.team = "T0ACME"

            person = (await here.known(Needed(users=(sam.id,)))).people[sam.id]

            assert (person.is_outsider, person.roles) == (True, ())

    asyncio.run(play())


def test_which_channels_are_shared_is_told_on_connecting() -> None:
    async def play() -> None:
        async with SlackServer() as slack, aiohttp.ClientSession() as session:
            here = await workspace(slack, session)
            help_, shared = slack.channel("help"), slack.channel("with-acme")
            shared.more = {"is_ext_shared": True}
            heard: list[Event] = []

            async def receive(event: Event) -> None:
                heard.append(event)

            now = datetime.now(UTC)
            await catch_up(here, receive, since=now, oldest=now)

            (listed,) = [one for one in heard if isinstance(one, ChannelsListed)]
            assert help_.id in listed.open
            assert shared.id not in listed.open
            assert listed.shared == (shared.id,)

    asyncio.run(play())


async def workspace(slack: SlackServer, session: aiohttp.ClientSession) -> Workspace:
    client = AsyncWebClient(
        token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
    )
    here = Workspace(client)
    await here.identify()
    return here
