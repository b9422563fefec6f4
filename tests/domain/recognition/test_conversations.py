from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.recognition import conversations
from supportbot.domain.recognition.conversations import (
    Conversations,
    Tally,
    approving,
    asks,
    gives_thanks,
)

HELP = Place("slack", "T1", "help")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUESTION = "How do I widen the posting dates of a closed ledger?"
ANSWER = "Open the ledger setup, and widen its posting dates there."


def said(
    text: str, *, by: str = "maria", minute: float = 0, place: Place = HELP, **fields: object
) -> PastMessage:
    moment = NOON + timedelta(minutes=minute)
    id_ = str(moment.timestamp())
    author = Author("slack", by, by.title())
    return PastMessage(place, id_, author, text, moment, **fields)  # type: ignore[arg-type]


def threads(*messages: PastMessage) -> list[int]:
    """Return for each message the number of the one that begins its conversation."""
    apart = Conversations()
    keys = [message.key for message in messages]
    return [keys.index(apart.place(message)) for message in messages]


def test_a_reply_soon_after_belongs_to_what_was_said_before() -> None:
    assert threads(said(QUESTION), said(ANSWER, by="paul", minute=2)) == [0, 0]


def test_what_is_said_hours_later_by_somebody_else_begins_anew() -> None:
    assert threads(said(QUESTION), said("Anyone at the meeting?", by="zoe", minute=400)) == [0, 1]


def test_a_reply_that_the_platform_marks_belongs_to_what_it_replies_to() -> None:
    first, other = said(QUESTION), said("Lunch?", by="zoe", minute=300)

    reply = said("Yes", by="paul", minute=600, reply_to=first.message_id)

    assert threads(first, other, reply) == [0, 1, 0]


def test_who_is_spoken_to_decides_between_two_conversations() -> None:
    first, second = (
        said(QUESTION),
        said("What does error 5 of the printer say?", by="zoe", minute=90),
    )
    to_maria = said("it is in the setup", by="paul", minute=95, mentions=("maria",))
    to_zoe = said("zoe: it is in the setup", by="paul", minute=95)

    assert threads(first, second, to_maria)[2] == 0
    assert threads(first, second, to_zoe)[2] == 1


def test_a_marked_thread_is_a_conversation_whatever_lies_between() -> None:
    thread = HELP.in_thread("1")
    late = said("So.", by="paul", minute=100_000, place=thread)
    apart = Conversations()

    assert [apart.place(m) for m in (said(QUESTION, place=thread), late)] == [thread.key] * 2


def test_channels_do_not_run_into_each_other() -> None:
    other = Place("slack", "T1", "other")

    assert threads(said(QUESTION), said(ANSWER, by="paul", minute=1, place=other)) == [0, 1]


def test_only_the_channels_that_were_talked_in_last_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conversations, "_MOST_CHANNELS", 3)
    apart = Conversations()
    for number in range(9):
        place = Place("slack", "T1", str(number))
        apart.place(said(QUESTION, place=place))

    assert list(apart._channels) == [f"slack/T1/{number}" for number in (6, 7, 8)]


def test_what_is_remembered_of_a_channel_does_not_grow() -> None:
    apart = Conversations()
    for number in range(500):
        apart.place(said(f"word{number} other{number}", by=f"u{number % 90}", minute=number * 7))

    (channel,) = apart._channels.values()
    assert len(channel.open) <= 12
    assert all(max(len(c.words), len(c.spoke_at), len(c.message_ids)) <= 60 for c in channel.open)


@given(
    st.lists(
        st.tuples(st.text(max_size=20), st.sampled_from("abc"), st.floats(-100, 1_000)), max_size=30
    )
)
@settings(max_examples=50, deadline=None)
def test_every_message_belongs_to_one_that_was_said_before_it(
    talk: list[tuple[str, str, float]],
) -> None:
    apart = Conversations()
    known = set()
    for text, by, minute in talk:
        message = said(text, by=by, minute=minute)
        known.add(message.key)
        assert apart.place(message) in known


def test_what_is_in_a_thread_can_ask_as_well_as_what_is_not() -> None:
    assert asks(said(QUESTION, place=HELP.in_thread("1")))
    assert asks(said(QUESTION))
    assert not asks(said("Good morning."))


def test_thanks_are_known_wherever_they_are_said() -> None:
    assert gives_thanks(said("Thanks, that worked!", place=HELP.in_thread("1")))
    assert gives_thanks(said("Thanks, that worked!"))
    assert not gives_thanks(said("It does not work."))


def test_those_who_approve_are_members() -> None:
    assert approving(said(ANSWER, approved_by=("u1",))) == {"slack:u1"}


def tally(*messages: PastMessage) -> tuple[int, int, int]:
    counted = Tally()
    for position, message in enumerate(messages):
        counted.count(message, "c", is_question=position == 0)
    return counted.questions, counted.answers, counted.people


@pytest.mark.parametrize(
    ("replies", "counts"),
    [
        ([], (0, 0, 0)),
        ([said("Nobody?", minute=1)], (0, 0, 0)),
        ([said("Same here", by="zoe")], (1, 0, 0)),
        ([said("Which version is it?", by="zoe")], (1, 0, 0)),
        ([said(ANSWER, by="paul")], (1, 1, 1)),
        ([said(ANSWER, by="paul"), said(ANSWER, by="zoe")], (1, 1, 1)),
    ],
)
def test_a_question_counts_when_somebody_replied_and_an_answer_when_it_says_something(
    replies: list[PastMessage], counts: tuple[int, int, int]
) -> None:
    assert tally(said(QUESTION), *replies) == counts


def test_who_was_thanked_knows_things_rather_than_who_was_first() -> None:
    counted = Tally()
    for question, first in (("c", "paul"), ("d", "donna")):
        counted.count(said(QUESTION), question, is_question=True)
        counted.count(said(ANSWER, by=first), question, is_question=False)
        counted.count(said(ANSWER, by="zoe"), question, is_question=False)
        counted.count(said("Thanks, that worked!"), question, is_question=False)

    assert (counted.answers, counted.people) == (2, 1)


def test_who_was_marked_by_the_asker_knows_things() -> None:
    counted = Tally()
    for question, first in (("c", "paul"), ("d", "donna")):
        counted.count(said(QUESTION), question, is_question=True)
        counted.count(said(ANSWER, by=first), question, is_question=False)
        marked = said(ANSWER, by="zoe", approved_by=("maria",))
        counted.count(marked, question, is_question=False)

    assert counted.people == 1
