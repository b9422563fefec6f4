from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.chat.audiences import COMMUNITY, Audience
from supportbot.domain.experts import expertise as expertise_module
from supportbot.domain.experts.expertise import (
    CANDIDATES,
    FEATURES,
    Answered,
    Appraisal,
    Asking,
    Expertise,
    Step,
    Utterance,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARIA, PAUL, LENA = "slack:U1", "slack:U2", "slack:U3"
HELP, BOARD = "slack/T1/help", "slack/T1/board"
BOARD_ONLY = Audience("place:slack/T1/board")


def said(who: str, days_ago: float, where: str = HELP, thread: str = "") -> Step:
    return Step(Utterance(who, where, NOW - timedelta(days=days_ago), thread))


def helped(
    who: str, days_ago: float, question: str = "How do I close the ledger?", **fields: str
) -> Step:
    moment = NOW - timedelta(days=days_ago)
    where = fields.get("where", HELP)
    audience = Audience(fields.get("audience", COMMUNITY))
    id_ = fields.get("id", f"{question}/{days_ago}")
    answered = Answered(who, fields.get("asker", MARIA), where, id_, moment, question, audience)
    return Step(Utterance(who, where, moment, id_), answered)


def appraised(
    *steps: Step, text: str = "Why is the ledger not closing?", **asked: object
) -> dict[str, Appraisal]:
    expertise = Expertise()
    for step in steps:
        expertise.learn(step)
    asking = Asking(text, MARIA, HELP, NOW, **asked)  # type: ignore[arg-type]
    return {one.member_id: one for one in expertise.appraise(asking)}


def feature(one: Appraisal, name: str) -> float:
    return one.features[FEATURES.index(name)]


def test_nobody_is_known_before_anything_was_said() -> None:
    assert appraised() == {}


def test_who_may_not_be_asked_is_left_out_and_changes_nothing_for_the_others() -> None:
    expertise = Expertise()
    for step in (said(PAUL, 2), helped(LENA, 1), said(LENA, 1)):
        expertise.learn(step)
    asking = Asking("Why is the ledger not closing?", MARIA, HELP, NOW)

    some = expertise.appraise(asking, also=[PAUL], may_be_asked=lambda who: who == LENA)

    assert some == [one for one in expertise.appraise(asking) if one.member_id == LENA]


def test_the_asker_is_no_candidate() -> None:
    assert list(appraised(said(MARIA, 1), said(PAUL, 1))) == [PAUL]


def test_what_was_said_lately_counts_for_more() -> None:
    found = appraised(said(PAUL, 30), said(LENA, 1))

    assert feature(found[LENA], "said in 30 days") > feature(found[PAUL], "said in 30 days")
    assert feature(found[LENA], "silent") < feature(found[PAUL], "silent")


def test_after_a_half_life_half_is_left() -> None:
    found = appraised(said(PAUL, 30))

    assert feature(found[PAUL], "said in 30 days") == pytest.approx(0.405, abs=0.001)  # ln 1.5


def test_what_was_said_elsewhere_does_not_count_as_said_here() -> None:
    found = appraised(said(PAUL, 1, BOARD))

    assert feature(found[PAUL], "said in 7 days") > 0
    assert feature(found[PAUL], "said here in 7 days") == 0


def test_who_answered_a_question_with_the_same_rare_words_has_answered_near() -> None:
    found = appraised(
        helped(PAUL, 3), helped(LENA, 3, "Which printer can do labels?", id="printer")
    )

    assert feature(found[PAUL], "answered near questions") > 0
    assert feature(found[LENA], "answered near questions") == 0
    assert found[PAUL].near == (NOW - timedelta(days=3),)


def test_who_answers_only_such_questions_is_more_of_a_specialist() -> None:
    others = [helped(PAUL, 9, f"Which printer number {n}?", id=f"p{n}") for n in range(9)]
    found = appraised(*others, helped(PAUL, 3, id="l1"), helped(LENA, 3, id="l2"))

    special = "answers mostly near questions"
    assert feature(found[LENA], special) > feature(found[PAUL], special)


def test_what_was_answered_in_private_speaks_for_nobody_outside() -> None:
    private = helped(PAUL, 3, audience=BOARD_ONLY)

    assert feature(appraised(private)[PAUL], "answered near questions") == 0
    seen = appraised(private, audiences=frozenset({COMMUNITY, BOARD_ONLY}))
    assert feature(seen[PAUL], "answered near questions") > 0


def test_helping_twice_in_one_question_counts_once() -> None:
    once = appraised(helped(PAUL, 3, id="1"))
    twice = appraised(helped(PAUL, 3, id="1"), helped(PAUL, 2.9, id="1"))

    answered = "answered in 30 days"
    assert feature(twice[PAUL], answered) == feature(once[PAUL], answered)


def test_who_helped_the_asker_before_is_known() -> None:
    found = appraised(helped(PAUL, 3), helped(LENA, 3, asker=PAUL, id="2"))

    assert feature(found[PAUL], "helped the asker") > 0
    assert feature(found[LENA], "helped the asker") == 0


def test_thanks_count_for_the_one_who_is_thanked() -> None:
    thanks = Step(Utterance(MARIA, HELP, NOW - timedelta(days=1)), thanked=PAUL)

    found = appraised(said(PAUL, 2), said(LENA, 2), thanks)

    assert feature(found[PAUL], "thanked in 180 days") > 0
    assert feature(found[LENA], "thanked in 180 days") == 0


def test_who_speaks_at_this_hour_and_weekday_is_told_from_who_does_not() -> None:
    night = [said(LENA, week * 7 + 3.5) for week in range(1, 9)]
    morning = [said(PAUL, week * 7) for week in range(1, 9)]

    found = appraised(*night, *morning)

    for name in ("speaks at this hour", "speaks on this weekday"):
        assert feature(found[PAUL], name) > 0 > feature(found[LENA], name)


def test_who_opened_the_thread_and_who_speaks_in_it_are_known() -> None:
    found = appraised(said(LENA, 0.2, thread="t"), said(PAUL, 0.1, thread="t"), thread="t")

    assert feature(found[LENA], "opened the thread") == 1
    assert feature(found[PAUL], "opened the thread") == 0
    assert feature(found[PAUL], "silent in the thread") < feature(
        found[LENA], "silent in the thread"
    )


def test_of_the_conversations_those_in_which_somebody_spoke_last_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expertise_module, "_THREADS", 2)
    talk = [said(PAUL, 5 - n, thread=name) for n, name in enumerate(["a", "b", "a", "c"])]

    remembered = {
        thread: feature(appraised(*talk, thread=thread)[PAUL], "opened the thread")
        for thread in ("a", "b", "c")
    }

    assert remembered == {"a": 1, "b": 0, "c": 1}


def test_who_is_named_is_known() -> None:
    found = appraised(said(PAUL, 1), said(LENA, 1), mentions=frozenset({LENA}))

    assert feature(found[LENA], "is named") == 1
    assert feature(found[PAUL], "is named") == 0


def test_of_many_people_those_who_spoke_last_are_looked_at_and_those_who_know() -> None:
    crowd = [said(f"slack:C{n}", 1) for n in range(CANDIDATES + 50)]

    found = appraised(helped(PAUL, 900), *crowd)

    assert len(found) == CANDIDATES + 1
    assert PAUL in found


def test_answers_are_counted_for_a_channel_and_a_time() -> None:
    expertise = Expertise()
    for step in (helped(PAUL, 40, id="1"), helped(PAUL, 3, id="2"), helped(PAUL, 2, id="3")):
        expertise.learn(step)
    since = NOW - timedelta(days=30)

    assert expertise.count_answers(PAUL, HELP, since=since) == 2
    assert expertise.count_answers(PAUL, BOARD, since=since) == 0
    assert expertise.has_answered(PAUL)
    assert expertise.has_helped(PAUL, MARIA)
    assert not expertise.has_answered(PAUL, frozenset({BOARD_ONLY}))
    assert not expertise.has_helped(PAUL, MARIA, frozenset({BOARD_ONLY}))
    assert not expertise.has_helped(MARIA, PAUL)


@given(text=st.text(), asked=st.text())
def test_any_text_gives_finite_features(text: str, asked: str) -> None:
    for one in appraised(helped(PAUL, 1, asked), text=text).values():
        assert len(one.features) == len(FEATURES)
        assert all(abs(value) < 1_000 for value in one.features)


def test_questions_are_alike_as_far_as_they_share_rare_words() -> None:
    expertise = Expertise()
    for number in range(40):
        expertise.learn(helped(PAUL, number, f"How do I print the labels of box {number}?"))

    same, near, other, nothing = expertise.likeness(
        "How do I close the ledger?",
        ["How do I close the ledger?", "Ledger: close it soon", "How do I fold the boxes?", "?"],
    )

    assert same == 1.0
    assert 0.5 < near < 1.0
    assert other == nothing == 0.0


def answers(who: str, day: float, question: str, *, after: float = 0.5) -> Step:
    """Somebody answers so many days ago, so many hours after it was asked."""
    step = helped(who, day, question, id=f"{question} {day}")
    assert step.answered is not None
    asked_at = step.said.said_at - timedelta(hours=after)
    return replace(step, answered=replace(step.answered, asked_at=asked_at))


def ledger(*, after: float = 0.5, people: int = 4, days: int = 4) -> list[Step]:
    """Several people answer several questions about the ledger, over half a year."""
    asked = "Why is the ledger not closing"
    return [
        answers(f"slack:E{day % people}", 200.0 - 40 * day, f"{asked} {day}?", after=after)
        for day in range(days)
    ]


def newcomers(*steps: Step, text: str = "Why is the ledger not closing?") -> list[str]:
    found = appraised(*sorted(steps, key=lambda step: step.said.said_at), text=text)
    return [one.member_id for one in found.values() if one.is_newcomer]


ANA = "slack:U7"
THANKED = replace(answers(ANA, 9, "Which printer?"), thanked=ANA)


def test_who_is_new_and_has_answered_well_is_a_newcomer_for_an_easy_question() -> None:
    assert newcomers(*ledger(), THANKED) == [ANA]


def test_nobody_is_a_newcomer_for_a_question_that_few_like_it_were_answered_before() -> None:
    assert newcomers(*ledger(), THANKED, text="How do I fold a map?") == []
    assert newcomers(*ledger(days=2), THANKED) == []


def test_what_took_long_or_was_answered_by_few_is_not_easy() -> None:
    assert newcomers(*ledger(after=3), THANKED) == []
    assert newcomers(*ledger(people=3), THANKED) == []


def test_who_was_never_thanked_is_not_offered_easy_questions() -> None:
    assert newcomers(*ledger(), replace(THANKED, thanked="")) == []


def test_who_has_been_here_for_long_is_no_newcomer() -> None:
    assert newcomers(*ledger(), THANKED, said(ANA, 100)) == []


def test_who_has_answered_much_is_no_newcomer() -> None:
    many = [answers(ANA, 8 - number / 10, f"Which page {number}?") for number in range(10)]

    assert newcomers(*ledger(), THANKED, *many[1:]) == [ANA]
    assert newcomers(*ledger(), THANKED, *many) == []


def test_nobody_is_new_in_a_record_that_has_only_begun() -> None:
    asked = "Why is the ledger not closing"
    lately = [answers(f"slack:E{n}", 80 - n, f"{asked} {n}?") for n in range(4)]

    assert newcomers(*lately, THANKED) == []
    assert newcomers(*lately, THANKED, said(MARIA, 91)) == [ANA]


def test_good_answers_are_counted_by_conversation() -> None:
    expertise = Expertise()
    for step in (THANKED, THANKED, replace(answers(ANA, 8, "Which page?"), thanked=ANA)):
        expertise.learn(step)

    assert expertise.count_good_answers(ANA) == 2
    assert expertise.count_good_answers(PAUL) == 0


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_a_share_and_goes_both_ways(one: str, other: str) -> None:
    expertise = Expertise()

    (there,), (back,) = expertise.likeness(one, [other]), expertise.likeness(other, [one])

    assert 0.0 <= there <= 1.0
    assert there == pytest.approx(back)
