from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.chat.members import Author
from supportbot.domain.experts.expert import Expert
from supportbot.domain.experts.expertise import FEATURES, Appraisal
from supportbot.domain.experts.routing import (
    SHIPPED,
    Candidate,
    Courtesy,
    ExpertModel,
    enough_of,
    evidence_of,
    evidence_of_silence,
    load_of,
    rank,
    reason_of,
)

PAUL = Author("slack", "U2", "Paul")
MARCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAY = datetime(2025, 5, 17, 9, 0, tzinfo=UTC)
ACTIVE = "said in 7 days"
SPECIAL = "answers mostly near questions"
MODEL = ExpertModel(-1.0, tuple(float(name == ACTIVE) for name in FEATURES))
NOTHING_ELSE = Courtesy(load=0.5, specialist=0.0)


def person(
    member_id: str, active: float = 0.0, special: float = 0.0, *, is_newcomer: bool = False
) -> Appraisal:
    values = {ACTIVE: active, SPECIAL: special}
    features = tuple(values.get(name, 0.0) for name in FEATURES)
    return Appraisal(member_id, features, is_newcomer=is_newcomer)


def order(*people: Appraisal, courtesy: Courtesy = NOTHING_ELSE, **loads: float) -> list[str]:
    return [one.member_id for one in rank(people, MODEL, loads, courtesy)]


def test_who_most_likely_answers_comes_first() -> None:
    assert order(person("a", 1), person("b", 3), person("c", 2)) == ["b", "c", "a"]


def test_of_equals_the_order_is_always_the_same() -> None:
    assert order(person("b"), person("a")) == order(person("a"), person("b")) == ["a", "b"]


def test_who_was_asked_much_of_late_comes_later() -> None:
    assert order(person("a", 3), person("b", 2.9), a=5.0) == ["b", "a"]


def test_load_takes_nothing_from_the_chance_that_is_told() -> None:
    (tired,) = rank([person("a", 3)], MODEL, {"a": 5.0}, NOTHING_ELSE)

    assert tired.courteous < tired.logit
    assert tired.chance == pytest.approx(0.881, abs=0.001)  # of log-odds 2


def test_an_ask_weighs_half_after_a_week() -> None:
    week = timedelta(days=7)

    assert load_of([], MARCH) == 0.0
    assert load_of([MARCH, MARCH - week], MARCH) == pytest.approx(1.5)
    assert load_of([MARCH - 2 * week], MARCH) == pytest.approx(0.25)


def test_who_says_nothing_when_they_are_asked_is_less_and_less_likely_to_answer() -> None:
    assert evidence_of_silence(0) == 0.0
    assert evidence_of_silence(1) == pytest.approx(-0.693, abs=0.001)  # half the odds
    assert evidence_of_silence(9) == pytest.approx(-2.303, abs=0.001)  # a tenth


def test_the_third_is_a_specialist() -> None:
    courtesy = Courtesy(load=0.0, specialist=1.0)
    people = [person("a", 4), person("b", 3), person("c", 2), person("d", 1.9, special=0.5)]

    assert order(*people, courtesy=courtesy) == ["a", "b", "d", "c"]


def test_a_specialist_who_never_answers_is_not_asked_before_many_better_ones() -> None:
    courtesy = Courtesy(load=0.0, specialist=1.0)
    crowd = [person(f"c{n}", 4 - n / 100) for n in range(20)]

    assert "d" not in order(*crowd, person("d", 0, special=9), courtesy=courtesy)[:3]


def test_nobody_is_ranked_among_nobody() -> None:
    assert order() == []
    assert order(person("a")) == ["a"]


def test_what_people_told_of_themselves_counts() -> None:
    told = {"b": 2.0}

    ranked = rank([person("a", 1), person("b")], MODEL, {}, NOTHING_ELSE, told=told)

    assert [one.member_id for one in ranked] == ["b", "a"]


def test_nobody_is_asked_beside_one_who_answers_almost_surely() -> None:
    sure = Candidate("a", 5.0, 5.0)
    unsure = Candidate("b", -1.0, -1.0)

    assert enough_of([sure, unsure]) == [sure]
    assert enough_of([unsure] * 9) == [unsure] * 3
    assert enough_of([unsure] * 9, limit=2) == [unsure] * 2


def test_a_near_topic_and_answers_outside_the_record_are_evidence() -> None:
    knows = Expert(PAUL, "ledger", 0.5, ((0.75, MARCH),))

    assert evidence_of(knows, has_record=True) == pytest.approx(1.5)
    assert evidence_of(knows, has_record=False) == pytest.approx(4.5)
    assert evidence_of(Expert(PAUL, "printer", 0.1), has_record=True) == 0


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (((0.8, MARCH),), "you answered a question like this on 2 March 2026"),
        (((0.8, None),), "you've answered a question like this"),
        (((0.8, MAY), (0.6, MARCH)), "you've answered 2 questions like this, last on 2 March 2026"),
        (((0.8, MAY), (0.3, MARCH)), "you answered a question like this on 17 May 2025"),
    ],
)
def test_near_answers_are_the_reason(
    answers: tuple[tuple[float, datetime | None], ...], reason: str
) -> None:
    expert = Expert(PAUL, "ledger", 0.7, answers)

    assert reason_of(expert, answers_here=4, has_helped=True) == reason


def test_without_near_answers_the_next_best_true_thing_is_the_reason() -> None:
    expert = Expert(PAUL, "ledger", 0.7)
    far = replace(expert, topic_similarity=0.1)

    assert str(reason_of(expert, answers_here=4, has_helped=True)) == "you listed: ledger"
    assert reason_of(far, answers_here=4, has_helped=True) == (
        "you've answered 4 questions in this channel in the last 30 days"
    )
    assert reason_of(far, answers_here=1, has_helped=True) == (
        "you've answered a question in this channel in the last 30 days"
    )
    assert reason_of(far, answers_here=0, has_helped=True) == "you've helped them before"
    assert reason_of(far, answers_here=0, has_helped=False) == "you've answered questions here"


def test_a_model_of_other_features_is_refused() -> None:
    with pytest.raises(ValueError, match="one for each feature"):
        ExpertModel(0.0, (1.0,))


def test_the_shipped_model_prefers_who_was_heard_of_lately() -> None:
    silent = FEATURES.index("silent")
    lately = person("a").features
    long_ago = (*lately[:silent], 10.0, *lately[silent + 1 :])

    assert SHIPPED.logit(lately) > SHIPPED.logit(long_ago)


@given(logit=st.floats(allow_nan=False))
def test_a_chance_is_a_probability(logit: float) -> None:
    assert 0 <= Candidate("a", logit, logit).chance <= 1


def test_an_easy_question_gives_the_third_place_to_a_newcomer_who_answers_well() -> None:
    people = [person("a", 5), person("b", 4), person("c", 3, special=9)]

    assert order(*people, person("new", 2, is_newcomer=True)) == ["a", "b", "new", "c"]


def test_only_one_place_goes_to_a_newcomer() -> None:
    people = [person("a", 5), person("first", 4, is_newcomer=True), person("c", 3)]

    assert order(*people, person("second", 2, is_newcomer=True))[:3] == ["a", "first", "c"]


def test_a_newcomer_far_behind_the_others_gets_no_place() -> None:
    people = [person(f"p{number:02}", 30 - number) for number in range(20)]

    assert order(*people, person("new", is_newcomer=True))[2] == "p02"


def test_a_newcomer_is_asked_also_where_the_best_would_be_enough() -> None:
    ranked = [
        Candidate("a", 5.0, 5.0),
        Candidate("b", 4.0, 4.0),
        Candidate("new", 0.0, 0.0, is_newcomer=True),
    ]

    assert [one.member_id for one in enough_of(ranked)] == ["a", "new"]
    assert [one.member_id for one in enough_of(ranked, limit=2)] == ["a"]


@pytest.mark.parametrize(
    ("good", "reason"),
    [
        (1, "you're new here and gave a good answer"),
        (2, "you're new here and gave 2 good answers"),
    ],
)
def test_a_newcomer_is_told_so(good: int, reason: str) -> None:
    assert reason_of(Expert(PAUL), answers_here=3, has_helped=True, good_answers=good) == reason
