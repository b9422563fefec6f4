"""What comes in: calls of the Web API, sockets, response URLs, and what a browser would open."""

import asyncio
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from aiohttp import web
from yarl import URL

from tests.playing.troubles import Held, LostResponse, NotJson, Reset, Slow, Status, reset

# These declare their methods when they are imported.
from tests.slack import chat as _chat
from tests.slack import conversations as _conversations
from tests.slack.api import METHODS, Method, Request
from tests.slack.faults import Fault, RateLimited, Refusal
from tests.slack.installing import Grant, Installation, new_code
from tests.slack.model import JSON, Channel, Message, SlackError, refuse
from tests.slack.record import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.slack.people import Person
    from tests.slack.server import SlackServer

_LOADED = (_chat, _conversations)
_RESPONSE_SECONDS = 30 * 60
_MOST_RESPONSES = 5


@dataclass(slots=True)
class ResponseUrl:
    """Where an answer to an action may be posted: five times within half an hour."""

    person: "Person"
    channel: Channel
    source: Message | None
    at: float
    uses: int = 0


class Doors:
    """The addresses of the server."""

    def __init__(self, slack: "SlackServer") -> None:
        self._slack = slack

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self._serve_api),
            web.get("/link", self._serve_socket),
            web.post("/response/{key}", self._serve_response),
            web.get("/oauth/v2/authorize", self._serve_authorize),
            web.get("/files-pri/{file}/{name}", self._serve_file),
        ]

    async def _serve_api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        arguments = await _arguments(request)
        token = _token(request, arguments)
        call = Call(name, arguments, token, time.time())
        self._slack.record.calls.append(call)
        self._slack.note_change()
        fault = self._slack.faults.take(name, arguments)
        call.fault = type(fault).__name__ if fault else ""
        try:
            return await self._answer(call, fault, request)
        finally:
            call.answered_at = time.time()
            self._slack.note_change()

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
            self._slack.note_change()
            await _delay(fault)
        if isinstance(fault, LostResponse):
            return _lose(request, fault)
        call.status, call.answer = 200, answer
        installation = self._slack.installations.get(call.token)
        date = formatdate(self._slack.now(), usegmt=True)
        headers = {"X-Slack-Req-Id": self._slack.new_uuid(), "Date": date}
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
            request = Request(self._slack, call.arguments, installation, headers)
            if method.scopes and method.kind == "bot":
                request.needs(*method.scopes)
            answer = method.run(request)
        except SlackError as error:
            return error.answer
        call.had_effect = True
        return answer

    def _authorize(self, method: Method, token: str) -> Installation:
        if method.kind == "none":
            return self._slack.installation()
        if not token:
            refuse("not_authed")
        kind = {"xapp-": "app", "xoxe.": "config"}.get(token[:5], "bot")
        installation = self._of_token(token, kind)
        if installation is None:
            refuse("invalid_auth")
        if installation.fault and kind == "bot":
            refuse(installation.fault)
        if method.kind != kind:
            refuse("not_allowed_token_type")
        return installation

    def _of_token(self, token: str, kind: str) -> Installation | None:
        app = self._slack.app
        if kind == "bot":
            return self._slack.installations.get(token)
        known = {"app": "" if app.app_token_is_revoked else app.app_token}
        is_known = token == known.get(kind, app.config_token)
        return self._slack.installation() if is_known else None

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        issued = self._slack.tickets.pop(request.query.get("ticket", ""), None)
        if issued is None:
            return web.Response(status=408, text="ticket expired")
        return await self._slack.courier.serve_socket(request)

    async def _serve_response(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        call = Call("response_url", said, request.match_info["key"], time.time())
        self._slack.record.calls.append(call)
        fault = self._slack.faults.take("response_url", said)
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
            self._slack.note_change()

    def _respond(self, call: Call) -> tuple[int, Any]:
        url = self._slack.response_urls.get(call.token)
        if url is None or time.monotonic() - url.at > _RESPONSE_SECONDS:
            return 404, {"ok": False, "error": "expired_url"}
        if url.uses >= _MOST_RESPONSES:
            return 404, {"ok": False, "error": "used_url"}
        url.uses += 1
        try:
            self._slack.actions.show(url.person, url.channel, url.source, call.arguments)
        except SlackError as error:
            return 400, error.answer
        call.had_effect = True
        return 200, "ok"

    async def _serve_authorize(self, request: web.Request) -> web.StreamResponse:
        """Play someone who reads the page and presses Allow; `&deny=1` is one who does not."""
        query = request.query
        if query.get("client_id") != self._slack.app.client_id:
            return web.Response(status=400, text="invalid_client_id")
        back = URL(query.get("redirect_uri") or self._slack.app.redirect_uri)
        if not back.is_absolute():
            return web.Response(status=400, text="bad_redirect_uri")
        state = {"state": query["state"]} if "state" in query else {}
        if "deny" in query:
            raise web.HTTPFound(back.update_query(error="access_denied", **state))
        workspace = self._slack.workspaces[query.get("team", self._slack.workspace.id)]
        person = next((u for u in workspace.users.values() if not u.is_bot), None)
        scopes = [scope for scope in query.get("scope", "").split(",") if scope]
        code = new_code()
        user = person.id if person else "U0INSTALLER"
        self._slack.codes[code] = Grant(workspace, user, scopes, query.get("redirect_uri", ""))
        raise web.HTTPFound(back.update_query(code=code, **state))

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        token = _token(request, {})
        team_id, _, file_id = request.match_info["file"].partition("-")
        installation = self._slack.installations.get(token)
        self._slack.record.calls.append(
            Call("url_private", {"file": file_id}, token, time.time(), 200)
        )
        allowed = (
            installation is not None
            and not installation.fault
            and installation.workspace.id == team_id
            and "files:read" in installation.scopes
        )
        workspace = self._slack.workspaces.get(team_id)
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
