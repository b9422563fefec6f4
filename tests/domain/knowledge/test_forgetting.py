from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.knowledge.forgetting import (
    others_answers,
    without_asker,
    without_expert,
    without_name,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
THREAD = Place("slack", "T1", "help", "1")
MARIA = Author("slack", "U1", "Maria Rossi")
PAUL = Author("slack", "U2", "Paul")
QUESTION = Question(
    THREAD,
    MARIA,
    "How do I post?",
    NOW,
    "https://x.example/1",
    QuestionState.RESOLVED,
    0.9,
    ("slack:U2", "slack:U3"),
)
ANSWER = Answer("slack/T1/help/1/2", "slack/T1/help/1", PAUL, "With the button.", NOW, "")


def said(text: str, author: Author = MARIA) -> str:
    """Return what an answer says without the name of a member."""
    return without_name(replace(ANSWER, text=text), author).text


def test_of_a_question_whose_asker_is_forgotten_only_its_place_and_state_are_left() -> None:
    assert without_asker(QUESTION) == Question(
        place=THREAD,
        asker=Author("slack", "", "somebody"),
        text="",
        asked_at=NOW,
        url="",
        state=QuestionState.RESOLVED,
        confidence=0.9,
        experts=(),
    )


def test_an_expert_who_is_forgotten_was_never_asked() -> None:
    assert without_expert(QUESTION, "slack:U2") == replace(QUESTION, experts=("slack:U3",))


def test_a_question_that_a_member_was_not_asked_stays_as_it_is() -> None:
    assert without_expert(QUESTION, "slack:U9") == QUESTION


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Maria Rossi, use the button.", "somebody, use the button."),
        ("Use the button, Maria.", "Use the button, somebody."),
        ("Use the button, @Maria!", "Use the button, somebody!"),
        ("Ask Rossi's team.", "Ask somebody's team."),
        ("<@U1> use the button", "somebody use the button"),
        ("<@!U1> and <@U1|maria>", "somebody and somebody"),
    ],
)
def test_a_name_and_a_mention_become_somebody(text: str, left: str) -> None:
    assert said(text) == left


@pytest.mark.parametrize(
    "text",
    ["Mariana knows.", "The rossignol sings.", "<@U12> knows", "santaMaria", "Use the button."],
)
def test_a_word_that_only_begins_or_ends_like_the_name_stays(text: str) -> None:
    assert said(text) == text


def test_a_short_part_of_a_name_is_a_word_like_others() -> None:
    author = Author("slack", "U1", "Al Li Smith")

    assert said("Al and Li say: Al Li Smith and Smith", author) == (
        "Al and Li say: somebody and somebody"
    )


def test_a_name_that_looks_like_a_pattern_is_only_a_name() -> None:
    author = Author("slack", "U1", "M.* (Maria)")

    assert said("Everything stays, M.* (Maria) goes.", author) == "Everything stays, somebody goes."


def test_one_without_a_name_and_an_id_is_named_nowhere() -> None:
    assert said("Use the button.", Author("slack", "", "")) == "Use the button."


def test_what_others_answered_stays_without_the_name() -> None:
    own = replace(ANSWER, id="own", author=MARIA)
    other = replace(ANSWER, text="Like this, Maria.")

    assert others_answers([own, other], MARIA) == [replace(ANSWER, text="Like this, somebody.")]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20), st.text(max_size=12), st.text(min_size=1, max_size=12))
def test_no_text_and_no_name_break_the_search_for_it(text: str, name: str, user_id: str) -> None:
    left = said(f"{text} <@{user_id}> {text}", Author("slack", user_id, name))

    assert f"<@{user_id}>" not in left
