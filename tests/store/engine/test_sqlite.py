import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import ForeignKeyConstraint, Index, Table, event, text
from sqlalchemy.sql.schema import ColumnCollectionConstraint
from sqlmodel import SQLModel

from supportbot.domain.chat.audiences import open_scope
from supportbot.domain.chat.events import AnswerAccepted, MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Standing
from supportbot.errors import SupportbotError
from supportbot.store import (
    asks,
    conversations,
    delivery,
    expert_models,
    inbox,
    job_runs,
    knowledge,
    lifecycle,
    outbox,
    outbox_counts,
    places,
    profiles,
    receipts,
    tombstones,
    votes,
)
from supportbot.store.engine import sqlite as database
from supportbot.store.engine.sqlite import Database
from supportbot.store.lifecycle import Forgotten
from supportbot.store.outbox_rows import OutboxState

_MODULES = (
    *(asks, conversations, expert_models, inbox, job_runs, knowledge, outbox, places, profiles),
    *(receipts, tombstones, votes),
)
"""Imported for their tables."""

_STEPS = Path(database.__file__).parents[1] / "migrations"
_HEAD = ScriptDirectory(str(_STEPS)).get_current_head()
_SECOND_STEP = f"""
from alembic import op

revision = "next"
down_revision = "{_HEAD}"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE TABLE badge (community_id TEXT PRIMARY KEY)")
"""
_BROKEN_STEP = f"{_SECOND_STEP}    raise RuntimeError('the step is broken')\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "supportbot.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Database]:
    opened = Database(path, "ours")
    yield opened
    opened.close()


@pytest.fixture
def next_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a later version's steps, which are read from now on."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(database.__file__).parents[1] / "migrations", folder)
    read_steps_of(folder, monkeypatch)
    return folder / "versions" / "badges.py"


def read_steps_of(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Bring databases up to date by the steps of a folder, as they are then."""
    patch.setattr(database, "_STEPS", str(folder))
    patch.setattr(database, "_head", database._head.__wrapped__)


def keep(database: Database, *document_ids: str, title: str = "") -> None:
    with database.writing() as tx:
        for document_id in document_ids:
            insert_document(tx.connection(), document_id, title)


def insert_document(connection: sqlalchemy.Connection, document_id: str, title: str) -> None:
    connection.execute(
        text(
            "INSERT INTO document(community_id, id, audience, source, hash, title, author, "
            "author_id, url) VALUES ('ours', :id, 'community', 's', 'h', :title, '', '', '')"
        ),
        {"id": document_id, "title": title},
    )


def kept(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM document ORDER BY id")]


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


@pytest.mark.parametrize(
    "name", ["a?b", "a#b", "a%20b", "a b", "file:a", ":memory:", "a?mode=memory", "a%", "\u00fc"]
)
def test_the_file_is_where_it_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    home, copy = tmp_path / name, tmp_path / f"{name} copy"
    home.mkdir()
    monkeypatch.chdir(home)

    opened = Database(Path(name), "ours")
    with opened.writing() as tx:
        inbox.put(tx, MessagePosted("e1", Place("a", "b", "c"), "7", _MARIA, "?", _NOW), now=_NOW)
    opened.back_up(copy)
    opened.close()

    assert (home / name).stat().st_size > 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (1,)


def test_a_new_file_gets_every_table(path: Path) -> None:
    Database(path, "ours").close()

    assert tables(path) >= {
        *_TABLES,
        "passage_words",
        "question",
    }
    assert revision(path) == _HEAD


def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    first = Database(path, "ours")
    keep(first, "one")
    first.close()

    Database(path, "ours").close()

    assert kept(path) == ["one"]


def test_an_older_file_is_copied_and_then_brought_up_to_date(path: Path, next_steps: Path) -> None:
    old = Database(path, "ours")
    keep(old, "one")
    old.close()
    next_steps.write_text(_SECOND_STEP)

    Database(path, "ours").close()

    copy = path.with_name("supportbot.db.before-next")
    assert (revision(path), kept(path), "badge" in tables(path)) == ("next", ["one"], True)
    assert (revision(copy), kept(copy), "badge" in tables(copy)) == (_HEAD, ["one"], False)


def test_nothing_of_a_step_that_fails_stays(path: Path, next_steps: Path) -> None:
    old = Database(path, "ours")
    keep(old, "one")
    old.close()
    next_steps.write_text(_BROKEN_STEP)

    with pytest.raises(RuntimeError, match="the step is broken"):
        Database(path, "ours")

    assert (revision(path), kept(path), "badge" in tables(path)) == (_HEAD, ["one"], False)


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    Database(path, "ours").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    with pytest.raises(SupportbotError) as refusal:
        Database(path, "ours")

    assert str(refusal.value) == (
        f"The database {path} was written by a newer supportbot (revision 9999; this one knows "
        f"up to {_HEAD}). Upgrade supportbot, or set SUPPORTBOT_HOME to another folder."
    )


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("Dear diary, today the bot did not answer. " * 30)

    with pytest.raises(SupportbotError) as refusal:
        Database(path, "ours")

    assert str(refusal.value) == (
        f"The database {path} is not a database. Move the file away, or set SUPPORTBOT_HOME to "
        "another folder."
    )


def test_a_damaged_file_is_refused(path: Path) -> None:
    Database(path, "ours").close()
    first_page = path.read_bytes()[:4096]
    path.write_bytes(first_page + b"\xff" * (path.stat().st_size - 4096))

    with pytest.raises(SupportbotError, match=r"is damaged\. Put your last backup in its place"):
        Database(path, "ours")


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match=r"cannot be opened\. Check that the folder exists"):
        Database(tmp_path / "nowhere" / "supportbot.db", "ours")


def test_opening_a_file_that_another_process_keeps_locked_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 20)
    Database(path, "ours").close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(SupportbotError, match="is locked by another process"):
            Database(path, "ours")


def test_writing_while_another_process_writes_is_refused_and_works_afterwards(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 20)
    with closing(Database(path, "ours")) as opened, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SupportbotError, match="is locked by another process"):
            keep(opened, "early")
        other.rollback()

        keep(opened, "late")

    assert kept(path) == ["late"]


def test_reading_goes_on_while_another_process_writes(opened: Database, path: Path) -> None:
    keep(opened, "one")
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM document")

        with opened.reading() as tx:
            documents, _ = knowledge.count(tx)

    assert documents == 1


def test_a_full_disk_is_told_and_nothing_of_the_transaction_stays(
    opened: Database, path: Path
) -> None:
    keep(opened, "before")

    def fill_up(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    event.listen(opened._engine, "connect", fill_up)
    opened.close()

    with pytest.raises(SupportbotError, match=r"the disk is full\. What was stored before is safe"):
        keep(opened, "one", "two", "three", title="x" * 40_000)

    assert kept(path) == ["before"]


def test_writing_works_again_once_there_is_space(opened: Database, path: Path) -> None:
    pages = 10

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(opened._engine, "connect", limit)
    opened.close()
    with pytest.raises(SupportbotError, match="the disk is full"):
        keep(opened, "one", title="x" * 1_000_000)
    pages = 10_000
    opened.close()

    keep(opened, "two")

    assert kept(path) == ["two"]


def test_a_file_that_may_not_be_written_is_told(opened: Database) -> None:
    def forbid(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(opened._engine, "connect", forbid)
    opened.close()

    with pytest.raises(SupportbotError, match=r"cannot be written\. Fix its permissions"):
        keep(opened, "one")


def test_nothing_of_a_transaction_that_fails_stays(opened: Database, path: Path) -> None:
    keep(opened, "before")

    with pytest.raises(sqlalchemy.exc.IntegrityError):
        keep(opened, "half", "before")

    assert kept(path) == ["before"]


def test_our_own_mistake_keeps_its_traceback(opened: Database) -> None:
    keep(opened, "one")

    with pytest.raises(sqlalchemy.exc.IntegrityError):
        keep(opened, "one")


def test_a_mistake_in_the_file_functions_of_sqlite_keeps_its_traceback(
    path: Path,
) -> None:
    with pytest.raises(sqlite3.OperationalError), database._explained(path):
        raise sqlite3.OperationalError


def test_reading_keeps_its_snapshot_while_somebody_writes(opened: Database) -> None:
    keep(opened, "one")

    with opened.reading() as tx:
        before = knowledge.count(tx)
        keep(opened, "two")
        still = knowledge.count(tx)

    assert (before, still) == ((1, 0), (1, 0))


def test_writers_take_turns(opened: Database, path: Path) -> None:
    both_are_there = threading.Barrier(2)

    def write(name: str) -> None:
        both_are_there.wait()
        keep(opened, name)

    threads = [threading.Thread(target=write, args=[name]) for name in ("one", "two")]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kept(path) == ["one", "two"]


def test_what_refers_to_something_needs_it(opened: Database) -> None:
    with pytest.raises(sqlalchemy.exc.IntegrityError), opened.writing() as tx:
        tx.execute(
            text(
                "INSERT INTO passage(community_id, id, audience, document_id, heading, anchor, "
                "shown, content_hash) VALUES ('ours', 1, 'community', 'none', '', '', '', '')"
            )
        )


def test_the_steps_make_the_tables_that_the_code_expects(opened: Database) -> None:
    def is_ours(_object: object, name: str | None, *_: object) -> bool:
        return not str(name).startswith(("passage_words", "passage_vocabulary"))

    with opened._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": is_ours, "compare_type": True}
        )
        differences = compare_metadata(context, SQLModel.metadata)

    assert differences == []


_TABLES = sorted(SQLModel.metadata.tables)


def _in_order(table: Table) -> list[ColumnCollectionConstraint | Index]:
    """Return keys and indexes by name: sets have no order, and tests are shared out by theirs."""
    constraints = [
        constraint
        for constraint in table.constraints
        if isinstance(constraint, ColumnCollectionConstraint) and len(constraint.columns)
    ]
    keys: list[ColumnCollectionConstraint | Index] = [*table.indexes, *constraints]
    return sorted(keys, key=lambda key: (type(key).__name__, key.columns.keys()))


_KEYS = [
    pytest.param(key, id=f"{table}: {type(key).__name__} {', '.join(key.columns.keys())}")
    for table in _TABLES
    for key in _in_order(SQLModel.metadata.tables[table])
]


@pytest.mark.parametrize("key", _KEYS)
def test_every_key_and_index_begins_with_the_community(
    key: ColumnCollectionConstraint | Index,
) -> None:
    assert next(iter(key.columns)).name == "community_id"


@pytest.mark.parametrize("name", _TABLES)
def test_what_a_table_refers_to_is_in_the_same_community(name: str) -> None:
    table: Table = SQLModel.metadata.tables[name]

    first_targets = [
        key.elements[0].column.name
        for key in table.constraints
        if isinstance(key, ForeignKeyConstraint)
    ]

    assert set(first_targets) <= {"community_id"}


@pytest.mark.parametrize("name", ["answer", "document", "inbox", "outbox", "passage", "question"])
def test_what_is_said_or_searched_has_an_audience_and_a_community(name: str) -> None:
    columns = SQLModel.metadata.tables[name].columns

    assert not columns["audience"].nullable
    assert not columns["community_id"].nullable


def test_every_table_is_looked_at_by_these_rules() -> None:
    assert _TABLES == [
        "absence",
        "answer",
        "ask",
        "buttons",
        "document",
        "embedding",
        "expert_model",
        "identity",
        "inbox",
        "job",
        "link_code",
        "message",
        "outbox",
        "outbox_quote",
        "outsider",
        "passage",
        "place",
        "profile",
        "question",
        "question_part",
        "revision",
        "rung",
        "shown",
        "tombstone",
        "vote",
    ]


_OLD_ROWS = """
INSERT INTO question VALUES ('ours', 'zulip/a%2Fb/c%25d/7', 'community',
    '{"platform": "zulip", "workspace": "a/b", "channel": "c%d", "thread": "7",
      "is_private": false}',
    '{"platform": "zulip", "user_id": "u/1", "name": "Maria"}',
    'How do I post?', '2026-03-02 09:00:00.000000', 'x:7', 'resolved', 0.25, '["zulip:u2"]');
INSERT INTO answer VALUES ('ours', 'zulip/a%2Fb/c%25d/7/8', 'community', 'zulip/a%2Fb/c%25d/7',
    '{"platform": "zulip", "user_id": "u2", "name": "Paul"}',
    'With the button.', '2026-03-02 09:01:00.000000', 'x:8', 1);
INSERT INTO answer VALUES ('ours', 'zulip/a%2Fb/c%25d/7/9', 'community', 'zulip/a%2Fb/c%25d/7',
    '{"platform": "zulip", "user_id": "u3", "name": "Donna"}',
    'Or the menu.', '2026-03-02 09:02:00.000000', 'x:9', 0);
INSERT INTO inbox VALUES ('ours', 'zulip:e1', 'community',
    '{"event_id": "zulip:e1", "place": {"platform": "zulip", "workspace": "a/b",
      "channel": "c%d", "thread": null, "is_private": false}, "message_id": "7",
      "author": {"platform": "zulip", "user_id": "u/1", "name": "Maria"},
      "text": "How do I post?", "posted_at": "2026-03-02T09:00:00Z", "url": "x:7",
      "is_addressed": false, "kind": "message_posted"}',
    1, '2026-03-02 09:00:00.000000', 'handled', 1, '');
INSERT INTO inbox VALUES ('ours', 'zulip:e2', 'community',
    '{"event_id": "zulip:e2", "place": {"platform": "zulip", "workspace": "a/b",
      "channel": "c%d", "thread": "7", "is_private": false},
      "author": {"platform": "zulip", "user_id": "u/1", "name": "Maria"},
      "accepted_at": "2026-03-02T09:03:00Z", "kind": "answer_accepted"}',
    2, '2026-03-02 09:03:00.000000', 'waiting', 0, '');
INSERT INTO outbox VALUES ('ours', 'zulip:e1/reply', 'zulip', 'zulip/a%2Fb/c%25d/7', 'community',
    '{"id": "zulip:e1/reply", "place": {"platform": "zulip", "workspace": "a/b",
      "channel": "c%d", "thread": "7", "is_private": false},
      "reply": {"text": "This was answered before.", "quotes": [{"text": "Push.", "title": "T",
        "author": "Paul", "said_at": null, "url": "", "confidence": 0.9}],
        "closing": "", "mentions": [], "actions": []}}',
    1, '2026-03-02 09:00:00.000000', '2026-03-02 09:05:00.000000', 'waiting', 1, '', 'busy');
INSERT INTO document VALUES ('ours', 'answers:zulip/a%2Fb/c%25d/7', 'community', 'answers', 'h1',
    'How do I post?', 'Paul', 'zulip:u2', '2026-03-02 09:01:00.000000', 'x:8');
INSERT INTO document VALUES ('ours', 'best_practices:a.md', 'community', 'best_practices', 'h2',
    'Posting', 'Donna', '', NULL, '');
INSERT INTO passage VALUES ('ours', 12, 'community', 'answers:zulip/a%2Fb/c%25d/7',
    '2026-03-02 09:01:00.000000', '', '', 'With the button.', 'c1');
INSERT INTO passage_words(rowid, scope, words) VALUES (12, 'scope', 'how do i post');
INSERT INTO embedding VALUES ('ours', 'c1', 'm', 'float32', x'0000803f00000000');
"""
_OLD_MESSAGES = [
    (f"zulip/a%2Fb/c%25d/{n}", "zulip/a%2Fb/c%25d", member, "zulip/a%2Fb/c%25d/7", said_at)
    for n, member, said_at in (
        (7, "zulip:u/1", "2026-03-02 09:00:00.000000"),
        (8, "zulip:u2", "2026-03-02 09:01:00.000000"),
        (9, "zulip:u3", "2026-03-02 09:02:00.000000"),
    )
]
_NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
_OLD_PLACE = Place("zulip", "a/b", "c%d")
_MARIA = Author("zulip", "u/1", "Maria")


@pytest.fixture
def upgraded(path: Path, tmp_path: Path) -> Iterator[Database]:
    """A database of the first version, with a row in every table, opened by this one."""
    first = tmp_path / "first"
    shutil.copytree(Path(database.__file__).parents[1] / "migrations", first)
    for step in (first / "versions").glob("0*.py"):
        if not step.name.startswith("0001"):
            step.unlink()
    with pytest.MonkeyPatch.context() as patch:
        read_steps_of(first, patch)
        Database(path, "ours").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_OLD_ROWS)
    opened = Database(path, "ours")
    yield opened
    opened.close()


def test_who_was_asked_before_the_upgrade_counts_and_what_is_open_stays_quiet(
    path: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    shutil.copytree(_STEPS, first)
    for step in (first / "versions").glob("00*.py"):
        if step.name > "0004":
            step.unlink()
    with pytest.MonkeyPatch.context() as patch:
        read_steps_of(first, patch)
        Database(path, "ours").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_OPEN_QUESTION)

    with closing(Database(path, "ours")) as upgraded, upgraded.reading() as tx:
        (climb,) = asks.climbs(tx, answered_since=datetime(2026, 3, 2, tzinfo=UTC))

    assert [(ask.member_id, ask.rung, ask.outcome) for ask in climb.asks] == [
        ("slack:U2", "first", ""),
        ("slack:U3", "first", ""),
    ]
    assert {*climb.reached} == {"open", "checked"}


_OPEN_QUESTION = """
INSERT INTO question(community_id, id, audience, channel_key, place, asker_id, asker, text,
    asked_at, url, state, confidence, experts)
VALUES ('ours', 'slack/T1/help/7', 'community', 'slack/T1/help',
    '{"platform": "slack", "workspace": "T1", "channel": "help", "thread": "7",
      "is_private": false}',
    'slack:U1', '{"platform": "slack", "user_id": "U1", "name": "Maria"}',
    'How do I post?', '2026-03-02 09:00:00.000000', 'x:7', 'routed', 0.25,
    '["slack:U2", "slack:U3"]');
"""


def test_a_first_file_is_copied_before_its_rows_are_filled_in(
    upgraded: Database, path: Path
) -> None:
    copy = path.with_name(f"supportbot.db.before-{_HEAD}")

    assert (revision(path), revision(copy)) == (_HEAD, "0001")
    assert upgraded.find_damage() == ()


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (
            "SELECT message_key, channel_key, member_id, thread, said_at FROM message ORDER BY 1",
            _OLD_MESSAGES,
        ),
        ("SELECT channel_key, asker_id FROM question", [("zulip/a%2Fb/c%25d", "zulip:u/1")]),
        (
            "SELECT message_key, author_id, standing, reason FROM answer ORDER BY id",
            [
                ("zulip/a%2Fb/c%25d/8", "zulip:u2", "knowledge", ""),
                ("zulip/a%2Fb/c%25d/9", "zulip:u3", "given", ""),
            ],
        ),
        (
            (
                "SELECT kind, message_key, channel_key, author_id, handled_at FROM inbox "
                "ORDER BY position"
            ),
            [
                (
                    "message_posted",
                    "zulip/a%2Fb/c%25d/7",
                    "zulip/a%2Fb/c%25d",
                    "zulip:u/1",
                    "2026-03-02 09:00:00.000000",
                ),
                ("answer_accepted", "", "zulip/a%2Fb/c%25d", "zulip:u/1", None),
            ],
        ),
        (
            "SELECT channel_key, cause, caused_by, waits_since FROM outbox",
            [("zulip/a%2Fb/c%25d", "", "", "2026-03-02 09:00:00.000000")],
        ),
        (
            "SELECT channel_key FROM document ORDER BY id",
            [("zulip/a%2Fb/c%25d",), ("",)],
        ),
        (
            "SELECT rowid, words FROM passage_words WHERE passage_words MATCH 'posting'",
            [(12, "how do i post")],
        ),
        ("SELECT term, doc FROM passage_vocabulary WHERE term = 'post'", [("post", 1)]),
    ],
    ids=["message", "question", "answer", "inbox", "outbox", "document", "words", "vocabulary"],
)
def test_what_follows_a_message_is_filled_in_from_what_was_there(
    upgraded: Database, query: str, rows: list[tuple[object, ...]]
) -> None:
    with upgraded.reading() as tx:
        assert [tuple(row) for row in tx.execute(text(query))] == rows


def test_an_old_question_and_its_answers_are_read_as_before(upgraded: Database) -> None:
    with upgraded.reading() as tx:
        question = conversations.question_in(tx, _OLD_PLACE.in_thread("7"))
        asked = conversations.questions_by(tx, "zulip:u/1")
        given = conversations.answer_said_in(tx, _OLD_PLACE.message_key("8"))
        accepted = conversations.count_accepted(tx, "zulip:u2")

    assert question is not None
    assert asked == (question,)
    assert (question.place, question.asker) == (_OLD_PLACE.in_thread("7"), _MARIA)
    assert given is not None
    assert (given.text, given.standing, accepted) == ("With the button.", Standing.KNOWLEDGE, 1)


def test_an_old_event_that_waited_is_handled(upgraded: Database) -> None:
    with upgraded.writing() as tx:
        claimed = inbox.claim(tx)

    assert claimed == (
        AnswerAccepted(
            "zulip:e2", _OLD_PLACE.in_thread("7"), _MARIA, datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
        ),
        1,
    )


def test_an_old_event_that_comes_again_is_known(upgraded: Database) -> None:
    again = MessagePosted("zulip:e1", _OLD_PLACE, "7", _MARIA, "How do I post?", _NOW)

    with upgraded.writing() as tx:
        assert not inbox.put(tx, again, now=_NOW)


def test_an_old_message_that_waited_is_delivered(upgraded: Database) -> None:
    with upgraded.writing() as tx:
        claimed = delivery.claim(tx, "zulip", now=_NOW)

    assert claimed is not None
    assert (claimed.message.id, claimed.attempt) == ("zulip:e1/reply", 2)
    assert claimed.message.reply.quotes[0].text == "Push."


def test_an_old_question_can_be_deleted(upgraded: Database) -> None:
    with upgraded.writing() as tx:
        lifecycle.delete_message(tx, _OLD_PLACE, "7", now=_NOW)

    with upgraded.reading() as tx:
        assert conversations.questions_by(tx, "zulip:u/1") == ()
        assert knowledge.count(tx) == (1, 0)
        assert outbox_counts.count(tx, OutboxState.WAITING) == 0


def test_an_old_channel_can_be_closed_off(upgraded: Database) -> None:
    closed = _OLD_PLACE.with_privacy(is_private=True)

    with upgraded.writing() as tx:
        lifecycle.move_audience(tx, closed)

    with upgraded.reading() as tx:
        visible = knowledge.hashes_of(
            tx,
            ["answers:zulip/a%2Fb/c%25d/7", "best_practices:a.md"],
            scope=open_scope(),
        )
    assert visible == {"best_practices:a.md": "h2"}


def test_an_old_member_can_be_forgotten(upgraded: Database) -> None:
    with upgraded.writing() as tx:
        forgotten = lifecycle.forget_member(tx, _MARIA, until=_NOW, now=_NOW)

    assert forgotten == Forgotten(questions=1, answers=0, documents=1)
    with upgraded.reading() as tx:
        assert list(inbox.events_of(tx, "zulip:u/1")) == []
        assert conversations.question_in(tx, _OLD_PLACE.in_thread("7")) is not None


def test_copies_from_before_an_upgrade_go_once_they_are_old(upgraded: Database, path: Path) -> None:
    copy = path.with_name(f"supportbot.db.before-{_HEAD}")
    made_at = datetime.fromtimestamp(copy.stat().st_mtime, UTC)

    upgraded.remove_old_copies(before=made_at - timedelta(seconds=1))
    was_there = copy.exists()
    upgraded.remove_old_copies(before=made_at + timedelta(seconds=1))

    assert (was_there, copy.exists(), path.exists()) == (True, False, True)


def files_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def keep_all(database: Database, rows: list[tuple[str, str]]) -> None:
    with database.writing() as tx:
        for document_id, title in rows:
            insert_document(tx.connection(), document_id, title)


def remove_all(database: Database, ids: list[str]) -> None:
    rows = [{"id": id_} for id_ in ids]
    with database.writing() as tx:
        tx.execute(text("DELETE FROM document WHERE id = :id"), rows)


def test_what_was_deleted_is_not_in_the_files_once_they_are_scrubbed(
    opened: Database, path: Path
) -> None:
    keep(opened, "one", title="a zebra")
    with opened.writing() as tx:
        tx.execute(text("DELETE FROM document"))
    before = b"zebra" in files_of(path)

    assert opened.scrub()

    assert (before, b"zebra" in files_of(path)) == (True, False)


def test_what_was_deleted_is_not_in_the_gaps_that_moving_rows_has_left_either(
    opened: Database, path: Path
) -> None:
    """Without writing the file anew, one of these 800 ids stays (SQLite 3.40)."""
    first = [(f"zq{number}x", "word " * (number % 60)) for number in range(400)]
    second = [(f"zq{number}x", "word " * (number % 90)) for number in range(400, 800)]
    gone = {f"zq{number}x" for number in [*range(0, 400, 2), *range(1, 800, 3)]}
    keep_all(opened, first)
    remove_all(opened, [id_ for id_, _ in first[::2]])
    keep_all(opened, second)
    remove_all(opened, sorted(gone))

    opened.scrub()

    left = re.findall(r"zq\d+x", files_of(path).decode("latin-1"))
    assert set(left) & gone == set()


def test_scrubbing_has_to_be_done_again_when_somebody_is_reading(
    opened: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 20)
    keep(opened, "one", title="a zebra")
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM document").fetchall()
        with opened.writing() as tx:
            tx.execute(text("DELETE FROM document"))

        is_done = opened.scrub()

    assert not is_done
    assert opened.scrub()
    assert b"zebra" not in files_of(path)


def test_what_is_there_stays_when_the_files_are_scrubbed(opened: Database, path: Path) -> None:
    keep(opened, "one", "two")

    opened.scrub()

    assert kept(path) == ["one", "two"]
    assert opened.find_damage() == ()


def test_how_large_the_file_is_can_be_told(opened: Database, path: Path) -> None:
    assert opened.size() == path.stat().st_size


def test_a_sound_file_has_no_damage(opened: Database) -> None:
    keep(opened, "one")

    assert opened.find_damage() == ()


def test_a_table_that_does_not_agree_with_its_index_is_damage(opened: Database, path: Path) -> None:
    keep(opened, "one")
    opened.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'document_by_author'")
        connection.commit()

    with closing(Database(path, "ours")) as again:
        (damage,) = again.find_damage()

    assert "never used" in damage


def test_a_word_index_that_lost_a_page_is_damage(opened: Database, path: Path) -> None:
    with opened.writing() as tx:
        tx.execute(text("INSERT INTO passage_words(rowid, words) VALUES (1, 'word')"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM passage_words_data WHERE id > 10")
        connection.commit()

    (damage,) = opened.find_damage()

    assert damage.startswith(f"The database {path} is damaged. Put your last backup in its place")


def test_a_backup_has_everything_also_while_somebody_writes(opened: Database, path: Path) -> None:
    keep(opened, "one")
    target = path.with_name("backup.db")

    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        opened.back_up(target)

    assert kept(target) == ["one"]


def test_a_backup_that_cannot_be_written_is_told(opened: Database, path: Path) -> None:
    target = path.with_name("nowhere") / "backup.db"

    with pytest.raises(SupportbotError) as refusal:
        opened.back_up(target)

    assert str(refusal.value) == (
        f"The database {target} cannot be opened. Check that the folder exists and can be written."
    )


def test_the_words_of_an_old_message_that_was_delivered_go_with_the_upgrade(
    path: Path, tmp_path: Path
) -> None:
    first = tmp_path / "first"
    shutil.copytree(Path(database.__file__).parents[1] / "migrations", first)
    for step in (first / "versions").glob("0*.py"):
        if not step.name.startswith("0001"):
            step.unlink()
    with pytest.MonkeyPatch.context() as patch:
        read_steps_of(first, patch)
        Database(path, "ours").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_OLD_ROWS)
        connection.execute("UPDATE outbox SET state = 'delivered'")
        connection.commit()

    with closing(Database(path, "ours")) as upgraded, upgraded.reading() as tx:
        words = tx.execute(text("SELECT message FROM outbox")).scalar_one()

    assert words is None
