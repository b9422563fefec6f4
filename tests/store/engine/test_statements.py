from datetime import UTC, datetime, timedelta

from supportbot.domain.chat.places import Listening, Place
from supportbot.domain.experts.ladder import Ask, Rung
from supportbot.store import asks, conversations, places
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.statements import put_into, table_of
from supportbot.store.places import PlaceRow
from tests.store.test_asks import QUESTION

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")


def test_what_the_session_still_has_to_write_is_read(database: Database) -> None:
    with database.writing() as tx:
        places.note(tx, HELP, NOW)
        places.set_listening(tx, HELP, Listening.NOTHING)

        assert places.listening_in(tx, HELP) is Listening.NOTHING


def test_a_row_takes_the_place_of_the_one_with_its_key(database: Database) -> None:
    row = {"community_id": "ours", "channel_key": HELP.channel_key, "listening": ""}
    put = put_into(table_of(PlaceRow))

    with database.writing() as tx:
        tx.connection().execute(put, {**row, "is_private": False, "since": NOW})
        tx.connection().execute(put, {**row, "is_private": True, "since": NOW})

        assert places.as_known(tx, HELP).is_private


def test_what_belongs_to_a_question_stays_when_it_is_stored_again(database: Database) -> None:
    ask = Ask(QUESTION.id, "slack:U2", NOW + timedelta(seconds=1), Rung.FIRST)
    with database.writing() as tx:
        conversations.save_question(tx, QUESTION)
        asks.note(tx, [ask])

        conversations.save_question(tx, QUESTION)

        assert asks.asks_of(tx, "slack:U2") == [ask]
