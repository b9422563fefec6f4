"""JSON of DiscordChatExporter: one file, a folder of them, or a zip.

Each file is a channel, a thread or a forum's post. Direct messages are nobody's business.

Source: https://github.com/Tyrrrz/DiscordChatExporter (JsonMessageWriter, and its wiki).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supportbot.adapter_kit.discord_messages import words_forwarded, words_of
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError
from supportbot.importers.archives import Files, Limits, Problem, open_folder
from supportbot.importers.json_streams import (
    Passed,
    field,
    in_order,
    listed,
    name_of,
    objects,
    read_heads,
    read_values,
    words,
)

PLATFORM = "discord"


@contextmanager
def open_export(path: Path) -> Iterator[Files]:
    """Open a file, a folder or a zip.

    Raises:
        SupportbotError: It is none of them, or cannot be read.
    """
    if path.suffix.lower() != ".json" or not path.is_file():
        with open_folder(path) as files:
            yield files
        return
    sizes = {path.name: path.stat().st_size}
    yield Files(path.parent, sizes, (), lambda _name: path.open("rb"), Limits())


def read_messages(
    files: Files,
    passed: Passed,
    on_file: Callable[[int, int], object] = lambda _done, _all: None,
    known: Collection[str] = (),
) -> Iterator[PastMessage]:
    """Read what was said, channel by channel, each in the order of time; threads come last.

    Args:
        files: The export. Its `problems` tell of files that are broken.
        passed: Counts the rows that are no messages, and keeps what has to be said.
        on_file: Told how many of how many files are read.
        known: Ids of the channels of which the bot knows whether they are closed.

    Raises:
        SupportbotError: It is no export of DiscordChatExporter's.
    """
    found = _read_channels(files)
    passed.remarks.extend(_on_openness([channel for _, channel in found], known))
    threads = frozenset(channel.id for _, channel in found if channel.is_thread)
    count = 0
    for done, (name, channel) in enumerate(found, 1):
        for message in in_order(_read_channel(files, name, channel, threads, passed)):
            count += not message.is_bot
            yield message
        on_file(done, len(found))
    if passed.empty:
        passed.remarks.append(_on_empty(passed.empty, count + passed.empty))


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, a thread or a post, as the head of its file says."""

    id: str
    name: str
    guild: str
    parent: str = ""
    """Of a thread: the channel that it is in."""
    parent_name: str = ""
    is_thread: bool = False
    is_private: bool = False
    begins_at: str = ""

    @property
    def place(self) -> Place:
        """Return where it is. A private thread is a closed channel of its own.

        So is one that does not tell its channel, which may be a closed one.
        """
        if not self.is_thread:
            return Place(PLATFORM, self.guild, self.id)
        is_private = self.is_private or not self.parent
        channel = self.id if is_private else self.parent
        return Place(PLATFORM, self.guild, channel, self.id, is_private)


_PRIVATE_THREADS = {"privatethread", "guildprivatethread", "12"}
_THREADS = {"publicthread", "newsthread", "announcementthread", "10", "11", *_PRIVATE_THREADS}
"""Types of channels, as DiscordChatExporter and Discord itself name and number them.

Source: https://docs.discord.com/developers/resources/channel#channel-object-channel-types
"""
_DIRECT = {"dm", "groupdm", "1", "3"}
_NO_GUILD = "0"
"""What DiscordChatExporter names as the guild of direct messages."""
_DELETED_USER = "456226577798135808"
"""As whom Discord shows everybody whose account is gone."""
_DELETED_NAME = re.compile(r"deleted_user_[0-9a-f]+")
_SAID = {"Default", "Reply"}
_ID = re.compile(r"[0-9]{1,20}")
_APPROVALS = {"✅", "☑", "✔"}
_REFUSALS = {"❌", "❎", "✖", "\N{THUMBS DOWN SIGN}"}
_VARIATION = "\ufe0f"
_NO_EXPORT = (
    'is no JSON of DiscordChatExporter: it does not begin with "guild" and "channel". '
    "Export with --format Json."
)


def _read_channels(files: Files) -> list[tuple[str, Channel]]:
    """Read the head of each file: channels first, then threads, the oldest first."""
    found: list[tuple[str, Channel]] = []
    for name in files.names:
        if not name.lower().endswith(".json") or name.startswith("__MACOSX/"):
            continue
        before = len(files.problems)
        channel = _channel(read_heads(files, name, _HEADS))
        if isinstance(channel, Channel):
            found.append((name, channel))
        elif len(files.problems) == before:
            files.problems.append(Problem(name, channel))
    if not found:
        message = (
            f"{files.where} has no JSON file of DiscordChatExporter that can be read. Give the "
            "file, the folder or the zip that was made with --format Json."
        )
        raise SupportbotError("\n".join([*map(str, files.problems), message]))
    return sorted(found, key=lambda one: (one[1].is_thread, one[1].begins_at, one[0]))


def _on_openness(channels: Sequence[Channel], known: Collection[str]) -> Iterator[str]:
    """Return what counts as open, and as closed, though the files do not tell."""
    unknown = {
        channel.place.channel: channel.parent_name or channel.name
        for channel in channels
        if not channel.place.is_private and channel.place.channel not in known
    }
    if unknown:
        yield (
            f"The files do not tell who may read a channel, and the bot does not know it yet of "
            f"{listed(sorted(unknown.values()))}: what was said there may be shown to everybody. "
            "If any of it is restricted, take its files out before you import."
        )
    orphans = sorted(c.name for c in channels if c.is_thread and c.place.is_private != c.is_private)
    if orphans:
        yield (
            f"The files do not tell in which channel the threads {listed(orphans)} are, so they "
            "stay closed: what was said there is not shown elsewhere."
        )


def _on_empty(empty: int, count: int) -> str:
    these = "1 message is empty" if empty == 1 else f"{empty:,} messages are empty"
    if empty * 2 <= count:
        return f"{these} and stayed out, of {count:,}."
    return (
        f"{these}, of {count:,}, and stayed out: whoever exported them may not read what people "
        "write. Switch the Message Content intent on (discord.com/developers/applications, your "
        "application, Bot), and export again."
    )


_HEADS = (
    "guild.id",
    "channel.id",
    "channel.type",
    "channel.categoryId",
    "channel.category",
    "channel.name",
    "messages.item.timestamp",
)


def _channel(head: Mapping[str, object]) -> Channel | str:
    """Read a file's head; or say why the file is passed over."""
    id_, guild = (name_of(head.get(key)) for key in ("channel.id", "guild.id"))
    kind = str(head.get("channel.type") or "").replace(" ", "").removeprefix("Guild").lower()
    if not _ID.fullmatch(id_) or not guild:
        return _NO_EXPORT
    if guild == _NO_GUILD or kind.startswith("direct") or kind in _DIRECT:
        return "holds direct messages: they stay out."
    is_thread = kind in _THREADS
    return Channel(
        id=id_,
        name=name_of(head.get("channel.name")),
        guild=guild,
        parent=name_of(head.get("channel.categoryId")) if is_thread else "",
        parent_name=name_of(head.get("channel.category")) if is_thread else "",
        is_thread=is_thread,
        is_private=kind in _PRIVATE_THREADS,
        begins_at=name_of(head.get("messages.item.timestamp")),
    )


def _read_channel(
    files: Files, name: str, channel: Channel, threads: frozenset[str], passed: Passed
) -> Iterator[PastMessage]:
    for row in read_values(files, name, "messages.item"):
        if isinstance(row, dict) and row.get("type") not in _SAID:
            continue
        message = read_message(row, channel)
        if message is None:
            passed.rows += 1
        elif not _words(row) and not message.is_bot:
            # Without its words it is left for an export that has them.
            passed.empty += 1
        elif message.place.thread is None and message.message_id in threads:
            # A thread hangs on this message.
            yield replace(message, place=message.place.in_thread(message.message_id))
        else:
            yield message


def read_message(row: object, channel: Channel) -> PastMessage | None:
    """Read one message; None when the row lacks what a message has."""
    id_, author = name_of(field(row, "id")), field(row, "author")
    said_at = _moment(field(row, "timestamp"))
    content, user = field(row, "content"), name_of(field(author, "id"))
    is_broken = content is not None and not isinstance(content, str)
    if not _ID.fullmatch(id_) or said_at is None or not user or is_broken:
        return None
    text = _words(row)
    if channel.is_thread and id_ == channel.id:
        text = _titled(channel.name, text)
    place = channel.place
    return PastMessage(
        place=place,
        message_id=id_,
        author=Author(PLATFORM, user, _name(author) or user),
        text=text,
        said_at=said_at,
        url=f"https://discord.com/channels/{channel.guild}/{channel.id}/{id_}",
        channel_name=channel.parent_name or channel.name,
        reply_to=_reply_to(field(row, "reference")),
        mentions=_ids(field(row, "mentions")),
        is_bot=field(author, "isBot") is True,
        has_left=user == _DELETED_USER
        or bool(_DELETED_NAME.fullmatch(name_of(field(author, "name")))),
        approved_by=_marked_by(row, _APPROVALS),
        refused_by=_marked_by(row, _REFUSALS),
    )


def _words(row: object) -> str:
    """Read what was said, what it forwards, or the names of its files."""
    forwarded = field(row, "forwardedMessage")
    parts = (_said(row), words_forwarded([_said(forwarded) or _attachments(forwarded)]))
    return "\n".join(filter(None, parts)) or _attachments(row) or _stickers(row)


def _said(row: object) -> str:
    return words(words_of(words(field(row, "content")), objects(field(row, "embeds"))))


def _titled(title: str, text: str) -> str:
    """Let a post say its title first, unless its text does."""
    plain = " ".join(text.split()).casefold()
    said = " ".join(title.removesuffix("…").removesuffix("...").split()).casefold()
    return text if said in plain else f"{title}\n{text}".strip()


def _reply_to(reference: object) -> str:
    """Find the message that this one replies to: what it forwards is none of this channel's."""
    is_reply = field(reference, "type") != "Forward"
    return name_of(field(reference, "messageId")) if is_reply else ""


def _name(author: object) -> str:
    return name_of(field(author, "nickname")) or name_of(field(author, "name"))


def _ids(people: object) -> tuple[str, ...]:
    ids: Sequence[str] = [name_of(person.get("id")) for person in objects(people)]
    return tuple(dict.fromkeys(id_ for id_ in ids if id_))


def _marked_by(row: object, emoji: Collection[str]) -> tuple[str, ...]:
    return tuple(
        user
        for reaction in objects(field(row, "reactions"))
        if _emoji(reaction) in emoji
        for user in _ids(reaction.get("users"))
    )


def _emoji(reaction: Mapping[str, Any]) -> str:
    return name_of(field(reaction.get("emoji"), "name")).replace(_VARIATION, "")


def _attachments(row: object) -> str:
    named = (name_of(one.get("fileName")) for one in objects(field(row, "attachments")))
    return "\n".join(f"[file: {name}]" for name in named if name)


def _stickers(row: object) -> str:
    named = (name_of(one.get("name")) for one in objects(field(row, "stickers")))
    return "\n".join(f"[sticker: {name}]" for name in named if name)


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
