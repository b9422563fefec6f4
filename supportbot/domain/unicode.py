"""Text that is really text."""

import re

_HALF = re.compile(r"[\ud800-\udfff]")


def repaired(text: str) -> str:
    """Put a replacement sign for half a character, which JSON can hold and UTF-8 cannot."""
    return _HALF.sub("\ufffd", text)
