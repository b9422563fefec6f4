"""One workspace: its people, channels and messages, and the events that changes cause.

Nothing here knows of sockets. Whoever changes something goes through `Workspace`, which tells the
app about it as Slack does: https://docs.slack.dev/reference/events
"""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.slack.model import JSON, NOBODY, Channel, Kind, Message, User, refuse


class Workspace:
    """A team, and everything in it.

    Args:
        tell: Gets each event that the app is to hear of.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        team_id: str,
        name: str,
        *,
        tell: Callable[[JSON], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.id = team_id
        self.name = name
        self.domain = re.sub(r"\W+", "-", name.lower())
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self._threads: dict[tuple[str, str], list[Message]] = {}
        self.ephemerals: list[Message] = []
        self.files: dict[str, JSON] = {}
        self.contents: dict[str, bytes] = {}
        self.bot = User("", "", team_id, "")
        self.mute = False
        """Whether changes are made without telling the app, as when history is prepared."""
        self._tell_app = tell
        self._clock = clock
        self._ids = itertools.count(1)
        self._last_micros = 0

    # Ids and times

    def new_id(self, letter: str) -> str:
        return f"{letter}{self.id[-4:]}{next(self._ids):06d}"

    def new_ts(self, at: float | None = None) -> str:
        """Return a `ts` that no message has: later than all, or `at` that time."""
        micros = int((self._clock() if at is None else at) * 1_000_000)
        if at is None:
            micros = self._last_micros = max(micros, self._last_micros + 100)
        while any((channel, _ts(micros)) in self.messages for channel in self.channels):
            micros += 100
        return _ts(micros)

    def now(self) -> float:
        return self._clock()

    # Who and where

    def add_user(self, name: str, **more: Any) -> User:
        more.setdefault("real_name", name)
        handle = re.sub(r"\W+", ".", name.lower())
        user = User(self.new_id("U"), handle, self.id, **more)
        self.users[user.id] = user
        return user

    def find_user(self, name: str) -> User | None:
        return next(
            (u for u in self.users.values() if name in {u.id, u.name, u.real_name}),
            None,
        )

    def add_channel(self, name: str, kind: Kind, members: list[str], creator: str = "") -> Channel:
        letter = {Kind.PUBLIC: "C", Kind.PRIVATE: "C", Kind.IM: "D", Kind.MPIM: "C"}[kind]
        creator = creator or (members[0] if members else NOBODY)
        channel = Channel(self.new_id(letter), name, kind, creator, int(self._clock()), members)
        self.channels[channel.id] = channel
        return channel

    def find_channel(self, name: str) -> Channel | None:
        """Find by id, or by name with or without `#`."""
        if name in self.channels:
            return self.channels[name]
        bare = name.removeprefix("#")
        return next((c for c in self.channels.values() if c.name == bare and bare), None)

    def dm(self, *people: str) -> Channel:
        """Return the direct conversation of these people and the bot."""
        members = sorted({*people, self.bot.id})
        kind = Kind.IM if len(members) <= 2 else Kind.MPIM
        for channel in self.channels.values():
            if channel.kind is kind and sorted(channel.members) == members:
                return channel
        name = "" if kind is Kind.IM else "mpdm-" + "--".join(self.users[m].name for m in members)
        return self.add_channel(name, kind, members, people[0])

    def hears(self, channel: Channel) -> bool:
        """Whether the app's bot is there."""
        return self.bot.id in channel.members and not channel.deleted

    # Reading

    def in_channel(self, channel: Channel) -> list[Message]:
        """Everything said there and not deleted, oldest first."""
        return sorted(
            (m for (id_, _), m in self.messages.items() if id_ == channel.id and not m.deleted),
            key=lambda message: message.ts,
        )

    def replies(self, root: Message) -> list[Message]:
        """Return the replies of a thread, in the order in which they came in."""
        return [m for m in self._threads.get((root.channel, root.ts), ()) if not m.deleted]

    def message_json(self, message: Message, *, with_metadata: bool = False) -> JSON:
        """Show a message as history and events do."""
        shown: JSON = {"type": "message"}
        if message.subtype:
            shown["subtype"] = message.subtype
        shown |= {"user": message.user} if message.user else {}
        shown |= {"text": message.text, "ts": message.ts}
        if message.subtype != "tombstone":
            shown["team"] = self.id
        shown |= message.more
        if message.thread_ts:
            shown["thread_ts"] = message.thread_ts
        if message.is_reply and (root := self.messages.get((message.channel, message.thread_ts))):
            shown["parent_user_id"] = root.user
        for name in ("blocks", "attachments", "files"):
            if value := getattr(message, name):
                shown[name] = value
        if message.reactions:
            shown["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in message.reactions.items()
            ]
        if message.metadata:
            # Without `include_all_metadata` the payload is left out, but not the type:
            # https://github.com/slackapi/python-slack-sdk/issues/1501
            bare = {"event_type": message.metadata["event_type"]}
            shown["metadata"] = message.metadata if with_metadata else bare
        return shown | self._thread_json(message)

    def _thread_json(self, message: Message) -> JSON:
        if message.is_reply or not message.thread_ts:
            return {}
        replies = sorted(self.replies(message), key=lambda reply: reply.ts)
        who = list(dict.fromkeys(reply.user for reply in replies))
        return {
            "reply_count": len(replies),
            "reply_users_count": len(who),
            "latest_reply": replies[-1].ts if replies else "0000000000.000000",
            "reply_users": who[:5],
            "is_locked": False,
            "subscribed": False,
        }

    def channel_json(self, channel: Channel) -> JSON:
        shown: JSON = {
            "id": channel.id,
            "created": channel.created,
            "is_archived": channel.archived,
            "is_im": channel.kind is Kind.IM,
            "is_org_shared": False,
        }
        if channel.kind is Kind.IM:
            other = next((m for m in channel.members if m != self.bot.id), self.bot.id)
            return shown | {"user": other, "is_user_deleted": False, "priority": 0}
        return shown | {
            "name": channel.name,
            "name_normalized": channel.name,
            "is_channel": channel.kind is Kind.PUBLIC,
            "is_group": channel.kind is Kind.PRIVATE,
            "is_mpim": channel.kind is Kind.MPIM,
            "is_private": channel.kind is not Kind.PUBLIC,
            "is_general": channel.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_member": self.bot.id in channel.members,
            "creator": channel.creator,
            "context_team_id": self.id,
            "topic": {"value": channel.topic, "creator": "", "last_set": 0},
            "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
            "previous_names": [],
            **channel.more,
        }

    # Talking

    def post(
        self, channel: Channel, user: str, text: str, *, at: float | None = None, **more: Any
    ) -> Message:
        """Say something, and tell the app when its bot is there."""
        message = Message(channel.id, self.new_ts(at), user, text, **more)
        self.messages[channel.id, message.ts] = message
        if message.is_reply:
            root = self.messages[channel.id, message.thread_ts]
            root.thread_ts = root.ts
            self._threads.setdefault((channel.id, root.ts), []).append(message)
        event = self.message_json(message)
        self.tell(event, channel, event_ts=message.ts)
        if self._mentions_bot(message, channel):
            mention = {k: v for k, v in event.items() if k != "subtype"} | {"type": "app_mention"}
            mention |= {"channel": channel.id, "event_ts": message.ts}
            mention.pop("parent_user_id", None)
            if self.hears(channel):
                self._tell(mention)
        return message

    def _mentions_bot(self, message: Message, channel: Channel) -> bool:
        return (
            bool(self.bot.id)
            and re.search(rf"<@{self.bot.id}(\|[^>]*)?>", message.text) is not None
            and message.user != self.bot.id
            and channel.kind is not Kind.IM
            and message.subtype in {"", "file_share", "thread_broadcast", "bot_message"}
        )

    def change(self, message: Message, by: str, *, shows: bool = True, **fields: Any) -> None:
        """Give a message another text or other blocks; `shows` says whether it is marked so."""
        before = self.message_json(message)
        message.earlier.append(before)
        for name, value in fields.items():
            setattr(message, name, value)
        ts = self.new_ts()
        if shows:
            message.more = message.more | {"edited": {"user": by, "ts": ts}}
        self._tell_changed(message, before, ts)

    def delete(self, message: Message) -> None:
        """Delete; of a thread's first message a tombstone stays while there are replies."""
        channel = self.channels[message.channel]
        before = self.message_json(message)
        message.earlier.append(before)
        ts = self.new_ts()
        if not message.is_reply and self.replies(message):
            message.subtype, message.user = "tombstone", NOBODY
            message.text = "This message was deleted."
            message.blocks, message.attachments, message.files = [], [], []
            message.metadata, message.reactions = {}, {}
            message.more = {"hidden": True, "parent_user_id": NOBODY}
            self._tell_changed(message, before, ts)
            return
        message.deleted = True
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": message.ts,
            "previous_message": before,
            "ts": ts,
        }
        self.tell(event, channel, event_ts=ts)
        root = self.messages.get((message.channel, message.thread_ts))
        if root and message.is_reply and not self.replies(root):
            if root.subtype == "tombstone":
                self.delete(root)
            else:
                root.thread_ts = ""

    def _tell_changed(self, message: Message, before: JSON, ts: str) -> None:
        event = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": self.message_json(message),
            "previous_message": before,
            "ts": ts,
        }
        self.tell(event, self.channels[message.channel], event_ts=ts)

    def react(self, message: Message, user: str, name: str) -> None:
        users = message.reactions.setdefault(name, [])
        if user in users:
            refuse("already_reacted")
        users.append(user)
        self._tell_reaction("reaction_added", message, user, name)

    def unreact(self, message: Message, user: str, name: str) -> None:
        if user not in message.reactions.get(name, []):
            refuse("no_reaction")
        message.reactions[name].remove(user)
        if not message.reactions[name]:
            del message.reactions[name]
        self._tell_reaction("reaction_removed", message, user, name)

    def _tell_reaction(self, kind: str, message: Message, user: str, name: str) -> None:
        event = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "item_user": message.user,
        }
        if self.hears(self.channels[message.channel]):
            self._tell(event)

    # Coming, going, and what channels become

    def join(self, channel: Channel, user: str, inviter: str = "") -> None:
        if user in channel.members:
            return
        channel.members.append(user)
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind is Kind.PUBLIC else "G",
            "team": self.id,
        }
        if inviter:
            event["inviter"] = inviter
        if self.hears(channel):
            self._tell(event)
        subtype = "channel_join" if channel.kind is Kind.PUBLIC else "group_join"
        self.post(channel, user, f"<@{user}> has joined the channel", subtype=subtype)

    def leave(self, channel: Channel, user: str) -> None:
        if user not in channel.members:
            return
        heard = self.hears(channel)
        channel.members.remove(user)
        is_public = channel.kind is Kind.PUBLIC
        if user == self.bot.id:
            # The app's own leaving has an event of its own, and no member event.
            self._tell({"type": "channel_left" if is_public else "group_left"} | _of(channel))
        elif heard:
            letter = "C" if is_public else "G"
            event = {"type": "member_left_channel", "user": user, "team": self.id}
            self._tell(event | _of(channel) | {"channel_type": letter})
            subtype = "channel_leave" if is_public else "group_leave"
            self.post(channel, user, f"<@{user}> has left the channel", subtype=subtype)

    def archive(self, channel: Channel, by: str) -> None:
        channel.archived = True
        self._tell_fate(channel, "archive", user=by)

    def unarchive(self, channel: Channel, by: str) -> None:
        channel.archived = False
        self._tell_fate(channel, "unarchive", user=by)

    def rename(self, channel: Channel, name: str) -> None:
        channel.name = name
        about = {"id": channel.id, "name": name, "created": channel.created}
        if self.hears(channel):
            prefix = "channel" if channel.kind is Kind.PUBLIC else "group"
            self._tell({"type": f"{prefix}_rename", "channel": about})

    def remove_channel(self, channel: Channel) -> None:
        self._tell_fate(channel, "deleted")
        channel.deleted = True
        for message in self.in_channel(channel):
            message.deleted = True

    def convert(self, channel: Channel, kind: Kind, by: str) -> None:
        """Make a channel private or public.

        Slack has no event of its own for this; it posts a message that says so:
        https://docs.slack.dev/reference/events/message/channel_convert_to_private
        """
        channel.kind = kind
        word = "private" if kind is Kind.PRIVATE else "public"
        end = {
            "private": "Now, it can only be viewed or joined by invitation.",
            "public": "Any member in this workspace can see and join it.",
        }[word]
        text = f"made this channel *{word}*. {end}"
        self.post(channel, by, text, subtype=f"channel_convert_to_{word}")

    def _tell_fate(self, channel: Channel, what: str, **more: str) -> None:
        prefix = "channel" if channel.kind is Kind.PUBLIC else "group"
        if self.hears(channel):
            self._tell({"type": f"{prefix}_{what}", **more} | _of(channel))

    # Telling

    def tell(self, event: JSON, channel: Channel, *, event_ts: str = "") -> None:
        """Send an event about something said, when the app can hear it."""
        if self.hears(channel):
            place = {"channel": channel.id, "channel_type": channel.kind.value}
            self._tell(event | place | {"event_ts": event_ts or self.new_ts()})

    def tell_app(self, event: JSON) -> None:
        """Send an event that belongs to no channel."""
        self._tell(event)

    def _tell(self, event: JSON) -> None:
        if not self.mute:
            self._tell_app({"event_ts": self.new_ts()} | event)

    def said_by(self, user: str, channel: Channel | None = None) -> Iterator[Message]:
        """Yield what somebody said and did not delete, oldest first."""
        for message in sorted(self.messages.values(), key=lambda m: m.ts):
            is_there = channel is None or message.channel == channel.id
            if is_there and message.user == user and not message.deleted:
                yield message


def _ts(micros: int) -> str:
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def _of(channel: Channel) -> JSON:
    return {"channel": channel.id}
