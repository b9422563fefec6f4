import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportbot.domain.events import Author, MessagePosted
from supportbot.domain.places import COMMUNITY, Place, Scope
from supportbot.errors import SupportbotError
from supportbot.jobs import Job, run_due, scrubbing_large, sync_knowledge, tidying
from supportbot.search import Search, untold
from supportbot.settings import KnowledgeSettings
from supportbot.store import inbox, scrubbing
from supportbot.store.database import Database
from supportbot.testing import HashingEmbedder, SetClock

_GOOD = """---
title: Posting invoices
topics: [invoices]
owner: Donna
reviewed: 2026-01-15
---

Open the invoice and choose Post.
"""


@pytest.fixture
def search(database: Database) -> Search:
    return Search(database, HashingEmbedder())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    return folder


def test_the_documents_of_the_folder_can_be_found(search: Search, folder: Path) -> None:
    (folder / "posting.md").write_text(_GOOD)
    knowledge = KnowledgeSettings(folder=folder, base_url="https://example.org/")

    report, problems = sync_knowledge(search, "ours", knowledge, untold)

    assert (report.added, problems) == (1, [])
    (match,) = search.find_matches(Scope("ours", frozenset({COMMUNITY})), "post an invoice")
    assert (match.title, match.author, match.source) == (
        "Posting invoices",
        "Donna",
        "best_practices",
    )
    assert match.url == "https://example.org/posting.md"


def test_what_is_wrong_with_a_file_is_told_and_the_others_are_taken(
    search: Search, folder: Path
) -> None:
    (folder / "posting.md").write_text(_GOOD)
    (folder / "plain.md").write_text("Words without front matter.")
    (folder / "empty.md").write_text("")

    report, problems = sync_knowledge(search, "ours", KnowledgeSettings(folder=folder), untold)

    assert report.added == 2
    assert [str(problem.path) for problem in problems] == ["empty.md", "empty.md", "plain.md"]


def test_a_document_that_was_deleted_is_forgotten(search: Search, folder: Path) -> None:
    (folder / "posting.md").write_text(_GOOD)
    knowledge = KnowledgeSettings(folder=folder)
    sync_knowledge(search, "ours", knowledge, untold)
    (folder / "posting.md").unlink()

    report, _ = sync_knowledge(search, "ours", knowledge, untold)

    assert report.removed == 1
    assert search.is_empty("ours")


def test_a_folder_that_is_missing_is_told(search: Search, tmp_path: Path) -> None:
    knowledge = KnowledgeSettings(folder=tmp_path / "nowhere")

    with pytest.raises(SupportbotError, match="There is no folder"):
        sync_knowledge(search, "ours", knowledge, untold)


def test_without_a_base_url_a_link_is_the_path_from_the_folder_on(
    search: Search, folder: Path
) -> None:
    (folder / "posting.md").write_text(_GOOD)

    sync_knowledge(search, "ours", KnowledgeSettings(folder=folder), untold)

    (match,) = search.find_matches(Scope("ours", frozenset({COMMUNITY})), "post an invoice")
    assert match.url == "knowledge/posting.md"


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
ASKED = MessagePosted("slack:1", HELP, "1", MARIA, "How does a zebra post?", NOW)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


def counting(name: str, done: list[str]) -> Job:
    return Job(name, timedelta(hours=1), lambda: done.append(name))


def receive_and_handle(database: Database) -> None:
    with database.writing() as tx:
        inbox.put(tx, "ours", ASKED, now=NOW)
        inbox.mark_handled(tx, "ours", "slack:1", now=NOW)


def files(database: Database) -> bytes:
    return b"".join(f.read_bytes() for f in database.path.parent.glob("supportbot.db*"))


def test_a_job_that_was_never_done_is_done_and_not_again_before_its_time(
    database: Database, clock: SetClock
) -> None:
    done: list[str] = []
    job = counting("one", done)

    first = run_due(database, "ours", [job], clock)
    clock.move(timedelta(minutes=59))
    early = run_due(database, "ours", [job], clock)
    clock.move(timedelta(minutes=1))
    in_time = run_due(database, "ours", [job], clock)

    assert (first, early, in_time) == (("one",), (), ("one",))
    assert done == ["one", "one"]


def test_each_job_is_done_by_its_own_time(database: Database, clock: SetClock) -> None:
    done: list[str] = []
    run_due(database, "ours", [counting("one", done)], clock)

    assert run_due(database, "ours", [counting("one", done), counting("other", done)], clock) == (
        "other",
    )


def test_a_job_that_was_done_before_the_clock_was_put_back_is_done_again(
    database: Database, clock: SetClock
) -> None:
    done: list[str] = []
    run_due(database, "ours", [counting("one", done)], clock)
    clock.move(timedelta(days=-1))

    assert run_due(database, "ours", [counting("one", done)], clock) == ("one",)


def test_a_job_that_fails_is_done_again_at_the_next_look(
    database: Database, clock: SetClock
) -> None:
    def fail() -> None:
        message = "The disk is full."
        raise SupportbotError(message)

    with pytest.raises(SupportbotError):
        run_due(database, "ours", [Job("one", timedelta(hours=1), fail)], clock)

    assert run_due(database, "ours", [counting("one", [])], clock) == ("one",)


def test_the_words_of_what_was_handled_go_after_the_days_of_the_settings(
    database: Database, clock: SetClock
) -> None:
    receive_and_handle(database)
    job = tidying(database, "ours", clock, inbox_days=7)
    clock.move(timedelta(days=7))
    job.do()
    with database.reading() as tx:
        after_seven_days = list(inbox.events_of(tx, "ours", "slack:U1"))
    clock.move(timedelta(seconds=1))

    job.do()

    with database.reading() as tx:
        assert list(inbox.events_of(tx, "ours", "slack:U1")) == []
        assert scrubbing.needed_since(tx, "ours") == clock.now()
    assert after_seven_days == [ASKED]


def test_tidying_what_is_tidy_leaves_nothing_to_scrub(database: Database, clock: SetClock) -> None:
    tidying(database, "ours", clock, inbox_days=7).do()

    with database.reading() as tx:
        assert scrubbing.needed_since(tx, "ours") is None


def test_copies_from_before_an_upgrade_go_after_the_same_days(
    database: Database, clock: SetClock
) -> None:
    copy = database.path.with_name("supportbot.db.before-0003")
    copy.write_bytes(b"words")
    job = tidying(database, "ours", clock, inbox_days=7)
    os.utime(copy, (NOW.timestamp(), NOW.timestamp()))
    job.do()
    was_there = copy.exists()
    clock.move(timedelta(days=8))

    job.do()

    assert (was_there, copy.exists()) == (True, False)


def test_what_was_deleted_from_a_large_database_is_scrubbed_by_the_clock(
    database: Database, clock: SetClock
) -> None:
    receive_and_handle(database)
    clock.move(timedelta(days=8))
    tidying(database, "ours", clock, inbox_days=7).do()

    scrubbing_large(database, "ours").do()

    assert b"zebra" not in files(database)
    with database.reading() as tx:
        assert scrubbing.needed_since(tx, "ours") is None


def test_what_could_not_be_scrubbed_stays_to_be_scrubbed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as tx:
        scrubbing.note_deletion(tx, "ours", now=NOW)
    monkeypatch.setattr(database, "scrub", lambda: False)

    scrubbing_large(database, "ours").do()

    with database.reading() as tx:
        assert scrubbing.needed_since(tx, "ours") == NOW


def test_a_database_from_which_nothing_was_deleted_is_not_written_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrubbed: list[bool] = []
    monkeypatch.setattr(database, "scrub", lambda: scrubbed.append(True))

    scrubbing_large(database, "ours").do()

    assert scrubbed == []
