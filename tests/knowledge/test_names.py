from dataclasses import replace
from datetime import UTC, datetime

import pytest

from supportbot.domain.chat.audiences import open_scope
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.knowledge import capture
from supportbot.knowledge.names import put_names
from supportbot.knowledge.search import Search
from supportbot.store import conversations, knowledge
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder
from tests.reading import matches as matches_in

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
THREAD = Place("slack", "T1", "C1", "0")
NAMES = {"U1": "Maria", "U2": "Paul", "C7": "reports", "U3": "", "U4": "U4"}
QUESTION = Question(
    *(THREAD, Author("slack", "U1", "U1"), "How do I get what @U2 posts in #C7?", NOON, "x"),
    *(QuestionState.RESOLVED, 0.5),
)
ANSWER = Answer(
    *(f"{THREAD.key}/1", THREAD.key, Author("slack", "U2", "U2"), "Ask @U3, @U4 or @U1 for it."),
    *(NOON, "y", True, Standing.KNOWLEDGE),
)


@pytest.fixture
def search(database: Database) -> Search:
    return Search(database, HashingEmbedder())


def learn(search: Search, question: Question = QUESTION, answer: Answer = ANSWER) -> None:
    document = capture.document_from(question, answer)
    with search._database.writing() as tx:
        conversations.save_question(tx, question)
        conversations.save_answer(tx, answer)
        search.store(tx, search.make_findable(document))


def heal(search: Search) -> None:
    put_names(search._database, search, "slack", NAMES)
    search.sync("history", ())


def shown(search: Search) -> tuple[str, str, str]:
    (match,) = matches_in(search, open_scope(), "How do I get what is posted?")
    return match.title, match.excerpt, match.author


def test_names_take_the_place_of_ids_in_what_was_asked_answered_and_learned(
    search: Search, database: Database
) -> None:
    learn(search)

    heal(search)

    with database.reading() as tx:
        question = conversations.question_of(tx, QUESTION.id)
        (answer,) = conversations.answers_to(tx, QUESTION.id)
    assert question is not None
    assert (question.asker.name, answer.author.name) == ("Maria", "Paul")
    assert question.text == "How do I get what @Paul posts in #reports?"
    assert answer.text == "Ask @U3, @U4 or @Maria for it."
    assert shown(search) == (question.text, answer.text, "Paul")


def test_a_name_that_is_there_stays(search: Search) -> None:
    learn(search, answer=replace(ANSWER, author=Author("slack", "U2", "Paulchen")))

    heal(search)

    assert shown(search)[2] == "Paulchen"


def test_what_a_maintainer_has_worded_stays(search: Search) -> None:
    learn(search)
    document = replace(capture.document_from(QUESTION, ANSWER), body="Ask @U1, in writing.")
    with search._database.writing() as tx:
        search.store(tx, search.make_findable(document))

    heal(search)

    assert shown(search)[1] == "Ask @U1, in writing."


def test_names_of_another_platform_are_left_alone(search: Search) -> None:
    learn(search)

    put_names(search._database, search, "discord", NAMES)

    assert shown(search)[2] == "U2"


def test_where_nothing_gets_better_nothing_is_written(search: Search, database: Database) -> None:
    learn(search)
    heal(search)
    with database.reading() as tx:
        before = knowledge.revision(tx)

    heal(search)

    with database.reading() as tx:
        assert knowledge.revision(tx) == before
