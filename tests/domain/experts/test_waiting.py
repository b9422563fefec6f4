from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.experts.ladder import LadderRules
from supportbot.domain.experts.waiting import FirstAnswer, Wait, first_answer, wait_for
from supportbot.domain.language.catalogue import duration

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def answered(minutes: float, asked_at: datetime = MORNING) -> FirstAnswer:
    return FirstAnswer(asked_at, minutes * 60)


def unanswered(minutes: float, asked_at: datetime = MORNING) -> FirstAnswer:
    return FirstAnswer(asked_at, minutes * 60, is_answered=False)


@pytest.mark.parametrize("count", [0, 19])
def test_a_group_of_which_little_is_known_waits_two_hours_and_says_nothing_of_itself(
    count: int,
) -> None:
    assert wait_for([answered(1)] * count, MORNING) == Wait(2 * HOUR)


def test_what_is_told_is_when_seven_of_ten_were_answered() -> None:
    answers = [answered(minutes) for minutes in range(1, 51)]

    assert wait_for(answers, MORNING) == Wait(35 * MINUTE, "weekday mornings")


def test_a_question_without_an_answer_yet_counts_for_as_long_as_it_stands() -> None:
    answers = [answered(10)] * 40 + [answered(60)] * 20
    lately = [unanswered(30)] * 40

    # Without those that still stand, 67 % were answered after 10 minutes. With them it is 40 %: all
    # that were seen for an hour were answered by then, and so are they likely to be.
    assert wait_for(answers + lately, MORNING).time == 60 * MINUTE
    assert wait_for(answers[:50], MORNING).time == 15 * MINUTE


def test_the_product_limit_gives_what_a_textbook_gives() -> None:
    # Freireich's leukaemia patients under 6-MP (Kaplan-Meier at 6, 7, 10, 13, 16, 22 and 23 weeks:
    # .857, .807, .753, .690, .627, .538, .448), weeks as minutes: 70 % of the 55.2 % that ended by
    # week 23 had ended by week 22 (46.2 of 55.2), and by week 16 only 37.3 of 55.2.
    ends = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    answers = [answered(m) for m in ends] * 3 + [unanswered(m) for m in censored] * 3

    wait = wait_for(answers, MORNING)

    assert wait.time == 25 * MINUTE


def test_parts_of_the_day_and_the_week_have_waits_of_their_own() -> None:
    answers = [answered(20)] * 200 + [answered(600, EVENING)] * 200 + [answered(300, SUNDAY)] * 200

    waits = [wait_for(answers, moment) for moment in (MORNING, EVENING, SUNDAY)]

    assert [wait.usually for wait in waits] == [
        "weekday mornings",
        "weekday evenings",
        "weekend mornings",
    ]
    assert waits[0].time < waits[2].time < waits[1].time


def test_a_part_of_which_little_is_known_is_drawn_to_the_whole_and_not_named() -> None:
    answers = [answered(20)] * 200 + [answered(600, EVENING)] * 5

    wait = wait_for(answers, EVENING)

    assert (wait.time, wait.usually) == (20 * MINUTE, "")


def test_the_parts_of_the_day_are_those_of_the_groups_time_zone() -> None:
    answers = [answered(30)] * 50

    wait = wait_for(answers, MORNING, LadderRules(timezone="Asia/Tokyo"))

    assert wait.usually == "weekday evenings"


def test_others_are_not_asked_in_a_hurry_nor_after_days() -> None:
    assert wait_for([answered(1)] * 50, MORNING).time == 15 * MINUTE
    slow = wait_for([answered(5_000)] * 50, MORNING)
    assert slow == Wait(DAY)
    rules = LadderRules(shortest_wait=HOUR, longest_wait=HOUR)
    assert wait_for([], MORNING, rules).time == HOUR


@pytest.mark.parametrize(
    ("minutes", "told"), [(31, 35), (60, 60), (61, 90), (119, 120), (121, 180), (200, 240)]
)
def test_the_wait_is_rounded_up_to_what_people_say(minutes: int, told: int) -> None:
    assert wait_for([answered(minutes)] * 50, MORNING).time == told * MINUTE


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (15 * MINUTE, "15 minutes"),
        (HOUR, "1 hour"),
        (90 * MINUTE, "90 minutes"),
        (DAY, "24 hours"),
    ],
)
def test_a_time_is_said_in_words(time: timedelta, words: str) -> None:
    assert duration(time) == words


def test_an_answer_after_weeks_is_none_and_one_from_before_took_no_time() -> None:
    longest = 14 * DAY.total_seconds()

    assert first_answer(MORNING, MORNING + 30 * DAY, EVENING) == FirstAnswer(
        MORNING, longest, is_answered=False
    )
    assert first_answer(MORNING, MORNING - HOUR, EVENING) == FirstAnswer(MORNING, 0.0)
    assert first_answer(MORNING, None, EVENING) == FirstAnswer(
        MORNING, 11 * 3_600, is_answered=False
    )
