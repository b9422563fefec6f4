"""When a person may be asked, how often, and about what: as they say themselves."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from supportbot.domain.language.catalogue import day, day_names, listed, say
from supportbot.domain.language.texts import Name, Said, joined

MOST_TOPICS: Final = 20
LONGEST_TOPIC: Final = 80
MOST_ASKS: Final = 100
"""The largest budget: more a week is the same as no limit."""
_DAY = 24 * 60
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEFT_OPEN = 3
"""So many asks in a row without a word halve how often a person is asked."""
_LOOK = timedelta(minutes=15)
_LOOK_AHEAD = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Availability:
    """What a person has said about being asked. Left as it is, they are asked at any hour."""

    asks_a_week: int | None = None
    """None leaves it to the group's settings; 0: never."""
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """Monday is 0. Of hours that go over midnight, the day on which they begin counts."""
    begins: int = 0
    """Minutes after midnight at which their hours begin."""
    ends: int = _DAY
    """At which they end; no more than `begins` when they go over midnight."""
    timezone: str = ""
    """IANA name of their time zone; empty is UTC."""
    away_until: date | None = None
    """They are back on this day."""
    topics: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    receipts: bool = True
    """They want to hear once a week whom their answers helped."""
    is_asked_alone: bool = False
    """They want to be asked in a message to them alone, and not in the thread."""


class Reason(StrEnum):
    """Why somebody is not asked."""

    BUDGET = "budget"
    """They have been asked often enough this week."""
    AWAY = "away"
    HOURS = "hours"
    """It is none of theirs."""
    GONE = "gone"
    """They are not in the channel any more."""
    ASKED = "asked"
    """They have been asked already."""
    ASKER = "asker"
    """It is their own question."""
    UNKNOWN = "unknown"
    TOPIC = "topic"
    """They have said that it is not theirs."""

    @property
    def teaches(self) -> bool:
        """Whether they may know all the same, although they are not asked now."""
        return self not in {Reason.ASKER, Reason.UNKNOWN}


def may_be_asked(
    availability: Availability,
    asks_in_week: int,
    now: datetime,
    *,
    unanswered: int = 0,
    asks_per_week: int = 5,
) -> Reason | None:
    """Return why a person may not be asked now; None when they may.

    Args:
        availability: What they have said.
        asks_in_week: How often they were asked within the last seven days.
        now: The moment.
        unanswered: How many asks in a row they have left without a word.
        asks_per_week: The budget of those who have not said anything.
    """
    if asks_in_week >= budget(availability, unanswered=unanswered, asks_per_week=asks_per_week):
        return Reason.BUDGET
    local = now.astimezone(zone_of(availability.timezone))
    if availability.away_until is not None and local.date() < availability.away_until:
        return Reason.AWAY
    return None if _is_in_hours(availability, local) else Reason.HOURS


def budget(availability: Availability, *, unanswered: int = 0, asks_per_week: int = 5) -> int:
    """Return how often a person may be asked within a week.

    Each three asks in a row without a word halve it, down to one: who never answers is asked less.
    and hears of it when they do again.
    """
    own = asks_per_week if availability.asks_a_week is None else availability.asks_a_week
    return min(own, max(1, own >> min(unanswered // _LEFT_OPEN, MOST_ASKS)))


def next_moment(availability: Availability, moment: datetime) -> datetime:
    """Return the first moment from this one on that is within a person's hours.

    Hours that never come within a week, on no day at all, are no hours: it is the moment itself.
    """
    zone = zone_of(availability.timezone)
    back = availability.away_until
    start = moment
    if back is not None and moment.astimezone(zone).date() < back:
        start = datetime.combine(back, time(), zone).astimezone(UTC)
    at = start
    while at < start + _LOOK_AHEAD:
        if _is_in_hours(availability, at.astimezone(zone)):
            return at
        at += _LOOK
    return start


@dataclass(frozen=True, slots=True)
class Misread:
    """What somebody typed that cannot be read, as a sentence that says what can."""

    sentence: Said


def read_change(text: str, availability: Availability) -> Availability | Misread:
    """Read what a person says of themselves, such as `budget 3` or `hours 9-17 Europe/Berlin`.

    Several things stand on lines of their own, or have a `;` between them: all count, or none.
    """
    parts = [part for line in text.splitlines() for one in line.split(";") if (part := one.strip())]
    for number, part in enumerate(parts or [""], 1):
        read = _read_one(part, availability)
        if isinstance(read, Misread):
            return read if len(parts) <= 1 else Misread(_called(number, part, read.sentence))
        availability = read
    return availability


def _read_one(text: str, availability: Availability) -> Availability | Misread:
    word, _, rest = text.partition(" ")
    read = _READERS.get(word.casefold())
    if read is None:
        return Misread(say("misread.what", words=listed(tuple(_READERS))))
    return read(rest.strip(), availability)


def _called(number: int, part: str, sentence: Said) -> Said:
    """Name the part of what was typed that a sentence is about, in words that are safe to say."""
    word = part.partition(" ")[0].casefold()
    if word in _READERS:
        return say("misread.word", word=word, sentence=sentence)
    return say("misread.part", n=number, sentence=sentence)


def described(availability: Availability, *, asks_per_week: int) -> Said:
    """Say in one paragraph what a person has chosen."""
    away, topics, refused = availability.away_until, availability.topics, availability.refused
    return joined(
        _budget_in_words(availability, asks_per_week),
        _times_in_words(availability),
        say("me.away", day=day(away)) if away is not None else "",
        say("me.topics", topics=listed([Name(one) for one in topics])) if topics else "",
        say("me.refused", topics=listed([Name(one) for one in refused])) if refused else "",
        say("me.alone") if availability.is_asked_alone else "",
        "" if availability.receipts else say("me.no_receipts"),
    )


def _read_budget(text: str, availability: Availability) -> Availability | Misread:
    if text.casefold() == "default":
        return replace(availability, asks_a_week=None)
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) > MOST_ASKS:
        return Misread(say("misread.budget", most=MOST_ASKS))
    return replace(availability, asks_a_week=int(text))


_HOURS = re.compile(
    r"(?P<from>\d{1,2})(?::(?P<from_minute>\d\d))?\s*-\s*"
    r"(?P<to>\d{1,2})(?::(?P<to_minute>\d\d))?(?:\s+(?P<zone>\S+))?",
    re.ASCII,
)


def _read_hours(text: str, availability: Availability) -> Availability | Misread:
    if text.casefold() in _EVERY:
        return replace(availability, begins=0, ends=_DAY)
    found = _HOURS.fullmatch(text)
    if found is None:
        return Misread(say("misread.hours"))
    begins = int(found["from"]) * 60 + int(found["from_minute"] or 0)
    ends = int(found["to"]) * 60 + int(found["to_minute"] or 0)
    minutes = {int(found[name] or 0) for name in ("from_minute", "to_minute")}
    if max(begins, ends) > _DAY or max(minutes) >= 60 or begins == ends:  # noqa: PLR2004 - minutes
        return Misread(say("misread.no_hours", text=Name(text.split(maxsplit=1)[0])))
    zone = availability.timezone if found["zone"] is None else found["zone"]
    if not is_timezone(zone):
        return Misread(say("misread.zone"))
    return replace(availability, begins=begins, ends=ends, timezone=zone)


def _read_days(text: str, availability: Availability) -> Availability | Misread:
    if text.casefold() in _EVERY:
        return replace(availability, days=tuple(range(7)))
    days: set[int] = set()
    for part in re.split(r"\s*,\s*|\s+", text.casefold()):
        ends = [_day(name) for name in part.split("-")]
        if len(ends) > 2 or None in ends:  # noqa: PLR2004 - from and to
            return Misread(say("misread.days"))
        first, last = ends[0], ends[-1]
        assert first is not None and last is not None  # noqa: S101, PT018 - just looked at
        days.update((first + more) % 7 for more in range((last - first) % 7 + 1))
    return replace(availability, days=tuple(sorted(days)))


def _read_away(text: str, availability: Availability) -> Availability | Misread:
    if text.casefold() in _NONE:
        return replace(availability, away_until=None)
    try:
        back = date.fromisoformat(text)
    except ValueError:
        return Misread(say("misread.away"))
    return replace(availability, away_until=back)


def _read_topics(text: str, availability: Availability) -> Availability | Misread:
    topics = _topics_in(text)
    if topics is None:
        return _too_many("topics")
    return replace(availability, topics=topics)


def _read_refused(text: str, availability: Availability) -> Availability | Misread:
    topics = _topics_in(text)
    if topics is None:
        return _too_many("not")
    return replace(availability, refused=topics)


def _topics_in(text: str) -> tuple[str, ...] | None:
    if text.casefold() in _NONE:
        return ()
    topics = tuple(dict.fromkeys(t for part in text.split(",") if (t := " ".join(part.split()))))
    is_fine = 0 < len(topics) <= MOST_TOPICS and all(map(_TOPIC.fullmatch, topics))
    return topics if is_fine else None


_TOPIC = re.compile(rf"[\w .+#/&'-]{{1,{LONGEST_TOPIC}}}")
"""The bot says topics in sentences of its own, so nothing in them may be a mention or a link."""


def _too_many(word: str) -> Misread:
    return Misread(say(f"misread.{word}", most=MOST_TOPICS, longest=LONGEST_TOPIC))


def _read_receipts(text: str, availability: Availability) -> Availability | Misread:
    if text.casefold() not in {"on", "off"}:
        return Misread(say("misread.receipts"))
    return replace(availability, receipts=text.casefold() == "on")


def _read_ask(text: str, availability: Availability) -> Availability | Misread:
    if text.casefold() not in {"alone", "here"}:
        return Misread(say("misread.ask"))
    return replace(availability, is_asked_alone=text.casefold() == "alone")


_EVERY = frozenset({"always", "all", "any", "every"})
_NONE = frozenset({"no", "none", "off", "back"})
_READERS: Mapping[str, Callable[[str, Availability], Availability | Misread]] = {
    "budget": _read_budget,
    "hours": _read_hours,
    "days": _read_days,
    "away": _read_away,
    "topics": _read_topics,
    "not": _read_refused,
    "receipts": _read_receipts,
    "ask": _read_ask,
}


def is_timezone(name: str) -> bool:
    """Whether there is a time zone of that name; the empty one is UTC."""
    if not name:
        return True
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def zone_of(name: str) -> tzinfo:
    """Return a time zone; UTC where this machine does not know it."""
    return ZoneInfo(name) if name and is_timezone(name) else UTC


def _is_in_hours(availability: Availability, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    begins, ends = availability.begins, availability.ends
    if begins < ends:
        return local.weekday() in availability.days and begins <= minute < ends
    if minute >= begins:
        return local.weekday() in availability.days
    return minute < ends and (local.weekday() - 1) % 7 in availability.days


def _day(name: str) -> int | None:
    return _DAYS.index(name[:3]) if len(name) >= 3 and name[:3] in _DAYS else None  # noqa: PLR2004


def _budget_in_words(availability: Availability, asks_per_week: int) -> Said:
    asks = budget(availability, asks_per_week=asks_per_week)
    return say("me.budget", n=asks) if asks else say("me.never")


def _times_in_words(availability: Availability) -> Said:
    has_hours = (availability.begins, availability.ends) != (0, _DAY)
    has_days = len(availability.days) < len(_DAYS)
    if not has_hours and not has_days:
        return say("me.any_time")
    names = day_names("abbreviated")
    days = listed([names[one] for one in availability.days])
    if not has_hours:
        return say("me.days", days=days)
    hours = {
        "begins": _time(availability.begins),
        "ends": _time(availability.ends),
        "zone": availability.timezone or "UTC",
    }
    return say("me.hours_and_days", days=days, **hours) if has_days else say("me.hours", **hours)


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
