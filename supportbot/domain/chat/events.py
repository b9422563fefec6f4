"""What happens on a platform, in the core's words. Adapters make these, handlers take them."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """Somebody wrote a message. `event_id` is the same however often it is delivered."""

    event_id: str
    place: Place
    message_id: str
    author: Author
    text: str
    posted_at: datetime
    url: str = ""
    is_addressed: bool = False
    """The bot was mentioned or written to directly."""
    is_late: bool = False
    """It was said while the bot was away, and people have replied to it since."""
    pictures: int = 0
    """How many pictures came with it. Nobody reads those."""
    recordings: int = 0
    """How many voice messages, other recordings and films. Nobody listens to those."""
    files: int = 0
    """How many other files that are not read. Their names stand in the text as `[file: name]`."""
    mentions: tuple[Author, ...] = ()
    """The people whom it names, without the bot."""
    is_command: bool = False
    """It was typed as a command to the bot alone: whoever typed it is always told something."""
    is_broadcast: bool = False
    """It stands in a thread, and its author has shown it to the whole channel as well."""
    kind: Literal["message_posted"] = "message_posted"


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """Somebody changed what they had written. What was learned from it follows.

    An edit that makes a call of what was none, such as one that adds a mention of the bot, is
    heard as if the message had been posted so.
    """

    event_id: str
    place: Place
    message_id: str
    author: Author
    text: str
    edited_at: datetime
    posted_at: datetime | None = None
    """When it was posted, where the platform says so."""
    url: str = ""
    is_addressed: bool = False
    """It mentions the bot as it reads now, or was written to it directly."""
    mentions: tuple[Author, ...] = ()
    """The people whom it names now, without the bot."""
    kind: Literal["message_edited"] = "message_edited"


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message is gone, and everything that was learned from it goes too."""

    event_id: str
    place: Place
    message_id: str
    deleted_at: datetime
    kind: Literal["message_deleted"] = "message_deleted"


@dataclass(frozen=True, slots=True)
class PlaceDeleted:
    """A thread is gone, or a whole channel when `place` has no thread."""

    event_id: str
    place: Place
    deleted_at: datetime
    kind: Literal["place_deleted"] = "place_deleted"


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """A private channel was opened, or an open one closed: `place.is_private` says which."""

    event_id: str
    place: Place
    changed_at: datetime
    kind: Literal["place_changed"] = "place_changed"


@dataclass(frozen=True, slots=True)
class ChannelsListed:
    """The platform said which channels of a workspace are open; all others are closed.

    `place` is the workspace. What was opened or closed while nobody listened is known by this.
    """

    event_id: str
    place: Place
    open: tuple[str, ...]
    """Ids of the channels that everybody may see."""
    listed_at: datetime
    shared: tuple[str, ...] = ()
    """Ids of those that people outside of the community see too."""
    kind: Literal["channels_listed"] = "channels_listed"


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """A person left a channel, or the whole workspace when `place.channel` is empty."""

    event_id: str
    place: Place
    author: Author
    left_at: datetime
    kind: Literal["member_left"] = "member_left"


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """A person came, or came back, to a channel or a workspace."""

    event_id: str
    place: Place
    author: Author
    joined_at: datetime
    kind: Literal["member_joined"] = "member_joined"


@dataclass(frozen=True, slots=True)
class AnswerAccepted:
    """Somebody pressed "This solved it" in a question's thread, or marked a message with ✅.

    A press confirms what the button stands under.
    """

    event_id: str
    place: Place
    author: Author
    accepted_at: datetime
    message_id: str = ""
    """The reply that was meant; empty when it was what the bot itself has shown.

    Where the platform does not say in which thread that is, `place` has none.
    """
    is_reaction: bool = False
    """It was a ✅ on that message, not a button: members use it among themselves as well."""
    kind: Literal["answer_accepted"] = "answer_accepted"


@dataclass(frozen=True, slots=True)
class MarkTakenBack:
    """Somebody took back the ✅ with which they had marked a message."""

    event_id: str
    place: Place
    author: Author
    taken_back_at: datetime
    message_id: str
    """What had been marked. Where that is no thread's first message, `place` need not say which."""
    mark_id: str
    """Id of the event with which it was marked: it may come again."""
    kind: Literal["mark_taken_back"] = "mark_taken_back"


@dataclass(frozen=True, slots=True)
class AskingEnded:
    """Nobody else is to be asked about what is open in a place.

    People closed the thread, or the bot was sent out of the channel (`place` without a thread) or
    of the whole workspace (without a channel). What was learned there stays, and an answer may
    still be accepted.
    """

    event_id: str
    place: Place
    ended_at: datetime
    kind: Literal["asking_ended"] = "asking_ended"


@dataclass(frozen=True, slots=True)
class AnswerReviewed:
    """A maintainer decided about an answer that waited. `place` is the question's thread."""

    event_id: str
    place: Place
    message_id: str
    author: Author
    is_accepted: bool
    reviewed_at: datetime
    text: str = ""
    """What it is to say from now on; empty when it stays as it is."""
    standings: tuple[str, ...] = ("waiting",)
    """How the answer stood that the maintainer looked at: one of these `Standing`s."""
    seen: str = ""
    """What it said when they looked; empty when that is not known. Other words are not approved."""
    is_about_edit: bool = False
    """They looked at what its author has made of it since it was approved."""
    kind: Literal["answer_reviewed"] = "answer_reviewed"


@dataclass(frozen=True, slots=True)
class ForgetRequested:
    """A person wants everything forgotten that is held about them, up to this moment."""

    event_id: str
    place: Place
    author: Author
    requested_at: datetime
    kind: Literal["forget_requested"] = "forget_requested"


@dataclass(frozen=True, slots=True)
class HelpRequested:
    """Somebody pressed "Yes, find somebody", or "Ask a person". `place` is the thread."""

    event_id: str
    place: Place
    author: Author
    requested_at: datetime
    kind: Literal["help_requested"] = "help_requested"


@dataclass(frozen=True, slots=True)
class AnswerRejected:
    """Somebody pressed "Not what I meant" under matches. `place` is the question's thread."""

    event_id: str
    place: Place
    author: Author
    rejected_at: datetime
    kind: Literal["answer_rejected"] = "answer_rejected"


@dataclass(frozen=True, slots=True)
class QuestionShared:
    """Somebody who asked the bot alone pressed "Ask the group". `place` is that thread."""

    event_id: str
    place: Place
    author: Author
    to: Place
    """The channel in which it is to be asked."""
    shared_at: datetime
    kind: Literal["question_shared"] = "question_shared"


@dataclass(frozen=True, slots=True)
class ChannelConfigured:
    """Somebody chose what the bot listens to in a channel."""

    event_id: str
    place: Place
    author: Author
    listening: Listening
    configured_at: datetime
    kind: Literal["channel_configured"] = "channel_configured"


@dataclass(frozen=True, slots=True)
class QuestionClaimed:
    """Somebody pressed "I'll take it". `place` is the question's thread."""

    event_id: str
    place: Place
    author: Author
    claimed_at: datetime
    kind: Literal["question_claimed"] = "question_claimed"


@dataclass(frozen=True, slots=True)
class QuestionPassed:
    """One who was asked said "Not me", and perhaps whom to ask instead."""

    event_id: str
    place: Place
    author: Author
    passed_at: datetime
    to: Author | None = None
    is_choosing: bool = False
    """They want to pass it to somebody in particular, and are to be asked to whom."""
    kind: Literal["question_passed"] = "question_passed"


@dataclass(frozen=True, slots=True)
class TopicRefused:
    """One who was asked said "Not my topic". `place` is the question's thread."""

    event_id: str
    place: Place
    author: Author
    refused_at: datetime
    kind: Literal["topic_refused"] = "topic_refused"


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """A person said when, how often or about what they may be asked. `place` is for the reply."""

    event_id: str
    place: Place
    author: Author
    text: str
    """Such as `budget 3`, in words that `domain/availability` reads; empty asks how it stands."""
    changed_at: datetime
    kind: Literal["profile_changed"] = "profile_changed"


@dataclass(frozen=True, slots=True)
class LinkRequested:
    """A person wants to be one with themselves on another platform. `place` is for the reply."""

    event_id: str
    place: Place
    author: Author
    text: str
    """The code that they were given on the other; empty asks for one, and `off` ends it."""
    requested_at: datetime
    kind: Literal["link_requested"] = "link_requested"


class Inquiry(StrEnum):
    """What somebody wants to see, and nobody else hears of."""

    HOME = "home"
    """Their own page: what they asked, what waits for them, and whom they have helped."""
    EXPERTS = "experts"
    """Who knows about a topic."""
    HELP = "help"
    UNANSWERED = "unanswered"
    """For maintainers: the open questions that nobody has answered."""
    ASIDE = "aside"
    """For maintainers: what could not be handled or delivered."""
    SETTINGS = "settings"
    """For maintainers: to what the bot listens in a channel."""
    REVIEW = "review"
    """For maintainers: take back, restore or correct the answer to which a link leads."""


@dataclass(frozen=True, slots=True)
class Inquired:
    """Somebody wants to see something. `place` is for the reply: theirs with the bot alone."""

    event_id: str
    place: Place
    author: Author
    about: Inquiry
    inquired_at: datetime
    text: str = ""
    """The topic; for help, what is typed before each word, such as `/`."""
    channel: Place | None = None
    """The channel whose settings are meant."""
    kind: Literal["inquired"] = "inquired"


@dataclass(frozen=True, slots=True)
class QuestionDue:
    """By the clock: something is due for a question. `place` is its thread.

    It says nothing of anybody. What is due is looked up again when it is handled.
    """

    event_id: str
    place: Place
    move: str
    """A `Move` of the ladder."""
    since: datetime
    """When anything about the question had changed last: a later change makes it undue."""
    due_at: datetime
    kind: Literal["question_due"] = "question_due"


Event = (
    MessagePosted
    | MessageEdited
    | MessageDeleted
    | PlaceDeleted
    | PlaceChanged
    | ChannelsListed
    | MemberLeft
    | MemberJoined
    | AnswerAccepted
    | MarkTakenBack
    | AskingEnded
    | AnswerRejected
    | AnswerReviewed
    | ForgetRequested
    | HelpRequested
    | QuestionShared
    | ChannelConfigured
    | QuestionClaimed
    | QuestionPassed
    | TopicRefused
    | ProfileChanged
    | Inquired
    | LinkRequested
    | QuestionDue
)


def moment_of(event: Event) -> datetime:
    """Return when an event happened, by the platform's clock."""
    field = _MOMENTS[event.kind]
    moment: datetime = getattr(event, field)
    return moment


def author_of(event: Event) -> Author | None:
    """Say whose words or doing an event is; None when it is nobody's."""
    match event:
        case MessageDeleted() | PlaceDeleted() | PlaceChanged() | ChannelsListed():
            return None
        case AskingEnded() | QuestionDue():
            return None
        case _:
            return event.author


def with_roles_held_there(event: Event) -> Event:
    """Return an event whose author has only the roles that count where it happened.

    An administrator of one workspace is nobody in particular in another one of the same group.
    """
    author = author_of(event)
    if author is None or author.held_in in {"", event.place.workspace} or not event.place.workspace:
        return event
    return replace(event, author=replace(author, roles=()))  # type: ignore[arg-type]  # all that have one


def from_outside(event: Event) -> Event:
    """Return an event as done by somebody who is no member of the community."""
    author = author_of(event)
    if author is None:
        return event
    return replace(event, author=replace(author, is_outsider=True))  # type: ignore[arg-type]  # all that have one


def message_key_of(event: Event) -> str:
    """Name the message that an event is about, or the place that is gone; empty for all else."""
    match event:
        case PlaceDeleted():
            return event.place.key if event.place.thread else event.place.channel_key
        case MessagePosted() | MessageEdited() | MessageDeleted() | AnswerReviewed():
            return event.place.message_key(event.message_id)
        case _:
            return ""


_MOMENTS = {
    "message_posted": "posted_at",
    "message_edited": "edited_at",
    "message_deleted": "deleted_at",
    "place_deleted": "deleted_at",
    "place_changed": "changed_at",
    "channels_listed": "listed_at",
    "member_left": "left_at",
    "member_joined": "joined_at",
    "answer_accepted": "accepted_at",
    "mark_taken_back": "taken_back_at",
    "asking_ended": "ended_at",
    "answer_rejected": "rejected_at",
    "answer_reviewed": "reviewed_at",
    "forget_requested": "requested_at",
    "help_requested": "requested_at",
    "question_shared": "shared_at",
    "channel_configured": "configured_at",
    "question_claimed": "claimed_at",
    "question_passed": "passed_at",
    "topic_refused": "refused_at",
    "profile_changed": "changed_at",
    "inquired": "inquired_at",
    "link_requested": "requested_at",
    "question_due": "due_at",
}
