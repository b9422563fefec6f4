from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.audiences import COMMUNITY, audience_of
from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, reply_id
from supportbot.domain.experts.ladder import Ask, AskOutcome, PastAsk, Reached, Rung
from supportbot.domain.experts.referrals import PassedOn
from supportbot.domain.replies.reply import OutgoingMessage, Quote, Reply
from supportbot.store import (
    asks,
    conversations,
    delivery,
    inbox,
    lifecycle,
    messages,
    outbox,
    outbox_rows,
)
from supportbot.store.engine.sqlite import Database
from supportbot.store.messages import Said
from supportbot.store.outbox_rows import Cause
from tests.communities import theirs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
LENA = Author("slack", "U3", "Lena")
QUESTION = Question(HELP.in_thread("1"), MARIA, "How?", NOW, "", QuestionState.ROUTED, 0.1)
OTHER = replace(QUESTION, place=HELP.in_thread("2"), text="Why?", asked_at=NOW + HOUR)
ASK = Ask(QUESTION.id, "slack:U2", NOW, Rung.FIRST, name="Paul")
LATER = replace(ASK, question_id=OTHER.id, asked_at=NOW + HOUR)
ANSWER = Answer(f"{QUESTION.id}/9", QUESTION.id, PAUL, "So.", NOW + HOUR, "")


@pytest.fixture
def full(database: Database) -> Database:
    """Two questions for which Paul was asked."""
    with database.writing() as tx:
        conversations.save_question(tx, QUESTION)
        conversations.save_question(tx, OTHER)
        asks.note(tx, [ASK, LATER])
    return database


def asked(database: Database, since: datetime = NOW) -> list[Ask]:
    with database.reading() as tx:
        return asks.asks_since(tx, since)


def test_who_was_asked_is_read_back_oldest_first(full: Database) -> None:
    assert asked(full) == [ASK, LATER]
    assert asked(full, NOW + timedelta(seconds=1)) == [LATER]


def test_what_counts_of_an_ask_is_read_by_member(full: Database) -> None:
    volunteer = replace(ASK, member_id="slack:U3", rung=Rung.VOLUNTEER)
    with full.writing() as tx:
        asks.note(tx, [volunteer])

    with full.reading() as tx:
        of_paul = [PastAsk(one.asked_at, one.outcome) for one in (ASK, LATER)]
        assert asks.asked_of_each(tx, NOW) == {"slack:U2": of_paul}
        assert asks.asked_of_each(theirs(tx), NOW) == {}


def test_all_who_were_asked_for_a_question_are_told_and_who_came_by_themselves(
    full: Database,
) -> None:
    with full.writing() as tx:
        asks.note(tx, [replace(ASK, member_id="slack:U3", rung=Rung.VOLUNTEER)])

    with full.reading() as tx:
        assert asks.asked_for(tx, QUESTION.id) == {"slack:U2", "slack:U3"}
        assert asks.asked_for(theirs(tx), QUESTION.id) == frozenset()


def test_what_became_of_an_ask_takes_its_place(full: Database) -> None:
    passed = replace(
        ASK,
        outcome=AskOutcome.PASSED,
        changed_at=NOW + HOUR,
        reminded_at=NOW,
        passed_to="slack:U3",
    )

    with full.writing() as tx:
        asks.note(tx, [passed])

    assert asked(full) == [passed, LATER]


def test_who_came_by_themselves_was_not_asked(full: Database) -> None:
    volunteer = replace(ASK, member_id="slack:U3", rung=Rung.VOLUNTEER)
    with full.writing() as tx:
        asks.note(tx, [volunteer])

        assert volunteer not in asks.asks_since(tx, NOW)
        assert asks.asks_of(tx, "slack:U3") == [volunteer]


def test_another_community_sees_nothing(full: Database) -> None:
    with full.reading() as tx:
        assert asks.asks_since(theirs(tx), NOW) == []
        assert asks.climbs(theirs(tx), answered_since=NOW) == []
        assert asks.first_answers(theirs(tx), limit=10) == []


def test_asks_and_rungs_go_with_their_question(full: Database) -> None:
    with full.writing() as tx:
        asks.note_reached(tx, [Reached(QUESTION.id, Rung.FIRST, NOW, HOUR)])
        lifecycle.delete_message(tx, HELP, "1", now=NOW)

    assert asked(full) == [LATER]
    with full.reading() as tx:
        assert asks.climb_of(tx, QUESTION).reached == {}


def test_a_forgotten_member_was_never_asked_nor_named(full: Database) -> None:
    passed = replace(ASK, member_id="slack:U3", passed_to="slack:U2", name="Lena")
    with full.writing() as tx:
        asks.note(tx, [passed])
        lifecycle.forget_member(tx, PAUL, until=NOW, now=NOW)

    assert asked(full) == [replace(passed, passed_to=""), LATER]


def test_the_way_of_a_question_is_gathered(full: Database) -> None:
    reached = Reached(QUESTION.id, Rung.FIRST, NOW, HOUR)
    again = Reached(QUESTION.id, Rung.LATER, NOW + HOUR, HOUR)
    said = Said("slack/T1/help/8", HELP.channel_key, "slack:U1", QUESTION.id, NOW + 2 * HOUR)
    of_paul = Said("slack/T1/help/9", HELP.channel_key, "slack:U2", QUESTION.id, NOW + DAY)
    with full.writing() as tx:
        asks.note_reached(tx, [reached, replace(again, at=NOW)])
        asks.note_reached(tx, [again])
        conversations.save_answer(tx, ANSWER)
        messages.note(tx, [said, of_paul])

        climb = asks.climb_of(tx, QUESTION)

        assert asks.climbs(tx, answered_since=NOW - 10 * HOUR)[0] == climb
    assert climb.question == QUESTION
    assert climb.asks == (ASK,)
    assert climb.reached == {"first": reached, "later": again}
    assert (climb.answered_at, climb.spoke_at) == (NOW + HOUR, NOW + 2 * HOUR)


def test_only_what_is_open_is_gathered_oldest_first(full: Database) -> None:
    with full.writing() as tx:
        for number, state in enumerate(QuestionState, 10):
            place = HELP.in_thread(str(number))
            asked_at = NOW - number * HOUR
            question = replace(QUESTION, place=place, state=state, asked_at=asked_at)
            conversations.save_question(tx, question)

        found = [
            climb.question.id.rpartition("/")[2]
            for climb in asks.climbs(tx, answered_since=NOW - 10 * HOUR)
        ]

    assert found == ["11", "10", "1", "2"]


def test_what_somebody_refused_is_read_where_it_stands(full: Database) -> None:
    with full.writing() as tx:
        asks.note(tx, [replace(ASK, outcome=AskOutcome.REFUSED)])
        asks.note(tx, [replace(LATER, outcome=AskOutcome.REFUSED)])

        both = ["slack:U2", "slack:U3"]
        assert asks.refused_by(tx, both, limit=5) == {"slack:U2": ["Why?", "How?"]}
        assert asks.refused_by(tx, both, limit=1) == {"slack:U2": ["Why?"]}


def test_first_answers_are_those_of_others_and_the_unanswered_count(full: Database) -> None:
    own = replace(ANSWER, id=f"{OTHER.id}/5", question_id=OTHER.id, author=MARIA)
    with full.writing() as tx:
        conversations.save_answer(tx, replace(ANSWER, said_at=NOW + DAY, id="later"))
        conversations.save_answer(tx, ANSWER)
        conversations.save_answer(tx, own)
        by_the_bot = replace(QUESTION, place=HELP.in_thread("3"), state=QuestionState.ANSWERED)
        conversations.save_question(tx, by_the_bot)

        found = asks.first_answers(tx, limit=10)

        assert asks.first_answers(tx, limit=1) == found[:1]
    assert found == [(NOW + HOUR, None), (NOW, NOW + HOUR)]


def test_whom_a_reply_asked_that_nobody_saw_is_taken_back(full: Database) -> None:
    posted = MessagePosted("slack:e1", HELP, "1", MARIA, "How?", NOW)
    quote = Quote("Words.", "Title", "Paul", None, "", 0.5, document_id="gone")
    reply = OutgoingMessage(
        reply_id(QUESTION.id), QUESTION.place, Reply("This may help.", (quote,))
    )
    with full.writing() as tx:
        asks.note_reached(tx, [Reached(QUESTION.id, Rung.FIRST, NOW)])
        inbox.put(tx, posted, now=NOW)
        outbox.put(tx, [reply], now=NOW, cause=Cause("slack:e1", "slack:U1"))
        tx.add(
            outbox_rows.QuoteRow(
                community_id="ours", message_id=reply.id, document_id="gone", hash="old"
            )
        )
        tx.flush()

        assert delivery.claim(tx, "slack", now=NOW) is None
        climb = asks.climb_of(tx, QUESTION)

    assert (climb.asks, climb.reached) == ((), {})
    assert asked(full) == [LATER]


PASSED = replace(ASK, outcome=AskOutcome.PASSED, passed_to=LENA.member_id)
EVERYBODY = frozenset({COMMUNITY})


def passed_on(database: Database, since: datetime = NOW) -> list[PassedOn]:
    with database.reading() as tx:
        return asks.passed_on(tx, EVERYBODY, since=since)


@pytest.fixture
def passed(full: Database) -> Database:
    """Paul has said that Lena is to be asked."""
    with full.writing() as tx:
        asks.note(tx, [PASSED])
    return full


def test_a_question_that_was_passed_on_is_read_with_the_one_who_was_named(passed: Database) -> None:
    assert passed_on(passed) == [PassedOn("How?", PAUL, "slack:U3", was_right=False)]
    assert passed_on(passed, NOW + timedelta(seconds=1)) == []


def test_it_is_known_whether_the_one_who_was_named_answered(passed: Database) -> None:
    with passed.writing() as tx:
        conversations.save_answer(tx, replace(ANSWER, author=LENA))

    assert [one.was_right for one in passed_on(passed)] == [True]


def test_who_passed_a_question_on_and_then_answered_it_has_not_passed_it_on(
    passed: Database,
) -> None:
    with passed.writing() as tx:
        asks.note(tx, [replace(PASSED, outcome=AskOutcome.ANSWERED)])

    assert passed_on(passed) == []


def test_what_was_passed_on_in_private_is_read_for_that_place_alone(passed: Database) -> None:
    board = HELP.with_privacy(is_private=True)
    with passed.writing() as tx:
        lifecycle.move_audience(tx, board)

    assert passed_on(passed) == []
    with passed.reading() as tx:
        there = asks.passed_on(tx, frozenset({audience_of(board)}), since=NOW)
    assert len(there) == 1


def test_what_was_passed_on_goes_with_the_question(passed: Database) -> None:
    with passed.writing() as tx:
        lifecycle.delete_message(tx, HELP, "1", now=NOW)

    assert passed_on(passed) == []


@pytest.mark.parametrize("member", [MARIA, PAUL, LENA])
def test_what_was_passed_on_goes_with_the_asker_and_with_both_who_are_named(
    passed: Database, member: Author
) -> None:
    with passed.writing() as tx:
        conversations.save_answer(tx, replace(ANSWER, author=Author("slack", "U9", "Zoe")))
        lifecycle.forget_member(tx, member, until=NOW, now=NOW)

    assert passed_on(passed) == []
