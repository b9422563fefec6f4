from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.knowledge.training_pairs import (
    AnsweredQuestion,
    NearPassage,
    Parts,
    SolvedQuestion,
    answered_before,
    divide,
    hard_negatives,
    triplets_of,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def question(number: int, text: str = "") -> SolvedQuestion:
    asked_at = START + timedelta(days=number)
    return SolvedQuestion(str(number), text or f"question {number}", frozenset({"d"}), asked_at)


def ids(questions: tuple[SolvedQuestion, ...]) -> list[str]:
    return [one.id for one in questions]


def passage(document_id: str, cosine: float) -> NearPassage:
    return NearPassage(document_id, f"text of {document_id} at {cosine}", cosine)


def test_the_oldest_are_tuned_on_and_the_latest_are_reported() -> None:
    parts = divide([question(number) for number in reversed(range(20))])

    assert ids(parts.tuning) == [str(number) for number in range(14)]
    assert ids(parts.calibration) == ["14", "15", "16"]
    assert ids(parts.report) == ["17", "18", "19"]


def test_a_wording_that_comes_again_stays_where_it_was_asked_first() -> None:
    again = question(19, "How do I  POST an invoice?")
    parts = divide(
        [question(0, "How do I post an invoice?"), *(question(n) for n in range(1, 19)), again]
    )

    assert "0" in ids(parts.tuning)
    assert "19" not in ids(parts.report)


def test_what_is_judged_on_by_choice_is_not_tuned_on() -> None:
    chosen = question(0, "How do I post?")

    parts = divide([question(1, "how do I post?"), *(question(n) for n in range(2, 19))], [chosen])

    assert ids(parts.report) == ["0"]
    assert ids(parts.tuning) == [str(number) for number in range(2, 16)]
    assert ids(parts.calibration) == ["16", "17", "18"]


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from("abcdefgh")), max_size=40))
def test_no_wording_is_in_two_parts(asked: list[tuple[int, str]]) -> None:
    parts = divide([question(number, text) for number, text in asked])

    wordings = [
        one.text for part in (parts.tuning, parts.calibration, parts.report) for one in part
    ]

    assert len(wordings) == len(set(wordings))


def test_answered_questions_are_learned_from_only_until_the_calibration_begins() -> None:
    parts = Parts((question(0),), (question(5),), (question(8),))
    answered = [AnsweredQuestion(f"q{n}", "a", START + timedelta(days=n)) for n in range(10)]

    found = answered_before(answered, parts, most=3)

    assert [one.text for one in found] == ["q2", "q3", "q4"]


def test_a_question_that_is_judged_on_is_not_learned_from_as_an_answered_one() -> None:
    parts = Parts((), (), (question(8, "How?"),))

    assert answered_before([AnsweredQuestion("how?", "a", START)], parts, most=3) == []


def test_what_is_about_as_near_as_the_right_one_is_no_negative() -> None:
    near = [passage("a", 0.9), passage("b", 0.77), passage("c", 0.75), passage("d", 0.5)]

    (found,) = hard_negatives(near, {"right"}, 0.8, limit=1)

    assert found.document_id == "c"


def test_no_right_document_is_a_negative() -> None:
    near = [passage("also right", 0.6), passage("wrong", 0.5)]

    (found,) = hard_negatives(near, {"right", "also right"}, 0.8, limit=1)

    assert found.document_id == "wrong"


def test_where_all_are_too_near_the_farthest_stands_in() -> None:
    (found,) = hard_negatives([passage("a", 0.9), passage("b", 0.8)], {"right"}, 0.8, limit=1)

    assert found.document_id == "b"


def test_each_right_document_is_learned_by_its_nearest_passage() -> None:
    asked = SolvedQuestion("q", "How?", frozenset({"one", "two"}))
    near = [passage("one", 0.9), passage("one", 0.4), passage("two", 0.6), passage("no", 0.2)]

    triplets = triplets_of(asked, near, negatives=1)

    assert [(one.right, one.wrong) for one in triplets] == [
        ("text of one at 0.9", "text of no at 0.2"),
        ("text of two at 0.6", "text of no at 0.2"),
    ]


def test_a_question_does_not_learn_from_itself() -> None:
    asked = SolvedQuestion("q", "How?", frozenset({"copy"}))
    near = [NearPassage("copy", "how?", 1.0), passage("no", 0.2)]

    assert triplets_of(asked, near, negatives=1) == []
