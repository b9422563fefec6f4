from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy

from supportbot.domain.events import Author
from supportbot.domain.places import Place
from supportbot.domain.questions import Answer, Question, QuestionState
from supportbot.store import conversations
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.database import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
THREAD = Place("slack", "T1", "help", "1")
QUESTION = Question(
    place=THREAD,
    asker=MARIA,
    text="How do I post an invoice?",
    asked_at=NOW,
    url="https://example.org/1",
    state=QuestionState.ROUTED,
    confidence=0.25,
    experts=("slack:U2", "slack:U3"),
)
ANSWER = Answer(
    id="slack/T1/help/1/2",
    question_id="slack/T1/help/1",
    author=PAUL,
    text="With the button.",
    said_at=NOW,
    url="https://example.org/2",
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "supportbot.db")
    yield database
    database.close()


def save(database: Database, question: Question, *answers: Answer) -> None:
    with database.writing() as tx:
        conversations.save_question(tx, "ours", question)
        for answer in answers:
            conversations.save_answer(tx, "ours", answer)


def question_in(database: Database, place: Place, community_id: str = "ours") -> Question | None:
    with database.reading() as tx:
        return conversations.question_in(tx, community_id, place)


def answers(database: Database, community_id: str = "ours") -> tuple[Answer, ...]:
    with database.reading() as tx:
        return conversations.answers_to(tx, community_id, QUESTION.id)


def test_a_question_comes_out_as_it_went_in(database: Database) -> None:
    save(database, QUESTION)

    assert question_in(database, THREAD) == QUESTION


def test_a_question_that_is_saved_again_takes_the_place_of_the_old_one(
    database: Database,
) -> None:
    save(database, QUESTION)

    save(database, replace(QUESTION, state=QuestionState.RESOLVED))

    assert question_in(database, THREAD) == replace(QUESTION, state=QuestionState.RESOLVED)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("slack", "T1", "help"),
        Place("slack", "T1", "help", "2"),
        Place("slack", "T1", "other", "1"),
        Place("slack", "T2", "help", "1"),
        Place("discord", "T1", "help", "1"),
    ],
    ids=lambda place: place.key,
)
def test_a_question_is_only_in_its_own_thread(database: Database, elsewhere: Place) -> None:
    save(database, QUESTION)

    assert question_in(database, elsewhere) is None


def test_a_question_of_another_community_is_not_found(database: Database) -> None:
    save(database, QUESTION, ANSWER)

    assert question_in(database, THREAD, "theirs") is None
    assert answers(database, "theirs") == ()


def test_answers_come_out_as_they_went_in_oldest_first(database: Database) -> None:
    later = replace(ANSWER, id="slack/T1/help/1/3", said_at=NOW + timedelta(hours=1))

    save(database, QUESTION, later, ANSWER)

    assert answers(database) == (ANSWER, later)


def test_an_answer_that_is_saved_again_takes_the_place_of_the_old_one(database: Database) -> None:
    save(database, QUESTION, ANSWER)

    save(database, QUESTION, replace(ANSWER, is_accepted=True))

    assert answers(database) == (replace(ANSWER, is_accepted=True),)


def test_an_answer_is_for_the_audience_of_its_question(database: Database) -> None:
    private = replace(QUESTION, place=replace(THREAD, is_private=True))

    save(database, private, ANSWER)

    with database.reading() as tx:
        question_row = tx.get_one(QuestionRow, ("ours", QUESTION.id))
        answer_row = tx.get_one(AnswerRow, ("ours", ANSWER.id))
    assert (question_row.audience, answer_row.audience) == (
        "place:slack/T1/help",
        "place:slack/T1/help",
    )


def test_an_answer_to_no_question_is_refused(database: Database) -> None:
    with pytest.raises(sqlalchemy.exc.NoResultFound), database.writing() as tx:
        conversations.save_answer(tx, "ours", ANSWER)


def test_a_question_in_a_strange_state_is_not_taken_for_another(database: Database) -> None:
    save(database, QUESTION)
    with database.writing() as tx:
        tx.get_one(QuestionRow, ("ours", QUESTION.id)).state = "lost"

    with pytest.raises(ValueError, match="'lost' is not a valid QuestionState"):
        question_in(database, THREAD)
