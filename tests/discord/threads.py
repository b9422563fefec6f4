"""Threads as Discord opens, archives and lists them, where simcord does it otherwise.

simcord opens a second thread from one message as readily as the first, gives a forum post another
id than its first message, posts into archived threads, and lists archived ones without pages.
https://discord.com/developers/docs/topics/threads
"""

from datetime import datetime
from typing import Any

from simcord.backend import Backend, errors, serializers
from simcord.backend.access import channel_accessible
from simcord.backend.models import Channel, Message
from simcord.backend.permissions import flag
from simcord.enums import ChannelType, MessageType

from tests.discord.refusing import refuse, refuse_form

HAS_THREAD = 1 << 5
"""https://discord.com/developers/docs/resources/message#message-object-message-flags"""
_DURATIONS = {60, 1440, 4320, 10080}
_LONGEST_NAME = 100


def start_from_message(
    backend: Backend, message: Message, name: str, owner_id: int, minutes: int = 1440
) -> Channel:
    """Open the thread of a message, which gets the message's id."""
    if message.id in backend.channels:
        refuse(400, 160004, "A thread has already been created for this message")
    parent = backend.get_channel(message.channel_id)
    if parent.type not in {ChannelType.TEXT, ChannelType.NEWS}:
        raise errors.cannot_execute_on_channel_type()
    check_name(name, minutes)
    thread = backend.create_thread(
        parent.id,
        name,
        owner_id,
        message_id=message.id,
        auto_archive_duration=minutes,
        broadcast=False,
    )
    message.flags |= HAS_THREAD
    backend.announce_thread_create(thread)
    backend.emit("MESSAGE_UPDATE", with_thread(backend, message_json(backend, message)))
    starter = Message(
        id=backend.snowflake(),
        channel_id=thread.id,
        author_id=message.author_id,
        timestamp=backend.now_iso(),
        type=int(MessageType.THREAD_STARTER_MESSAGE),
        reference={
            "type": 0,
            "guild_id": str(parent.guild_id),
            "channel_id": str(parent.id),
            "message_id": str(message.id),
        },
    )
    backend.messages[thread.id][starter.id] = starter
    backend.announce_message_create(starter)
    return thread


def open_post(
    backend: Backend,
    forum: Channel,
    name: str,
    starter: Message,
    tags: tuple[int, ...] = (),
) -> Channel:
    """Post in a forum: a thread, whose first message has its id."""
    known = {int(tag["id"]) for tag in forum.available_tags}
    if forum.type != ChannelType.FORUM:
        raise errors.cannot_execute_on_channel_type()
    if set(tags) - known:
        refuse_form("applied_tags: unknown tag")
    check_name(name, 1440)
    thread = backend.create_thread(
        forum.id,
        name,
        starter.author_id,
        message_id=starter.id,
        applied_tags=tags,
        broadcast=False,
    )
    starter.channel_id = thread.id
    backend.announce_thread_create(thread)
    backend.commit_message(starter)
    thread.message_count = 0  # https://discord.com/developers/docs/resources/channel: not the first
    forum.last_message_id = thread.id
    return thread


def delete(backend: Backend, channel: Channel) -> None:
    """Delete a thread, or a channel with its threads, of which nothing more is said."""
    guild = backend.get_guild(channel.guild_id) if channel.guild_id is not None else None
    for thread in [one for one in backend.channels.values() if one.parent_id == channel.id]:
        if guild and thread.is_thread:
            guild.thread_ids.remove(thread.id)
            backend.messages.pop(thread.id, None)
            del backend.channels[thread.id]
    backend.delete_channel(channel.id)


def check_name(name: Any, minutes: int) -> None:
    """Refuse what is no name or no time to be archived after."""
    if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_NAME:
        refuse_form("name: Must be between 1 and 100 in length.")
    if minutes not in _DURATIONS:
        refuse_form("auto_archive_duration: not one of 60, 1440, 4320, 10080")


def refuse_archived(backend: Backend, channel_id: int) -> None:
    """Refuse what cannot be done in an archived thread: all but posting and deleting."""
    channel = backend.channels.get(channel_id)
    if channel and channel.thread_metadata and channel.thread_metadata.archived:
        refuse(400, 50083, "Thread is archived")


def wake(backend: Backend, channel_id: int, author_id: int) -> None:
    """Take a thread out of the archive because somebody posts in it, unless it is locked."""
    channel = backend.get_channel(channel_id)
    if not (channel.thread_metadata and channel.thread_metadata.archived):
        return
    if channel.thread_metadata.locked and not may(backend, channel, author_id, "manage_threads"):
        refuse_archived(backend, channel_id)
    archive(backend, channel, archived=False)


def archive(
    backend: Backend, thread: Channel, *, archived: bool = True, locked: bool | None = None
) -> None:
    """Archive a thread or take it out again."""
    changes: dict[str, Any] = {"archived": archived, "archive_timestamp": backend.now_iso()}
    if locked is not None:
        changes["locked"] = locked
    backend.edit_channel(thread.id, {}, thread_metadata=changes)


def edit(backend: Backend, thread: Channel, changes: dict[str, Any], editor_id: int) -> None:
    """Change a thread, as one who may: its owner, or one who manages threads."""
    assert thread.thread_metadata is not None
    is_manager = may(backend, thread, editor_id, "manage_threads")
    woken = changes.get("archived") is False and not thread.thread_metadata.locked
    is_owner = thread.owner_id == editor_id and "locked" not in changes
    if not (is_manager or is_owner or woken):
        raise errors.missing_permissions()
    if "archived" not in changes:
        refuse_archived(backend, thread.id)
    if "name" in changes:
        check_name(changes["name"], 60)
    names = {"archived", "locked", "auto_archive_duration", "invitable"}
    metadata = {name: value for name, value in changes.items() if name in names}
    if metadata.get("archived", thread.thread_metadata.archived) != thread.thread_metadata.archived:
        metadata["archive_timestamp"] = backend.now_iso()
    own = {name: value for name, value in changes.items() if name not in names}
    if "applied_tags" in own:
        own["applied_tags"] = [int(tag) for tag in own["applied_tags"]]
    backend.edit_channel(thread.id, own, thread_metadata=metadata)


def archived_page(
    backend: Backend, threads: list[Channel], *, before: str = "", limit: int = 50, by_id: bool
) -> dict[str, Any]:
    """Return one page of archived threads that the bot sees, the last archived first.

    Args:
        backend: The model.
        threads: All of them.
        before: A time of archiving in ISO 8601, or an id if they are ordered by it.
        limit: How many at most.
        by_id: Whether they are in the order of ids, as the private ones that the bot joined.
    """
    seen = [t for t in threads if channel_accessible(backend, t.id, backend.bot_user.id)]
    if by_id:
        seen = [t for t in seen if not before or t.id < int(before)]
        seen.sort(key=lambda thread: thread.id, reverse=True)
    else:
        seen = [t for t in seen if not before or _archived_at(t) < datetime.fromisoformat(before)]
        seen.sort(key=_archived_at, reverse=True)
    return serializers.thread_list_payload(backend, seen[:limit], has_more=len(seen) > limit)


def _archived_at(thread: Channel) -> datetime:
    assert thread.thread_metadata is not None
    return datetime.fromisoformat(thread.thread_metadata.archive_timestamp)


def may(backend: Backend, channel: Channel, user_id: int, permission: str) -> bool:
    """Whether somebody has a permission in a channel."""
    if channel.guild_id is None:
        return True
    has = backend.compute_permissions(channel.guild_id, user_id, channel.id)
    return bool(has & (flag(permission) | flag("administrator")))


def message_json(backend: Backend, message: Message) -> dict[str, Any]:
    """Return a message as Discord sends it."""
    return dict(serializers.message_payload(backend, message))


def with_thread(backend: Backend, answer: Any) -> Any:
    """Put into a message the thread that was opened from it; give anything else as it is."""
    if isinstance(answer, list):
        return [with_thread(backend, one) for one in answer]
    if not isinstance(answer, dict) or not int(answer.get("flags") or 0) & HAS_THREAD:
        return answer
    thread = backend.channels.get(int(answer["id"]))
    if thread is None or not thread.is_thread or "author" not in answer:
        return answer
    return answer | {"thread": dict(serializers.thread_payload(backend, thread))}
