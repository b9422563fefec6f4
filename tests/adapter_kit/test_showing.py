import pytest

from supportbot.adapter_kit.showing import in_one_line, in_own_words, link_to, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("words", [(False, "words")]),
        ("a\n```\ncode\n```\nb", [(False, "a\n"), (True, "\ncode\n"), (False, "\nb")]),
        ("a ```code``` b", [(False, "a "), (True, "code"), (False, " b")]),
        ("````\n```\n````", [(False, ""), (True, "\n```\n"), (False, "")]),
        ("```\nnever closed", [(False, ""), (True, "\nnever closed")]),
    ],
)
def test_code_is_told_from_words(text: str, parts: list[tuple[bool, str]]) -> None:
    assert list(parts_of(text)) == parts


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a b", "https://x|y", "https://", "https://[", "ftp://a/b"],
)
def test_what_is_no_address_of_a_page_is_not_linked_to(url: str) -> None:
    assert link_to(url) == ""


def test_an_address_of_a_page_is_linked_to() -> None:
    assert link_to(" https://example.org/a?b#c ") == "https://example.org/a?b#c"


def test_a_line_stays_one_line_and_is_cut() -> None:
    assert in_one_line("a\n# b\u202e\ud800", 5) == "a # …"


def test_a_long_quotation_is_cut_where_it_may_be() -> None:
    text = "one\n\n" * 400

    shown = in_own_words(text)

    assert len(shown) < 1_510
    assert shown.endswith("one\n…")
