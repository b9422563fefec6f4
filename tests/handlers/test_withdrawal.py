from dataclasses import replace
from datetime import timedelta

import pytest

from supportbot.domain.chat.events import AnswerAccepted, MarkTakenBack
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import QuestionState, Standing
from supportbot.store import conversations
from supportbot.store.engine.sqlite import Database
from tests.bench import HELP, MARIA, PAUL, TOM, Bench, ts_of

ASKED = "How do I close the ledger of last year?"
ANSWER = "Post the last batch first, then close the year in the ledger menu."
THREAD = HELP.in_thread("1")


@pytest.fixture
def bench(database: Database) -> Bench:
    bench = Bench(database)
    bench.say(ASKED)
    bench.say(ANSWER, author=PAUL, place=THREAD)
    return bench


def marked(bench: Bench, by: Author = MARIA) -> AnswerAccepted:
    mark_id = f"slack:2/approved/{by.user_id}"
    return AnswerAccepted(mark_id, HELP, by, bench.clock.now(), "2")


def taken_back(bench: Bench, by: Author = MARIA) -> MarkTakenBack:
    mark = marked(bench, by)
    at = bench.clock.now() + timedelta(seconds=1)
    return MarkTakenBack(f"{mark.event_id}/back", HELP, by, at, "2", mark.event_id)


def state(bench: Bench) -> QuestionState:
    (question,) = bench.questions()
    return question.state


def standing(bench: Bench) -> Standing:
    with bench.database.reading() as tx:
        (answer,) = conversations.answers_to(tx, THREAD.key)
    return answer.standing


def test_a_mark_that_is_taken_back_opens_the_question_and_teaches_nothing(bench: Bench) -> None:
    bench.hear(marked(bench))
    was_known = bench.finds("ledger")

    (said,) = bench.hear(taken_back(bench))

    assert was_known
    assert not bench.finds("ledger")
    assert (state(bench), standing(bench)) == (QuestionState.ROUTED, Standing.WAITING)
    assert "open again" in said.reply.text


def test_a_mark_that_was_taken_back_counts_when_it_is_set_again(bench: Bench) -> None:
    bench.hear(marked(bench), taken_back(bench))

    bench.hear(marked(bench))

    assert bench.finds("ledger")
    assert state(bench) is QuestionState.RESOLVED


def test_nobody_else_takes_a_mark_back(bench: Bench) -> None:
    bench.hear(marked(bench))

    said = bench.hear(taken_back(bench, TOM))

    assert said == []
    assert bench.finds("ledger")
    assert state(bench) is QuestionState.RESOLVED


def test_a_mark_on_another_message_says_nothing_of_the_solution(bench: Bench) -> None:
    bench.say("I had that too, and it went away after a day.", author=TOM, place=THREAD)
    bench.hear(marked(bench))

    said = bench.hear(replace(taken_back(bench), message_id="3"))

    assert said == []
    assert state(bench) is QuestionState.RESOLVED


def test_a_mark_on_the_bots_own_reply_is_taken_back_as_well(database: Database) -> None:
    bench = Bench(database)
    (reply,) = bench.say(ASKED)
    own = ts_of(reply)
    bench.hear(replace(marked(bench), message_id=own))
    was = state(bench)

    bench.hear(replace(taken_back(bench), message_id=own))

    assert (was, state(bench)) == (QuestionState.RESOLVED, QuestionState.ROUTED)
