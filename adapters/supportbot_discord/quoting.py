"""A document's words in Discord's markup. Pure.

Source: https://support.discord.com/hc/en-us/articles/210298617 (Markdown Text 101)
"""

import re

from supportbot.adapter_kit.documents import Code, Prose, Span, segments_of
from supportbot_discord.markup import escaped, in_code

_APART = "\u200b"
"""A space of no width, so that the signs of two styles do not run together."""


def framed_document(text: str, url: str) -> str:
    """Frame a passage: prose as a quotation, code as code. Nothing in it can ping.

    Args:
        text: Markdown.
        url: Where the document stands.
    """
    shown: list[str] = []
    for segment in segments_of(text, url):
        match segment:
            case Code(code) if code.strip():
                shown.append(in_code(code))
            case Prose(spans) if any(span.text.strip() for span in spans):
                shown.append(_quotation(spans))
    return "\n".join(shown)


def _quotation(spans: tuple[Span, ...]) -> str:
    shown = ""
    for span in spans:
        piece = _styled(span)
        is_close = bool(shown) and shown[-1] in "*_~`" and piece[:1] in {"*", "_", "~", "`"}
        shown += f"{_APART if is_close else ''}{piece}"
    return "\n".join(f"> {line}" for line in shown.strip("\n").split("\n"))


def _styled(span: Span) -> str:
    # The end of a line ends every style.
    return "\n".join(_styled_line(line, span) for line in span.text.split("\n"))


def _styled_line(line: str, span: Span) -> str:
    """Write a line in its style; the spaces around its words stay outside, where they count."""
    bare = line.strip()
    if not bare:
        return line
    begin = line.index(bare)
    before, after = line[:begin], line[begin + len(bare) :]
    if span.url and bare == span.url:
        return f"{before}<{_address(span.url)}>{after}"
    words = _code(bare) if span.is_code else escaped(bare)
    for sign, is_set in (("~~", span.is_struck), ("*", span.is_italic), ("**", span.is_bold)):
        words = f"{sign}{words}{sign}" if is_set else words
    if span.url:
        words = f"[{_BRACKET.sub(_ESCAPED, words)}](<{_address(span.url)}>)"
    return f"{before}{words}{after}"


_BRACKET, _ESCAPED = re.compile(r"(?<!\\)[\[\]]"), r"\\\g<0>"


_HEARD = re.compile(r"@(?=everyone|here)|<(?=[@#:])")


def _code(words: str) -> str:
    words = _HEARD.sub(rf"\g<0>{_APART}", words)
    if "`" not in words:
        return f"`{words}`"
    return escaped(words) if "``" in words else f"`` {words} ``"


def _address(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29")
