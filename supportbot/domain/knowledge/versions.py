"""Versions of products that a text names, and whether two texts speak of different ones."""

import re
from collections import defaultdict
from collections.abc import Mapping

_NAMED = re.compile(r"(?<![\w.])([A-Za-z][A-Za-z+#]*)[ -]?v?(\d{1,4}(?:\.\d+){0,3})(?![\w%]|\.\d)")
_BARE = re.compile(r"(?<![\w.])v(\d{1,4}(?:\.\d+){0,3})(?![\w%]|\.\d)")
_VERSION = "version"
# What stands before a number and is no product, in the plural as well.
_COUNTED = frozenset(
    """about after and appendix april article at august before between by case chapter code column
    customer day december error example exception february figure for friday from go grade hour http
    if image in invoice is issue item january july june kb last lesson level line march may message
    method minute monday month next note november number october of on only option or order over
    page paragraph part phase picture point port post problem question release row rule saturday
    section september solution stage status step sunday table task test than the thursday ticket
    time to top tuesday under until user value wednesday week with year""".split()  # noqa: SIM905
)
_LONGEST = 20_000
"""Characters of a text that are looked at."""


def other_version(asked: str, found: str) -> str:
    """Return the version that is found where another one of the same product was asked for.

    Such as `AX 2012` where the question says AX 2009 and the text does not. Empty when they agree,
    or when one of them names none. 24 agrees with 24.1.
    """
    wanted, there = _versions_in(asked), _versions_in(found)
    is_name = _written_as_names(asked) | _written_as_names(found) | {_VERSION}
    for product in wanted.keys() & there.keys() & is_name:
        if not any(_agree(one, other) for one in wanted[product] for other in there[product]):
            return there[product][min(there[product])]
    return ""


def _versions_in(text: str) -> Mapping[str, dict[str, str]]:
    """Return the versions of each product, in lower case, with how they are written there."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for match in _NAMED.finditer(text[:_LONGEST]):
        name, number = match[1].lower(), match[2]
        if name != "v" and name.removesuffix("s") not in _COUNTED:
            found[name].setdefault(number, match[0])
    for match in _BARE.finditer(text[:_LONGEST]):
        found[_VERSION].setdefault(match[1], match[0])
    return found


def _written_as_names(text: str) -> set[str]:
    return {m[1].lower() for m in _NAMED.finditer(text[:_LONGEST]) if m[1] != m[1].lower()}


def _agree(one: str, other: str) -> bool:
    ours, theirs = one.split("."), other.split(".")
    shared = min(len(ours), len(theirs))
    return ours[:shared] == theirs[:shared]
