import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from supportbot.domain.chat.members import Author
from supportbot.domain.language.texts import (
    LONGEST_NAME,
    NAMELESS,
    Link,
    Mention,
    Name,
    Said,
    Text,
    Words,
    fill,
    joined,
    mentioned_in,
    shown_name,
    unlinked,
    unmentioned,
)

PAUL = Author("slack", "U2", "Paul")
DONNA = Author("slack", "U3", "Donna")
ANY_TEXT = st.text(max_size=200)


def test_a_sentence_is_filled_with_parts_in_the_order_of_its_language() -> None:
    said = fill("{who} asks {whom}.", whom=Mention(PAUL), who=Name("Maria"))

    assert said == Text((Name("Maria"), Words(" asks "), Mention(PAUL), Words(".")))
    assert str(said) == "Maria asks Paul."


def test_a_sentence_of_words_alone_is_a_plain_string() -> None:
    assert fill("{number} of {all}", number=3, all="10") == "3 of 10"
    assert joined("One.", "", "Two.") == "One. Two."


@given(ANY_TEXT)
def test_whatever_a_name_is_it_stays_one_part(name: str) -> None:
    said = fill("{who} takes {what}.", who=Name(name), what=Name("{who}"))

    assert said == Text((Name(name), Words(" takes "), Name("{who}"), Words(".")))


def test_only_a_mention_notifies_and_each_member_once() -> None:
    said = fill(
        "{one}, {two}, {one}: {name}", one=Mention(PAUL), two=Mention(DONNA), name=Name("U")
    )

    assert mentioned_in(said, "Paul") == (PAUL, DONNA)


def test_one_who_is_told_elsewhere_is_named_and_not_notified() -> None:
    said = unmentioned(fill("{a} and {b}", a=Mention(PAUL), b=Mention(DONNA)), {PAUL.member_id})

    assert said == Text((Name("Paul"), Words(" and "), Mention(DONNA)))
    assert unmentioned("Paul", {PAUL.member_id}) == "Paul"


@given(st.lists(ANY_TEXT.map(Words) | ANY_TEXT.map(Name) | ANY_TEXT.map(lambda t: Link(t, t))))
def test_a_text_is_read_as_it_was_written(parts: list[Words | Name | Link]) -> None:
    adapter: TypeAdapter[Said] = TypeAdapter(Said)
    said = Text((*parts, Mention(PAUL)))

    assert adapter.validate_json(adapter.dump_json(said)) == said
    assert adapter.validate_json('"Plain words."') == "Plain words."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Paul", "Paul"),
        ("  Paul\n\tof  Ohio ", "Paul of Ohio"),
        ("", NAMELESS),
        (" \u00a0\u2003", NAMELESS),
        ("\u200b\u2060\ufeff", NAMELESS),
        ("\u3164\u115f\u2800", NAMELESS),
        ("\u0301\u0301", NAMELESS),
        ("\u202eluaP\u202c", "luaP"),
        ("Pa\u00adul\u061c", "Paul"),
        ("P" + "\u0301" * 50 + "aul", "P\u0301\u0301aul"),
        ("田中 🦊", "田中 🦊"),
    ],
)
def test_a_name_is_shown_in_one_line_without_what_cannot_be_seen(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@given(st.text(max_size=2_000))
def test_no_name_is_empty_or_longer_than_a_sentence_bears(name: str) -> None:
    shown = shown_name(name)

    assert shown.strip()
    assert len(shown) <= LONGEST_NAME
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/x", "discord.gg/evil", "www.evil.example", "steam://run/1", "EVIL.COM"],
)
def test_an_address_within_a_name_is_broken_and_looks_the_same(address: str) -> None:
    assert address not in unlinked(f"Sign in: {address}")
    assert unlinked(address).replace("\u200b", "") == address


def test_a_name_with_dots_stays_as_it_is() -> None:
    assert unlinked("J. R. R. Tolkien, M.D.") == "J. R. R. Tolkien, M.D."
