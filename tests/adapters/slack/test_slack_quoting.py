import json

import pytest
from hypothesis import given

from supportbot_slack.quoting import quoted_document
from tests.adapters.document_cases import CASES, MARKUP, URL, Case, SlackElement


def compact(element: dict[str, object]) -> SlackElement:
    style = element.get("style", {})
    styles = "+".join(style) if isinstance(style, dict) else ""
    return str(element.get("text", "")), styles, str(element.get("url", ""))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_document_is_shown_in_rich_text(case: Case) -> None:
    shown = [
        (block["type"].removeprefix("rich_text_"), [compact(one) for one in block["elements"]])
        for block in quoted_document(case.markdown, URL)
    ]

    assert shown == case.slack


@given(MARKUP)
def test_whatever_a_document_is_made_of_it_stays_a_quotation_that_nobody_hears(text: str) -> None:
    blocks = quoted_document(text, URL)

    elements = [element for block in blocks for element in block["elements"]]
    assert {block["type"] for block in blocks} <= {"rich_text_quote", "rich_text_preformatted"}
    assert {element["type"] for element in elements} <= {"text", "link"}
    assert all(element["text"] for element in elements if element["type"] == "text")
    assert len(json.dumps(blocks)) < 60_000


def test_a_document_of_very_many_styles_is_shown_without_them() -> None:
    (block,) = quoted_document("*a* b " * 200, URL)

    assert len(block["elements"]) == 1


def test_an_empty_document_is_a_quotation_all_the_same() -> None:
    assert quoted_document("<!-- nothing -->", URL) == [
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "…"}]}
    ]
