from datetime import UTC, date, datetime, timedelta

import pytest

from supportbot.domain.experts.availability import (
    Availability,
    Misread,
    Reason,
    budget,
    described,
    is_timezone,
    may_be_asked,
    next_moment,
    read_change,
    zone_of,
)

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANYBODY = Availability()
OFFICE = Availability(days=(0, 1, 2, 3, 4), begins=540, ends=1020, timezone="Europe/Berlin")
NIGHT = Availability(days=(4,), begins=1320, ends=360)


def test_who_has_not_said_anything_is_asked_at_any_hour_within_the_groups_budget() -> None:
    assert may_be_asked(ANYBODY, 4, MONDAY) is None
    assert may_be_asked(ANYBODY, 5, MONDAY) is Reason.BUDGET
    assert may_be_asked(ANYBODY, 5, MONDAY, asks_per_week=6) is None


@pytest.mark.parametrize(
    ("asks_in_week", "reason"), [(0, None), (2, None), (3, Reason.BUDGET), (9, Reason.BUDGET)]
)
def test_nobody_is_asked_over_their_own_budget(asks_in_week: int, reason: Reason | None) -> None:
    assert may_be_asked(Availability(asks_a_week=3), asks_in_week, MONDAY) is reason


def test_a_budget_of_nothing_is_never() -> None:
    assert may_be_asked(Availability(asks_a_week=0), 0, MONDAY) is Reason.BUDGET


@pytest.mark.parametrize(
    ("unanswered", "left"), [(0, 5), (2, 5), (3, 2), (6, 1), (9, 1), (3_000, 1)]
)
def test_who_never_answers_is_asked_less_but_not_never(unanswered: int, left: int) -> None:
    assert budget(ANYBODY, unanswered=unanswered) == left


def test_who_is_never_asked_is_not_asked_more_for_never_answering() -> None:
    assert budget(Availability(asks_a_week=0), unanswered=3) == 0


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2026-03-02T07:59+00:00", Reason.HOURS),
        ("2026-03-02T08:00+00:00", None),
        ("2026-03-02T15:59+00:00", None),
        ("2026-03-02T16:00+00:00", Reason.HOURS),
        ("2026-03-07T12:00+00:00", Reason.HOURS),
        ("2026-07-06T07:00+00:00", None),
        ("2026-07-06T15:00+00:00", Reason.HOURS),
    ],
    ids=["early", "begins", "until", "ends", "Saturday", "summer", "summer evening"],
)
def test_hours_are_those_of_the_persons_own_clock(moment: str, reason: Reason | None) -> None:
    assert may_be_asked(OFFICE, 0, datetime.fromisoformat(moment)) is reason


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        ("2026-03-06T21:59+00:00", Reason.HOURS),
        ("2026-03-06T22:00+00:00", None),
        ("2026-03-07T05:59+00:00", None),
        ("2026-03-07T06:00+00:00", Reason.HOURS),
        ("2026-03-06T05:00+00:00", Reason.HOURS),
    ],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(
    moment: str, reason: Reason | None
) -> None:
    assert may_be_asked(NIGHT, 0, datetime.fromisoformat(moment)) is reason


def test_who_is_away_is_not_asked_before_the_day_on_which_they_are_back() -> None:
    away = Availability(away_until=date(2026, 3, 4))

    reasons = [may_be_asked(away, 0, MONDAY + timedelta(days=days)) for days in range(3)]

    assert reasons == [Reason.AWAY, Reason.AWAY, None]


def test_a_time_zone_that_this_machine_does_not_know_is_utc() -> None:
    gone = Availability(begins=540, ends=600, timezone="Mars/Olympus")

    assert may_be_asked(gone, 0, MONDAY) is None
    assert zone_of("") is UTC


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc", "/etc/passwd", "Europe", "a" * 300])
def test_what_is_no_time_zone_is_none(name: str) -> None:
    assert not is_timezone(name)


@pytest.mark.parametrize(
    ("availability", "moment"),
    [
        (ANYBODY, MONDAY),
        (Availability(begins=600, ends=660), MONDAY + timedelta(hours=1)),
        (Availability(begins=480, ends=500), MONDAY + timedelta(hours=23)),
        (Availability(days=(2,)), datetime(2026, 3, 4, tzinfo=UTC)),
        (Availability(away_until=date(2026, 5, 1)), datetime(2026, 5, 1, tzinfo=UTC)),
        (Availability(days=()), MONDAY),
    ],
    ids=["any", "later today", "tomorrow", "Wednesday", "away", "no day at all"],
)
def test_the_next_moment_is_the_first_within_their_hours(
    availability: Availability, moment: datetime
) -> None:
    assert next_moment(availability, MONDAY) == moment


@pytest.mark.parametrize(
    ("text", "availability"),
    [
        ("budget 3", Availability(asks_a_week=3)),
        ("BUDGET  0", Availability(asks_a_week=0)),
        ("hours 9-17", Availability(begins=540, ends=1020)),
        (
            "hours 9:30 - 17:15 Europe/Berlin",
            Availability(begins=570, ends=1035, timezone="Europe/Berlin"),
        ),
        ("hours 22-6", Availability(begins=1320, ends=360)),
        ("hours 0-24", Availability()),
        ("days mon-fri", Availability(days=(0, 1, 2, 3, 4))),
        ("days Sat-Mon", Availability(days=(0, 5, 6))),
        ("days monday, wed", Availability(days=(0, 2))),
        ("away 2026-12-24", Availability(away_until=date(2026, 12, 24))),
        ("topics ledger,  posting ,", Availability(topics=("ledger", "posting"))),
        ("not vat", Availability(refused=("vat",))),
    ],
)
def test_what_people_say_of_themselves_is_read(text: str, availability: Availability) -> None:
    assert read_change(text, ANYBODY) == availability


@pytest.mark.parametrize("text", ["hours always", "days all", "away no", "topics none", "not none"])
def test_what_was_said_can_be_taken_back(text: str) -> None:
    said = Availability(3, (1,), 540, 600, "", date(2026, 5, 1), ("ledger",), ("vat",))

    read = read_change(text, said)

    assert isinstance(read, Availability)
    assert read != said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("budget", "A budget is how often"),
        ("budget -1", "A budget is how often"),
        ("budget 101", "from 0 to 100"),
        ("budget ٣", "A budget is how often"),
        ("hours", "Hours are two times"),
        ("hours 9", "Hours are two times"),
        ("hours 9-25", "A day has no hours from 9-25"),
        ("hours 9:60-10", "A day has no hours"),
        ("hours 9-9", "A day has no hours"),
        ("hours 9-17 Berlin", "I don't know a time zone of that name"),
        ("days", "Days are mon, tue"),
        ("days mon-tue-wed", "Days are mon, tue"),
        ("days funday", "Days are mon, tue"),
        ("away", "the day you're back"),
        ("away soon", "the day you're back"),
        ("topics", "Name one to 20 topics"),
        ("topics ,,", "Name one to 20 topics"),
        ("not " + "x" * 81, "of up to 80 letters"),
        ("topics @everyone", "letters and digits"),
        ("topics [here](https://evil.example)", "letters and digits"),
        ("topics " + ",".join(map(str, range(21))), "Name one to 20 topics"),
        ("colour blue", "I understand budget, hours, days, away, topics, not"),
        ("", "I understand"),
    ],
)
def test_what_cannot_be_read_is_explained(text: str, says: str) -> None:
    read = read_change(text, ANYBODY)

    assert isinstance(read, Misread)
    assert says in read.sentence


@pytest.mark.parametrize(
    ("availability", "words"),
    [
        (ANYBODY, "I ask you at most 5 times a week. That can be at any hour of any day."),
        (
            Availability(asks_a_week=0),
            "I never ask you. That can be at any hour of any day.",
        ),
        (
            Availability(asks_a_week=1, days=(5, 6)),
            "I ask you at most once a week. Only on Sat and Sun.",
        ),
        (
            Availability(topics=("ledger",), refused=("vat", "tax")),
            (
                "I ask you at most 5 times a week. That can be at any hour of any day. "
                "Your topics: ledger. Not your topics: vat and tax."
            ),
        ),
    ],
)
def test_what_somebody_has_chosen_is_said_in_words(availability: Availability, words: str) -> None:
    assert str(described(availability, asks_per_week=5)) == words


def test_receipts_can_be_turned_off_and_on() -> None:
    off = read_change("receipts OFF", Availability())

    assert off == Availability(receipts=False)
    assert isinstance(off, Availability)
    assert "I don't tell you who your answers helped." in described(off, asks_per_week=5)
    assert read_change("receipts on", off) == Availability()
    assert isinstance(read_change("receipts maybe", Availability()), Misread)


@pytest.mark.parametrize(
    "text",
    [
        "budget 3; days mon-fri; topics ledger, posting",
        "budget 3\ndays mon-fri\ntopics ledger, posting",
        " budget 3 ;; days mon-fri;\n topics ledger, posting ; ",
    ],
)
def test_several_things_may_be_said_at_once(text: str) -> None:
    assert read_change(text, ANYBODY) == Availability(
        asks_a_week=3, days=(0, 1, 2, 3, 4), topics=("ledger", "posting")
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("budget 3; hours 9-99", "About hours: A day has no hours from 9-99."),
        ("budget 3; <!channel> 4", "About part 2: I understand budget, hours"),
    ],
)
def test_of_several_things_all_count_or_none_and_it_is_said_which_cannot_be_read(
    text: str, said: str
) -> None:
    read = read_change(text, ANYBODY)

    assert isinstance(read, Misread)
    assert str(read.sentence).startswith(said)


def test_a_budget_may_be_left_to_the_group_again() -> None:
    assert read_change("budget default", Availability(asks_a_week=2)) == ANYBODY
