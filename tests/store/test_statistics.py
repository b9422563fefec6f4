from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.experts.topics import Thread
from supportbot.store import conversations, lifecycle, messages, places, statistics
from supportbot.store.engine.sqlite import Database
from supportbot.store.messages import Said

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
OTHER = Place("slack", "T1", "other")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
QUESTION = Question(
    HELP.in_thread("1"), MARIA, "How do I post?", NOW, "x:1", QuestionState.ROUTED, 0.2
)
ANSWER = Answer(
    "slack/T1/help/1/2",
    "slack/T1/help/1",
    PAUL,
    "With the green button.",
    NOW,
    "x:2",
    is_accepted=True,
    standing=Standing.KNOWLEDGE,
)
LATER = replace(QUESTION, place=HELP.in_thread("5"), asked_at=NOW + timedelta(hours=1))


def save(database: Database, question: Question, *answers: Answer) -> None:
    with database.writing() as tx:
        conversations.save_question(tx, question)
        for answer in answers:
            conversations.save_answer(tx, answer)


def threads(
    database: Database, *, since: datetime | None = None, community_id: str = "ours"
) -> tuple[Thread, ...]:
    with database.of(community_id).reading() as tx:
        return statistics.open_threads(tx, since=since)


def gone(database: Database) -> frozenset[str]:
    with database.reading() as tx:
        return statistics.gone(tx)


def leave(database: Database, author: Author, place: Place, *, is_away: bool = True) -> None:
    with database.writing() as tx:
        places.note_member(tx, author.member_id, place, NOW, is_away=is_away)


def speak(database: Database, author: Author, *where: Place) -> None:
    said = [
        Said(place.message_key("1"), place.channel_key, author.member_id, "", NOW)
        for place in where
    ]
    with database.writing() as tx:
        messages.note(tx, said)


def test_a_question_comes_with_its_replies_in_the_order_of_time(database: Database) -> None:
    second = replace(ANSWER, id="slack/T1/help/1/3", said_at=NOW + timedelta(minutes=1))
    save(database, LATER)
    save(database, QUESTION, second, ANSWER)

    assert threads(database) == (Thread(QUESTION, (ANSWER, second)), Thread(LATER))


def test_only_what_was_asked_since_a_moment_is_read(database: Database) -> None:
    save(database, QUESTION, ANSWER)
    save(database, LATER)

    assert threads(database, since=LATER.asked_at) == (Thread(LATER),)


def test_what_was_asked_in_a_private_channel_is_not_read(database: Database) -> None:
    private = replace(QUESTION.place, is_private=True)
    save(database, replace(QUESTION, place=private), ANSWER)

    assert threads(database) == ()


def test_what_was_asked_in_a_channel_that_was_closed_off_is_not_read_any_more(
    database: Database,
) -> None:
    save(database, QUESTION, ANSWER)

    with database.writing() as tx:
        lifecycle.move_audience(tx, replace(HELP, is_private=True))

    assert threads(database) == ()


def test_each_community_has_its_own(database: Database) -> None:
    save(database, QUESTION, ANSWER)

    assert threads(database, community_id="theirs") == ()


def test_one_who_left_the_workspace_is_gone(database: Database) -> None:
    speak(database, PAUL, HELP, OTHER)
    leave(database, PAUL, Place("slack", "T1", ""))

    assert gone(database) == {"slack:U2"}


def test_one_who_left_each_channel_that_they_spoke_in_is_gone(database: Database) -> None:
    speak(database, PAUL, HELP, OTHER)
    leave(database, PAUL, HELP)
    before = gone(database)

    leave(database, PAUL, OTHER)

    assert [*before, *gone(database)] == ["slack:U2"]


@pytest.mark.parametrize("left", [HELP, Place("slack", "T2", "")], ids=["a channel", "elsewhere"])
def test_one_who_came_back_or_left_another_place_is_there(database: Database, left: Place) -> None:
    speak(database, PAUL, HELP)
    leave(database, PAUL, left)
    leave(database, PAUL, HELP, is_away=False)

    assert gone(database) == frozenset()
