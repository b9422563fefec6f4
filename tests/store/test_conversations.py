from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.store import conversations
from supportbot.store.conversations import AnswerRow, QuestionRow
from supportbot.store.engine.sqlite import Database
from tests.communities import theirs

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


def save(database: Database, question: Question, *answers: Answer) -> None:
    with database.writing() as tx:
        conversations.save_question(tx, question)
        for answer in answers:
            conversations.save_answer(tx, answer)


def question_in(database: Database, place: Place, community_id: str = "ours") -> Question | None:
    with database.of(community_id).reading() as tx:
        return conversations.question_in(tx, place)


def answers(database: Database, community_id: str = "ours") -> tuple[Answer, ...]:
    with database.of(community_id).reading() as tx:
        return conversations.answers_to(tx, QUESTION.id)


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
        conversations.save_answer(tx, ANSWER)


def test_a_question_in_a_strange_state_is_not_taken_for_another(database: Database) -> None:
    save(database, QUESTION)
    with database.writing() as tx:
        tx.get_one(QuestionRow, ("ours", QUESTION.id)).state = "lost"

    with pytest.raises(ValueError, match="'lost' is not a valid QuestionState"):
        question_in(database, THREAD)


def test_what_a_member_asked_is_read_oldest_first_and_until_a_moment(database: Database) -> None:
    later = replace(QUESTION, place=replace(THREAD, thread="0"), asked_at=NOW + timedelta(hours=1))
    save(database, later)
    save(database, QUESTION)

    with database.reading() as tx:
        assert conversations.questions_by(tx, "slack:U1") == (QUESTION, later)
        assert conversations.questions_by(tx, "slack:U1", until=NOW) == (QUESTION,)
        assert conversations.questions_by(tx, "slack:U2") == ()
        assert conversations.questions_by(theirs(tx), "slack:U1") == ()


def test_what_a_member_answered_is_read_oldest_first_and_until_a_moment(
    database: Database,
) -> None:
    later = replace(ANSWER, id="slack/T1/help/1/0", said_at=NOW + timedelta(hours=1))
    save(database, QUESTION, later, ANSWER)

    with database.reading() as tx:
        assert conversations.answers_by(tx, "slack:U2") == (ANSWER, later)
        assert conversations.answers_by(tx, "slack:U2", until=NOW) == (ANSWER,)
        assert conversations.answers_by(tx, "slack:U1") == ()


def test_an_answer_is_found_by_its_message(database: Database) -> None:
    save(database, QUESTION, ANSWER)

    with database.reading() as tx:
        assert conversations.answer_said_in(tx, "slack/T1/help/2") == ANSWER
        assert conversations.answer_said_in(tx, "slack/T1/help/1") is None
        assert conversations.answer_said_in(theirs(tx), "slack/T1/help/2") is None
        assert conversations.message_key_of(tx, ANSWER) == "slack/T1/help/2"


def test_a_question_is_found_by_its_id_and_by_its_channel(database: Database) -> None:
    save(database, QUESTION)

    with database.reading() as tx:
        assert conversations.question_of(tx, "slack/T1/help/1") == QUESTION
        assert conversations.question_of(tx, "slack/T1/help/2") is None
        assert conversations.questions_in_channel(tx, "slack/T1/help") == (QUESTION,)
        assert conversations.questions_in_channel(tx, "slack/T1/hel") == ()


@pytest.mark.parametrize("member_id", ["slack:U2", 'slack:U"2%_', "slack:発票"])
def test_the_questions_that_somebody_was_asked_to_help_with_are_found(
    database: Database, member_id: str
) -> None:
    asked = replace(QUESTION, experts=("slack:U22", member_id))
    save(database, asked)
    save(database, replace(QUESTION, place=replace(THREAD, thread="2"), experts=("slack:U22",)))

    with database.reading() as tx:
        assert conversations.questions_put_to(tx, member_id) == (asked,)


def test_the_answers_that_wait_are_read_oldest_first(database: Database) -> None:
    waiting = replace(ANSWER, standing=Standing.WAITING, reason="nobody has accepted it yet")
    save(database, QUESTION, waiting, replace(ANSWER, id="slack/T1/help/1/3"))

    with database.reading() as tx:
        assert conversations.answers_waiting(tx) == (waiting,)
        assert conversations.answers_waiting(theirs(tx)) == ()


def test_only_accepted_answers_of_a_member_are_counted(database: Database) -> None:
    accepted = replace(ANSWER, is_accepted=True)
    save(database, QUESTION, accepted, replace(ANSWER, id="slack/T1/help/1/3"))

    with database.reading() as tx:
        assert conversations.count_accepted(tx, "slack:U2") == 1
        assert conversations.count_accepted(tx, "slack:U1") == 0
        assert conversations.count_accepted(theirs(tx), "slack:U2") == 0


def test_an_answer_can_be_removed_alone_and_a_question_only_with_its_answers(
    database: Database,
) -> None:
    other = replace(ANSWER, id="slack/T1/help/1/3")
    save(database, QUESTION, ANSWER, other)

    with database.writing() as tx:
        conversations.remove_answer(tx, ANSWER.id)
    after_the_answer = answers(database)
    with database.writing() as tx:
        conversations.remove_question(tx, QUESTION.id)

    assert after_the_answer == (other,)
    assert answers(database) == ()
    assert question_in(database, THREAD) is None


def test_removing_what_is_not_there_removes_nothing(database: Database) -> None:
    save(database, QUESTION, ANSWER)

    with database.writing() as tx:
        conversations.remove_answer(theirs(tx), ANSWER.id)
        conversations.remove_question(theirs(tx), QUESTION.id)

    assert answers(database) == (ANSWER,)
