"""Every sentence that the bot says to members, by its key and language.

One bot speaks one language, as a process has one locale: `speak` chooses it when the settings are
read. Dates, numbers, lists and plurals follow the language, by Unicode's CLDR as Babel brings it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from math import inf
from types import MappingProxyType
from typing import Literal, get_args

from babel import Locale
from babel.dates import format_skeleton, format_timedelta, get_day_names
from babel.numbers import format_decimal

from supportbot.domain.language.catalogue import english, german
from supportbot.domain.language.catalogue.forms import Forms, Sentence
from supportbot.domain.language.texts import Said, Text, Value, fill

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SENTENCES: Mapping[Language, Mapping[str, Sentence]] = MappingProxyType(
    {"en": english.SENTENCES, "de": german.SENTENCES}
)
_LOCALES: Mapping[Language, str] = MappingProxyType({"en": "en_GB", "de": "de_DE"})
_LONG_AGO = timedelta(days=60)
_JUST_NOW = timedelta(minutes=2)
_UNITS: tuple[tuple[Literal["day", "hour", "minute", "second"], int], ...] = (
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)
_spoken: list[Language] = ["en"]


def speak(language: Language) -> None:
    """Choose the language of every sentence from now on."""
    _spoken[-1] = language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak another language for a while."""
    _spoken.append(language)
    try:
        yield
    finally:
        _spoken.pop()


def language() -> Language:
    """Return the language that is spoken."""
    return _spoken[-1]


def say(key: str, **values: Value) -> Said:
    """Return a sentence with its placeholders filled.

    Of a sentence with several forms, the value `n` chooses one.

    Raises:
        KeyError: There is no such sentence, or a value is missing.
    """
    sentence = SENTENCES[language()][key]
    if isinstance(sentence, Forms):
        number = values["n"]
        assert isinstance(number, int)  # noqa: S101 - a count
        sentence = sentence.of(number, _locale().plural_form(number))
    return fill(sentence, **{name: _local(value) for name, value in values.items()})


def words(key: str, **values: str | int) -> str:
    """Return a sentence that holds nothing of anybody's, such as a label."""
    return str(say(key, **values))


def day(moment: date, now: date | None = None) -> str:
    """Name a day, such as `4 May 2026`; without the year where that is this one's."""
    skeleton = "MMMMd" if now is not None and moment.year == now.year else "yMMMMd"
    return format_skeleton(skeleton, _as_moment(moment), locale=_locale())


def duration(time: timedelta) -> str:
    """Return how long something takes, to the minute: `2 hours`, `90 minutes`."""
    is_whole = round(time.total_seconds() / 60) % 60 == 0
    return format_timedelta(
        time, granularity="hour" if is_whole else "minute", threshold=inf, locale=_locale()
    )


def about(time: timedelta) -> str:
    """Say about how long something took: `40 minutes`, `3 hours`, `2 days`."""
    if time < timedelta(seconds=1):
        return words("time.moment")
    return format_timedelta(time, granularity=_unit(time), threshold=inf, locale=_locale())


def ago(moment: datetime, now: datetime) -> str:
    """Return when something was: `3 hours ago`, and after two months the day."""
    past = now - moment
    if past < _JUST_NOW:
        return words("time.just_now")
    if past >= _LONG_AGO:
        return words("time.on", day=day(moment))
    return format_timedelta(
        -past, granularity=_unit(past), threshold=inf, add_direction=True, locale=_locale()
    )


def listed(items: Sequence[Value], *, style: Literal["standard", "or"] = "standard") -> Said:
    """Return a list as one says it: `Paul, Donna and Aya`."""
    if not items:
        return ""
    patterns = _locale().list_patterns[style]
    said: Said = fill("{0}", **{"0": items[-1]})
    if len(items) == 2:  # noqa: PLR2004 - a pair has a pattern of its own
        return fill(patterns["2"], **{"0": items[0], "1": said})
    pattern = patterns["end"]
    for number in range(len(items) - 2, -1, -1):
        said = fill(pattern, **{"0": items[number], "1": said})
        pattern = patterns["start"] if number == 1 else patterns["middle"]
    return said


def day_names(width: Literal["wide", "abbreviated"]) -> tuple[str, ...]:
    """Return the names of the days of the week, Monday first."""
    names = get_day_names(width, context="stand-alone", locale=_locale())
    return tuple(names[number] for number in range(7))


def _unit(time: timedelta) -> Literal["day", "hour", "minute", "second"]:
    seconds = time.total_seconds()
    return next((unit for unit, size in _UNITS if seconds >= 2 * size), "second")


def _local(value: Value) -> Value:
    """Write a number as the language does."""
    return format_decimal(value, locale=_locale()) if isinstance(value, int) else value


def _as_moment(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - a day, whatever the zone


def _locale() -> Locale:
    return _parsed(_LOCALES[language()])


@cache
def _parsed(name: str) -> Locale:
    return Locale.parse(name)


__all__ = [
    "LANGUAGES",
    "SENTENCES",
    "Forms",
    "Language",
    "Said",
    "Sentence",
    "Text",
    "about",
    "ago",
    "day",
    "day_names",
    "duration",
    "language",
    "listed",
    "say",
    "speak",
    "speaking",
    "words",
]
