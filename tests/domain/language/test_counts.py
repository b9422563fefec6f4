from supportbot.domain.language.counts import shortened


def test_a_short_text_is_shown_whole() -> None:
    assert shortened("abc", 3) == "abc"


def test_a_long_text_is_cut_at_the_end_of_a_paragraph() -> None:
    assert shortened("one two three\n\nfour five six", 20) == "one two three\n…"


def test_a_long_text_is_cut_at_the_end_of_a_line() -> None:
    assert shortened("one two three\nfour five six", 20) == "one two three\n…"


def test_a_long_text_without_lines_is_cut_in_its_middle() -> None:
    assert shortened("x" * 30, 20) == "x" * 10 + "\n…"


def test_a_code_block_that_is_cut_is_closed() -> None:
    text = "Run this:\n\n```\n" + "print(1)\n" * 10 + "```"

    assert shortened(text, 40) == "Run this:\n\n```\nprint(1)\nprint(1)\n```\n…"


def test_a_code_block_that_ends_before_the_cut_is_left_alone() -> None:
    assert shortened("```\na\n```\n\n" + "word " * 10, 20) == "```\na\n```\n…"
