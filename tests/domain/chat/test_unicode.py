import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.unicode import neutralised, repaired


@pytest.mark.parametrize("text", ["", "How?", "🤷 发票", "\x00\u2028"])
def test_text_that_is_text_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text


@pytest.mark.parametrize(
    ("text", "expected"), [("How? \ud83e", "How? \ufffd"), ("\udd37, so.", "\ufffd, so.")]
)
def test_half_a_character_becomes_a_replacement_character(text: str, expected: str) -> None:
    assert repaired(text) == expected


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=[])))
def test_repaired_text_can_be_written_and_needs_no_second_repair(text: str) -> None:
    once = repaired(text)

    assert once.encode().decode() == once
    assert repaired(once) == once


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a\r\nb\tc", "a\nb\tc"),
        ("\x1b[31mred\x9b", "[31mred"),
        ("pass\u200bword", "password"),
        ("\u202eabc\u2066", "abc"),
        ("Grüße 🤷 日本語", "Grüße 🤷 日本語"),
    ],
)
def test_neutralised_text_keeps_its_words_and_loses_what_a_screen_obeys(
    said: str, shown: str
) -> None:
    assert neutralised(said) == shown
