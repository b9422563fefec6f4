"""Connects Slack to the bot."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.domain.events import Event
from supportbot.domain.places import Place, direct_to
from supportbot.domain.replies import OutgoingMessage
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Adapter, AdapterContext, Receive
from supportbot_slack.catching_up import OVERLAP, Presence, catch_up
from supportbot_slack.connection import Line, Sockets, serve_http
from supportbot_slack.events import PLATFORM, Needed, asked_from, needed, permalink, read_event
from supportbot_slack.options import read_options, read_secrets
from supportbot_slack.posting import find_posted, post, show_alone, update
from supportbot_slack.render import render
from supportbot_slack.turns import Turns
from supportbot_slack.workspace import Workspace

log = logging.getLogger(__name__)

_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
"""Seconds between two attempts to reach Slack: doubled each time, up to the longest."""
_QUICKLY = 20.0
"""Seconds that catching up may take before the first socket is opened."""
_LOOK_AGAIN = timedelta(minutes=15)
"""Between two looks for what was missed over HTTP. Slack gives up after six minutes, unheard."""
_TIMEOUT = 20
"""Seconds that a call may take."""


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
        self._workspace = Workspace(self._client())
        self._identifying = asyncio.Lock()
        self._turns = Turns()

    async def connect(self, receive: Receive) -> None:
        """Bring what was missed, then pass on everything, until cancelled."""
        async with AsyncExitStack() as opened:
            self._workspace.client.session = await opened.enter_async_context(
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT))
            )
            opened.callback(self._forget_session)
            await self._identified_at_last()
            presence = Presence(self._home / f"slack-{self._workspace.team}.txt")
            heard = presence.until() or datetime.now(UTC)
            # In order, as long as it is quick: who opens no socket for minutes is no help either.
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUICKLY):
                    await self._catch_up(receive, heard)
            app = self._bolt(receive)
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._learn_names())
                if self._options.mode == "http":
                    line = Line(tells=False)
                    parts.create_task(line.renew_every(_LOOK_AGAIN))
                    parts.create_task(serve_http(app, self._options.host, self._options.port))
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
            began = datetime.now(UTC)
            await self._catch_up(receive, heard)
            heard = began
            while line.is_open.is_set() and not line.was_renewed.is_set():
                if line.tells:
                    heard = datetime.now(UTC)
                await asyncio.to_thread(presence.note, heard)
                await asyncio.sleep(self._options.ping_seconds)

    async def _catch_up(self, receive: Receive, since: datetime) -> None:
        """Bring what was said since a moment, within the age that the group has set."""
        oldest = datetime.now(UTC) - timedelta(days=self._options.catch_up_days)
        count = await catch_up(
            self._workspace, receive, since=max(since - OVERLAP, oldest), oldest=oldest
        )
        log.info("caught up with %s events in %s", count, self._workspace.team)

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Post a message, unless it stands there already."""
        workspace = await self._workspace_of(message.place)
        rendered, user = render(message), direct_to(message.place)
        asked_in = asked_from(message.place)
        if asked_in is not None:
            return await show_alone(workspace, asked_in, user, rendered)
        channel = await workspace.direct_channel(user) if user else message.place.channel
        thread = message.place.thread
        if message.replaces:
            return await update(workspace, channel, message.replaces, message.id, rendered)
        if attempt > 1:
            known = await find_posted(workspace, channel, thread, message.id)
            if known:
                return known
        return await post(workspace, channel, thread, message.id, rendered)

    def url_of(self, place: Place, message_id: str) -> str:
        """Link to a message as Slack's own "copy link" does."""
        return permalink(self._workspace.address, place.channel, message_id, place.thread)

    async def _workspace_of(self, place: Place) -> Workspace:
        async with self._identifying:
            if not self._workspace.team:
                await self._workspace.identify()
        if place.workspace != self._workspace.team:
            reason = f"the bot is not in the workspace {place.workspace}"
            raise DeliveryError(reason, permanent=True)
        return self._workspace

    async def _identified_at_last(self) -> None:
        """Ask who the bot is until Slack says it: a token that was revoked is no reason to end."""
        pause = _PAUSE
        while True:
            try:
                async with self._identifying:
                    await self._workspace.identify()
            except DeliveryError as error:
                log.error("%s. It is tried again in %g seconds.", error, pause)  # noqa: TRY400 - the reason is all
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    async def _learn_names(self) -> None:
        try:
            await self._workspace.learn_names()
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
            client=self._client(session=self._workspace.client.session),
            signing_secret=self._secrets.signing_secret or None,
            # Otherwise bolt acknowledges an event before anything of ours has run.
            process_before_response=True,
            request_verification_enabled=self._options.mode == "http",
            # Later, bolt asks Slack who it is, and acknowledges what comes when Slack does not say.
            before_authorize=store_first,
        )

    async def _stored(self, body: Mapping[str, Any], receive: Receive) -> BoltResponse:
        """Store what came, and only then acknowledge it: 503 lets Slack send it again."""
        try:
            wanted = needed(body)
            async with self._turns.queue(wanted.place) as my_turn:
                event = await self._read(body, wanted)
                if event is not None:
                    await my_turn()
                    await receive(event)
        except (DeliveryError, SupportbotError) as error:
            log.warning("an event is not acknowledged, so that it comes again: %s", error)
            return BoltResponse(status=503)
        return BoltResponse(status=200)

    async def _read(self, body: Mapping[str, Any], wanted: Needed) -> Event | None:
        known = await self._workspace.known(wanted)
        event = read_event(body, known)
        if event is not None and event.place.channel:
            self._workspace.note_privacy(event.place.channel, is_private=event.place.is_private)
        return event

    def _client(self, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
        # The outbox repeats what failed, and asks first whether it was done: the client must not.
        return AsyncWebClient(
            token=self._secrets.bot_token,
            base_url=self._options.api_url,
            timeout=_TIMEOUT,
            session=session,
            retry_handlers=[],
        )

    def _forget_session(self) -> None:
        self._workspace.client.session = None
