from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.knowledge.capture import document_from
from supportbot.domain.knowledge.documents import Passage
from supportbot.domain.knowledge.forgetting import without_asker
from supportbot.store import conversations, inbox, knowledge, members, tombstones
from supportbot.store.engine.sqlite import Database
from supportbot.store.knowledge import FoundDocument, PreparedDocument
from supportbot.store.members import Holdings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria Rossi")
PAUL = Author("slack", "U2", "Paul")
QUESTION = Question(
    HELP.in_thread("1"),
    MARIA,
    "How do I post?",
    NOW,
    "",
    QuestionState.ROUTED,
    0.2,
    ("slack:U2",),
)
ANSWER = Answer("slack/T1/help/1/2", "slack/T1/help/1", PAUL, "With the button.", NOW, "x:2")
POSTED = MessagePosted("slack:e1", HELP, "1", MARIA, "How do I post?", NOW)
NOTHING = Holdings("slack:U9", (), (), (), [], (), None)


@pytest.fixture
def full(database: Database) -> Database:
    """A question of Maria's, Paul's answer, its document, and the event that began it."""
    document = document_from(QUESTION, ANSWER)
    passages = (
        Passage("how do i post", ""),
        Passage("one", "With the button."),
        Passage("two", "Twice."),
    )
    with database.writing() as tx:
        conversations.save_question(tx, QUESTION)
        conversations.save_answer(tx, ANSWER)
        knowledge.put_documents(tx, [PreparedDocument(document, "hash", passages)])
        inbox.put(tx, POSTED, now=NOW)
    return database


def find(database: Database, name: str, community_id: str = "ours") -> list[Author]:
    with database.of(community_id).reading() as tx:
        return members.find_members(tx, name)


def held(database: Database, member_id: str, community_id: str = "ours") -> Holdings:
    with database.of(community_id).reading() as tx:
        return members.holdings_of(tx, member_id)


@pytest.mark.parametrize("name", ["slack:U1", "Maria Rossi", "maria rossi", "MARIA ROSSI"])
def test_a_member_is_found_by_id_or_by_the_name_that_people_read(full: Database, name: str) -> None:
    assert find(full, name) == [MARIA]


def test_one_who_only_answered_is_found_too(full: Database) -> None:
    assert find(full, "Paul") == [PAUL]


@pytest.mark.parametrize("name", ["Maria", "U1", "", "discord:U1"])
def test_a_part_of_a_name_or_of_an_id_finds_nobody(full: Database, name: str) -> None:
    assert find(full, name) == []


def test_two_members_of_one_name_are_both_found_in_the_order_of_their_ids(full: Database) -> None:
    namesake = Author("discord", "7", "paul")
    other = replace(ANSWER, id="slack/T1/help/1/3", author=namesake)

    with full.writing() as tx:
        conversations.save_answer(tx, other)

    assert find(full, "Paul") == [namesake, PAUL]


def test_a_member_of_another_community_is_not_found(full: Database) -> None:
    assert find(full, "Paul", "theirs") == []


def test_one_who_was_forgotten_is_not_found_by_the_name_that_stands_there_now(
    full: Database,
) -> None:
    with full.writing() as tx:
        conversations.save_question(tx, without_asker(QUESTION))

    assert find(full, "somebody") == []
    assert find(full, "slack:") == []


def test_everything_that_is_held_about_an_asker_is_gathered(full: Database) -> None:
    assert held(full, "slack:U1") == Holdings(
        member_id="slack:U1",
        questions=(QUESTION,),
        answers=(),
        documents=(),
        events=[POSTED],
        asked_to_help_with=(),
        forgotten_at=None,
    )


def test_everything_that_is_held_about_one_who_answered_is_gathered(full: Database) -> None:
    assert held(full, "slack:U2") == Holdings(
        member_id="slack:U2",
        questions=(),
        answers=(ANSWER,),
        documents=(
            FoundDocument(
                id="answers:slack/T1/help/1",
                title="How do I post?",
                source="answers",
                url="x:2",
                said_at=NOW,
                shown="With the button.\n\nTwice.",
            ),
        ),
        events=[],
        asked_to_help_with=("slack/T1/help/1",),
        forgotten_at=None,
    )


def test_nothing_is_held_about_a_stranger_or_in_another_community(full: Database) -> None:
    assert held(full, "slack:U9") == NOTHING
    assert held(full, "slack:U1", "theirs") == replace(NOTHING, member_id="slack:U1")


def test_until_when_a_member_was_forgotten_is_told(full: Database) -> None:
    with full.writing() as tx:
        tombstones.put(tx, "slack:U9", NOW + timedelta(hours=1))

    assert held(full, "slack:U9").forgotten_at == NOW + timedelta(hours=1)
