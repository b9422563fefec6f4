import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.recognition.follow_ups import Relation, leads_to, relation_to
from tests.growth import grows_linearly

QUESTION = "How do I close the ledger of last year?"


@pytest.mark.parametrize(
    "text",
    [
        "How do I print a label?",
        "Also, how do I print a label?",
        "How does the zebra batch post in the wizard?",
        "Can someone help me with the printer?",
        "Who can approve an order?",
        "What is the limit for attachments?",
        "Can we undo a posted payment?",
        "Why is the ledger of this year not in the list?",
    ],
)
def test_what_asks_something_by_itself_is_a_question_of_its_own(text: str) -> None:
    assert relation_to(QUESTION, text) is Relation.OWN


@pytest.mark.parametrize(
    "text",
    [
        "any idea?",
        "Does anyone know?",
        "anyone?",
        "help please",
        "the version is 2.4",
        "2.4",
        "on Windows?",
        "And for 2025?",
        "How do I do that?",
        "Where can I find it?",
        "Is there a wizard for that?",
        "It is the one of 2025",
        "The wizard says that a zebra batch is not posted",
        "KeyError: 'posting_date'",
        "```\nTraceback\n```",
        "https://example.org/screenshot",
        "ledger number 400",
        "mit der Version vom Mai",
    ],
)
def test_what_needs_the_question_or_tells_of_it_is_a_part_of_it(text: str) -> None:
    assert relation_to(QUESTION, text) is Relation.PART


@pytest.mark.parametrize(
    "text",
    [
        "See you at lunch",
        "lol",
        "Thanks!",
        "thanks in advance",
        "Great talk yesterday, folks",
        "@Paul lunch at five?",
        "???",
    ],
)
def test_what_has_nothing_of_the_question_stands_apart(text: str) -> None:
    assert relation_to(QUESTION, text) is Relation.APART


@pytest.mark.parametrize(
    "opening",
    ["Can anyone help?", "Hi all, I have a question", "quick question", "Why do I get this error:"],
)
def test_what_follows_an_opening_that_asks_nothing_yet_is_the_question(opening: str) -> None:
    assert relation_to(opening, "How do I print a label?") is Relation.PART


@pytest.mark.parametrize(
    ("text", "question", "is_part"),
    [
        ("We moved to the new ledger", QUESTION, True),
        ("the export stops at 40 %", "any idea?", True),
        ("How do I print a label?", "any idea?", True),
        ("How do I print a label?", QUESTION, False),
        ("I get this:", QUESTION, True),
        ("Great talk yesterday, folks", QUESTION, False),
        ("Hello everyone!", QUESTION, False),
    ],
)
def test_what_leads_to_a_question_belongs_to_it(text: str, question: str, *, is_part: bool) -> None:
    assert leads_to(question, text) is is_part


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_have_a_relation(question: str, message: str) -> None:
    assert relation_to(question, message) in Relation
    assert leads_to(question, message) in {True, False}


@pytest.mark.parametrize("piece", ["a ", "?", "it ", "\n", "`", "'a", "1.", "\u6c49"])
def test_a_very_long_text_takes_no_longer_than_its_length_deserves(piece: str) -> None:
    def work(text: str) -> None:
        relation_to(QUESTION, text)
        leads_to(text, QUESTION)

    assert grows_linearly(work, f"x{piece * (100_000 // len(piece))}")
