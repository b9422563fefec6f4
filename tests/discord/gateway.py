"""The gateway: sessions, what they may hear, and what can go wrong with their connections.

https://discord.com/developers/docs/events/gateway. Frames are text: the client asks for
compression and does without. simcord decides what a session hears (`FakeGateway`: intents,
censoring, the members of `GUILD_CREATE`) and answers requests for members (`FakeWebSocket`). Both
want the connection state of a client in their own process; `_Hearing` stands in for it, with
parsers that put each event on a session's line. What channels the bot can see, simcord leaves out.
"""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from aiohttp import WSMsgType, web
from simcord.backend import serializers
from simcord.backend.access import channel_accessible
from simcord.gateway import FakeGateway, FakeWebSocket
from simcord.intents import PRIVILEGED_INTENTS

from tests.discord.record import JSON, Dispatch, Login
from tests.playing.troubles import reset

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

HEARTBEAT_MILLISECONDS = 41250
"""https://discord.com/developers/docs/events/gateway#hello-event"""
_OVER = {1000, 1001, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014}
"""Codes after which there is nothing to resume."""


class Op(IntEnum):
    """https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway"""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class _Close(Exception):  # noqa: N818 - it is how a connection ends, not an error
    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class _Hearing:
    """What simcord takes for the connection state of a client: intents, and a parser for each."""

    intents: discord.Intents
    hear: Callable[[str, JSON], None]

    @property
    def parsers(self) -> "_Hearing":
        return self

    def __getitem__(self, event: str) -> Callable[[JSON], None]:
        return partial(self.hear, event)

    def get(self, event: str) -> Callable[[JSON], None]:
        return self[event]


@dataclass(eq=False, slots=True)
class Connection:
    """One WebSocket."""

    ws: web.WebSocketResponse
    request: web.Request
    line: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    session: "Session | None" = None

    def send(self, op: int, data: Any = None, *, name: str | None = None, s: Any = None) -> None:
        self.line.put_nowait(json.dumps({"op": op, "d": data, "s": s, "t": name}))

    async def close(self, code: int, reason: str = "") -> None:
        await self.ws.close(code=code, message=reason.encode())


@dataclass(eq=False, slots=True)
class Session:
    """What lasts over the connections of one shard."""

    id: str
    shard: tuple[int, int]
    intents: discord.Intents
    buffer: deque[Dispatch]
    sequence: int = 0
    connection: Connection | None = None
    hearing: FakeGateway | None = None

    def is_for(self, guild_id: int | None) -> bool:
        """Whether its shard has that guild; direct messages are the first shard's."""
        index, count = self.shard
        return index == ((guild_id >> 22) % count if guild_id else 0)

    def has_all_since(self, sequence: int) -> bool:
        """Whether it can still send everything after that number."""
        return self.sequence - sequence <= len(self.buffer)


class Gateway:
    """Lets clients connect, and tells them what happens.

    Attributes:
        resume_events: How many of the last events a session keeps for being resumed.
        copies: How often each event is sent; more than 1 for duplicates.
        says_hello: Whether connections begin with hello.
        acknowledges: Whether heartbeats are acknowledged.
        is_open: Whether connections are taken at all; if not, they are answered with 503.
        heartbeat_interval: Milliseconds.
        unavailable: Ids of guilds that Discord cannot serve: nothing is told of them.
        flowing: Cleared, nothing goes out on any connection until it is set again.
    """

    def __init__(self, server: "DiscordServer") -> None:
        self._server = server
        self.resume_events = 1000
        self.copies = 1
        self.says_hello = True
        self.acknowledges = True
        self.is_open = True
        self.heartbeat_interval = HEARTBEAT_MILLISECONDS
        self.unavailable: set[int] = set()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.connections: list[Connection] = []
        self.sessions: dict[str, Session] = {}

    @property
    def connected(self) -> list[Session]:
        """The sessions that have a connection."""
        return [s for s in self.sessions.values() if s.connection]

    # What happens, to those who may hear it

    def tell(self, event: str, payload: Mapping[str, Any]) -> None:
        """Give an event of the backend to each session that may hear it."""
        payload = self._as_discord_has_it(event, payload)
        before = len(self._server.record.dispatches)
        if self._bot_sees(payload) and _guild_of(event, payload) not in self.unavailable:
            for session in self.sessions.values():
                if session.is_for(_guild_of(event, payload)):
                    self._tell_session(session, event, payload)
        if len(self._server.record.dispatches) == before:
            self._server.record.lost.append((event, json.loads(json.dumps(payload))))
        self._server.note_change()

    def _tell_session(self, session: Session, event: str, payload: JSON) -> None:
        assert session.hearing is not None
        bot = str(self._server.bot.id)
        if event == "GUILD_MEMBER_UPDATE" and payload["user"]["id"] == bot:
            # https://discord.com/developers/docs/events/gateway-events#guild-member-update
            session.hearing.deliver(event, payload)
        elif event != "THREAD_MEMBERS_UPDATE" or session.intents.members or _is_about(bot, payload):
            session.hearing.feed(event, payload)

    def _as_discord_has_it(self, event: str, payload: Mapping[str, Any]) -> JSON:
        changed = dict(payload)
        if event == "GUILD_CREATE":
            changed["threads"] = [
                thread for thread in payload["threads"] if self._is_active(int(thread["id"]))
            ]
            # Only a guild that was there before is said to be available: else it was joined now.
            changed.pop("unavailable", None)
            changed["roles"] = [self._with_tags(role) for role in payload["roles"]]
        if event.startswith("GUILD_ROLE_") and "role" in payload:
            changed["role"] = self._with_tags(payload["role"])
        nonce = self._server.nonces.of_message(str(payload.get("id")))
        if event == "MESSAGE_CREATE" and nonce:
            changed["nonce"] = nonce
        return changed

    def _with_tags(self, role: JSON) -> JSON:
        """Say of the role that an app brought with it whose it is; simcord knows no tags.

        https://discord.com/developers/docs/topics/permissions#role-object-role-tags-structure
        """
        bot = self._server.bot
        is_own = role["managed"] and role["name"] == bot.name
        return {**role, "tags": {"bot_id": str(bot.id)}} if is_own else role

    def _is_active(self, thread_id: int) -> bool:
        metadata = self._server.backend.channels[thread_id].thread_metadata
        bot = self._server.bot.id
        is_visible = channel_accessible(self._server.backend, thread_id, bot)
        return metadata is not None and not metadata.archived and is_visible

    def _bot_sees(self, payload: JSON) -> bool:
        channel_id = int(payload.get("channel_id") or 0)
        if "token" in payload or channel_id not in self._server.backend.channels:
            return True  # an interaction, or nothing that stands in a channel
        return channel_accessible(self._server.backend, channel_id, self._server.bot.id)

    def dispatch(self, session: Session, name: str, payload: JSON) -> Dispatch:
        """Send an event to one session, or keep it until it is resumed."""
        session.sequence += 1
        dispatch = Dispatch(name, json.loads(json.dumps(payload)), session.id, session.sequence)
        session.buffer.append(dispatch)
        self._server.record.dispatches.append(dispatch)
        self._send(session, dispatch)
        return dispatch

    def _hear(self, session: Session, name: str, payload: JSON) -> None:
        for _ in range(self.copies):
            self.dispatch(session, name, payload)

    def _send(self, session: Session, dispatch: Dispatch) -> None:
        if session.connection is None:
            return
        dispatch.sent += 1
        text = json.dumps(dispatch.payload).replace(
            self._server.cdn_of_backend, self._server.cdn_url
        )
        payload = json.loads(text)
        session.connection.send(Op.DISPATCH, payload, name=dispatch.name, s=dispatch.sequence)

    # What goes wrong on demand

    async def close(self, code: int = 4000, reason: str = "") -> None:
        """Close every connection with that code; after some there is nothing to resume."""
        for connection in list(self.connections):
            self._end(connection, code)
            await connection.close(code, reason)

    def abort(self) -> None:
        """Cut every connection, with a reset of TCP."""
        for connection in list(self.connections):
            self._end(connection, 1006)
            reset(connection.request)

    def reconnect(self) -> None:
        """Ask every client to connect again (op 7)."""
        for connection in self.connections:
            connection.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9)."""
        for connection in list(self.connections):
            if not resumable and connection.session:
                self.sessions.pop(connection.session.id, None)
            connection.send(Op.INVALID_SESSION, resumable)

    def forget_sessions(self) -> None:
        """Let nothing be resumed of what is not connected, as after some minutes."""
        self.sessions = {session.id: session for session in self.connected}

    def repeat(self, dispatch: Dispatch) -> None:
        """Send an event once more, as a new one."""
        self.dispatch(self.sessions[dispatch.session], dispatch.name, dispatch.payload)

    def begin_outage(self, guild_id: int) -> None:
        """Let a guild be unavailable, for those who are connected and those who will be."""
        self.unavailable.add(guild_id)
        for session in self.sessions.values():
            self.dispatch(session, "GUILD_DELETE", {"id": str(guild_id), **_AWAY})

    def end_outage(self, guild_id: int) -> None:
        """Let a guild be available again, in the sessions that there are."""
        self.unavailable.discard(guild_id)
        backend = self._server.backend
        payload = serializers.guild_create_payload(backend, backend.guilds[guild_id])
        for session in self.sessions.values():
            there = partial(self._hear_that_it_is_there, session)
            feed = FakeGateway(backend, _Hearing(session.intents, there))
            feed.feed("GUILD_CREATE", self._as_discord_has_it("GUILD_CREATE", payload))

    def _hear_that_it_is_there(self, session: Session, name: str, payload: JSON) -> None:
        self._hear(session, name, payload | _THERE)

    def send(self, name: str, payload: Any) -> None:
        """Send anything as an event to every session, as one whose form nobody expects."""
        for session in self.sessions.values():
            self.dispatch(session, name, payload)

    def send_text(self, text: str) -> None:
        """Send a frame that need not even be JSON."""
        for connection in self.connections:
            connection.line.put_nowait(text)

    # One connection

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Speak with a client until one of the two has enough."""
        if not self.is_open:
            return web.Response(status=503)
        ws = web.WebSocketResponse(timeout=1.0, max_msg_size=1 << 20)
        await ws.prepare(request)
        connection = Connection(ws, request)
        self.connections.append(connection)
        writing = asyncio.create_task(self._write(connection))
        if self.says_hello:
            connection.send(Op.HELLO, {"heartbeat_interval": self.heartbeat_interval})
        self._server.note_change()
        try:
            await self._read(connection)
        finally:
            writing.cancel()
            self._end(connection, ws.close_code or 1006)
        return ws

    async def _write(self, connection: Connection) -> None:
        with suppress(ConnectionError):
            while True:
                text = await connection.line.get()
                await self.flowing.wait()
                await connection.ws.send_str(text)

    async def _read(self, connection: Connection) -> None:
        async for message in connection.ws:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                await self._take(connection, json.loads(message.data))
            except _Close as close:
                self._end(connection, close.code)
                await connection.close(close.code, close.reason)

    async def _take(self, connection: Connection, frame: JSON) -> None:
        data: Any = frame.get("d")
        match frame.get("op"):
            case Op.HEARTBEAT:
                if self.acknowledges:
                    connection.send(Op.HEARTBEAT_ACK)
            case Op.IDENTIFY:
                self._identify(connection, data)
            case Op.PRESENCE_UPDATE | Op.VOICE_STATE_UPDATE:
                pass  # presence and voice concern nobody here
            case Op.RESUME:
                self._resume(connection, data)
            case Op.REQUEST_GUILD_MEMBERS:
                await self._send_members(connection, data)
            case _:
                raise _Close(4001, "Unknown opcode")
        self._server.note_change()

    def _identify(self, connection: Connection, data: JSON) -> None:
        shard = tuple(data.get("shard") or (0, 1))
        login = Login("identify", time.time(), "", (shard[0], shard[1]), data.get("intents", 0))
        self._server.record.logins.append(login)
        if connection.session:
            self._refuse(login, 4005, "Already authenticated.")
        if data.get("token") != self._server.token or self._server.token_is_revoked:
            self._refuse(login, 4004, "Authentication failed.")
        if not 0 <= shard[0] < shard[1]:
            self._refuse(login, 4010, "Invalid shard.")
        intents = discord.Intents.none()
        intents.value = login.intents
        if _privileged(intents) - self._server.approved_intents:
            self._refuse(login, 4014, "Disallowed intent(s).")
        session = self._new_session(login, intents)
        session.connection, connection.session = connection, session
        self._greet(session)

    def _refuse(self, login: Login, code: int, reason: str) -> None:
        login.refused = str(code)
        raise _Close(code, reason)

    def _new_session(self, login: Login, intents: discord.Intents) -> Session:
        login.session = secrets.token_hex(16)
        buffer: deque[Dispatch] = deque(maxlen=self.resume_events)
        session = Session(login.session, login.shard, intents, buffer)
        # The process that had the shard before is gone: nobody will resume what it had.
        self.sessions = {
            id_: one
            for id_, one in self.sessions.items()
            if one.connection or one.shard != login.shard
        }
        hearing = _Hearing(intents, partial(self._hear, session))
        session.hearing = FakeGateway(self._server.backend, hearing)
        self.sessions[session.id] = session
        return session

    def _greet(self, session: Session) -> None:
        backend = self._server.backend
        guilds = [guild for guild in backend.guilds.values() if session.is_for(guild.id)]
        ready = {
            "v": 10,
            "user": dict(serializers.user_payload(backend.bot_user)),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._server.gateway_url,
            "shard": list(session.shard),
            "application": {
                "id": str(backend.application_id),
                "flags": self._server.application_flags,
            },
        }
        self.dispatch(session, "READY", ready)
        hearing = _Hearing(session.intents, partial(self._hear_that_it_is_there, session))
        first = FakeGateway(backend, hearing)
        for guild in guilds:
            if guild.id in self.unavailable:
                self.dispatch(session, "GUILD_DELETE", {"id": str(guild.id), **_AWAY})
                continue
            payload = serializers.guild_create_payload(backend, guild)
            first.feed("GUILD_CREATE", self._as_discord_has_it("GUILD_CREATE", payload))

    def _resume(self, connection: Connection, data: JSON) -> None:
        session = self.sessions.get(data.get("session_id", ""))
        sequence = int(data.get("seq") or 0)
        login = Login("resume", time.time(), data.get("session_id", ""))
        self._server.record.logins.append(login)
        if data.get("token") != self._server.token or self._server.token_is_revoked:
            self._refuse(login, 4004, "Authentication failed.")
        if session is None or not session.has_all_since(sequence):
            login.refused = "op 9"
            connection.send(Op.INVALID_SESSION, data=False)
            return
        if sequence > session.sequence:
            self._refuse(login, 4007, "Invalid seq.")
        if _privileged(session.intents) - self._server.approved_intents:
            self._refuse(login, 4014, "Disallowed intent(s).")
        session.connection, connection.session = connection, session
        for missed in [one for one in session.buffer if one.sequence > sequence]:
            self._send(session, missed)
        self.dispatch(session, "RESUMED", {"_trace": []})

    async def _send_members(self, connection: Connection, data: JSON) -> None:
        session = connection.session
        if session is None or session.hearing is None:
            raise _Close(4003, "Not authenticated.")
        asking = FakeWebSocket(self._server.backend, session.hearing, shard_id=session.shard[0])
        await asking.request_chunks(
            int(data["guild_id"]),
            data.get("query"),
            limit=int(data.get("limit", 0)),
            user_ids=data.get("user_ids"),
            presences=bool(data.get("presences")),
            nonce=data.get("nonce"),
        )

    def _end(self, connection: Connection, code: int) -> None:
        """Part a connection from its session; some codes end the session, too."""
        if connection not in self.connections:
            return
        self.connections.remove(connection)
        self._server.record.closed.append(code)
        session = connection.session
        if session and session.connection is connection:
            session.connection = None
            if code in _OVER:
                self.sessions.pop(session.id, None)
        self._server.note_change()


_THERE: JSON = {"unavailable": False}
_AWAY: JSON = {"unavailable": True}


def _is_about(user_id: str, payload: JSON) -> bool:
    """Whether somebody came to a thread or left it; without `members` only the bot counts.

    https://discord.com/developers/docs/events/gateway-events#thread-members-update
    """
    added = [member["user_id"] for member in payload.get("added_members", ())]
    return user_id in [*added, *payload.get("removed_member_ids", ())]


def _privileged(intents: discord.Intents) -> set[str]:
    return {name for name in PRIVILEGED_INTENTS if getattr(intents, name)}


def _guild_of(event: str, payload: JSON) -> int | None:
    names: Iterable[str] = ("guild_id", "id") if event.startswith("GUILD_") else ("guild_id",)
    return next((int(payload[name]) for name in names if payload.get(name)), None)
