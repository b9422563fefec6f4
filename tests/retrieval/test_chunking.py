import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.knowledge.documents import Document, Passage
from supportbot.retrieval.chunking import LONGEST, passages_of
from tests.growth import grows_linearly


def markdown(body: str, *, title: str = "Backups", asked: tuple[str, ...] = ()) -> Document:
    return Document("best_practices", "b.md", title, body, asked=asked, is_markdown=True)


def shown(body: str) -> list[str]:
    return [passage.shown for passage in passages_of(markdown(body))]


def test_each_section_is_a_passage_with_its_path_of_headings() -> None:
    body = "# Backups\n\nWhy.\n\n## Restore\n\n### On Linux\n\nRun it.\n\n## Delete\n\nDon't."

    passages = passages_of(markdown(body))

    assert passages == (
        Passage("Backups\nWhy.", "Why.", "", "backups", 3),
        Passage(
            "Backups\nRestore › On Linux\nRun it.",
            "Run it.",
            "Restore › On Linux",
            *("on-linux", 9),
        ),
        Passage("Backups\nDelete\nDon't.", "Don't.", "Delete", "delete", 13),
    )


def test_a_first_heading_that_is_not_the_title_stays_in_the_path() -> None:
    (passage,) = passages_of(markdown("# Overview\n\nWhy."))

    assert passage.heading == "Overview"
    assert passage.searched == "Backups\nOverview\nWhy."


def test_text_before_any_heading_is_a_passage_without_one() -> None:
    before, after = passages_of(markdown("Why.\n\n# Restore\n\nRun it."))

    assert (before.heading, before.anchor, before.line) == ("", "", 1)
    assert (after.heading, after.anchor, after.line) == ("Restore", "restore", 5)


def test_an_underlined_heading_is_a_heading() -> None:
    (passage,) = passages_of(markdown("Restore\n=======\n\nRun it."))

    assert passage.heading == "Restore"


def test_a_heading_without_text_is_no_passage() -> None:
    assert shown("# Restore\n\n## Delete\n\nDon't.\n\n## End") == ["Don't."]


@pytest.mark.parametrize("body", ["", "\n \n", "---", "[a]: https://example.org"])
def test_a_document_without_text_has_no_passages(body: str) -> None:
    assert passages_of(markdown(body)) == ()


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What's new?", "whats-new"),
        ("Read `pack.json` & go", "read-packjson--go"),
        ("Ärger, 発票", "ärger-発票"),
        ("snake_case *and* more", "snake_case-and-more"),
    ],
)
def test_a_heading_has_the_anchor_that_github_gives_it(heading: str, anchor: str) -> None:
    (passage,) = passages_of(markdown(f"# {heading}\n\nText."))

    assert passage.anchor == anchor


def test_headings_of_the_same_name_have_numbered_anchors() -> None:
    passages = passages_of(markdown("# A\n\none\n\n# A\n\ntwo\n\n## A\n\nthree"))

    assert [passage.anchor for passage in passages] == ["a", "a-1", "a-2"]


def test_a_heading_is_read_without_its_markup() -> None:
    (passage,) = passages_of(markdown("# *Restore* <b>with</b> [`tar`](x.md)\n\nText."))

    assert passage.heading == "Restore with tar"


def test_what_is_searched_has_no_markup_and_what_is_shown_has() -> None:
    (passage,) = passages_of(markdown("Use **the button**\n[Post](post.md)."))

    assert passage.searched == "Backups\nUse the button Post."
    assert passage.shown == "Use **the button**\n[Post](post.md)."


def test_the_words_of_a_picture_are_searched() -> None:
    (passage,) = passages_of(markdown("![The button Post](post.png)"))

    assert passage.searched == "Backups\nThe button Post"


def test_short_blocks_stand_together() -> None:
    assert shown("One.\n\n- two\n- three\n\n```\nfour\n```") == [
        "One.\n\n- two\n- three\n\n```\nfour\n```"
    ]


def test_blocks_that_do_not_fit_together_are_passages_of_their_own() -> None:
    first, second = "a" * 500, "b" * 500

    passages = passages_of(markdown(f"# Restore\n\n{first}\n\n{second}"))

    assert [(passage.shown, passage.line) for passage in passages] == [(first, 3), (second, 5)]
    assert [passage.anchor for passage in passages] == ["restore", "restore"]


def test_a_long_paragraph_is_cut_at_the_ends_of_its_sentences() -> None:
    sentences = [f"{letter * 396} end." for letter in "abcde"]

    passages = passages_of(markdown("# Restore\n\n" + " ".join(sentences)))

    assert [passage.shown for passage in passages] == [
        f"{sentences[0]} {sentences[1]}",
        f"{sentences[2]} {sentences[3]}",
        sentences[4],
    ]
    assert [passage.line for passage in passages] == [3, 3, 3]


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    sentence = "word " * 200 + "end."

    assert shown(f"Short. {sentence} Short again.") == [
        "Short.",
        ("word " * 180).strip(),
        ("word " * 20).strip() + " end. Short again.",
    ]


@pytest.mark.parametrize("sentence", ["これは長い文章です。", "これは長い文章です", "ไทย"])
def test_a_paragraph_without_spaces_is_cut_into_passages_of_bounded_length(sentence: str) -> None:
    passages = shown(sentence * 1_000)

    assert max(map(len, passages)) <= LONGEST
    assert "".join(passages) == sentence * 1_000


def test_sentences_of_japanese_stay_whole() -> None:
    assert all(passage.endswith("。") for passage in shown("これは長い文章です。" * 500))


@pytest.mark.parametrize(
    "body",
    ["[A](a.md)  \n[B](b.md)", "- [A](a.md)\n- [B](b.md)", "| [A](a.md) |\n|---|\n| [B](b.md) |"],
)
def test_links_alone_are_no_passage(body: str) -> None:
    assert shown(f"Text.\n\n## See also\n\n{body}") == ["Text."]


def test_links_alone_are_shown_where_a_question_leads_to_them() -> None:
    passages = passages_of(markdown("[A](a.md)", asked=("Where is it?",)))

    assert [passage.shown for passage in passages] == ["[A](a.md)", ""]


def test_a_heading_may_say_its_own_anchor() -> None:
    (passage,) = passages_of(markdown("## Before you begin {#before}\n\nText."))

    assert (passage.heading, passage.anchor) == ("Before you begin", "before")


def test_a_paragraph_of_just_the_longest_length_is_not_cut() -> None:
    paragraph = ("a" * 449 + ". ").ljust(LONGEST, "b")

    assert shown(paragraph) == [paragraph]


def test_a_long_code_block_is_not_cut() -> None:
    code = "```\n" + "print('one. two. three.')\n\n" * 100 + "```"

    assert shown(f"Before.\n\n{code}\n\nAfter.") == ["Before.", code, "After."]


def test_a_long_list_is_not_cut() -> None:
    items = "\n".join(f"- Item {number}. And more about it." for number in range(60))

    assert shown(f"Before.\n\n{items}\n\nAfter.") == ["Before.", items, "After."]


def test_a_long_table_is_not_cut() -> None:
    rows = "\n".join(f"| {number} | A. b. c. d. e. f. |" for number in range(60))
    table = f"| a | b |\n|---|---|\n{rows}"

    assert shown(f"Before.\n\n{table}\n\nAfter.") == ["Before.", table, "After."]


@pytest.mark.parametrize(
    "block", ["    first line\n    second line", "  - one\n  - two", "   1. one\n   2. two"]
)
def test_a_block_keeps_its_indentation(block: str) -> None:
    assert shown(f"Before.\n\n{block}\n\nAfter.") == [f"Before.\n\n{block}\n\nAfter."]


@pytest.mark.parametrize("separator", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_separator_that_is_no_line_end_moves_nothing(separator: str) -> None:
    body = f"one{separator}two\n\n```\ncode\n```\n\nlast"

    assert shown(body) == [body]


def test_a_heading_inside_a_code_block_is_code() -> None:
    assert shown("```\n# no heading\n```") == ["```\n# no heading\n```"]


def test_a_quotation_stays_whole() -> None:
    assert shown("> # Said\n>\n> Yes.") == ["> # Said\n>\n> Yes."]


def test_windows_line_ends_move_nothing() -> None:
    (passage,) = passages_of(markdown("# Restore\r\n\r\nRun it.\r\n"))

    assert (passage.shown, passage.line) == ("Run it.", 3)


def test_each_question_that_a_document_answers_is_a_passage_that_shows_nothing() -> None:
    asked = ("How do I restore?", "Is my data gone?")

    passages = passages_of(markdown("Run it.", asked=asked))

    assert passages == (
        Passage("Backups\nRun it.", "Run it."),
        Passage("How do I restore?", ""),
        Passage("Is my data gone?", ""),
    )


def test_a_past_question_is_searched_and_its_answer_shown() -> None:
    document = Document("answers", "1", "How?", "# With *the* button", asked=("How do I post?",))

    assert passages_of(document) == (Passage("How do I post?", "# With *the* button"),)


def test_an_answer_whose_question_was_forgotten_is_found_by_its_own_words() -> None:
    document = Document("answers", "1", "An answer by Paul", "With the button.")

    assert passages_of(document) == (Passage("With the button.", "With the button."),)


TEXT = st.text("ab .!#*_-+>()[]<&\\:1\f\u2028", max_size=30)
LONG_TEXT = st.integers(1, 300).map(lambda count: "word. " * count)
LINES = st.lists(TEXT | LONG_TEXT, min_size=1, max_size=6)
CELL = st.text("ab .!#*_-+", max_size=20)


def _fence(lines: list[str]) -> str:
    return "\n".join(["```python", "BLOCK", *lines, "```"])


def _list(lines: list[str]) -> str:
    return "\n".join(["- BLOCK", *(f"  - x{line}" for line in lines)])


def _table(cells: list[str]) -> str:
    return "\n".join(["| BLOCK | b |", "|---|---|", *(f"| x{cell} | y |" for cell in cells)])


KEPT_WHOLE = st.one_of(
    LINES.map(_fence), LINES.map(_list), st.lists(CELL, min_size=1, max_size=40).map(_table)
)
OTHERS = st.one_of(
    TEXT.map(lambda text: f"## BLOCK x{text}"),
    (TEXT | LONG_TEXT).map(lambda text: f"BLOCK x{text}"),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(KEPT_WHOLE, OTHERS), min_size=1, max_size=6))
def test_every_code_block_list_and_table_stands_whole_in_exactly_one_passage(
    blocks: list[tuple[str, str]],
) -> None:
    whole = [kept.replace("BLOCK", f"whole{i}x") for i, (kept, _) in enumerate(blocks)]
    others = [other.replace("BLOCK", f"other{i}x") for i, (_, other) in enumerate(blocks)]
    body = "\n\n".join(part for pair in zip(whole, others, strict=True) for part in pair)

    passages = shown(body)

    # The last line of a block may end in spaces, which say nothing.
    assert [sum(block.rstrip() in passage for passage in passages) for block in whole] == [
        1 for _ in whole
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(LONG_TEXT, min_size=1, max_size=5))
def test_no_passage_of_sentences_is_longer_than_the_model_reads(paragraphs: list[str]) -> None:
    passages = shown("\n\n".join(paragraphs))

    assert max(len(passage) for passage in passages) <= LONGEST + 2 * len(paragraphs)
    assert " ".join(passages).split() == " ".join(paragraphs).split()


HOSTILE = {
    "quotes": "> " * 10_000 + "x",
    "lists": "- " * 10_000 + "x",
    "quoted lists": "- > " * 10_000 + "x",
    "brackets": "[" * 10_000 + "x" + "]" * 10_000,
    "links": "[a](" * 10_000,
    "images": "![a](" * 10_000,
    "references": "[a]: /u\n\n" + "[a" * 10_000,
    "emphasis": "**x *y " * 10_000,
    "code": " ".join("`" * count for count in range(1, 140)) + "`a``" * 10_000,
    "html": "<a b='" * 10_000 + "<!--" * 10_000,
    "entities": "&#" * 10_000 + "&" * 10_000,
    "headings of one name": "# a\n\nb\n\n" * 10_000,
    "headings of growing names": "".join(f"# a{'-1' * (i % 9)}\n" for i in range(10_000)),
    "underlined headings": "a\n=\n" * 10_000,
    "short paragraphs": "a\n\n" * 10_000,
    "sentences": "a. " * 10_000,
    "cells": "|a|b|\n|-|-|\n" + "|b|c|\n" * 10_000,
    "fences": "```\n" * 10_000,
    "lazy lines": "> " * 100 + "a\n" + "b\n" * 5_000,
    "one word": "a" * 1_000_000,
    "spaces": " " * 1_000_000 + "a",
    "signs of no text": "\x00\ud800\u202e\u200b" * 10_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_markdown_made_to_harm_takes_no_longer_than_its_length_deserves(body: str) -> None:
    assert grows_linearly(lambda text: passages_of(markdown(text)), body)


def test_like_headings_have_anchors_of_their_own_as_on_github() -> None:
    body = "# Setup\n\na\n\n# Setup-1\n\nb\n\n# Setup\n\nc\n\n# `Setup`\n\nd\n\n# Über *uns*!\n\ne"

    anchors = [passage.anchor for passage in passages_of(markdown(body))]

    assert anchors == ["setup", "setup-1", "setup-2", "setup-3", "über-uns"]


def test_a_heading_of_a_megabyte_is_not_repeated_with_every_passage() -> None:
    body = f"# {'a' * 100_000}\n\n" + "".join(f"## b{number}\n\nc\n\n" for number in range(1_000))

    passages = passages_of(markdown(body, title="t" * 100_000))

    assert len(passages) == 1_000
    assert sum(len(f"{p.searched}{p.heading}{p.anchor}") for p in passages) < 1_000_000
    assert passages[0].heading == f"{'a' * 200} › b0"


def test_a_long_heading_has_no_anchor_rather_than_half_of_one() -> None:
    (passage,) = passages_of(markdown(f"# {'a' * 201}\n\nb"))

    assert passage.anchor == ""
