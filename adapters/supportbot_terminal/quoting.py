"""A document's words, as a terminal shows them. Pure."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from supportbot.adapter_kit.documents import Code, Prose, Span, segments_of


def document_lines(text: str, url: str) -> list[str]:
    """Write a passage in plain lines; code is indented, and links say where they lead.

    Args:
        text: Markdown.
        url: Where the document stands.
    """
    lines: list[str] = []
    for segment in segments_of(text, url):
        match segment:
            case Code(code):
                lines.extend(f"    {line}".rstrip() for line in code.splitlines())
            case Prose(spans):
                lines.extend("".join(words for words, _ in _written(spans)).split("\n"))
    return lines


def document_parts(text: str, url: str) -> Iterator[RenderableType]:
    """Show a passage with its styles."""
    for segment in segments_of(text, url):
        match segment:
            case Code(code):
                yield Padding(Text(code, "cyan"), (0, 0, 0, 4))
            case Prose(spans):
                yield Text.assemble(*_written(spans))


def _written(spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """Yield words with their style; the address of a link comes once, after its last word."""
    for span, after in zip_longest(spans, spans[1:]):
        is_last = span.url and span.text != span.url and (after is None or after.url != span.url)
        yield span.text, _style(span)
        if is_last:
            yield f" ({span.url})", "dim"


def _style(span: Span) -> str:
    named = {
        "bold": span.is_bold,
        "italic": span.is_italic,
        "strike": span.is_struck,
        "cyan": span.is_code,
        "underline": bool(span.url),
    }
    return " ".join(name for name, is_set in named.items() if is_set) or "none"
