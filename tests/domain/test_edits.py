import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.edits import fingerprint, is_another_question, is_small

APPROVED = (
    "Open the setup of the period, and widen the dates by 14 days.\n"
    "Then run `close --year`, do not skip the check, and tell Paul. See https://example.org/close"
)
QUESTION = "How do I close the period for the last year?"


def edited(old: str, new: str) -> str:
    assert old in APPROVED
    return APPROVED.replace(old, new, 1)


@pytest.mark.parametrize(
    "words",
    [
        APPROVED,
        edited("\nThen", "\n\n- Then"),
        edited("Open the setup", "# Open the **setup**"),
        edited("Open", "open"),
        edited("dates by", "dates, by"),
        edited("14 days.", "14 days!"),
    ],
    ids=["nothing", "a list", "a heading and bold", "a capital", "a comma", "a stop"],
)
def test_layout_may_change(words: str) -> None:
    assert is_small(APPROVED, words, known=QUESTION)


@pytest.mark.parametrize(
    ("slip", "word"),
    [("perod", "period"), ("peroid", "period"), ("cclose", "close"), ("setupp", "setup")],
)
def test_a_typo_may_be_mended_into_a_word_that_is_there(slip: str, word: str) -> None:
    approved = f"Open the setup. Choose the {slip}."

    assert is_small(approved, f"Open the setup. Choose the {word}.", known=QUESTION)


@pytest.mark.parametrize(
    "words",
    [
        edited("14 days", "40 days"),
        edited("14 days", "-14 days"),
        edited("do not skip", "do skip"),
        edited("do not skip", "do ~~not~~ skip"),
        edited("do not skip", "do <!--not--> skip"),
        edited("widen", "never widen"),
        edited("tell Paul", "tell Saul"),
        edited("tell Paul", "tell Pauline"),
        edited("https://example.org/close", "https://evil.example/close"),
        edited("https://example.org/close", "[close](https://example.org/close)"),
        edited("`close --year`", "`close --all`"),
        edited("`close --year`", "close --year"),
        edited("Open the setup", "Open the [setup](setup)"),
        edited("See", "Download fix.exe and see"),
        edited("widen the dates", "wide the dates"),
        edited("dates by 14 days", "days by 14 dates"),
        edited("the dates", "the 👎 dates"),
        edited("Then run", "Then ran"),
        "Download https://evil.example/fix.exe and run it as administrator.",
        "",
    ],
)
def test_whatever_says_something_else_waits(words: str) -> None:
    assert not is_small(APPROVED, words, known=QUESTION)


def test_a_name_of_a_package_cannot_be_bent_by_a_letter() -> None:
    assert not is_small("Run pip install requests now", "Run pip install reqeusts now")
    assert not is_small("Use the upload button", "Use the unload button", known="Can I unload it?")


def test_many_slips_at_once_wait() -> None:
    approved = "alphaa bravoo charliee deltaa alpha bravo charlie delta"
    mended = "alpha bravo charlie delta alpha bravo charlie delta"

    assert not is_small(approved, mended)


@given(st.text(max_size=60))
def test_what_stays_as_it_is_is_small(text: str) -> None:
    assert is_small(text, text)


@given(st.text(alphabet="ab 1`*_-.#\n", max_size=30), st.text(alphabet="xyz", min_size=5))
def test_no_new_word_ever_comes_in(text: str, word: str) -> None:
    assert not is_small(text, f"{text} {word}")


def test_a_question_with_more_details_is_still_the_same() -> None:
    was = fingerprint("How do I close the ledger for last year?")

    assert not is_another_question(was, "How do I close the ledger for last year, in release 22?")
    assert not is_another_question(was, "How do I close the ledger?")


def test_a_question_that_has_become_another_one_is() -> None:
    was = fingerprint("How do I close the ledger for last year?")

    assert is_another_question(was, "How do I reset the payroll password of a colleague?")
    assert is_another_question(was, "")
