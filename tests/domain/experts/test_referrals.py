from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.chat.members import Author
from supportbot.domain.experts.referrals import PassedOn, evidence_of, named_by

DONNA, LENA = Author("slack", "U1", "Donna"), Author("slack", "U3", "Lena")
PAUL = "slack:U2"
PASSED = PassedOn("How do I close the ledger?", DONNA, PAUL, was_right=False)
HELPED = replace(PASSED, was_right=True)
PEOPLE = st.sampled_from([DONNA, LENA, Author("slack", "U2", "Paul")])
REFERRALS = st.builds(PassedOn, st.just("?"), PEOPLE, st.just(PAUL), st.booleans())


def test_who_was_named_for_a_question_like_this_is_likelier_and_who_named_them_less() -> None:
    evidence = evidence_of([(PASSED, 0.35)])

    assert evidence[PAUL] == pytest.approx(0.5625)
    assert evidence[DONNA.member_id] == pytest.approx(-0.5625)


def test_it_counts_for_more_when_the_one_who_was_named_then_answered() -> None:
    assert evidence_of([(HELPED, 0.35)])[PAUL] == pytest.approx(0.84375)


def test_what_was_passed_on_says_nothing_about_other_questions() -> None:
    assert evidence_of([(HELPED, 0.2)]) == {PAUL: 0.0, DONNA.member_id: 0.0}
    assert named_by([(HELPED, 0.2)]) == {}


def test_of_several_referrals_the_strongest_counts() -> None:
    several = [(PASSED, 0.3), (HELPED, 0.6), (replace(PASSED, by=LENA), 0.9)]

    assert evidence_of(several)[PAUL] == evidence_of(several[2:])[PAUL]


def test_it_is_told_who_named_somebody_for_the_likest_question() -> None:
    assert named_by([(PASSED, 0.3), (replace(PASSED, by=LENA), 0.5)]) == {PAUL: LENA}


@given(st.lists(st.tuples(REFERRALS, st.floats(0, 1)), max_size=20))
def test_however_often_somebody_is_named_it_counts_as_a_declared_topic_at_most(
    passed: list[tuple[PassedOn, float]],
) -> None:
    assert all(-4.5 <= value <= 4.5 for value in evidence_of(passed).values())
