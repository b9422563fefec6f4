"""What members say of the matches that were shown to them: did they help?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """One member's word on one match that was shown for a question."""

    question_id: str
    document_id: str
    member_id: str
    has_helped: bool
    voted_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the match that was shown first for a question. Numbers only."""

    chance: float
    """The probability, 0 to 1, that the shipped calibration gave it."""
    has_helped: bool


def confirm(
    question_id: str, shown: Sequence[str], member_id: str, voted_at: datetime
) -> tuple[Vote, ...]:
    """Say that what was shown has helped: the likeliest of it, since nobody says which.

    Args:
        question_id: For which it was shown.
        shown: Ids of the documents, likeliest first.
        member_id: Who says so.
        voted_at: When.
    """
    return tuple(Vote(question_id, id_, member_id, True, voted_at) for id_ in shown[:1])  # noqa: FBT003 - it has helped


def reject(
    question_id: str, shown: Sequence[str], member_id: str, voted_at: datetime
) -> tuple[Vote, ...]:
    """Say that nothing of what was shown has helped."""
    return tuple(Vote(question_id, id_, member_id, False, voted_at) for id_ in shown)  # noqa: FBT003 - it has not
