from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerReviewed,
    Event,
    ForgetRequested,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    PlaceDeleted,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.store import inbox
from supportbot.store.engine.sqlite import Database
from supportbot.store.inbox import InboxRow, InboxState, SetAsideEvent
from tests.communities import theirs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARIA = Author("slack", "U1", "Maria")
POSTED = MessagePosted(
    event_id="slack:1",
    place=Place("slack", "T1", "help"),
    message_id="1",
    author=MARIA,
    text="How do I post an invoice?",
    posted_at=NOW,
    url="https://example.org/1",
    is_addressed=True,
)
ACCEPTED = AnswerAccepted("slack:2", Place("slack", "T1", "help", "1"), MARIA, NOW)
HELP = Place("slack", "T1", "help")
THREAD = HELP.in_thread("1")
LATER = NOW + timedelta(hours=1)
EDITED = MessageEdited("slack:3", HELP, "1", MARIA, "How do I post invoices?", NOW)


def put(
    database: Database, event: Event, *, now: datetime = NOW, community_id: str = "ours"
) -> bool:
    with database.of(community_id).writing() as tx:
        return inbox.put(tx, event, now=now)


def claim(database: Database, community_id: str = "ours") -> tuple[Event, int] | None:
    with database.of(community_id).writing() as tx:
        return inbox.claim(tx)


def number_of(database: Database, state: InboxState, community_id: str = "ours") -> int:
    with database.of(community_id).reading() as tx:
        return inbox.count(tx, state)


@pytest.mark.parametrize("event", [POSTED, ACCEPTED], ids=["posted", "accepted"])
def test_an_event_comes_out_as_it_went_in(database: Database, event: Event) -> None:
    put(database, event)

    assert claim(database) == (event, 1)


def test_an_event_that_comes_again_is_not_kept_twice(database: Database) -> None:
    first = put(database, POSTED)

    again = put(database, POSTED)

    assert (first, again) == (True, False)
    assert number_of(database, InboxState.WAITING) == 1


def test_an_event_that_comes_again_after_it_was_handled_does_not_wait(database: Database) -> None:
    put(database, POSTED)
    with database.writing() as tx:
        inbox.mark_handled(tx, "slack:1", now=NOW)

    put(database, POSTED)

    assert claim(database) is None


def test_the_same_event_id_in_another_community_is_another_event(database: Database) -> None:
    put(database, POSTED)

    assert put(database, POSTED, community_id="theirs")


def test_an_event_of_another_community_is_not_taken(database: Database) -> None:
    put(database, POSTED, community_id="theirs")

    assert claim(database, "ours") is None
    assert number_of(database, InboxState.WAITING, "ours") == 0


def test_the_event_that_came_first_is_taken_first(database: Database) -> None:
    put(database, replace(POSTED, event_id="slack:9"), now=NOW)
    put(database, replace(POSTED, event_id="slack:10"), now=NOW + timedelta(seconds=1))

    claimed = claim(database)

    assert claimed is not None
    assert claimed[0].event_id == "slack:9"


def test_events_of_one_moment_are_taken_in_the_order_in_which_they_came(
    database: Database,
) -> None:
    put(database, replace(POSTED, event_id="slack:9"), now=NOW)
    put(database, replace(POSTED, event_id="slack:10"), now=NOW)

    claimed = claim(database)

    assert claimed is not None
    assert claimed[0].event_id == "slack:9"


def test_each_attempt_is_counted_before_it_is_made(database: Database) -> None:
    put(database, POSTED)

    assert [claim(database), claim(database)] == [(POSTED, 1), (POSTED, 2)]


def test_an_attempt_whose_transaction_fails_is_not_counted(database: Database) -> None:
    put(database, POSTED)
    with database.reading() as tx:
        inbox.claim(tx)

    assert claim(database) == (POSTED, 1)


def test_an_event_that_is_set_aside_keeps_its_reason_and_does_not_wait(database: Database) -> None:
    put(database, POSTED)

    with database.writing() as tx:
        inbox.set_aside(tx, "slack:1", "no such thing")

    assert claim(database) is None
    assert number_of(database, InboxState.SET_ASIDE) == 1
    with database.reading() as tx:
        assert tx.get_one(InboxRow, ("ours", "slack:1")).error == "no such thing"


def test_what_was_said_in_private_is_kept_for_its_place_only(database: Database) -> None:
    place = Place("slack", "T1", "board", is_private=True)

    put(database, replace(POSTED, place=place))

    with database.reading() as tx:
        assert tx.get_one(InboxRow, ("ours", "slack:1")).audience == "place:slack/T1/board"


def test_half_a_character_becomes_the_sign_for_what_cannot_be_read(database: Database) -> None:
    put(database, replace(POSTED, text="broken \ud83d"))

    claimed = claim(database)

    assert claimed is not None
    assert isinstance(claimed[0], MessagePosted)
    assert claimed[0].text == "broken �"


def test_a_moment_in_another_time_zone_is_the_same_moment(database: Database) -> None:
    put(database, POSTED, now=datetime.fromisoformat("2026-03-02T11:00:00+02:00"))

    with database.reading() as tx:
        assert tx.get_one(InboxRow, ("ours", "slack:1")).received_at == NOW


def handle(database: Database, event_id: str, *, now: datetime = NOW) -> None:
    with database.writing() as tx:
        inbox.mark_handled(tx, event_id, now=now)


def set_aside(database: Database, event: Event = POSTED) -> None:
    put(database, event)
    with database.writing() as tx:
        inbox.set_aside(tx, event.event_id, "no such thing")


def row(database: Database, event_id: str = "slack:1") -> InboxRow:
    with database.reading() as tx:
        return tx.get_one(InboxRow, ("ours", event_id))


@pytest.mark.parametrize(
    "event",
    [
        EDITED,
        MessageDeleted("slack:4", HELP, "1", NOW),
        PlaceDeleted("slack:4", THREAD, NOW),
        PlaceChanged("slack:4", HELP, NOW),
        MemberLeft("slack:4", HELP, MARIA, NOW),
        MemberJoined("slack:4", HELP, MARIA, NOW),
        AnswerReviewed("slack:4", THREAD, "2", MARIA, is_accepted=False, reviewed_at=NOW),
        ForgetRequested("slack:4", HELP, MARIA, NOW),
    ],
    ids=lambda event: event.kind,
)
def test_every_kind_of_event_comes_out_as_it_went_in(database: Database, event: Event) -> None:
    put(database, event)

    assert claim(database) == (event, 1)
    assert row(database, event.event_id).kind == event.kind


def test_an_event_is_found_by_its_message_its_channel_and_its_author(database: Database) -> None:
    put(database, POSTED)

    found = row(database)
    assert (found.message_key, found.channel_key, found.author_id) == (
        "slack/T1/help/1",
        "slack/T1/help",
        "slack:U1",
    )


def test_when_an_event_was_handled_is_kept(database: Database) -> None:
    put(database, POSTED)

    handle(database, "slack:1", now=LATER)

    with database.reading() as tx:
        assert inbox.is_handled(tx, "slack:1")
        assert not inbox.is_handled(tx, "slack:9")
    assert row(database).handled_at == LATER


def test_an_attempt_that_was_not_made_after_all_does_not_count(database: Database) -> None:
    put(database, POSTED)
    claim(database)

    with database.writing() as tx:
        inbox.release(tx, "slack:1")

    assert claim(database) == (POSTED, 1)


def test_an_event_can_be_handled_again_as_if_it_had_just_come(database: Database) -> None:
    put(database, POSTED)
    claim(database)
    handle(database, "slack:1")

    with database.writing() as tx:
        assert inbox.handle_again(tx, "slack:1")

    assert claim(database) == (POSTED, 1)
    assert row(database).handled_at is None


def test_what_is_gone_or_was_never_there_cannot_be_handled_again(database: Database) -> None:
    put(database, POSTED)
    handle(database, "slack:1")

    with database.writing() as tx:
        inbox.drop_bodies_before(tx, LATER)

        assert not inbox.handle_again(tx, "slack:1")
        assert not inbox.handle_again(tx, "slack:9")


def test_what_was_set_aside_can_be_tried_again(database: Database) -> None:
    set_aside(database)

    with database.writing() as tx:
        assert inbox.try_again(tx, "slack:1")

    assert claim(database) == (POSTED, 1)
    assert row(database).error == ""


def test_what_was_set_aside_can_be_given_up(database: Database) -> None:
    set_aside(database)

    with database.writing() as tx:
        assert inbox.drop(tx, "slack:1", now=LATER)

    dropped = row(database)
    assert (dropped.state, dropped.event, dropped.error) == ("handled", None, "")
    assert (dropped.handled_at, dropped.author_id) == (LATER, "")


@pytest.mark.parametrize("event_id", ["slack:1", "slack:9"], ids=["waits", "was never there"])
def test_only_what_was_set_aside_is_tried_again_or_given_up(
    database: Database, event_id: str
) -> None:
    put(database, POSTED)

    with database.writing() as tx:
        assert not inbox.try_again(tx, event_id)
        assert not inbox.drop(tx, event_id, now=LATER)

    assert claim(database) == (POSTED, 1)


def test_what_was_set_aside_is_told_oldest_first(database: Database) -> None:
    set_aside(database, replace(POSTED, event_id="slack:9"))
    set_aside(database, ACCEPTED)

    with database.reading() as tx:
        assert inbox.events_set_aside(tx) == [
            SetAsideEvent("slack:9", "message_posted", NOW, "no such thing"),
            SetAsideEvent("slack:2", "answer_accepted", NOW, "no such thing"),
        ]
        assert inbox.events_set_aside(theirs(tx)) == []


@pytest.mark.parametrize(
    "gone",
    [
        MessageDeleted("slack:4", HELP, "1", NOW),
        MessageDeleted("slack:4", THREAD, "1", NOW),
        PlaceDeleted("slack:4", THREAD, NOW),
        PlaceDeleted("slack:4", HELP, NOW),
    ],
    ids=["message", "message in its thread", "thread", "channel"],
)
def test_a_message_is_gone_with_itself_its_thread_or_its_channel(
    database: Database, gone: Event
) -> None:
    put(database, gone)

    with database.reading() as tx:
        assert inbox.is_deleted(tx, THREAD, "1")
        assert inbox.is_deleted(tx, HELP, "1")
        assert not inbox.is_deleted(theirs(tx), HELP, "1")


@pytest.mark.parametrize(
    "gone",
    [
        MessageDeleted("slack:4", HELP, "2", NOW),
        MessageDeleted("slack:4", Place("slack", "T1", "other"), "1", NOW),
        PlaceDeleted("slack:4", HELP.in_thread("2"), NOW),
        PlaceDeleted("slack:4", Place("slack", "T1", "other"), NOW),
        PlaceChanged("slack:4", HELP, NOW),
        EDITED,
    ],
    ids=["message", "message elsewhere", "thread", "channel", "changed", "edited"],
)
def test_a_message_is_there_when_something_else_is_gone(database: Database, gone: Event) -> None:
    put(database, gone)

    with database.reading() as tx:
        assert not inbox.is_deleted(tx, THREAD, "1")


def test_a_reply_is_gone_with_its_thread(database: Database) -> None:
    put(database, PlaceDeleted("slack:4", THREAD, NOW))

    with database.reading() as tx:
        assert inbox.is_deleted(tx, THREAD, "2")
        assert not inbox.is_deleted(tx, HELP.in_thread("3"), "4")


def test_that_a_message_is_gone_is_known_however_long_ago_it_was(database: Database) -> None:
    put(database, MessageDeleted("slack:4", HELP, "1", NOW))
    handle(database, "slack:4")

    with database.writing() as tx:
        inbox.drop_bodies_before(tx, LATER)

        assert inbox.is_deleted(tx, HELP, "1")


def test_of_several_edits_the_one_that_was_made_last_counts(database: Database) -> None:
    latest = replace(EDITED, event_id="slack:5", text="Latest", edited_at=LATER)
    put(database, latest)
    put(database, EDITED)

    with database.reading() as tx:
        assert inbox.last_edit(tx, "slack/T1/help/1") == latest


def test_a_message_that_was_not_edited_has_no_edit(database: Database) -> None:
    put(database, POSTED)
    put(database, replace(EDITED, message_id="2"))

    with database.reading() as tx:
        assert inbox.last_edit(tx, "slack/T1/help/1") is None
        assert inbox.last_edit(theirs(tx), "slack/T1/help/2") is None


@pytest.mark.parametrize(
    ("days", "dropped"), [(0, 0), (1, 1)], ids=["handled since", "handled before"]
)
def test_the_words_of_what_was_handled_go_after_some_time_and_the_id_stays(
    database: Database, days: int, dropped: int
) -> None:
    put(database, POSTED)
    put(database, ACCEPTED)
    handle(database, "slack:1")

    with database.writing() as tx:
        count = inbox.drop_bodies_before(tx, NOW + timedelta(days=days))

    assert count == dropped
    assert (row(database).event is None) == bool(dropped)
    assert row(database, "slack:2").event == ACCEPTED
    assert not put(database, POSTED)


def test_words_that_went_are_not_counted_again(database: Database) -> None:
    put(database, POSTED)
    handle(database, "slack:1")

    with database.writing() as tx:
        counts = [inbox.drop_bodies_before(tx, LATER) for _ in range(2)]

    assert counts == [1, 0]


def test_what_was_set_aside_keeps_its_words_until_somebody_has_decided(database: Database) -> None:
    set_aside(database)

    with database.writing() as tx:
        assert inbox.drop_bodies_before(tx, LATER) == 0


def test_the_event_that_waits_longest_says_since_when(database: Database) -> None:
    with database.reading() as tx:
        nothing = (
            inbox.oldest_waiting_since(tx),
            inbox.latest_received_at(tx),
        )
    put(database, POSTED, now=NOW)
    put(database, ACCEPTED, now=LATER)

    with database.reading() as tx:
        assert inbox.oldest_waiting_since(tx) == NOW
        assert inbox.latest_received_at(tx) == LATER
    assert nothing == (None, None)


def test_whether_an_event_waits_is_told(database: Database) -> None:
    with database.reading() as tx:
        assert not inbox.is_waiting(tx)
    put(database, POSTED)

    with database.reading() as tx:
        assert inbox.is_waiting(tx)
        assert not inbox.is_waiting(theirs(tx))


def test_what_a_member_said_and_did_is_read_oldest_first(database: Database) -> None:
    put(database, POSTED)
    put(database, replace(POSTED, event_id="slack:9", author=Author("slack", "U2", "Paul")))
    put(database, ACCEPTED)

    with database.reading() as tx:
        assert list(inbox.events_of(tx, "slack:U1")) == [POSTED, ACCEPTED]


def test_a_message_stands_with_the_words_of_its_last_edit(database: Database) -> None:
    put(database, EDITED)
    with database.reading() as tx:
        before = inbox.as_it_stands(tx, "slack/T1/help/1")
    put(database, POSTED)

    with database.reading() as tx:
        after = inbox.as_it_stands(tx, "slack/T1/help/1")
    assert before is None
    assert after == replace(POSTED, text=EDITED.text)


def test_a_message_that_is_gone_does_not_stand_any_more(database: Database) -> None:
    put(database, POSTED)
    put(database, MessageDeleted("slack:9", HELP, "1", LATER))

    with database.reading() as tx:
        assert inbox.as_it_stands(tx, "slack/T1/help/1") is None


def test_whom_a_message_names_is_known_as_long_as_it_is_kept(database: Database) -> None:
    put(database, replace(POSTED, mentions=(Author("slack", "U2", "Paul"),)))
    with database.reading() as tx:
        before = inbox.mentioned_in(tx, "slack/T1/help/1")
    with database.writing() as tx:
        inbox.drop_bodies_of_message(tx, "slack/T1/help/1", now=LATER)

    with database.reading() as tx:
        after = inbox.mentioned_in(tx, "slack/T1/help/1")
    assert before == {"slack:U2"}
    assert after == frozenset()


def test_a_message_from_before_mentions_were_kept_names_nobody(database: Database) -> None:
    put(database, POSTED)
    with database.writing() as tx:
        tx.connection().exec_driver_sql("UPDATE inbox SET event = json_remove(event, '$.mentions')")

    claimed = claim(database)
    assert claimed is not None
    assert claimed[0] == POSTED
