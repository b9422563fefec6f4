from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.events import Author
from supportbot.domain.experts import Expert
from supportbot.domain.routing import choose_experts

MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
AYA = Author("slack", "U3", "Aya")
MARCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAY = datetime(2025, 5, 17, 9, 0, tzinfo=UTC)


def test_one_who_knows_the_topic_is_asked() -> None:
    (referral,) = choose_experts([Expert(PAUL, "invoices", 0.7)], asker=MARIA)

    assert referral.expert == PAUL
    assert referral.reason == "knows about invoices"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (((0.8, MARCH),), "answered a question like this on 2 March 2026"),
        (((0.8, None),), "answered a question like this"),
        (((0.8, MAY), (0.6, MARCH)), "answered 2 questions like this, last on 2 March 2026"),
        (((0.8, None), (0.6, MAY)), "answered 2 questions like this, last on 17 May 2025"),
        (((0.8, None), (0.6, None)), "answered 2 questions like this"),
        (((0.8, MAY), (0.1, MARCH)), "answered a question like this on 17 May 2025"),
    ],
)
def test_the_reason_tells_the_answers_to_near_questions(
    answers: tuple[tuple[float, datetime | None], ...], reason: str
) -> None:
    (referral,) = choose_experts([Expert(PAUL, "invoices", 0.7, answers)], asker=MARIA)

    assert referral.reason == reason


def test_answers_to_other_questions_are_no_reason() -> None:
    expert = Expert(PAUL, "invoices", 0.7, ((0.1, MARCH),))

    (referral,) = choose_experts([expert], asker=MARIA)

    assert referral.reason == "knows about invoices"


@pytest.mark.parametrize(
    "expert",
    [
        Expert(PAUL),
        Expert(PAUL, "gardening", 0.1),
        Expert(PAUL, "gardening", 0.25),
        Expert(PAUL, "gardening", -0.5, ((0.2, MARCH), (0.25, MARCH))),
    ],
)
def test_nobody_is_asked_when_nothing_speaks_for_them(expert: Expert) -> None:
    assert choose_experts([expert], asker=MARIA) == ()


def test_the_asker_is_not_asked_their_own_question() -> None:
    experts = [Expert(MARIA, "invoices", 0.9), Expert(PAUL, "invoices", 0.4)]

    referrals = choose_experts(experts, asker=MARIA)

    assert [referral.expert.name for referral in referrals] == ["Paul"]


def test_the_asker_is_known_by_id_not_by_name() -> None:
    expert = Expert(MARIA, "invoices", 0.9)

    assert choose_experts([expert], asker=Author("slack", "U1", "Maria (away)")) == ()


def test_accepted_answers_count_more_than_a_declared_topic() -> None:
    experts = [
        Expert(PAUL, "invoices", 0.8),
        Expert(AYA, "taxes", 0.3, ((0.7, MARCH), (0.6, MAY))),
    ]

    referrals = choose_experts(experts, asker=MARIA)

    assert [referral.expert.name for referral in referrals] == ["Aya", "Paul"]


def test_the_best_few_are_asked() -> None:
    experts = [Expert(PAUL, "taxes", 0.4), Expert(AYA, "invoices", 0.9)]

    referrals = choose_experts(experts, asker=MARIA, limit=1)

    assert [referral.expert.name for referral in referrals] == ["Aya"]


def test_those_for_whom_the_same_speaks_come_in_the_order_of_their_ids() -> None:
    experts = [Expert(AYA, "taxes", 0.5), Expert(PAUL, "taxes", 0.5)]

    referrals = choose_experts(experts, asker=MARIA)

    assert [referral.expert.name for referral in referrals] == ["Paul", "Aya"]


COSINES = st.floats(-1, 1)
EXPERTS = st.lists(
    st.builds(
        Expert,
        st.builds(Author, st.just("slack"), st.sampled_from("123456"), st.just("Somebody")),
        st.just("taxes"),
        COSINES,
        st.lists(st.tuples(COSINES, st.none()), max_size=3).map(tuple),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(EXPERTS, st.integers(0, 4))
def test_never_more_than_the_limit_are_asked_and_never_the_asker(
    experts: list[Expert], limit: int
) -> None:
    referrals = choose_experts(experts, asker=Author("slack", "1", "Asker"), limit=limit)

    assert len(referrals) <= limit
    assert "slack:1" not in {referral.expert.member_id for referral in referrals}
    assert all(referral.reason for referral in referrals)
