import pytest

from supportbot.domain.chat.quotations import own_or_quoted, quotation_of
from supportbot.domain.knowledge.capture import first_line
from supportbot.domain.recognition.kinds import (
    ANSWERS,
    ASKS,
    SOLVES,
    answers_probability,
    asks_probability,
    solves_probability,
)


def test_a_quotation_marks_every_line_and_ends_with_its_author() -> None:
    assert quotation_of("One.\n\nTwo.", "Ben") == "> One.\n>\n> Two.\n> — Ben"


def test_where_nobody_knows_the_author_the_words_stand_alone() -> None:
    assert quotation_of("One.") == "> One."


def test_without_words_there_is_no_quotation() -> None:
    assert quotation_of(" \n", "Ben") == ""


@pytest.mark.parametrize("text", ["See below:\n> One.", "One.", "> One.\nIndeed.", ""])
def test_what_somebody_says_themselves_stays_as_it_is(text: str) -> None:
    assert own_or_quoted(text) == text


def test_what_only_quotes_says_what_it_quotes() -> None:
    assert own_or_quoted("> > One.\n> Two.\n> — Ben\n…") == "One.\nTwo.\n…"


def test_a_forwarded_question_asks() -> None:
    forwarded = quotation_of("How do I reset the password of the portal?", "Ben")

    assert asks_probability(forwarded) >= ASKS


def test_a_forwarded_answer_answers() -> None:
    forwarded = quotation_of("Press Forgotten, and use the code from the letter.", "Carl")

    assert answers_probability(forwarded) >= ANSWERS


def test_somebody_elses_thanks_solve_nothing() -> None:
    assert solves_probability("Thanks, that solved it!") >= SOLVES
    assert solves_probability("> Thanks, that solved it!\n> — Ben") < SOLVES


def test_a_forwarded_question_is_called_by_its_words() -> None:
    assert first_line("> How do I post?\n> — Ben") == "How do I post?"
