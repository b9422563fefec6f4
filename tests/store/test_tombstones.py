from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from supportbot.store import tombstones
from supportbot.store.engine.sqlite import Database
from supportbot.store.tombstones import TombstoneRow
from tests.communities import theirs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def put(database: Database, moment: datetime = NOW, member_id: str = "slack:U1") -> None:
    with database.writing() as tx:
        tombstones.put(tx, member_id, moment)


def forgotten_at(database: Database) -> datetime | None:
    with database.reading() as tx:
        return tombstones.forgotten_at(tx, "slack:U1")


def test_nobody_is_forgotten_unless_they_were(database: Database) -> None:
    with database.reading() as tx:
        assert not tombstones.is_forgotten(tx, "slack:U1", None)
    assert forgotten_at(database) is None


@pytest.mark.parametrize(
    ("said_at", "is_forgotten"),
    [(NOW - SECOND, True), (NOW, True), (NOW + SECOND, False), (None, True)],
    ids=["before", "at the moment", "after", "nobody knows when"],
)
def test_what_was_said_until_then_is_forgotten_and_what_is_said_later_is_not(
    database: Database, said_at: datetime | None, *, is_forgotten: bool
) -> None:
    put(database)

    with database.reading() as tx:
        assert tombstones.is_forgotten(tx, "slack:U1", said_at) is is_forgotten


def test_others_and_other_communities_are_not_forgotten(database: Database) -> None:
    put(database)

    with database.reading() as tx:
        assert not tombstones.is_forgotten(tx, "slack:U2", NOW)
        assert not tombstones.is_forgotten(theirs(tx), "slack:U1", NOW)


def test_one_who_is_forgotten_again_is_forgotten_until_the_later_moment(
    database: Database,
) -> None:
    put(database, NOW)
    put(database, NOW + SECOND)

    put(database, NOW - SECOND)

    assert forgotten_at(database) == NOW + SECOND


def test_who_was_forgotten_does_not_stand_in_the_database(database: Database) -> None:
    put(database, member_id="slack:U1-zebra")

    with database.reading() as tx:
        (row,) = tx.exec(select(TombstoneRow)).all()
    assert row.member_hash == "e939ec534ae039fd8feff97b492aab43e78d3849e77ae410ee02681ee27da31c"


def test_half_a_character_in_an_id_is_forgotten_too(database: Database) -> None:
    put(database, member_id="slack:\ud83d")

    with database.reading() as tx:
        assert tombstones.is_forgotten(tx, "slack:\ud83d", NOW)
