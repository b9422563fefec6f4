from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.ladder import (
    Ask,
    AskOutcome,
    Climb,
    Due,
    LadderRules,
    Load,
    Move,
    PastAsk,
    Reached,
    Rung,
    asks_for,
    changed,
    claim_to_remind,
    due_event,
    left_behind,
    loads_of,
    may_wait,
    next_due,
    next_groups,
    unanswered_in_a_row,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = LadderRules()
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
QUESTION = Question(
    Place("slack", "T1", "help", "1"), MARIA, "How?", NOON, "", QuestionState.ROUTED, 0.1
)
ASK = Ask(QUESTION.id, "slack:U2", NOON, Rung.FIRST, name="Paul")


def reached(**rungs: datetime) -> Mapping[str, Reached]:
    """Return when rungs were reached; each waits two hours."""
    return {name: Reached(QUESTION.id, name, at, 2 * HOUR) for name, at in rungs.items()}


FIRST = Climb(QUESTION, (ASK,), reached(first=NOON))


def due(climb: Climb, *, now: datetime = NOON, **more: datetime) -> tuple[Move, datetime] | None:
    found = next_due(climb, RULES, now, **more)
    return None if found is None else (found.move, found.at)


def test_the_names_that_are_stored_stay() -> None:
    assert list(Rung)[:3] == ["first", "next", "helpers"]
    assert list(AskOutcome) == ["", "claimed", "passed", "refused", "answered", "quiet"]


def test_others_are_asked_after_the_wait_that_was_told() -> None:
    assert due(FIRST) == (Move.CLIMB, NOON + 2 * HOUR)


def test_the_wait_is_that_of_the_last_who_were_asked() -> None:
    climb = replace(FIRST, reached=reached(first=NOON, next=NOON + HOUR))

    assert due(climb) == (Move.CLIMB, NOON + 3 * HOUR)


@pytest.mark.parametrize("outcome", [AskOutcome.PASSED, AskOutcome.REFUSED])
def test_others_are_asked_at_once_when_all_have_declined(outcome: AskOutcome) -> None:
    climb = replace(FIRST, asks=(changed(ASK, outcome, NOON + HOUR),))

    assert due(climb) == (Move.CLIMB, NOON + HOUR)


def test_one_who_declines_does_not_hurry_the_others() -> None:
    other = replace(ASK, member_id="slack:U3")
    climb = replace(FIRST, asks=(changed(ASK, AskOutcome.PASSED, NOON + HOUR), other))

    assert due(climb) == (Move.CLIMB, NOON + 2 * HOUR)


def test_a_claim_stops_the_ladder_and_is_asked_about_after_a_day() -> None:
    climb = replace(FIRST, asks=(changed(ASK, AskOutcome.CLAIMED, NOON + HOUR),))

    assert due(climb) == (Move.REMIND, NOON + HOUR + DAY)
    to_remind = claim_to_remind(climb)
    assert to_remind is not None
    assert (to_remind[0].name, to_remind[1]) == ("Paul", NOON + HOUR + DAY)


def test_a_reminder_waits_for_their_hours_but_not_for_their_holidays() -> None:
    climb = replace(FIRST, asks=(changed(ASK, AskOutcome.CLAIMED, NOON),))

    assert due(climb, may_remind_at=NOON + 2 * DAY) == (Move.REMIND, NOON + 2 * DAY)
    assert due(climb, may_remind_at=NOON + 6 * DAY) == (Move.REOPEN, NOON + DAY)


def test_a_question_is_open_again_a_day_after_the_reminder() -> None:
    claim = replace(changed(ASK, AskOutcome.CLAIMED, NOON), reminded_at=NOON + DAY)
    climb = replace(FIRST, asks=(claim,))

    assert claim_to_remind(climb) is None
    assert due(climb) == (Move.REOPEN, NOON + 2 * DAY)


def test_after_an_answer_the_asker_is_asked_once_they_were_silent_for_a_day() -> None:
    answered = replace(FIRST, answered_at=NOON + HOUR)
    spoke = replace(answered, spoke_at=NOON + 2 * HOUR)
    checked = replace(answered, reached=reached(first=NOON, checked=NOON + 2 * DAY))

    assert due(answered) == (Move.CHECK, NOON + HOUR + DAY)
    assert due(spoke) == (Move.CHECK, NOON + 2 * HOUR + DAY)
    assert due(checked) == (Move.EXPIRE, NOON + 14 * DAY)


def test_an_answer_that_did_not_solve_it_stops_nothing_but_the_next_one_does() -> None:
    rungs = reached(first=NOON, checked=NOON + 2 * DAY, unsolved=NOON + 3 * DAY)
    unsolved = replace(FIRST, answered_at=NOON + HOUR, reached=rungs)
    again = replace(unsolved, answered_at=NOON + 4 * DAY)

    assert due(unsolved) == (Move.CLIMB, NOON + 2 * HOUR)
    assert (unsolved.is_answered, again.is_answered) == (False, True)
    assert due(again) == (Move.EXPIRE, NOON + 14 * DAY)


def test_on_the_open_list_it_stays_until_it_expires() -> None:
    climb = replace(FIRST, reached=reached(first=NOON, open=NOON + 5 * HOUR))

    assert due(climb) == (Move.EXPIRE, NOON + 14 * DAY)


def test_what_is_unsolved_after_all_is_told_to_stand_on_the_open_list_again() -> None:
    rungs = reached(first=NOON, open=NOON + 5 * HOUR, unsolved=NOON + DAY)
    begun_anew = replace(FIRST, reached=rungs)
    listed = replace(FIRST, reached={**rungs, **reached(open=NOON + DAY)})

    assert due(begun_anew) == (Move.CLIMB, NOON + 2 * HOUR)
    assert due(listed) == (Move.EXPIRE, NOON + 14 * DAY)


def test_what_has_expired_is_due_for_nothing_else() -> None:
    assert due(FIRST, now=NOON + 20 * DAY) == (Move.EXPIRE, NOON + 14 * DAY)


@pytest.mark.parametrize(
    "question",
    [
        replace(QUESTION, state=QuestionState.RESOLVED),
        replace(QUESTION, state=QuestionState.PAST),
        replace(QUESTION, state=QuestionState.EXPIRED),
        replace(QUESTION, state=QuestionState.ANSWERED),
        replace(QUESTION, asker=Author("slack", "", "somebody")),
    ],
    ids=["resolved", "past", "expired", "answered by the bot", "the asker is forgotten"],
)
def test_nothing_is_due_for_a_question_that_is_not_open(question: Question) -> None:
    assert due(replace(FIRST, question=question)) is None


def test_a_question_that_a_person_answered_under_the_bots_answer_is_asked_about() -> None:
    answered = replace(QUESTION, state=QuestionState.ANSWERED)

    assert due(Climb(answered, answered_at=NOON)) == (Move.CHECK, NOON + DAY)


def test_what_is_due_is_named_by_the_last_change_so_that_it_is_done_once() -> None:
    first = next_due(FIRST, RULES, NOON)
    same = next_due(FIRST, RULES, NOON + HOUR)
    later = next_due(
        replace(FIRST, asks=(changed(ASK, AskOutcome.PASSED, NOON + HOUR),)), RULES, NOON
    )
    assert first is not None
    assert same is not None
    assert later is not None

    ids = [due_event(QUESTION, one).event_id for one in (first, same, later)]

    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith(f"ladder:{QUESTION.id}/climb/")


def test_what_is_due_says_nothing_of_anybody() -> None:
    event = due_event(QUESTION, Due(Move.REMIND, NOON, NOON))

    assert (event.place, event.move, event.since, event.due_at) == (
        QUESTION.place,
        "remind",
        NOON,
        NOON,
    )


@pytest.mark.parametrize(
    ("rungs", "groups"),
    [
        ({}, (Rung.FIRST, Rung.HELPERS)),
        ({"later": NOON}, (Rung.FIRST, Rung.HELPERS)),
        ({"first": NOON}, (Rung.NEXT, Rung.HELPERS)),
        ({"helpers": NOON}, (Rung.FIRST,)),
        ({"first": NOON, "next": NOON}, (Rung.HELPERS,)),
        ({"first": NOON, "next": NOON, "helpers": NOON}, ()),
    ],
)
def test_each_rung_is_climbed_once(rungs: dict[str, datetime], groups: tuple[Rung, ...]) -> None:
    assert next_groups(Climb(QUESTION, reached=reached(**rungs))) == groups


def test_a_question_waits_a_day_for_those_who_sleep() -> None:
    assert may_wait(FIRST, NOON + 23 * HOUR)
    assert not may_wait(FIRST, NOON + 24 * HOUR)


def test_who_did_not_say_anything_is_left_behind_and_may_still_answer() -> None:
    answered = changed(replace(ASK, member_id="slack:U3"), AskOutcome.PASSED, NOON)
    (quiet,) = left_behind(replace(FIRST, asks=(ASK, answered)), NOON + HOUR)

    assert (quiet.member_id, quiet.outcome, quiet.changed_at) == ("slack:U2", "quiet", NOON + HOUR)


def test_a_group_is_asked_by_name() -> None:
    (ask,) = asks_for(QUESTION, [Referral(PAUL, "knows")], Rung.NEXT, NOON)

    assert ask == Ask(QUESTION.id, "slack:U2", NOON, "next", name="Paul")
    assert ask.author == PAUL


def test_an_ask_without_a_name_is_named_by_its_id() -> None:
    assert replace(ASK, name="").author == Author("slack", "U2", "U2")


def test_the_load_counts_a_week_and_what_was_left_in_a_row() -> None:
    asked = {
        "slack:U2": [
            PastAsk(NOON - 9 * DAY, "quiet"),
            PastAsk(NOON - 8 * DAY, "answered"),
            PastAsk(NOON - 3 * DAY, "quiet"),
            PastAsk(NOON - 2 * DAY, ""),
            PastAsk(NOON + DAY, "quiet"),
        ],
        "slack:U3": [PastAsk(NOON - 8 * DAY, "")],
    }

    assert loads_of(asked, NOON) == {"slack:U2": Load(3, 2), "slack:U3": Load(0, 0)}


def test_what_somebody_else_answered_first_is_not_held_against_anybody() -> None:
    assert unanswered_in_a_row([ASK, ASK, ASK]) == 0
