"""What a Markdown document hides: what its writers told each other, and nobody else. Pure.

HTML's `<!-- -->` and what is `hidden` or has `display: none`, Obsidian's `%% %%`, MyST's lines with
`%`, Markdown's own `[//]: # (…)`, and those of the tools that documents are built with: MDX's
`{/* */}`, Liquid's `{% comment %}`, Jinja's `{# #}`, Hugo's `{{/* */}}`, Handlebars' `{{!-- --}}`,
kramdown's `{::comment}` and EJS's `<%# %>`.
"""

import re
from dataclasses import dataclass

from supportbot.importers.prose import Code

_TAG = (
    r"<(?P<name>[A-Za-z][A-Za-z0-9-]*)"
    r"(?P<attributes>(?:\s+[A-Za-z_:@#][\w:.@-]*"
    r"(?:\s*=\s*(?:\{\{?[^{}]*\}\}?|[^\s\"'=<>`{]+|'[^']*'|\"[^\"]*\"))?)*)\s*/?>"
)
_OPENING = re.compile(
    r"\\[^\w\s]"
    r"|(?P<ticks>`+)"
    r"|(?P<html><!--)"
    r"|<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>"
    rf"|(?P<tag>{_TAG})"
    r"|(?P<obsidian>(?<!\d)(?<!\d )%%)"
    r"|(?P<label>^[ \t]*\[(?://|comment|#|-{2,3}|_)\]:[ \t]*\n?[ \t]*(?:\S+\s+)?"
    r"(?:\((?:(?!\n[ \t]*\n)[^()])*\)|\"(?:(?!\n[ \t]*\n)[^\"])*\""
    r"|'(?:(?!\n[ \t]*\n)[^'])*')[ \t]*$)"
    r"|(?P<line>^[ >]{0,9}(?:%(?:[ \t]|(?=[^\W_]{3})(?![^\n]*%))"
    r"|\[(?://|comment|#|-{2,3})\]:[ \t]|\[[^\]\n]+\]:[ \t]+(?:\#|<>)(?=[ \t]))[^\n]*$)"
    r"|(?P<mdx>\{\s{0,9}/\*)"
    r"|(?P<mdx_line>\{\s{0,9}//)"
    r"|(?P<fence>^[ \t]*:{3,}[ \t]*(?:(?:comment|hidden|notes)[ \t]*$"
    r"|\{[^}\n]*\.(?:hidden|content-hidden|comment|notes)\b[^}\n]*\}))"
    r"|(?P<liquid_code>\{%-?\s*liquid\b)"
    r"|(?P<critic>\{>>)|(?P<struck>\{--(?!\}))"
    r"|(?P<never>\{%-?\s*if\s+false\s*-?%\})"
    r"|(?P<freemarker><\#--)|(?P<razor>@\*)|(?P<mako><%doc>)"
    r"|(?P<org>^[ \t]*\#\+BEGIN_COMMENT\b)"
    r"|(?P<doxygen>^[ \t]*[\\@](?:cond|internal)\b)"
    r"|(?P<bogus><![^\w\[>-][^>]*>|<!\d[^>]*>|</[^A-Za-z>][^>]*>)"
    r"|(?P<hugo>\{\{[-<%]?\s*/\*)"
    r"|(?P<shortcode>\{\{[<%]\s*comment\s*[>%]\}\})"
    r"|(?P<handlebars>\{\{~?!--)"
    r"|(?P<handlebar>\{\{~?!)"
    r"|(?P<liquid>\{%-?\s*comment\b[^%\n]*%\})"
    r"|(?P<liquid_line>\{%-?\s*\#)"
    r"|(?P<ejs><%(?:\s{0,9}\#|--))"
    r"|(?P<kramdown>\{::comment\b[^}\n]*(?<!/)\})"
    r"|(?P<jinja>\{\#)",
    re.MULTILINE,
)
_CLOSING = {
    "html": re.compile(r"--!?>"),
    "obsidian": re.compile(r"(?<!\d)%%"),
    "mdx": re.compile(r"\*/\s*\}"),
    "mdx_line": re.compile(r"\n\s*\}"),
    "fence": re.compile(r"^[ \t]*:{3,}[ \t]*$", re.MULTILINE),
    "liquid_code": re.compile(r"%\}"),
    "critic": re.compile(r"<<\}"),
    "struck": re.compile(r"--\}"),
    "never": re.compile(r"\{%-?\s*endif\s*-?%\}"),
    "freemarker": re.compile(r"-->"),
    "razor": re.compile(r"\*@"),
    "mako": re.compile(r"</%doc>"),
    "org": re.compile(r"^[ \t]*#\+END_COMMENT\b", re.MULTILINE | re.IGNORECASE),
    "doxygen": re.compile(r"[\\@]end(?:cond|internal)\b"),
    "hugo": re.compile(r"\*/\s*[->%]?\}\}"),
    "shortcode": re.compile(r"\{\{[<%]\s*/\s*comment\s*[>%]\}\}"),
    "handlebars": re.compile(r"--~?\}\}"),
    "handlebar": re.compile(r"\}\}"),
    "liquid": re.compile(r"\{%-?\s*endcomment\s*-?%\}"),
    "liquid_line": re.compile(r"%\}"),
    "ejs": re.compile(r"%>"),
    "kramdown": re.compile(r"\{:/(?:comment)?\}"),
    "jinja": re.compile(r"#\}"),
}
_NESTED = {
    "liquid": re.compile(r"(?P<opens>\{%-?\s*comment\b[^%\n]*%\})|\{%-?\s*endcomment\s*-?%\}"),
    "shortcode": re.compile(
        r"(?P<opens>\{\{[<%]\s*comment\s*[>%]\}\})|\{\{[<%]\s*/\s*comment\s*[>%]\}\}"
    ),
}
"""Comments that may stand within each other."""
_ALWAYS_MEANT = frozenset({"html", "liquid", "shortcode", "handlebars", "kramdown"})
_PERHAPS_MEANT = frozenset({"obsidian", "mdx", "jinja"})
_AT_ONCE = re.compile(r"<!---?>")
"""A comment of HTML that ends where it begins."""
_HEADING_ID = re.compile(r"\{#[\w:.-]+(?:[ \t][^{}#\n]*)?\}")
_HIDES = re.compile(
    r"(?:^|\s)hidden(?=\s|=|$)"
    r"|(?:^|\s)style\s*=\s*[^>]*?\b"
    r"(?:display[\"']?\s*:[\s\"']*(?:/\*.*?\*/)?\s*none|visibility[\"']?\s*:[\s\"']*hidden)",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n|\Z")
_MOST_TURNS = 10
"""Taking a comment out can change what is code. Whoever nests deeper means harm."""
_ANY = re.compile(
    r"<!|</[^a-z]|%|\{\s*/|/\*|\{::|\{\{~?!|\{#|\{>>|\{--|<%|<#|@\*|\]:|:::|#\+|[\\@](?:cond|internal)"
    r"|comment|hidden|display|visibility",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Uncommented:
    """A text without its comments."""

    text: str
    """As many lines as before."""
    unclosed: int | None = None
    """Line, from 1, of a comment that nothing closes: all that follows it is taken for one."""


def without_comments(text: str, *, is_mdx: bool = False) -> Uncommented:
    """Take out what is hidden, outside of code.

    A comment may begin anywhere and reach over paragraphs. One that is never closed reaches to the
    end: better to show too little than what was meant for nobody.

    Args:
        text: The body of the document.
        is_mdx: Whether it is MDX, in which indented lines are no code.
    """
    unclosed = None
    for _ in range(_MOST_TURNS):
        if not _ANY.search(text):
            break
        parts, open_at = _outside_comments(text, Code(text, is_mdx=is_mdx))
        if open_at is not None:
            unclosed = text.count("\n", 0, open_at) + 1
        shown = "".join(parts)
        if shown == text:
            break
        text = shown
    return Uncommented(text, unclosed)


def _outside_comments(text: str, code: Code) -> tuple[list[str], int | None]:
    """Cut a text at its comments; tells as well where one begins that is not closed."""
    shown: list[str] = []
    endless: set[str] = set()
    begin = position = 0
    while opening := _OPENING.search(text, position):
        kind, start = opening.lastgroup or "", opening.start()
        if end := code.end_of_block_at(start):
            position = end
            continue
        if opening["tag"]:
            kind = "tag" if _is_hidden(opening) else ""
        elif kind == "ticks":
            position = code.end_of_span(start, opening.end())
            continue
        if not kind or (kind == "jinja" and _is_heading_id(text, start)):
            position = opening.end()
            continue
        end = 0 if kind in endless else _end_of(kind, text, opening)
        if end:
            shown.append(text[begin:start])
            position = end
            begin = _after(text, start, end)
            shown.append("\n" * text.count("\n", start, end))
        elif kind in _ALWAYS_MEANT or kind == "tag" or _is_meant(kind, text, opening):
            shown.append(text[begin:start])
            shown.append("\n" * text.count("\n", start))
            return shown, start
        else:
            endless.add(kind)
            position = opening.end()
    shown.append(text[begin:])
    return shown, None


def _end_of(kind: str, text: str, opening: re.Match[str]) -> int:
    """Find where a comment ends; 0 where nothing closes it."""
    start, end = opening.span()
    if kind in {"line", "label", "bogus"}:
        return end
    if kind == "html" and (at_once := _AT_ONCE.match(text, start)):
        return at_once.end()
    if kind == "tag" and (opening[0].endswith("/>") or opening["name"].lower() in _EMPTY):
        return end
    if kind == "tag":
        name = re.escape(opening["name"])
        tags = re.compile(rf"(?P<opens><{name}(?=[\s>])[^<>]*(?<!/)>)|</{name}\s*>", re.IGNORECASE)
        return _end_of_nested(tags, text, end)
    if kind in _NESTED:
        return _end_of_nested(_NESTED[kind], text, end)
    closing = _CLOSING[kind].search(text, end)
    if closing is None and kind == "obsidian":
        closing = re.compile("%%").search(text, end)
    return closing.end() if closing else 0


def _end_of_nested(marks: re.Pattern[str], text: str, start: int) -> int:
    depth = 1
    for mark in marks.finditer(text, start):
        depth += 1 if mark["opens"] else -1
        if not depth:
            return mark.end()
    return 0


def _is_hidden(tag: re.Match[str]) -> bool:
    attributes: str = tag["attributes"]
    return bool(_HIDES.search(attributes))


def _is_heading_id(text: str, start: int) -> bool:
    """Whether `{#name}` names a heading. It does not where the paragraph goes on to a `#}`."""
    named = _HEADING_ID.match(text, start)
    if named is None:
        return False
    end = _PARAGRAPH.search(text, named.end())
    rest = text[named.end() : end.start() if end else len(text)]
    return "#}" not in rest.partition("{#")[0]


def _is_meant(kind: str, text: str, opening: re.Match[str]) -> bool:
    """Whether a sign that nothing closes opens a comment: "100%%" does not."""
    start, end = opening.span()
    is_apart = start == 0 or text[start - 1].isspace()
    if kind == "jinja":
        return is_apart and text[end : end + 1].isspace()
    return is_apart and kind in _PERHAPS_MEANT


def _after(text: str, start: int, end: int) -> int:
    """Find where the text goes on: what a comment leaves at a line's start is not indented code."""
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if start > 0 and text[start - 1] != "\n":
        return end
    while end < len(text) and text[end] in " \t":
        end += 1
    return end
