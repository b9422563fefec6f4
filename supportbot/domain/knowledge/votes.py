"""What members say of the matches that were shown to them: did they help?"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
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
    by: str = ""
    """Who said so; one who is not known counts as somebody else each time."""


ASSURED_BY = 3
"""Different people who must have said that a document helped, for it to be assured."""
_TO_ONE = 3
"""So many of them must there be to each who said that it did not."""


def assured(votes: Iterable[Vote], person: Callable[[str], str]) -> frozenset[str]:
    """Find which documents the group's own votes have assured: by different people, each once.

    Args:
        votes: On these documents, in any order; of somebody's several, the last one counts.
        person: Names the person whose identity a member is.
    """
    said: dict[str, dict[str, bool]] = defaultdict(dict)
    for vote in sorted(votes, key=lambda vote: vote.voted_at):
        said[vote.document_id][person(vote.member_id)] = vote.has_helped
    return frozenset(
        document_id
        for document_id, by in said.items()
        if (helped := sum(by.values())) >= ASSURED_BY and helped >= _TO_ONE * (len(by) - helped)
    )


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
