"""Tags of HTML and of MDX, as the words that stand in them. Pure."""

import re
from collections.abc import Collection

_HIDDEN = re.compile(
    r"<(script|style|template|iframe|svg|math)\b[^<>]*>.*?(?:</\1\s*>|\Z)"
    r"|<\?.*?(?:\?>|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<![A-Za-z][^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
"""What no reader ever sees."""
_MODULES = re.compile(
    r"^(?:import\s+(?:[\w*{$][^;'\"\n]*(?:\n[^;'\"\n]+){0,30}?\s+from\s+)?"
    r"['\"][^'\"\n]+['\"];?[ \t]*$"
    r"|export\s+(?:const|let|var|default|function|\{|\*)[^\n]*(?:\n(?![ \t]*\n)[^\n]+)*$)",
    re.MULTILINE,
)
_TAG = re.compile(
    r"(?P<before>\w?)<(?P<end>/?)(?P<name>[A-Za-z][\w.-]*)(?P<attributes>(?:\s[^<>]*)?)/?>"
)
_ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_INSIDE = r"([^\n]{0,1000}?)"
_WORDS = rf"(?:\s[^<>\n]*)?>[ \t]*(?=\S){_INSIDE}(?<=\S)[ \t]*</\1>"
_PAIRS = tuple(
    (re.compile(tags, re.IGNORECASE), words)
    for tags, words in (
        (
            rf"<h([1-6])\b[^<>\n]*?\bid=[\"']([^\"'\n]+)[\"'][^<>\n]*>{_INSIDE}</h\1>",
            r"#\1 \3 {#\2}",
        ),
        (rf"<h([1-6])\b[^<>\n]*>{_INSIDE}</h\1>", r"#\1 \2"),
        (r"<(code|kbd|samp|tt)>([^<`\n]+)</\1>", r"`\2`"),
        (
            rf"<a\b[^<>\n]*?\bhref=[\"']([^\"'\s()]+)[\"'][^<>\n]*>{_INSIDE}</a>",
            r"[\2](\1)",
        ),
        (rf"<(summary|dt|th){_WORDS}", r"**\2** "),
        (rf"<(b|strong){_WORDS}", r"**\2**"),
        (rf"<(i|em){_WORDS}", r"*\2*"),
        (rf"<(s|del|strike){_WORDS}", r"~~\2~~"),
    )
)
_HTML = frozenset(
    re.split(
        " ",
        "a abbr address area article aside audio b base bdi bdo big blockquote body br button "
        "canvas caption center cite code col colgroup data datalist dd del details dfn dialog "
        "div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 "
        "h3 h4 h5 h6 head header hgroup hr html i img input ins kbd label legend li link main "
        "map mark menu meta meter nav nobr object ol optgroup option output p param picture "
        "pre progress q rp rt ruby s samp search section select slot small source span strike "
        "strong sub summary sup table tbody td textarea tfoot th thead time title tr track tt "
        "u ul var video wbr",
    )
)


def anchors_of(text: str) -> frozenset[str]:
    """Find what links may lead to: the ids of tags."""
    tags = (found["attributes"] for found in _TAG.finditer(text))
    attributes = (pair for tag in tags for pair in _ATTRIBUTE.findall(tag))
    return frozenset(a or b for name, a, b in attributes if name.lower() in {"id", "name"})


def without_tags(text: str, html_lines: Collection[int]) -> str:
    """Leave the words that stand in tags, and nothing of scripts and of what MDX imports.

    Args:
        text: Markdown; its lines stay lines.
        html_lines: Lines, from 0, in which HTML stands alone: their indentation means nothing.
    """
    text = _MODULES.sub(_lines_alone, _HIDDEN.sub(_lines_alone, text))
    if "<" not in text:
        return text
    for tags, markdown in _PAIRS:
        text = tags.sub(_level if markdown.startswith("#") else markdown, text)
    shown = _TAG.sub(_words, text)
    return "\n".join(
        line.lstrip(" \t") if number in html_lines else line
        for number, line in enumerate(shown.split("\n"))
    )


def _lines_alone(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _level(found: re.Match[str]) -> str:
    *own_id, words = found.groups()[1:]
    return f"{'#' * int(found[1])} {words}{f' {{#{own_id[0]}}}' if own_id else ''}"


def _words(found: re.Match[str]) -> str:
    """Replace a tag by what a reader sees of it; what is no tag stays, as in `List<String>`."""
    before, name = found["before"], found["name"]
    attributes = {key.lower(): a or b for key, a, b in _ATTRIBUTE.findall(found["attributes"])}
    lines = "\n" * found[0].count("\n")
    if name.lower() in _HTML:
        return before + _html_words(name.lower(), attributes, is_end=bool(found["end"])) + lines
    is_component = name[0].isupper() and not before
    if found["end"] or found["attributes"].strip() or (is_component and "." not in name):
        title = attributes.get("label") or attributes.get("title") or ""
        return f"{before}{f'**{title}** ' if title and is_component else ''}{lines}"
    return f"{before}\\<{name}>{lines}"


def _html_words(name: str, attributes: dict[str, str], *, is_end: bool) -> str:
    if name == "img" and attributes.get("alt"):
        source = attributes.get("src", "").replace(" ", "%20")
        return f"![{attributes['alt']}]({source})"
    if name == "li" and not is_end:
        return "- "
    return " " if name in {"br", "td", "th", "dd", "li", "option"} else ""
