from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.ladder import Ask, AskOutcome, Climb, Reached, Rung
from supportbot.domain.language.catalogue import ago
from supportbot.domain.replies.pages import (
    Aside,
    Contribution,
    Duty,
    compose_aside,
    compose_experts,
    compose_help,
    compose_home,
    compose_unanswered,
)
from supportbot.domain.replies.reply import Page, ProfileForm, Section

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MARIA = Author("slack", "U1", "Maria")
QUESTION = Question(
    Place("slack", "T1", "help", "1"), MARIA, "How?", NOW - 5 * HOUR, "", QuestionState.ROUTED, 0.1
)
PAUL = Ask(QUESTION.id, "slack:U2", NOW - 4 * HOUR, Rung.FIRST, name="Paul")
LENA = Ask(QUESTION.id, "slack:U3", NOW - 3 * HOUR, Rung.FIRST, name="Lena")


def home_with(*asked: Climb, duty: Duty | None = None) -> Page:
    return compose_home(
        asked=asked,
        waiting=(),
        availability=Availability(),
        asks_per_week=5,
        contribution=Contribution(),
        duty=duty,
        now=NOW,
    )


def how_it_stands(climb: Climb) -> str:
    (line,) = home_with(climb).sections[0].lines
    return str(line.text)


@pytest.mark.parametrize(
    ("climb", "said"),
    [
        (Climb(QUESTION), "You asked 5 hours ago. I'm looking for someone to ask."),
        (Climb(QUESTION, (PAUL,)), "I asked Paul 4 hours ago."),
        (Climb(QUESTION, (PAUL, LENA)), "I asked Paul and Lena 3 hours ago."),
        (
            Climb(QUESTION, (replace(PAUL, outcome=AskOutcome.QUIET), LENA)),
            "I asked Lena 3 hours ago.",
        ),
        (
            Climb(
                QUESTION, (replace(PAUL, outcome=AskOutcome.CLAIMED, changed_at=NOW - 2 * HOUR),)
            ),
            "Paul took it 2 hours ago.",
        ),
        (
            Climb(QUESTION, (LENA,), answered_at=NOW - HOUR),
            "Someone answered 60 minutes ago. Did it solve it?",
        ),
        (
            Climb(QUESTION, (), {Rung.OPEN: Reached(QUESTION.id, Rung.OPEN, NOW)}),
            "You asked 5 hours ago. It's on the list of open questions.",
        ),
    ],
)
def test_it_is_said_how_a_question_stands(climb: Climb, said: str) -> None:
    assert how_it_stands(climb) == said


def test_a_page_without_anything_says_so() -> None:
    asked, waiting, profile, answered = home_with().sections

    assert asked == Section("My open questions", "You have no open questions.")
    assert waiting == Section("Waiting for me", "Nobody is waiting for you.")
    assert profile.form == ProfileForm(Availability())
    assert answered == Section("What I've answered", "You haven't answered a question yet.")


def test_of_many_questions_ten_are_named_and_the_others_counted() -> None:
    lines = home_with(*[Climb(QUESTION)] * 12).sections[0].lines

    assert len(lines) == 11
    assert (lines[-1].text, lines[-1].about) == ("and 2 more", None)


def test_maintainers_see_what_they_look_after_too() -> None:
    page = home_with(duty=Duty((Climb(QUESTION, (PAUL,)),), Aside(0, 2)))

    unanswered, aside = page.sections[4:]
    assert [str(line.text) for line in unanswered.lines] == [
        "Maria asked 5 hours ago; I asked Paul."
    ]
    assert str(aside.text).startswith("I couldn't handle no events or deliver 2 messages.")


def test_nothing_set_aside_and_nothing_unanswered_is_said() -> None:
    (aside,) = compose_aside(Aside(0, 0)).sections
    (unanswered,) = compose_unanswered((), NOW).sections

    assert aside.text == "Nothing is set aside."
    assert unanswered.text == "Every open question has an answer."


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("", "Nobody has answered anything yet."),
        (
            "unicorns",
            "Nobody has answered a question with these words. Try fewer, or others.",
        ),
    ],
)
def test_where_nobody_knows_it_is_said(topic: str, said: str) -> None:
    (section,) = compose_experts(topic, ()).sections

    assert section.text == said


def test_help_says_what_is_typed_as_it_is_typed_here() -> None:
    page = compose_help("/supportbot ", is_maintainer=False, platform="slack")

    assert [one.title for one in page.sections] == ["Ask", "Answer", "Your data", "Settings"]
    assert page.sections[-1].lines[2].text == (
        "/supportbot experts ledger: who knows about the ledger."
    )


@pytest.mark.parametrize(
    ("listening", "said", "not_said"),
    [
        (Listening.QUESTIONS, "In a channel: just ask.", "@supportbot and your question"),
        (Listening.MENTIONS, "In a channel: @supportbot and your question.", "just ask"),
        (Listening.NOTHING, "/ask and your question", "In a channel"),
    ],
)
def test_help_tells_what_is_heard_here(listening: Listening, said: str, not_said: str) -> None:
    page = compose_help("/", is_maintainer=False, platform="slack", listening=listening)

    ways = " ".join(str(line.text) for line in page.sections[0].lines)
    assert said in ways
    assert not_said not in ways


@pytest.mark.parametrize(
    ("platform", "shortcut"),
    [("slack", "Ask the group about this"), ("discord", "under Apps"), ("terminal", "")],
)
def test_help_names_the_ways_to_ask_of_each_platform(platform: str, shortcut: str) -> None:
    page = compose_help("/", is_maintainer=True, platform=platform)

    said = " ".join(str(line.text) for line in page.sections[0].lines)
    assert "/ask" in said
    assert shortcut in said
    assert page.sections[-1].title == "For maintainers"


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(0), "just now"),
        (-HOUR, "just now"),
        (timedelta(minutes=2), "2 minutes ago"),
        (3 * HOUR, "3 hours ago"),
        (timedelta(days=60), "on 1 January 2026"),
    ],
)
def test_it_is_said_when_something_was(past: timedelta, said: str) -> None:
    assert ago(NOW - past, NOW) == said
