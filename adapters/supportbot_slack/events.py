"""What Slack sends, as events. Pure.

Source: https://docs.slack.dev/reference/events and https://docs.slack.dev/interactivity
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from supportbot.adapter_kit.reading import LARGEST_FILE, read_pressed
from supportbot.adapter_kit.slack_markup import (
    APPROVALS,
    mentions_in,
    moment_of_ts,
    own_words,
    plain_text,
    quoted_words,
)
from supportbot.adapter_kit.slack_people import is_ext_shared
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
    PlaceChanged,
    PlaceDeleted,
    ProfileChanged,
    QuestionPassed,
    QuestionShared,
    moment_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place, home_of
from supportbot.domain.replies.reply import Action
from supportbot_slack import modals
from supportbot_slack.outside import CLOSED_WALLS, Walls

PLATFORM = "slack"
ACTION = "supportbot."
"""Before the name of an action: what the bot's buttons are called."""
PASS_TO = "pass_to"  # noqa: S105 - no password
"""The select that passes a question on; the other actions are named by `Action`."""
SHARE_IN = "share_in"
"""The select of a channel in which a question is to be asked."""
ASK_COMMAND, ASK_SHORTCUT = "/ask", "ask_the_group"
EXPERTS_COMMAND, BOT_COMMAND = "/experts", "/supportbot"
_ASKED_FROM = "ask."
"""Begins the name of a thread that only one person sees, somewhere in a channel."""
_PICTURE, _RECORDINGS = "image/", ("audio/", "video/")
_SLACKBOT = "USLACKBOT"
_CALLS = re.compile(r"^(?:\s*<!(?:here|channel|everyone|subteam\^[^<>|]+)(?:\|[^<>]*)?>[\s,:]*)+")
"""Who is called before anything is said: a group is no word of a question."""
_AT_ONCE = 5
"""Seconds within which a Home tab is made once. Who opens it later wants to see what is new."""
_MOST_FILES = 3

_BROADCAST = "thread_broadcast"
"""The subtype of a reply that is shown to the whole channel as well."""
_SAID = frozenset({"", "me_message", "file_share", _BROADCAST})
"""Subtypes of what people say. Source: https://docs.slack.dev/reference/events/message"""
TOMBSTONE = "tombstone"
"""The subtype of what stands in the place of a thread's first message that was deleted."""
_CONVERTED = {
    "channel_convert_to_private": True,
    "channel_convert_to_public": False,
}
"""Subtypes of what Slack says when a channel is closed or opened, each with whether it is private.
There is no event of its own for it.

Source: https://docs.slack.dev/reference/events/message/channel_convert_to_private
"""
_COMINGS = frozenset({"member_joined_channel", "member_left_channel"})
_ENDS = frozenset({"channel_archive", "channel_left", "group_archive", "group_left"})
"""Events after which the bot can say nothing in a channel: it was archived, or the bot removed."""
_GONE = frozenset({"channel_deleted", "group_deleted"})
_OPEN = "channel"
"""The `channel_type` of a channel that everybody in the workspace may read."""
_MOST_MENTIONED = 20
"""People named in a text whose names are looked up. A text with more of them is no question."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a workspace says of somebody."""

    name: str
    roles: tuple[str, ...] = ()
    timezone: str = ""
    is_bot: bool = False
    is_gone: bool = False
    is_outsider: bool = False
    """They are a guest, or of another company."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What has to be looked up before something can be read."""

    place: str = ""
    """Id of the channel that it is about."""
    channel: str = ""
    """Id of a channel of which it is not said whether it is private."""
    users: tuple[str, ...] = ()
    files: tuple[Mapping[str, Any], ...] = ()
    """Text files to be read."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the workspace that something came from."""

    team: str
    bot: str
    """User id of the bot."""
    address: str = ""
    """Such as `https://ours.slack.com/`."""
    people: Mapping[str, Person] = field(default_factory=dict)
    is_private: bool = True
    """Of the channel that was needed."""
    is_shared: bool = False
    """Of that channel: another company sees it too."""
    pending: frozenset[str] = frozenset()
    """Ids of channels to which another company is invited; events do not say it."""
    walls: Walls = CLOSED_WALLS
    files: Mapping[str, str] = field(default_factory=dict)
    """What text files say, by their ids."""
    found: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Files of which the message had only the id, as those of another company's people."""
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)


def needed(body: Mapping[str, Any]) -> Needed:
    """Return what has to be looked up to read what came."""
    said = _event(body)
    message = _object(said, "message") or _object(body, "message") or said
    about = _channel_meant(body)
    mentioned = _mentioned(own_words(message) or _text(body, "text"))
    before = _text(_object(said, "previous_message"), "user")
    users = [user_of(body), _text(message, "user"), before, *mentioned]
    users.extend(_text(action, "selected_user") for action in _objects(body, "actions"))
    is_said = _says_how_its_channel_is(body) or ("command" in body and not _is_of_settings(body))
    return Needed(
        place=channel_of(body),
        channel="" if is_said or is_direct(about) else about,
        users=_each_once(users),
        files=_texts_in(message),
    )


def team_of(body: Mapping[str, Any]) -> str:
    """Name the workspace that something came from, as the bot is installed in it."""
    return next(iter(teams_of(body)), "")


def teams_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the workspaces that something may be for, the likeliest first.

    In a channel that is shared with another company, `team_id` may be that company's.

    Source: https://docs.slack.dev/apis/events-api (authorizations), and `app_installed_team_id` in
    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """
    view = _object(body, "view")
    return _each_once(
        (
            _text(view, "app_installed_team_id"),
            _text(_object(body, "team"), "id"),
            *(_text(one, "team_id") for one in _objects(body, "authorizations")),
            _text(body, "team_id"),
            _text(_object(body, "user"), "team_id"),
            _text(view, "team_id"),
        )
    )


def is_uninstalling(body: Mapping[str, Any]) -> bool:
    """Whether the bot is taken out of a workspace; a person's own token is none of its business."""
    said = _event(body)
    kind, tokens = _text(said, "type"), _object(said, "tokens")
    return kind == "app_uninstalled" or (kind == "tokens_revoked" and bool(tokens.get("bot")))


def uninstalled(body: Mapping[str, Any], team: str) -> AskingEnded | None:
    """Read that nobody is to be asked in a workspace any more: the bot was taken out of it."""
    if _text(_event(body), "type") != "app_uninstalled":
        return None
    moment = _Reader(body, Known(team, "")).moment()
    event_id = f"{PLATFORM}:{team}::ended/{moment.timestamp()}"
    return AskingEnded(event_id, Place(PLATFORM, team, ""), moment)


def person_in(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the person as they are from now on, where something tells that they changed."""
    said = _event(body)
    return _object(said, "user") if _text(said, "type") in {"user_change", "team_join"} else {}


def is_shortcut(body: Mapping[str, Any]) -> bool:
    """Whether somebody wants a message to be asked."""
    return body.get("type") == "message_action" and body.get("callback_id") == ASK_SHORTCUT


def read_events(body: Mapping[str, Any], known: Known) -> tuple[Event, ...]:
    """Read what Slack sent. What somebody changes from their Home tab is to be seen there."""
    event = read_event(body, known)
    if event is None:
        return ()
    view = _object(body, "view")
    is_seen_there = view.get("type") == "home" or view.get("callback_id") == modals.PROFILE
    user = user_of(body)
    if not is_seen_there or not user:
        return (event,)
    seen = _Reader(body, known).home_of(user, f"{event.event_id}/seen", moment_of(event))
    return event, seen


def read_event(  # noqa: PLR0911 - one for each kind of thing that Slack sends
    body: Mapping[str, Any], known: Known
) -> Event | None:
    """Read what Slack sent; None when it means nothing to the bot."""
    reader = _Reader(body, known)
    match body.get("type"):
        case "event_callback":
            return reader.read_callback()
        case "block_actions":
            return reader.read_press()
        case _ if is_shortcut(body):
            return reader.read_shortcut()
        case "view_submission":
            return reader.read_submission()
        case _ if body.get("command") == ASK_COMMAND:
            return reader.read_ask()
        case _ if _text(body, "command") in {EXPERTS_COMMAND, BOT_COMMAND}:
            return reader.read_command()
        case _:
            return None


def needed_of_message(message: Mapping[str, Any]) -> Needed:
    """Return what has to be looked up to read a message of a channel's history."""
    approving = [user for _, user in _approvals(message)]
    users = [_text(message, "user"), *_mentioned(own_words(message)), *approving]
    return Needed(users=_each_once(users), files=_texts_in(message))


def read_past(
    message: Mapping[str, Any],
    channel: Mapping[str, Any],
    known: Known,
    *,
    since: datetime,
    now: datetime,
) -> list[Event]:
    """Read a message of a channel's history: what has become of it after a moment.

    Args:
        message: As `conversations.history` or `.replies` gives it.
        channel: As `users.conversations` gives it.
        known: What was needed.
        since: What was said before it is held already, if anybody wanted it.
        now: When it is read.
    """
    body = {
        "type": "event_callback",
        "team_id": known.team,
        "is_ext_shared_channel": is_ext_shared(channel),
        "event": {
            **message,
            "type": "message",
            "channel": channel.get("id"),
            "channel_type": _type_of(channel),
        },
    }
    reader = _Reader(body, known)
    if message.get("subtype") == TOMBSTONE:
        return [reader.gone(_text(message, "ts"), _text(channel, "user"), now)]
    posted = reader.read_callback()
    if not isinstance(posted, MessagePosted):
        return []
    events: list[Event] = []
    edited = moment_of_ts(_object(message, "edited").get("ts"))
    if posted.posted_at > since:
        events.append(replace(posted, is_late=_is_answered(message, known)))
    if edited is not None and edited > since:
        events.append(_edited(posted, _text(_object(message, "edited"), "ts"), edited))
    events.extend(reader.approved_by(user, posted, now) for _, user in _approvals(message))
    return events


def _edited(posted: MessagePosted, ts: str, edited_at: datetime) -> MessageEdited:
    """Make an edit of a message as it reads now.

    Args:
        posted: The message.
        ts: Slack's name of the moment, which names the edit.
        edited_at: The moment.
    """
    return MessageEdited(
        event_id=f"{posted.event_id}/edit/{ts}",
        place=posted.place,
        message_id=posted.message_id,
        author=posted.author,
        text=posted.text,
        edited_at=edited_at,
        posted_at=posted.posted_at,
        url=posted.url,
        is_addressed=posted.is_addressed,
        mentions=posted.mentions,
    )


def listed_channels(
    channels: Sequence[Mapping[str, Any]],
    team: str,
    listed_at: datetime,
    *,
    now: datetime,
    walls: Walls = CLOSED_WALLS,
) -> ChannelsListed:
    """Read which channels of a workspace are open, and which are shared, as Slack lists them."""
    shared = {
        _text(one, "id") for one in channels if is_ext_shared(one) and not walls.widens_shared
    }
    open_ = sorted({_text(one, "id") for one in channels if _type_of(one) == _OPEN} - shared)
    event_id = f"{PLATFORM}:{team}::privacy/{now.timestamp()}"
    return ChannelsListed(
        event_id, Place(PLATFORM, team, ""), tuple(open_), listed_at, tuple(sorted(shared))
    )


def _type_of(channel: Mapping[str, Any]) -> str:
    if channel.get("is_im") is True:
        return "im"
    is_open = channel.get("is_private") is False and channel.get("is_mpim") is not True
    return _OPEN if is_open else "group"


def _is_answered(message: Mapping[str, Any], known: Known) -> bool:
    """Whether somebody has replied to the first message of a thread."""
    users = message.get("reply_users")
    others = set(users if isinstance(users, list) else []) - {known.bot, message.get("user")}
    return bool(others)


def _approvals(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for reaction in _objects(message, "reactions"):
        name, users = _text(reaction, "name").partition("::")[0], reaction.get("users")
        if name in APPROVALS and isinstance(users, list):
            yield from ((name, user) for user in users if isinstance(user, str))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one thing that came."""

    body: Mapping[str, Any]
    known: Known

    @property
    def said(self) -> Mapping[str, Any]:
        return _event(self.body)

    def read_callback(self) -> Event | None:  # noqa: PLR0911 - one for each kind of event
        said = self.said
        match _text(said, "type"):
            case "message" | "app_mention":
                return self._read_message()
            case "reaction_added" | "reaction_removed":
                return self._read_reaction()
            case "app_home_opened":
                return self._read_home()
            case "member_left_channel" | "member_joined_channel":
                return self._read_membership()
            case "user_change":
                return self._read_person()
            case kind if kind in _ENDS:
                return self._ended(channel_of(self.body))
            case "channel_shared" | "channel_unshared":
                return self._read_sharing()
            case kind if kind in _GONE:
                place = self._place(channel_of(self.body))
                return PlaceDeleted(self._id(place.channel, "deleted"), place, self.moment())
            case _:
                return None

    def _read_message(self) -> Event | None:
        said, subtype = self.said, _text(self.said, "subtype")
        if subtype == "message_changed":
            return self._read_change()
        if subtype == "message_deleted":
            return self._read_deletion(_text(said, "deleted_ts"))
        if subtype in _CONVERTED:
            return self._read_conversion(is_private=_CONVERTED[subtype])
        return self._posted(said) if subtype in _SAID else None

    def _posted(self, message: Mapping[str, Any]) -> MessagePosted | None:
        """Read a message of a member; None when it is none."""
        user = _text(message, "user")
        return None if _is_bots(message, self.known) else self._posted_by(user, message)

    def _posted_by(self, user: str, message: Mapping[str, Any]) -> MessagePosted | None:
        """Read a message as somebody's; None when Slack does not say which it is."""
        ts = _text(message, "ts")
        moment = moment_of_ts(ts)
        if not user or moment is None:
            return None
        place = self._place(channel_of(self.body), user, _thread(message))
        text, files = self._words(message), self._files(message)
        unread = [file for file in files if self._is_unread(file)]
        is_unreadable = not text and not files and bool(message.get("attachments"))
        return MessagePosted(
            event_id=self._id(place.channel, ts),
            place=place,
            message_id=ts,
            author=self._author(user),
            text=text,
            posted_at=moment,
            url=permalink(self.known.address, channel_of(self.body), ts, place.thread),
            is_addressed=self._is_addressed(message),
            mentions=tuple(map(self._author, self._named(message))),
            pictures=sum(map(_is_picture, files)),
            recordings=sum(map(_is_recording, files)),
            files=len(unread) or int(is_unreadable),
            is_broadcast=message.get("subtype") == _BROADCAST,
        )

    def _read_change(self) -> Event | None:
        """Read an edit. What Slack itself changes, such as a preview of a link, is none."""
        message, before = _object(self.said, "message"), _object(self.said, "previous_message")
        if message.get("subtype") == TOMBSTONE:
            return self._read_deletion(_text(message, "ts"))
        edited = _text(_object(message, "edited"), "ts")
        moment = moment_of_ts(edited)
        is_edit = self._words(before) != self._words(message)
        posted = self._posted(message) if _text(message, "subtype") in _SAID else None
        if not is_edit or moment is None or posted is None:
            return None
        return _edited(posted, edited, moment)

    def _read_deletion(self, ts: str) -> Event | None:
        """Read that a message is gone. The first of a thread leaves a tombstone, and replies."""
        before = _object(self.said, "previous_message")
        if moment_of_ts(ts) is None or not self._may_be_held(before):
            return None
        return self.gone(ts, _text(before, "user"), self.moment(), thread=_thread(before))

    def _read_conversion(self, *, is_private: bool) -> Event:
        """Read that a channel was closed or opened."""
        place, moment = self._place(channel_of(self.body)), self.moment()
        event_id = self._id(place.channel, f"privacy/{moment.timestamp()}")
        is_private |= place.is_shared
        changed = place.with_privacy(is_private=is_private, is_shared=place.is_shared)
        return PlaceChanged(event_id, changed, moment)

    def _read_sharing(self) -> Event:
        """Read that a channel is shared with another company, or not any more."""
        moment, kind = self.moment(), _text(self.said, "type")
        is_shared = kind == "channel_shared" or self.said.get("is_ext_shared") is True
        channel = channel_of(self.body)
        event_id = self._id(channel, f"{kind}/{moment.timestamp()}")
        is_walled = is_shared and self._has_walls
        place = Place(PLATFORM, self.known.team, channel).with_privacy(
            is_private=self.known.is_private or is_walled, is_shared=is_walled
        )
        return PlaceChanged(event_id, place, moment)

    def gone(self, ts: str, user: str, now: datetime, *, thread: str | None = None) -> Event:
        """Return the event that a message is gone: the same, whoever tells of it."""
        place = self._place(channel_of(self.body), user, thread)
        return MessageDeleted(self._id(place.channel, f"{ts}/deleted"), place, ts, now)

    def _may_be_held(self, message: Mapping[str, Any]) -> bool:
        """Whether anything can be held of a message; of what bots say, nothing is.

        But what this one posted in a channel may be a question that somebody had asked it alone.
        """
        if message.get("user") == self.known.bot:
            return not is_direct(channel_of(self.body))
        return not _is_bots(message, self.known)

    def _read_reaction(self) -> Event | None:
        item, user = _object(self.said, "item"), _text(self.said, "user")
        ts = _text(item, "ts")
        is_approval = _emoji(self.said) in APPROVALS
        if not is_approval or not user or moment_of_ts(ts) is None:
            return None
        place = self._place(_text(item, "channel"), user)
        mark_id = self._id(place.channel, f"{ts}/approved/{user}")
        author, moment = self._author(user), self.moment()
        if self.said.get("type") == "reaction_added":
            return AnswerAccepted(mark_id, place, author, moment, ts, is_reaction=True)
        event_id = f"{mark_id}/back/{moment.timestamp()}"
        return MarkTakenBack(event_id, place, author, moment, ts, mark_id)

    def approved_by(self, user: str, posted: MessagePosted, now: datetime) -> Event:
        """Return the event that somebody has marked a message, as if it were told just now."""
        event_id = f"{posted.event_id}/approved/{user}"
        author, marked = self._author(user), posted.message_id
        return AnswerAccepted(event_id, posted.place, author, now, marked, is_reaction=True)

    def _read_membership(self) -> Event | None:
        user, channel = _text(self.said, "user"), channel_of(self.body)
        if user == self.known.bot and self.said.get("type") == "member_left_channel":
            return self._ended(channel)
        if not user or user == self.known.bot:
            return None
        place, author, moment = self._place(channel, user), self._author(user), self.moment()
        event_id = self._id(channel, f"{self.said['type']}/{user}/{moment.timestamp()}")
        if self.said.get("type") == "member_left_channel":
            return MemberLeft(event_id, place, author, moment)
        return MemberJoined(event_id, place, author, moment)

    def _ended(self, channel: str) -> Event:
        """Make the event that nobody is to be asked in a channel any more."""
        place, moment = self._place(channel), self.moment()
        return AskingEnded(self._id(channel, f"ended/{moment.timestamp()}"), place, moment)

    def _read_person(self) -> Event | None:
        """Read that somebody left the workspace, or came back; what else they change is no news."""
        person = _object(self.said, "user")
        user, is_gone = _text(person, "id"), person.get("deleted") is True
        known = self.known.people.get(user)
        was_gone = known is not None and known.is_gone
        if not user or not (is_gone or was_gone):
            return None
        moment, place = self.moment(), Place(PLATFORM, self.known.team, "")
        event_id = self._id("", f"{'left' if is_gone else 'back'}/{user}/{moment.timestamp()}")
        kind = MemberLeft if is_gone else MemberJoined
        return kind(event_id, place, self._author(user), moment)

    def _read_home(self) -> Event | None:
        """Read that somebody looks at their Home tab; twice at once is the same event."""
        user, moment = _text(self.said, "user"), self.moment()
        if not user or self.said.get("tab") != "home":
            return None
        number = int(moment.timestamp()) // _AT_ONCE
        return self.home_of(user, self._id(f"@{user}", f"home/{number}"), moment)

    def home_of(self, user: str, event_id: str, moment: datetime) -> Event:
        """Return the event that somebody wants to see their page."""
        author = self._author(user)
        place = home_of(author, self.known.team)
        return Inquired(event_id, place, author, Inquiry.HOME, moment)

    def read_submission(self) -> Event | None:
        """Read a form that somebody has filled in, if they have changed anything."""
        view, user = _object(self.body, "view"), user_of(self.body)
        author, now = self._author(user), self.known.now
        event_id = self._id(f"@{user}", f"form/{_text(view, 'id')}")
        if view.get("callback_id") == modals.LISTENING:
            channel, listening = modals.channel_of(view), modals.chosen_listening(view)
            if not channel or listening is None:
                return None
            return ChannelConfigured(event_id, self._place(channel), author, listening, now)
        if view.get("callback_id") != modals.PROFILE:
            return None
        change = modals.filled(view).change
        place = direct_place(author, self.known.team)
        return ProfileChanged(event_id, place, author, change, now) if change else None

    def read_command(self) -> Event | None:
        """Read what somebody typed to the bot. What it does not know asks for help."""
        user, trigger = _text(self.body, "user_id"), _text(self.body, "trigger_id")
        if not user or not trigger:
            return None
        author, channel, text = self._author(user), channel_of(self.body), self._words(self.body)
        thread = f"{_ASKED_FROM}{channel}.{trigger}"
        place = direct_place(author, self.known.team).in_thread(thread)
        event_id, now = self._id(place.channel, thread), self.known.now
        word, _, rest = text.strip().partition(" ")
        if self.body.get("command") == EXPERTS_COMMAND:
            word, rest = Inquiry.EXPERTS, text
        if word.casefold() == "me":
            return ProfileChanged(event_id, place, author, rest, now)
        if word.casefold() == "link":
            return LinkRequested(event_id, place, author, rest.strip(), now)
        about = Inquiry(word.casefold()) if word.casefold() in _INQUIRIES else Inquiry.HELP
        said = f"{BOT_COMMAND} " if about is Inquiry.HELP else rest.strip()
        where = self._place(channel) if about is Inquiry.SETTINGS else None
        return Inquired(event_id, place, author, about, now, said, where)

    def read_press(self) -> Event | None:
        """Read a button that was pressed, or somebody who was chosen."""
        action = next(iter(_objects(self.body, "actions")), {})
        name = _text(action, "action_id")
        user = user_of(self.body)
        if not name.startswith(ACTION) or not user:
            return None
        author, moment = self._author(user), moment_of_ts(action.get("action_ts"))
        place = self._place_meant(action)
        if moment is None or place is None:
            return None
        event_id = self._id(place.channel, f"{place.thread}/{name}/{user}/{action['action_ts']}")
        if name in {f"{ACTION}{Action.SHARE}", f"{ACTION}{SHARE_IN}"}:
            to = asked_from(place) or _text(action, "selected_conversation")
            is_private = self.known.is_private
            where = Place(PLATFORM, self.known.team, to, is_private=is_private).with_privacy(
                is_private=is_private, is_shared=self.known.is_shared and self._has_walls
            )
            return QuestionShared(event_id, place, author, where, moment) if to else None
        chosen = _text(_object(action, "selected_option"), "value") or _text(action, "value")
        pressed = read_pressed(name.removeprefix(ACTION), chosen)
        if pressed is not None:
            return pressed(event_id, place, author, moment)
        to = _text(action, "selected_user") if name == f"{ACTION}{PASS_TO}" else ""
        return QuestionPassed(event_id, place, author, moment, self._author(to)) if to else None

    def read_shortcut(self) -> Event | None:
        """Read that somebody wants a message to be a question."""
        message, user = _object(self.body, "message"), user_of(self.body)
        is_ours = message.get("user") == self.known.bot
        # What a workflow or another app has posted is asked by the one who wants it asked.
        posted = self._posted(message) or (None if is_ours else self._posted_by(user, message))
        if posted is None or not user:
            return None
        # The message itself may have been handled, and not been a question.
        return replace(posted, event_id=f"{posted.event_id}/asked", is_addressed=True)

    def read_ask(self) -> Event | None:
        """Read a question that somebody asks the bot alone, in the middle of a channel."""
        user, trigger = _text(self.body, "user_id"), _text(self.body, "trigger_id")
        if not user or not trigger:
            return None
        author = self._author(user)
        message_id = f"{_ASKED_FROM}{channel_of(self.body)}.{trigger}"
        place = direct_place(author, self.known.team)
        return MessagePosted(
            event_id=self._id(place.channel, message_id),
            place=place,
            message_id=message_id,
            author=author,
            text=self._words(self.body),
            posted_at=self.known.now,
            is_addressed=True,
            is_command=True,
        )

    def _place_meant(self, action: Mapping[str, Any]) -> Place | None:
        """Return the thread that a button is about: its block is named by it."""
        meant = read_target(_text(action, "block_id"))
        if meant is None:
            return None
        channel, thread = meant
        return self._place(channel, user_of(self.body), thread)

    def _place(self, channel: str, user: str = "", thread: str | None = None) -> Place:
        """Return a place; what is between one person and the bot alone is named by the person."""
        if is_direct(channel):
            direct = direct_place(Author(PLATFORM, user, user), self.known.team)
            return direct if thread is None else direct.in_thread(thread)
        kind = self.said.get("channel_type")
        is_private = kind != _OPEN if kind else self.known.is_private
        said = self.body.get("is_ext_shared_channel")
        is_shared = self.known.is_shared if said is None or not kind else said is True
        is_shared |= channel in self.known.pending
        place = Place(PLATFORM, self.known.team, channel, thread)
        return place.with_privacy(
            is_private=is_private or (is_shared and self._has_walls),
            is_shared=is_shared and self._has_walls,
        )

    @property
    def _has_walls(self) -> bool:
        """Whether a channel that another company sees has an audience of its own."""
        return not self.known.walls.widens_shared

    def _author(self, user: str) -> Author:
        # Of whom Slack does not say who they are, it is not known that they are a member.
        person = self.known.people.get(user, Person(user, is_outsider=True))
        held_in = self.known.team if person.roles else ""
        is_outsider = person.is_outsider and not self.known.walls.widens_guests
        return Author(PLATFORM, user, person.name or user, person.roles, held_in, is_outsider)

    def _words(self, message: Mapping[str, Any]) -> str:
        """Return what was written, without calls, and with what it forwards and its files say."""
        text = own_words(message).replace(f"<@{self.known.bot}>", "")
        names = {user: person.name for user, person in self.known.people.items()}
        said = [plain_text(_CALLS.sub("", text), names), quoted_words(message, names)]
        for file in self._files(message):
            content = self.known.files.get(_text(file, "id"))
            if content is not None:
                said.append(f"```\n{content}\n```")
            elif self._is_unread(file) and (name := _text(file, "name")):
                said.append(f"[file: {name}]")
        return "\n".join(part for part in said if part)

    def _files(self, message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        found = self.known.found
        return [found.get(_text(file, "id"), file) for file in _objects(message, "files")]

    def _is_unread(self, file: Mapping[str, Any]) -> bool:
        is_read = _text(file, "id") in self.known.files
        return not (is_read or _is_picture(file) or _is_recording(file))

    def _named(self, said: Mapping[str, Any]) -> Iterator[str]:
        return (user for user in _mentioned(own_words(said)) if user != self.known.bot)

    def _is_addressed(self, said: Mapping[str, Any]) -> bool:
        return (
            said.get("type") == "app_mention"
            or self.said.get("channel_type") == "im"
            or self.known.bot in mentions_in(own_words(said))
        )

    def _id(self, channel: str, what: str) -> str:
        """Name an event by what it is about: Slack tells of one thing as several events."""
        return f"{PLATFORM}:{self.known.team}:{channel}:{what}"

    def moment(self) -> datetime:
        """Return when something happened, by Slack's clock."""
        moment = moment_of_ts(self.said.get("event_ts"))
        if moment is not None:
            return moment
        time = self.body.get("event_time")
        return datetime.fromtimestamp(time if isinstance(time, int) else 0, UTC)


def permalink(address: str, channel: str, ts: str, thread: str | None) -> str:
    """Link to a message as Slack's own "copy link" does.

    Source: https://docs.slack.dev/reference/methods/chat.getPermalink (what it gives)
    """
    within = f"?thread_ts={thread}&cid={channel}" if thread else ""
    return f"{address}archives/{channel}/p{ts.replace('.', '')}{within}"


def target_of(place: Place) -> str:
    """Name a thread, for the block that holds the buttons about it; at most 255 characters."""
    return json.dumps([place.channel, place.thread or ""], separators=(",", ":"))


_INQUIRIES = frozenset(map(str, Inquiry))


def _says_how_its_channel_is(body: Mapping[str, Any]) -> bool:
    """Whether nothing has to be looked up to know whether the channel of something is private."""
    said = _event(body)
    kind = _text(said, "type")
    is_idle = kind in {"reaction_added", "reaction_removed"} and _emoji(said) not in APPROVALS
    return is_idle or kind in _COMINGS | _ENDS or bool(said.get("channel_type"))


def _emoji(said: Mapping[str, Any]) -> str:
    """Return what somebody reacted with, whatever the skin."""
    return _text(said, "reaction").partition("::")[0]


def _is_of_settings(body: Mapping[str, Any]) -> bool:
    """Whether somebody wants to see the settings of the channel in which they type."""
    word = _text(body, "text").strip().partition(" ")[0]
    return body.get("command") == BOT_COMMAND and word.casefold() == Inquiry.SETTINGS


def _channel_meant(body: Mapping[str, Any]) -> str:
    """Return the channel of which it has to be known whether it is private."""
    view = _object(body, "view")
    if view.get("callback_id") == modals.LISTENING:
        return modals.channel_of(view)
    action = next(_objects(body, "actions"), {})
    meant = read_target(_text(action, "block_id"))
    if meant is None:
        return channel_of(body)
    channel, thread = meant
    return _text(action, "selected_conversation") or _asked_from(thread) or channel


def _asked_from(thread: str | None) -> str | None:
    return thread.split(".")[1] if thread and thread.startswith(_ASKED_FROM) else None


def asked_from(thread: Place) -> str | None:
    """Return the channel in which somebody asked the bot alone; None when it was not in one."""
    return _asked_from(thread.thread)


def _mentioned(text: str) -> tuple[str, ...]:
    return mentions_in(text)[:_MOST_MENTIONED]


def _each_once(users: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(user for user in users if user))


def _texts_in(message: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the text files that came with a message, to be read."""
    wanted = (f for f in _objects(message, "files") if is_short_text(f) or is_to_be_found(f))
    return tuple(wanted)[:_MOST_FILES]


def is_to_be_found(file: Mapping[str, Any]) -> bool:
    """Whether a message names a file, and says nothing else of it.

    Source: https://docs.slack.dev/apis/slack-connect (files: "check_file_info")
    """
    return file.get("file_access") == "check_file_info" and bool(_text(file, "id"))


def is_short_text(file: Mapping[str, Any]) -> bool:
    """Whether a file is a text that is short enough to be read."""
    size = file.get("size")
    is_short = isinstance(size, int) and size <= LARGEST_FILE
    return is_short and _text(file, "mimetype").startswith("text/") and bool(_text(file, "id"))


def read_target(name: str) -> tuple[str, str | None] | None:
    """Return the channel and the thread that a block of buttons is about."""
    try:
        match json.loads(name):
            case [str(channel), str(thread), *_]:
                return channel, thread or None
    except ValueError:
        pass
    return None


def _is_bots(message: Mapping[str, Any], known: Known) -> bool:
    """Whether a bot wrote it: this one, or any other.

    What an app posts with a person's token is that person's: it names the app, and a `user` who
    is no bot.
    """
    user = _text(message, "user")
    if user in {known.bot, _SLACKBOT}:
        return True
    person = known.people.get(user)
    if not message.get("bot_id"):
        return person is not None and person.is_bot
    names_app = bool(message.get("app_id") or message.get("bot_profile"))
    return person is None or person.is_bot or not names_app


def _is_recording(file: Mapping[str, Any]) -> bool:
    return _text(file, "mimetype").startswith(_RECORDINGS)


def _is_picture(file: Mapping[str, Any]) -> bool:
    return _text(file, "mimetype").startswith(_PICTURE)


def _thread(message: Mapping[str, Any]) -> str | None:
    """Name the thread that a message is a reply in; the first message is in none."""
    thread = _text(message, "thread_ts")
    return thread if thread and thread != message.get("ts") else None


def is_direct(channel: str) -> bool:
    """Whether a channel is one person's with the bot alone."""
    return channel.startswith(("D", "@"))


def _event(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(body, "event")


def user_of(body: Mapping[str, Any]) -> str:
    """Return the id of the one whose words or doing something is."""
    said = _event(body)
    for holder in (said, _object(said, "message"), body):
        user = holder.get("user")
        if isinstance(user, str):
            return user
        if isinstance(user, Mapping) and _text(user, "id"):
            return _text(user, "id")
    return _text(body, "user_id")


def channel_of(body: Mapping[str, Any]) -> str:
    """Return the id of the channel that something is about."""
    said = _event(body)
    for holder in (said, _object(said, "item"), _object(body, "container"), body):
        for name in ("channel", "channel_id"):
            channel = holder.get(name)
            if isinstance(channel, str) and channel:
                return channel
            if isinstance(channel, Mapping) and _text(channel, "id"):
                return _text(channel, "id")
    return ""


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}


def _objects(holder: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    values = holder.get(name)
    if isinstance(values, Sequence) and not isinstance(values, str):
        yield from (value for value in values if isinstance(value, Mapping))
