"""Markdown, as documents are written in it. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.anchors.index import slugify

_ATTRIBUTE = r"(?:#(?P<id{0}>[^\s{{}}#]+)|\.[\w-]+|[\w-]+=(?:\"[^\"{{}}]*\"|[^\s{{}}\"]+))"
_OWN_ID = re.compile(rf"\{{:?\s*{_ATTRIBUTE.format('')}(?:\s+{_ATTRIBUTE.format('_later')})*\s*\}}")
"""What many tools take after a heading: its id, classes and other attributes."""


def parser() -> MarkdownIt:
    """Build the parser: CommonMark with GitHub's tables and struck words, and with anchors."""
    built = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    built.core.ruler.push("anchor", _name_headings)
    return built


def plain_text(token: Token) -> str:
    """Read the words of a token, without their markup."""
    if token.children is None:
        return token.content
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in token.children
        if child.type != "html_inline"
    )


def blocks_of(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Group tokens into top-level blocks."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting != 1:
            yield block
            block = []


def title_of(text: str) -> str:
    """Read a document's title off its first heading; empty where a heading is not the title.

    That is a heading with which the text begins, or one of the first level. What stands under
    "Settings", after the text has begun, is a part of it.
    """
    blocks = list(blocks_of(parser().parse(text)))
    has_begun = False
    for block in blocks:
        if block[0].type == "heading_open":
            title = plain_text(block[1]).strip()
            if title and (block[0].tag == "h1" or not has_begun):
                return title
        has_begun = has_begun or any(map(has_words, block))
    return ""


def has_words(token: Token) -> bool:
    """Whether a token says something that is not the text of a link."""
    if token.children is None:
        return token.type in {"fence", "code_block"} and bool(token.content.strip())
    links = 0
    for child in token.children:
        links += (child.type == "link_open") - (child.type == "link_close")
        is_shown = not links and child.type in {"text", "code_inline", "image"}
        if is_shown and any(map(str.isalnum, child.content)):
            return True
    return False


def _name_headings(state: StateCore) -> None:
    """Name each heading as it says itself, or else as GitHub does; the second "Setup" is `setup-1`.

    The plugin for it looks from 1 for a free number, which takes 12 s for 10,000 like headings.
    """
    numbers: dict[str, int] = {}
    taken: set[str] = set()
    for token, inline in pairwise(state.tokens):
        if token.type == "heading_open":
            own = _own_id(inline)
            words = (c.content for c in inline.children or () if c.type in {"text", "code_inline"})
            slug = anchor = own or slugify("".join(words))
            while anchor in taken:
                numbers[slug] = numbers.get(slug, 0) + 1
                anchor = f"{slug}-{numbers[slug]}"
            taken.add(anchor)
            token.attrSet("id", anchor)


def _own_id(inline: Token) -> str:
    """Take a heading's attributes from its words; returns its id, where it names one."""
    last = inline.children[-1] if inline.children else None
    words = last.content.rstrip() if last and last.type == "text" else ""
    found = _OWN_ID.fullmatch(words, words.rfind("{")) if words.endswith("}") else None
    if last is None or found is None:
        return ""
    last.content = words[: found.start()].rstrip()
    return found["id"] or found["id_later"] or ""
