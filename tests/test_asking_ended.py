"""Where people closed a thread, or sent the bot away, nobody else is asked."""

from dataclasses import replace

import pytest

from supportbot.domain.chat.events import AnswerAccepted, AskingEnded, MessagePosted
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import QuestionState
from supportbot.store.engine.sqlite import Database
from tests.experts.test_selection import ASKED, DAY, HELP, MARIA, NOW, PAUL, THREAD, Bench

PLACES = {
    "thread": THREAD,
    "channel": HELP,
    "workspace": Place("slack", "T1", ""),
}


@pytest.mark.parametrize("where", PLACES)
def test_nobody_else_is_asked_where_asking_has_ended(database: Database, where: str) -> None:
    bench = Bench(database)
    bench.hear(ASKED)

    bench.hear(AskingEnded("slack:end", PLACES[where], NOW))

    assert bench.wait(DAY) == []
    assert bench.wait(30 * DAY) == []


def test_elsewhere_people_are_asked_on(database: Database) -> None:
    bench = Bench(database)
    bench.hear(ASKED, replace(ASKED, event_id="slack:e2", message_id="2"))

    bench.hear(
        AskingEnded("slack:a", HELP.in_thread("2"), NOW),
        AskingEnded("slack:b", replace(HELP, channel="helpers"), NOW),
        AskingEnded("slack:c", Place("slack", "T11", ""), NOW),
    )

    assert {message.place for message in bench.wait(DAY)} == {THREAD}


def test_an_answer_may_be_accepted_after_people_closed_the_thread(database: Database) -> None:
    bench = Bench(database)
    bench.hear(ASKED)
    bench.hear(MessagePosted("slack:r", THREAD, "1.1", PAUL, "Widen the posting dates.", NOW))
    bench.hear(AskingEnded("slack:end", THREAD, NOW))

    (thanks,) = bench.hear(AnswerAccepted("slack:ok", THREAD, MARIA, NOW, "1.1"))

    assert thanks.place == THREAD
    assert bench.question().state is QuestionState.RESOLVED
