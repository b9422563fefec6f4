"""Which messages of the bot have something to press, so that it can be taken off."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel, col, delete, select

from supportbot.domain.chat.places import Place, direct_to
from supportbot.domain.replies.reply import Action, OutgoingMessage, Reply
from supportbot.store import conversations
from supportbot.store.conversations import of_question
from supportbot.store.engine.columns import Json
from supportbot.store.engine.transaction import Transaction


class ButtonsRow(SQLModel, table=True):
    """What may be pressed under a message about a question. It goes with the question."""

    __tablename__ = "buttons"
    __table_args__ = (of_question(),)
    community_id: str = Field(primary_key=True)
    question_id: str = Field(primary_key=True)
    posted_id: str = Field(primary_key=True)
    place: Any = Field(sa_column=Column(Json(Place), nullable=False))
    actions: Any = Field(sa_column=Column(Json(tuple[Action, ...]), nullable=False))


def note(tx: Transaction, message: OutgoingMessage, posted_id: str) -> None:
    """Note what may be pressed under a message that stands on the platform now.

    What one member alone sees is left to them.
    """
    place, actions = message.place, message.reply.actions
    if message.alone or direct_to(place) or not posted_id:
        return
    tx.exec(
        delete(ButtonsRow).where(
            col(ButtonsRow.community_id) == tx.community_id,
            col(ButtonsRow.question_id) == place.key,
            col(ButtonsRow.posted_id) == posted_id,
        )
    )
    if actions and conversations.question_in(tx, place) is not None:
        row = ButtonsRow(
            community_id=tx.community_id,
            question_id=place.key,
            posted_id=posted_id,
            place=place,
            actions=actions,
        )
        tx.add(row)
        tx.flush()


def take_off(
    tx: Transaction, question_id: str, *, leaving: Collection[Action] = ()
) -> tuple[OutgoingMessage, ...]:
    """Have the buttons taken off what was said about a question.

    Args:
        tx: A transaction.
        question_id: The question.
        leaving: What may be pressed all the same.

    Returns:
        What is to be done to each message that has any others.
    """
    rows = tx.exec(
        select(ButtonsRow)
        .where(ButtonsRow.community_id == tx.community_id, ButtonsRow.question_id == question_id)
        .order_by(col(ButtonsRow.posted_id))
    ).all()
    changes = []
    for row in rows:
        left = tuple(action for action in row.actions if action in leaving)
        if left == tuple(row.actions):
            continue
        changes.append(
            OutgoingMessage(
                f"{question_id}/buttons/{row.posted_id}/{'-'.join(left)}",
                row.place,
                Reply(""),
                slot=SLOT,
                replaces=row.posted_id,
                leaves=left,
            )
        )
        if left:
            row.actions = left
        else:
            tx.delete(row)
    tx.flush()
    return tuple(changes)


SLOT = "buttons"
"""The slot of what changes no word of a message."""
