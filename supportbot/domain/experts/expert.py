"""People who may be asked."""

from dataclasses import dataclass
from datetime import datetime

from supportbot.domain.chat.members import Author
from supportbot.domain.language.texts import Said


@dataclass(frozen=True, slots=True)
class Expert:
    """A member who may be asked, with what speaks for them on one question."""

    author: Author
    topic: str = ""
    """The declared topic that is nearest to the question."""
    topic_similarity: float = 0.0
    """Cosine of that topic and the question, -1 to 1."""
    answers: tuple[tuple[float, datetime | None], ...] = ()
    """Accepted answers to near questions: cosine, and when they were given."""
    named_by: str = ""
    """Who said to ask them, when passing a question like this one on."""


@dataclass(frozen=True, slots=True)
class Referral:
    """Asking one expert, with the reason as it is told to them: `you listed: ledger`."""

    expert: Author
    reason: Said
