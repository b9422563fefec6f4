from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.places import Place
from supportbot.store import places
from supportbot.store.engine.sqlite import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
EARLIER = NOW - timedelta(minutes=1)
OPEN = Place("slack", "T1", "help")
CLOSED = Place("slack", "T1", "help", is_private=True)
OTHER = Place("slack", "T1", "other")
WORKSPACE = Place("slack", "T1", "")


def note(database: Database, place: Place, heard_at: datetime = NOW) -> bool:
    with database.writing() as tx:
        return places.note(tx, place, heard_at)


def is_private(database: Database, place: Place = OPEN, community_id: str = "ours") -> bool:
    with database.of(community_id).reading() as tx:
        return places.as_known(tx, place).is_private


def heard(database: Database, place: Place, heard_at: datetime) -> Place:
    with database.reading() as tx:
        return places.as_heard(tx, place, heard_at)


def leave(
    database: Database, place: Place = OPEN, at: datetime = NOW, *, member_id: str = "slack:U1"
) -> None:
    with database.writing() as tx:
        places.note_member(tx, member_id, place, at, is_away=True)


def come(database: Database, place: Place = OPEN, at: datetime = NOW) -> None:
    with database.writing() as tx:
        places.note_member(tx, "slack:U1", place, at, is_away=False)


def away(database: Database, place: Place = OPEN, community_id: str = "ours") -> frozenset[str]:
    with database.of(community_id).reading() as tx:
        return places.members_away(tx, place)


@pytest.mark.parametrize("place", [OPEN, CLOSED], ids=["open", "private"])
def test_a_channel_nobody_has_heard_of_is_as_it_is_named(database: Database, place: Place) -> None:
    with database.reading() as tx:
        assert places.as_known(tx, place) == place
        assert places.as_heard(tx, place, NOW) == place


def test_a_channel_that_is_heard_of_for_the_first_time_has_not_changed(database: Database) -> None:
    assert not note(database, CLOSED)
    assert is_private(database)


@pytest.mark.parametrize(
    ("before", "after", "is_closed"),
    [(OPEN, CLOSED, True), (CLOSED, OPEN, False)],
    ids=["closed off", "opened"],
)
def test_a_channel_that_is_closed_off_or_opened_later_has_changed(
    database: Database, before: Place, after: Place, *, is_closed: bool
) -> None:
    note(database, before, NOW)

    assert note(database, after, LATER)
    assert is_private(database) is is_closed


def test_what_was_known_already_is_no_change(database: Database) -> None:
    note(database, CLOSED, NOW)

    assert not note(database, CLOSED, LATER)


def test_what_is_older_than_what_is_known_is_no_news(database: Database) -> None:
    note(database, CLOSED, NOW)

    assert not note(database, OPEN, EARLIER)
    assert is_private(database)


def test_of_two_things_heard_at_one_moment_private_counts(database: Database) -> None:
    note(database, OPEN, NOW)

    assert note(database, CLOSED, NOW)
    assert not note(database, OPEN, NOW)
    assert is_private(database)


def test_all_threads_of_a_channel_are_as_private_as_it_is(database: Database) -> None:
    note(database, CLOSED)

    assert is_private(database, OPEN.in_thread("1"))


def test_a_channel_says_nothing_about_another_or_about_another_community(
    database: Database,
) -> None:
    note(database, CLOSED)

    assert not is_private(database, OTHER)
    assert not is_private(database, OPEN, "theirs")


def test_what_comes_in_is_taken_as_its_own_note_will_leave_it(database: Database) -> None:
    note(database, CLOSED, NOW)

    assert heard(database, OPEN.in_thread("1"), LATER) == OPEN.in_thread("1")
    assert heard(database, OPEN.in_thread("1"), EARLIER) == CLOSED.in_thread("1")
    assert heard(database, CLOSED, LATER) == CLOSED


def test_nobody_is_away_unless_they_left(database: Database) -> None:
    come(database)

    assert away(database) == frozenset()


def test_who_left_a_channel_is_away_there_and_in_its_threads_only(database: Database) -> None:
    leave(database)

    assert away(database) == {"slack:U1"}
    assert away(database, OPEN.in_thread("1")) == {"slack:U1"}
    assert away(database, OTHER) == frozenset()
    assert away(database, OPEN, "theirs") == frozenset()


def test_who_left_the_workspace_is_away_everywhere_in_it(database: Database) -> None:
    leave(database, WORKSPACE)

    assert away(database, OPEN) == {"slack:U1"}
    assert away(database, OTHER) == {"slack:U1"}
    assert away(database, Place("slack", "T2", "help")) == frozenset()


def test_who_came_back_is_there(database: Database) -> None:
    leave(database, at=NOW)

    come(database, at=LATER)

    assert away(database) == frozenset()


def test_a_return_that_is_heard_of_before_the_leaving_counts_all_the_same(
    database: Database,
) -> None:
    come(database, at=LATER)

    leave(database, at=NOW)

    assert away(database) == frozenset()


def test_where_a_member_was_can_be_forgotten(database: Database) -> None:
    leave(database)
    leave(database, WORKSPACE)
    leave(database, member_id="slack:U2")

    with database.writing() as tx:
        places.forget_member(tx, "slack:U1")

    assert away(database) == {"slack:U2"}


def test_what_is_older_than_the_latest_that_was_heard_is_no_news(database: Database) -> None:
    note(database, CLOSED, EARLIER)
    note(database, CLOSED, LATER)

    assert not note(database, OPEN, NOW)
    assert is_private(database)
