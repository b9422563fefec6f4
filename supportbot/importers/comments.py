"""Comments of a Markdown document: what its writers told each other, and nobody else. Pure.

HTML's `<!-- -->`, Obsidian's `%% %%`, and those of the tools that documents are built with: MDX's
`{/* */}`, Liquid's `{% comment %}`, Jinja's `{# #}` and Hugo's `{{/* */}}`.
"""

import re
from dataclasses import dataclass

from supportbot.importers.prose import Code

_OPENING = re.compile(
    r"\\[^\w\s]"
    r"|(?P<ticks>`+)"
    r"|(?P<html><!--)"
    r"|(?P<obsidian>%%)"
    r"|(?P<mdx>\{/\*)"
    r"|(?P<hugo>\{\{[<%]?\s*/\*)"
    r"|(?P<liquid>\{%-?\s*comment\b[^%\n]*%\})"
    r"|(?P<jinja>\{#(?![^#{}\n]*\}))"
)
_CLOSING = {
    "html": re.compile(r"--!?>"),
    "obsidian": re.compile(r"%%"),
    "mdx": re.compile(r"\*/\s*\}"),
    "hugo": re.compile(r"\*/\s*[>%]?\}\}"),
    "liquid": re.compile(r"\{%-?\s*endcomment\s*-?%\}"),
    "jinja": re.compile(r"#\}"),
}
_AT_ONCE = re.compile(r"<!---?>")
"""A comment of HTML that ends where it begins."""
_MOST_TURNS = 10
"""Taking a comment out can change what is code. Whoever nests deeper means harm."""


@dataclass(frozen=True, slots=True)
class Uncommented:
    """A text without its comments."""

    text: str
    """As many lines as before."""
    unclosed: int | None = None
    """Line, from 1, of a comment that nothing closes: all that follows it is taken for one."""


def without_comments(text: str) -> Uncommented:
    """Take out what is a comment, outside of code.

    A comment may begin anywhere and reach over paragraphs. One that is never closed reaches to the
    end: better to show too little than what was meant for nobody.
    """
    unclosed = None
    for _ in range(_MOST_TURNS):
        if not re.search(r"<!--|%%|\{/\*|/\*|\{%-?\s*comment|\{#", text):
            break
        parts, open_at = _outside_comments(text)
        if open_at is not None:
            unclosed = text.count("\n", 0, open_at) + 1
        shown = "".join(parts)
        if shown == text:
            break
        text = shown
    return Uncommented(text, unclosed)


def _outside_comments(text: str) -> tuple[list[str], int | None]:
    """Cut a text at its comments; tells as well where one begins that is not closed."""
    code = Code(text)
    shown: list[str] = []
    begin = position = 0
    while opening := _OPENING.search(text, position):
        kind, start = opening.lastgroup, opening.start()
        if end := code.end_of_block_at(start):
            position = end
        elif kind is None:
            position = opening.end()
        elif kind == "ticks":
            position = code.end_of_span(start, opening.end())
        elif at_once := _AT_ONCE.match(text, start):
            shown.append(text[begin:start])
            begin = position = at_once.end()
        elif closing := _CLOSING[kind].search(text, opening.end()):
            shown.append(text[begin:start])
            position = closing.end()
            begin = _after(text, start, position)
            shown.append("\n" * text.count("\n", start, position))
        elif kind in {"html", "liquid"} or _is_meant(kind, text, start):
            shown.append(text[begin:start])
            shown.append("\n" * text.count("\n", start))
            return shown, start
        else:
            position = opening.end()
    shown.append(text[begin:])
    return shown, None


def _is_meant(kind: str, text: str, start: int) -> bool:
    """Whether a sign that nothing closes opens a comment: "100%%" does not."""
    return kind in {"obsidian", "mdx"} and (start == 0 or text[start - 1].isspace())


def _after(text: str, start: int, end: int) -> int:
    """Find where the text goes on: what a comment leaves at a line's start is not indented code."""
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if start > 0 and text[start - 1] != "\n":
        return end
    while end < len(text) and text[end] in " \t":
        end += 1
    return end
