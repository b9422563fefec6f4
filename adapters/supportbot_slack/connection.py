"""How Slack's events come in over sockets that we open."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from supportbot_slack.options import APP_TOKEN
from supportbot_slack.refusals import refused

log = logging.getLogger(__name__)

_PATIENCE = 4
"""Looks at a socket that is not connected, before it is given up for a new one."""


_Listener = Callable[[Any, dict[Any, Any], str | None], Awaitable[None]]
"""Hears what comes over a socket: the client, the message read, and as it came."""


class Line:
    """Whether Slack can reach us, as far as we can tell."""

    def __init__(self, *, tells: bool) -> None:
        """Begin closed. One that `tells` says when it was interrupted; HTTP never does."""
        self.tells = tells
        self.is_open = asyncio.Event()
        self.was_renewed = asyncio.Event()
        """Set when there may have been a gap since it was cleared, however short."""

    async def renew_every(self, pause: timedelta) -> None:
        """Suspect a gap now and then, until cancelled."""
        self.is_open.set()
        while True:
            await asyncio.sleep(pause.total_seconds())
            self.was_renewed.set()


class Sockets:
    """Sockets to Slack that stay open: several, so that nothing waits while one is renewed.

    The client opens a new one when Slack says so, or when nothing comes; but it may try one address
    for ever, which holds for a moment only. What is not connected for long is made anew.
    """

    def __init__(self, app: AsyncApp, app_token: str, *, ping_seconds: float) -> None:
        """Pass what comes to `app`, and look every so many seconds whether each is open."""
        self._app = app
        self._app_token = app_token
        self._ping_seconds = ping_seconds
        self._open: set[int] = set()
        self._greeted: set[int] = set()
        self._trouble = ""
        # One of its own, known to nobody else, so that others' records do not come here.
        self._library = logging.Logger("slack_sdk.socket_mode", logging.WARNING)  # noqa: LOG001
        self._library.addHandler(_Hearing(self._hear_trouble))
        self.line = Line(tells=True)
        """Open while there is one at least."""

    async def keep_open(self, number: int) -> None:
        """Keep one open until cancelled."""
        while True:
            client = AsyncSocketModeHandler(
                self._app,
                self._app_token,
                logger=self._library,
                ping_interval=self._ping_seconds,
            ).client
            client.message_listeners.append(self._hear_hello(number))
            connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
            try:
                missed = 0
                while missed < _PATIENCE:
                    await asyncio.sleep(self._ping_seconds)
                    is_connected = await client.is_connected()
                    if not is_connected:
                        self._note(number, is_open=False)
                    missed = 0 if is_connected else missed + 1
                log.info("socket %s to Slack is not connected, and is made anew", number)
            finally:
                self._note(number, is_open=False)
                connecting.cancel()
                await asyncio.gather(connecting, return_exceptions=True)
                await client.close()  # type: ignore[no-untyped-call]

    def _hear_hello(
        self, number: int
    ) -> Callable[[Any, dict[Any, Any], str | None], Awaitable[None]]:
        async def hear(_client: object, message: dict[Any, Any], _raw: str | None) -> None:
            if message.get("type") == "hello":
                if self._trouble:
                    log.warning("sockets to Slack are open again")
                    self._trouble = ""
                self._note(number, is_open=True)
                # One that was replaced may have been dead for a while, and said nothing.
                if number in self._greeted:
                    self.line.was_renewed.set()
                self._greeted.add(number)

        return hear

    def _hear_trouble(self, record: logging.LogRecord) -> None:
        """Tell what keeps sockets from opening once, where the library tells it each time."""
        said = record.getMessage()
        if said.startswith(_TWICE):
            return
        if not said.startswith(_NOT_CONNECTED):
            log.handle(record)
            return
        code = _CODE.search(said)
        trouble = (
            refused(APP_TOKEN, code[1]) if code else f"Slack cannot be reached ({_kind(record)})."
        )
        if trouble != self._trouble:
            log.error("no socket to Slack opens, which is tried again and again: %s", trouble)
        self._trouble = trouble

    def _note(self, number: int, *, is_open: bool) -> None:
        (self._open.add if is_open else self._open.discard)(number)
        (self.line.is_open.set if self._open else self.line.is_open.clear)()


_NOT_CONNECTED = ("Failed to connect", "Failed to check the current session")
_TWICE = "Failed to retrieve WSS URL"
"""How the library's complaints begin; this one is followed by one of the others."""
_KIND = re.compile(r"error: (\w+), message")
_CODE = re.compile(r"'error': '(\w+)'")


def _kind(record: logging.LogRecord) -> str:
    """Name the error of a complaint: its words may quote anything."""
    if record.exc_info and record.exc_info[0]:
        return record.exc_info[0].__name__
    found = _KIND.search(record.getMessage())
    return found[1] if found else "an unknown error"


class _Hearing(logging.Handler):
    """Passes records on."""

    def __init__(self, hear: Callable[[logging.LogRecord], None]) -> None:
        """Pass them on to this."""
        super().__init__()
        self._hear = hear

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one on."""
        self._hear(record)
