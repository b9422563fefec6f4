"""Members, as far as rows know them: who they are, and what is held about them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from supportbot.domain.chat.events import Event
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Answer, Question
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.ladder import Ask
from supportbot.domain.knowledge.votes import Vote
from supportbot.store import (
    asks,
    conversations,
    identities,
    inbox,
    knowledge,
    messages,
    outbox_counts,
    places,
    profiles,
    receipts,
    tombstones,
    votes,
)
from supportbot.store.asks import AskRow
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.engine.statements import connection_of
from supportbot.store.engine.transaction import Transaction
from supportbot.store.identities import IdentityRow, LinkCodeRow
from supportbot.store.knowledge import DocumentRow, FoundDocument
from supportbot.store.outsiders import OutsiderRow


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
    left: tuple[str, ...] = ()
    """The channels and workspaces that the member has left, or came back to."""
    is_outsider: bool = False
    """The member is a guest, or of another organisation."""
    caused: int = 0
    """How many messages of the bot the member has caused, as far as they are kept."""
    has_link_code: bool = False
    """The member was given a code to be known elsewhere, which nobody has typed yet."""


def find_members(tx: Transaction, name: str) -> list[Author]:
    """Find everybody who has this id, or bears this name, wherever it is held; in order of ids."""
    wanted = _plain(name)
    found = {
        author.member_id: author
        for author in _everybody(tx)
        if author.user_id and (author.member_id == name or _plain(author.name) == wanted)
    }
    return [found[id_] for id_ in sorted(found)]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold().removeprefix("@")


def _everybody(tx: Transaction) -> Iterator[Author]:
    """Yield everybody of whom a name is held, once for each place in which it stands."""
    yield from inbox.people_in(tx)
    for row in tx.exec(select(AskRow).where(AskRow.community_id == tx.community_id)):
        yield Author.of(row.member_id, row.name)
    for one in tx.exec(select(IdentityRow).where(IdentityRow.community_id == tx.community_id)):
        yield Author.of(one.member_id, one.name)
    for code in tx.exec(select(LinkCodeRow).where(LinkCodeRow.community_id == tx.community_id)):
        yield Author.of(code.member_id, code.name)
    query = select(DocumentRow.author_id, DocumentRow.author)
    for author_id, author in tx.exec(query.where(DocumentRow.community_id == tx.community_id)):
        if author_id:
            yield Author.of(author_id, author)
    yield from (profile.author for profile in profiles.everybody(tx))
    yield from tx.exec(select(QuestionRow.asker).where(QuestionRow.community_id == tx.community_id))
    yield from tx.exec(select(AnswerRow.author).where(AnswerRow.community_id == tx.community_id))


def names_of(tx: Transaction, member_ids: Collection[str]) -> dict[str, str]:
    """Return what people call members, by the last answer or question of each that is held."""
    if not member_ids:
        return {}
    names = {}
    for member_id in member_ids:
        key = {"community_id": tx.community_id, "member_id": member_id}
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


def holdings_of(tx: Transaction, member_id: str) -> Holdings:
    """Gather everything that is held about a member."""
    put_to = conversations.questions_put_to(tx, member_id)
    return Holdings(
        member_id=member_id,
        questions=conversations.questions_by(tx, member_id),
        answers=conversations.answers_by(tx, member_id),
        documents=knowledge.documents_by(tx, member_id),
        events=inbox.events_of(tx, member_id),
        asked_to_help_with=tuple(question.id for question in put_to),
        asks=tuple(asks.asks_of(tx, member_id)),
        availability=profiles.find(tx, member_id),
        shown=receipts.count_about(tx, member_id),
        wants_receipts=profiles.availability_of(tx, member_id).receipts,
        also=tuple(id_ for id_ in identities.persons(tx).members(member_id) if id_ != member_id),
        messages=messages.count_by(tx, member_id),
        votes=votes.votes_by(tx, member_id),
        left=places.left_by(tx, member_id),
        is_outsider=tx.get(OutsiderRow, (tx.community_id, member_id)) is not None,
        caused=outbox_counts.count_all_caused_by(tx, member_id),
        has_link_code=tx.get(LinkCodeRow, (tx.community_id, member_id)) is not None,
        forgotten_at=tombstones.forgotten_at(tx, member_id),
    )
