from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.knowledge.decision import Calibration, DecisionKind, decide
from supportbot.domain.knowledge.documents import Background, Match
from supportbot.domain.knowledge.recalibration import Correction

# A confidence of one half at a cosine of 0.5, and nearly 0 and 1 at 0 and 1.
CALIBRATION = Calibration("m", -10.0, 20.0, answer_threshold=0.8, suggest_threshold=0.4)


def match(cosine: float, document_id: str = "a:1", *, score: float = 1.0) -> Match:
    return Match(document_id, "T", "", "a", "", "", "", None, "Text", score, cosine)


def test_a_cosine_where_the_curve_crosses_its_middle_helps_every_second_time() -> None:
    assert CALIBRATION.confidence(0.5) == 0.5


def test_a_cosine_higher_on_the_curve_is_a_higher_probability() -> None:
    assert CALIBRATION.confidence(0.6) == pytest.approx(0.880797, abs=1e-6)


@pytest.mark.parametrize(("intercept", "expected"), [(-1000.0, 0.0), (1000.0, 1.0)])
def test_a_very_steep_curve_still_gives_a_probability(intercept: float, expected: float) -> None:
    calibration = Calibration("m", intercept, 1.0, 0.8, 0.4)

    assert calibration.confidence(0.5) == pytest.approx(expected)


def test_a_likely_match_is_the_answer() -> None:
    decision = decide([match(0.7)], CALIBRATION)

    assert decision.kind is DecisionKind.ANSWER
    assert decision.confidence == pytest.approx(0.982014, abs=1e-6)


def test_a_possible_match_is_suggested() -> None:
    decision = decide([match(0.5)], CALIBRATION)

    assert decision.kind is DecisionKind.SUGGEST
    assert [shown.confidence for shown in decision.shown] == [0.5]


def test_an_unlikely_match_is_considered_but_not_shown() -> None:
    decision = decide([match(0.3)], CALIBRATION)

    assert decision.kind is DecisionKind.ROUTE
    assert decision.shown == ()
    assert [considered.document_id for considered in decision.matches] == ["a:1"]


def test_without_matches_people_are_asked_and_the_bot_is_not_sure_at_all() -> None:
    decision = decide([], CALIBRATION)

    assert decision.kind is DecisionKind.ROUTE
    assert decision.confidence == 0.0


def test_a_confidence_just_at_the_answer_threshold_is_enough_to_answer() -> None:
    calibration = Calibration("m", -10.0, 20.0, answer_threshold=0.5, suggest_threshold=0.4)

    assert decide([match(0.5)], calibration).kind is DecisionKind.ANSWER


def test_a_confidence_just_at_the_suggest_threshold_is_enough_to_be_shown() -> None:
    calibration = Calibration("m", -10.0, 20.0, answer_threshold=0.8, suggest_threshold=0.5)

    assert decide([match(0.5)], calibration).kind is DecisionKind.SUGGEST


def test_what_is_near_to_everything_is_less_likely_to_help() -> None:
    calibration = replace(CALIBRATION, background_slope=-10.0)
    usual, everyday = Background(0.1, 10_000), Background(0.4, 10_000)

    assert calibration.confidence(0.6, usual) > calibration.confidence(0.6, everyday)


def test_the_usual_background_counts_where_there_is_little_knowledge() -> None:
    calibration = replace(CALIBRATION, background_slope=-10.0, usual_background=0.1)

    nothing = calibration.confidence(0.6)
    little = calibration.confidence(0.6, Background(0.3, 50))
    much = calibration.confidence(0.6, Background(0.3, 10**9))

    assert nothing == pytest.approx(calibration.confidence(0.6, Background(0.1, 10**9)))
    assert little == pytest.approx(calibration.confidence(0.6, Background(0.2, 10**9)))
    assert nothing > little > much


def test_a_match_is_as_likely_as_its_background_says() -> None:
    calibration = replace(CALIBRATION, background_slope=-10.0)
    background = Background(0.2, 500)

    decision = decide([replace(match(0.7), background=background)], calibration)

    assert decision.confidence == calibration.confidence(0.7, background)


@pytest.mark.parametrize("other", [{"other_version": "AX 2012"}, {"other_language": "German"}])
def test_another_version_or_language_leaves_a_tenth_of_the_odds(other: dict[str, str]) -> None:
    found = replace(match(0.5), **other)  # type: ignore[arg-type]  # both are words

    assert decide([found], CALIBRATION).confidence == pytest.approx(1 / 11)


def test_the_likeliest_match_comes_first_even_when_the_words_ranked_another_higher() -> None:
    matches = [match(0.6, "a:words", score=0.9), match(0.8, "a:meaning", score=0.7)]

    decision = decide(matches, CALIBRATION)

    assert [shown.document_id for shown in decision.shown] == ["a:meaning", "a:words"]


def test_every_match_that_reaches_the_answer_threshold_is_shown() -> None:
    decision = decide([match(0.7, "a:1"), match(0.9, "a:2")], CALIBRATION)

    assert [shown.document_id for shown in decision.shown] == ["a:2", "a:1"]


def test_only_the_best_few_are_considered() -> None:
    matches = [match(0.7, "a:1"), match(0.7, "a:2"), match(0.9, "a:3")]

    decision = decide(matches, CALIBRATION, limit=2)

    assert [considered.document_id for considered in decision.matches] == ["a:1", "a:2"]


def test_beside_an_answer_only_other_answers_are_shown() -> None:
    decision = decide([match(0.7, "a:1"), match(0.5, "a:2"), match(0.1, "a:3")], CALIBRATION)

    assert [shown.document_id for shown in decision.shown] == ["a:1"]


def test_what_the_votes_correct_is_decided_on_and_the_chance_before_it_is_kept() -> None:
    decision = decide([match(0.7)], CALIBRATION, correction=Correction(-4.0))

    assert decision.kind is DecisionKind.SUGGEST
    assert decision.confidence == pytest.approx(0.5)
    assert decision.matches[0].confidence == pytest.approx(0.5)
    assert decision.matches[0].chance == pytest.approx(0.982014, abs=1e-6)
    assert decision.model == "m"


COSINES = st.lists(st.floats(-1, 1), max_size=6)
PROBABILITIES = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted)


@settings(max_examples=60, deadline=None)
@given(COSINES, PROBABILITIES)
def test_no_match_below_the_suggest_threshold_is_shown(
    cosines: list[float], thresholds: list[float]
) -> None:
    suggest, answer = thresholds
    calibration = Calibration("m", -6.0, 10.0, answer, suggest)

    decision = decide([match(cosine) for cosine in cosines], calibration)

    assert all(shown.confidence >= suggest for shown in decision.shown)
    assert set(decision.shown) <= set(decision.matches)


@settings(max_examples=60, deadline=None)
@given(COSINES, PROBABILITIES)
def test_it_answers_exactly_when_the_likeliest_reaches_the_answer_threshold(
    cosines: list[float], thresholds: list[float]
) -> None:
    suggest, answer = thresholds
    calibration = Calibration("m", -6.0, 10.0, answer, suggest)

    decision = decide([match(cosine) for cosine in cosines], calibration)

    likely = [m for m in decision.matches if m.confidence >= answer]
    assert (decision.kind is DecisionKind.ANSWER) == bool(likely)


@settings(max_examples=60, deadline=None)
@given(COSINES, st.integers(1, 5))
def test_no_more_than_the_limit_is_shown_likeliest_first(cosines: list[float], limit: int) -> None:
    decision = decide([match(cosine) for cosine in cosines], CALIBRATION, limit=limit)

    confidences = [shown.confidence for shown in decision.shown]
    assert len(confidences) <= limit
    assert confidences == sorted(confidences, reverse=True)


def test_what_came_with_an_export_is_shown_and_people_are_asked_however_likely_it_is() -> None:
    imported = replace(match(0.9), from_history=True)

    decision = decide([imported], CALIBRATION)

    assert decision.kind is DecisionKind.SUGGEST
    assert [shown.document_id for shown in decision.shown] == ["a:1"]


def test_what_the_groups_votes_have_assured_answers_alone_although_it_came_with_an_export() -> None:
    imported = replace(match(0.9), from_history=True)

    assert decide([imported], CALIBRATION, assured={"a:1"}).kind is DecisionKind.ANSWER


def test_beside_what_was_approved_here_it_may_be_a_part_of_the_answer() -> None:
    imported = replace(match(0.9, "a:2"), from_history=True)

    decision = decide([match(0.8), imported], CALIBRATION)

    assert decision.kind is DecisionKind.ANSWER
    assert [shown.document_id for shown in decision.shown] == ["a:2", "a:1"]
