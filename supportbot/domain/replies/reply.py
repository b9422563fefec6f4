"""What the bot says, before a platform gives it a look."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place
from supportbot.domain.experts.availability import Availability
from supportbot.domain.knowledge.documents import DOCUMENTS
from supportbot.domain.language.catalogue import words
from supportbot.domain.language.texts import Said, mentioned_in, unmentioned


class Action(StrEnum):
    """What a reader may press under a reply."""

    SOLVED = "solved"
    REJECT = "reject"
    """Under matches: "Not what I meant"."""
    PERSON = "person"
    """The same: "Ask a person"."""
    SHARE = "share"
    """Under what only one person sees: "Ask the group"."""
    FIND = "find"
    """Under an offer: "Yes, find somebody"."""
    CLAIM = "take"
    """Under what asks people: "I'll take it"."""
    PASS = "pass"  # noqa: S105 - no password
    """The same: "Not me", a menu of the three ways that `NOT_ME` names."""
    PASS_TO = "to"  # noqa: S105 - no password
    """In that menu: pass the question on. Under a reply: choose to whom."""
    REFUSE = "refuse"
    """In that menu: not their topic."""


NOT_ME = (Action.PASS, Action.PASS_TO, Action.REFUSE)
"""What the menu "Not me" offers."""
ABOUT_MATCHES = frozenset({Action.SOLVED, Action.REJECT, Action.PERSON})
"""What is pressed about the matches that a reply shows, whoever else is asked."""
PRIMARY = frozenset({Action.SOLVED, Action.FIND, Action.SHARE, Action.CLAIM})
"""What most people want to press."""
THE_BOTS_OWN = "own"
"""In a choice: what the bot itself has shown."""


def label_of(action: Action) -> str:
    """Return what stands on a button."""
    return words(f"press.{action}")


def ways_of_not_me() -> dict[str, str]:
    """Return what the menu "Not me" offers, by action."""
    return {str(action): words(f"press.not_me_{action}") for action in NOT_ME}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that may have solved a question."""

    message_id: str
    """The platform's id of the reply, or `THE_BOTS_OWN`."""
    label: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, with who said them, when and where. Always shown as a quotation."""

    text: str
    title: str
    author: str
    said_at: datetime | None
    url: str
    confidence: float
    """Probability that this helps, 0 to 1."""
    document_id: str = ""
    """What is quoted. Looked at again when the message leaves: it may be gone by then."""
    chance: float | None = None
    """The confidence before the community's votes corrected it, to be judged by later ones."""
    model: str = ""
    """The embedding model that the chance belongs to."""
    reason: str = ""
    """Why it was found, in a few words."""
    is_introduced: bool = False
    """The sentence before it says already who said it, and when."""

    @property
    def is_document(self) -> bool:
        """Whether it is the group's own document, in Markdown, rather than somebody's message."""
        return self.document_id.startswith(f"{DOCUMENTS}:")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that the bot passes on, in the words of the one who asked it."""

    asker: Author
    text: str
    url: str = ""
    """Where it was asked."""
    asked_here_at: datetime | None = None
    """When they let the bot ask it with this very message: once posted, it is their question."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, in the bot's words."""

    text: Said
    url: str = ""
    about: Place | None = None
    """The thread of a question: its first words come before, read anew when the message leaves."""
    asked: str = ""
    """These words."""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """Lets the reader change how they are asked."""

    availability: Availability
    """As it is now."""
    kind: Literal["profile"] = "profile"


@dataclass(frozen=True, slots=True)
class ListeningForm:
    """Lets the reader change to what the bot listens in a channel."""

    channel: Place
    listening: Listening
    """As it is now."""
    kind: Literal["listening"] = "listening"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page."""

    title: str
    text: Said = ""
    """Comes before the lines."""
    lines: tuple[Line, ...] = ()
    form: ProfileForm | ListeningForm | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """More than a sentence or two, for one reader."""

    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of the bot: its own words, what was asked, quotes, then its last words."""

    text: Said
    quotes: tuple[Quote, ...] = ()
    closing: Said = ""
    actions: tuple[Action, ...] = ()
    choices: tuple[Choice, ...] = ()
    """What `Action.SOLVED` may confirm: one is a button, several are a menu. With none, it confirms
    what the message itself shows."""
    asked: Asked | None = None
    """Shown between its own words and the quotes."""
    page: Page | None = None
    """Shown after its own words."""
    is_solved: bool = False
    """It says that the question of its thread is solved, where a platform can mark it."""

    @property
    def mentions(self) -> tuple[Author, ...]:
        """The only people whom the message may notify: those whom its sentences mention."""
        return mentioned_in(self.text, self.closing)


def without_notifying(reply: Reply, member_ids: Collection[str]) -> Reply:
    """Return a reply that still names these members, and does not notify them."""
    text, closing = unmentioned(reply.text, member_ids), unmentioned(reply.closing, member_ids)
    return replace(reply, text=text, closing=closing)


@dataclass(frozen=True, slots=True)
class After:
    """Another message, which has to be there before one is said."""

    message_id: str
    place: Place
    """Where the other is said, for a link to it."""
    otherwise: Reply
    """What is said as soon as the other cannot be delivered for good."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Who alone sees a message, and which event of theirs it replies to."""

    member: Author
    event_id: str


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A reply on its way. Its id stays the same over attempts, so that a platform can tell."""

    id: str
    place: Place
    reply: Reply
    about: Place | None = None
    """The question that it tells elsewhere: its buttons are about that thread. Where there is no
    such question any more, it is not said."""
    slot: str = ""
    """Of the messages of one thread and slot only the newest is shown, where a platform can."""
    after: After | None = None
    """It tells that another message is there, and is said only then."""
    replaces: str = ""
    """The platform's id of what it takes the place of, found when it leaves."""
    leaves: tuple[Action, ...] | None = None
    """It says nothing: it takes the buttons off the message that it `replaces`, but for these."""
    alone: Alone | None = None
    """Shown in `place` to this member and to nobody else, under what they have just pressed where
    the platform can. It concerns only them."""
