"""Whom an answer helped: counted from what was shown and solved, and told to its author alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from supportbot.domain.chat.members import Author

MOST_ANSWERS = 3
"""Answers that one note names."""


@dataclass(frozen=True, slots=True)
class Showing:
    """That a past answer, or a document, was quoted in the reply to somebody's question."""

    document_id: str
    question_id: str
    author: Author
    """Whose answer it is, or who owns the document."""
    workspace: str
    """Where the author gave it; for a document, where it was asked for."""
    said_at: datetime
    url: str
    asker_id: str
    elsewhere: str
    """Key of the asker's workspace, where it is another one than the answer's."""
    has_helped: bool
    """The asker said that it was solved, and no person's answer was accepted."""
    is_told: bool
    """Whether the author has heard of it."""
    title: str = ""
    """Of a document of the group's own; empty for an answer."""


@dataclass(frozen=True, slots=True)
class HelpfulAnswer:
    """An answer that has helped somebody of whom its author has not heard."""

    said_at: datetime
    url: str
    helped: int
    """People whom it has helped so far; the author is none of them."""
    newly: int
    """Those of them of whom the author has not heard."""
    elsewhere: int
    """Those of them who asked in another workspace."""
    workspaces: int
    """How many other workspaces these are."""
    shown: int
    """People to whom it was shown so far, whether it helped or not."""
    title: str = ""
    """Of a document of the group's own; empty for an answer."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one author is told: the answers that helped most come first."""

    author: Author
    workspace: str
    answers: tuple[HelpfulAnswer, ...]


def receipts_of(showings: Iterable[Showing]) -> list[Receipt]:
    """Return who is to hear of what; those whose answers helped nobody new hear nothing."""
    by_author: dict[str, dict[str, list[Showing]]] = {}
    for one in showings:
        if one.asker_id not in {"", one.author.member_id}:
            answers = by_author.setdefault(one.author.member_id, {})
            answers.setdefault(one.document_id, []).append(one)
    found = []
    for answers in by_author.values():
        counted = [_count(shown) for shown in answers.values()]
        helpful = [answer for answer in counted if answer.newly]
        if helpful:
            latest = max((one for shown in answers.values() for one in shown), key=_moment)
            helpful.sort(key=lambda answer: (-answer.newly, -answer.helped, answer.said_at))
            found.append(Receipt(latest.author, latest.workspace, tuple(helpful)))
    return sorted(found, key=lambda receipt: receipt.author.member_id)


def week_of(moment: date) -> str:
    """Name a week, such as `2026-W47`."""
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def _count(shown: list[Showing]) -> HelpfulAnswer:
    helped = {one.asker_id for one in shown if one.has_helped}
    known = {one.asker_id for one in shown if one.has_helped and one.is_told}
    away = [one for one in shown if one.has_helped and one.elsewhere]
    return HelpfulAnswer(
        said_at=shown[0].said_at,
        url=shown[0].url,
        helped=len(helped),
        newly=len(helped - known),
        elsewhere=len({one.asker_id for one in away}),
        workspaces=len({one.elsewhere for one in away}),
        shown=len({one.asker_id for one in shown}),
        title=shown[0].title,
    )


def _moment(showing: Showing) -> tuple[datetime, str]:
    return showing.said_at, showing.document_id
