from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.knowledge.capture import document_from
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.replies.reply import Quote
from supportbot.retrieval.chunking import passages_of
from supportbot.store import conversations, knowledge, receipts, training_pairs
from supportbot.store.engine.sqlite import Database
from supportbot.store.knowledge import PreparedDocument
from tests.communities import theirs

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPEN = Place("slack", "T1", "help")
CLOSED = Place("slack", "T1", "board", is_private=True)
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")


def put(database: Database, *documents: Document) -> None:
    with database.writing() as tx:
        prepared = [PreparedDocument(one, "hash", passages_of(one)) for one in documents]
        knowledge.put_documents(tx, prepared)


def ask(  # noqa: PLR0913
    database: Database,
    number: int,
    place: Place = OPEN,
    *,
    text: str = "How do I post?",
    said: str = "",
    shown: Sequence[str] = (),
    standing: Standing = Standing.GIVEN,
    is_accepted: bool = False,
) -> Question:
    """Ask on the day of that number; with an answer, or with what the bot has shown."""
    asked_at = START + timedelta(days=number)
    thread = place.in_thread(str(number))
    url = f"https://example.org/archives/help/p{number}"
    question = Question(thread, MARIA, text, asked_at, url, QuestionState.RESOLVED, 0.2)
    with database.writing() as tx:
        conversations.save_question(tx, question)
        if said:
            at = asked_at + timedelta(hours=1)
            answer = Answer(
                f"{question.id}/a", question.id, PAUL, said, at, url, is_accepted, standing
            )
            conversations.save_answer(tx, answer)
        quotes = [Quote("Words.", "Title", "Paul", None, "", 0.5, document_id=id_) for id_ in shown]
        receipts.note_shown(tx, question.id, quotes, now=asked_at)
    if said and standing is Standing.KNOWLEDGE:
        put(database, document_from(question, answer))
    return question


def pairs(database: Database) -> list[tuple[str, set[str]]]:
    with database.reading() as tx:
        return [(one.id, set(one.right)) for one in training_pairs.solved_questions(tx)]


def teach(database: Database, number: int = 0, place: Place = OPEN) -> str:
    """Have an answer that is knowledge; gives the id of its document."""
    question = ask(
        database,
        number,
        place,
        said="Use the button.",
        standing=Standing.KNOWLEDGE,
        is_accepted=True,
    )
    return training_pairs.own_document(question.id)


def test_what_was_shown_before_a_question_was_solved_is_right_for_it(database: Database) -> None:
    document = teach(database)

    later = ask(database, 5, shown=[document])

    assert pairs(database) == [(later.id, {document})]


def test_where_several_were_shown_nobody_knows_which_one_helped(database: Database) -> None:
    documents = [teach(database, 0), teach(database, 1)]

    ask(database, 5, shown=documents)

    assert pairs(database) == []


def test_where_a_person_solved_it_what_was_shown_did_not(database: Database) -> None:
    document = teach(database)

    ask(database, 5, said="No: like this.", is_accepted=True, shown=[document])

    assert pairs(database) == []


def test_a_link_in_an_answer_says_what_is_right(database: Database) -> None:
    document = teach(database)

    said = "See <https://example.org/archives/help/p0?thread_ts=1&cid=2|here>."
    later = ask(database, 5, said=said)

    assert pairs(database) == [(later.id, {document})]


def test_a_link_at_the_end_of_a_sentence_is_one(database: Database) -> None:
    document = teach(database)

    later = ask(database, 5, said="It is in https://example.org/archives/help/p0.")

    assert pairs(database) == [(later.id, {document})]


def test_what_came_after_the_question_did_not_solve_it(database: Database) -> None:
    ask(database, 5, said="See https://example.org/archives/help/p7")
    teach(database, 7)

    assert pairs(database) == []


def test_what_was_asked_in_private_is_not_learned_from(database: Database) -> None:
    document = teach(database)

    ask(database, 5, CLOSED, shown=[document])

    assert pairs(database) == []


def test_what_was_answered_in_private_is_not_learned_from(database: Database) -> None:
    document = teach(database, 0, CLOSED)

    ask(database, 5, CLOSED, shown=[document])
    ask(database, 6, said="See https://example.org/archives/help/p0")

    assert pairs(database) == []
    with database.reading() as tx:
        assert training_pairs.answered_questions(tx) == ()


def test_another_communitys_questions_are_not_learned_from(database: Database) -> None:
    document = teach(database)
    ask(database, 5, shown=[document])

    with database.reading() as tx:
        assert training_pairs.solved_questions(theirs(tx)) == ()


def test_questions_come_in_the_order_of_time(database: Database) -> None:
    document = teach(database)
    later = ask(database, 9, shown=[document])
    earlier = ask(database, 5, shown=[document])

    assert [id_ for id_, _ in pairs(database)] == [earlier.id, later.id]


def test_secrets_are_not_learned(database: Database) -> None:
    document = teach(database)
    ask(database, 5, text="Why does maria@contoso.de not work?", shown=[document])

    with database.reading() as tx:
        (found,) = training_pairs.solved_questions(tx)

    assert "maria@contoso.de" not in found.text


def test_an_answer_that_became_knowledge_goes_with_its_question(database: Database) -> None:
    teach(database)
    ask(database, 5, said="I do not know.")

    with database.reading() as tx:
        (found,) = training_pairs.answered_questions(tx)

    assert (found.text, found.answer) == ("How do I post?", "Use the button.")
