"""What an event leads to, before the worker stores it."""

from dataclasses import dataclass
from datetime import datetime

from supportbot.domain.chat.events import (
    AskingEnded,
    ChannelConfigured,
    Event,
    ForgetRequested,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessagePosted,
    PlaceDeleted,
    author_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Part, Question, reply_id
from supportbot.domain.experts.ladder import Ask, Reached
from supportbot.domain.experts.profile import Profile
from supportbot.domain.knowledge.decision import DecisionKind
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.votes import Vote
from supportbot.domain.replies.reply import Alone, OutgoingMessage, Reply


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A mark does not count any more."""

    mark_id: str
    """Id of the event that it came as."""
    member_id: str
    """Whose mark it was."""
    question: Question | None = None
    """What it had solved, and is open again."""
    answer: Answer | None = None
    """What it had accepted, as it stands from now on."""


Effect = (
    MessageDeleted
    | PlaceDeleted
    | MemberLeft
    | MemberJoined
    | ForgetRequested
    | ChannelConfigured
    | TakenBack
    | AskingEnded
)
"""An event that what is stored has to follow."""


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A code that somebody was given, as far as it is kept."""

    author: Author
    code_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """Two identities are one person's."""

    author: Author
    other: Author


@dataclass(frozen=True, slots=True)
class Parted:
    """An identity stands for itself again."""

    author: Author


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event leads to: stored together, or not at all. The effect comes first."""

    effect: Effect | None = None
    question: Question | None = None
    answers: tuple[Answer, ...] = ()
    documents: tuple[Document, ...] = ()
    messages: tuple[OutgoingMessage, ...] = ()
    asks: tuple[Ask, ...] = ()
    reached: tuple[Reached, ...] = ()
    profile: Profile | None = None
    parts: tuple[Part, ...] = ()
    """What the question is made of; empty where that stays, or is its thread's first message."""
    linked: LinkCode | Joined | Parted | None = None
    decision: DecisionKind | None = None
    """What was decided about a new question."""
    votes: tuple[Vote, ...] = ()
    """What somebody said of what was shown."""
    heard_again: tuple[MessagePosted, ...] = ()
    """Messages to be handled anew, as they read now: an edit or a deletion made calls of them."""
    unlearned: tuple[str, ...] = ()
    """Ids of documents that are not knowledge any more."""
    asks_anew: bool = False
    """Somebody else is asked instead, so those who were asked before have nothing left to press."""


def saying_alone(event: Event, reply: Reply) -> Outcome:
    """Reply to what a member did, so that they alone see it. Of nobody's doing, nothing is said."""
    member = author_of(event)
    if member is None:
        return Outcome()
    alone = Alone(member, event.event_id)
    return Outcome(
        messages=(OutgoingMessage(reply_id(event.event_id), event.place, reply, alone=alone),)
    )


def saying(cause: str, place: Place, reply: Reply, *, slot: str = "") -> Outcome:
    """Reply to a question (named by its id) or to an event, with the same id each time."""
    return Outcome(messages=(OutgoingMessage(reply_id(cause), place, reply, slot=slot),))
