"""What every test may use."""

import gc
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import sqlmodel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy import Engine

    from supportbot.store.engine.sqlite import Database

# Before anything imports the model's libraries: a test never asks a hub.
os.environ["HF_HUB_OFFLINE"] = "1"
# Several processes test at once: threads of the model's own only get in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A change is judged by itself, not by luck: the examples are the same in each run, and those of
# `make simulate` are new in each.
hypothesis.settings.register_profile("the same each time", derandomize=True)
hypothesis.settings.load_profile("the same each time")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the golden conversations be rewritten, to review the difference as text."""
    parser.addoption(
        "--update-conversations", action="store_true", help="rewrite the golden conversations"
    )


def pytest_collection_finish() -> None:
    """Let the collector pass over what stays anyway: it is most of what there is, in each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder and a working folder of its own for each test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SUPPORTBOT_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> "Iterator[None]":
    """Let the databases of all tests compile each statement once: a third of their time.

    SQLAlchemy keeps what it has compiled for each engine, and each test has one of its own.
    """
    from supportbot.store.engine import sqlite as database  # noqa: PLC0415 - after the environment

    first: list[Engine] = []

    def create(*arguments: "Any", **options: "Any") -> "Engine":
        engine = sqlmodel.create_engine(*arguments, **options)
        first[:] = first or [engine]
        engine.dialect = first[0].dialect
        engine._compiled_cache = first[0]._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_engine", create)
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database to copy: bringing one up to date takes ten times as long."""
    from supportbot.testing import template_database  # noqa: PLC0415 - after the environment

    return template_database(tmp_path_factory.mktemp("template") / "supportbot.db")


@pytest.fixture
def database(tmp_path: Path, template: Path) -> "Iterator[Database]":
    """An empty database."""
    from supportbot.store.engine.sqlite import Database  # noqa: PLC0415 - after the environment

    database = Database(Path(shutil.copyfile(template, tmp_path / "supportbot.db")), "ours")
    yield database
    database.close()
