from datetime import UTC, date, datetime, timedelta

from supportbot.domain.chat.members import Author
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.profile import Profile
from supportbot.store import lifecycle, members, profiles
from supportbot.store.engine.sqlite import Database
from tests.communities import theirs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAUL = Author("slack", "U2", "Paul")
LENA = Author("slack", "U3", "Lena")
CHOSEN = Availability(
    3, (0, 4), 540, 1020, "Europe/Berlin", date(2026, 12, 24), ("ledger",), ("vat",)
)


def save(database: Database, author: Author, availability: Availability) -> None:
    with database.writing() as tx:
        profiles.save(tx, Profile(author, availability), now=NOW)


def test_what_somebody_chose_is_read_back_as_it_was(database: Database) -> None:
    save(database, PAUL, CHOSEN)

    with database.reading() as tx:
        assert profiles.availability_of(tx, "slack:U2") == CHOSEN
        assert profiles.find(tx, "slack:U2") == CHOSEN


def test_who_has_not_chosen_anything_is_asked_at_any_hour(database: Database) -> None:
    with database.reading() as tx:
        assert profiles.availability_of(tx, "slack:U2") == Availability()
        assert profiles.find(tx, "slack:U2") is None


def test_a_later_choice_takes_the_place_of_the_former(database: Database) -> None:
    save(database, LENA, Availability())
    save(database, PAUL, CHOSEN)
    save(database, PAUL, Availability(1))

    with database.reading() as tx:
        assert profiles.everybody(tx) == [
            Profile(PAUL, Availability(1)),
            Profile(LENA, Availability()),
        ]
        assert profiles.everybody(theirs(tx)) == []


def test_a_choice_is_forgotten_with_its_member_unless_it_is_later(database: Database) -> None:
    save(database, PAUL, CHOSEN)
    with database.writing() as tx:
        lifecycle.forget_member(tx, PAUL, until=NOW - timedelta(days=1), now=NOW)
        assert profiles.find(tx, "slack:U2") == CHOSEN

        lifecycle.forget_member(tx, PAUL, until=NOW, now=NOW)

        assert profiles.find(tx, "slack:U2") is None


def test_who_has_only_chosen_is_found_as_a_member_with_all_that_is_held(
    database: Database,
) -> None:
    save(database, PAUL, CHOSEN)

    with database.reading() as tx:
        assert members.find_members(tx, "paul") == [PAUL]
        assert members.holdings_of(tx, "slack:U2").availability == CHOSEN
