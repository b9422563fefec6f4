from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportbot.domain.events import AnswerAccepted, Author, Event, MessagePosted
from supportbot.domain.places import Place
from supportbot.store import inbox
from supportbot.store.database import Database
from supportbot.store.inbox import InboxRow, InboxState

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


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "supportbot.db")
    yield database
    database.close()


def put(
    database: Database, event: Event, *, now: datetime = NOW, community_id: str = "ours"
) -> bool:
    with database.writing() as tx:
        return inbox.put(tx, community_id, event, now=now)


def claim(database: Database, community_id: str = "ours") -> tuple[Event, int] | None:
    with database.writing() as tx:
        return inbox.claim(tx, community_id)


def number_of(database: Database, state: InboxState, community_id: str = "ours") -> int:
    with database.reading() as tx:
        return inbox.count(tx, community_id, state)


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
        inbox.mark_handled(tx, "ours", "slack:1", now=NOW)

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
        inbox.claim(tx, "ours")

    assert claim(database) == (POSTED, 1)


def test_an_event_that_is_set_aside_keeps_its_reason_and_does_not_wait(database: Database) -> None:
    put(database, POSTED)

    with database.writing() as tx:
        inbox.set_aside(tx, "ours", "slack:1", "no such thing")

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
