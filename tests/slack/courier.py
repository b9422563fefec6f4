"""Events, commands and actions on their way to the app: over Socket Mode, or by HTTP.

https://docs.slack.dev/apis/events-api (retries, signatures) and
https://docs.slack.dev/apis/events-api/using-socket-mode (envelopes, disconnects).
"""

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType, web

from tests.playing.troubles import reset
from tests.slack.model import JSON
from tests.slack.record import Attempt, Delivery, Record

MOST_SOCKETS = 10


class Signature(StrEnum):
    """How requests to the app are signed."""

    GOOD = "good"
    WRONG = "wrong"
    OLD = "old"
    """Right, and of ten minutes ago."""
    MISSING = "missing"


@dataclass(eq=False, slots=True)
class Socket:
    """One WebSocket of the app."""

    name: str
    ws: web.WebSocketResponse
    request: web.Request
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_open(self) -> bool:
        return not self.ws.closed and self.request.transport is not None


@dataclass(slots=True)
class Addresses:
    """Where the app listens in HTTP mode."""

    events: str
    interactivity: str
    commands: str


class Courier:
    """Delivers each thing until it is acknowledged, and writes down how that went.

    Attributes:
        ack_seconds: How long an acknowledgement may take.
        retry_delays: Seconds before each repetition of an event.
        copies: How often each event is delivered; more than 1 for a storm.
        lost_acks: How many of the next acknowledgements get lost; -1 for all.
        signature: How HTTP requests are signed.
        max_sockets: How many sockets may be open at once.
    """

    def __init__(self, record: Record, signing_secret: str, changed: Callable[[], None]) -> None:
        self.record = record
        self.ack_seconds = 3.0
        self.retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
        self.copies = 1
        self.lost_acks = 0
        self.signature = Signature.GOOD
        self.max_sockets = MOST_SOCKETS
        self.ping_interval = 10.0
        self.warning_seconds = 10.0
        self.debug_host = "applink-local"
        self.addresses: Addresses | None = None
        self.sockets: list[Socket] = []
        self.sockets_ever = 0
        self.events_paused = False
        """Whether events are kept back, to be sent when `resume` is called."""
        self._kept: list[Delivery] = []
        self._secret = signing_secret
        self._changed = changed
        self._waiting: dict[str, tuple[Delivery, Attempt, asyncio.Future[None], Socket]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turn = itertools.count()
        self._client: ClientSession | None = None

    # Sending

    def send(self, kind: str, payload: JSON, name: str) -> "asyncio.Task[Delivery]":
        """Begin to deliver; the task ends when it is acknowledged or given up."""
        delivery = Delivery(name, kind, payload)
        self.record.deliveries.append(delivery)
        self._changed()
        if kind == "events_api" and self.events_paused:
            self._kept.append(delivery)
            return self.spawn(_itself(delivery))
        return self.spawn(self._deliver(delivery, self.copies if kind == "events_api" else 1))

    def resume(self, *, backwards: bool = False) -> None:
        """Send what was kept back, if asked in the wrong order."""
        self.events_paused = False
        kept, self._kept = self._kept, []
        for delivery in reversed(kept) if backwards else kept:
            self.spawn(self._deliver(delivery, self.copies))

    async def repeat(self, delivery: Delivery, times: int = 1) -> None:
        """Deliver an event again, as Slack does when it believes that it was not acknowledged."""
        for _ in range(times):
            retry = max((a.retry for a in delivery.attempts), default=-1) + 1
            await self._attempt(delivery, retry, "timeout")

    def spawn(self, work: Any) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver(self, delivery: Delivery, copies: int) -> Delivery:
        for _ in range(copies - 1):
            self.spawn(self._attempt(delivery, 0, ""))
        reason = ""
        delays = self.retry_delays if delivery.kind == "events_api" else ()
        for retry, delay in enumerate((0.0, *delays)):
            if delay:
                await asyncio.sleep(delay)
            attempt = await self._attempt(delivery, retry, reason)
            if not attempt.failure or attempt.failure == "no_retry":
                break
            reason = attempt.failure
        delivery.is_over = True
        self._changed()
        return delivery

    async def _attempt(self, delivery: Delivery, retry: int, reason: str) -> Attempt:
        attempt = Attempt(time.time(), "", retry, reason)
        delivery.attempts.append(attempt)
        if self.addresses:
            await self._post(delivery, attempt, self.addresses)
        else:
            await self._push(delivery, attempt)
        self._changed()
        return attempt

    # Socket Mode

    async def _push(self, delivery: Delivery, attempt: Attempt) -> None:
        sockets = [s for s in self.sockets if s.is_open]
        if not sockets:
            attempt.failure = "timeout"
            return
        chosen = sockets[next(self._turn) % len(sockets)]
        attempt.to, attempt.envelope_id = chosen.name, _uuid()
        envelope = {
            "envelope_id": attempt.envelope_id,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": attempt.retry, "retry_reason": attempt.reason}
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[attempt.envelope_id] = (delivery, attempt, answered, chosen)
        try:
            await chosen.ws.send_str(json.dumps(envelope))
        except ConnectionError:
            attempt.failure = "timeout"
            return
        # Not `wait_for`, which could not tell a lost socket from a cancelled delivery.
        await asyncio.wait([answered], timeout=self.ack_seconds)
        if attempt.acknowledged_at is None:
            attempt.failure = "timeout"

    def _acknowledge(self, answer: JSON) -> None:
        waiting = self._waiting.get(str(answer.get("envelope_id")))
        if waiting is None:
            return
        if self.lost_acks:
            self.lost_acks -= 1
            return
        delivery, attempt, answered, _ = waiting
        attempt.acknowledged_at = attempt.acknowledged_at or time.time()
        delivery.response = answer.get("payload")
        del self._waiting[attempt.envelope_id]
        if not answered.done():
            answered.set_result(None)
        self._changed()

    async def serve_socket(self, request: web.Request) -> web.WebSocketResponse:
        """Keep up one socket, from `hello` to its end."""
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        self.sockets_ever += 1
        here = Socket(f"socket {self.sockets_ever}", ws, request)
        if len([s for s in self.sockets if s.is_open]) >= self.max_sockets:
            await self._say_goodbye(here, "too_many_websockets")
            await ws.close()
            return ws
        self.sockets.append(here)
        await ws.send_json(self._hello(request))
        self._changed()
        pings = self.spawn(self._keep_pinging(here))
        try:
            with contextlib.suppress(ConnectionError):
                await self._listen(here)
        finally:
            pings.cancel()
            self.sockets.remove(here)
            self._forget(here)
            self._changed()
        return ws

    def _hello(self, request: web.Request) -> JSON:
        return {
            "type": "hello",
            "num_connections": len(self.sockets),
            "debug_info": {
                "host": self.debug_host,
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": request.query.get("app_id", "")},
        }

    async def _listen(self, here: Socket) -> None:
        frozen = asyncio.ensure_future(here.frozen.wait())
        try:
            while True:
                received = asyncio.ensure_future(here.ws.receive())
                await asyncio.wait({received, frozen}, return_when=asyncio.FIRST_COMPLETED)
                if frozen.done():
                    received.cancel()
                    # Nobody reads any more, and nobody says so; the client must find out.
                    await here.gone.wait()
                    return
                message = received.result()
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(json.loads(message.data))
                elif (
                    message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED}
                    or message.type is WSMsgType.ERROR
                ):
                    return
        finally:
            frozen.cancel()

    async def _keep_pinging(self, here: Socket) -> None:
        with contextlib.suppress(ConnectionError):
            while here.is_open:
                await asyncio.sleep(self.ping_interval)
                if not here.frozen.is_set():
                    await here.ws.ping(f"Ping from {self.debug_host}".encode())

    def _forget(self, here: Socket) -> None:
        for name, (_, attempt, answered, there) in list(self._waiting.items()):
            if there is here:
                del self._waiting[name]
                attempt.failure = "timeout"
                if not answered.done():
                    answered.cancel()

    async def disconnect(self, reason: str, *, then_close: bool = True) -> None:
        """Tell every socket to go: `warning`, `refresh_requested` or `link_disabled`.

        After a `warning` the sockets stay for about ten seconds; otherwise they close at once.
        """
        for here in list(self.sockets):
            await self._say_goodbye(here, reason)
            if then_close:
                delay = self.warning_seconds if reason == "warning" else 0.0
                self.spawn(_close_later(here, delay))

    async def _say_goodbye(self, here: Socket, reason: str) -> None:
        debug = {"host": self.debug_host}
        await here.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": debug})

    def drop_sockets(self) -> None:
        """Reset every socket without a word."""
        for here in list(self.sockets):
            here.gone.set()
            reset(here.request)

    def freeze_sockets(self) -> None:
        """Answer nothing on any open socket from now on, pings included, and keep it open."""
        for here in self.sockets:
            here.frozen.set()

    # HTTP

    async def _post(self, delivery: Delivery, attempt: Attempt, addresses: Addresses) -> None:
        url, body, headers = _http_form(delivery, addresses)
        if attempt.retry:
            headers["X-Slack-Retry-Num"] = str(attempt.retry)
            headers["X-Slack-Retry-Reason"] = attempt.reason
        attempt.to = url
        headers |= self._sign(body)
        try:
            async with self._http().post(
                url, data=body, headers=headers, timeout=ClientTimeout(self.ack_seconds)
            ) as response:
                text = await response.text()
        except TimeoutError:
            attempt.failure = "http_timeout"
            return
        except (ClientError, OSError):
            attempt.failure = "connection_failed"
            return
        attempt.status = response.status
        if response.status >= 300:
            no_retry = response.headers.get("X-Slack-No-Retry") == "1"
            attempt.failure = "no_retry" if no_retry else "http_error"
        elif self.lost_acks:
            self.lost_acks -= 1
            attempt.failure = "http_timeout"
        else:
            attempt.acknowledged_at = time.time()
            delivery.response = _read(text)

    def _sign(self, body: str) -> dict[str, str]:
        if self.signature is Signature.MISSING:
            return {}
        at = int(time.time()) - (600 if self.signature is Signature.OLD else 0)
        secret = self._secret + ("?" if self.signature is Signature.WRONG else "")
        digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256)
        return {
            "X-Slack-Request-Timestamp": str(at),
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }

    async def verify_url(self, url: str, token: str) -> bool:
        """Ask the app whether the address is its own, as when it is entered at Slack."""
        challenge = secrets.token_hex(20)
        body = json.dumps({"token": token, "challenge": challenge, "type": "url_verification"})
        headers = {"Content-Type": "application/json"} | self._sign(body)
        async with self._http().post(url, data=body, headers=headers) as response:
            text = await response.text()
        answer = _read(text)
        said = answer.get("challenge") if isinstance(answer, dict) else text
        return bool(response.status == 200 and said == challenge)

    def _http(self) -> ClientSession:
        if self._client is None:
            self._client = ClientSession()
        return self._client

    async def close(self) -> None:
        """Stop everything under way."""
        self.drop_sockets()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client:
            await self._client.close()


async def _close_later(here: Socket, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await here.ws.close()


async def _itself(delivery: Delivery) -> Delivery:
    return delivery


def _http_form(delivery: Delivery, addresses: Addresses) -> tuple[str, str, dict[str, str]]:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    match delivery.kind:
        case "events_api":
            body = json.dumps(delivery.payload)
            return addresses.events, body, {"Content-Type": "application/json"}
        case "slash_commands":
            return addresses.commands, urlencode(delivery.payload), form
        case _:
            payload = json.dumps(delivery.payload)
            return addresses.interactivity, urlencode({"payload": payload}), form


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text} if text else None


def _uuid() -> str:
    return "-".join(secrets.token_hex(n) for n in (4, 2, 2, 2, 6))
