"""How Slack's events come in over HTTP, and the pages on which people install the bot."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from supportbot.errors import SupportbotError

log = logging.getLogger(__name__)

_LARGEST = 2_000_000
"""Bytes of a request. Slack's are far smaller."""
_READ_SECONDS = 5.0
"""Within which a request has to be there whole. Slack itself waits three for the answer."""
_FIRST_SECONDS, _IDLE_SECONDS = 10.0, 60.0
"""How long a connection may say nothing that is whole: a new one, and one that has been of use."""
_LOOK_SECONDS = 1.0

_Page = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve_http(app: AsyncApp, host: str, port: int) -> None:
    """Take requests until cancelled; those that Slack has not signed get 401."""
    patience = _Patience()

    async def handle(request: web.Request) -> web.Response:
        response: web.Response = await to_aiohttp_response(
            await app.async_dispatch(await to_bolt_request(request))
        )
        return response

    async def is_healthy(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    server = web.Application(client_max_size=_LARGEST, middlewares=[patience.read_in_time])
    server.router.add_post("/slack/events", handle)
    pages = app.oauth_flow
    if pages is not None:
        server.router.add_get(pages.install_path, _page(pages.handle_installation))
        server.router.add_get(pages.redirect_uri_path, _page(pages.handle_callback))
    server.router.add_get("/healthz", is_healthy)
    async with AsyncExitStack() as opened:
        # What is not read of a request that is refused is not waited for either.
        runner = web.AppRunner(server, access_log=None, lingering_time=0.0)
        await runner.setup()
        opened.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, host, port)
        await site.start()
        log.info("Slack's requests are taken at http://%s:%s/slack/events", host, port)
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if runner.server is not None:
                patience.close_idle(runner.server)


class _Patience:
    """Lets nobody keep a connection open with half a request."""

    def __init__(self) -> None:
        self._busy: set[object] = set()
        self._of_use: set[object] = set()
        self._idle_since: dict[object, float] = {}

    @web.middleware
    async def read_in_time(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Read a request within the time that it has, before anything is done with it."""
        connection = request.protocol
        self._busy.add(connection)
        try:
            async with asyncio.timeout(_READ_SECONDS):
                await request.read()
            self._of_use.add(connection)
            return await handler(request)
        except TimeoutError:
            response = web.Response(status=408)
            response.force_close()
            return response
        finally:
            self._busy.discard(connection)

    def close_idle(self, server: web.Server) -> None:
        """Close the connections on which nothing whole has come for too long."""
        now, known = time.monotonic(), set(server.connections)
        for connection in server.connections:
            since = self._idle_since.setdefault(connection, now)
            limit = _IDLE_SECONDS if connection in self._of_use else _FIRST_SECONDS
            if connection in self._busy:
                self._idle_since[connection] = now
            elif now - since > limit:
                connection.force_close()
        self._of_use &= known
        for gone in self._idle_since.keys() - known:
            del self._idle_since[gone]


def _page(show: _Page) -> _Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            shown = await show(await to_bolt_request(request))
        except SupportbotError as error:
            log.warning("somebody could not install the bot: %s", error)
            return web.Response(status=400, text=str(error))
        response: web.Response = await to_aiohttp_response(shown)
        return response

    return handle
