import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from supportbot.domain.chat.audiences import COMMUNITY, Audience
from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.language.texts import Link, Mention, Name, Text, fill, joined
from supportbot.domain.replies.reply import Action, OutgoingMessage, Quote, Reply
from supportbot.store import (
    conversations,
    delivery,
    inbox,
    knowledge,
    outbox,
    outbox_counts,
    places,
    withdrawal,
)
from supportbot.store.delivery import Claim, SetAsideMessage
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.statements import connection_of
from supportbot.store.inbox import InboxState
from supportbot.store.knowledge import PreparedDocument
from supportbot.store.outbox_rows import Cause, OutboxRow, OutboxState
from tests.communities import theirs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
HELP = Place("slack", "T1", "help", "1")
OTHER = Place("slack", "T1", "help", "2")


def message(id_: str = "e1/reply", place: Place = HELP) -> OutgoingMessage:
    return OutgoingMessage(id_, place, Reply("I don't know this one."))


def put(
    database: Database,
    *messages: OutgoingMessage,
    now: datetime = NOW,
    community_id: str = "ours",
) -> None:
    with database.of(community_id).writing() as tx:
        outbox.put(tx, messages, now=now)


def claim(
    database: Database,
    *,
    platform: str = "slack",
    now: datetime = LATER,
    community_id: str = "ours",
) -> Claim | None:
    with database.of(community_id).writing() as tx:
        return delivery.claim(tx, platform, now=now)


def claimed_id(database: Database, *, now: datetime = LATER) -> str | None:
    claimed = claim(database, now=now)
    return claimed.message.id if claimed else None


def deliver(database: Database, message_id: str) -> None:
    with database.writing() as tx:
        delivery.mark_delivered(tx, message_id, "ts-1")


def postpone(database: Database, message_id: str, until: datetime) -> None:
    with database.writing() as tx:
        delivery.postpone(tx, message_id, now=NOW, until=until, error="busy")


def row(database: Database, message_id: str) -> OutboxRow:
    with database.reading() as tx:
        return tx.get_one(OutboxRow, ("ours", message_id))


def next_due(database: Database) -> datetime | None:
    with database.reading() as tx:
        return delivery.next_due(tx, "slack", now=NOW)


LATEST = NOW + timedelta(days=1)


def test_a_message_comes_out_as_it_went_in(database: Database) -> None:
    paul = Author("slack", "U2", "Paul")
    quote = Quote("With the button.", "Posting", "Paul", NOW, "https://example.org", 0.9)
    asked = fill("{who}, see {page}", who=Mention(paul), page=Link("this", "https://example.org"))
    whole = Reply(joined(asked, Text((Name("{U}"),))), (quote, quote), asked, (Action.SOLVED,))
    put(database, OutgoingMessage("e1/reply", HELP, whole))

    assert claim(database) == Claim(OutgoingMessage("e1/reply", HELP, whole), 1, NOW)


def test_messages_of_a_thread_are_taken_in_order_and_one_at_a_time(database: Database) -> None:
    put(database, message("e1"), now=NOW)
    put(database, message("e2"), now=NOW + timedelta(seconds=1))

    first = claimed_id(database)
    still_first = claimed_id(database)
    deliver(database, "e1")
    second = claimed_id(database)

    assert (first, still_first, second) == ("e1", "e1", "e2")


def test_messages_put_together_are_taken_in_that_order(database: Database) -> None:
    put(database, message("e9"), message("e10"))

    assert claimed_id(database) == "e9"


def test_messages_of_one_moment_are_taken_in_the_order_in_which_they_came(
    database: Database,
) -> None:
    put(database, message("e9"), now=NOW)
    put(database, message("e10"), now=NOW)

    assert claimed_id(database) == "e9"


def test_a_postponed_message_holds_up_its_own_thread(database: Database) -> None:
    put(database, message("e1"), now=NOW)
    put(database, message("e2"), now=NOW + timedelta(seconds=1))
    postpone(database, "e1", LATER)

    assert claimed_id(database, now=LATER - timedelta(seconds=1)) is None
    assert claimed_id(database, now=LATER) == "e1"


def test_a_postponed_message_does_not_hold_up_another_thread(database: Database) -> None:
    put(database, message("e1", HELP), now=NOW)
    put(database, message("e2", OTHER), now=NOW + timedelta(seconds=1))
    postpone(database, "e1", LATER)

    assert claimed_id(database, now=LATER - timedelta(seconds=1)) == "e2"


def test_a_message_that_is_set_aside_does_not_hold_up_its_thread(database: Database) -> None:
    put(database, message("e1"), now=NOW)
    put(database, message("e2"), now=NOW + timedelta(seconds=1))

    with database.writing() as tx:
        delivery.set_aside(tx, "e1", "no such channel")

    assert claimed_id(database) == "e2"
    assert (row(database, "e1").state, row(database, "e1").error) == (
        "set_aside",
        "no such channel",
    )


def test_a_message_of_another_platform_or_community_is_not_taken(database: Database) -> None:
    put(database, message())

    assert claim(database, platform="discord") is None
    assert claim(database, community_id="theirs") is None


def test_a_message_in_another_communitys_thread_of_the_same_name_holds_up_nothing(
    database: Database,
) -> None:
    put(database, message("e1"), now=NOW, community_id="theirs")
    put(database, message("e2"), now=LATER)

    assert claimed_id(database) == "e2"


def test_each_attempt_is_counted_before_it_is_made(database: Database) -> None:
    put(database, message())

    attempts = [claim(database), claim(database)]

    assert attempts == [Claim(message(), 1, NOW), Claim(message(), 2, NOW)]
    assert row(database, "e1/reply").attempts == 2


def test_a_delivered_message_is_known_by_the_platforms_id(database: Database) -> None:
    put(database, message())

    deliver(database, "e1/reply")

    assert claimed_id(database) is None
    assert (row(database, "e1/reply").state, row(database, "e1/reply").posted_id) == (
        "delivered",
        "ts-1",
    )


def test_the_messages_in_a_state_are_counted(database: Database) -> None:
    put(database, message("e1"), message("e2"), message("e3"))
    deliver(database, "e1")

    with database.reading() as tx:
        assert outbox_counts.count(tx, OutboxState.WAITING) == 2
        assert outbox_counts.count(tx, OutboxState.DELIVERED) == 1
        assert outbox_counts.count(tx, OutboxState.SET_ASIDE) == 0
        assert outbox_counts.count(theirs(tx), OutboxState.WAITING) == 0


def test_nothing_is_due_when_nothing_waits(database: Database) -> None:
    put(database, message())
    deliver(database, "e1/reply")

    assert next_due(database) is None


def test_the_next_is_due_when_the_first_of_the_postponed_is(database: Database) -> None:
    put(database, message("e1", HELP), message("e2", OTHER))
    postpone(database, "e1", LATER)
    postpone(database, "e2", LATER + timedelta(minutes=1))

    assert next_due(database) == LATER


def test_a_message_behind_a_postponed_one_is_not_due_before_it(database: Database) -> None:
    put(database, message("e1"), now=NOW)
    put(database, message("e2"), now=NOW + timedelta(seconds=1))
    postpone(database, "e1", LATER)

    assert next_due(database) == LATER


def test_what_is_said_in_private_is_kept_for_its_place_only(database: Database) -> None:
    put(database, message("e1", Place("slack", "T1", "board", "1", is_private=True)))

    assert row(database, "e1").audience == "place:slack/T1/board"


def test_a_message_that_was_kept_before_is_not_said_again(database: Database) -> None:
    put(database, message())
    deliver(database, "e1/reply")

    put(database, message())

    assert claimed_id(database) is None
    with database.reading() as tx:
        assert outbox.is_known(tx, "e1/reply")
        assert not outbox.is_known(theirs(tx), "e1/reply")
        assert not outbox.is_known(tx, "e2/reply")


def test_the_words_of_a_message_go_once_it_is_there(database: Database) -> None:
    put(database, message())

    deliver(database, "e1/reply")

    assert row(database, "e1/reply").message is None


def test_a_clock_that_is_put_back_does_not_make_a_message_wait_longer(database: Database) -> None:
    put(database, message(), now=NOW)
    postpone(database, "e1/reply", NOW + timedelta(minutes=5))
    yesterday = NOW - timedelta(days=1)

    with database.reading() as tx:
        due = delivery.next_due(tx, "slack", now=yesterday)

    assert due == yesterday
    assert claimed_id(database, now=yesterday) == "e1/reply"


def test_a_message_that_was_written_before_the_clock_was_put_back_does_not_wait(
    database: Database,
) -> None:
    put(database, message(), now=NOW)

    assert claimed_id(database, now=NOW - timedelta(days=1)) == "e1/reply"


def set_aside(database: Database, message_id: str) -> None:
    with database.writing() as tx:
        delivery.set_aside(tx, message_id, "no such channel")


def test_what_was_set_aside_is_told_oldest_first(database: Database) -> None:
    put(database, message("e2"))
    put(database, message("e1"))
    claim(database)
    set_aside(database, "e1")
    set_aside(database, "e2")

    with database.reading() as tx:
        assert delivery.messages_set_aside(tx) == [
            SetAsideMessage("e2", "slack", NOW, 1, "no such channel"),
            SetAsideMessage("e1", "slack", NOW, 0, "no such channel"),
        ]
        assert delivery.messages_set_aside(theirs(tx)) == []


def test_what_was_set_aside_can_be_tried_again_and_the_platform_is_asked_whether_it_has_it(
    database: Database,
) -> None:
    put(database, message())
    claim(database)
    claim(database)
    set_aside(database, "e1/reply")

    with database.writing() as tx:
        assert delivery.deliver_again(tx, "e1/reply", now=LATER)

    assert claim(database) == Claim(message(), 2, NOW)


def test_what_was_set_aside_before_any_attempt_is_tried_for_the_first_time(
    database: Database,
) -> None:
    put(database, message())
    set_aside(database, "e1/reply")

    with database.writing() as tx:
        delivery.deliver_again(tx, "e1/reply", now=LATER)

    assert claim(database) == Claim(message(), 1, NOW)


def test_what_was_set_aside_can_be_given_up(database: Database) -> None:
    put(database, message())
    set_aside(database, "e1/reply")

    with database.writing() as tx:
        assert delivery.drop(tx, "e1/reply")

    given_up = row(database, "e1/reply")
    assert (given_up.state, given_up.message, given_up.error) == ("withdrawn", None, "")


@pytest.mark.parametrize("message_id", ["e1/reply", "e9/reply"], ids=["waits", "was never there"])
def test_only_what_was_set_aside_is_tried_again_or_given_up(
    database: Database, message_id: str
) -> None:
    put(database, message())

    with database.writing() as tx:
        assert not delivery.deliver_again(tx, message_id, now=LATER)
        assert not delivery.drop(tx, message_id)

    assert claimed_id(database) == "e1/reply"


def withdraw(database: Database, place: Place = HELP) -> None:
    with database.writing() as tx:
        withdrawal.withdraw_in(tx, place)


def test_what_was_withdrawn_while_it_was_delivered_stays_without_words(database: Database) -> None:
    put(database, message())
    claim(database)
    withdraw(database)

    deliver(database, "e1/reply")

    assert (row(database, "e1/reply").state, row(database, "e1/reply").message) == (
        "delivered",
        None,
    )


def test_what_was_withdrawn_while_it_was_refused_is_not_tried_again(database: Database) -> None:
    put(database, message())
    claim(database)
    withdraw(database)

    postpone(database, "e1/reply", NOW)
    set_aside(database, "e1/reply")

    assert claimed_id(database) is None
    assert row(database, "e1/reply").state == "withdrawn"


def test_a_message_that_was_withdrawn_does_not_hold_up_its_thread(database: Database) -> None:
    put(database, message("e1", HELP), message("e2", OTHER))
    withdraw(database, HELP)
    put(database, message("e3", HELP))

    assert claimed_id(database) == "e2"
    deliver(database, "e2")
    assert claimed_id(database) == "e3"


def test_the_messages_of_a_member_and_of_a_channel_since_a_moment_are_counted(
    database: Database,
) -> None:
    by_maria = Cause("slack:1", "slack:U1")
    with database.writing() as tx:
        outbox.put(tx, [message("e1")], now=NOW, cause=by_maria)
        outbox.put(tx, [message("e2")], now=LATER, cause=by_maria)
        outbox.put(tx, [message("e3", OTHER)], now=LATER)

    with database.reading() as tx:
        assert (
            outbox_counts.count_caused_by(
                tx, "slack:U1", since=NOW - timedelta(hours=1), until=LATEST
            )
            == 2
        )
        assert outbox_counts.count_caused_by(tx, "slack:U1", since=NOW, until=LATEST) == 1
        assert outbox_counts.count_caused_by(tx, "slack:U2", since=NOW, until=LATEST) == 0
        assert outbox_counts.count_caused_by(theirs(tx), "slack:U1", since=NOW, until=LATEST) == 0
        assert outbox_counts.count_in_channel(tx, "slack/T1/help", since=NOW, until=LATEST) == 2
        assert outbox_counts.count_in_channel(tx, "slack/T1/other", since=NOW, until=LATEST) == 0


DOCUMENT = Document("answers", "1", "Posting", "With the button.", asked=("How?",))
BOARD = Audience("place:slack/T1/board")
QUOTE = Quote("With the button.", "Posting", "Paul", NOW, "", 0.9, "answers:1")
OTHER_QUOTE = replace(QUOTE, document_id="answers:2")
ASKED = MessagePosted(
    "slack:1", Place("slack", "T1", "help"), "1", Author("slack", "U1", "Maria"), "How?", NOW
)
CAUSE = Cause("slack:1", "slack:U1")


def learn(
    database: Database, key: str = "1", *, hash_: str = "h", to: Audience = COMMUNITY
) -> None:
    document = replace(DOCUMENT, key=key, audience=to)
    with database.writing() as tx:
        knowledge.put_documents(tx, [PreparedDocument(document, hash_, ())])


def unlearn(database: Database, key: str = "1") -> None:
    with database.writing() as tx:
        knowledge.remove_documents(tx, [f"answers:{key}"])


def quote(database: Database, *quotes: Quote, cause: Cause = CAUSE, place: Place = HELP) -> None:
    """Let a message wait that quotes; the event that led to it was handled."""
    reply = Reply("This was answered before.", quotes)
    with database.writing() as tx:
        inbox.put(tx, ASKED, now=NOW)
        inbox.mark_handled(tx, "slack:1", now=NOW)
        outbox.put(tx, [OutgoingMessage("e1/reply", place, reply)], now=NOW, cause=cause)


def waiting_events(database: Database) -> int:
    with database.reading() as tx:
        return inbox.count(tx, InboxState.WAITING)


def struck_out(database: Database) -> bool:
    claimed = claim(database)
    assert claimed is not None
    return claimed.message.reply == Reply(
        "What I found here has been taken back since.",
        closing="If you know the answer, please reply in this thread.",
    )


def test_a_message_whose_quotation_still_stands_is_said(database: Database) -> None:
    learn(database)
    quote(database, QUOTE, QUOTE)

    claimed = claim(database)

    assert claimed is not None
    assert claimed.message.reply.quotes == (QUOTE, QUOTE)


def test_a_message_whose_quotation_was_deleted_is_thought_over_again(database: Database) -> None:
    learn(database)
    quote(database, QUOTE)
    unlearn(database)

    assert claim(database) is None
    assert waiting_events(database) == 1
    with database.reading() as tx:
        assert not outbox.is_known(tx, "e1/reply")


def test_a_message_whose_quotation_was_edited_is_thought_over_again(database: Database) -> None:
    learn(database)
    quote(database, QUOTE)
    learn(database, hash_="another")

    assert claim(database) is None
    assert waiting_events(database) == 1


def test_a_message_whose_quotation_was_closed_off_is_thought_over_again(
    database: Database,
) -> None:
    learn(database)
    quote(database, QUOTE)
    learn(database, to=BOARD)

    assert claim(database) is None
    assert waiting_events(database) == 1


def test_a_quotation_of_a_private_channel_is_said_there_as_long_as_it_is_private(
    database: Database,
) -> None:
    board = Place("slack", "T1", "board", "1", is_private=True)
    learn(database, to=BOARD)
    quote(database, QUOTE, place=board)
    while_private = claimed_id(database)
    with database.writing() as tx:
        places.note(tx, board.with_privacy(is_private=False), NOW)

    assert while_private == "e1/reply"
    assert struck_out(database)


def test_the_next_message_is_taken_when_one_is_thought_over_again(database: Database) -> None:
    learn(database)
    quote(database, QUOTE)
    put(database, message("e2", HELP))
    unlearn(database)

    assert claimed_id(database) == "e2"


def test_a_quotation_is_struck_out_of_a_message_that_may_be_there_already(
    database: Database,
) -> None:
    learn(database)
    quote(database, QUOTE)
    claim(database)
    unlearn(database)

    assert struck_out(database)
    assert waiting_events(database) == 0


def test_a_quotation_is_struck_out_of_a_message_that_nothing_led_to(database: Database) -> None:
    learn(database)
    quote(database, QUOTE, cause=Cause())
    unlearn(database)

    assert struck_out(database)


def test_a_quotation_is_struck_out_when_the_event_is_not_there_any_more(
    database: Database,
) -> None:
    learn(database)
    quote(database, QUOTE)
    with database.writing() as tx:
        inbox.drop_bodies_before(tx, LATER)
    unlearn(database)

    assert struck_out(database)


def test_of_two_quotations_only_the_stale_one_is_struck_out_and_only_once(
    database: Database,
) -> None:
    learn(database, "1")
    learn(database, "2")
    quote(database, QUOTE, OTHER_QUOTE, cause=Cause())
    unlearn(database, "1")

    first, second = claim(database), claim(database)

    assert first is not None
    assert second is not None
    assert first.message.reply.quotes == second.message.reply.quotes == (OTHER_QUOTE,)
    assert first.message.reply.text == "This was answered before."


def test_a_document_that_is_removed_is_quoted_by_nothing_that_waits(database: Database) -> None:
    learn(database)
    quote(database, QUOTE)

    with database.writing() as tx:
        withdrawal.withdraw_quoting(tx, ["answers:1"])

    assert claim(database) is None
    assert waiting_events(database) == 1


def test_a_document_that_is_removed_is_struck_out_of_what_was_set_aside(
    database: Database,
) -> None:
    learn(database)
    quote(database, QUOTE)
    set_aside(database, "e1/reply")

    with database.writing() as tx:
        withdrawal.withdraw_quoting(tx, ["answers:1"])

    kept = row(database, "e1/reply").message
    assert kept is not None
    assert kept.reply.quotes == ()
    assert waiting_events(database) == 0


def test_a_quotation_without_a_document_is_never_stale(database: Database) -> None:
    quote(database, replace(QUOTE, document_id=""), OTHER_QUOTE)

    claimed = claim(database)

    assert claimed is not None
    assert len(claimed.message.reply.quotes) == 2


def test_the_newest_of_a_slot_takes_the_place_of_the_one_before(database: Database) -> None:
    first, second = (replace(message(f"e{n}/reply"), slot="status", about=None) for n in (1, 2))
    put(database, first, second, message("e3/reply"))

    replaced = []
    for number in (1, 2, 3):
        claimed = claim(database)
        assert claimed is not None
        replaced.append(claimed.message.replaces)
        with database.writing() as tx:
            delivery.mark_delivered(tx, claimed.message.id, f"ts-{number}")

    assert replaced == ["", "ts-1", ""]


def test_what_another_thread_shows_is_not_replaced(database: Database) -> None:
    put(database, replace(message(), slot="status"))
    claim(database)
    deliver(database, "e1/reply")
    put(database, replace(message("e2/reply", OTHER), slot="status"))

    claimed = claim(database)

    assert claimed is not None
    assert claimed.message.replaces == ""


@pytest.mark.parametrize("state", [QuestionState.RESOLVED, QuestionState.EXPIRED, None])
def test_what_is_told_elsewhere_of_a_question_that_is_gone_or_closed_is_not_said(
    database: Database, state: QuestionState | None
) -> None:
    question = Question(HELP, Author("slack", "U1", "Maria"), "How?", NOW, "", _OPEN, 0.0)
    with database.writing() as tx:
        conversations.save_question(tx, question)
    put(database, replace(message(place=ALONE), about=HELP), message("e2/reply", ALONE))
    with database.writing() as tx:
        if state is None:
            conversations.remove_question(tx, question.id)
        else:
            conversations.save_question(tx, replace(question, state=state))

    assert claimed_id(database) == "e2/reply"
    assert row(database, "e1/reply").state == OutboxState.WITHDRAWN


def test_what_is_told_elsewhere_of_an_open_question_is_said(database: Database) -> None:
    question = Question(HELP, Author("slack", "U1", "Maria"), "How?", NOW, "", _OPEN, 0.0)
    with database.writing() as tx:
        conversations.save_question(tx, question)
    put(database, replace(message(place=ALONE), about=HELP))

    assert claimed_id(database) == "e1/reply"


_OPEN = QuestionState.ROUTED
ALONE = direct_place(Author("slack", "U2", "Paul"), "T1")


def test_a_message_of_an_earlier_version_is_read_and_still_notifies(database: Database) -> None:
    put(database, OutgoingMessage("e1/reply", HELP, Reply("I don't know.", closing="x")))
    paul = {"platform": "slack", "user_id": "U2", "name": "Paul", "roles": []}
    with database.writing() as tx:
        (kept,) = connection_of(tx).execute(text("SELECT message FROM outbox")).scalars()
        earlier = json.loads(kept)
        earlier["reply"] |= {"closing": "I have asked Paul.", "mentions": [paul]}
        change = text("UPDATE outbox SET message = :message")
        connection_of(tx).execute(change, {"message": json.dumps(earlier)})

    claimed = claim(database)

    assert claimed is not None
    reply = claimed.message.reply
    assert (str(reply.text), str(reply.closing)) == ("I don't know.", "I have asked Paul. Paul")
    assert reply.mentions == (Author("slack", "U2", "Paul"),)
