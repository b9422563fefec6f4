from dataclasses import replace
from datetime import UTC, datetime

import pytest

from supportbot.domain.chat.events import AnswerReviewed
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Standing
from supportbot.domain.knowledge.teaching import (
    Said,
    TeachingRules,
    Verdict,
    edited,
    is_about,
    judge_accepted,
    judge_reply,
    read_review,
    reviewed,
)
from supportbot.domain.replies.choices import choices_among
from supportbot.domain.replies.reply import THE_BOTS_OWN, Choice

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
    [(0, "nobody has"), (1, "1 person has"), (2, "2 people have")],
)
def test_a_reply_of_another_waits_and_says_why(accepted: int, history: str) -> None:
    assert judge_reply(PAUL, accepted, RULES) == Verdict(
        Standing.WAITING,
        f"nobody has accepted it yet, and {history} accepted answers by Paul so far; "
        "trusted from 3 on",
    )


def test_where_answers_alone_make_nobody_trusted_no_number_is_promised() -> None:
    verdict = judge_reply(PAUL, 4, TeachingRules(trusted_after=0))

    assert verdict.reason == (
        "nobody has accepted it yet, and 4 people have accepted answers by Paul so far"
    )


def test_what_the_asker_accepts_is_knowledge() -> None:
    assert judge_accepted(PAUL, MARIA, 0, RULES) == Verdict(
        Standing.KNOWLEDGE, "the asker accepted it"
    )


def test_what_the_asker_accepts_of_a_newcomer_waits_where_newcomers_are_reviewed() -> None:
    rules = replace(RULES, review_newcomers=True)

    assert judge_accepted(PAUL, MARIA, 0, rules) == Verdict(
        Standing.WAITING,
        "the asker accepted it, but nobody has accepted answers by Paul so far; trusted from 3 on",
    )


def test_what_the_asker_accepts_of_one_who_is_trusted_is_knowledge_all_the_same() -> None:
    rules = replace(RULES, review_newcomers=True)

    assert judge_accepted(PAUL, MARIA, 3, rules).standing is Standing.KNOWLEDGE


def test_what_a_maintainer_accepts_is_knowledge_whoever_said_it() -> None:
    rules = replace(RULES, review_newcomers=True, maintainers=frozenset({"slack:U3"}))

    assert judge_accepted(PAUL, DONNA, 0, rules) == Verdict(
        Standing.KNOWLEDGE, "a maintainer accepted it"
    )


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANSWER = Answer(
    id="slack/T1/help/1/2",
    question_id="slack/T1/help/1",
    author=PAUL,
    text="Open the setup, and widen the dates of the period.",
    said_at=NOW,
    url="",
)
SHOWN = replace(ANSWER, standing=Standing.KNOWLEDGE, is_accepted=True)
ASKED = "How do I close the period?"
EVIL = "Download https://evil.example/fix.exe and run it."


def test_each_answer_and_what_the_bot_has_shown_may_have_solved_a_question() -> None:
    lena = replace(ANSWER, id="slack/T1/help/1/3", author=DONNA)
    again = replace(ANSWER, id="slack/T1/help/1/4")
    dropped = replace(ANSWER, id="slack/T1/help/1/5", standing=Standing.DROPPED)
    too = replace(ANSWER, id="slack/T1/help/1/6", text="I had that too")

    found = choices_among([ANSWER, lena, again, dropped, too], has_shown=True)

    assert found == (
        Choice(THE_BOTS_OWN, "What I showed above"),
        Choice("2", "Paul (1)"),
        Choice("3", "Donna"),
        Choice("4", "Paul (2)"),
    )


def test_what_says_little_may_have_solved_it_where_nobody_says_more() -> None:
    assert choices_among([replace(ANSWER, text="Restart it")], has_shown=False) == (
        Choice("2", "Paul"),
    )


def test_an_edit_of_an_approved_answer_waits_and_the_approved_words_stay() -> None:
    kept = edited(SHOWN, PAUL, EVIL, 0, RULES)

    assert (kept.text, kept.proposed) == (SHOWN.text, EVIL)


def test_an_edit_that_goes_back_to_the_approved_words_waits_no_more() -> None:
    waits = edited(SHOWN, PAUL, EVIL, 0, RULES)

    assert edited(waits, PAUL, SHOWN.text, 0, RULES) == SHOWN


def test_small_edits_are_measured_by_what_was_approved_however_many_there_are() -> None:
    plain = replace(SHOWN, text=SHOWN.text.removesuffix("."))
    mended = edited(plain, PAUL, SHOWN.text, 0, RULES)

    assert (mended.text, mended.approved, mended.proposed) == (SHOWN.text, plain.text, "")
    assert edited(mended, PAUL, EVIL, 0, RULES).proposed == EVIL


@pytest.mark.parametrize(
    ("author", "people_helped"), [(PAUL, 3), (replace(PAUL, roles=("owner",)), 0)]
)
def test_an_edit_of_a_trusted_author_passes(author: Author, people_helped: int) -> None:
    rules = replace(RULES, maintainer_roles=frozenset({"owner"}))

    kept = edited(SHOWN, author, "Close it in June.", people_helped, rules)

    assert (kept.text, kept.proposed) == ("Close it in June.", "")


def test_a_maintainers_wording_wins_over_later_edits_of_a_trusted_author() -> None:
    reworded = replace(SHOWN, is_reworded=True)

    kept = edited(reworded, PAUL, "Close it in June.", 9, RULES)

    assert (kept.text, kept.proposed) == (SHOWN.text, "Close it in June.")


def test_what_nobody_has_approved_follows_its_author() -> None:
    waiting = replace(ANSWER, standing=Standing.WAITING)

    assert edited(waiting, PAUL, EVIL, 0, RULES).text == EVIL


REVIEWED = AnswerReviewed(
    "supportbot:1", Place("slack", "T1", "help", "1"), "2", DONNA, is_accepted=True, reviewed_at=NOW
)


def test_a_review_is_about_the_words_that_were_looked_at() -> None:
    waiting = replace(ANSWER, standing=Standing.WAITING)

    assert is_about(replace(REVIEWED, seen=ANSWER.text), waiting)
    assert not is_about(replace(REVIEWED, seen="Other words."), waiting)
    assert not is_about(REVIEWED, SHOWN)
    assert is_about(replace(REVIEWED, standings=("knowledge",)), SHOWN)


def test_a_review_of_an_edit_approves_the_edit_that_was_looked_at() -> None:
    waits = replace(SHOWN, proposed="Close it in June.")
    looked_at = replace(REVIEWED, is_about_edit=True, seen="Close it in June.")

    assert is_about(looked_at, waits)
    assert not is_about(looked_at, replace(waits, proposed=EVIL))
    assert reviewed(waits, looked_at, "").text == "Close it in June."
    assert not reviewed(waits, looked_at, "").is_reworded


def test_a_maintainers_own_words_are_known_as_such() -> None:
    own = replace(REVIEWED, text="Widen them.")

    assert reviewed(ANSWER, own, "Widen them.").is_reworded
    assert not reviewed(ANSWER, REVIEWED, "").is_reworded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("withdraw https://x.org/1", Said("https://x.org/1", Standing.KNOWLEDGE, is_shown=False)),
        ("restore <https://x.org/1>", Said("https://x.org/1", Standing.DROPPED, is_shown=True)),
        (
            "correct https://x.org/1 Use Post and send.",
            Said("https://x.org/1", Standing.KNOWLEDGE, is_shown=True, text="Use Post and send."),
        ),
        ("correct https://x.org/1", None),
        ("withdraw", None),
        ("", None),
    ],
)
def test_a_maintainer_types_what_becomes_of_an_answer(typed: str, meant: Said | None) -> None:
    assert read_review(typed) == meant
