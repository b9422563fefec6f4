from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.adapter_kit.slack_markup import mentions_in, own_words, plain_text, quoted_words

FORWARDED = {
    "is_share": True,
    "is_msg_unfurl": True,
    "author_id": "U2",
    "author_name": "ben",
    "from_url": "https://ours.slack.com/archives/C1/p1772442000000100",
    "text": "Press *Forgotten*, see <#C1>.",
    "fallback": "[March 2nd] Ben: Press",
}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def rich_text(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, "style": style}


def table(*rows: tuple[str, str]) -> dict[str, Any]:
    cells = [[{"type": "raw_text", "text": cell} for cell in row] for row in rows]
    return {"type": "table", "rows": cells}


BLOCKS = {
    "a sentence": (rich_text(text("How do I post?")), "How do I post?"),
    "styles": (rich_text(text("Run "), text("a < b", code=True)), "Run `a &lt; b`"),
    "people and places": (
        rich_text(
            {"type": "user", "user_id": "U1"},
            text(" in "),
            {"type": "channel", "channel_id": "C1"},
            {"type": "broadcast", "range": "here"},
            {"type": "usergroup", "usergroup_id": "S1"},
        ),
        "<@U1> in <#C1><!here><!subteam^S1>",
    ),
    "a link": (
        rich_text({"type": "link", "url": "https://a.example/?b&c", "text": "this"}),
        "<https://a.example/?b&c|this>",
    ),
    "an emoji": (rich_text({"type": "emoji", "name": "wave"}), ":wave:"),
    "a date": (rich_text({"type": "date", "fallback": "2 March"}), "2 March"),
    "code": (rich_text(text("ls"), kind="rich_text_preformatted"), "```\nls\n```"),
    "a quotation": (rich_text(text("a\nb"), kind="rich_text_quote"), "&gt; a\n&gt; b"),
    "a section": ({"type": "section", "text": {"type": "mrkdwn", "text": "<@U1>"}}, "<@U1>"),
    "fields": (
        {
            "type": "section",
            "fields": [{"type": "plain_text", "text": "a&b"}, {"type": "mrkdwn", "text": "*c*"}],
        },
        "a&amp;b\n*c*",
    ),
    "a header": ({"type": "header", "text": {"type": "plain_text", "text": "Why?"}}, "Why?"),
    "a context": (
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Since today."}]},
        "Since today.",
    ),
    "markdown": ({"type": "markdown", "text": "## Why?"}, "## Why?"),
    "a picture": ({"type": "image", "alt_text": "The error"}, "The error"),
    "a table": (table(("Code", "Means"), ("429", "slow")), "Code | Means\n429 | slow"),
    "buttons": ({"type": "actions", "elements": [{"type": "button", "text": "Press"}]}, ""),
}


@pytest.mark.parametrize(("block", "words"), BLOCKS.values(), ids=BLOCKS.keys())
def test_a_message_without_a_text_says_what_its_blocks_say(
    block: dict[str, Any], words: str
) -> None:
    assert own_words({"text": "", "blocks": [block, {"type": "divider"}]}) == words


def test_lists_keep_their_levels_and_numbers() -> None:
    def items(*words: str, **fields: object) -> dict[str, Any]:
        elements = [{"type": "rich_text_section", "elements": [text(word)]} for word in words]
        return {"type": "rich_text_list", "elements": elements, **fields}

    lists = [
        items("Stop it.", "Start it.", style="ordered"),
        items("Wait.", style="bullet", indent=1),
        items("Look.", style="ordered", offset=2),
    ]

    said = own_words({"blocks": [{"type": "rich_text", "elements": lists}]})

    assert said == "1. Stop it.\n2. Start it.\n    • Wait.\n3. Look."


def test_a_text_counts_before_its_blocks() -> None:
    assert own_words({"text": "How?", "blocks": [rich_text(text("What?"))]}) == "How?"


def test_slacks_words_for_what_it_cannot_show_are_no_text() -> None:
    said = {"text": "This content can't be displayed.", "blocks": [rich_text(text("How?"))]}

    assert own_words(said) == "How?"


def test_whom_the_blocks_name_is_named() -> None:
    said = own_words({"text": "", "blocks": [rich_text({"type": "user", "user_id": "U1"})]})

    assert mentions_in(said) == ("U1",)


def test_a_forwarded_message_is_a_quotation_of_its_author() -> None:
    message = {"text": "What Ben wrote:", "attachments": [FORWARDED]}

    assert own_words(message) == "What Ben wrote:"
    assert quoted_words(message, {"U2": "Ben", "C1": "help"}) == (
        "> Press *Forgotten*, see #help.\n> — Ben"
    )


def test_a_forwarded_message_may_have_only_blocks() -> None:
    shared = {"message": {"blocks": [rich_text(text("Press it."))]}, "ts": "1.2"}
    attachment = {"message_blocks": [shared], "author_subname": "Ben", "text": ""}

    assert quoted_words({"attachments": [attachment]}, {}) == "> Press it.\n> — Ben"


def test_a_forwarded_file_is_named() -> None:
    attachment = {"is_share": True, "text": "", "files": [{"name": "log.txt"}, {}]}

    assert quoted_words({"attachments": [attachment]}, {}) == "> [file: log.txt]"


def test_each_forwarded_message_is_quoted_by_itself() -> None:
    message = {"attachments": [{**FORWARDED, "text": "One."}, {**FORWARDED, "text": "Two."}]}

    assert quoted_words(message, {}) == "> One.\n> — ben\n\n> Two.\n> — ben"


def test_the_preview_of_a_link_is_nobodys_words() -> None:
    preview = {"from_url": "https://a.example", "title": "A page", "text": "Buy this."}
    message = {"text": "<https://a.example>", "attachments": [preview]}

    assert own_words(message) == "<https://a.example>"
    assert quoted_words(message, {}) == ""


def test_what_only_some_may_see_of_a_link_to_a_private_channel_is_not_read() -> None:
    hidden = {**FORWARDED, "is_share": False, "private_channel_prompt": True}

    assert quoted_words({"attachments": [hidden]}, {}) == ""
    assert own_words({"attachments": [hidden]}) == ""


def test_what_an_app_adds_for_its_author_are_words() -> None:
    attachments = [
        {"pretext": "New ticket", "fields": [{"title": "Error", "value": "429"}]},
        {"color": "#ff0000", "blocks": [rich_text(text("How do I post?"))]},
        {"fallback": "[no preview available]"},
    ]

    said = own_words({"text": "A form:", "attachments": attachments})

    assert said == "A form:\nNew ticket\nError: 429\nHow do I post?"


@pytest.mark.slow
@given(JUNK, st.sampled_from(["text", "blocks", "attachments"]))
@settings(deadline=None)
def test_no_junk_makes_reading_fail(junk: object, name: str) -> None:
    message = {name: junk, "blocks": [junk, rich_text({"type": "text", "text": junk})]}

    assert isinstance(plain_text(own_words(message), {}) + quoted_words(message, {}), str)
