"""What people fill in about how they are asked, in words that `read_change` reads. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from supportbot.domain.experts.availability import Availability, Misread, read_change
from supportbot.domain.language.catalogue import day_names, say, words
from supportbot.domain.language.texts import Said

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As `read_change` reads them."""


def days() -> Mapping[str, str]:
    """Return the names of the days of the week, by how they are read."""
    return dict(zip(DAYS, day_names("wide"), strict=True))


def ways() -> Mapping[str, str]:
    """Return the ways in which somebody may be asked, by how they are read."""
    return {"here": words("form.ask_here"), "alone": words("form.ask_alone")}


Given = Mapping[str, Sequence[str]]
"""What was filled in, by the name of the field; a field that was not there is not in it.

`budget`, `from`, `to`, `zone`, `away` (a date), `topics`, `not` hold one text; `days`, `ask` and
`receipts` what was chosen.
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody has filled in about themselves."""

    change: str = ""
    """In words that `read_change` reads; empty when nothing is different."""
    errors: Mapping[str, Said] = field(default_factory=dict)
    """What cannot be read, by the field under which it is said."""


def filled(given: Given, known: Availability) -> Filled:
    """Read what somebody has filled in.

    Args:
        given: The fields that were there.
        known: What had been chosen before.
    """
    changes: list[str] = []
    errors: dict[str, Said] = {}
    for name, said in _said(given, known):
        read = read_change(said, known)
        if isinstance(read, Misread) or ";" in said:
            errors[name] = read.sentence if isinstance(read, Misread) else say("misread.semicolon")
        elif read != known:
            changes.append(said)
    if not errors and "days" in given and not given["days"]:
        errors["days"] = say("misread.no_days")
    return Filled(errors=errors) if errors else Filled("; ".join(changes))


def _said(given: Given, known: Availability) -> Iterator[tuple[str, str]]:
    if "budget" in given:
        yield "budget", f"budget {_text(given, 'budget') or 'default'}"
    if "from" in given:
        yield from _hours_said(given, known)
    if days := given.get("days"):
        yield "days", f"days {', '.join(days)}"
    if "away" in given:
        yield "away", f"away {_text(given, 'away') or 'no'}"
    for name in ("topics", "not"):
        if name in given:
            yield name, f"{name} {_text(given, name) or 'none'}"
    for way in given.get("ask", ()):
        yield "ask", f"ask {way}"
    if "receipts" in given:
        yield "receipts", f"receipts {'on' if given['receipts'] else 'off'}"


def _hours_said(given: Given, known: Availability) -> Iterator[tuple[str, str]]:
    begins, ends, zone = (_text(given, name) for name in ("from", "to", "zone"))
    if not begins and not ends:
        yield "from", "hours always"
        return
    zone = zone or known.timezone or "UTC"
    hours = f"{begins or '0'}-{ends or '24'}"
    is_of_zone = isinstance(read_change(f"hours {hours} UTC", known), Availability)
    # Who has named no zone is in UTC, and stays so without a name.
    is_as_it_is = zone == "UTC" and not known.timezone
    yield "zone" if is_of_zone else "from", f"hours {hours}{'' if is_as_it_is else f' {zone}'}"


def _text(given: Given, name: str) -> str:
    return " ".join(" ".join(given.get(name, ())).split())
