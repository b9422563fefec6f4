import logging
import math
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import update

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.knowledge.decision import Calibration, DecisionKind
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.recalibration import IDENTITY, Recalibration
from supportbot.domain.knowledge.votes import Vote
from supportbot.domain.replies.reply import Quote
from supportbot.experts.people import People
from supportbot.knowledge.confidence import Recalibrating
from supportbot.knowledge.search import Search
from supportbot.store import conversations, lifecycle, receipts, votes
from supportbot.store.engine.sqlite import Database
from supportbot.store.votes import VoteRow
from supportbot.testing import HASHING_CALIBRATION, HashingEmbedder, SetClock
from supportbot.testing.building import Handling, services_over

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
ASKER = Author("slack", "U1", "Maria")
KNOWN = Document("answers", "1", "How do I post?", "Like this.", asked=("How do I post?",))


@pytest.fixture
def search(database: Database) -> Search:
    search = Search(database, HashingEmbedder())
    search.sync("answers", [KNOWN])
    return search


@pytest.fixture
def recalibrating() -> Recalibrating:
    return Recalibrating(HASHING_CALIBRATION)


def state_of(database: Database, recalibrating: Recalibrating) -> Recalibration:
    with database.reading() as tx:
        return recalibrating.now(tx)


def calibration_of(
    database: Database, recalibrating: Recalibrating
) -> tuple[Calibration, Recalibration]:
    with database.reading() as tx:
        return recalibrating.calibration(tx)


def vote(database: Database, *, yes: int, no: int, chance: float = 0.9, start: int = 0) -> None:
    """Let members say of the one answer, shown as often as that, whether it helped."""
    with database.writing() as tx:
        for number in range(start, start + yes + no):
            place = HELP.in_thread(f"{number}")
            question = Question(place, ASKER, "Post?", NOW, "", QuestionState.ANSWERED, chance)
            conversations.save_question(tx, question)
            quote = Quote("Like this.", "", "", None, "", chance, KNOWN.id, chance, "hashing")
            receipts.note_shown(tx, question.id, [quote], now=NOW)
            at = NOW + timedelta(minutes=number)
            has_helped = number - start < yes
            # Each is somebody else: one person alone changes nothing.
            said = Vote(question.id, KNOWN.id, f"slack:V{number}", has_helped, at)
            votes.save(tx, [said])


def test_what_one_person_says_again_and_again_turns_no_answers_off(
    database: Database, search: Search, recalibrating: Recalibrating
) -> None:
    del search
    vote(database, yes=0, no=60)
    with database.writing() as tx:
        tx.exec(update(VoteRow).values(member_id="slack:V1"))

    now = state_of(database, recalibrating)

    assert now.drift is None
    assert now.correction is IDENTITY
    assert now.answer_threshold == HASHING_CALIBRATION.answer_threshold


def test_without_votes_everything_is_as_shipped(
    database: Database, recalibrating: Recalibrating
) -> None:
    calibration, now = calibration_of(database, recalibrating)

    assert calibration == HASHING_CALIBRATION
    assert now.correction is IDENTITY


def test_a_vote_is_heeded_at_the_next_question(
    database: Database, search: Search, recalibrating: Recalibrating
) -> None:
    del search
    vote(database, yes=30, no=19)
    before = state_of(database, recalibrating).correction

    vote(database, yes=0, no=1, start=49)

    assert before is IDENTITY
    assert state_of(database, recalibrating).correction.apply(0.9) < 0.85


def test_votes_that_are_forgotten_count_no_more(
    database: Database, search: Search, recalibrating: Recalibrating
) -> None:
    del search
    vote(database, yes=20, no=40)
    before = len(state_of(database, recalibrating).judged)

    with database.writing() as tx:
        lifecycle.forget_member(tx, ASKER, until=NOW, now=NOW)

    assert (before, state_of(database, recalibrating).judged) == (60, ())


def test_that_answers_are_not_confirmed_any_more_is_said_once_in_the_log(
    database: Database,
    search: Search,
    recalibrating: Recalibrating,
    caplog: pytest.LogCaptureFixture,
) -> None:
    del search
    caplog.set_level(logging.INFO)
    vote(database, yes=5, no=15)
    state_of(database, recalibrating)
    vote(database, yes=0, no=1, start=20)
    state_of(database, recalibrating)

    calibration, _ = calibration_of(database, recalibrating)

    assert math.isinf(calibration.answer_threshold)
    (said,) = caplog.messages
    assert said == (
        "of the last 20 answers members confirmed 5, and 18 were promised: fewer questions are "
        "answered until that is better"
    )


def test_that_answers_are_confirmed_again_is_said_and_they_are_given_again(
    database: Database,
    search: Search,
    recalibrating: Recalibrating,
    caplog: pytest.LogCaptureFixture,
) -> None:
    del search
    vote(database, yes=5, no=15)
    state_of(database, recalibrating)
    caplog.set_level(logging.INFO)
    caplog.clear()

    vote(database, yes=100, no=0, start=20)

    assert calibration_of(database, recalibrating)[0].answer_threshold == 0.8
    assert caplog.messages == ["members confirm answers as often as promised again"]


def considered(database: Database, search: Search, recalibrating: Recalibrating) -> DecisionKind:
    clock = SetClock(NOW)
    people = People(database, search, (), clock=clock)
    services = services_over(
        search,
        people,
        clock,
        recalibrating=recalibrating,
    )
    return Handling(database, services).consider("How do I post?", HELP, ASKER).decision.kind


def test_what_members_do_not_confirm_is_only_suggested(
    database: Database, search: Search, recalibrating: Recalibrating
) -> None:
    before = considered(database, search, recalibrating)

    vote(database, yes=5, no=15)

    assert before is DecisionKind.ANSWER
    assert considered(database, search, recalibrating) is DecisionKind.SUGGEST


def test_a_threshold_that_a_maintainer_has_chosen_is_kept_whatever_is_voted(
    database: Database, search: Search
) -> None:
    chosen = Recalibrating(HASHING_CALIBRATION, is_chosen=True)
    vote(database, yes=5, no=15)

    assert considered(database, search, chosen) is DecisionKind.ANSWER
    assert state_of(database, chosen).drift is not None


def test_the_decision_says_how_often_members_confirmed_what_was_as_likely(
    database: Database, search: Search, recalibrating: Recalibrating
) -> None:
    clock = SetClock(NOW)
    people = People(database, search, (), clock=clock)
    services = services_over(
        search,
        people,
        clock,
    )
    vote(database, yes=29, no=1, chance=0.999)
    del recalibrating

    confirmed = (
        Handling(database, services).consider("How do I post?", HELP, ASKER).decision.confirmed
    )

    assert confirmed is not None
    assert (confirmed.times, confirmed.of) == (29, 30)
