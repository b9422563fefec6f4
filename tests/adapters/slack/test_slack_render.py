import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.adapter_kit.showing import LONGEST_QUOTE
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.language.texts import Link, Mention, Name, Text, fill
from supportbot.domain.replies.reply import Action, Asked, Choice, OutgoingMessage, Quote, Reply
from supportbot_slack.events import read_target
from supportbot_slack.render import LONGEST_PLAIN, fitting, render
from tests.slack.blocks import measure
from tests.slack_server import problems_of_message

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
THREAD = Place("slack", "T1", "C1", "1772442000.000100")
MARIA, PAUL = Author("slack", "U0MARIA", "Maria"), Author("slack", "U0PAUL", "Paul")
MOST_IN_ALL = 11_000
"""Characters of all blocks together that Slack has been seen to take."""


def quote(text: str = "Use the button Post.", **more: Any) -> Quote:
    fields: dict[str, Any] = {
        "title": "Posting",
        "author": "Paul",
        "said_at": NOW,
        "url": "https://ours.slack.com/archives/C1/p1",
        "confidence": 0.93,
    }
    return Quote(text, **{**fields, **more})


def rendered(reply: Reply, **more: Any) -> dict[str, Any]:
    return render(OutgoingMessage("m1", THREAD, reply, **more))


def shown(reply: Reply) -> str:
    return json.dumps(rendered(reply)["blocks"], ensure_ascii=False)


def elements(reply: Reply, **more: Any) -> list[dict[str, Any]]:
    (actions,) = [b for b in rendered(reply, **more)["blocks"] if b["type"] == "actions"]
    found: list[dict[str, Any]] = actions["elements"]
    return found


def test_a_match_is_shown_with_name_date_link_and_how_sure_it_is() -> None:
    said = shown(Reply("This was answered before.", (quote(),)))

    assert "Use the button Post." in said
    assert "Paul · 2 March 2026" in said
    assert "<https://ours.slack.com/archives/C1/p1|See the thread>" in said


def test_a_match_says_why_it_was_found() -> None:
    said = shown(Reply("This was answered before.", (quote(reason="matches on: post"),)))

    assert "Paul · 2 March 2026 · matches on: post" in said


def test_a_link_out_of_slack_is_shown_with_its_host() -> None:
    said = shown(Reply("Before.", (quote(url="https://docs.example.org/a?b=1&c=2"),)))

    assert "<https://docs.example.org/a?b=1&amp;c=2|See the thread (docs.example.org)>" in said


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "https://x|y", "terminal:#4", "", "https://"]
)
def test_what_is_no_address_is_no_link(url: str) -> None:
    assert "See the thread" not in shown(Reply("Before.", (quote(url=url),)))


def test_code_stays_code() -> None:
    text = "Run this:\n\n```sql\nSELECT 1 < 2;\n```\n\nand `commit`."
    blocks = rendered(Reply("Before.", (quote(text),)))["blocks"]

    kinds = [element["type"] for block in blocks for element in block.get("elements", [])]
    assert "rich_text_preformatted" in kinds
    assert '"text": "SELECT 1 < 2;"' in json.dumps(blocks)
    assert '{"type": "text", "text": "commit", "style": {"code": true}}' in json.dumps(blocks)


def test_code_inside_a_line_as_slack_writes_it_stays_code() -> None:
    said = shown(Reply("Before.", (quote("Try ```x = 1``` first."),)))

    assert '"rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]' in said


def test_a_long_answer_is_cut_at_a_paragraph_and_leads_to_the_rest() -> None:
    said = shown(Reply("Before.", (quote("A first paragraph.\n\n" + "word " * 600),)))

    assert "See the thread" in said
    assert len(said) < LONGEST_QUOTE + 2_000


@pytest.mark.parametrize("text", ["<!channel> <@U0PAUL> <!here|x>", "@here @channel &lt;!here&gt;"])
def test_what_is_quoted_or_named_pings_nobody(text: str) -> None:
    reply = Reply(text, (quote(text, title=text, author=text),), text)
    message = rendered(reply)

    assert "<!" not in message["text"]
    assert "<@" not in message["text"]
    for block in message["blocks"]:
        for element in [block.get("text"), *block.get("elements", [])]:
            if element and element["type"] == "mrkdwn":
                assert element["verbatim"] is True
                assert "<!" not in element["text"]
                assert "<@" not in element["text"]


def test_only_those_whom_the_reply_may_notify_are_mentioned() -> None:
    closing = fill("I have asked {who} and {other}.", who=Mention(PAUL), other=Name("Maria"))

    message = rendered(Reply("I don't know.", closing=closing))

    assert json.dumps(message["blocks"]).count("U0PAUL") == 1
    assert '{"type": "user", "user_id": "U0PAUL"}' in json.dumps(message["blocks"])
    assert "I have asked <@U0PAUL> and Maria." in message["text"]


def test_an_id_that_is_none_is_not_mentioned() -> None:
    eve = Mention(Author("slack", "U1> <!channel", "Eve"))
    reply = Reply(fill("I have asked {who}.", who=eve))

    assert "<" not in rendered(reply)["text"]


def test_the_text_says_the_same_as_the_blocks() -> None:
    text = rendered(Reply("Before.", (quote(),), "If it helps, press it."))["text"]

    assert text == (
        "Before.\n\nPosting\nUse the button Post.\n(Paul · 2 March 2026)\n\nIf it helps, press it."
    )


def test_who_is_asked_may_take_it_or_say_in_a_menu_why_not() -> None:
    take, not_me = elements(Reply("Asked.", actions=(Action.CLAIM, Action.PASS)))

    assert (take["action_id"], take["style"]) == ("supportbot.take", "primary")
    assert (not_me["action_id"], not_me["type"]) == ("supportbot.pass", "static_select")
    assert not_me["placeholder"]["text"] == "Not me"
    assert [(one["value"], one["text"]["text"]) for one in not_me["options"]] == [
        ("pass", "Ask someone else"),
        ("to", "Pass it to …"),
        ("refuse", "Not my topic"),
    ]


def test_who_passes_it_on_chooses_a_person() -> None:
    (to_whom,) = elements(Reply("Who might know?", actions=(Action.PASS_TO,)))

    assert (to_whom["action_id"], to_whom["type"]) == ("supportbot.pass_to", "users_select")


def test_one_answer_is_confirmed_by_a_button_and_several_by_a_menu() -> None:
    paul, lena = Choice("1772442000.000200", "Paul"), Choice("1772442000.000300", "L" * 200)

    (one,) = elements(Reply("Solved?", actions=(Action.SOLVED,), choices=(paul,)))
    (several,) = elements(Reply("Solved?", actions=(Action.SOLVED,), choices=(paul, lena)))

    assert (one["type"], one["value"]) == ("button", paul.message_id)
    assert several["placeholder"]["text"] == "Solved: whose answer?"
    assert [option["value"] for option in several["options"]] == [paul.message_id, lena.message_id]


def test_buttons_say_which_thread_they_are_about() -> None:
    reply = Reply("Asked.", actions=(Action.CLAIM,))
    card = render(OutgoingMessage("m1", direct_place(PAUL, "T1"), reply, about=THREAD))

    assert read_target(rendered(reply)["blocks"][-1]["block_id"]) == ("C1", "1772442000.000100")
    assert read_target(card["blocks"][-1]["block_id"]) == ("C1", "1772442000.000100")


def test_one_who_asked_alone_chooses_the_channel_and_one_who_asked_in_a_channel_need_not() -> None:
    reply = Reply("I don't know.", actions=(Action.SHARE,))
    alone = direct_place(MARIA, "T1")

    (select,) = elements(reply, about=alone.in_thread("1772442000.000100"))
    (button,) = elements(reply, about=alone.in_thread("ask.C1.123.456.abc"))

    assert (select["type"], button["type"]) == ("conversations_select", "button")


def test_a_question_that_is_passed_on_is_shown_as_it_was_asked() -> None:
    asked = Asked(MARIA, "How do I `post`?", "https://ours.slack.com/archives/C1/p1")
    reply = Reply("Maria asks something.", asked=asked)

    assert "How do I " in shown(reply)
    assert "|See the thread>" in shown(reply)
    assert "How do I `post`?" in rendered(reply)["text"]


ANY = st.text(
    st.characters(codec=None, exclude_categories=())
    | st.sampled_from("\0\ud83d\udc00\u202e<>&|*_~`#@!\n "),
    max_size=60,
)
LONG = st.builds(lambda text, times: text * times, ANY, st.sampled_from([1, 40, 2_000]))
FENCED = st.lists(st.sampled_from(["```", "~~~", "`", "\n", "x", "````"]), max_size=40).map("".join)
WORDS = LONG | FENCED
AUTHORS = st.builds(Author, st.just("slack"), st.sampled_from(["U0PAUL", "<!x>"]), ANY)
URLS = WORDS | st.builds(
    lambda part, times: f"https://example.org/{part * times}",
    st.sampled_from(["&", "a/", "%2F", "é", "?x=1&"]),
    st.sampled_from([1, 300, 1_900]),
)
QUOTES = st.builds(
    Quote, WORDS, WORDS, WORDS, st.none() | st.just(NOW), URLS, st.floats(0, 1, allow_nan=False)
)
PARTS = WORDS.map(Name) | AUTHORS.map(Mention) | st.builds(Link, WORDS, WORDS)
TEXTS = WORDS | st.lists(PARTS, max_size=6).map(lambda parts: Text(tuple(parts)))
CHOICES = st.builds(Choice, st.just("own") | st.just("1772442000.000200"), WORDS)
REPLIES = st.builds(
    Reply,
    TEXTS,
    st.lists(QUOTES, max_size=6).map(tuple),
    TEXTS,
    st.lists(st.sampled_from(Action), unique=True, max_size=6).map(tuple),
    st.lists(CHOICES, max_size=12).map(tuple),
    st.none() | st.builds(Asked, AUTHORS, WORDS, URLS, st.none()),
)


@settings(max_examples=150, deadline=None)
@given(REPLIES)
def test_whatever_is_said_slack_takes_it(reply: Reply) -> None:
    message = rendered(reply)

    assert problems_of_message(message["blocks"]) == []
    assert measure(message["blocks"]) <= MOST_IN_ALL
    assert 0 < len(message["text"]) <= LONGEST_PLAIN
    json.dumps(message).encode()


def test_of_four_long_quotations_each_keeps_its_beginning_and_its_source() -> None:
    url = "https://example.org/" + "page/" * 350
    quotes = tuple(
        quote(f"Step {number}. " + "Press the button. " * 300, url=url) for number in range(4)
    )

    said = rendered(Reply("Four matches.", quotes=quotes, closing="Did it help?"))

    assert measure(said["blocks"]) <= MOST_IN_ALL
    assert problems_of_message(said["blocks"]) == []
    assert [f"Step {number}." in json.dumps(said["blocks"]) for number in range(4)] == [True] * 4
    assert "Did it help?" in json.dumps(said["blocks"])


def test_an_address_that_is_too_long_once_it_is_escaped_is_left_out_and_nothing_else() -> None:
    url = "https://example.org/?" + "a&" * 950

    said = rendered(Reply("A match.", quotes=(quote(url=url),)))

    assert problems_of_message(said["blocks"]) == []
    assert "Use the button Post." in json.dumps(said["blocks"])
    assert "Paul" in json.dumps(said["blocks"])
    assert "example.org" not in json.dumps(said["blocks"])


@pytest.mark.parametrize("limit", [-5, 0, 1, 2, 3, 10])
@pytest.mark.parametrize("text", ["", "&", "&&&&&&&&&&&&", "Press the button, and wait for it."])
def test_a_text_is_cut_to_whatever_limit_there_is(text: str, limit: int) -> None:
    assert len(fitting(text, limit)) <= max(limit, 0)


def test_a_document_is_read_as_markdown_and_a_message_is_not() -> None:
    words = "Press *Post*, see [closing](close.md)."
    where = {"url": "https://d.example/post.md"}
    document = Reply("", (quote(words, **where, document_id="best_practices:post.md"),))
    message = Reply("", (quote(words, **where, document_id="answers:slack/T1/C1/1"),))

    assert '{"type": "text", "text": "Post", "style": {"italic": true}}' in shown(document)
    assert '"url": "https://d.example/close.md", "text": "closing"' in shown(document)
    assert "Press Post, see closing." in rendered(document)["text"]
    assert '{"type": "text", "text": "Press *Post*, see "}' in shown(message)


def test_documents_of_many_links_fit() -> None:
    text = "[a](b.md) " * 200
    url = f"https://d.example/{'c' * 200}/"
    quotes = tuple(quote(text, url=url, document_id=f"best_practices:{n}") for n in range(4))

    message = rendered(Reply("This page should answer it:", quotes))

    assert problems_of_message(message["blocks"]) == []
    assert measure(message["blocks"]) < MOST_IN_ALL
