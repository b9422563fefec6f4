"""Text that is really text."""

import re

_HALF = re.compile(r"[\ud800-\udfff]")


def repaired(text: str) -> str:
    """Put a replacement sign for half a character, which JSON can hold and UTF-8 cannot."""
    return _HALF.sub("\ufffd", text)


def neutralised(text: str) -> str:
    """Take out what a screen would obey instead of showing: controls, hidden and turned text."""
    return _OBEYED.sub("", text.replace("\r\n", "\n"))


_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
