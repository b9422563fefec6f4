from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportbot.domain.events import Author
from supportbot.domain.places import Place
from supportbot.domain.replies import Action, OutgoingMessage, Quote, Reply
from supportbot.store import outbox
from supportbot.store.database import Database
from supportbot.store.outbox import Claim, OutboxRow, OutboxState

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
HELP = Place("slack", "T1", "help", "1")
OTHER = Place("slack", "T1", "help", "2")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "supportbot.db")
    yield database
    database.close()


def message(id_: str = "e1/reply", place: Place = HELP) -> OutgoingMessage:
    return OutgoingMessage(id_, place, Reply("I don't know this one."))


def put(
    database: Database,
    *messages: OutgoingMessage,
    now: datetime = NOW,
    community_id: str = "ours",
) -> None:
    with database.writing() as tx:
        outbox.put(tx, community_id, messages, now=now)


def claim(
    database: Database,
    *,
    platform: str = "slack",
    now: datetime = LATER,
    community_id: str = "ours",
) -> Claim | None:
    with database.writing() as tx:
        return outbox.claim(tx, community_id, platform, now=now)


def claimed_id(database: Database, *, now: datetime = LATER) -> str | None:
    claimed = claim(database, now=now)
    return claimed.message.id if claimed else None


def deliver(database: Database, message_id: str) -> None:
    with database.writing() as tx:
        outbox.mark_delivered(tx, "ours", message_id, "ts-1")


def postpone(database: Database, message_id: str, until: datetime) -> None:
    with database.writing() as tx:
        outbox.postpone(tx, "ours", message_id, now=NOW, until=until, error="busy")


def row(database: Database, message_id: str) -> OutboxRow:
    with database.reading() as tx:
        return tx.get_one(OutboxRow, ("ours", message_id))


def next_due(database: Database) -> datetime | None:
    with database.reading() as tx:
        return outbox.next_due(tx, "ours", "slack", now=NOW)


def test_a_message_comes_out_as_it_went_in(database: Database) -> None:
    paul = Author("slack", "U2", "Paul")
    quote = Quote("With the button.", "Posting", "Paul", NOW, "https://example.org", 0.9)
    whole = Reply("Answered before.", (quote, quote), "If it helps…", (paul,), (Action.SOLVED,))
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
        outbox.set_aside(tx, "ours", "e1", "no such channel")

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
        assert outbox.count(tx, "ours", OutboxState.WAITING) == 2
        assert outbox.count(tx, "ours", OutboxState.DELIVERED) == 1
        assert outbox.count(tx, "ours", OutboxState.SET_ASIDE) == 0
        assert outbox.count(tx, "theirs", OutboxState.WAITING) == 0


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
