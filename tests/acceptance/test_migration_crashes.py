import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from supportbot.store import migrations
from supportbot.store.engine.sqlite import _begin, _prepare
from tests.acceptance.bots import DEAD, Bot, Host

_HEAD = ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head()
_ROWS = 30
_PLACE = '{"platform": "slack", "workspace": "T1", "channel": "help", "thread": "1"}'
_AUTHOR = '{"platform": "slack", "user_id": "U1", "name": "Maria"}'
_EVENT = f'{{"kind": "message_posted", "place": {_PLACE}, "author": {_AUTHOR}, "message_id": "1"}}'
_TABLES = ("inbox", "outbox", "question", "answer", "document", "passage")


def first_version(path: Path) -> None:
    """Make a database as the first version left it, with rows in each table."""
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    sqlalchemy.event.listen(engine, "connect", _prepare)
    sqlalchemy.event.listen(engine, "begin", _begin)

    def steps(revision: object, _context: object) -> object:
        return script._upgrade_revs("0001", revision)  # type: ignore[arg-type]

    with engine.begin() as connection:
        with EnvironmentContext(Config(), script, fn=steps) as environment:
            environment.configure(connection=connection, transactional_ddl=True)
            environment.run_migrations()
        for number in range(_ROWS):
            _fill(connection, number)
    engine.dispose()


def _fill(connection: sqlalchemy.Connection, number: int) -> None:
    moment, key = "2026-03-02 09:00:00.000000", f"slack/T1/help/{number}"
    rows: dict[str, tuple[object, ...]] = {
        "inbox": ("ours", f"e{number}", "all", _EVENT, number, moment, "handled", 1, ""),
        "outbox": (
            *("ours", f"m{number}", "slack", key, "all", f'{{"place": {_PLACE}}}', number),
            *(moment, moment, "delivered", 1, "7", ""),
        ),
        "question": (
            "ours",
            key,
            "all",
            _PLACE,
            _AUTHOR,
            "How?",
            moment,
            "",
            "answered",
            0.5,
            "[]",
        ),
        "answer": ("ours", f"{key}/a", "all", key, _AUTHOR, "So.", moment, "", number % 2),
        "document": (
            *("ours", f"answers:{key}", "all", "answers", f"{number}", "How?", "Maria"),
            *("slack:U1", moment, ""),
        ),
        "passage": ("ours", number, "all", f"answers:{key}", moment, "", "", "So.", f"{number}"),
    }
    for table, values in rows.items():
        marks = ", ".join("?" * len(values))
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in _TABLES
        }


def check_step(host: Host, folder: Path, step: int) -> bool:
    """Die at a statement of the upgrade, and open it again; says whether it died."""
    bot = Bot(host, folder / f"bot{step}")
    first_version(bot.path)
    copy = bot.path.with_name(f"supportbot.db.before-{_HEAD}")

    status = bot.run("open", dies_at=step, steps="statements")
    half_way = revision(bot.path)
    again = bot.run("open")

    everything = dict.fromkeys(_TABLES, _ROWS)
    assert again == 0
    assert half_way in {"0001", _HEAD}
    assert half_way == "0001" or revision(copy) == "0001"
    assert (revision(bot.path), rows(bot.path)) == (_HEAD, everything)
    assert (revision(copy), rows(copy)) == ("0001", everything)
    assert [path.name for path in bot.home.glob("supportbot.db.before-*")] == [copy.name]
    assert status in {0, DEAD}
    return status == DEAD


def test_an_upgrade_that_is_cut_off_is_done_at_the_next_start(host: Host, tmp_path: Path) -> None:
    assert [check_step(host, tmp_path, step) for step in (20, 40)] == [True, True]


@pytest.mark.slow
def test_an_upgrade_that_is_cut_off_anywhere_is_done_at_the_next_start(
    host: Host, tmp_path: Path
) -> None:
    steps = 1
    while check_step(host, tmp_path, steps):
        steps += 1

    assert steps > 60
