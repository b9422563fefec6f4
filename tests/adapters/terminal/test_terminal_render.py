from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console, RenderableType

from supportbot.domain.replies.reply import THE_BOTS_OWN, Action, Choice, Quote, Reply
from supportbot_terminal.render import render_direct, render_message, render_reply
from tests.growth import grows_linearly

QUOTE = Quote(
    text="Open **the setup**.\n\n```sql\nSELECT 1\n```",
    title="Posting",
    author="Paul",
    said_at=datetime(2026, 3, 2, tzinfo=UTC),
    url="https://example.org/posting",
    confidence=0.934,
)
REPLY = Reply(
    "This was answered before.", (QUOTE,), closing="If it helps, say so.", actions=(Action.SOLVED,)
)


def plain(rendered: RenderableType) -> str:
    console = Console(width=200, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(rendered, soft_wrap=True)
    return captured.get()


def framed(rendered: RenderableType) -> str:
    console = Console(width=80, force_terminal=True, color_system="truecolor", legacy_windows=False)
    with console.capture() as captured:
        console.print(rendered)
    return captured.get()


def test_a_plain_reply_has_its_words_quotes_and_what_one_can_do() -> None:
    assert plain(render_reply(REPLY, "3", is_plain=True)) == (
        "supportbot  @3\n"
        "  This was answered before.\n"
        "  | Posting\n"
        "  | Open **the setup**.\n"
        "  |\n"
        "  | ```sql\n"
        "  | SELECT 1\n"
        "  | ```\n"
        "  | -- Paul · 2 March 2026 · See the thread: https://example.org/posting\n"
        "  If it helps, say so.\n"
        "  [This solved it: @3: /solved]\n"
        "\n"
    )


def test_a_quotation_says_why_it_was_found() -> None:
    quote = replace(REPLY.quotes[0], reason="about AX 2012; matches on: post")

    shown = plain(render_reply(replace(REPLY, quotes=(quote,)), "3", is_plain=True))

    assert "2 March 2026 · about AX 2012; matches on: post · See the thread: https" in shown


def test_what_is_said_to_one_person_alone_says_so() -> None:
    note = Reply("Your answer helped.", closing="Only you see this.")

    assert plain(render_direct(note, "Paul", is_plain=True)) == (
        "supportbot  (to Paul alone)\n  Your answer helped. Only you see this.\n\n"
    )
    assert "(to Paul alone)" in framed(render_direct(note, "Paul", is_plain=False))


def test_an_offer_says_how_to_take_it() -> None:
    offer = Reply("Shall I find somebody?", actions=(Action.FIND,))

    assert "[Yes, find someone: @3: /find]" in plain(render_reply(offer, "3", is_plain=True))


def test_who_is_asked_is_told_what_they_may_press() -> None:
    asking = Reply("Who knows?", actions=(Action.CLAIM, Action.PASS))

    shown = plain(render_reply(asking, "3", is_plain=True))

    assert shown.endswith(
        "  [I'll take it: @3: /take]\n  [Not me: @3: /pass NAME]\n  [Not my topic: @3: /refuse]\n\n"
    )


def test_every_button_has_words() -> None:
    everything = Reply("Well?", actions=tuple(Action))

    shown = plain(render_reply(everything, "3", is_plain=True))

    # "Not me" has a line of its own for one's topic.
    assert shown.count("[") == len(Action) + 1


def test_where_several_answers_may_be_meant_each_can_be_typed() -> None:
    choices = (Choice(THE_BOTS_OWN, "What I showed above"), Choice("7", "Paul"))
    whose = Reply("Whose answer?", actions=(Action.SOLVED,), choices=choices)

    assert plain(render_reply(whose, "3", is_plain=True)).endswith(
        "  [What I showed above: @3: /solved]\n  [Paul: @3: /solved 7]\n\n"
    )


def test_a_plain_reply_shows_no_more_than_it_has() -> None:
    assert plain(render_reply(Reply("Good."), "3", is_plain=True)) == "supportbot  @3\n  Good.\n\n"


def test_a_quote_of_nobody_in_particular_says_only_how_sure_the_bot_is() -> None:
    quote = Quote("Words.", "Title", "", None, "", 0.5)

    shown = plain(render_reply(Reply("So:", (quote,)), "3", is_plain=True))

    assert shown.endswith("  | Title\n  | Words.\n\n")


def test_a_framed_reply_shows_the_quote_as_text_in_a_frame() -> None:
    shown = framed(render_reply(REPLY, "3", is_plain=False))

    assert "╭" in shown
    assert "Posting" in shown
    assert "the setup" in shown
    assert "**the setup**" not in shown
    assert "2 March 2026" in shown
    assert "If it helps, say so." in shown
    assert "[This solved it: @3: /solved]" in shown


def test_a_framed_reply_shows_no_more_than_it_has() -> None:
    shown = framed(render_reply(Reply("Good."), "3", is_plain=False))

    assert "Good." in shown
    assert "╭" not in shown
    assert "/solved" not in shown


@pytest.mark.parametrize("is_plain", [True, False])
def test_markup_of_the_screen_in_what_is_said_is_only_text(*, is_plain: bool) -> None:
    reply = Reply("[bold red]loud[/] [link=https://evil.example]here[/link]")

    shown = (plain if is_plain else framed)(render_reply(reply, "3", is_plain=is_plain))

    assert "[bold red]loud[/] [link=https://evil.example]here[/link]" in shown


def test_a_link_in_a_quote_shows_where_it_leads() -> None:
    quote = Quote("[the bank](https://evil.example)", "Title", "", None, "", 0.5)

    shown = framed(render_reply(Reply("So:", (quote,)), "3", is_plain=False))

    assert "https://evil.example" in shown
    assert "\x1b]8" not in shown


def test_a_message_of_a_person_shows_its_number_or_its_thread() -> None:
    in_the_open = render_message(2, "Maria", "How?\nAnd why?", None, is_plain=True)
    in_a_thread = render_message(3, "Paul", "So.", "2", is_plain=True)

    assert plain(in_the_open) == "Maria  #2\n  How?\n  And why?\n\n"
    assert plain(in_a_thread) == "Paul  @2\n  So.\n\n"


def test_a_framed_message_of_a_person_shows_the_same() -> None:
    shown = framed(render_message(2, "Maria", "How?", None, is_plain=False))

    assert "Maria" in shown
    assert "#2" in shown
    assert "How?" in shown


HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\r\u202etxet\u2066\u200bhidden\x00\x7f"


@pytest.mark.parametrize("is_plain", [True, False])
def test_nothing_that_is_said_controls_the_screen(*, is_plain: bool) -> None:
    quote = Quote(HOSTILE, HOSTILE, HOSTILE, None, HOSTILE, 0.5)
    reply = Reply(HOSTILE, (quote,), closing=HOSTILE)

    shown = plain(render_reply(reply, "3", is_plain=True)) + framed_without_styles(
        render_reply(reply, "3", is_plain=is_plain)
    )

    assert not set("\x1b\x07\x9b\r\u202e\u2066\u200b\x00\x7f") & set(shown)


@pytest.mark.parametrize("is_plain", [True, False])
def test_nothing_that_a_person_writes_controls_the_screen(*, is_plain: bool) -> None:
    shown = framed_without_styles(render_message(2, HOSTILE, HOSTILE, None, is_plain=is_plain))

    assert not set("\x1b\x07\x9b\r\u202e\u2066\u200b\x00\x7f") & set(shown)


def framed_without_styles(rendered: RenderableType) -> str:
    console = Console(width=80, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(rendered)
    return captured.get()


def test_a_long_quote_is_cut_in_a_reply() -> None:
    quote = Quote("A sentence.\n\n" * 200, "Title", "", None, "", 0.5)

    shown = plain(render_reply(Reply("So:", (quote,)), "3", is_plain=True))

    assert "  | …\n" in shown
    assert shown.count("A sentence.") < 100


LONG = {
    "words": "word " * 200_000,
    "one word": "a" * 1_000_000,
    "lines": "a\n" * 500_000,
    "separators": "a\u2028" * 500_000,
    "quotes": "> " * 500_000,
    "lists": "- " * 500_000,
    "emphasis": "*a" * 500_000,
    "brackets": "[" * 1_000_000,
    "accents": "\u0301" * 1_000_000,
    "halves": "\ud800" * 1_000_000,
}


@pytest.mark.parametrize("is_plain", [True, False])
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_megabyte_is_shown_short(text: str, *, is_plain: bool) -> None:
    show = plain if is_plain else framed

    def work(text: str) -> tuple[str, str]:
        quote = Quote(text, text, text, None, text, 0.5)
        said = show(render_message(2, text, text, text, is_plain=is_plain))
        reply = Reply(text, (quote,), closing=text)
        return said, show(render_reply(reply, text, is_plain=is_plain))

    said, replied = work(text)

    assert grows_linearly(work, text)
    assert len(said) < 200_000
    assert len(replied) < 800_000


def test_a_long_message_is_cut_and_says_so() -> None:
    shown = plain(render_message(2, "Maria", "word " * 2_000, None, is_plain=True))

    assert shown.endswith("\n  …\n\n")
    assert 2_000 < len(shown) < 4_100


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_threads_name_does_not_control_the_screen(*, is_plain: bool) -> None:
    said = render_message(2, "Maria", "How?", HOSTILE, is_plain=is_plain)
    replied = render_reply(Reply("So."), HOSTILE, is_plain=is_plain)

    shown = framed_without_styles(said) + framed_without_styles(replied)

    assert not set("\x1b\x07\x9b\r\u202e\u2066\u200b\x00\x7f") & set(shown)


def test_a_threads_number_may_be_a_number() -> None:
    assert plain(render_message(3, "Paul", "So.", 2, is_plain=True)) == "Paul  @2\n  So.\n\n"


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_document_is_read_as_markdown(*, is_plain: bool) -> None:
    text = "Press *Post*, see [closing](close.md)."
    url = "https://d.example/post.md"
    quote = Quote(text, "Post", "", None, url, 0.5, document_id="best_practices:post.md")

    shown = plain(render_reply(Reply("", (quote,)), "1", is_plain=is_plain))

    assert "Press Post, see closing (https://d.example/close.md)." in shown
