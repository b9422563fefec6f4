"""What Discord tells, as events. Pure: reads the objects of discord.py, and asks nobody.

Source: https://discord.com/developers/docs/events/gateway-events
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

import discord

from supportbot.adapter_kit import choosing, discord_messages
from supportbot.adapter_kit.reading import LARGEST_FILE, read_pressed
from supportbot.domain.chat.events import (
    AnswerAccepted,
    AskingEnded,
    ChannelConfigured,
    ChannelsListed,
    Event,
    Inquired,
    Inquiry,
    LinkRequested,
    MarkTakenBack,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceDeleted,
    ProfileChanged,
    QuestionPassed,
    QuestionShared,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_place
from supportbot.domain.experts.availability import Availability
from supportbot.domain.replies.reply import Action
from supportbot_discord.everybody import Openness, is_outsider, openness, talked_in
from supportbot_discord.markup import APPROVALS, plain_text
from supportbot_discord.pages import FORM, LISTEN, given_in
from supportbot_discord.targets import (
    MEANT,
    PASS_TO,
    PLATFORM,
    SHARE_IN,
    Target,
    asked_in,
    read_name,
)

Channel = discord.abc.GuildChannel | discord.Thread | discord.abc.PrivateChannel
User = discord.User | discord.Member
Interaction = discord.Interaction[Any]
MAINTAINS = "manage_guild"
"""The role of those who may manage their guild, whatever Discord calls it there."""
_WITH_THREADS = (discord.TextChannel, discord.ForumChannel)
_SAID = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.chat_input_command,
    }
)
"""Kinds of messages that people write. The others tell of pins, boosts and the like."""
_PICTURE = "image/"
_RECORDING = ("audio/", "video/")
_RECORDINGS = (".ogg", ".oga", ".mp3", ".m4a", ".wav", ".opus", ".flac", ".mp4", ".mov", ".webm")
"""Where Discord does not say what a file is, its name does."""
_MOST_ROLES = 50
_FILES = ("text/", "application/json", "application/xml")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when something is read."""

    bot: int
    """User id of the bot."""
    now: datetime
    files: Mapping[int, str] = field(default_factory=dict)
    """What text files say, by their ids."""
    first: int = 0
    """The message that begins its thread, where that was opened without one; 0 elsewhere."""


def known_to(client: discord.Client) -> Known:
    """Return who the bot is that has logged in, and what time it is."""
    assert client.user is not None  # noqa: S101 - it has logged in
    return Known(client.user.id, datetime.now(UTC))


def author_of(user: User) -> Author:
    """Name somebody as people there do, with their roles."""
    roles: list[str] = []
    held_in = ""
    if isinstance(user, discord.Member):
        named = (role.name for role in user.roles[1:_MOST_ROLES])
        # A role that is called so gives nobody the permission.
        roles = [name for name in named if name != MAINTAINS]
        if user.guild_permissions.manage_guild:
            roles.append(MAINTAINS)
        held_in = str(user.guild.id) if roles else ""
    is_guest = isinstance(user, discord.Member) and is_outsider(user)
    return Author(PLATFORM, str(user.id), user.display_name, tuple(roles), held_in, is_guest)


def has_threads(channel: object) -> bool:
    """Whether threads can be opened on the messages of a channel."""
    return isinstance(channel, _WITH_THREADS)


def place_of(channel: Channel, user: User | None = None) -> Place | None:
    """Return the place of what is said in a channel.

    A thread that can be seen by few is a channel of its own: its parent may be open.

    Args:
        channel: The channel, or the thread.
        user: Who speaks there, for a direct message.
    """
    if isinstance(channel, discord.abc.GuildChannel):
        guild = str(channel.guild.id)
        return _as_seen(Place(PLATFORM, guild, str(channel.id)), channel)
    if isinstance(channel, discord.Thread):
        guild, thread = str(channel.guild.id), str(channel.id)
        if _is_apart(channel):
            return Place(PLATFORM, guild, thread, is_private=True)
        parent = str(channel.parent_id)
        return _as_seen(Place(PLATFORM, guild, parent, thread), channel)
    recipient = user or getattr(channel, "recipient", None)
    return direct_place(author_of(recipient)) if recipient is not None else None


def _as_seen(place: Place, channel: object) -> Place:
    """Return a place as open as its channel is."""
    who = openness(channel)
    return place.with_privacy(is_private=who is not Openness.OPEN, is_shared=who is Openness.SHARED)


def files_in(message: discord.Message) -> Iterator[discord.Attachment]:
    """Yield the text files of a message that are short enough to be read."""
    for file in _attached(message):
        kind = file.content_type or ""
        if kind.startswith(_FILES) and file.size <= LARGEST_FILE:
            yield file


def _attached(message: discord.Message) -> Iterator[discord.Attachment]:
    """Yield the files of a message, and of what it forwards."""
    yield from message.attachments
    for snapshot in message.message_snapshots:
        yield from snapshot.attachments


def posted(message: discord.Message, known: Known) -> MessagePosted | None:
    """Read a message that somebody wrote; None when nobody did, or a bot.

    A poll is answered by voting: the bot has nothing to say to it, unless it is called.
    """
    is_called = _is_addressed(message, known)
    if message.poll is not None and not message.content and not is_called:
        return None
    return _posted(message, known)


def _posted(message: discord.Message, known: Known) -> MessagePosted | None:
    place = _place_of_message(message, known)
    if place is None or message.type not in _SAID or message.author.bot or _is_hidden(message):
        return None
    kinds = [_kind_of(file, known) for file in _attached(message)]
    return MessagePosted(
        event_id=_id(message.channel.id, message.id),
        place=place,
        message_id=_name_of(message, known),
        author=author_of(message.author),
        text=words_of(message, known),
        posted_at=message.created_at,
        url=message.jump_url,
        is_addressed=_is_addressed(message, known),
        pictures=kinds.count(_Kind.PICTURE),
        recordings=kinds.count(_Kind.RECORDING),
        files=kinds.count(_Kind.OTHER),
        mentions=_mentioned(message, known),
    )


def edited(
    before: discord.Message | None, message: discord.Message, known: Known
) -> MessageEdited | None:
    """Read an edit. What Discord itself changes, such as a preview of a link, is none."""
    is_same = before is not None and before.content == message.content
    place = _place_of_message(message, known)
    moment = message.edited_at
    if is_same or moment is None or place is None or message.author.bot or _is_hidden(message):
        return None
    return MessageEdited(
        event_id=_id(message.channel.id, f"{message.id}/edit/{moment.timestamp()}"),
        place=place,
        message_id=_name_of(message, known),
        author=author_of(message.author),
        text=words_of(message, known),
        edited_at=moment,
        posted_at=message.created_at,
        url=message.jump_url,
        is_addressed=_is_addressed(message, known),
        mentions=_mentioned(message, known),
    )


def _name_of(message: discord.Message, known: Known) -> str:
    return str(_root_id(message.channel, message.id, known))


def _root_id(channel: object, message_id: int, known: Known) -> int:
    """Name a message: the first one of a thread is called as the thread is.

    A private thread is a channel of its own, and each message in it may begin something.
    """
    if not isinstance(channel, discord.Thread) or _is_apart(channel):
        return message_id
    return channel.id if message_id == known.first else message_id


def _is_apart(thread: discord.Thread) -> bool:
    return thread.type is discord.ChannelType.private_thread


def _mentioned(message: discord.Message, known: Known) -> tuple[Author, ...]:
    return tuple(author_of(user) for user in message.mentions if user.id != known.bot)


def deleted(channel: Channel, message_id: int, known: Known) -> MessageDeleted | None:
    """Read that a message is gone."""
    place = place_of(channel)
    if place is None:
        return None
    event_id = _id(channel.id, f"{message_id}/deleted")
    root = _root_id(channel, message_id, known)
    return MessageDeleted(event_id, _begun(place, root), str(root), known.now)


def gone(channel: Channel, known: Known) -> PlaceDeleted | None:
    """Read that a channel or a thread is gone."""
    place = place_of(channel)
    return PlaceDeleted(_id(channel.id, "deleted"), place, known.now) if place else None


def thread_gone(payload: discord.RawThreadDeleteEvent, known: Known) -> PlaceDeleted | None:
    """Read that a thread is gone; what was said in it is known by its id alone."""
    if payload.thread is not None:
        return gone(payload.thread, known)
    guild, parent, thread = map(str, (payload.guild_id, payload.parent_id, payload.thread_id))
    place = Place(PLATFORM, guild, parent, thread)
    if payload.thread_type is discord.ChannelType.private_thread:
        place = Place(PLATFORM, guild, thread, is_private=True)
    return PlaceDeleted(_id(thread, "deleted"), place, known.now)


def listed(guild: discord.Guild, known: Known) -> ChannelsListed:
    """Read which channels of a server everybody in the group may see, and which others see too."""
    found = {channel.id: openness(channel) for channel in talked_in(guild.channels)}
    open_, shared = (
        tuple(str(id_) for id_, who in found.items() if who is wanted)
        for wanted in (Openness.OPEN, Openness.SHARED)
    )
    event_id = _id(guild.id, f"privacy/{known.now.timestamp()}")
    return ChannelsListed(event_id, Place(PLATFORM, str(guild.id), ""), open_, known.now, shared)


def approved(
    channel: Channel, message_id: int, user: User, emoji: str, known: Known
) -> AnswerAccepted | None:
    """Read that somebody has marked a message; None when the mark means something else."""
    place = place_of(channel, user)
    if place is None or emoji not in APPROVALS or user.bot:
        return None
    event_id = _id(channel.id, f"{message_id}/approved/{user.id}")
    marked = str(message_id)
    return AnswerAccepted(event_id, place, author_of(user), known.now, marked, is_reaction=True)


def taken_back(mark: AnswerAccepted, known: Known) -> MarkTakenBack:
    """Read that a mark was taken back."""
    event_id = f"{mark.event_id}/back/{known.now.timestamp()}"
    return MarkTakenBack(
        event_id, mark.place, mark.author, known.now, mark.message_id, mark.event_id
    )


def closed_by_people(
    before: discord.Thread | None, thread: discord.Thread, solved_tag: str, known: Known
) -> AskingEnded | None:
    """Read that people closed a thread: they tagged, renamed, locked or archived it.

    Discord archives a thread by itself when nobody has written in it for a while: that closes
    nothing.

    Args:
        before: The thread as it was; None where only how it is now is known.
        thread: The thread as it is.
        solved_tag: The tag of a post that is solved.
        known: What is known.
    """
    was = _signs_of_closing(before, solved_tag, known) if before is not None else frozenset()
    signs = _signs_of_closing(thread, solved_tag, known) - was
    place = place_of(thread)
    if not signs or place is None:
        return None
    moment = known.now.timestamp() if before is not None else "-".join(sorted(signs))
    return AskingEnded(_id(thread.id, f"closed/{moment}"), place, known.now)


def _signs_of_closing(thread: discord.Thread, solved_tag: str, known: Known) -> frozenset[str]:
    signs = {
        "tagged": any(tag.name.casefold() == solved_tag.casefold() for tag in thread.applied_tags),
        "renamed": _SOLVED_NAME.search(thread.name) is not None,
        "locked": thread.locked,
        "archived": thread.archived and not _is_archived_by_itself(thread, known),
    }
    return frozenset(name for name, holds in signs.items() if holds)


_SOLVED_NAME = re.compile(
    r"^\W*(?:solved|resolved|closed|gelöst|erledigt)\b(?!\?)|"
    r"[\[(](?:solved|resolved|closed|gelöst|erledigt)[\])]|✅|☑",
    re.IGNORECASE,
)
"""How people mark a thread in its name."""


def _is_archived_by_itself(thread: discord.Thread, known: Known) -> bool:
    """Whether nobody had written in a thread for as long as it stays open by itself."""
    last = discord.utils.snowflake_time(thread.last_message_id or thread.id)
    quiet = (thread.archive_timestamp or known.now) - last
    return quiet >= timedelta(minutes=thread.auto_archive_duration) - _EARLY


_EARLY = timedelta(minutes=10)
"""Discord looks for what is to be archived now and then."""


def sent_away(guild: discord.Guild, known: Known) -> AskingEnded:
    """Read that the bot was removed from a server, or the server is gone."""
    place = Place(PLATFORM, str(guild.id), "")
    return AskingEnded(_id(guild.id, f"away/{known.now.timestamp()}"), place, known.now)


def in_or_out_of_thread(
    thread: discord.Thread, user_id: int, known: Known, *, is_leaving: bool
) -> MemberLeft | MemberJoined | AskingEnded | None:
    """Read that somebody joined a private thread, or left it; without the bot nobody is asked.

    Everybody sees what is said in the other threads.
    """
    place = place_of(thread)
    if place is None or not _is_apart(thread):
        return None
    word = "left" if is_leaving else "joined"
    event_id = _id(thread.id, f"{word}/{user_id}/{known.now.timestamp()}")
    if user_id == known.bot:
        return AskingEnded(event_id, place, known.now) if is_leaving else None
    kind = MemberLeft if is_leaving else MemberJoined
    return kind(event_id, place, Author(PLATFORM, str(user_id), str(user_id)), known.now)


def came_or_went(
    guild: discord.Guild, user: User, known: Known, *, is_leaving: bool
) -> MemberLeft | MemberJoined:
    """Read that somebody joined a guild, or left it."""
    kind = MemberLeft if is_leaving else MemberJoined
    word = "left" if is_leaving else "joined"
    place = Place(PLATFORM, str(guild.id), "")
    event_id = _id(guild.id, f"{word}/{user.id}/{known.now.timestamp()}")
    return kind(event_id, place, author_of(user), known.now)


def asked_for(message: discord.Message, known: Known) -> MessagePosted | None:
    """Read that somebody wants a message to be a question to the group."""
    given = _posted(message, known)
    if given is None:
        return None
    event_id = _id(message.channel.id, f"{message.id}/asked")
    return replace(given, event_id=event_id, is_addressed=True)


def asked(text: str, interaction: Interaction) -> MessagePosted | None:
    """Read a question that somebody asks the bot alone, in the middle of a channel."""
    place = alone(interaction)
    if place is None or place.thread is None or not text.strip():
        return None
    return MessagePosted(
        event_id=_id(place.channel, place.thread),
        place=replace(place, thread=None),
        message_id=place.thread,
        author=author_of(interaction.user),
        text=text.strip(),
        posted_at=interaction.created_at,
        is_addressed=True,
        is_command=True,
    )


def inquired(about: Inquiry, interaction: Interaction, text: str = "") -> Inquired | None:
    """Read that somebody wants to see something."""
    place = alone(interaction)
    if place is None or place.thread is None:
        return None
    author, moment = author_of(interaction.user), interaction.created_at
    channel = _parent(interaction.channel)
    where = place_of(channel, interaction.user) if channel is not None else None
    event_id = _id(place.channel, place.thread)
    return Inquired(event_id, place, author, about, moment, text, where)


def changed(text: str, interaction: Interaction) -> ProfileChanged | None:
    """Read what somebody typed about how they are asked."""
    place = alone(interaction)
    if place is None:
        return None
    author, moment = author_of(interaction.user), interaction.created_at
    return ProfileChanged(_id(place.channel, place.thread), place, author, text, moment)


def linked(code: str, interaction: Interaction) -> LinkRequested | None:
    """Read that somebody wants to be one with themselves on another platform."""
    place = alone(interaction)
    if place is None:
        return None
    author, moment = author_of(interaction.user), interaction.created_at
    return LinkRequested(_id(place.channel, place.thread), place, author, code, moment)


def alone(interaction: Interaction) -> Place | None:
    """Return the place in which an interaction is answered to its author alone."""
    if interaction.channel is None:
        return None
    place = direct_place(author_of(interaction.user))
    return place.in_thread(asked_in(interaction.channel.id, interaction.id))


def pressed(interaction: Interaction) -> Event | None:
    """Read a button that was pressed, or what was chosen from a list."""
    data: Mapping[str, Any] = interaction.data or {}
    target = read_name(str(data.get("custom_id")))
    if target is None:
        return None
    place, author = _meant(target, interaction), author_of(interaction.user)
    moment = interaction.created_at
    event_id = _id(target.channel, f"{target.thread}/{target.name}/{interaction.id}")
    chosen = next(iter(data.get("values") or ()), "")
    if target.name in {Action.SHARE, SHARE_IN}:
        to = _shared_to(target, str(chosen), interaction)
        return QuestionShared(event_id, place, author, to, moment) if to else None
    if target.name == LISTEN:
        return _configured(event_id, place, author, str(chosen), moment)
    if target.name == PASS_TO:
        to_user = _resolved(data, str(chosen))
        return QuestionPassed(event_id, place, author, moment, to_user) if to_user else None
    name, _, meant = target.name.partition(MEANT)
    made = read_pressed(name, str(chosen) or meant)
    return made(event_id, place, author, moment) if made is not None else None


def opens(interaction: Interaction) -> str:
    """Return the name of the form that a press opens; empty when it opens none."""
    data: Mapping[str, Any] = interaction.data or {}
    target = read_name(str(data.get("custom_id")))
    name = target.name if target else ""
    return name.removeprefix(f"{FORM}-") if name.startswith(f"{FORM}-") else ""


def filled(
    interaction: Interaction, held: Availability
) -> tuple[ProfileChanged | None, choosing.Filled]:
    """Read a form that somebody has filled in, and what is wrong with it.

    Args:
        interaction: The form.
        held: What was chosen when it was opened.
    """
    data: Mapping[str, Any] = interaction.data or {}
    read = choosing.filled(given_in(data.get("components")), held)
    return (changed(read.change, interaction) if read.change else None), read


def past(
    message: discord.Message, known: Known, *, since: datetime, is_late: bool = False
) -> list[Event]:
    """Read a message of a channel's history: what has become of it after a moment.

    Args:
        message: The message.
        known: What is known.
        since: The moment.
        is_late: Whether a person has answered it meanwhile.
    """
    said = posted(message, known)
    if said is None:
        return []
    events: list[Event] = []
    if said.posted_at > since:
        events.append(replace(said, is_late=is_late))
    if message.edited_at is not None and message.edited_at > since:
        change = edited(None, message, known)
        events.extend([change] if change else [])
    return events


def answered_in(messages: Sequence[discord.Message]) -> frozenset[int]:
    """Return the ids of those messages of a channel that another person has replied to."""
    written = {message.id: message for message in messages}
    found = set()
    for message in messages:
        reference = message.reference
        meant = written.get(reference.message_id or 0) if reference is not None else None
        if meant is not None and by_others(meant, [message]):
            found.add(meant.id)
    return frozenset(found)


def by_others(message: discord.Message, said: Sequence[discord.Message]) -> bool:
    """Whether another person than the author of a message has said one of these."""
    return any(
        one.author.id != message.author.id and one.type in _SAID and not one.author.bot
        for one in said
    )


def is_first(message: discord.Message, known: Known) -> bool:
    """Whether a message begins its thread, as in a forum's post."""
    return message.id in {message.channel.id, known.first}


def snowflake_of(moment: datetime) -> int:
    """Return an id such as a message of that moment would have."""
    return discord.utils.time_snowflake(moment)


def words_of(message: discord.Message, known: Known) -> str:
    """Return what was said: the words without the call of the bot, what is forwarded, and files."""
    names = {str(user.id): user.display_name for user in message.mentions}
    names |= {str(role.id): role.name for role in message.role_mentions}
    # What a closed channel is called is not for everybody who reads a mention of it.
    named = (one for one in message.channel_mentions if openness(one) is not Openness.CLOSED)
    names |= {str(channel.id): channel.name for channel in named}
    bot = {str(known.bot), str(_own_role(message))}
    embeds = [embed.to_dict() for embed in message.embeds]
    said = [plain_text(discord_messages.words_of(message.content, embeds), names, bot)]
    channel = message.channel
    if isinstance(channel, discord.Thread) and is_first(message, known):
        # A thread has a title, and people ask in it; the tags of a post are its topics.
        if not _says(said[0], channel.name):
            said.insert(0, channel.name)
        if channel.applied_tags:
            said.append(f"({', '.join(tag.name for tag in channel.applied_tags)})")
    if message.poll is not None:
        said.extend([message.poll.question, *(f"- {one.text}" for one in message.poll.answers)])
    said.append(discord_messages.words_forwarded(map(_forwarded, message.message_snapshots)))
    for file in _attached(message):
        if file.id in known.files:
            said.append(f"```\n{known.files[file.id]}\n```")
        elif _kind_of(file, known) is _Kind.OTHER:
            said.append(f"[file: {file.filename}]")
    return "\n".join(part for part in said if part)


def _says(text: str, title: str) -> bool:
    said, asked = (" ".join(one.split()).casefold() for one in (text, title))
    return asked in said


def _forwarded(snapshot: discord.MessageSnapshot) -> str:
    """Return what a forwarded message said; Discord does not tell whom it mentions."""
    embeds = [embed.to_dict() for embed in snapshot.embeds]
    words = discord_messages.words_of(snapshot.content, embeds)
    return plain_text(words or "\n".join(texts_in(snapshot.components)), {}, ())


def texts_in(components: Any) -> Iterator[str]:
    """Yield the texts of components, in the order in which they are read."""
    for one in components:
        content = getattr(one, "content", None)
        if isinstance(content, str):
            yield content
        yield from texts_in(getattr(one, "children", ()))


def _own_role(message: discord.Message) -> int:
    """Return the id of the role that Discord gave the bot itself; 0 where there is none."""
    role = message.guild.self_role if message.guild is not None else None
    return role.id if role is not None else 0


def _is_hidden(message: discord.Message) -> bool:
    """Whether nothing can be read in a message: Discord hides most without Message Content.

    Source: https://discord.com/developers/docs/events/gateway#message-content-intent
    """
    shown = (message.content, message.attachments, message.embeds, message.message_snapshots)
    return message.poll is None and not any(shown)


def _place_of_message(message: discord.Message, known: Known) -> Place | None:
    if isinstance(message.channel, discord.PartialMessageable | discord.GroupChannel):
        return None
    place = place_of(message.channel, message.author)
    if place is None:
        return None
    if place.thread is None:
        return replace(place, thread=_thread_meant(message, known))
    return _begun(place, _root_id(message.channel, message.id, known))


def _begun(place: Place, message_id: int) -> Place:
    """Return the place of a message: the first one of a thread, such as a post, is in none."""
    return replace(place, thread=None) if place.thread == str(message_id) else place


def _thread_meant(message: discord.Message, known: Known) -> str | None:
    """Name the thread of a message that was written as a reply, where it stands in none.

    A reply to something of the bot is in the thread of that, by its buttons.
    """
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None:
        return None
    meant = reference.resolved
    if isinstance(meant, discord.Message) and meant.author.id == known.bot:
        targets = [read_name(name) for name in _names_in(meant)]
        return next((target.thread for target in targets if target and target.thread), None)
    return str(reference.message_id) if reference.message_id else None


def _names_in(message: discord.Message) -> Iterator[str]:
    """Yield what the buttons of a message are called."""
    for component in message.components:
        for inner in (component, *getattr(component, "children", ())):
            for one in (inner, *getattr(inner, "children", ())):
                name = getattr(one, "custom_id", None)
                if isinstance(name, str):
                    yield name


def _is_addressed(message: discord.Message, known: Known) -> bool:
    is_direct = isinstance(message.channel, discord.abc.PrivateChannel)
    called = {*(user.id for user in message.mentions), *message.raw_role_mentions}
    return is_direct or not called.isdisjoint({known.bot, _own_role(message)})


def _meant(target: Target, interaction: Interaction) -> Place:
    """Return the place that a button is about."""
    id_ = target.channel
    channel = interaction.client.get_channel(int(id_)) if id_.isdecimal() else None
    place = Place(PLATFORM, target.workspace, target.channel, target.thread)
    return _as_seen(place, channel)


def _shared_to(target: Target, chosen: str, interaction: Interaction) -> Place | None:
    """Return the channel in which somebody lets the bot ask, if it is known."""
    if target.name == Action.SHARE:
        channel = _parent(interaction.channel)
    else:
        guild_id, _, channel_id = chosen.partition(".")
        guild = _guild(interaction, guild_id)
        channel = guild.get_channel(int(channel_id)) if guild and channel_id.isdecimal() else None
    return place_of(channel) if channel is not None else None


def _guild(interaction: Interaction, guild_id: str) -> discord.Guild | None:
    return interaction.client.get_guild(int(guild_id)) if guild_id.isdecimal() else None


def _parent(channel: object) -> Channel | None:
    """Return the channel of a thread, and any other channel itself."""
    if isinstance(channel, discord.Thread):
        return channel.parent
    return channel if isinstance(channel, discord.abc.GuildChannel | discord.DMChannel) else None


def _configured(
    event_id: str, place: Place, author: Author, chosen: str, moment: datetime
) -> ChannelConfigured | None:
    try:
        listening = Listening(chosen)
    except ValueError:
        return None
    return ChannelConfigured(event_id, place, author, listening, moment)


def _resolved(data: Mapping[str, Any], user_id: str) -> Author | None:
    """Give somebody who was chosen; None for a bot."""
    found = data.get("resolved") or {}
    user = (found.get("users") or {}).get(user_id) or {}
    member = (found.get("members") or {}).get(user_id) or {}
    if not user_id or user.get("bot"):
        return None
    names = (member.get("nick"), user.get("global_name"), user.get("username"))
    name = next((name for name in names if isinstance(name, str) and name), user_id)
    return Author(PLATFORM, user_id, name)


class _Kind(Enum):
    """What a file is to one who only reads."""

    READ = auto()
    PICTURE = auto()
    RECORDING = auto()
    OTHER = auto()


def _kind_of(file: discord.Attachment, known: Known) -> _Kind:
    kind = file.content_type or ""
    if file.id in known.files:
        return _Kind.READ
    if kind.startswith(_PICTURE):
        return _Kind.PICTURE
    # A voice message that says how long it is may say nothing else.
    is_recording = kind.startswith(_RECORDING) or file.is_voice_message()
    is_recording |= file.filename.casefold().endswith(_RECORDINGS)
    return _Kind.RECORDING if is_recording else _Kind.OTHER


def _id(channel: object, what: object) -> str:
    """Name an event by what it is about: one thing may be told of twice."""
    return f"{PLATFORM}:{channel}:{what}"
