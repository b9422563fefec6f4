"""A document's words as Slack's rich text. Pure.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Iterator
from typing import Any

from supportbot.adapter_kit.documents import Code, Prose, Span, segments_of
from supportbot.adapter_kit.showing import in_own_words

_MOST_SPANS = 200
"""Elements of a paragraph: one that is made of more changes is shown without styles."""


def quoted_document(text: str, url: str) -> list[dict[str, Any]]:
    """Frame a passage: prose as a quotation, code as code. Nothing in it can ping.

    Args:
        text: Markdown.
        url: Where the document stands.
    """
    return list(_elements(text, url)) or [_quotation(Prose((Span("…"),)))]


def _elements(text: str, url: str) -> Iterator[dict[str, Any]]:
    for segment in segments_of(in_own_words(text), url):
        match segment:
            case Code(code) if code.strip():
                words = [{"type": "text", "text": code}]
                yield {"type": "rich_text_preformatted", "elements": words, "border": 1}
            case Prose(spans) if any(span.text.strip() for span in spans):
                yield _quotation(segment)


def _quotation(prose: Prose) -> dict[str, Any]:
    spans = prose.spans
    if len(spans) > _MOST_SPANS:
        spans = (Span("".join(span.text for span in spans)),)
    return {"type": "rich_text_quote", "elements": [_element(span) for span in spans]}


def _element(span: Span) -> dict[str, Any]:
    named = {
        "bold": span.is_bold,
        "italic": span.is_italic,
        "strike": span.is_struck,
        "code": span.is_code,
    }
    style = {name: True for name, is_set in named.items() if is_set}
    element: dict[str, Any] = {"type": "text", "text": span.text}
    if span.url:
        element = {"type": "link", "url": span.url}
        if span.text != span.url:
            element["text"] = span.text
    return {**element, "style": style} if style else element
