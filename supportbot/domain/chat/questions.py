"""Questions that members asked, and the answers that people gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place


class QuestionState(StrEnum):
    """How far a question has come."""

    ANSWERED = "answered"
    """Matches were shown that are likely to help."""
    ROUTED = "routed"
    """People were asked."""
    RESOLVED = "resolved"
    """The asker, or a maintainer, accepted an answer."""
    EXPIRED = "expired"
    """Nobody answered for so long that nobody is asked any more."""
    PAST = "past"
    """It was asked before the bot came; nobody waits for it."""


CLOSED = frozenset({QuestionState.RESOLVED, QuestionState.EXPIRED})
"""Nobody is asked any more."""


class Standing(StrEnum):
    """What became of an answer."""

    GIVEN = "given"
    """It stands in its thread, and nothing was decided about it."""
    WAITING = "waiting"
    """Somebody has to look at it before it may be shown to others."""
    KNOWLEDGE = "knowledge"
    """It is shown to those who ask the same."""
    DROPPED = "dropped"
    """A maintainer decided that it is not to be shown."""


def reply_id(cause: str) -> str:
    """Name the bot's reply to a question (by its first message) or to an event, in the outbox."""
    return f"{cause}/reply"


def shared_id(message_key: str) -> str:
    """Name the message in which the bot asks the group what somebody had asked it alone."""
    return f"{message_key}/shared"


@dataclass(frozen=True, slots=True)
class Question:
    """What a member asked. `place` is its thread."""

    place: Place
    asker: Author
    text: str
    asked_at: datetime
    url: str
    state: QuestionState
    confidence: float
    experts: tuple[str, ...] = ()
    """Member ids of those who were asked."""

    @property
    def id(self) -> str:
        """Name the question within its community: by its thread."""
        return self.place.key


@dataclass(frozen=True, slots=True)
class Part:
    """One of the messages in which somebody wrote a question."""

    message_key: str
    text: str
    said_at: datetime


def text_of(parts: Sequence[Part]) -> str:
    """Return a question as one text: its parts, a line each."""
    return "\n".join(part.text for part in parts)


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's reply in the question's thread."""

    id: str
    question_id: str
    author: Author
    text: str
    said_at: datetime
    url: str
    is_accepted: bool = False
    standing: Standing = Standing.GIVEN
    reason: str = ""
    """Why it waits, in words for a maintainer."""
    approved: str = ""
    """The words that were approved, where small edits have changed them since."""
    proposed: str = ""
    """What its author has made of it since: shown once somebody has looked at it."""
    is_reworded: bool = False
    """A maintainer has worded it."""
    asked_as: str = ""
    """Fingerprint of the question for which it was approved."""
    from_history: bool = False
    """It came in with an export, and nobody has confirmed it since."""

    @property
    def approved_words(self) -> str:
        """The words that were approved."""
        return self.approved or self.text
