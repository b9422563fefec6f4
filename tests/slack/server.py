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
import secrets
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web
from yarl import URL

# These declare their methods when they are imported.
from tests.slack import chat as _chat
from tests.slack import conversations as _conversations
from tests.slack.api import METHODS, Method, Request
from tests.slack.courier import Addresses, Courier, reset
from tests.slack.faults import (
    Fault,
    Faults,
    Held,
    LostResponse,
    NotJson,
    RateLimited,
    Refusal,
    Reset,
    Slow,
    Status,
)
from tests.slack.installing import SCOPES, App, Grant, Installation, new_code
from tests.slack.interaction import Actions
from tests.slack.people import Person
from tests.slack.record import Call, Delivery, Record
from tests.slack.views import View
from tests.slack.workspace import JSON, Channel, Kind, Message, SlackError, User, Workspace, refuse

T = TypeVar("T")
_LOADED = (_chat, _conversations)
_PATIENCE = 10.0
_TRIGGER_SECONDS = 3.0
_RESPONSE_SECONDS = 30 * 60
_MOST_RESPONSES = 5


@dataclass(slots=True)
class _Trigger:
    person: Person
    at: float
    is_used: bool = False


@dataclass(slots=True)
class _ResponseUrl:
    person: Person
    channel: Channel
    source: Message | None
    at: float
    uses: int = 0


class SlackServer:
    """Slack, as far as one app can tell.

    Attributes:
        app: The app's ids, secrets and switches.
        workspace: The workspace where it is installed from the start.
        record: Every call and every delivery.
        faults: What is to go wrong with calls.
        courier: How events go out; its attributes may be changed.
    """

    def __init__(self, *, port: int = 0, clock: Callable[[], float] = time.time) -> None:
        self.app = App()
        self.record = Record()
        self.faults = Faults()
        self.courier = Courier(self.record, self.app.signing_secret, self._changed)
        self.actions = Actions(self)
        self.workspaces: dict[str, Workspace] = {}
        self.installations: dict[str, Installation] = {}
        self.homes: dict[tuple[str, str], View] = {}
        self.codes: dict[str, Grant] = {}
        self.statuses: list[JSON] = []
        """What `assistant.threads.*` were called with, the method's name as `method`."""
        self.loop: asyncio.AbstractEventLoop | None = None
        self._port = port
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._triggers: dict[str, _Trigger] = {}
        self._response_urls: dict[str, _ResponseUrl] = {}
        self._tickets: dict[str, float] = {}
        self._watchers: set[asyncio.Event] = set()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.workspace = self.add_workspace("User Group")
        self.install(self.workspace)

    # Beginning and end

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/api/{method}", self._serve_api)
        application.router.add_get("/link", self._serve_socket)
        application.router.add_post("/response/{key}", self._serve_response)
        application.router.add_get("/oauth/v2/authorize", self._serve_authorize)
        application.router.add_get("/files-pri/{file}/{name}", self._serve_file)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.start_listening()

    async def stop(self) -> None:
        await self.courier.close()
        if self._runner:
            await self._runner.cleanup()

    async def start_listening(self) -> None:
        """Accept connections, again on the same port after `stop_listening`."""
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def stop_listening(self) -> None:
        """Refuse new connections; open sockets stay open."""
        assert self._site is not None
        await self._site.stop()

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
        """Give the newest installation in a workspace."""
        workspace = workspace or self.workspace
        return [i for i in self.installations.values() if i.workspace is workspace][-1]

    def user(self, name: str, *, workspace: Workspace | None = None, **more: Any) -> Person:
        """Give the person of that name; they come into being when first named."""
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
        """Give the channel of that name; when first named it gets these members, and the bot."""
        workspace = workspace or self.workspace
        if found := workspace.find_channel(name):
            found.members += [m.id for m in members if m.id not in found.members]
            return found
        kind = Kind.PRIVATE if private else Kind.PUBLIC
        ids = [member.id for member in members] + ([workspace.bot.id] if bot else [])
        return workspace.add_channel(name, kind, ids)

    # What there is to see

    def said_by_bot(
        self, channel: Channel | None = None, *, workspace: Workspace | None = None
    ) -> list[Message]:
        """Give what the bot said and did not delete, oldest first."""
        workspace = workspace or self.workspace
        return [
            message
            for message in workspace.said_by(workspace.bot.id, channel)
            if message.subtype in {"", "thread_broadcast"}
        ]

    def thread(self, root: Message) -> list[Message]:
        """Give the replies of a thread, oldest first."""
        return sorted(self.workspace_of(root).replies(root), key=lambda reply: reply.ts)

    def workspace_of(self, message: Message) -> Workspace:
        return next(w for w in self.workspaces.values() if message.channel in w.channels)

    # Waiting, and other threads

    async def until(self, is_so: Callable[[], T | None], *, within: float = _PATIENCE) -> T:
        """Wait until something is true of the server, and give it.

        Raises:
            TimeoutError: It was not true within that many seconds.
        """
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            async with asyncio.timeout(within):
                while not (value := is_so()):
                    await changed.wait()
                    changed.clear()
                return value
        finally:
            self._watchers.discard(changed)

    async def until_delivered(self, *, within: float = _PATIENCE) -> None:
        """Wait until every delivery was acknowledged or given up."""
        deliveries = self.record.deliveries
        await self.until(lambda: all(d.is_over for d in deliveries), within=within)

    def do(self, work: Coroutine[Any, Any, T], *, within: float = 60.0) -> T:
        """Carry out what is async, from another thread than the server's."""
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(within)

    def call(self, function: Callable[[], T]) -> T:
        """Call what is not async in the server's own thread."""

        async def carry_out() -> T:
            return function()

        return self.do(carry_out())

    def wait_until(self, is_so: Callable[[], T | None], *, within: float = _PATIENCE) -> T:
        """Wait from another thread; see `until`."""
        return self.do(self.until(is_so, within=within), within=within + 5)

    def _changed(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    # Events and actions to the app

    def _tell(self, team_id: str, event: JSON) -> None:
        self._changed()
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
            "is_ext_shared_channel": False,
            "event_context": f"4-{event_id}",
        }
        # Once they are written down, what is sent is not to change with the state.
        payload = json.loads(json.dumps(payload))
        self._in_loop(lambda: self.courier.send("events_api", payload, event_id))

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
        """Give the person whose action it stands for: within three seconds, and once."""
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
        self._response_urls[key] = _ResponseUrl(person, channel, source, time.monotonic())
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
        self._tickets[ticket] = time.monotonic()
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
            "mimetype": "text/plain",
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
        """Switch Socket Mode off in the app's settings: `link_disabled`."""
        self.app.socket_mode = False
        await self.courier.disconnect("link_disabled")

    # What comes in

    async def _serve_api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        arguments = await _arguments(request)
        token = _token(request, arguments)
        call = Call(name, arguments, token, time.time())
        self.record.calls.append(call)
        self._changed()
        fault = self.faults.take(name, arguments)
        call.fault = type(fault).__name__ if fault else ""
        try:
            return await self._answer(call, fault, request)
        finally:
            call.answered_at = time.time()
            self._changed()

    async def _answer(
        self, call: Call, fault: Fault | None, request: web.Request
    ) -> web.StreamResponse:
        refusal = _refuse(call, fault, request)
        if refusal is not None:
            return refusal
        if isinstance(fault, Slow | Held) and not fault.effect_first:
            await _delay(fault)
        answer = self._run(call, dict(request.headers))
        if isinstance(fault, Slow | Held):
            self._changed()
            await _delay(fault)
        if isinstance(fault, LostResponse):
            return _lose(request, fault)
        call.status, call.answer = 200, answer
        installation = self.installations.get(call.token)
        headers = {"X-Slack-Req-Id": self.new_uuid()}
        if installation and not installation.fault:
            headers["X-OAuth-Scopes"] = ",".join(installation.scopes)
            if method := METHODS.get(call.method):
                headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
        return web.json_response(answer, headers=headers)

    def _run(self, call: Call, headers: dict[str, str]) -> JSON:
        try:
            method = METHODS.get(call.method)
            if method is None:
                refuse("unknown_method", req_method=call.method)
            installation = self._authorize(method, call.token)
            request = Request(self, call.arguments, installation, headers)
            if method.scopes and method.kind == "bot":
                request.needs(*method.scopes)
            answer = method.run(request)
        except SlackError as error:
            return error.answer
        call.had_effect = True
        return answer

    def _authorize(self, method: Method, token: str) -> Installation:
        if method.kind == "none":
            return self.installation()
        if not token:
            refuse("not_authed")
        if token.startswith("xapp-"):
            if token != self.app.app_token or self.app.app_token_is_revoked:
                refuse("invalid_auth")
            if method.kind != "app":
                refuse("not_allowed_token_type")
            return self.installation()
        installation = self.installations.get(token)
        if installation is None:
            refuse("invalid_auth")
        if installation.fault:
            refuse(installation.fault)
        if method.kind == "app":
            refuse("not_allowed_token_type")
        return installation

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        issued = self._tickets.pop(request.query.get("ticket", ""), None)
        if issued is None:
            return web.Response(status=408, text="ticket expired")
        return await self.courier.serve_socket(request)

    async def _serve_response(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        call = Call("response_url", said, request.match_info["key"], time.time())
        self.record.calls.append(call)
        fault = self.faults.take("response_url", said)
        call.fault = type(fault).__name__ if fault else ""
        try:
            if (refusal := _refuse(call, fault, request)) is not None:
                return refusal
            if isinstance(fault, Slow | Held):
                await _delay(fault)
            call.status, call.answer = self._respond(call)
            if isinstance(fault, LostResponse):
                return _lose(request, fault)
            if call.answer == "ok":
                return web.Response(text="ok")
            return web.json_response(call.answer, status=call.status)
        finally:
            call.answered_at = time.time()
            self._changed()

    def _respond(self, call: Call) -> tuple[int, Any]:
        url = self._response_urls.get(call.token)
        if url is None or time.monotonic() - url.at > _RESPONSE_SECONDS:
            return 404, {"ok": False, "error": "expired_url"}
        if url.uses >= _MOST_RESPONSES:
            return 404, {"ok": False, "error": "used_url"}
        url.uses += 1
        try:
            self.actions.show(url.person, url.channel, url.source, call.arguments)
        except SlackError as error:
            return 400, error.answer
        call.had_effect = True
        return 200, "ok"

    async def _serve_authorize(self, request: web.Request) -> web.StreamResponse:
        """Play someone who reads the page and presses Allow; `&deny=1` is one who does not."""
        query = request.query
        if query.get("client_id") != self.app.client_id:
            return web.Response(status=400, text="invalid_client_id")
        back = URL(query.get("redirect_uri", ""))
        if not back.is_absolute():
            return web.Response(status=400, text="bad_redirect_uri")
        state = {"state": query["state"]} if "state" in query else {}
        if "deny" in query:
            raise web.HTTPFound(back.update_query(error="access_denied", **state))
        workspace = self.workspaces[query.get("team", self.workspace.id)]
        person = next((u for u in workspace.users.values() if not u.is_bot), None)
        scopes = [scope for scope in query.get("scope", "").split(",") if scope]
        code = new_code()
        user = person.id if person else "U0INSTALLER"
        self.codes[code] = Grant(workspace, user, scopes, query.get("redirect_uri", ""))
        raise web.HTTPFound(back.update_query(code=code, **state))

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        token = _token(request, {})
        team_id, _, file_id = request.match_info["file"].partition("-")
        installation = self.installations.get(token)
        self.record.calls.append(Call("url_private", {"file": file_id}, token, time.time(), 200))
        allowed = (
            installation is not None
            and not installation.fault
            and installation.workspace.id == team_id
            and "files:read" in installation.scopes
        )
        workspace = self.workspaces.get(team_id)
        if not allowed or workspace is None or file_id not in workspace.contents:
            # Slack shows its page for signing in, with status 200.
            return web.Response(
                text="<html><title>Sign in</title></html>", content_type="text/html"
            )
        return web.Response(body=workspace.contents[file_id], content_type="text/plain")


async def _arguments(request: web.Request) -> JSON:
    arguments: JSON = dict(request.query)
    if request.content_type == "application/json":
        try:
            said = await request.json()
        except ValueError:
            said = {}
        return arguments | (said if isinstance(said, dict) else {})
    form: Mapping[str, Any] = await request.post()
    return arguments | dict(form)


def _token(request: web.Request, arguments: JSON) -> str:
    """Take the token out of the header or the arguments."""
    given = str(arguments.pop("token", ""))
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else given


def _refuse(call: Call, fault: Fault | None, request: web.Request) -> web.Response | None:
    match fault:
        case RateLimited(retry_after):
            headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
            call.status, call.answer = 429, {"ok": False, "error": "ratelimited"}
            if isinstance(retry_after, int | float):
                call.retry_after = float(retry_after)
            return web.json_response(call.answer, status=429, headers=headers)
        case Status(code, body, content_type):
            call.status, call.answer = code, body
            return web.Response(status=code, text=body, content_type=content_type)
        case NotJson(body, content_type):
            call.status, call.answer = 200, body
            return web.Response(text=body, content_type=content_type)
        case Refusal(error, more):
            call.status, call.answer = 200, {"ok": False, "error": error, **more}
            return web.json_response(call.answer)
        case Reset():
            reset(request)
            return web.Response()
        case _:
            return None


def _lose(request: web.Request, fault: LostResponse) -> web.Response:
    if fault.reset:
        reset(request)
    elif request.transport:
        request.transport.close()
    return web.Response()


async def _delay(fault: Slow | Held) -> None:
    if isinstance(fault, Slow):
        await asyncio.sleep(fault.seconds)
    else:
        await fault.gate.wait()


def _plural(channel_type: str) -> str:
    return {"channel": "channels", "group": "groups"}.get(channel_type, channel_type)


@contextmanager
def running_slack(*, port: int = 0) -> Iterator[SlackServer]:
    """Run a server in a thread of its own; use `do`, `call` and `wait_until` from outside."""
    slack = SlackServer(port=port)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="slack", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(slack.start(), loop).result(_PATIENCE)
        yield slack
    finally:
        asyncio.run_coroutine_threadsafe(slack.stop(), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE)
        loop.close()
