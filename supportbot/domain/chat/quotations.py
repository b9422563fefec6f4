"""What somebody passes on of another's words: written alike on every platform. Pure.

A quotation is Markdown's: each line begins with `>`, and the last one names the author.
"""

import re


def quotation_of(text: str, author: str = "") -> str:
    """Quote a text, with its author below where somebody knows; empty for a text without words."""
    lines = text.strip().splitlines()
    if not lines:
        return ""
    if author:
        lines.append(f"{_BY}{author}")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def own_or_quoted(text: str) -> str:
    """Return a message as it is; where it does nothing but quote, what it quotes.

    Whoever forwards a question without a word of their own asks it.
    """
    lines = text.splitlines()
    own = (line for line in lines if not _MARK.match(line))
    if any(character.isalnum() for line in own for character in line):
        return text
    plain = (_MARK.sub("", line) for line in lines)
    return "\n".join(line for line in plain if not line.startswith(_BY)).strip()


_BY = "\N{EM DASH} "
_MARK = re.compile(r"(?:> ?)+")
