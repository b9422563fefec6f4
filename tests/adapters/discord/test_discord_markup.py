import pytest

from supportbot_discord.markup import escaped, in_code, in_quotation, plain_text

NAMES = {"7": "Maria", "8": "helpers", "9": "ledger"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@1> how do I post?", "how do I post?"),
        ("<@!1> how do I post?", "how do I post?"),
        ("ask <@7> or <@&8> in <#9>", "ask @Maria or @helpers in #ledger"),
        ("who is <@55>?", "who is @55?"),
        ("<@&2> how do I post?", "how do I post?"),
        ("<@&8> how do I post?", "how do I post?"),
        ("<@1> <@&8>, @here: how do I post?", "how do I post?"),
        ("how do I post? <@&8> @everyone", "how do I post?"),
        ("<@&8>", ""),
        ("is @heretic <@&8>'s?", "is @heretic @helpers's?"),
        ("type </ask:123>", "type /ask"),
        ("done <:tick:123> <a:party:456>", "done :tick: :party:"),
    ],
)
def test_a_text_is_read_as_people_read_it(written: str, read: str) -> None:
    assert plain_text(written, NAMES, ("1", "2")) == read


@pytest.mark.parametrize(
    "said",
    [
        "@everyone look",
        "@here look",
        "<@123>",
        "<@&123>",
        "<#123>",
        "<:tick:123>",
        "<a:tick:123>",
        "<t:1700000000:R>",
        "</ask:123>",
        "[your bank](https://evil.example/login)",
        "**bold** _cursive_ ~~gone~~ ||hidden|| `code`",
        "# a heading",
        "-# small",
        "> a quotation",
        ">>> all of it",
    ],
)
def test_nothing_in_a_quoted_text_is_obeyed(said: str) -> None:
    shown = escaped(said)

    assert not shown.startswith(said)
    assert said not in f"a {shown}" or shown.startswith("\\")
    assert shown.replace("\\", "").replace("\u200b", "") == said


def test_an_address_stays_an_address() -> None:
    said = "see https://example.org/a_b_c?d=*e*"

    assert escaped(said) == said


def test_nothing_in_a_block_of_code_closes_it() -> None:
    assert in_code("a\n```\n@everyone").count("```") == 2


def test_each_line_of_a_quotation_is_one() -> None:
    assert in_quotation("one\n\ntwo") == "> one\n> \n> two"
