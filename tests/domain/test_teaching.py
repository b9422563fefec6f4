from dataclasses import replace

import pytest

from supportbot.domain.events import Author
from supportbot.domain.questions import Standing
from supportbot.domain.teaching import TeachingRules, Verdict, judge_accepted, judge_reply

MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
DONNA = Author("slack", "U3", "Donna", ("staff", "owner"))
RULES = TeachingRules(trusted_after=3)


@pytest.mark.parametrize(
    ("rules", "is_maintainer"),
    [
        (TeachingRules(), False),
        (TeachingRules(maintainers=frozenset({"slack:U3"})), True),
        (TeachingRules(maintainers=frozenset({"discord:U3"})), False),
        (TeachingRules(maintainer_roles=frozenset({"owner"})), True),
        (TeachingRules(maintainer_roles=frozenset({"guest"})), False),
        (TeachingRules(trusted=frozenset({"slack:U3"})), False),
    ],
    ids=["nobody", "by id", "on another platform", "by role", "another role", "only trusted"],
)
def test_a_maintainer_is_named_by_id_or_by_role(
    rules: TeachingRules, *, is_maintainer: bool
) -> None:
    assert rules.is_maintainer(DONNA) is is_maintainer


@pytest.mark.parametrize(
    ("rules", "is_trusted"),
    [
        (TeachingRules(), False),
        (TeachingRules(trusted=frozenset({"slack:U3"})), True),
        (TeachingRules(trusted_roles=frozenset({"staff"})), True),
        (TeachingRules(maintainers=frozenset({"slack:U3"})), True),
        (TeachingRules(trusted_roles=frozenset({"guest"})), False),
    ],
    ids=["nobody", "by id", "by role", "a maintainer", "another role"],
)
def test_who_is_trusted_is_named_by_id_or_by_role(
    rules: TeachingRules, *, is_trusted: bool
) -> None:
    assert rules.trusts(DONNA, 0) is is_trusted


@pytest.mark.parametrize(("accepted", "is_trusted"), [(0, False), (2, False), (3, True), (9, True)])
def test_who_was_accepted_often_enough_is_trusted(accepted: int, *, is_trusted: bool) -> None:
    assert RULES.trusts(PAUL, accepted) is is_trusted


def test_nobody_is_trusted_by_answers_alone_when_a_group_says_so() -> None:
    assert not TeachingRules(trusted_after=0).trusts(PAUL, 1_000)


def test_a_reply_of_one_who_is_trusted_is_knowledge_at_once() -> None:
    assert judge_reply(PAUL, 3, RULES) == Verdict(Standing.KNOWLEDGE, "its author is trusted")


@pytest.mark.parametrize(
    ("accepted", "history"),
    [(0, "no accepted answers"), (1, "1 accepted answer"), (2, "2 accepted answers")],
)
def test_a_reply_of_another_waits_and_says_why(accepted: int, history: str) -> None:
    assert judge_reply(PAUL, accepted, RULES) == Verdict(
        Standing.WAITING,
        f"nobody has accepted it yet, and Paul has {history} so far; trusted from 3 on",
    )


def test_where_answers_alone_make_nobody_trusted_no_number_is_promised() -> None:
    verdict = judge_reply(PAUL, 4, TeachingRules(trusted_after=0))

    assert verdict.reason == "nobody has accepted it yet, and Paul has 4 accepted answers so far"


def test_what_the_asker_accepts_is_knowledge() -> None:
    assert judge_accepted(PAUL, MARIA, 0, RULES) == Verdict(
        Standing.KNOWLEDGE, "the asker accepted it"
    )


def test_what_the_asker_accepts_of_a_newcomer_waits_where_newcomers_are_reviewed() -> None:
    rules = replace(RULES, review_newcomers=True)

    assert judge_accepted(PAUL, MARIA, 0, rules) == Verdict(
        Standing.WAITING,
        "the asker accepted it, but Paul has no accepted answers so far; trusted from 3 on",
    )


def test_what_the_asker_accepts_of_one_who_is_trusted_is_knowledge_all_the_same() -> None:
    rules = replace(RULES, review_newcomers=True)

    assert judge_accepted(PAUL, MARIA, 3, rules).standing is Standing.KNOWLEDGE


def test_what_a_maintainer_accepts_is_knowledge_whoever_said_it() -> None:
    rules = replace(RULES, review_newcomers=True, maintainers=frozenset({"slack:U3"}))

    assert judge_accepted(PAUL, DONNA, 0, rules) == Verdict(
        Standing.KNOWLEDGE, "a maintainer accepted it"
    )
