"""Channels and people as the bot may see them: `conversations.*`, `users.*`, and more."""

from collections.abc import Callable

from tests.slack.api import Request, method, page
from tests.slack.model import JSON, Channel, Kind, Message, refuse

_SCOPE = {Kind.PUBLIC: "channels", Kind.PRIVATE: "groups", Kind.IM: "im", Kind.MPIM: "mpim"}
_TYPES = {
    Kind.PUBLIC: "public_channel",
    Kind.PRIVATE: "private_channel",
    Kind.IM: "im",
    Kind.MPIM: "mpim",
}


@method("conversations.info", "channels:read", "groups:read", "im:read", "mpim:read")
def info(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.info"""
    channel = request.channel()
    request.needs(f"{_SCOPE[channel.kind]}:read")
    shown = request.workspace.channel_json(channel)
    if request.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"ok": True, "channel": shown}


@method("conversations.list", "channels:read", "groups:read", "im:read", "mpim:read")
def list_channels(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.list"""
    return _list(request, lambda _: True)


@method("users.conversations", "channels:read", "groups:read", "im:read", "mpim:read")
def list_own_channels(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/users.conversations"""
    user = request.text("user") or request.bot.id
    return _list(request, lambda channel: user in channel.members)


def _list(request: Request, fits: Callable[[Channel], bool]) -> JSON:
    types = (request.text("types") or "public_channel").replace(" ", "").split(",")
    if unknown := set(types) - set(_TYPES.values()):
        refuse("invalid_types", types=sorted(unknown))
    for kind, name in _TYPES.items():
        if name in types:
            request.needs(f"{_SCOPE[kind]}:read")
    bot = request.bot.id
    shown = [
        request.workspace.channel_json(channel)
        for channel in request.workspace.channels.values()
        if _TYPES[channel.kind] in types
        and (channel.kind is Kind.PUBLIC or bot in channel.members)
        and not channel.deleted
        and not (channel.archived and request.flag("exclude_archived"))
        and fits(channel)
    ]
    channels, cursor = page(request, shown)
    return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", "channels:read", "groups:read", "im:read", "mpim:read")
def members(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.members"""
    channel = request.channel()
    request.needs(f"{_SCOPE[channel.kind]}:read")
    found, cursor = page(request, [{"id": member} for member in channel.members])
    ids = [member["id"] for member in found]
    return {"ok": True, "members": ids, "response_metadata": {"next_cursor": cursor}}


@method("conversations.history", "channels:history", "groups:history", "im:history", "mpim:history")
def history(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.history"""
    channel = _readable_channel(request)
    said = [
        message
        for message in reversed(request.workspace.in_channel(channel))
        if (not message.is_reply or message.subtype == "thread_broadcast")
        and _is_between(request, message.ts)
    ]
    shown, cursor = _page_of(request, said)
    answer = {"ok": True, "messages": shown, "has_more": bool(cursor), "pin_count": 0}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


@method("conversations.replies", "channels:history", "groups:history", "im:history", "mpim:history")
def replies(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.replies"""
    channel = _readable_channel(request)
    root = request.workspace.messages.get((channel.id, request.required("ts")))
    if root is None or root.deleted:
        refuse("thread_not_found")
    thread = sorted(request.workspace.replies(root), key=lambda reply: reply.ts)
    said = [root, *(reply for reply in thread if _is_between(request, reply.ts))]
    shown, cursor = _page_of(request, said, default=1000)
    answer = {"ok": True, "messages": shown, "has_more": bool(cursor)}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _readable_channel(request: Request) -> Channel:
    channel = request.channel()
    request.needs(f"{_SCOPE[channel.kind]}:history")
    if request.bot.id not in channel.members:
        refuse("not_in_channel")
    return channel


def _is_between(request: Request, ts: str) -> bool:
    """Whether it lies within `oldest` and `latest`; the ends belong to it when `inclusive`."""
    oldest, latest = _bound(request, "oldest", 0.0), _bound(request, "latest", float("inf"))
    at = float(ts)
    return oldest < at < latest or (request.flag("inclusive") and at in {oldest, latest})


def _bound(request: Request, name: str, default: float) -> float:
    try:
        return float(request.text(name) or default)
    except ValueError:
        refuse(f"invalid_ts_{name}")


def _page_of(
    request: Request, messages: list[Message], *, default: int = 100
) -> tuple[list[JSON], str]:
    with_metadata = request.flag("include_all_metadata")
    shown = [request.workspace.message_json(m, with_metadata=with_metadata) for m in messages]
    return page(request, shown, key="ts", default=default, most=request.slack.most_of_history)


@method("conversations.open", "im:write", "mpim:write", "channels:manage", "groups:write")
def open_conversation(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.open"""
    if request.text("channel"):
        channel = request.channel()
    else:
        users = [user for user in request.required("users").split(",") if user]
        if not set(users) <= set(request.workspace.users):
            refuse("user_not_found")
        channel = request.workspace.dm(*users)
    shown = request.workspace.channel_json(channel)
    return {"ok": True, "channel": shown if request.flag("return_im") else {"id": channel.id}}


@method("conversations.join", "channels:join")
def join(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.join"""
    channel = request.channel()
    if channel.kind is not Kind.PUBLIC:
        refuse("method_not_supported_for_channel_type")
    if channel.archived:
        refuse("is_archived")
    request.workspace.join(channel, request.bot.id)
    return {"ok": True, "channel": request.workspace.channel_json(channel)}


@method("conversations.leave", "channels:manage", "channels:join", "groups:write")
def leave(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/conversations.leave"""
    channel = request.channel()
    if request.bot.id not in channel.members:
        return {"ok": False, "not_in_channel": True}
    request.workspace.leave(channel, request.bot.id)
    return {"ok": True}


@method("users.info", "users:read")
def user_info(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/users.info"""
    user = request.workspace.users.get(request.required("user"))
    if user is None:
        refuse("user_not_found")
    return {"ok": True, "user": user.as_json()}


@method("users.list", "users:read")
def list_users(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/users.list"""
    everyone = [user.as_json() for user in request.workspace.users.values()]
    shown, cursor = page(request, everyone)
    return {"ok": True, "members": shown, "response_metadata": {"next_cursor": cursor}}


@method("files.info", "files:read")
def file_info(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/files.info"""
    file = request.workspace.files.get(request.required("file"))
    if file is None:
        refuse("file_not_found")
    return {"ok": True, "file": file}


@method("assistant.threads.setStatus", "assistant:write", "chat:write")
def set_status(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/assistant.threads.setStatus"""
    return _assist(request, "setStatus")


@method("assistant.threads.setTitle", "assistant:write")
def set_title(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/assistant.threads.setTitle"""
    return _assist(request, "setTitle")


@method("assistant.threads.setSuggestedPrompts", "assistant:write")
def set_suggested_prompts(request: Request) -> JSON:
    """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts"""
    prompts = request.json("prompts", "invalid_arguments")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        refuse("invalid_arguments")
    return _assist(request, "setSuggestedPrompts")


def _assist(request: Request, name: str) -> JSON:
    arguments = {**request.arguments, "channel": request.text("channel_id")}
    request.arguments = arguments
    channel = request.channel()
    if (channel.id, request.required("thread_ts")) not in request.workspace.messages:
        refuse("thread_not_found")
    request.slack.statuses.append(arguments | {"method": name})
    return {"ok": True}
