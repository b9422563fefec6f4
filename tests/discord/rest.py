"""The REST front: who calls, what befalls the call, and the answer in Discord's form.

Every call goes to `routes`, and from there to simcord, unless a fault befalls it.
https://discord.com/developers/docs/reference
"""

import asyncio
import io
import json
import logging
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web
from simcord.backend.errors import BackendError
from simcord.http import RouteNotImplemented, UnsupportedField
from simcord.http.router import RequestContext, parse_form

from tests.discord.faults import Fault, RateLimited, Refusal
from tests.discord.record import JSON, Call
from tests.discord.routes import Request, answer_to
from tests.playing.troubles import Held, LostResponse, NotJson, Reset, Slow, Status, reset

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

log = logging.getLogger(__name__)
API = "/api/v10"
_WITH_THEIR_OWN_TOKEN = ("/interactions/", "/webhooks/")
_OPEN = ("/gateway",)
_UNAUTHORIZED = {"message": "401: Unauthorized", "code": 0}


@dataclass(slots=True)
class Upload:
    """A file that came with a message, as simcord's routes want it."""

    filename: str
    fp: io.BytesIO
    description: str | None = None


class Rest:
    """The addresses for calls and files."""

    def __init__(self, discord: "DiscordServer") -> None:
        self._discord = discord

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", API + "/{path:.*}", self._serve),
            web.get("/cdn/{path:.*}", self._serve_file),
        ]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path.removeprefix(API)
        body, files = await _read(request)
        token = request.headers.get("Authorization", "").removeprefix("Bot ")
        call = Call(request.method, path, body, dict(request.query), token, time.time())
        self._discord.record.calls.append(call)
        fault = self._discord.faults.take(call.method, call.path, body)
        call.fault = type(fault).__name__ if fault else ""
        self._discord.note_change()
        try:
            return await self._answer(call, fault, request, files)
        finally:
            call.answered_at = time.time()
            self._discord.note_change()

    async def _answer(
        self, call: Call, fault: Fault | None, request: web.Request, files: list[Upload]
    ) -> web.StreamResponse:
        if (refusal := _refuse(call, fault, request)) is not None:
            return refusal
        if isinstance(fault, Slow | Held) and not fault.effect_first:
            await _delay(fault)
        status, answer = self._run(call, request, files)
        if isinstance(fault, Slow | Held) and fault.effect_first:
            self._discord.note_change()
            await _delay(fault)
        if isinstance(fault, LostResponse):
            return _lose(request, fault)
        call.status, call.answer = status, answer
        if answer is None:
            return web.Response(status=HTTPStatus.NO_CONTENT)
        text = json.dumps(answer).replace(self._discord.cdn_of_backend, self._discord.cdn_url)
        return _json(text, status)

    def _run(self, call: Call, request: web.Request, files: list[Upload]) -> tuple[int, Any]:
        if not self._is_authorized(call):
            return HTTPStatus.UNAUTHORIZED, _UNAUTHORIZED
        context = RequestContext(
            self._discord.backend,
            {},
            json=call.body,
            params=dict(call.params),
            files=list(files),
            reason=request.headers.get("X-Audit-Log-Reason"),
            method=call.method,
            path=call.path,
            message_content_access="message_content" in self._discord.approved_intents,
        )
        try:
            answer = answer_to(Request(self._discord, context))
        except (RouteNotImplemented, UnsupportedField) as gap:
            self._discord.record.gaps.append(gap.message)
            return HTTPStatus.NOT_IMPLEMENTED, {"code": 0, "message": gap.message}
        except BackendError as error:
            return error.status, error.to_json()
        except Exception as error:
            # With 500 the client would try again for half a minute, and hide what is wrong here.
            log.exception("%s %s cannot be played", call.method, call.path)
            self._discord.record.gaps.append(repr(error))
            return HTTPStatus.NOT_IMPLEMENTED, {"code": 0, "message": repr(error)}
        call.had_effect = True
        if call.path.endswith("/callback") and call.params.get("with_response") not in _TRUE:
            return HTTPStatus.NO_CONTENT, None
        return (HTTPStatus.NO_CONTENT if answer is None else HTTPStatus.OK), answer

    def _is_authorized(self, call: Call) -> bool:
        if call.path.startswith(_WITH_THEIR_OWN_TOKEN) or call.path in _OPEN:
            return True
        return call.token == self._discord.token and not self._discord.token_is_revoked

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        address = f"{self._discord.cdn_of_backend}/{request.match_info['path']}"
        content = self._discord.backend.cdn.get(address)
        if content is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(body=content)


_TRUE = {"1", "true", "True"}


def _json(text: str, status: int, **headers: str) -> web.Response:
    """Answer in JSON; discord.py takes only this very type, without a character set, for it."""
    content = {"Content-Type": "application/json"}
    return web.Response(body=text.encode(), status=status, headers=headers | content)


async def _read(request: web.Request) -> tuple[Any, list[Upload]]:
    """Take the JSON and the files out of a call."""
    if request.content_type != "multipart/form-data":
        text = await request.text()
        return (json.loads(text) if text else None), []
    form: list[JSON] = []
    files: list[Upload] = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.filename:
            files.append(Upload(part.filename, io.BytesIO(await part.read(decode=True))))
        else:
            form.append({"name": part.name, "value": await part.text()})
    body, _ = parse_form(form, [])
    described = body.get("attachments") or [] if isinstance(body, dict) else []
    for one in described:
        if str(one.get("id")).isdecimal() and int(one["id"]) < len(files):
            files[int(one["id"])].description = one.get("description")
    return body, files


def _refuse(call: Call, fault: Fault | None, request: web.Request) -> web.Response | None:
    match fault:
        case RateLimited():
            return _limit(call, fault)
        case Refusal(status, code, message):
            call.status, call.answer = status, {"code": code, "message": message}
            return _json(json.dumps(call.answer), status)
        case Status(code, text, content_type):
            call.status, call.answer = code, text
            return web.Response(status=code, text=text, content_type=content_type)
        case NotJson(text, content_type):
            call.status, call.answer = 200, text
            return web.Response(text=text, content_type=content_type)
        case Reset():
            reset(request)
            return web.Response()
        case _:
            return None


def _limit(call: Call, fault: RateLimited) -> web.Response:
    call.status, call.retry_after = HTTPStatus.TOO_MANY_REQUESTS, fault.retry_after
    call.answer = {
        "message": "You are being rate limited.",
        "retry_after": fault.retry_after,
        "global": fault.is_global,
    }
    headers = {"Retry-After": str(fault.retry_after), "X-RateLimit-Scope": fault.scope}
    if fault.is_global:
        headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    if fault.via:
        headers["Via"] = "1.1 google"
    return _json(json.dumps(call.answer), call.status, **headers)


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
