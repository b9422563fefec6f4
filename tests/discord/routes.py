"""The calls that Discord answers otherwise than simcord, or that simcord does not answer.

Everything else goes to simcord's own routes (`simcord.http.router.dispatch`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord as discord_py
from simcord.backend import errors, serializers
from simcord.backend.access import channel_accessible
from simcord.backend.errors import BackendError
from simcord.backend.models import Channel
from simcord.enums import ChannelType
from simcord.http import router
from simcord.http._helpers import message_response, prepare_bot_message
from simcord.http.router import RequestContext

from tests.discord import threads
from tests.discord.paths import arguments_of
from tests.discord.refusing import refuse, refuse_form

if TYPE_CHECKING:
    from tests.discord.server import DiscordServer

_IN_ARCHIVES = (
    "PATCH /channels/{channel_id}/messages/{message_id}",
    "PUT /channels/{channel_id}/messages/pins/{message_id}",
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me",
    "DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me",
    "PUT /channels/{channel_id}/thread-members/{user_id}",
    "POST /channels/{channel_id}/typing",
)
"""What is refused in an archived thread."""
_OLDEST_IN_BULK = timedelta(days=14)
_MOST_OF_A_PAGE = 100


@dataclass(slots=True)
class Request:
    """One call, with what it needs to be answered."""

    discord: "DiscordServer"
    context: RequestContext

    @property
    def channel(self) -> Channel:
        return self.context.backend.get_channel(self.context.int_arg("channel_id"))

    def limit(self) -> int:
        """Return how many things a page shall have."""
        limit = int(self.context.params.get("limit", 50))
        if not 1 <= limit <= _MOST_OF_A_PAGE:
            refuse_form(f"limit: int value should be between 1 and {_MOST_OF_A_PAGE}.")
        return limit

    def pass_on(self) -> Any:
        """Return simcord's answer."""
        context = self.context
        return router.dispatch(
            context.backend,
            context.method,
            context.path,
            json=context.json,
            params=context.params,
            files=context.files,
            reason=context.reason,
            message_content_access=context.message_content_access,
        )


Handler = Callable[[Request], Any]
ROUTES: dict[str, Handler] = {}


def route(*patterns: str) -> Callable[[Handler], Handler]:
    """Let a function answer the calls of these patterns."""

    def declare(handler: Handler) -> Handler:
        ROUTES.update(dict.fromkeys(patterns, handler))
        return handler

    return declare


def answer_to(request: Request) -> Any:
    """Answer a call, or raise the `BackendError` that Discord would answer with."""
    context = request.context
    _check_interaction(request)
    _check_reach(request)
    for pattern in _IN_ARCHIVES:
        if found := arguments_of(pattern, context.method, context.path):
            threads.refuse_archived(context.backend, int(found["channel_id"]))
    for pattern, handler in ROUTES.items():
        arguments = arguments_of(pattern, context.method, context.path)
        if arguments is not None:
            context.args = arguments
            return threads.with_thread(context.backend, handler(request))
    return threads.with_thread(context.backend, request.pass_on())


def _check_interaction(request: Request) -> None:
    """Refuse the token of an interaction after its 15 minutes; simcord takes it for a webhook's."""
    parts = request.context.path.strip("/").split("/")
    if parts[0] != "webhooks" or len(parts) < 3:
        return
    backend = request.context.backend
    record = backend.interactions.get(backend.interaction_tokens.get(parts[2], 0))
    if record and record.expires_at and backend.now_iso() >= record.expires_at:
        refuse(401, 50027, "Invalid Webhook Token")


def _check_reach(request: Request) -> None:
    """Refuse channels of a guild that the bot was thrown out of: they are not unknown."""
    parts = request.context.path.strip("/").split("/")
    names_one = parts[0] == "channels" and len(parts) > 1 and parts[1].isdecimal()
    if names_one and request.discord.is_out_of_reach(int(parts[1])):
        raise errors.missing_access()


# The application


@route("GET /gateway")
def get_gateway(request: Request) -> Any:
    return {"url": request.discord.gateway_url}


@route("GET /gateway/bot")
def get_gateway_bot(request: Request) -> Any:
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return {
        "url": request.discord.gateway_url,
        "shards": request.discord.shards,
        "session_start_limit": limit,
    }


@route("GET /applications/@me", "GET /oauth2/applications/@me")
def get_application(request: Request) -> Any:
    info = router.dispatch(request.context.backend, "GET", "/oauth2/applications/@me")
    return info | {"flags": request.discord.application_flags}


# Messages


@route("POST /channels/{channel_id}/messages")
def create_message(request: Request) -> Any:
    backend, body = request.context.backend, request.context.body()
    nonces = request.discord.nonces
    channel = request.channel
    nonce = nonces.check(body["nonce"]) if body.get("nonce") is not None else ""
    if nonce and body.get("enforce_nonce") and (found := nonces.find(nonce)):
        message = backend.messages.get(found[0], {}).get(found[1])
        if message is not None:
            return threads.message_json(backend, message) | {"nonce": nonce}
    if channel.type == ChannelType.DM and not request.discord.takes_dms(channel):
        refuse(403, 50007, "Cannot send messages to this user")
    if channel.is_thread:
        request.context.require_channel_permissions(channel.id, "send_messages_in_threads")
        threads.wake(backend, channel.id, backend.bot_user.id)
    _check_reference(request)
    nonces.current = nonce
    try:
        answer = request.pass_on()
    except BackendError as error:
        if "Cannot send an empty message" in error.message:
            refuse(400, 50006, "Cannot send an empty message")
        raise
    finally:
        nonces.current = ""
    if nonce:
        nonces.keep(nonce, channel.id, int(answer["id"]))
        answer["nonce"] = nonce
    return answer


def _check_reference(request: Request) -> None:
    """Refuse to reply to what is not there, unless that is to be a plain message then."""
    body = request.context.body()
    reference = body.get("message_reference") or {}
    if not reference or reference.get("type", 0) != 0:
        return
    there = request.context.backend.messages.get(request.channel.id, {})
    if int(reference.get("message_id", 0)) in there:
        request.context.require_channel_permissions(request.channel.id, "read_message_history")
    elif reference.get("fail_if_not_exists", True):
        unknown = {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
        details = {"message_reference": {"_errors": [unknown]}}
        raise errors.invalid_form_body(errors=details)
    else:
        del body["message_reference"]


@route("GET /channels/{channel_id}/messages")
def get_history(request: Request) -> Any:
    """Return a page of messages, the newest first.

    simcord's page `after` a message is that of the newest, and not of those next to it.
    """
    context = request.context
    backend, bot = context.backend, context.backend.bot_user.id
    channel = context.require_channel_permissions(context.int_arg("channel_id"))
    limit = request.limit()
    if not channel_accessible(backend, channel.id, bot, history=True):
        return []
    stored = backend.messages[channel.id].values()
    found = sorted((m for m in stored if not m.is_ephemeral), key=lambda message: message.id)
    if "around" in context.params:
        pivot = int(context.params["around"])
        older = [m for m in found if m.id < pivot][-(limit // 2) :] if limit > 1 else []
        newer = [m for m in found if m.id >= pivot][: limit - len(older)]
        page = older + newer
    elif "after" in context.params:
        page = [m for m in found if m.id > int(context.params["after"])][:limit]
    else:
        before = int(context.params.get("before", 1 << 64))
        page = [m for m in found if m.id < before][-limit:]
    return [message_response(context, message, for_user=bot) for message in reversed(page)]


@route("POST /channels/{channel_id}/messages/bulk-delete")
def delete_in_bulk(request: Request) -> Any:
    oldest = request.context.backend.clock.now() - _OLDEST_IN_BULK
    ids = [int(one) for one in request.context.body().get("messages") or []]
    if any(discord_py.utils.snowflake_time(one) < oldest for one in ids):
        refuse(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    return request.pass_on()


# Threads


@route("POST /channels/{channel_id}/messages/{message_id}/threads")
def start_thread_from_message(request: Request) -> Any:
    context = request.context
    backend = context.backend
    context.require_channel_permissions(request.channel.id, "create_public_threads")
    message_id = context.int_arg("message_id")
    message = context.require_message(request.channel.id, message_id, "read_message_history")
    body = context.fields("name", "auto_archive_duration", ignore=("rate_limit_per_user",))
    minutes = int(body.get("auto_archive_duration") or 1440)
    bot = backend.bot_user.id
    thread = threads.start_from_message(backend, message, body.get("name", ""), bot, minutes)
    return dict(serializers.thread_payload(backend, thread))


@route("POST /channels/{channel_id}/threads")
def start_thread(request: Request) -> Any:
    context = request.context
    backend, forum = context.backend, request.channel
    if forum.type != ChannelType.FORUM:
        return request.pass_on()
    context.require_channel_permissions(forum.id, "send_messages")
    ignored = ("type", "rate_limit_per_user", "auto_archive_duration")
    fields = ("name", "message", "applied_tags")
    body = context.fields(*fields, ignore=ignored)
    starter, uploads = prepare_bot_message(context, forum.id, body=body.get("message") or {})
    tags = tuple(int(tag) for tag in body.get("applied_tags") or ())
    starter.attachments = [
        backend.cdn.store_attachment(
            backend.snowflake(), starter.id, file.filename, data, file.description
        )
        for file, data in zip(context.files, uploads, strict=True)
    ]
    thread = threads.open_post(backend, forum, body.get("name", ""), starter, tags)
    answer = dict(serializers.thread_payload(backend, thread))
    return answer | {"message": message_response(context, starter)}


@route("PATCH /channels/{channel_id}")
def edit_channel(request: Request) -> Any:
    context = request.context
    channel = context.require_channel_permissions(context.int_arg("channel_id"))
    if not channel.is_thread:
        return request.pass_on()
    fields = ("name", "archived", "locked", "auto_archive_duration", "invitable", "applied_tags")
    changes = context.fields(*fields, "rate_limit_per_user", ignore=("flags",))
    threads.edit(context.backend, channel, changes, context.backend.bot_user.id)
    return dict(serializers.channel_payload(context.backend, channel))


@route("DELETE /channels/{channel_id}")
def delete_channel(request: Request) -> Any:
    context = request.context
    needed = "manage_threads" if request.channel.is_thread else "manage_channels"
    channel = context.require_channel_permissions(request.channel.id, needed)
    payload = dict(serializers.channel_payload(context.backend, channel))
    threads.delete(context.backend, channel)
    return payload


@route("GET /guilds/{guild_id}/threads/active")
def get_active_threads(request: Request) -> Any:
    backend = request.context.backend
    active = backend.active_threads(request.context.int_arg("guild_id"))
    seen = [t for t in active if channel_accessible(backend, t.id, backend.bot_user.id)]
    return serializers.thread_list_payload(backend, seen)


@route("GET /channels/{channel_id}/threads/archived/public")
def get_public_archive(request: Request) -> Any:
    return _archive(request, private=False)


@route("GET /channels/{channel_id}/threads/archived/private")
def get_private_archive(request: Request) -> Any:
    request.context.require_channel_permissions(request.channel.id, "manage_threads")
    return _archive(request, private=True)


@route("GET /channels/{channel_id}/users/@me/threads/archived/private")
def get_joined_archive(request: Request) -> Any:
    return _archive(request, private=True, joined=True)


def _archive(request: Request, *, private: bool, joined: bool = False) -> Any:
    backend, params = request.context.backend, request.context.params
    request.context.require_channel_permissions(request.channel.id, "read_message_history")
    found = backend.archived_threads(request.channel.id, private=private)
    if joined:
        found = [thread for thread in found if backend.bot_user.id in thread.thread_members]
    before = str(params.get("before", ""))
    limit = request.limit()
    return threads.archived_page(backend, found, before=before, limit=limit, by_id=joined)
