"""Which open questions an open document solved: what an embedding model may learn from.

Nothing that was said in private is read here: a model can tell what it has learned.
"""

import itertools
import re
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from supportbot.domain.chat.audiences import COMMUNITY
from supportbot.domain.chat.questions import Standing
from supportbot.domain.knowledge.capture import SOURCE
from supportbot.domain.knowledge.documents import document_id
from supportbot.domain.knowledge.training_pairs import AnsweredQuestion, SolvedQuestion
from supportbot.domain.redaction.redact import redact
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.engine.batches import in_batches
from supportbot.store.engine.transaction import Transaction
from supportbot.store.knowledge import DocumentRow
from supportbot.store.receipts import ShownRow, has_helped, its_question

_LINK = re.compile(r"https?://[^\s<>|)\]\"']+")

Solved = tuple[str, str]
"""Ids of a question and of the document that solved it."""


def solved_questions(tx: Transaction) -> tuple[SolvedQuestion, ...]:
    """Read the open questions that an older open document solved, in the order of time.

    What looks like a secret, or tells how to reach a person, is taken out of them.
    """
    right: dict[str, set[str]] = {}
    for question_id, solution in itertools.chain(_helped(tx), _linked(tx)):
        if solution != own_document(question_id):
            right.setdefault(question_id, set()).add(solution)
    asked = {id_: (words, asked_at) for id_, words, asked_at in _open_questions(tx, right)}
    said = _said_at(tx, {id_ for ids in right.values() for id_ in ids})
    found = []
    for id_, (words, asked_at) in asked.items():
        older = frozenset(d for d in right[id_] if d in said and _is_older(said[d], asked_at))
        if older and words.strip():
            found.append(SolvedQuestion(id_, redact(words), older, asked_at))
    return tuple(sorted(found, key=lambda one: (asked[one.id][1], one.id)))


def own_document(question_id: str) -> str:
    """Name the document that is made of a question and its answer, if one is."""
    return document_id(SOURCE, question_id)


def answered_questions(tx: Transaction) -> tuple[AnsweredQuestion, ...]:
    """Read the open questions whose answer became knowledge, with that answer."""
    query = (
        select_columns(col(QuestionRow.text), col(AnswerRow.text), col(QuestionRow.asked_at))
        .join(
            AnswerRow,
            (col(AnswerRow.community_id) == col(QuestionRow.community_id))
            & (col(AnswerRow.question_id) == col(QuestionRow.id)),
        )
        .where(
            col(QuestionRow.community_id) == tx.community_id,
            col(QuestionRow.audience) == COMMUNITY,
            col(AnswerRow.audience) == COMMUNITY,
            col(AnswerRow.standing) == Standing.KNOWLEDGE,
        )
        .order_by(col(QuestionRow.asked_at), col(AnswerRow.id))
    )
    return tuple(
        AnsweredQuestion(redact(asked), redact(said), at)
        for asked, said, at in tx.execute(query)
        if asked.strip() and said.strip()
    )


def _helped(tx: Transaction) -> list[Solved]:
    """Return what was shown to a question that was then solved, where it was one document alone."""
    query = (
        select_columns(col(ShownRow.question_id), func.min(col(ShownRow.document_id)))
        .join(QuestionRow, its_question())
        .where(col(ShownRow.community_id) == tx.community_id, has_helped())
        .group_by(col(ShownRow.question_id))
        .having(func.count() == 1)
    )
    return [(row[0], row[1]) for row in tx.execute(query)]


def _linked(tx: Transaction) -> Iterator[Solved]:
    """Yield the documents to which people linked when they answered."""
    documents = select(DocumentRow.url, DocumentRow.id).where(
        DocumentRow.community_id == tx.community_id, DocumentRow.url != ""
    )
    links = dict(tx.exec(documents).all())
    said = select(AnswerRow.question_id, AnswerRow.text).where(
        AnswerRow.community_id == tx.community_id, col(AnswerRow.text).contains("http")
    )
    for question_id, words in tx.exec(said):
        for link in _LINK.findall(words):
            url = link.rstrip(".,;:!?")
            found = links.get(url) or links.get(url.partition("?")[0])
            if found is not None:
                yield question_id, found


def _open_questions(tx: Transaction, ids: Collection[str]) -> Iterator[tuple[str, str, datetime]]:
    for some in in_batches(ids):
        query = select(QuestionRow.id, QuestionRow.text, QuestionRow.asked_at).where(
            QuestionRow.community_id == tx.community_id,
            QuestionRow.audience == COMMUNITY,
            col(QuestionRow.id).in_(some),
        )
        yield from tx.exec(query)


def _said_at(tx: Transaction, ids: Collection[str]) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    for some in in_batches(ids):
        query = select(DocumentRow.id, DocumentRow.said_at).where(
            DocumentRow.community_id == tx.community_id,
            DocumentRow.audience == COMMUNITY,
            col(DocumentRow.id).in_(some),
        )
        found.update(dict(tx.exec(query).all()))
    return found


def _is_older(said_at: datetime | None, asked_at: datetime) -> bool:
    return said_at is None or said_at < asked_at
