import os
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.votes import Vote
from supportbot.domain.replies.reply import OutgoingMessage, Quote, Reply
from supportbot.errors import SupportbotError
from supportbot.ports import Finding, Vectors
from supportbot.runtime.build import App, build_app
from supportbot.runtime.doctor import Diagnosis, examine
from supportbot.runtime.home import only_one
from supportbot.settings import CalibrationSettings, ExpertSettings, Settings, ThresholdSettings
from supportbot.store import (
    conversations,
    delivery,
    inbox,
    outbox,
    outbox_counts,
    outbox_rows,
    receipts,
    votes,
)
from supportbot.store.delivery import SetAsideMessage
from supportbot.store.inbox import SetAsideEvent
from supportbot.testing import HashingEmbedder, OverlapReranker, SetClock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
ASKED = MessagePosted("slack:1", HELP, "1", Author("slack", "U1", "Maria"), "How?", NOW)
CALIBRATION = CalibrationSettings(
    model="hashing", intercept=-8.0, slope=16.0, answer_threshold=0.8, suggest_threshold=0.4
)
SETTINGS = Settings(community="ours", calibration=CALIBRATION)
INVOICE = Document("answers", "1", "Invoice", "Use the button.", asked=("post an invoice",))
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil has it


class MoodyEmbedder(HashingEmbedder):
    """Gives what is no vector, or raises, as long as it is told to."""

    is_confused = False
    trouble: Exception | None = None

    def embed_question(self, text: str) -> Vectors:
        if self.trouble is not None:
            raise self.trouble
        return super().embed_question(text) * (np.nan if self.is_confused else 1)


@pytest.fixture
def embedder() -> MoodyEmbedder:
    return MoodyEmbedder()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def app(
    tmp_path: Path,
    template: Path,
    embedder: MoodyEmbedder,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[App]:
    """A home in order, on a disk with space."""
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(0, 0, 20_000_000_000))
    # As every command does at its start: what is made is closed to other accounts.
    usual = os.umask(0o077)
    shutil.copyfile(template, tmp_path / "supportbot.db")
    app = build_app(SETTINGS, tmp_path, embedder=embedder, clock=clock)
    app.search.sync("answers", [INVOICE])
    yield app
    app.database.close()
    os.umask(usual)


def finding(diagnosis: Diagnosis, name: str) -> Finding:
    (found,) = (finding for finding in diagnosis.findings if finding.name == name)
    return found


def wrong(diagnosis: Diagnosis) -> dict[str, str]:
    """Return what is wrong, by what was looked at."""
    return {f.name: f.problem for f in diagnosis.findings if f.problem}


def receive(app: App, event: MessagePosted = ASKED, now: datetime = NOW) -> None:
    with app.database.writing() as tx:
        inbox.put(tx, event, now=now)


def test_a_home_in_order_is_fine_and_everything_was_looked_at(app: App, tmp_path: Path) -> None:
    diagnosis = examine(app)

    assert diagnosis.is_fine
    found = {finding.name: (finding.problem or finding.otherwise) for finding in diagnosis.findings}
    assert found == {
        "home": f"{tmp_path}, 20 GB free; no bot runs here",
        "files": "only this account reads the home",
        "database": "sound, 0.4 MB",
        "queues": "no events and no messages waiting",
        "set aside": "nothing",
        "clock": "2026-03-02 09:00 UTC",
        "model": "hashing",
        "index": "1 document, 1 passage",
        "votes": "no votes, calibration as shipped until there are 50, answers from 80% on",
        "question": "asked, found and answered",
        "platforms": "the terminal alone; supportbot setup discord or supportbot setup slack tells "
        "how to connect another",
    }
    assert (diagnosis.events, diagnosis.messages) == ((), ())


def test_that_a_bot_runs_is_told(app: App) -> None:
    with only_one(app.home):
        diagnosis = examine(app)

    assert finding(diagnosis, "home").otherwise.endswith("a bot runs here")
    assert diagnosis.is_fine


def test_a_disk_that_is_nearly_full_is_told(
    app: App, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(0, 0, 412_345_678))

    diagnosis = examine(app)

    assert wrong(diagnosis) == {"home": f"{tmp_path} has only 412 MB left. Free some space."}
    assert not diagnosis.is_fine


def test_damage_is_told(app: App) -> None:
    with closing(sqlite3.connect(app.database.path)) as connection:
        connection.execute("DELETE FROM passage_words_data WHERE id > 10")
        connection.commit()

    problem = wrong(examine(app))["database"]

    assert "is damaged" in problem
    assert problem.endswith("remove the files beside it that end in -wal and -shm.")


def test_an_event_that_waits_for_long_is_told(app: App, clock: SetClock) -> None:
    receive(app)
    clock.move(timedelta(minutes=16))

    assert wrong(examine(app)) == {
        "queues": (
            "1 event waiting since 2026-03-02 09:00 UTC. Start the bot (supportbot run), or look "
            "into its log."
        )
    }


def test_an_event_that_has_just_come_in_is_nothing_to_worry_about(
    app: App, clock: SetClock
) -> None:
    receive(app)
    clock.move(timedelta(minutes=15))

    diagnosis = examine(app)

    assert diagnosis.is_fine
    assert finding(diagnosis, "queues").otherwise == "1 event and no messages waiting"


def test_what_was_set_aside_is_told_with_what_to_do(app: App) -> None:
    receive(app)
    message = OutgoingMessage("m1", HELP.in_thread("1"), Reply("Hello"))
    with app.database.writing() as tx:
        inbox.set_aside(tx, "slack:1", "by nothing")
        outbox.put(tx, [message], now=NOW)
        delivery.set_aside(tx, "m1", "no such channel")

    diagnosis = examine(app)

    assert wrong(diagnosis) == {
        "set aside": (
            "1 event and 1 message. Once the reason is mended: supportbot retry --all, or "
            "supportbot retry ID --drop."
        )
    }
    assert diagnosis.events == (SetAsideEvent("slack:1", "message_posted", NOW, "by nothing"),)
    assert diagnosis.messages == (SetAsideMessage("m1", "slack", NOW, 0, "no such channel"),)


@pytest.mark.parametrize(("minutes", "is_fine"), [(5, True), (6, False)])
def test_a_clock_that_was_put_back_is_told(app: App, minutes: int, *, is_fine: bool) -> None:
    receive(app, now=NOW + timedelta(minutes=minutes))

    diagnosis = examine(app)

    assert diagnosis.is_fine is is_fine
    assert (not finding(diagnosis, "clock").problem) is is_fine


def test_what_time_it_seems_to_be_is_told_when_it_cannot_be(app: App) -> None:
    receive(app, now=NOW + timedelta(days=1))

    assert wrong(examine(app)) == {
        "clock": (
            "It is 2026-03-02 09:00 UTC by this machine's clock, but something came in at "
            "2026-03-03 09:00. Set the clock."
        )
    }


def test_a_model_that_is_not_there_is_told_in_its_own_words(
    app: App, embedder: MoodyEmbedder
) -> None:
    embedder.trouble = SupportbotError("The weights cannot be fetched.")

    problems = wrong(examine(app))

    assert problems == {
        "model": "The weights cannot be fetched.",
        "question": "The weights cannot be fetched.",
    }


def test_a_model_that_gives_no_vectors_is_told(app: App, embedder: MoodyEmbedder) -> None:
    embedder.is_confused = True

    problems = wrong(examine(app))

    assert problems == {
        "model": "the model hashing gave vectors that are not of length 1",
        "question": "A question whose answer is known was not answered.",
    }


class MoodyReranker(OverlapReranker):
    """Raises, as long as it is told to."""

    trouble: Exception | None = None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        if self.trouble is not None:
            raise self.trouble
        return super().scores(question, texts)


def test_a_second_stage_that_works_is_named(app: App) -> None:
    app.search.reranker = MoodyReranker()

    assert finding(examine(app), "reranker") == Finding("reranker", "", "overlap")


def test_a_second_stage_that_fails_is_told_and_answers_come_without_it(app: App) -> None:
    app.search.reranker = reranker = MoodyReranker()
    reranker.trouble = SupportbotError("The cross-encoder cannot be read.")

    problems = wrong(examine(app))

    assert problems == {
        "reranker": "The cross-encoder cannot be read. Matches are found without it. "
        "Fix [model] reranker in the settings."
    }


def test_a_bot_that_knows_nothing_is_told_how_to_learn(app: App) -> None:
    app.search.sync("answers", [])

    assert wrong(examine(app)) == {"index": "Nothing is known yet. Run: supportbot sync"}


def test_passages_without_a_vector_are_told(app: App) -> None:
    findable = app.search.make_findable(INVOICE, by_meaning=False)
    other = app.search.make_findable(Document("answers", "2", "T", "B.", ("new words",)))
    with app.database.writing() as tx:
        app.search.store(tx, findable)
        app.search.store(tx, other)
        tx.connection().exec_driver_sql("DELETE FROM embedding WHERE rowid = 1")

    assert wrong(examine(app)) == {"index": "1 of 2 passages have no vector. Run: supportbot sync"}


def test_a_question_that_cannot_be_answered_is_told(tmp_path: Path, app: App) -> None:
    strict = ThresholdSettings(answer=1.0, suggest=1.0)
    settings = SETTINGS.model_copy(update={"thresholds": strict})
    careful = build_app(settings, tmp_path, embedder=HashingEmbedder(), clock=app.clock)

    with closing(careful.database):
        problems = wrong(examine(careful))

    assert problems == {"question": "A question whose answer is known was not answered."}


def test_the_examination_leaves_nothing_behind(app: App) -> None:
    examine(app)

    with app.database.reading() as tx:
        assert inbox.latest_received_at(tx) is None
        assert outbox_counts.count(tx, outbox_rows.OutboxState.WAITING) == 0
    assert app.search.warm_up() == 1


def vote(app: App, *, yes: int, no: int) -> None:
    """Let members say of the one answer, shown with a chance of 0.9, whether it helped."""
    place, asker = HELP.in_thread("1"), ASKED.author
    quote = Quote("Use the button.", "", "", None, "", 0.9, INVOICE.id, 0.9, "hashing")
    with app.database.writing() as tx:
        for number in range(yes + no):
            there = replace(place, thread=f"{number}")
            asked = Question(there, asker, "How?", NOW, "", QuestionState.ANSWERED, 0.9)
            conversations.save_question(tx, asked)
            receipts.note_shown(tx, asked.id, [quote], now=NOW)
            at = NOW + timedelta(minutes=number)
            said = Vote(asked.id, INVOICE.id, f"slack:V{number % 100}", number < yes, at)
            votes.save(tx, [said])


def test_what_the_votes_have_made_of_the_calibration_is_told(app: App) -> None:
    vote(app, yes=300, no=0)

    diagnosis = examine(app)

    assert diagnosis.is_fine
    assert finding(diagnosis, "votes").otherwise == (
        "300 votes, calibration corrected by them, answers from 99% on (by the votes)"
    )


def test_that_nothing_can_be_an_answer_is_told(app: App, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"thresholds": ThresholdSettings(answer=1.0)})

    careful = build_app(settings, tmp_path, embedder=HashingEmbedder(), clock=app.clock)

    with closing(careful.database):
        assert finding(examine(careful), "votes").otherwise.endswith(", answers nothing")


def test_answers_that_are_not_confirmed_as_promised_are_told(app: App) -> None:
    vote(app, yes=10, no=30)

    assert wrong(examine(app)) == {
        "votes": "Of the last 40 answers members confirmed 10, and 90% were promised. The bot "
        "answers nothing until that is better. Look at what it answers (supportbot digest), and "
        "fix what is out of date."
    }


@pytest.mark.parametrize(
    ("identities", "problem"),
    [
        (
            (),
            (
                "Nobody on zulip is known as Donna, so they are never asked. "
                'Add identities = ["zulip:THEIR-ID"] to their [[experts]].'
            ),
        ),
        (("zulip:7",), ""),
    ],
)
def test_an_expert_whom_no_platform_knows_is_told(
    app: App, identities: tuple[str, ...], problem: str
) -> None:
    donna = ExpertSettings(name="Donna", topics=("ledger",), identities=identities)
    settings = SETTINGS.model_copy(update={"experts": (donna,), "adapters": {"zulip": {}}})

    diagnosis = examine(replace(app, settings=settings))

    assert finding(diagnosis, "experts").problem == problem


def test_in_the_terminal_everybody_is_known_by_name(app: App) -> None:
    donna = ExpertSettings(name="Donna", topics=("ledger",))
    settings = SETTINGS.model_copy(update={"experts": (donna,)})

    diagnosis = examine(replace(app, settings=settings))

    assert finding(diagnosis, "experts") == Finding("experts", "", "1 expert named")
