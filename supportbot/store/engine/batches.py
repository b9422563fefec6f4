"""Keys in portions: SQLite takes so many values in a query, and no more."""

from collections.abc import Collection, Iterator
from typing import TypeVar

_Key = TypeVar("_Key")


def in_batches(keys: Collection[_Key], size: int = 500) -> Iterator[list[_Key]]:
    """Cut keys into portions of at most `size`, in their order."""
    ordered = list(keys)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
