import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportbot.domain.chat.audiences import COMMUNITY, Scope
from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.profile import Profile
from supportbot.domain.knowledge.capture import document_from
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.replies.reply import Quote
from supportbot.errors import SupportbotError
from supportbot.jobs.maintenance import scrubbing_large, tidying
from supportbot.jobs.receipts import receipts
from supportbot.jobs.schedule import Job, run_due
from supportbot.knowledge.search import Search, untold
from supportbot.knowledge.sync import sync_knowledge
from supportbot.retrieval.chunking import passages_of
from supportbot.settings import KnowledgeSettings
from supportbot.store import (
    conversations,
    delivery,
    inbox,
    knowledge,
    lifecycle,
    outbox_counts,
    places,
    profiles,
)
from supportbot.store import receipts as shown
from supportbot.store.delivery import Claim
from supportbot.store.engine import scrubbing
from supportbot.store.engine.sqlite import Database
from supportbot.store.knowledge import PreparedDocument
from supportbot.store.outbox_rows import OutboxState
from supportbot.testing import HashingEmbedder, SetClock
from tests.reading import matches as matches_in

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

    report, problems = sync_knowledge(search, knowledge, untold)

    assert (report.added, problems) == (1, [])
    (match,) = matches_in(search, Scope(frozenset({COMMUNITY})), "post an invoice")
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
    (folder / "zeros.md").write_bytes(b"\x00" * 9)

    report, problems = sync_knowledge(search, KnowledgeSettings(folder=folder), untold)

    assert report.added == 2
    assert [str(problem.path) for problem in problems] == ["zeros.md"]


def test_a_document_that_was_deleted_is_forgotten(search: Search, folder: Path) -> None:
    (folder / "posting.md").write_text(_GOOD)
    knowledge = KnowledgeSettings(folder=folder)
    sync_knowledge(search, knowledge, untold)
    (folder / "posting.md").unlink()

    report, _ = sync_knowledge(search, knowledge, untold)

    assert report.removed == 1
    assert search.is_empty()


def test_a_folder_that_is_missing_is_told(search: Search, tmp_path: Path) -> None:
    knowledge = KnowledgeSettings(folder=tmp_path / "nowhere")

    with pytest.raises(SupportbotError, match="There is no folder"):
        sync_knowledge(search, knowledge, untold)


def test_without_a_base_url_a_link_is_the_path_from_the_folder_on(
    search: Search, folder: Path
) -> None:
    (folder / "posting.md").write_text(_GOOD)

    sync_knowledge(search, KnowledgeSettings(folder=folder), untold)

    (match,) = matches_in(search, Scope(frozenset({COMMUNITY})), "post an invoice")
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
        inbox.put(tx, ASKED, now=NOW)
        inbox.mark_handled(tx, "slack:1", now=NOW)


def files(database: Database) -> bytes:
    return b"".join(f.read_bytes() for f in database.path.parent.glob("supportbot.db*"))


def test_a_job_that_was_never_done_is_done_and_not_again_before_its_time(
    database: Database, clock: SetClock
) -> None:
    done: list[str] = []
    job = counting("one", done)

    first = run_due(database, [job], clock)
    clock.move(timedelta(minutes=59))
    early = run_due(database, [job], clock)
    clock.move(timedelta(minutes=1))
    in_time = run_due(database, [job], clock)

    assert (first, early, in_time) == (("one",), (), ("one",))
    assert done == ["one", "one"]


def test_each_job_is_done_by_its_own_time(database: Database, clock: SetClock) -> None:
    done: list[str] = []
    run_due(database, [counting("one", done)], clock)

    assert run_due(database, [counting("one", done), counting("other", done)], clock) == ("other",)


def test_a_job_that_was_done_before_the_clock_was_put_back_is_done_again(
    database: Database, clock: SetClock
) -> None:
    done: list[str] = []
    run_due(database, [counting("one", done)], clock)
    clock.move(timedelta(days=-1))

    assert run_due(database, [counting("one", done)], clock) == ("one",)


def test_a_job_that_fails_is_done_again_at_the_next_look(
    database: Database, clock: SetClock
) -> None:
    def fail() -> None:
        message = "The disk is full."
        raise SupportbotError(message)

    with pytest.raises(SupportbotError):
        run_due(database, [Job("one", timedelta(hours=1), fail)], clock)

    assert run_due(database, [counting("one", [])], clock) == ("one",)


def test_the_words_of_what_was_handled_go_after_the_days_of_the_settings(
    database: Database, clock: SetClock
) -> None:
    receive_and_handle(database)
    job = tidying(database, clock, inbox_days=7)
    clock.move(timedelta(days=7))
    job.do()
    with database.reading() as tx:
        after_seven_days = list(inbox.events_of(tx, "slack:U1"))
    clock.move(timedelta(seconds=1))

    job.do()

    with database.reading() as tx:
        assert list(inbox.events_of(tx, "slack:U1")) == []
        assert scrubbing.needed_since(tx) == clock.now()
    assert after_seven_days == [ASKED]


def test_tidying_what_is_tidy_leaves_nothing_to_scrub(database: Database, clock: SetClock) -> None:
    tidying(database, clock, inbox_days=7).do()

    with database.reading() as tx:
        assert scrubbing.needed_since(tx) is None


def test_copies_from_before_an_upgrade_go_after_the_same_days(
    database: Database, clock: SetClock
) -> None:
    copy = database.path.with_name("supportbot.db.before-0003")
    copy.write_bytes(b"words")
    job = tidying(database, clock, inbox_days=7)
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
    tidying(database, clock, inbox_days=7).do()

    scrubbing_large(database).do()

    assert b"zebra" not in files(database)
    with database.reading() as tx:
        assert scrubbing.needed_since(tx) is None


def test_what_could_not_be_scrubbed_stays_to_be_scrubbed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as tx:
        scrubbing.note_deletion(tx, now=NOW)
    monkeypatch.setattr(database, "scrub", lambda: False)

    scrubbing_large(database).do()

    with database.reading() as tx:
        assert scrubbing.needed_since(tx) == NOW


def test_a_database_from_which_nothing_was_deleted_is_not_written_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrubbed: list[bool] = []
    monkeypatch.setattr(database, "scrub", lambda: scrubbed.append(True))

    scrubbing_large(database).do()

    assert scrubbed == []


PAUL = Author("slack", "U2", "Paul")
PAST = Question(HELP.in_thread("1"), MARIA, "How do I post?", NOW, "", QuestionState.RESOLVED, 0.2)
ANSWER = Answer(
    f"{PAST.id}/2",
    PAST.id,
    PAUL,
    "With the green button.",
    NOW,
    "x:2",
    is_accepted=True,
    standing=Standing.KNOWLEDGE,
)
DOCUMENT = document_from(PAST, ANSWER)


@pytest.fixture
def taught(database: Database) -> Database:
    """Paul's answer is knowledge."""
    prepared = PreparedDocument(DOCUMENT, "hash", passages_of(DOCUMENT))
    with database.writing() as tx:
        conversations.save_question(tx, PAST)
        conversations.save_answer(tx, ANSWER)
        knowledge.put_documents(tx, [prepared])
    return database


def quote_of(document: Document) -> Quote:
    return Quote("Text", document.title, "", None, "", 0.9, document.id)


def helped(database: Database, number: int, *, workspace: str = "T1") -> None:
    """Somebody asks the same, is shown Paul's answer, and says that it was it."""
    place = Place("slack", workspace, "help", f"{number}")
    asker = Author("slack", f"A{number}", f"Asker {number}")
    question = Question(place, asker, "Post?", NOW, "", QuestionState.RESOLVED, 0.9)
    with database.writing() as tx:
        conversations.save_question(tx, question)
        shown.note_shown(tx, question.id, [quote_of(DOCUMENT)], now=NOW)


def tell(database: Database, clock: SetClock, platform: str = "slack") -> None:
    receipts(database, clock, platforms=[platform]).do()


def notes(database: Database, clock: SetClock) -> list[Claim]:
    """Deliver whatever waits."""
    found = []
    with database.writing() as tx:
        while claim := delivery.claim(tx, "slack", now=clock.now()):
            delivery.mark_delivered(tx, claim.message.id, "9")
            found.append(claim)
    return found


def test_whose_answer_helped_is_told_so_alone(taught: Database, clock: SetClock) -> None:
    helped(taught, 7)
    helped(taught, 8, workspace="T2")

    tell(taught, clock)

    (note,) = notes(taught, clock)
    assert note.message.place == direct_place(PAUL, "T1")
    assert str(note.message.reply.text) == (
        "Your answer of 2 March helped 2 people, 1 of them in the sister group. See the thread"
    )
    assert note.message.reply.mentions == ()
    assert note.message.id.startswith("receipt/2026-W10/")


def test_nobody_is_told_anything_when_nobody_was_helped(taught: Database, clock: SetClock) -> None:
    tell(taught, clock)

    assert notes(taught, clock) == []


def test_there_is_one_note_a_week_and_the_rest_is_told_in_the_next(
    taught: Database, clock: SetClock
) -> None:
    helped(taught, 7)
    tell(taught, clock)
    first = notes(taught, clock)
    helped(taught, 8)
    tell(taught, clock)
    same_week = notes(taught, clock)
    clock.move(timedelta(days=7))

    tell(taught, clock)

    (second,) = notes(taught, clock)
    assert (len(first), same_week) == (1, [])
    assert str(second.message.reply.text) == (
        "Your answer of 2 March helped 1 more, 2 people in all. See the thread"
    )


def test_what_was_told_is_not_told_again(taught: Database, clock: SetClock) -> None:
    helped(taught, 7)
    tell(taught, clock)
    notes(taught, clock)
    clock.move(timedelta(days=7))

    tell(taught, clock)

    assert notes(taught, clock) == []


def test_one_who_does_not_want_to_hear_of_it_hears_nothing(
    taught: Database, clock: SetClock
) -> None:
    helped(taught, 7)
    with taught.writing() as tx:
        profiles.save(tx, Profile(PAUL, Availability(receipts=False)), now=NOW)

    tell(taught, clock)

    assert notes(taught, clock) == []


def test_one_who_has_left_hears_nothing(taught: Database, clock: SetClock) -> None:
    helped(taught, 7)
    with taught.writing() as tx:
        left = Place("slack", "T1", "")
        places.note_member(tx, PAUL.member_id, left, NOW, is_away=True)

    tell(taught, clock)

    assert notes(taught, clock) == []


def test_nothing_waits_for_a_platform_that_is_not_connected(
    taught: Database, clock: SetClock
) -> None:
    helped(taught, 7)

    tell(taught, clock, platform="discord")

    with taught.reading() as tx:
        assert outbox_counts.count(tx, OutboxState.WAITING) == 0


def test_a_note_that_waits_is_taken_back_when_its_author_is_forgotten(
    taught: Database, clock: SetClock
) -> None:
    helped(taught, 7)
    tell(taught, clock)

    with taught.writing() as tx:
        lifecycle.forget_member(tx, PAUL, until=NOW, now=NOW)

    assert notes(taught, clock) == []


def test_a_private_answer_is_told_to_its_author(taught: Database, clock: SetClock) -> None:
    with taught.writing() as tx:
        lifecycle.move_audience(tx, Place("slack", "T1", "help", is_private=True))
    helped(taught, 7)

    tell(taught, clock)

    assert [note.message.place.channel for note in notes(taught, clock)] == ["@U2"]


PAGE = Document(
    "best_practices",
    "post.md",
    "Post an invoice",
    "# Post an invoice\n\nWith the green button.",
    author="Paul",
    said_at=NOW,
    url="knowledge/post.md",
    is_markdown=True,
)
EXPERT = Declared(name="Paul", topics=("posting",), member_ids=("slack:U2", "discord:7"))


def shown_to(database: Database, asker: Author, platform: str = "slack") -> None:
    """Somebody is shown Paul's page, and says that it was it."""
    place = Place(platform, "T1", "help", f"{asker.user_id}")
    question = Question(place, asker, "Post?", NOW, "", QuestionState.RESOLVED, 0.9)
    with database.writing() as tx:
        knowledge.remove_documents(tx, [PAGE.id])
        knowledge.put_documents(tx, [PreparedDocument(PAGE, "hash", passages_of(PAGE))])
        conversations.save_question(tx, question)
        shown.note_shown(tx, question.id, [quote_of(PAGE)], now=NOW)


def test_the_owner_of_a_page_is_told_whom_it_helped(database: Database, clock: SetClock) -> None:
    shown_to(database, MARIA)
    shown_to(database, PAUL)

    receipts(database, clock, platforms=["slack"], experts=[EXPERT]).do()

    (note,) = notes(database, clock)
    assert note.message.place == direct_place(PAUL, "T1")
    assert str(note.message.reply.text) == (
        "Your page “Post an invoice” helped 1 person. Open the page"
    )


def test_an_owner_hears_once_of_each_and_not_when_they_do_not_want_to(
    database: Database, clock: SetClock
) -> None:
    shown_to(database, MARIA)
    job = receipts(database, clock, platforms=["slack"], experts=[EXPERT])
    job.do()
    first = notes(database, clock)
    clock.move(timedelta(days=7))
    job.do()
    second = notes(database, clock)
    with database.writing() as tx:
        profiles.save(tx, Profile(PAUL, Availability(receipts=False)), now=NOW)
    shown_to(database, Author("slack", "U8", "Zoe"))

    job.do()

    assert [len(first), second, notes(database, clock)] == [1, [], []]


def test_an_owner_whom_nobody_knows_is_told_nothing(database: Database, clock: SetClock) -> None:
    shown_to(database, MARIA)

    receipts(database, clock, platforms=["slack"]).do()

    assert notes(database, clock) == []
