"""The syntax of other tools, as the Markdown that everybody knows. Pure.

Source: the pages of Docusaurus, MkDocs and Python-Markdown, Hugo, Jekyll and kramdown, Obsidian,
Microsoft Learn, MyST and Pandoc about what they add to Markdown.
"""

import re
from dataclasses import dataclass

from markdown_it.common.utils import normalizeReference

from supportbot.importers.admonitions import with_labels
from supportbot.importers.markup import anchors_of, without_tags
from supportbot.importers.prose import Prose

_RAW = re.compile(
    r"\{%-?\s*(?:raw|verbatim)\s*-?%\}(.*?)\{%-?\s*end(?:raw|verbatim)\s*-?%\}", re.DOTALL
)
_TEMPLATES = (
    # A link whose address is computed leads nowhere; its words stay.
    (re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\{[{%][^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)"), r"\1"),
    (re.compile(r"\{\{[<%]\s*(?:rel)?ref\s+\"([^\"\n]*)\"[^\n]*?\}\}"), r"\1"),
    (re.compile(r"\{\{[<%][^\n]{0,1000}?[>%]\}\}"), ""),
    (re.compile(r"(?<!\$)\{\{[^{}\n]{0,1000}\}\}"), ""),
    (re.compile(r"\{%[^%\n]{0,1000}%\}"), ""),
)
_EMBEDDED_PICTURE = re.compile(
    r"!\[\[[^\[\]\n]*\.(?:png|jpe?g|gif|svg|webp|bmp|mp4|webm|pdf|canvas)(?:\|[^\[\]\n]*)?\]\]",
    re.IGNORECASE,
)
_WIKI_LINK = re.compile(r"!?\[\[(?!\s)([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\](?!\()")
_MARKS = (
    (
        re.compile(
            r"^[ \t]*(?:[-*+][ \t]+TOC[ \t]*\n[ \t]*\{:[ \t]*toc[^}\n]*\}"
            r"|\[TOC\]|\[\[_?TOC_?\]\]|\{:[^}\n]*\})[ \t]*$",
            re.MULTILINE | re.IGNORECASE,
        ),
        lambda m: "\n" * m[0].count("\n"),
    ),
    (re.compile(r"^[ \t]*-{1,2}8<-{1,2}[^\n]*$|^\*\[[^\]\n]+\]:[^\n]*$", re.MULTILINE), ""),
    (re.compile(r"(?<=[\w)*`\]])\{:?\s*[.#:][^{}\n]*\}(?=[\s.,;:!?)]|$)(?![^\n]*\n[=-]{2,})"), ""),
    (re.compile(r"==(?=[^\s=])([^=\n]+)(?<=\S)=="), r"\1"),
    (
        re.compile(
            r"(?<=\S)[ \t]+\^(?=[\w-]*[A-Za-z])[\w-]{2,}[ \t]*$|^\^[\w-]{2,}[ \t]*$", re.MULTILINE
        ),
        "",
    ),
    (re.compile(r"^\[\^([^\]\s]+)\]:", re.MULTILINE), r"\\[\1\\]"),
    (re.compile(r"\[\^([^\]\s]+)\]"), r"\\[\1\\]"),
    (re.compile(r"^:[ \t]{1,3}(?=\S)", re.MULTILINE), ""),
)


@dataclass(frozen=True, slots=True)
class Translated:
    """A document in plain Markdown."""

    text: str
    """As many lines as before."""
    anchors: frozenset[str]
    """Ids of its tags, to which links may lead beside the headings."""


def translated(text: str) -> Translated:
    """Turn what other tools add to Markdown into plain words; code stays as it is."""
    prose = Prose(_RAW.sub(_as_it_is, text))
    shown = prose.text
    anchors = anchors_of(shown) if "<" in shown else frozenset()
    shown = without_tags(shown, prose.html_lines)
    if "{" in shown:
        for pattern, replacement in _TEMPLATES:
            shown = pattern.sub(replacement, shown)
    shown = with_labels(shown)
    shown = _EMBEDDED_PICTURE.sub("", shown)
    for pattern, mark in _MARKS:
        shown = pattern.sub(mark, shown)
    shown = _WIKI_LINK.sub(lambda found: _wiki_words(prose.whole(found[0])), shown)
    shown = _with_addresses(shown, prose)
    return Translated(prose.whole(shown), anchors)


_REFERENCE = re.compile(r"(?<!\])\[([^\[\]\n]+)\](?:\[([^\[\]\n]*)\])?(?![(\[:])")


def _with_addresses(text: str, prose: Prose) -> str:
    """Write the address into each link that names it: a passage is shown without the list below."""

    def addressed(found: re.Match[str]) -> str:
        name = normalizeReference(prose.whole(found[2] or found[1]))
        address = prose.references.get(name)
        return found[0] if address is None else f"[{found[1]}](<{address}>)"

    return _REFERENCE.sub(addressed, text) if prose.references else text


def _as_it_is(found: re.Match[str]) -> str:
    """Keep what a template is told to leave alone: a backslash makes its brackets plain."""
    return found[1].replace("{", "\\{").replace("}", "\\}")


def _wiki_words(link: str) -> str:
    """Read the words of `[[page#heading|words]]`; in a table, a backslash stands before the bar."""
    target, _, words = link.strip("![]").replace("\\|", "|").partition("|")
    if words:
        return words.strip()
    page, _, heading = target.partition("#")
    parts = (page.strip(), "" if heading.startswith("^") else heading.strip())
    return " › ".join(part for part in parts if part)
