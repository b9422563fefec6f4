"""How Slack writes texts and moments: read alike live and from an export. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

APPROVALS = frozenset({"white_check_mark", "heavy_check_mark", "ballot_box_with_check"})
"""Reactions that mark a reply as what solved it."""

_MOMENT = re.compile(r"(\d{1,10})\.(\d{1,6})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARKUP = re.compile(r"<([^<>]+)>")


def plain_text(text: str, names: Mapping[str, str]) -> str:
    """Give Slack's markup as people read it; `names` says who the user ids are."""
    shown = _MARKUP.sub(lambda match: _shown(match.group(1), names), text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def mentions_in(text: str) -> tuple[str, ...]:
    """Give the user ids that a text names, each once, in their order."""
    targets = (match.group(1).partition("|")[0] for match in _MARKUP.finditer(text))
    return tuple(dict.fromkeys(t[1:] for t in targets if t.startswith("@") and t[1:]))


def names_of_user(user: Mapping[str, object]) -> Iterator[object]:
    """Give the names of a user object, that which people read first; some may be none."""
    profile = user.get("profile")
    if isinstance(profile, Mapping):
        yield profile.get("display_name")
        yield profile.get("real_name")
    yield user.get("display_name")
    yield user.get("real_name")
    yield user.get("name")


def moment_of_ts(ts: object) -> datetime | None:
    """Read a `ts` such as `1772442000.000100`, exact to the microsecond; None when it is none."""
    match = _MOMENT.fullmatch(ts) if isinstance(ts, str) and ts.isascii() else None
    if match is None:
        return None
    seconds, fraction = match.groups()
    try:
        return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(fraction.ljust(6, "0")))
    except OverflowError:
        return None


def _shown(markup: str, names: Mapping[str, str]) -> str:
    target, _, label = markup.partition("|")
    match target[:1]:
        case "@":
            return f"@{label or names.get(target[1:]) or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            command = target[1:].split("^")[0]
            return label or f"@{command}"
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})" if label and label != address else address
