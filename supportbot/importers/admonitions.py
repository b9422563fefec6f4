"""Boxes that documents put around a note or a warning, in the ways of several tools. Pure.

Their text stays, after a word in bold that says what the box is.
"""

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_INDENTED = re.compile(
    r"(?P<indent>[ \t]*)(?:(?:!!!|\?\?\?\+?)[ \t]+(?P<kind>[\w-]+)[^\"\n]*|===[!+]?[ \t]+)"
    r"(?:\"(?P<title>[^\"\n]*)\"[ \t]*)?"
)
"""Of MkDocs: the box is what is indented below, and so is a tab."""
_DIRECTIVE = re.compile(r"\{([a-z][\w-]*)\}[ \t]*(.*)")
"""Of MyST: a fence whose language is the name of a box."""
_HIGHLIGHT = re.compile(
    r"[ \t]*(?:\{%-?[ \t]*highlight[ \t]+(\w+)[^%\n]*%\}"
    r"|\{\{[<%][ \t]*highlight[ \t]+\"?(\w+)[^\n]*\}\})"
)
_END_HIGHLIGHT = re.compile(
    r"[ \t]*(?:\{%-?[ \t]*endhighlight[^\n]*|\{\{[<%][ \t]*/[ \t]*highlight[^\n]*)"
)
_QUOTED = re.compile(r"^((?:[ \t]*>)+[ \t]*|[ \t]*)\[!([\w-]+)\][-+]?[ \t]*([^\n]*)$", re.MULTILINE)
_OTHER_QUOTED = re.compile(
    r"^((?:[ \t]*>)+[ \t]*)\[!(?!INCLUDE)[^\]\n]*\][^\n]*$", re.MULTILINE | re.IGNORECASE
)
_COLONS = re.compile(r"^([ \t]*):{3,}([^\n]*)$", re.MULTILINE)
_TITLE = re.compile(r"\btitle=\"([^\"\n]*)\"")
_KINDS = frozenset(
    re.split(
        " ",
        "abstract attention bug caution check danger details error example failure faq help hint"
        " info important note question quote seealso success summary tip todo warning",
    )
)


def labelled(title: str) -> str:
    """Build the words in bold that stand for a box."""
    words = " ".join(title.split())
    if not words:
        return ""
    return f"**{words}**" if words[-1] in ".!?:…" else f"**{words}:**"


def without_indented_boxes(text: str) -> str:
    """Take the indentation from what stands in MkDocs' boxes; to CommonMark it would be code.

    Fences that are boxes, and tags that are fences, become what they mean as well: all that decides
    what is code comes before anything else is read.
    """
    reading = _Boxes()
    return "\n".join(map(reading.shown, text.split("\n")))


class _Boxes:
    """Reads line by line, and knows which boxes and which fence are open."""

    def __init__(self) -> None:
        self._inside: list[int] = []
        """Indentation of what stands in each open box."""
        self._fence = ""
        self._is_shown = True
        """Whether the open fence is one of code."""

    def shown(self, line: str) -> str:
        indent = _indent_of(line)
        while self._inside and line.strip() and indent < self._inside[-1]:
            self._inside.pop()
            self._fence = ""
        cut = _cut_indent(line, 4 * len(self._inside)) if self._inside else line
        return self._in_fence(cut) if self._fence else self._outside(cut, indent)

    def _in_fence(self, line: str) -> str:
        found = _FENCE.fullmatch(line)
        if found is None or not found[1].startswith(self._fence) or found[2].strip():
            return line
        self._fence = ""
        return line if self._is_shown else ""

    def _outside(self, line: str, indent: int) -> str:
        if (box := _INDENTED.fullmatch(line)) and (box["kind"] or box["title"]):
            self._inside.append(indent + 4)
            title = box["title"] if box["title"] is not None else box["kind"].capitalize()
            return f"{box['indent']}{labelled(title)}"
        if highlight := _HIGHLIGHT.fullmatch(line):
            return f"```{highlight[1] or highlight[2]}"
        if _END_HIGHLIGHT.fullmatch(line):
            return "```"
        if found := _FENCE.fullmatch(line):
            return self._opened(found, line)
        return line

    def _opened(self, found: re.Match[str], line: str) -> str:
        self._fence = found[1]
        directive = _DIRECTIVE.fullmatch(found[2].strip())
        self._is_shown = directive is None or directive[1] not in _KINDS
        if directive is None or self._is_shown:
            return line
        return labelled(directive[2] or directive[1].capitalize())


def _indent_of(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _cut_indent(line: str, width: int) -> str:
    expanded = line.expandtabs(4) if line[:1] in {" ", "\t"} else line
    return expanded[min(width, _indent_of(expanded)) :]


def with_labels(text: str) -> str:
    """Put words in bold for the boxes of GitHub, Obsidian, Microsoft, Docusaurus and Pandoc."""
    text = _QUOTED.sub(_quoted, text)
    text = _OTHER_QUOTED.sub(r"\1", text)
    return _COLONS.sub(_colons, text)


def _quoted(found: re.Match[str]) -> str:
    return f"{found[1]}{labelled(found[3].strip() or found[2].replace('-', ' ').capitalize())}"


def _colons(found: re.Match[str]) -> str:
    indent, rest = found[1], found[2].strip().strip(":").strip()
    kind, _, title = rest.partition(" ")
    name = re.split(r"[^\w-]", kind.lstrip("{. "), maxsplit=1)[0].removeprefix("callout-").lower()
    if picture := re.search(r"^image\b.*\balt-text=\"([^\"\n]*)\"", rest):
        source = re.search(r"\bsource=\"([^\"\n]*)\"", rest)
        return f"{indent}![{picture[1]}]({(source[1] if source else '').replace(' ', '%20')})"
    if name not in _KINDS:
        return indent
    if bracket := re.search(r"\[([^\]\n]*)\]", rest):
        return indent + labelled(bracket[1])
    if said := _TITLE.search(rest):
        return indent + labelled(said[1])
    is_title = title and "=" not in title and not kind.startswith("{")
    return indent + labelled(title if is_title else name.capitalize())
