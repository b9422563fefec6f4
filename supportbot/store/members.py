"""Members, as far as rows know them: who they are, and what is held about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from supportbot.domain.availability import Availability
from supportbot.domain.events import Author, Event
from supportbot.domain.ladder import Ask
from supportbot.domain.questions import Answer, Question
from supportbot.domain.votes import Vote
from supportbot.store import (
    asks,
    conversations,
    identities,
    inbox,
    knowledge,
    messages,
    profiles,
    receipts,
    tombstones,
    votes,
)
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.knowledge import FoundDocument
from supportbot.store.statements import connection_of


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that is held about one member."""

    member_id: str
    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]
    documents: tuple[FoundDocument, ...]
    """What is shown to others with the member's name."""
    events: Sequence[Event]
    """What came in lately, and is dropped some days after it was handled."""
    asked_to_help_with: tuple[str, ...]
    """Ids of the questions in whose threads the member was asked."""
    forgotten_at: datetime | None
    """Until when everything was forgotten."""
    asks: tuple[Ask, ...] = ()
    """When the member was asked, and what became of it."""
    availability: Availability | None = None
    """What the member has said about being asked."""
    shown: int = 0
    """How many answers were shown to the member, or of the member's to others: which, and when."""
    wants_receipts: bool = True
    """Whether the member wants to hear whom their answers helped."""
    also: tuple[str, ...] = ()
    """The member's other identities, each with what is held about it."""
    messages: int = 0
    """How many messages are noted: where and when they were said, and not what."""
    votes: tuple[Vote, ...] = ()
    """Whether what was shown has helped, as the member said."""


def find_members(tx: Session, community_id: str, name: str) -> list[Author]:
    """Find members by their id, or by the name that people read; in the order of their ids."""
    asked = select(QuestionRow.asker).where(QuestionRow.community_id == community_id)
    answered = select(AnswerRow.author).where(AnswerRow.community_id == community_id)
    known = [author for query in (asked, answered) for author in tx.exec(query)]
    known.extend(profile.author for profile in profiles.everybody(tx, community_id))
    known.extend(ask.author for ask in asks.asks_of(tx, community_id, name))
    found = {a.member_id: a for a in known if a.user_id}
    return [
        found[id_]
        for id_ in sorted(found)
        if name == id_ or name.casefold() == found[id_].name.casefold()
    ]


def names_of(tx: Session, community_id: str, member_ids: Collection[str]) -> dict[str, str]:
    """Say what people call members, by the last answer or question of each that is held."""
    if not member_ids:
        return {}
    names = {}
    for member_id in member_ids:
        key = {"community_id": community_id, "member_id": member_id}
        author = connection_of(tx).scalar(_LAST_ANSWERER, key)
        author = author or connection_of(tx).scalar(_LAST_ASKER, key)
        if author is not None:
            names[member_id] = author.name
    return names


_LAST_ANSWERER = (
    select_columns(col(AnswerRow.author))
    .where(
        col(AnswerRow.community_id) == bindparam("community_id"),
        col(AnswerRow.author_id) == bindparam("member_id"),
    )
    .order_by(col(AnswerRow.said_at).desc())
    .limit(1)
)
_LAST_ASKER = (
    select_columns(col(QuestionRow.asker))
    .where(
        col(QuestionRow.community_id) == bindparam("community_id"),
        col(QuestionRow.asker_id) == bindparam("member_id"),
    )
    .order_by(col(QuestionRow.asked_at).desc())
    .limit(1)
)


def holdings_of(tx: Session, community_id: str, member_id: str) -> Holdings:
    """Gather everything that is held about a member."""
    put_to = conversations.questions_put_to(tx, community_id, member_id)
    return Holdings(
        member_id=member_id,
        questions=conversations.questions_by(tx, community_id, member_id),
        answers=conversations.answers_by(tx, community_id, member_id),
        documents=knowledge.documents_by(tx, community_id, member_id),
        events=inbox.events_of(tx, community_id, member_id),
        asked_to_help_with=tuple(question.id for question in put_to),
        asks=tuple(asks.asks_of(tx, community_id, member_id)),
        availability=profiles.find(tx, community_id, member_id),
        shown=receipts.count_about(tx, community_id, member_id),
        wants_receipts=profiles.availability_of(tx, community_id, member_id).receipts,
        also=tuple(
            id_
            for id_ in identities.persons(tx, community_id).members(member_id)
            if id_ != member_id
        ),
        messages=messages.count_by(tx, community_id, member_id),
        votes=votes.votes_by(tx, community_id, member_id),
        forgotten_at=tombstones.forgotten_at(tx, community_id, member_id),
    )
