from datetime import UTC, datetime

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState

MARIA = Author("slack", "U1", "Maria")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_question_is_named_by_its_thread() -> None:
    place = Place("slack", "T1", "C1", "17.5")

    question = Question(place, MARIA, "How?", MONDAY, "", QuestionState.ROUTED, 0.2)

    assert question.id == "slack/T1/C1/17.5"


def test_nobody_has_been_asked_about_a_question_at_first() -> None:
    place = Place("slack", "T1", "C1", "17.5")

    question = Question(place, MARIA, "How?", MONDAY, "", QuestionState.ROUTED, 0.2)

    assert question.experts == ()


def test_an_answer_is_not_accepted_at_first() -> None:
    answer = Answer("m2", "slack/T1/C1/17.5", MARIA, "So.", MONDAY, "")

    assert not answer.is_accepted


def test_the_states_are_stored_under_names_that_stay() -> None:
    assert list(QuestionState) == ["answered", "routed", "resolved", "expired", "past"]
