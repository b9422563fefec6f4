"""Documents, cut into passages along their headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from supportbot.domain.knowledge.documents import Document, Passage
from supportbot.domain.knowledge.markdown import blocks_of, has_words, parser, plain_text

LONGEST = 900
"""Characters of a passage: about 200 word pieces, so that the model (256) reads all of it."""

PATH_SEPARATOR = " › "

_LONGEST_HEADING = 200
"""Characters of a heading that are repeated with each passage under it. A megabyte of heading over
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


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of a document."""

    source: str
    """As it is written."""
    plain: str
    """Its words alone."""
    line: int
    """In which it starts, from 1."""
    has_words: bool = True
    """Whether it says anything beside links."""


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
            # Links alone answer nothing; but whom `asked` leads here is to see something.
            if not document.asked and not any(block.has_words for block in blocks):
                continue
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
    for block in blocks_of(parser().parse(text)):
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
            if plain := _plain(block):
                whole = _Block(source, plain, opening.map[0] + 1, any(map(has_words, block)))
                is_paragraph = opening.type == "paragraph_open"
                section.blocks.extend(_cut_at_sentences(whole) if is_paragraph else [whole])
    if section.blocks:
        yield section


def _plain(tokens: Sequence[Token]) -> str:
    shown = (t for t in tokens if t.content and t.type != "html_block")
    return "\n".join(filter(None, (plain_text(token).strip() for token in shown)))


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])\s*")


def _cut_at_sentences(paragraph: _Block) -> Iterator[_Block]:
    """Cut a paragraph that is too long at the ends of its sentences."""
    if len(paragraph.plain) <= LONGEST:
        yield paragraph
        return
    begin = end = 0
    for next_end in _ends_of_pieces(paragraph.source):
        if end > begin and next_end - begin > LONGEST:
            yield _piece(paragraph, begin, end)
            begin = end
        end = next_end
    yield _piece(paragraph, begin, end)


def _ends_of_pieces(text: str) -> Iterator[int]:
    """Find where a text may be cut: after its sentences, and within one that is too long itself."""
    begin = 0
    for end in (*(found.end() for found in _SENTENCE_END.finditer(text)), len(text)):
        while end - begin > LONGEST:
            space = text.rfind(" ", begin + LONGEST // 2, begin + LONGEST)
            begin = space + 1 if space >= 0 else begin + LONGEST
            yield begin
        if end > begin:
            yield end
            begin = end


def _piece(paragraph: _Block, begin: int, end: int) -> _Block:
    source = paragraph.source[begin:end].strip()
    line = paragraph.line + paragraph.source.count("\n", 0, begin)
    return _Block(source, _plain(parser().parse(source)) or source, line)


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
