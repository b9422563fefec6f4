"""A server that plays Slack for one app, over real sockets of this machine.

async with SlackServer() as slack:
    maria = slack.user("Maria")
    help_ = slack.channel("help", maria)
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    await maria.says(help_, "How do I …?")
    await slack.until(lambda: slack.said_by_bot(help_))
"""

import asyncio
import json
import mimetypes
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, TypeVar

from aiohttp import web

from tests.playing.serving import PATIENCE, Server, running
from tests.slack.courier import Addresses, Courier
from tests.slack.doors import Doors, ResponseUrl
from tests.slack.faults import Faults
from tests.slack.installing import SCOPES, App, Grant, Installation
from tests.slack.interaction import Actions
from tests.slack.model import JSON, Channel, Kind, Message, User, refuse
from tests.slack.people import Person
from tests.slack.record import Delivery, Record
from tests.slack.views import View
from tests.slack.workspace import Workspace

T = TypeVar("T")
_TRIGGER_SECONDS = 3.0


@dataclass(slots=True)
class _Trigger:
    person: Person
    at: float
    is_used: bool = False


class SlackServer(Server):
    """Slack, as far as one app can tell.

    Attributes:
        app: The app's ids, secrets and switches.
        workspace: The workspace where it is installed from the start.
        record: Every call and every delivery.
        faults: What is to go wrong with calls.
        courier: How events go out; its attributes may be changed.
    """

    def __init__(self, *, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        super().__init__(port)
        self.app = App()
        self.record = Record()
        self.faults = Faults()
        self.courier = Courier(self.record, self.app.signing_secret, self.note_change)
        self.actions = Actions(self)
        self.workspaces: dict[str, Workspace] = {}
        self.installations: dict[str, Installation] = {}
        self.homes: dict[tuple[str, str], View] = {}
        self.codes: dict[str, Grant] = {}
        self.envelope: JSON = {}
        """What stands otherwise around each event, such as the `team_id` of another company."""
        self.most_of_history = 999
        """Messages that a page of history may have; 15 for apps sold outside the Marketplace."""
        self.statuses: list[JSON] = []
        """What `assistant.threads.*` were called with, the method's name as `method`."""
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._triggers: dict[str, _Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.tickets: dict[str, float] = {}
        self.workspace = self.add_workspace("User Group")
        self.install(self.workspace)

    def now(self) -> float:
        """Seconds since 1970, by Slack's clock."""
        return self._clock()

    def application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes(Doors(self).routes())
        return application

    async def hang_up(self) -> None:
        await self.courier.close()

    # Addresses and tokens

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def authorize_url(self) -> str:
        return f"{self.url}/oauth/v2/authorize"

    @property
    def app_token(self) -> str:
        return self.app.app_token

    @property
    def bot_token(self) -> str:
        return self.installation().token

    @property
    def signing_secret(self) -> str:
        return self.app.signing_secret

    @property
    def bot(self) -> User:
        return self.workspace.bot

    def use_http(self, url: str, *, interactivity: str = "", commands: str = "") -> None:
        """Send by HTTP from now on, to one address or several."""
        self.courier.addresses = Addresses(url, interactivity or url, commands or url)

    def use_socket_mode(self) -> None:
        self.courier.addresses = None

    # Who and where

    def add_workspace(self, name: str) -> Workspace:
        """Add a workspace; the app is not installed there yet."""
        team_id = f"T{len(self.workspaces) + 1:04d}{secrets.token_hex(2).upper()}"
        workspace = Workspace(
            team_id, name, tell=lambda e: self._tell(team_id, e), clock=self._clock
        )
        self.workspaces[team_id] = workspace
        return workspace

    def install(self, workspace: Workspace, scopes: list[str] | None = None) -> Installation:
        """Install the app, or install it again; gives the token."""
        if not workspace.bot.id:
            name = self.app.name
            workspace.bot = bot = workspace.add_user(name, is_bot=True, app_id=self.app.id)
            bot.bot_id = workspace.new_id("B")
        token = f"xoxb-{workspace.id}-{secrets.token_hex(8)}"
        installation = Installation(workspace, token, list(SCOPES if scopes is None else scopes))
        self.installations[token] = installation
        return installation

    def installation(self, workspace: Workspace | None = None) -> Installation:
        """Return the newest installation in a workspace."""
        workspace = workspace or self.workspace
        return [i for i in self.installations.values() if i.workspace is workspace][-1]

    def user(self, name: str, *, workspace: Workspace | None = None, **more: Any) -> Person:
        """Return the person of that name; they come into being when first named."""
        workspace = workspace or self.workspace
        user = workspace.find_user(name) or workspace.add_user(name, **more)
        return self.person(workspace, user.id)

    def person(self, workspace: Workspace, user_id: str) -> Person:
        if user_id not in self._people:
            self._people[user_id] = Person(self, workspace, workspace.users[user_id])
        return self._people[user_id]

    def channel(
        self,
        name: str,
        *members: Person,
        private: bool = False,
        bot: bool = True,
        workspace: Workspace | None = None,
    ) -> Channel:
        """Return the channel of that name; when first named it gets these members, and the bot."""
        workspace = workspace or self.workspace
        if found := workspace.find_channel(name):
            found.members += [m.id for m in members if m.id not in found.members]
            return found
        kind = Kind.PRIVATE if private else Kind.PUBLIC
        ids = [member.id for member in members] + ([workspace.bot.id] if bot else [])
        return workspace.add_channel(name, kind, ids)

    @contextmanager
    def unheard(self, workspace: Workspace | None = None) -> Iterator[None]:
        """Let the app hear of nothing that happens meanwhile, as when history is prepared."""
        workspace = workspace or self.workspace
        workspace.mute = True
        try:
            yield
        finally:
            workspace.mute = False

    async def another_bot_says(
        self, channel: Channel, text: str, *, name: str = "Jira", thread: Message | None = None
    ) -> Message:
        """Post as an integration: a `bot_message` that has no user."""
        workspace = next(w for w in self.workspaces.values() if channel.id in w.channels)
        more = {"bot_id": "B0OTHERBOT", "username": name}
        root = thread.ts if thread else ""
        return workspace.post(channel, "", text, subtype="bot_message", thread_ts=root, more=more)

    # What there is to see

    def said_by_bot(
        self, channel: Channel | None = None, *, workspace: Workspace | None = None
    ) -> list[Message]:
        """Return what the bot said and did not delete, oldest first."""
        workspace = workspace or self.workspace
        return [
            message
            for message in workspace.said_by(workspace.bot.id, channel)
            if message.subtype in {"", "thread_broadcast"}
        ]

    def thread(self, root: Message) -> list[Message]:
        """Return the replies of a thread, oldest first."""
        return sorted(self.workspace_of(root).replies(root), key=lambda reply: reply.ts)

    def workspace_of(self, message: Message) -> Workspace:
        return next(w for w in self.workspaces.values() if message.channel in w.channels)

    # Waiting, and other threads

    async def until_delivered(self, *, within: float = PATIENCE) -> None:
        """Wait until every delivery was acknowledged or given up."""
        deliveries = self.record.deliveries
        await self.until(lambda: all(d.is_over for d in deliveries), within=within)

    # Events and actions to the app

    def _tell(self, team_id: str, event: JSON) -> None:
        self.note_change()
        if self.loop is None or not self._is_subscribed(event):
            return
        workspace = self.workspaces[team_id]
        if not any(i.workspace is workspace for i in self.installations.values()):
            return
        event_id = f"Ev{secrets.token_hex(5).upper()}"
        payload = {
            "token": self.app.verification_token,
            "team_id": team_id,
            "context_team_id": team_id,
            "context_enterprise_id": None,
            "api_app_id": self.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self._clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team_id,
                    "user_id": workspace.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": self._is_ext_shared(event),
            "event_context": f"4-{event_id}",
            **self.envelope,
        }
        # Once they are written down, what is sent is not to change with the state.
        payload = json.loads(json.dumps(payload))
        self._in_loop(lambda: self.courier.send("events_api", payload, event_id))

    def _is_ext_shared(self, event: JSON) -> bool:
        channels = (w.channels.get(str(event.get("channel"))) for w in self.workspaces.values())
        return any(channel and channel.more.get("is_ext_shared") for channel in channels)

    def _is_subscribed(self, event: JSON) -> bool:
        names = {event["type"], f"{event['type']}.{_plural(event.get('channel_type', ''))}"}
        return not names & self.app.unsubscribed

    def _in_loop(self, act: Callable[[], object]) -> None:
        assert self.loop is not None
        try:
            here = asyncio.get_running_loop() is self.loop
        except RuntimeError:
            here = False
        if here:
            act()
        else:
            self.loop.call_soon_threadsafe(act)

    async def deliver(self, kind: str, payload: JSON) -> Delivery:
        """Send what a person did, and wait until it is acknowledged or given up."""
        payload = json.loads(json.dumps(payload))
        return await self.courier.send(kind, payload, self.new_uuid())

    def new_trigger(self, person: Person) -> str:
        trigger = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**8)}.{secrets.token_hex(16)}"
        self._triggers[trigger] = _Trigger(person, time.monotonic())
        return trigger

    def use_trigger(self, trigger_id: str) -> Person:
        """Return the person whose action it stands for: within three seconds, and once."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            refuse("invalid_trigger_id")
        if trigger.is_used:
            refuse("exchanged_trigger_id")
        if time.monotonic() - trigger.at > _TRIGGER_SECONDS:
            refuse("expired_trigger_id")
        trigger.is_used = True
        return trigger.person

    def expire_triggers(self) -> None:
        """Let three seconds be over for every trigger."""
        for trigger in self._triggers.values():
            trigger.at -= _TRIGGER_SECONDS + 1

    def new_response_url(self, person: Person, channel: Channel, source: Message | None) -> str:
        key = secrets.token_urlsafe(16)
        self.response_urls[key] = ResponseUrl(person, channel, source, time.monotonic())
        return f"{self.url}/response/{key}"

    def find_view(self, view_id: str, external_id: str) -> View | None:
        """Find an open modal or a Home tab."""
        modals = [view for person in self._people.values() for view in person.modals]
        for view in (*modals, *self.homes.values()):
            if view_id == view.id:
                return view
            if external_id and view.content.get("external_id") == external_id:
                return view
        return None

    def new_socket_url(self) -> str:
        ticket = secrets.token_hex(16)
        self.tickets[ticket] = time.monotonic()
        return f"ws://127.0.0.1:{self._port}/link?ticket={ticket}&app_id={self.app.id}"

    def new_uuid(self) -> str:
        return secrets.token_hex(16)

    def add_file(self, workspace: Workspace, user: str, name: str, content: bytes) -> JSON:
        """Keep a file; it can be fetched from `url_private` with the bot's token."""
        file_id = workspace.new_id("F")
        url = f"{self.url}/files-pri/{workspace.id}-{file_id}/{name}"
        file = {
            "id": file_id,
            "created": int(self._clock()),
            "timestamp": int(self._clock()),
            "name": name,
            "title": name,
            "mimetype": mimetypes.types_map.get(PurePath(name).suffix, "text/plain"),
            "filetype": name.rpartition(".")[2],
            "user": user,
            "size": len(content),
            "mode": "hosted",
            "is_external": False,
            "is_public": True,
            "url_private": url,
            "url_private_download": url,
            "channels": [],
        }
        workspace.files[file_id] = file
        workspace.contents[file_id] = content
        return file

    # Leaving

    def revoke(self, workspace: Workspace | None = None) -> None:
        """Revoke the bot's tokens in a workspace, and tell the app."""
        workspace = workspace or self.workspace
        for installation in self.installations.values():
            if installation.workspace is workspace:
                installation.fault = installation.fault or "token_revoked"
        event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.bot.id]}}
        workspace.tell_app(event)

    def uninstall(self, workspace: Workspace | None = None) -> None:
        """Remove the app from a workspace, and tell it."""
        workspace = workspace or self.workspace
        self.revoke(workspace)
        workspace.tell_app({"type": "app_uninstalled"})
        for channel in workspace.channels.values():
            if workspace.bot.id in channel.members and channel.kind is not Kind.IM:
                channel.members.remove(workspace.bot.id)

    async def turn_socket_mode_off(self) -> None:
        """Switch Socket Mode off in the app's settings: `link_disabled`.

        The addresses that were given out are of no use any more.
        """
        self.app.socket_mode = False
        self.tickets.clear()
        await self.courier.disconnect("link_disabled")


def _plural(channel_type: str) -> str:
    return {"channel": "channels", "group": "groups"}.get(channel_type, channel_type)


def running_slack(
    *, port: int = 0, clock: Callable[[], float] = time.time
) -> AbstractContextManager[SlackServer]:
    """Run a server in a thread of its own; use `do`, `call` and `wait_until` from outside."""
    return running(SlackServer(port=port, clock=clock), "slack")
