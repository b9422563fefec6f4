import sqlite3
from datetime import UTC, datetime, timedelta

from supportbot.domain.chat.events import MessageDeleted, MessagePosted, PlaceDeleted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.expertise import Utterance
from supportbot.store import inbox, lifecycle, members, messages
from supportbot.store.engine.sqlite import Database
from supportbot.store.messages import Said
from tests.communities import theirs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")


def said(id_: str, *, by: str = "slack:U1", thread: str = "", minute: int = 0) -> Said:
    key = HELP.message_key(thread) if thread else ""
    moment = NOW + timedelta(minutes=minute)
    return Said(HELP.message_key(id_), HELP.channel_key, by, key, moment)


def note(database: Database, *those: Said, community: str = "ours") -> None:
    with database.of(community).writing() as tx:
        messages.note(tx, those)


def heard(database: Database) -> list[Utterance]:
    with database.reading() as tx:
        steps, _ = messages.steps_after(tx, 0)
    return [step.said for step in steps]


def members_heard(database: Database) -> list[str]:
    return [one.member_id.removeprefix("slack:") for one in heard(database)]


def test_what_is_noted_is_read_in_the_order_of_time(database: Database) -> None:
    note(database, said("2", by="slack:U2", minute=5, thread="1"), said("1"))

    assert heard(database) == [
        Utterance("slack:U1", "slack/T1/help", NOW, "slack/T1/help/1"),
        Utterance("slack:U2", "slack/T1/help", NOW + timedelta(minutes=5), "slack/T1/help/1"),
    ]


def test_only_what_was_noted_since_the_last_reading_is_read(database: Database) -> None:
    note(database, said("1"))
    with database.reading() as tx:
        _, read = messages.steps_after(tx, 0)
    note(database, said("2", by="slack:U2", minute=1))

    with database.reading() as tx:
        steps, _ = messages.steps_after(tx, read)
    assert [step.said.member_id for step in steps] == ["slack:U2"]


def test_to_read_what_is_new_not_all_that_was_noted_before_is_read(database: Database) -> None:
    def work(before: int) -> int:
        note(database, *(said(str(number)) for number in range(before)))
        with database.reading() as tx:
            _, read = messages.steps_after(tx, 0)
        note(database, said(f"after {before}"))
        counted = 0

        def count() -> None:
            nonlocal counted
            counted += 1

        with database.reading() as tx:
            connection = tx.connection().connection.dbapi_connection
            assert isinstance(connection, sqlite3.Connection)
            connection.set_progress_handler(count, 10)
            messages.steps_after(tx, read)
            connection.set_progress_handler(None, 0)
        return counted

    assert work(1_000) <= work(10) + 10


def test_a_message_that_is_noted_stays_as_it_is(database: Database) -> None:
    note(database, said("1"))
    note(database, said("1", by="slack:U2"), said("1", by="slack:U3"))

    assert members_heard(database) == ["U1"]


def test_a_message_begins_a_conversation_once_somebody_replies(database: Database) -> None:
    note(database, said("1"), said("5"))
    note(database, said("2", thread="1"))

    threads = [one.thread for one in heard(database)]
    assert sorted(threads) == ["", "slack/T1/help/1", "slack/T1/help/1"]


def test_communities_are_apart(database: Database) -> None:
    note(database, said("1"), community="theirs")

    assert heard(database) == []


def test_many_keys_can_be_asked_for(database: Database) -> None:
    note(database, *[said(str(number)) for number in range(1_200)])

    with database.reading() as tx:
        keys = [HELP.message_key(str(number)) for number in range(1_000, 1_400)]
        asked = [HELP.message_key(str(number)) for number in range(1_000)]
        assert messages.known(tx, keys) == frozenset(keys[:200])
        assert messages.known(tx, asked) == frozenset(asked)
        assert messages.known(theirs(tx), keys) == frozenset()


def test_a_deleted_message_is_not_noted_any_more(database: Database) -> None:
    note(database, said("1"), said("2", by="slack:U2", thread="1"))

    with database.writing() as tx:
        lifecycle.delete_message(tx, HELP, "1", now=NOW)

    assert members_heard(database) == ["U2"]


def test_a_deleted_thread_goes_with_its_first_message(database: Database) -> None:
    note(database, said("1"), said("2", thread="1"), said("3", by="slack:U3"))

    with database.writing() as tx:
        lifecycle.delete_place(tx, HELP.in_thread("1"), now=NOW)

    assert members_heard(database) == ["U3"]


def test_a_deleted_channel_goes_as_a_whole(database: Database) -> None:
    note(database, said("1"), said("2", thread="1"))

    with database.writing() as tx:
        lifecycle.delete_place(tx, HELP, now=NOW)

    assert heard(database) == []


def test_a_forgotten_member_was_never_heard_until_then(database: Database) -> None:
    note(database, said("1"), said("2", minute=9), said("3", by="slack:U2"))

    with database.writing() as tx:
        lifecycle.forget_member(tx, MARIA, until=NOW, now=NOW)

    assert members_heard(database) == ["U2", "U1"]


def test_an_export_of_a_member_counts_what_is_noted(database: Database) -> None:
    note(database, said("1"), said("2"), said("3", by="slack:U2"))

    with database.reading() as tx:
        assert members.holdings_of(tx, MARIA.member_id).messages == 2


def test_what_the_platform_told_of_is_known(database: Database) -> None:
    with database.writing() as tx:
        inbox.put(tx, MessagePosted("e1", HELP, "1", MARIA, "?", NOW), now=NOW)
        inbox.put(tx, MessageDeleted("e2", HELP, "2", NOW), now=NOW)
        inbox.put(tx, PlaceDeleted("e3", HELP.in_thread("3"), NOW), now=NOW)

    keys = [HELP.message_key(id_) for id_ in "1234"]
    with database.reading() as tx:
        assert messages.came_in(tx, keys) == frozenset(keys[:1])
        assert messages.deleted(tx, keys) == frozenset(keys[1:3])
