"""What a community asked and answered where everybody may read it, to be counted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select as select_columns
from sqlmodel import col, select

from supportbot.domain.chat.audiences import COMMUNITY
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.experts.topics import Thread
from supportbot.store import receipts
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.engine.transaction import Transaction
from supportbot.store.messages import MessageRow
from supportbot.store.places import AbsenceRow


def open_threads(tx: Transaction, *, since: datetime | None = None) -> tuple[Thread, ...]:
    """Read the questions of the open channels with their replies, in the order of time.

    Args:
        tx: A transaction.
        since: The moment from which on they were asked; all when left out.
    """
    of_these = [
        col(QuestionRow.community_id) == tx.community_id,
        col(QuestionRow.audience) == COMMUNITY,
    ]
    if since is not None:
        of_these.append(col(QuestionRow.asked_at) >= since)
    replies: dict[str, list[Answer]] = {}
    # Columns, not rows: making objects of 100,000 rows takes seconds.
    given = (
        select_columns(
            col(AnswerRow.id),
            col(AnswerRow.question_id),
            col(AnswerRow.author),
            col(AnswerRow.text),
            col(AnswerRow.said_at),
            col(AnswerRow.url),
            col(AnswerRow.is_accepted),
            col(AnswerRow.standing),
        )
        .join(
            QuestionRow,
            (col(QuestionRow.community_id) == col(AnswerRow.community_id))
            & (col(QuestionRow.id) == col(AnswerRow.question_id)),
        )
        .where(*of_these)
        .order_by(col(AnswerRow.said_at), col(AnswerRow.id))
    )
    for row in tx.execute(given):
        id_, question_id, author, words, said_at, url, is_accepted, standing = row
        replies.setdefault(question_id, []).append(
            Answer(id_, question_id, author, words, said_at, url, is_accepted, Standing(standing))
        )
    asked = (
        select_columns(
            col(QuestionRow.id),
            col(QuestionRow.place),
            col(QuestionRow.asker),
            col(QuestionRow.text),
            col(QuestionRow.asked_at),
            col(QuestionRow.url),
            col(QuestionRow.state),
            col(QuestionRow.confidence),
        )
        .where(*of_these)
        .order_by(col(QuestionRow.asked_at), col(QuestionRow.id))
    )
    shown = receipts.questions_shown_something(tx)
    threads = []
    for id_, place, asker, words, asked_at, url, state, confidence in tx.execute(asked):
        question = Question(place, asker, words, asked_at, url, QuestionState(state), confidence)
        threads.append(Thread(question, tuple(replies.get(id_, ())), id_ in shown))
    return tuple(threads)


def gone(tx: Transaction) -> frozenset[str]:
    """Return the member ids of those who left the workspace, or every channel they spoke in."""
    left: dict[str, set[str]] = {}
    query = select(AbsenceRow.member_id, AbsenceRow.channel_key).where(
        AbsenceRow.community_id == tx.community_id, col(AbsenceRow.is_away).is_(True)
    )
    for member_id, channel_key in tx.exec(query):
        left.setdefault(member_id, set()).add(channel_key)
    return frozenset(
        member_id
        for member_id, keys in left.items()
        if all(key in keys or _workspace_key(key) in keys for key in _channels_of(tx, member_id))
    )


def _channels_of(tx: Transaction, member_id: str) -> Collection[str]:
    query = select(MessageRow.channel_key).where(
        MessageRow.community_id == tx.community_id, MessageRow.member_id == member_id
    )
    return set(tx.exec(query.distinct()))


def _workspace_key(channel_key: str) -> str:
    return f"{channel_key.rpartition('/')[0]}/"
