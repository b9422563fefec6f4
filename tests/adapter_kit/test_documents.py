import pytest
from hypothesis import given

from supportbot.adapter_kit.documents import Code, Prose, Span, segments_of, words_of
from tests.adapters.document_cases import MARKUP, URL
from tests.growth import grows_linearly


def spans(text: str, url: str = URL) -> tuple[Span, ...]:
    (segment,) = segments_of(text, url)
    return segment.spans if isinstance(segment, Prose) else ()


@pytest.mark.parametrize("url", ["", "knowledge/page.md", "file:///etc/page.md"])
def test_without_an_address_a_link_beside_the_document_is_words(url: str) -> None:
    assert spans("[Close](close.md) and [below](#end)", url) == (Span("Close and below"),)


def test_without_an_address_a_link_to_elsewhere_stays() -> None:
    assert spans("[Close](https://a.example/b)", "") == (
        Span("Close", url="https://a.example/b"),
        Span(" (a.example)"),
    )


@pytest.mark.parametrize(
    "link",
    ["<a@b.example>", "[a@b.example](mailto:a@b.example)", "[a@b.example](ftp://c/d)"],
)
def test_only_addresses_of_the_web_are_links(link: str) -> None:
    assert spans(link) == (Span("a@b.example"),)


@pytest.mark.parametrize(
    "label", ["bank.example", "https://bank.example", "www.bank", "bank.example/login"]
)
def test_words_that_name_a_place_lead_nowhere_else(label: str) -> None:
    shown = spans(f"[{label}](https://evil.example/a)")

    assert shown == (
        Span(f"{label} ("),
        Span("https://evil.example/a", url="https://evil.example/a"),
        Span(")"),
    )


def test_the_addresses_of_a_passage_are_bounded() -> None:
    shown = spans("[a](b.md) " * 100, f"https://a.example/{'c' * 80}/")

    assert sum(len(span.url) for span in shown) <= 800
    assert "".join(span.text for span in shown) == ("a " * 100).strip()


def test_what_would_turn_the_text_round_is_taken_out_however_it_is_written() -> None:
    assert words_of(segments_of("a\u202eb&#x202e;c `\u200bd`", URL)) == "abc d"


def test_styles_may_stand_in_each_other_as_deep_as_they_like() -> None:
    assert "b" in words_of(segments_of("_a *b " * 400 + "b* a_ " * 400, URL))


def test_a_table_that_is_too_wide_is_a_line_for_each_row() -> None:
    rows = f"| {'a' * 40} | {'b' * 40} |\n|---|---|\n| one | two |\n| three | |"

    assert words_of(segments_of(rows, URL)) == (
        f"• {'a' * 40}: one · {'b' * 40}: two\n\n• {'a' * 40}: three"
    )


@given(MARKUP)
def test_whatever_a_document_is_made_of_its_links_lead_to_the_web(text: str) -> None:
    segments = segments_of(text, URL)

    links = [
        span.url for one in segments if not isinstance(one, Code) for span in one.spans if span.url
    ]
    assert all(link.startswith(("https://", "http://")) for link in links)


@pytest.mark.parametrize("text", ["*a ", "[a](b) ", "> ", "- a\n", "| a ", "`", "![", "<a ", "1. "])
def test_a_text_made_to_harm_takes_no_longer_than_its_length_deserves(text: str) -> None:
    assert grows_linearly(lambda whole: str(segments_of(whole, URL)), text * 500)
