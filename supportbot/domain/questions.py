"""Questions that members asked, and the answers that people gave."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supportbot.domain.events import Author
from supportbot.domain.places import Place


class QuestionState(StrEnum):
    """How far a question has come."""

    ANSWERED = "answered"
    """Matches were shown that are likely to help."""
    ROUTED = "routed"
    """People were asked."""
    RESOLVED = "resolved"
    """The asker, or a maintainer, accepted an answer."""


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
class Answer:
    """A person's reply in the question's thread."""

    id: str
    question_id: str
    author: Author
    text: str
    said_at: datetime
    url: str
    is_accepted: bool = False
