"""What is shown fits Discord, whatever is in it.

Limits: https://discord.com/developers/docs/components/reference
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_place
from supportbot.domain.experts.availability import Availability
from supportbot.domain.language.texts import Link, Mention, Name, Text, fill, joined
from supportbot.domain.replies.reply import (
    Action,
    Asked,
    Line,
    ListeningForm,
    OutgoingMessage,
    Page,
    ProfileForm,
    Quote,
    Reply,
    Section,
)
from supportbot_discord.pages import FORMS, form_of, given_in, rendered
from supportbot_discord.render import Channel, fitting, framed, number_of
from supportbot_discord.targets import PLATFORM, read_name

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
THREAD = Place(PLATFORM, "100", "200", "300")
MARIA, PAUL = Author(PLATFORM, "1", "Maria"), Author(PLATFORM, "2", "Paul")
MOST_LETTERS, MOST_COMPONENTS, MOST_IN_ROW, MOST_CHOICES = 4_000, 40, 5, 25
ANY_TEXT = st.text(max_size=60) | st.text(
    st.sampled_from(list("`*_~|<>@#[]()\n\\ a\ud800\u202e")), max_size=6_000
)


def quote(text: str = "Use the button Post.", **more: Any) -> Quote:
    given = {"title": "Posting", "author": "Paul", "said_at": NOW, "url": "https://x.org/1"}
    return Quote(text, **{**given, "confidence": 0.93, **more})


def shown(reply: Reply, place: Place = THREAD, channels: tuple[Channel, ...] = ()) -> list[Any]:
    return rendered(OutgoingMessage("q/reply", place, reply), channels)


def every(components: list[Any]) -> Iterator[Mapping[str, Any]]:
    for one in components:
        yield one
        yield from every(one.get("components", []))


def text_in(components: list[Any]) -> str:
    return "\n".join(one["content"] for one in every(components) if "content" in one)


def names_in(components: list[Any]) -> list[str]:
    targets = [read_name(one["custom_id"]) for one in every(components) if "custom_id" in one]
    return [target.name for target in targets if target]


def problems(components: list[Any]) -> list[str]:
    """Return what Discord would refuse."""
    all_ = list(every(components))
    found = []
    if sum(len(one.get("content", "")) for one in all_) > MOST_LETTERS:
        found.append("too many letters")
    if len(all_) > MOST_COMPONENTS:
        found.append("too many components")
    for one in all_:
        if "content" in one and not one["content"].strip():
            found.append("an empty text")
        if one["type"] == 1 and not 1 <= len(one["components"]) <= MOST_IN_ROW:
            found.append("a row that is too long or empty")
        if len(one.get("custom_id", "")) > 100 or len(one.get("label", "")) > 80:
            found.append("a long name")
        if len(one.get("options", [])) > MOST_CHOICES:
            found.append("too many choices")
    names = [one["custom_id"] for one in all_ if "custom_id" in one]
    if len(names) != len(set(names)):
        found.append("two of one name")
    return found


def test_a_quotation_is_in_the_words_of_the_person_with_name_date_and_link() -> None:
    text = text_in(shown(Reply("This was answered before.", (quote(),))))

    assert text.split("\n") == [
        "This was answered before.",
        "**Posting**",
        "> Use the button Post.",
        ("-# Paul · 2 March 2026 · [See the thread (x.org)](https://x.org/1)"),
    ]


def test_code_stays_code() -> None:
    text = text_in(shown(Reply("", (quote("Run\n```sql\nSELECT *\n```\nthen wait."),))))

    assert "> Run\n```\nSELECT *\n```\n> then wait." in text


def test_only_those_whom_it_may_notify_are_mentioned() -> None:
    asked = fill("I asked {who} and {other}.", who=Mention(PAUL), other=Name("@everyone"))
    asking = Reply(asked, (quote("<@2>"),))
    text = text_in(shown(asking))

    assert "I asked <@2> and @\u200beveryone." in text
    assert "> <@2>" not in text


def test_buttons_know_their_thread_and_come_in_rows_of_five() -> None:
    components = shown(Reply("I asked Paul.", actions=tuple(Action)))

    assert problems(components) == []
    assert set(names_in(components)) >= {"solved", "take", "pass", "refuse", "to"}


def test_one_who_asked_alone_shares_where_they_asked_or_in_a_channel_of_their_choice() -> None:
    alone = direct_place(MARIA)
    reply = Reply("I don't know.", actions=(Action.SHARE,))

    in_channel = shown(reply, alone.in_thread("ask.200.900"))
    in_direct = shown(reply, alone.in_thread("300"), (Channel("100", "200", "help"),))
    nowhere = shown(reply, alone.in_thread("300"))

    assert names_in(in_channel) == ["share"]
    assert names_in(in_direct) == ["in"]
    assert names_in(nowhere) == []
    (select,) = [one for one in every(in_direct) if one["type"] == 3]
    assert [(one["label"], one["value"]) for one in select["options"]] == [("#help", "100.200")]


def test_a_question_that_is_told_elsewhere_leads_to_its_thread() -> None:
    asked = Asked(MARIA, "How do I `post`?", "https://discord.com/channels/1/2/3")

    text = text_in(shown(Reply("Maria asks something.", asked=asked)))

    assert "> How do I \\`post\\`?" in text
    assert "[See the thread](https://discord.com/channels/1/2/3)" in text


def test_a_message_carries_the_same_number_each_time_and_no_small_one() -> None:
    assert number_of("q/reply") == number_of("q/reply") != number_of("q2/reply")
    assert all(2**30 <= number_of(str(n)) < 2**31 for n in range(1_000))
    assert shown(Reply("Hello."))[0]["id"] == number_of("q/reply")


LONG_ADDRESS = "https://wiki.example/" + "%E8%A8%AD%E5%AE%9A/" * 100
MARKUP = "*_`|~" * 400


def test_of_four_quotations_with_long_addresses_each_has_its_words() -> None:
    quotes = tuple(quote(f"Step {n}: press Post.", url=LONG_ADDRESS) for n in range(4))

    components = shown(Reply("This may help.", quotes, "Press the button."))

    text = text_in(components)
    assert problems(components) == []
    assert all(f"> Step {n}: press Post." in text for n in range(4))
    assert text.count("Paul · 2 March 2026") == 4


def test_an_address_is_linked_where_there_is_room_for_it() -> None:
    assert LONG_ADDRESS in text_in(shown(Reply("", (quote(url=LONG_ADDRESS),))))


def test_a_quotation_stays_in_its_share_when_everything_about_it_is_long() -> None:
    quotes = (quote(MARKUP, title=MARKUP, author=MARKUP, url=LONG_ADDRESS, reason=MARKUP),) * 4
    asked = Asked(MARIA, MARKUP, LONG_ADDRESS)

    components = shown(Reply(MARKUP, quotes, MARKUP, asked=asked, actions=tuple(Action)))

    assert problems(components) == []
    assert text_in(components).count("**") >= 8


def test_a_long_part_of_a_page_is_shortened_and_not_lost() -> None:
    lines = tuple(Line(f"Number {n}: {'so it goes. ' * 20}") for n in range(30))

    components = shown(Reply("Look:", page=Page((Section("Many", "word " * 3_000, lines),))))

    assert problems(components) == []
    assert "### Many" in text_in(components)
    assert "Number 0" in text_in(components)
    assert text_in(components).endswith("…")


@pytest.mark.parametrize("limit", [-1, 0, 1, 5])
def test_what_has_no_room_is_left_out(limit: int) -> None:
    assert len(fitting("**" * 50, limit)) <= max(0, limit)
    assert framed("**" * 50, limit) == "> …"


@settings(max_examples=150, deadline=None)
@given(
    texts=st.lists(ANY_TEXT, min_size=6, max_size=6),
    count=st.integers(0, 6),
    is_linked=st.booleans(),
)
def test_whatever_is_said_fits(texts: list[str], count: int, *, is_linked: bool) -> None:
    words, title, author, body, closing, url = texts
    address = f"https://x.org/{url}" if is_linked else url
    more = {"title": title, "author": author, "url": address, "reason": author}
    quotes = tuple(quote(body, **more) for _ in range(count))
    asked = Asked(MARIA, body, address) if count % 2 else None
    said = joined(words, Text((Name(title), Mention(PAUL), Link(author, address))))
    reply = Reply(said, quotes, closing, tuple(Action), asked=asked)

    components = shown(reply)

    assert problems(components) == []
    assert text_in(components).count("```") % 2 == 0


@settings(max_examples=60, deadline=None)
@given(title=ANY_TEXT, text=ANY_TEXT, count=st.integers(0, 40))
def test_whatever_stands_on_a_page_fits(title: str, text: str, count: int) -> None:
    line = Line(text, "https://x.org/1", THREAD, title, (Action.CLAIM, Action.PASS))
    lines = tuple(
        Line(text, "https://x.org/1", THREAD.in_thread(str(n)), title, line.actions)
        for n in range(count)
    )
    page = Page((Section(title, text, lines, ProfileForm(Availability())), Section(title, text)))

    assert problems(shown(Reply("", page=page))) == []


def test_what_the_bot_listens_to_is_chosen_from_a_list() -> None:
    form = ListeningForm(Place(PLATFORM, "100", "200"), Listening.MENTIONS)

    components = shown(Reply("", page=Page((Section("This channel", "…", form=form),))))

    (select,) = [one for one in every(components) if one["type"] == 3]
    assert [one["value"] for one in select["options"] if one["default"]] == ["mentions"]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_holds_what_is_chosen_and_gives_it_back(name: str) -> None:
    known = Availability(asks_a_week=3, topics=("ledger", "tax"), days=(0, 1))

    form = form_of(name, known)
    filled = [
        {"component": {**one["component"], **_chosen(one["component"])}}
        for one in form["components"]
    ]

    assert len(form["components"]) <= 5
    assert all(len(one["label"]) <= 45 for one in form["components"])
    given = given_in(filled)
    expected: dict[str, dict[str, tuple[str, ...]]] = {
        "when": {"budget": ("3",), "days": ("mon", "tue")},
        "what": {"topics": ("ledger, tax",), "ask": ("here",)},
    }
    assert {key: given[key] for key in expected[name]} == expected[name]


def _chosen(component: Mapping[str, Any]) -> dict[str, Any]:
    if "options" not in component:
        return {}
    return {"values": [one["value"] for one in component["options"] if one["default"]]}


def test_a_document_is_read_as_markdown_and_a_message_as_discord_writes_it() -> None:
    words = "Press *Post*, see [closing](close.md)."
    document = quote(words, url="https://d.example/post.md", document_id="best_practices:post.md")
    message = quote(words, document_id="answers:discord/1/2/3")

    from_document, from_message = (
        text_in(shown(Reply("This page should answer it:", (one,)))) for one in (document, message)
    )

    assert "> Press *Post*, see [closing](<https://d.example/close.md>)." in from_document
    assert "> Press \\*Post\\*, see \\[closing](\u200bclose.md)." in from_message
