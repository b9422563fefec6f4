"""What "not me, ask Paul" teaches: who knows, and who does not, about questions like that one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from supportbot.domain.chat.members import Author

LEAST_LIKENESS = 0.2
"""Likeness by words under which a question that was passed on says nothing about another. Of 20,000
pairs of questions drawn by chance from each of three exports, one in a thousand was above it."""
REMEMBERED = timedelta(days=180)
"""How long it counts that somebody was named: what people do changes."""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """That one who was asked said "not me", and whom to ask instead."""

    question: str
    by: Author
    to_id: str
    """Member id of the one who was named."""
    was_right: bool
    """The one who was named then answered."""


def evidence_of(passed: Iterable[tuple[PassedOn, float]]) -> dict[str, float]:
    """Return the log-odds that being named adds, and naming somebody else takes, by member id.

    Of several, the strongest counts: who is named often is not asked about everything.

    Args:
        passed: Each with the likeness of its question to the one that is asked, 0 to 1.
    """
    speaks_for: dict[str, float] = {}
    against: dict[str, float] = {}
    for one, likeness in passed:
        worth = _NAMED * max(0.0, likeness - LEAST_LIKENESS) * (_RIGHT if one.was_right else 1.0)
        speaks_for[one.to_id] = max(worth, speaks_for.get(one.to_id, 0.0))
        against[one.by.member_id] = max(worth, against.get(one.by.member_id, 0.0))
    return {
        member_id: speaks_for.get(member_id, 0.0) - against.get(member_id, 0.0)
        for member_id in {*speaks_for, *against}
    }


def named_by(passed: Iterable[tuple[PassedOn, float]]) -> dict[str, Author]:
    """Return who named each person for a question like this one; for the most similar question."""
    found: dict[str, tuple[float, Author]] = {}
    for one, likeness in passed:
        nearest, _ = found.get(one.to_id, (LEAST_LIKENESS, one.by))
        if likeness > nearest:
            found[one.to_id] = (likeness, one.by)
    return {member_id: by for member_id, (_, by) in found.items()}


_NAMED = 3.75
"""Log-odds for each 1 of likeness above `LEAST_LIKENESS`. Questions on one matter are alike by
around 0.35: that multiplies the odds by 1.8, and by 2.3 for one who then answered. The most it can
be, for the very same words, is 3.0 and 4.5: as much as the most of a declared topic. Chosen, not
fitted: no export says who was named by whom."""
_RIGHT = 1.5
