"""Documents, cut into passages along their headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.anchors.index import slugify

from supportbot.domain.documents import Document, Passage

LONGEST = 900
"""Letters of a passage: about 200 word pieces, so that the model (256) reads all of it."""

PATH_SEPARATOR = " › "

_LONGEST_HEADING = 200
"""Letters of a heading that are repeated with each passage under it. A heading of a megabyte over
ten thousand passages would be ten gigabytes."""

_LINE_END = re.compile(r"\r\n?|\n")
"""What ends a line for Markdown; Python's `splitlines` knows ten more."""


def passages_of(document: Document) -> tuple[Passage, ...]:
    """Cut a document into passages.

    Each question that it answers is a passage of its own. One that shows nothing (`shown` is
    empty) stands for the document: the reader sees the document's nearest other passage.
    Markdown is cut along headings, and never inside a code block, a list or a table, however
    long these are.
    """
    if not document.is_markdown:
        # An answer whose question was forgotten is found by its own words.
        searched = document.asked or (document.body,)
        return tuple(Passage(searched=text, shown=document.body) for text in searched)
    asked = (Passage(searched=question, shown="") for question in document.asked)
    return (*_cut(document), *asked)


def markdown() -> MarkdownIt:
    """Give the parser: CommonMark with tables, and GitHub's anchors on headings."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.push("anchor", _name_headings)
    return parser


def plain_text(token: Token) -> str:
    """Give the words of a token without their markup."""
    if token.children is None:
        return token.content
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in token.children
        if child.type != "html_inline"
    )


def _name_headings(state: StateCore) -> None:
    """Give each heading GitHub's anchor; the second "Setup" is `setup-1`.

    The plugin for it looks from 1 for a free number, which takes 12 s for 10,000 like headings.
    """
    numbers: dict[str, int] = {}
    taken: set[str] = set()
    for token, inline in pairwise(state.tokens):
        if token.type == "heading_open":
            words = (c.content for c in inline.children or () if c.type in {"text", "code_inline"})
            slug = anchor = slugify("".join(words))
            while anchor in taken:
                numbers[slug] = numbers.get(slug, 0) + 1
                anchor = f"{slug}-{numbers[slug]}"
            taken.add(anchor)
            token.attrSet("id", anchor)


@dataclass(frozen=True, slots=True)
class _Block:
    """A block as it is written, as plain words, and the line in which it starts, from 1."""

    source: str
    plain: str
    line: int


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands under one heading."""

    path: tuple[str, ...] = ()
    anchor: str = ""
    blocks: list[_Block] = field(default_factory=list)


def _cut(document: Document) -> Iterator[Passage]:
    for section in _sections(document.body):
        path = section.path
        if path and path[0] == document.title:
            path = path[1:]
        heading = PATH_SEPARATOR.join(title[:_LONGEST_HEADING] for title in path)
        title = document.title[:_LONGEST_HEADING]
        introduction = "\n".join(part for part in (title, heading) if part)
        for blocks in _packed(section.blocks):
            yield Passage(
                searched=f"{introduction}\n" + "\n".join(block.plain for block in blocks),
                shown="\n\n".join(block.source for block in blocks),
                heading=heading,
                anchor=section.anchor,
                line=blocks[0].line,
            )


def _sections(text: str) -> Iterator[_Section]:
    lines = _LINE_END.split(text)
    section = _Section()
    headings: list[tuple[int, str]] = []
    for block in _blocks(markdown().parse(text)):
        opening = block[0]
        if opening.type == "heading_open":
            if section.blocks:
                yield section
            level = int(opening.tag[1:])
            headings = [(other, title) for other, title in headings if other < level]
            headings.append((level, plain_text(block[1]).strip()))
            anchor = str(opening.attrGet("id") or "")
            anchor = anchor if len(anchor) <= _LONGEST_HEADING else ""
            section = _Section(tuple(title for _, title in headings), anchor)
        elif opening.map is not None:
            source = "\n".join(lines[slice(*opening.map)]).rstrip().lstrip("\n")
            plain = "\n".join(filter(None, (plain_text(t).strip() for t in block if t.content)))
            if plain:
                whole = _Block(source, plain, opening.map[0] + 1)
                is_paragraph = opening.type == "paragraph_open"
                section.blocks.extend(_cut_at_sentences(whole) if is_paragraph else [whole])
    if section.blocks:
        yield section


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Group tokens into top-level blocks."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting != 1:
            yield block
            block = []


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def _cut_at_sentences(paragraph: _Block) -> Iterator[_Block]:
    """Cut a paragraph that is too long at the ends of its sentences."""
    if len(paragraph.plain) <= LONGEST:
        yield paragraph
        return
    piece = ""
    for sentence in _SENTENCE_END.split(paragraph.source):
        if piece and len(piece) + len(sentence) >= LONGEST:
            yield _Block(piece, piece, paragraph.line)
            piece = ""
        piece = f"{piece} {sentence}".strip()
    yield _Block(piece, piece, paragraph.line)


def _packed(blocks: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Fill passages with whole blocks up to the longest length."""
    packed: list[_Block] = []
    length = 0
    for block in blocks:
        if packed and length + len(block.plain) > LONGEST:
            yield packed
            packed, length = [], 0
        packed.append(block)
        length += len(block.plain)
    if packed:
        yield packed
