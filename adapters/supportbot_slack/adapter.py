"""Connects Slack to the bot."""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.adapter_kit.presence import Presence
from supportbot.adapter_kit.turns import Turns
from supportbot.domain.chat.events import AskingEnded, Event, MemberJoined, MemberLeft
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place, direct_to, is_home
from supportbot.domain.replies.notices import compose_no_question, compose_not_here
from supportbot.domain.replies.reply import OutgoingMessage, Reply
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Adapter, AdapterContext, Receive
from supportbot_slack.belonging import WORKSPACE, group_of
from supportbot_slack.catching_up import OVERLAP, catch_up
from supportbot_slack.connection import Line, Sockets
from supportbot_slack.events import (
    ACTION,
    PLATFORM,
    Needed,
    asked_from,
    channel_of,
    is_direct,
    is_shortcut,
    is_uninstalling,
    needed,
    permalink,
    person_in,
    read_events,
    team_of,
    teams_of,
    uninstalled,
    user_of,
)
from supportbot_slack.installations import TOKENS, Installations, States
from supportbot_slack.manifest import SCOPES
from supportbot_slack.modals import Opening, errors_in, form_of, opening
from supportbot_slack.options import read_options, read_secrets, walls_of
from supportbot_slack.pages import home_of, rendered
from supportbot_slack.posting import (
    enter,
    find_posted,
    open_modal,
    post,
    publish,
    respond,
    show_alone,
    take_buttons_off,
    update,
)
from supportbot_slack.refusals import NEEDS_A_PERSON
from supportbot_slack.render import render
from supportbot_slack.serving import serve_http
from supportbot_slack.workspace import RefusalError, Workspace
from supportbot_slack.workspaces import NotOursError, Workspaces

log = logging.getLogger(__name__)

_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
"""Seconds between two looks at a workspace that is left out: doubled each time, up to the most."""
_QUICKLY = 20.0
"""Seconds that catching up may take before the first socket is opened."""
_LOOK_AGAIN = timedelta(minutes=15)
"""Between two looks for what was missed over HTTP. Slack gives up after six minutes, unheard."""
_STATE_SECONDS = 600
"""How long somebody may take to install the bot, from the first page to the last."""
_TIMEOUT = 20
"""Seconds that a call may take."""
_NO_NEWS = "As you gave `client` as well"
"""bolt finds the token in the environment, too, and warns that it uses the client's."""
logging.getLogger("slack_bolt.AsyncApp").addFilter(
    lambda record: not record.getMessage().startswith(_NO_NEWS)
)


def create(context: AdapterContext) -> Adapter:
    """Make the adapter. Entry point of the group `supportbot.adapters`."""
    return SlackAdapter(context)


class SlackAdapter:
    """Brings what is said in a workspace, and posts what the bot says, once each.

    Everything that Slack tells is stored before it is acknowledged.
    """

    platform = PLATFORM

    def __init__(
        self, context: AdapterContext, environment: Mapping[str, str] | None = None
    ) -> None:
        """Read the settings and the secrets.

        Raises:
            SupportbotError: They cannot be used.
        """
        self._home = context.home
        self._options = read_options(context.options)
        self._secrets = read_secrets(
            self._options, os.environ if environment is None else environment
        )
        self._group = group_of(context, self._options)
        self._session: aiohttp.ClientSession | None = None
        self._installations = self._kept_installations()
        self._workspaces = Workspaces(
            self._tokens,
            self._client,
            is_ours=self._is_ours,
            walls=walls_of(self._options),
            pause=_PAUSE,
            longest_pause=_LONGEST_PAUSE,
        )
        self._turns = Turns()

    async def connect(self, receive: Receive) -> None:
        """Bring what was missed, then pass on everything, until cancelled."""
        async with AsyncExitStack() as opened:
            self._session = await opened.enter_async_context(
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT))
            )
            opened.callback(self._forget_session)
            self._workspaces.clear()
            if self._installations is not None:
                self._meet(self._installations.teams())
            await self._identified_at_last()
            presence = Presence(self._home / "slack-heard.txt")
            # Never from what is yet to come: our clock may have been wrong when it was noted.
            heard = min(presence.until() or self._now(), self._now())
            self._note_left_out(heard)
            # In order, as long as it is quick: who opens no socket for minutes is no help either.
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUICKLY):
                    await self._catch_up(receive, heard)
            app = self._bolt(receive)
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._learn_names())
                parts.create_task(self._look_at_left_out(receive))
                if self._options.mode == "http" or self._installations is not None:
                    parts.create_task(serve_http(app, self._options.host, self._options.port))
                if self._options.mode == "http":
                    line = Line(tells=False)
                    parts.create_task(line.renew_every(_LOOK_AGAIN))
                else:
                    sockets = Sockets(
                        app, self._secrets.app_token, ping_seconds=self._options.ping_seconds
                    )
                    line = sockets.line
                    for number in range(self._options.connections):
                        parts.create_task(sockets.keep_open(number))
                parts.create_task(self._listen(receive, presence, line, heard))

    async def _listen(
        self, receive: Receive, presence: Presence, line: Line, heard: datetime
    ) -> None:
        """Note that somebody listens; after a gap, bring what was said in it."""
        while True:
            await line.is_open.wait()
            line.was_renewed.clear()
            began = self._now()
            await self._catch_up(receive, heard)
            heard = began
            while line.is_open.is_set() and not line.was_renewed.is_set():
                if line.tells:
                    heard = self._now()
                await asyncio.to_thread(presence.note, heard)
                await asyncio.sleep(self._options.ping_seconds)

    async def _catch_up(self, receive: Receive, since: datetime) -> None:
        """Bring what was said since a moment of Slack's, within the age that the group has set."""
        for workspace in await self._workspaces.all():
            await self._catch_up_in(workspace, receive, since)

    async def _catch_up_in(self, workspace: Workspace, receive: Receive, since: datetime) -> None:
        oldest = workspace.clock.now() - timedelta(days=self._options.catch_up_days)
        count = await catch_up(
            workspace, receive, since=max(since - OVERLAP, oldest), oldest=oldest
        )
        log.info("caught up with %s events in %s", count, workspace.team)

    def _now(self) -> datetime:
        """Return Slack's time, which is that of its messages."""
        clock = next((one.clock for one in self._workspaces.identified()), None)
        return clock.now() if clock else datetime.now(UTC)

    def _left_out_since(self, team: str) -> Presence:
        """Return since when a workspace is not heard, which outlasts a restart."""
        return Presence(self._home / f"slack-left-out-{team}.txt")

    def _note_left_out(self, heard: datetime) -> None:
        for one in self._workspaces.left_out():
            since = self._left_out_since(one.team)
            if since.until() is None:
                since.note(heard)

    async def _look_at_left_out(self, receive: Receive) -> None:
        """Look again at each workspace that is left out, and catch up with one that is back."""
        is_due = True
        while True:
            if is_due:
                for workspace in await self._workspaces.all():
                    name = workspace.team if self._installations else ""
                    since = self._left_out_since(name)
                    if (missed := since.until()) is not None:
                        await self._catch_up_in(workspace, receive, missed)
                        since.forget()
                self._note_left_out(self._now())
            await self._workspaces.until_next_look()
            is_due = self._workspaces.forget_refused() or bool(self._workspaces.left_out())

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Post a message, unless it stands there already."""
        workspace = await self._workspaces.of(message.place.workspace)
        user, page = direct_to(message.place), message.reply.page
        if page is not None and is_home(message.place):
            return await publish(workspace, user, home_of(page))
        given = rendered(message)
        if (alone := _shown_alone_in(message)) is not None:
            where, reader, thread = alone
            return await show_alone(workspace, where, reader, given, thread=thread)
        channel = await workspace.direct_channel(user) if user else message.place.channel
        thread = message.place.thread
        if message.leaves is not None:
            names = frozenset(f"{ACTION}{action}" for action in message.leaves)
            return await take_buttons_off(workspace, channel, thread, message.replaces, names)
        if message.reply.asked is not None and message.reply.asked.asked_here_at is not None:
            await enter(workspace, channel)
        if message.replaces:
            return await update(workspace, channel, message.replaces, message.id, given)
        if attempt > 1:
            known = await find_posted(workspace, channel, thread, message.id)
            if known:
                return known
        return await post(workspace, channel, thread, message.id, given)

    def url_of(self, place: Place, message_id: str) -> str:
        """Link to a message as Slack's own "copy link" does."""
        workspace = self._workspaces.known(place.workspace)
        address = workspace.address if workspace else ""
        return permalink(address, place.channel, message_id, place.thread) if address else ""

    async def _identified_at_last(self) -> None:
        """Ask who the bot is: until Slack says it, where there is one workspace and no other.

        With several, those that answer are served, and people may install the bot in the next.
        """
        while not await self._workspaces.all() and self._installations is None:
            await self._workspaces.until_next_look()

    async def _learn_names(self) -> None:
        for workspace in await self._workspaces.all():
            try:
                await workspace.learn_names()
            except DeliveryError as error:
                log.warning("names are asked for one by one: %s", error)

    def _bolt(self, receive: Receive) -> AsyncApp:
        async def store_first(
            body: dict[str, Any],
            next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - bolt goes by the name
        ) -> BoltResponse:
            if body.get("type") == "url_verification":
                return await next()
            return await self._stored(body, receive)

        return AsyncApp(
            client=self._client(self._secrets.bot_token),
            signing_secret=self._secrets.signing_secret or None,
            # Otherwise bolt acknowledges an event before anything of ours has run.
            process_before_response=True,
            request_verification_enabled=self._options.mode == "http",
            # Later, bolt asks Slack who it is, and acknowledges what comes when Slack does not say.
            before_authorize=store_first,
            oauth_settings=self._pages(),
        )

    def _pages(self) -> AsyncOAuthSettings | None:
        """Return bolt's own pages for installing, where several workspaces are served."""
        if self._installations is None:
            return None
        return AsyncOAuthSettings(
            client_id=self._secrets.client_id,
            client_secret=self._secrets.client_secret,
            scopes=list(SCOPES),
            authorization_url=self._options.authorize_url,
            # Who opens the address wants to install it, and need not press a button for it.
            install_page_rendering_enabled=False,
            installation_store=self._installations,
            state_store=States(self._secrets.token_key, lasting=_STATE_SECONDS),
        )

    def _kept_installations(self) -> Installations | None:
        if not self._secrets.client_id:
            return None
        return Installations(self._home / TOKENS, self._secrets.token_key, self._meet)

    def _meet(self, teams: Collection[str]) -> None:
        self._group.meet(teams, WORKSPACE)

    def _is_ours(self, team: str) -> bool:
        """Whether a workspace is served. Who gave its only token has confirmed it by that."""
        is_only = self._installations is None and not self._group.is_listed
        if is_only or self._group.includes(team):
            return True
        self._group.say_that_it_waits(team, WORKSPACE)
        return False

    def _tokens(self) -> Mapping[str, str]:
        if self._installations is None:
            return {"": self._secrets.bot_token}
        return self._installations.tokens()

    async def _stored(self, body: Mapping[str, Any], receive: Receive) -> BoltResponse:
        """Store what came, and only then acknowledge it: 503 lets Slack send it again."""
        try:
            if is_uninstalling(body):
                await self._forget_workspace(body, receive)
                return BoltResponse(status=200)
            workspace = await self._workspaces.of(*teams_of(body))
            return await self._taken_in(workspace, body, receive)
        except NotOursError as error:
            # It would be as little ours the next time.
            log.info("an event is passed over: %s", error)
        except RefusalError as error:
            if error.code not in NEEDS_A_PERSON:
                return _to_come_again(error)
            # Slack would soon send nothing at all. It is caught up with once somebody has acted.
            log.info("an event is left for later: %s", error)
        except (DeliveryError, SupportbotError) as error:
            return _to_come_again(error)
        return BoltResponse(status=200)

    async def _taken_in(
        self, workspace: Workspace, body: Mapping[str, Any], receive: Receive
    ) -> BoltResponse:
        """Store what came, or answer at once what is only to be answered."""
        wanted = needed(body)
        if (opens := opening(body)) is not None:
            return await _opened(workspace, opens, wanted)
        if errors := errors_in(body):
            return _answered({"response_action": "errors", "errors": errors})
        if is_shortcut(body) and not await _may_ask_there(workspace, body):
            return BoltResponse(status=200)
        async with self._turns.queue(wanted.place) as my_turn:
            events = await _read(workspace, body, wanted)
            if events:
                await my_turn()
            for event in events:
                await receive(event)
        if not events and is_shortcut(body):
            await _tell_alone(workspace, body, compose_no_question())
        return BoltResponse(status=200)

    async def _forget_workspace(self, body: Mapping[str, Any], receive: Receive) -> None:
        """Follow that the bot was taken out of a workspace, or its token from it."""
        team = team_of(body)
        if ended := uninstalled(body, team):
            await receive(ended)
        if self._installations is not None and team:
            log.warning("Slack says that the bot was uninstalled in %s", team)
            await asyncio.to_thread(self._installations.forget, team)
            self._left_out_since(team).forget()
        self._workspaces.forget(team)
        # A single token stays where it was: who gave it has to give another.
        await self._workspaces.all()

    def _client(self, token: str) -> AsyncWebClient:
        # The outbox repeats what failed, and asks first whether it was done: the client must not.
        return AsyncWebClient(
            token=token,
            base_url=self._options.api_url,
            timeout=_TIMEOUT,
            session=self._session,
            retry_handlers=[],
        )

    def _forget_session(self) -> None:
        self._session = None
        self._workspaces.clear()


def _to_come_again(error: Exception) -> BoltResponse:
    log.warning("an event is not acknowledged, so that it comes again: %s", error)
    return BoltResponse(status=503)


def _shown_alone_in(message: OutgoingMessage) -> tuple[str, str, str | None] | None:
    """Find in the middle of which channel one person is shown something, who, and in which thread.

    None where everybody sees it, or where it is a direct message anyway.
    """
    place, user = message.place, direct_to(message.place)
    asked_in = asked_from(place)
    if asked_in is not None:
        return asked_in, user, None
    if message.alone is not None and not user:
        return place.channel, message.alone.member.user_id, place.thread
    return None


async def _opened(workspace: Workspace, opens: Opening, wanted: Needed) -> BoltResponse:
    """Open a form at once: what it begins with came with the button."""
    known = await workspace.known(wanted)
    person = known.people.get(opens.user)
    form = form_of(opens.value, timezone=person.timezone if person else "")
    if form is not None:
        await open_modal(workspace, opens.trigger, form)
    return BoltResponse(status=200)


async def _read(workspace: Workspace, body: Mapping[str, Any], wanted: Needed) -> tuple[Event, ...]:
    known = await workspace.known(wanted)
    events = read_events(body, known)
    for event in events:
        if event.place.channel and not isinstance(event, _SAYS_NOTHING_OF_ITS_CHANNEL):
            workspace.note_privacy(event.place.channel, is_private=event.place.is_private)
    workspace.note_person(person_in(body))
    return events


_SAYS_NOTHING_OF_ITS_CHANNEL = (AskingEnded, MemberJoined, MemberLeft)
"""Events for which nobody has looked whether their channel is private."""


async def _may_ask_there(workspace: Workspace, body: Mapping[str, Any]) -> bool:
    """Be in the channel of a message that somebody wants to be asked, or tell them how."""
    channel = channel_of(body)
    try:
        if not is_direct(channel):
            await enter(workspace, channel)
    except DeliveryError as error:
        if not error.permanent:
            raise
        await _tell_alone(workspace, body, compose_not_here())
        return False
    return True


async def _tell_alone(workspace: Workspace, body: Mapping[str, Any], reply: Reply) -> None:
    """Tell something to the one who has just used a shortcut."""
    user = user_of(body)
    given = render(OutgoingMessage("", direct_place(Author(PLATFORM, user, user)), reply))
    await respond(workspace, str(body.get("response_url") or ""), user, given)


def _answered(answer: Mapping[str, Any]) -> BoltResponse:
    return BoltResponse(
        status=200, body=json.dumps(answer), headers={"content-type": "application/json"}
    )
