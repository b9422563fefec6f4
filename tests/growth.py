"""Whether work grows with its text, or faster: told without a limit in seconds."""

import time
from collections.abc import Callable

_AT_ONCE = 1.0
"""Seconds of CPU under which nobody waits."""
_TRIES = 3


def grows_linearly(work: Callable[[str], object], text: str) -> bool:
    """Whether four times the text takes clearly less than sixteen times the work.

    What is done at once need not be compared. Other work on the machine disturbs a measure, so the
    best of three counts.
    """
    for _ in range(_TRIES):
        part, whole = _seconds(work, text[: len(text) // 4]), _seconds(work, text)
        if whole < _AT_ONCE or whole < 10 * part:
            return True
    return False


def _seconds(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began
