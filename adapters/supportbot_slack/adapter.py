"""Connects Slack to the bot."""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from supportbot.adapting.presence import Presence
from supportbot.adapting.turns import Turns
from supportbot.domain.events import Event
from supportbot.domain.places import Place, direct_to, is_home
from supportbot.domain.replies import OutgoingMessage
from supportbot.errors import DeliveryError, SupportbotError
from supportbot.ports import Adapter, AdapterContext, Receive
from supportbot_slack.catching_up import OVERLAP, catch_up
from supportbot_slack.connection import Line, Sockets, serve_http
from supportbot_slack.events import (
    PLATFORM,
    Needed,
    asked_from,
    is_uninstalling,
    needed,
    permalink,
    read_events,
    team_of,
)
from supportbot_slack.installations import Installations
from supportbot_slack.manifest import SCOPES
from supportbot_slack.modals import Opening, errors_in, form_of, opening
from supportbot_slack.options import read_options, read_secrets
from supportbot_slack.pages import home_of, rendered
from supportbot_slack.posting import (
    find_posted,
    open_modal,
    post,
    publish,
    show_alone,
    update,
)
from supportbot_slack.workspace import Workspace
from supportbot_slack.workspaces import Workspaces

log = logging.getLogger(__name__)

_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
"""Seconds between two attempts to reach Slack: doubled each time, up to the longest."""
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
        self._session: aiohttp.ClientSession | None = None
        self._installations = self._kept_installations()
        self._workspaces = Workspaces(self._tokens, self._client)
        self._turns = Turns()

    async def connect(self, receive: Receive) -> None:
        """Bring what was missed, then pass on everything, until cancelled."""
        async with AsyncExitStack() as opened:
            self._session = await opened.enter_async_context(
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT))
            )
            opened.callback(self._forget_session)
            self._workspaces.clear()
            await self._identified_at_last()
            presence = Presence(self._home / "slack-heard.txt")
            heard = presence.until() or datetime.now(UTC)
            # In order, as long as it is quick: who opens no socket for minutes is no help either.
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUICKLY):
                    await self._catch_up(receive, heard)
            app = self._bolt(receive)
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._learn_names())
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
        for workspace in await self._reachable():
            count = await catch_up(
                workspace, receive, since=max(since - OVERLAP, oldest), oldest=oldest
            )
            log.info("caught up with %s events in %s", count, workspace.team)

    async def deliver(self, message: OutgoingMessage, *, attempt: int) -> str:
        """Post a message, unless it stands there already."""
        workspace = await self._workspaces.of(message.place.workspace)
        user, page = direct_to(message.place), message.reply.page
        if page is not None and is_home(message.place):
            return await publish(workspace, user, home_of(page))
        given = rendered(message)
        asked_in = asked_from(message.place)
        if asked_in is not None:
            return await show_alone(workspace, asked_in, user, given)
        channel = await workspace.direct_channel(user) if user else message.place.channel
        thread = message.place.thread
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
        """Ask who the bot is until Slack says it: a token that was revoked is no reason to end."""
        pause = _PAUSE
        while True:
            try:
                await self._workspaces.all()
            except DeliveryError as error:
                log.error("%s. It is tried again in %g seconds.", error, pause)  # noqa: TRY400 - the reason is all
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return

    async def _learn_names(self) -> None:
        for workspace in await self._reachable():
            try:
                await workspace.learn_names()
            except DeliveryError as error:
                log.warning("names are asked for one by one: %s", error)

    async def _reachable(self) -> list[Workspace]:
        """Give the workspaces, or none of them while Slack does not say who the bot is in one."""
        try:
            return await self._workspaces.all()
        except DeliveryError as error:
            log.warning("Slack does not say who the bot is: %s", error)
            return []

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
        """Give bolt's own pages for installing, where several workspaces are served."""
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
            state_store=FileOAuthStateStore(
                expiration_seconds=_STATE_SECONDS, base_dir=str(self._home / "slack-installing")
            ),
        )

    def _kept_installations(self) -> Installations | None:
        if not self._secrets.client_id:
            return None
        return Installations(self._home / "slack-tokens", self._secrets.token_key)

    def _tokens(self) -> Mapping[str, str]:
        if self._installations is None:
            return {"": self._secrets.bot_token}
        return self._installations.tokens()

    async def _stored(self, body: Mapping[str, Any], receive: Receive) -> BoltResponse:
        """Store what came, and only then acknowledge it: 503 lets Slack send it again."""
        if self._installations is not None and is_uninstalling(body):
            await asyncio.to_thread(self._installations.forget, team_of(body))
            self._workspaces.forget(team_of(body))
            return BoltResponse(status=200)
        try:
            wanted = needed(body)
            workspace = await self._workspace_of(body)
            if (opens := opening(body)) is not None:
                return await _opened(workspace, opens, wanted)
            if errors := errors_in(body):
                return _answered({"response_action": "errors", "errors": errors})
            async with self._turns.queue(wanted.place) as my_turn:
                events = await _read(workspace, body, wanted)
                if events:
                    await my_turn()
                for event in events:
                    await receive(event)
        except (DeliveryError, SupportbotError) as error:
            log.warning("an event is not acknowledged, so that it comes again: %s", error)
            return BoltResponse(status=503)
        return BoltResponse(status=200)

    async def _workspace_of(self, body: Mapping[str, Any]) -> Workspace:
        """Give the workspace that something came from: the only one there is, or by its id."""
        if self._installations is None:
            return await self._workspaces.only()
        return await self._workspaces.of(team_of(body))

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
    for place in (event.place for event in events):
        if place.channel:
            workspace.note_privacy(place.channel, is_private=place.is_private)
    return events


def _answered(answer: Mapping[str, Any]) -> BoltResponse:
    return BoltResponse(
        status=200, body=json.dumps(answer), headers={"content-type": "application/json"}
    )
