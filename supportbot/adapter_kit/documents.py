"""What a document says, as words with a style and blocks of code, for each platform to write. Pure.

Nothing is left of Markdown that a platform could read in another way. Lists, tables, headings and
quotations become lines, since every platform shows lines.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from urllib.parse import urljoin

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from supportbot.adapter_kit.showing import host_of, link_to
from supportbot.domain.chat.unicode import neutralised, repaired
from supportbot.domain.knowledge.markdown import parser

_WIDEST_TABLE = 60
"""Characters of a row that stays in one line on a telephone held sideways."""
_MOST_ADDRESSES = 800
"""Characters of all addresses in a passage; the words of further links lead nowhere."""
_PICTURE, _RULE, _QUOTED = "🖼 ", "———", "│ "
_BULLETS = "•◦▪"
_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\][ \t]+")
_ADDRESS = re.compile(r"://|^www\.|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/:?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one style."""

    text: str
    is_bold: bool = False
    is_italic: bool = False
    is_struck: bool = False
    is_code: bool = False
    url: str = ""
    """Where they lead: an address with a host, or empty."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines of words."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines whose spaces count."""

    text: str


Segment = Prose | Code


def segments_of(text: str, url: str) -> tuple[Segment, ...]:
    """Read a passage of a document.

    Args:
        text: Markdown.
        url: Where the document stands: relative links lead to what is beside it. Without an
            address they are words.
    """
    return tuple(_merged(_Reading(link_to(url)).blocks(_tree(text).children)))


def words_of(segments: Iterable[Segment]) -> str:
    """Write segments as plain words."""
    return "\n".join(
        segment.text if isinstance(segment, Code) else "".join(s.text for s in segment.spans)
        for segment in segments
    )


def _tree(text: str) -> SyntaxTreeNode:
    tokens = parser().parse(neutralised(repaired(text)))
    for token in tokens:
        if token.type == "inline":
            # Blocks are nested 20 deep at most. Words have no such end: no tree is made of them.
            token.meta, token.children = {"inside": token.children or []}, None
    return SyntaxTreeNode(tokens)


def _merged(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Join the lines that follow each other, with a blank line between paragraphs."""
    spans: list[Span] = []
    for segment in segments:
        match segment:
            case Prose(more) if more:
                spans.extend([Span("\n\n")] if spans else [])
                spans.extend(more)
            case Code():
                if spans:
                    yield Prose(_joined(spans))
                    spans = []
                yield segment
    if spans:
        yield Prose(_joined(spans))


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and replace(joined[-1], text="") == replace(span, text="") and not span.is_code:
            joined[-1] = replace(span, text=joined[-1].text + span.text)
        elif span.text:
            joined.append(span)
    return tuple(joined)


class _Reading:
    def __init__(self, base: str) -> None:
        self._base = base
        self._left = _MOST_ADDRESSES

    def blocks(self, nodes: Sequence[SyntaxTreeNode], depth: int = 0) -> Iterator[Segment]:
        for node in nodes:
            match node.type:
                case "paragraph":
                    yield Prose(tuple(self._inside(node)))
                case "heading":
                    yield Prose(tuple(_bold(self._inside(node))))
                case "fence" | "code_block":
                    yield Code(neutralised(node.content).strip("\n"))
                case "bullet_list" | "ordered_list":
                    yield from self._list(node, depth)
                case "blockquote":
                    yield from (
                        _prefixed(one, _QUOTED) for one in self.blocks(node.children, depth)
                    )
                case "table":
                    yield from self._table(node)
                case "hr":
                    yield Prose((Span(_RULE),))
                case "html_block":
                    words = neutralised(_HTML.sub(" ", node.content)).strip()
                    yield Prose((Span(words),) if words else ())

    def _list(self, node: SyntaxTreeNode, depth: int) -> Iterator[Segment]:
        """Write each item on lines of its own; code within it stays code."""
        lines: list[Span] = []
        number = int(str(node.attrs.get("start", 1)))
        for count, item in enumerate(node.children):
            sign = _BULLETS[min(depth, len(_BULLETS) - 1)]
            mark = f"{number + count}." if node.type == "ordered_list" else sign
            is_first = True
            for segment in self.blocks(item.children, depth + 1):
                if isinstance(segment, Code):
                    if lines:
                        yield Prose(tuple(lines))
                    lines = []
                    yield segment
                    continue
                spans = _task(segment.spans) if is_first else segment.spans
                if not spans:
                    continue
                has_box = spans is not segment.spans
                before = ("" if has_box else f"{mark} ") if is_first else ""
                lines.extend([Span("\n")] if lines else [])
                lines.extend((Span(before), *spans))
                is_first = False
        if lines:
            yield Prose(_indented(lines, "   " if depth else ""))

    def _table(self, node: SyntaxTreeNode) -> Iterator[Segment]:
        rows = [
            [tuple(self._inside(cell)) for cell in row.children]
            for part in node.children
            for row in part.children
        ]
        texts = [[_text(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip_longest(*texts, fillvalue="")]
        if sum(widths) + 2 * len(widths) <= _WIDEST_TABLE:
            yield Code("\n".join(_aligned(row, widths) for row in texts))
            return
        header, *others = rows
        for row in others:
            spans: list[Span] = []
            for name, cell in zip(header, row, strict=False):
                if not _text(cell):
                    continue
                spans.append(Span(" · " if spans else f"{_BULLETS[0]} "))
                spans.extend((*_bold(name), Span(": ")) if _text(name) else ())
                spans.extend(cell)
            yield Prose(tuple(spans))

    def _inside(self, node: SyntaxTreeNode) -> Iterator[Span]:
        """Read the words of a paragraph; styles may stand in each other as deep as they like."""
        style = Span("")
        styles = [style]
        linked: list[Span] = []
        url = ""
        for token in (token for inline in node.children for token in inline.meta.get("inside", ())):
            if token.type == "link_open":
                url, linked = str(token.attrGet("href") or " "), []
            elif token.type == "link_close":
                yield from self._leading(linked, self._address(url))
                url = ""
            elif token.nesting == 1:
                styles.append(style)
                style = replace(
                    style,
                    is_bold=style.is_bold or token.type == "strong_open",
                    is_italic=style.is_italic or token.type == "em_open",
                    is_struck=style.is_struck or token.type == "s_open",
                )
            elif token.nesting == -1:
                style = styles.pop()
            elif url:
                linked.extend(self._span(token, style, is_linked=True))
            else:
                yield from self._span(token, style, is_linked=False)

    def _span(self, token: Token, style: Span, *, is_linked: bool) -> Iterator[Span]:
        match token.type:
            case "text" | "text_special":
                yield replace(style, text=_shown(token.content))
            case "code_inline":
                yield replace(style, text=_shown(token.content), is_code=True)
            case "image":
                alt = _shown(token.content).strip()
                words = [replace(style, text=f"{_PICTURE}{alt}")] if alt else []
                # A picture in a link leads to where the link does.
                source = "" if is_linked else self._address(str(token.attrGet("src") or ""))
                yield from self._leading(words, source)
            case "softbreak" | "hardbreak":
                yield replace(style, text="\n")
            case "html_inline" if _BREAK.match(token.content):
                yield replace(style, text="\n")

    def _leading(self, words: Sequence[Span], url: str) -> Iterator[Span]:
        """Let words lead somewhere, and say where, unless it is beside the document itself."""
        label = _text(words)
        if not url or not label:
            yield from words
        elif _is_same_address(label, url):
            yield replace(words[0], text=url, url=url)
        elif _ADDRESS.search(label):
            yield from (*words, Span(" ("), Span(url, url=url), Span(")"))
        else:
            yield from (replace(word, url=url) for word in words)
            if (host := host_of(url)) != host_of(self._base):
                yield Span(f" ({host})")

    def _address(self, href: str) -> str:
        try:
            address = link_to(urljoin(self._base, href) if self._base else href)
        except ValueError:
            return ""
        if len(address) > self._left:
            return ""
        self._left -= len(address)
        return address


def _is_same_address(label: str, url: str) -> bool:
    return label.removeprefix("https://").rstrip("/") == url.removeprefix("https://").rstrip("/")


def _shown(text: str) -> str:
    """Take out what only came back as an entity, such as `&#x202e;`."""
    return neutralised(repaired(text))


def _text(spans: Iterable[Span]) -> str:
    return " ".join("".join(span.text for span in spans).split())


def _bold(spans: Iterable[Span]) -> Iterator[Span]:
    return (replace(span, is_bold=True) for span in spans)


def _task(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Draw the box of a task that is done, or is not."""
    found = _TASK.match(spans[0].text) if spans else None
    if found is None:
        return spans
    box = "☐ " if found[1] == " " else "☑ "
    return (Span(box), replace(spans[0], text=spans[0].text[found.end() :]), *spans[1:])


def _indented(spans: Sequence[Span], by: str) -> tuple[Span, ...]:
    if not by:
        return tuple(spans)
    first, *others = (replace(span, text=span.text.replace("\n", f"\n{by}")) for span in spans)
    return (Span(by), first, *others)


def _prefixed(segment: Segment, by: str) -> Segment:
    if isinstance(segment, Code):
        return segment
    return Prose(_indented(segment.spans, by) if segment.spans else ())


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    row = zip_longest(cells, widths, fillvalue="")
    return "  ".join(str(cell).ljust(int(width or 0)) for cell, width in row).rstrip()
