"""`export` and `forget` know every table in which a member stands, and every name."""

import importlib
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, SQLModel

from supportbot import store
from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.ladder import Ask, Rung
from supportbot.store import asks, identities, inbox, members
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction

for found in pkgutil.iter_modules(store.__path__):
    importlib.import_module(f"supportbot.store.{found.name}")  # so that each table is known
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLACE = Place("slack", "T1", "help")
PAUL = Author("slack", "U2", "Paul")

KNOWN = {
    "absence": "left",
    "answer": "answers",
    "ask": "asks",
    "document": "documents",
    "identity": "also",
    "inbox": "events",
    "link_code": "has_link_code",
    "message": "messages",
    "outbox": "caused",
    "outsider": "is_outsider",
    "profile": "availability",
    "question": "questions",
    "shown": "shown",
    "tombstone": "forgotten_at",
    "vote": "votes",
}
"""Where a member stands, and under which name `export` shows it."""
EXEMPT = {
    "question_part": "the words of a question, shown and removed with it",
    "passage": "the words of a document, shown and removed with it",
    "buttons": "what may be pressed under a message of the bot; it names a thread",
}
"""Tables that hold something of a member's by what they belong to."""
WITHOUT_MEMBERS = {
    "embedding",
    "expert_model",
    "job",
    "outbox_quote",
    "place",
    "revision",
    "rung",
}


def test_every_table_says_whether_a_member_stands_in_it() -> None:
    tables = {name for name in SQLModel.metadata.tables if "_search" not in name}

    assert tables == KNOWN.keys() | EXEMPT.keys() | WITHOUT_MEMBERS


def test_a_table_with_a_column_for_members_is_shown_and_forgotten() -> None:
    words = ("member", "author", "asker", "caused_by", "expert")
    held = {
        name
        for name, table in SQLModel.metadata.tables.items()
        if any(word in column.name for column in table.columns for word in words)
    }

    assert held <= KNOWN.keys()


def test_what_is_shown_has_a_field_for_each_of_them() -> None:
    assert set(KNOWN.values()) <= set(members.Holdings.__dataclass_fields__)


def ask(tx: Transaction) -> None:
    asks.note(tx, [Ask("slack/T1/help/1", PAUL.member_id, NOW, Rung.FIRST, name="Paul")])


def said(tx: Transaction) -> None:
    inbox.put(tx, MessagePosted("slack:1", PLACE, "1", PAUL, "Hm", NOW), now=NOW)


def code(tx: Transaction) -> None:
    identities.offer(tx, PAUL, "hash", expires_at=NOW)


@pytest.mark.parametrize("hold", [said, code])
def test_a_name_finds_whoever_bears_it_wherever_it_is_held(
    database: Database, hold: Callable[[Session], None]
) -> None:
    with database.writing() as tx:
        hold(tx)

    with database.reading() as tx:
        found = [members.find_members(tx, name) for name in ("Paul", " @paul ", "Pau")]

    assert [[one.member_id for one in some] for some in found] == [["slack:U2"], ["slack:U2"], []]


def test_a_name_that_several_bear_finds_all_of_them(database: Database) -> None:
    other = Author("discord", "9", "PAUL")
    with database.writing() as tx:
        said(tx)
        posted = MessagePosted("discord:1", PLACE, "2", other, "Hm", NOW, mentions=(PAUL,))
        inbox.put(tx, posted, now=NOW)

    with database.reading() as tx:
        found = members.find_members(tx, "Paul")

    assert [one.member_id for one in found] == ["discord:9", "slack:U2"]
