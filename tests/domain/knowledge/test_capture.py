from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.audiences import Audience
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.knowledge.capture import (
    choose_answer,
    document_from,
    first_line,
    redacted,
    says_something,
)
from supportbot.domain.knowledge.documents import Document

MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
THREAD = Place("slack", "T1", "C1", "17.5")


def answer(text: str) -> Answer:
    return Answer("m2", THREAD.key, PAUL, text, TUESDAY, "https://chat.example/m2")


def question(place: Place = THREAD) -> Question:
    text = "How do I post an invoice?\nIt says F5 808."
    return Question(place, MARIA, text, MONDAY, "", QuestionState.ROUTED, 0.2)


def test_the_first_reply_is_what_solved_the_question() -> None:
    first = answer("With the button Post.")

    assert choose_answer([first, answer("Great!")]) == first


def test_a_short_question_back_did_not_solve_it() -> None:
    solving = answer("With the button Post.")

    assert choose_answer([answer("Which version? "), solving]) == solving


def test_a_long_reply_may_end_with_a_question() -> None:
    long = answer("Open the period first, with the transaction for periods. " * 3 + "All right?")

    assert choose_answer([long, answer("Great!")]) == long


def test_where_only_questions_came_back_the_first_is_taken() -> None:
    first = answer("Did you try the button Post?")

    assert choose_answer([first, answer("Or the other one?")]) == first


def test_a_question_without_replies_has_no_answer() -> None:
    assert choose_answer([]) is None


def test_an_accepted_answer_is_found_by_its_question_and_shown_in_its_authors_words() -> None:
    document = document_from(question(), answer("With the button *Post*."))

    assert document == Document(
        source="answers",
        key="slack/T1/C1/17.5",
        title="How do I post an invoice?",
        body="With the button *Post*.",
        asked=("How do I post an invoice?\nIt says F5 808.",),
        author="Paul",
        author_id="slack:U2",
        said_at=TUESDAY,
        url="https://chat.example/m2",
        channel_key="slack/T1/C1",
    )


def test_what_was_answered_in_private_stays_private() -> None:
    private = Place("slack", "T1", "C2", "17.5", is_private=True)

    document = document_from(question(private), answer("With the button Post."))

    assert document.audience == Audience("place:slack/T1/C2")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("How do I post?", "How do I post?"),
        ("\n  \n  How do I post?  \nIt fails.", "How do I post?"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_a_title_is_the_first_line_that_says_something(text: str, title: str) -> None:
    assert first_line(text) == title


def test_a_long_title_is_cut_at_a_word() -> None:
    assert first_line("How do I post an invoice?", limit=12) == "How do I…"


def test_a_title_of_just_the_limit_is_not_cut() -> None:
    assert first_line("How do I post", limit=13) == "How do I post"


def test_a_long_word_is_cut_where_the_limit_is() -> None:
    assert first_line("x" * 100, limit=10) == "xxxxxxxxxx…"


@settings(max_examples=60, deadline=None)
@given(st.text(), st.integers(1, 40))
def test_a_title_is_one_line_of_no_more_than_the_limit_and_the_dots(text: str, limit: int) -> None:
    title = first_line(text, limit=limit)

    assert len(title) <= limit + 1
    assert len(title.splitlines()) <= 1


def test_an_answer_whose_asker_was_forgotten_stands_alone() -> None:
    nameless = replace(question(), asker=Author("slack", "", "somebody"), text="")

    document = document_from(nameless, answer("Choose Post.\nThen save."))

    assert (document.title, document.asked) == ("An answer by Paul", ())
    assert document.body == "Choose Post.\nThen save."


def test_what_looks_like_a_secret_is_not_learned() -> None:
    asked = replace(question(), text="Is password=Tr0ub4dor&3x right?")

    document = document_from(asked, answer("Write to paul.smith@gmail.com"))

    assert "Tr0ub4dor" not in f"{document}"
    assert "paul.smith" not in f"{document}"


def test_what_looks_like_a_secret_is_taken_out_of_what_is_imported() -> None:
    document = replace(
        document_from(question(), answer("Post.")),
        title="password=Tr0ub4dor&3x",
        body="password=Tr0ub4dor&3x",
        asked=("password=Tr0ub4dor&3x",),
    )

    assert redacted(document) == replace(
        document,
        title="password=[password removed]",
        body="password=[password removed]",
        asked=("password=[password removed]",),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("yes", False),
        ("same here, sadly", False),
        ("  padded to length   ", False),
        ("Widen the dates, then post again.", True),
        ("Did you widen the dates, and post again?", False),
        ("exactly twenty signs", True),
    ],
)
def test_a_short_word_or_a_question_back_does_not_stand_for_an_answer(
    text: str, *, says: bool
) -> None:
    assert says_something(answer(text)) is says
