from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Standing
from supportbot.domain.experts.availability import Reason
from supportbot.domain.experts.expert import Referral
from supportbot.domain.experts.ladder import Rung
from supportbot.domain.experts.waiting import Wait
from supportbot.domain.knowledge.decision import Decision, DecisionKind
from supportbot.domain.knowledge.documents import Match
from supportbot.domain.knowledge.recalibration import Confirmed
from supportbot.domain.language.texts import Mention, fill, joined
from supportbot.domain.replies.answers import compose_out_of_order, compose_reply
from supportbot.domain.replies.asking import (
    Why,
    compose_claimed,
    compose_declined,
    compose_escalation,
    compose_expired,
    compose_group,
    compose_not_passed,
    compose_open,
    compose_passed,
    compose_refused,
    compose_reminder,
)
from supportbot.domain.replies.closing import compose_check, compose_closing_offer, compose_thanks
from supportbot.domain.replies.notices import (
    compose_closed,
    compose_forgotten,
    compose_misread,
    compose_not_asked,
    compose_not_open,
    compose_profile,
    compose_silence,
    without_mentions,
    without_quotes,
)
from supportbot.domain.replies.reply import Action, Choice, OutgoingMessage, Quote, Reply

MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
AYA = Author("slack", "U3", "Aya")
BEN = Author("slack", "U4", "Ben")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAUL_KNOWS = Referral(PAUL, "you listed: invoices")
AYA_ANSWERED = Referral(AYA, "you've answered a question like this")
BEN_ANSWERED = Referral(BEN, "you've answered 2 questions like this")


def found(heading: str = "") -> Match:
    return Match(
        document_id="best_practices:post.md",
        title="Post an invoice",
        heading=heading,
        source="best_practices",
        url="https://docs.example/post.md",
        author="Finance team",
        author_id="",
        said_at=MONDAY,
        excerpt="Use the button *Post*.",
        score=1.0,
        cosine=0.8,
        confidence=0.93,
        chance=0.9,
    )


def as_read(reply: Reply) -> Reply:
    return replace(reply, text=str(reply.text), closing=str(reply.closing))


def decision(kind: DecisionKind, confidence: float = 0.93, *, heading: str = "") -> Decision:
    return Decision(kind, confidence, (found(heading),), (found(heading),), model="m")


def test_an_answer_is_quoted_and_can_be_confirmed() -> None:
    reply = compose_reply(decision(DecisionKind.ANSWER), [])

    assert as_read(reply) == Reply(
        text="This page should answer it:",
        quotes=(
            Quote(
                text="Use the button *Post*.",
                title="Post an invoice",
                author="Finance team",
                said_at=MONDAY,
                url="https://docs.example/post.md",
                confidence=0.93,
                document_id="best_practices:post.md",
                chance=0.9,
                model="m",
            ),
        ),
        closing="If that's it, press “This solved it”. If not, just say so here.",
        actions=(Action.SOLVED, Action.REJECT, Action.PERSON),
    )


def by_paul(confidence: float = 0.93, **more: Any) -> Decision:
    match = replace(found(), source="answers", author="Paul", **more)
    return Decision(DecisionKind.ANSWER, confidence, (match,), (match,))


@pytest.mark.parametrize(
    ("answer", "text", "is_introduced"),
    [
        (by_paul(), "Paul answered this on 2 March:", True),
        (by_paul(0.7), "Paul may have answered this on 2 March:", True),
        (by_paul(said_at=None), "Paul answered this before:", True),
        (
            by_paul(said_at=datetime(2025, 3, 2, tzinfo=UTC)),
            "Paul answered this on 2 March 2025:",
            True,
        ),
        (decision(DecisionKind.ANSWER), "This page should answer it:", False),
        (decision(DecisionKind.ANSWER, 0.7), "This page may answer it:", False),
        (replace(by_paul(), shown=(found(), found())), "This should answer it:", False),
    ],
)
def test_what_answers_is_led_up_to_by_who_said_it_and_when(
    answer: Decision, text: str, *, is_introduced: bool
) -> None:
    reply = compose_reply(answer, [], now=MONDAY)

    assert str(reply.text) == text
    assert all(quote.is_introduced is is_introduced for quote in reply.quotes)


@pytest.mark.parametrize(
    ("words", "version", "language", "reason"),
    [
        (("ledger", "closing"), "", "", "matches on: ledger, closing"),
        (("ledger",), "AX 2012", "", "about AX 2012; matches on: ledger"),
        ((), "AX 2012", "", "about AX 2012; similar in meaning"),
        (("ledger",), "", "German", "in German; matches on: ledger"),
    ],
)
def test_a_quotation_says_why_it_was_found_and_what_is_other_about_it(
    words: tuple[str, ...], version: str, language: str, reason: str
) -> None:
    match = replace(found(), shared_words=words, other_version=version, other_language=language)

    unsure = compose_reply(Decision(DecisionKind.ANSWER, 0.89, (match,), (match,)), [])
    sure = compose_reply(Decision(DecisionKind.ANSWER, 0.9, (match,), (match,)), [])

    assert [quote.reason for quote in unsure.quotes] == [reason]
    assert [quote.reason for quote in sure.quotes] == [reason.rpartition("; ")[0]]


def test_nobody_is_disturbed_by_an_answer() -> None:
    assert compose_reply(decision(DecisionKind.ANSWER), [PAUL_KNOWS]).mentions == ()


@pytest.mark.parametrize(
    ("confidence", "text"),
    [
        (1.0, "This may help:"),
        (0.6, "This may help:"),
        (0.59, "I'm not sure this fits, but it may help:"),
    ],
)
@pytest.mark.parametrize("confirmed", [None, Confirmed(46, 50)])
def test_how_sure_the_bot_is_stands_in_words_and_in_no_figure(
    confidence: float, text: str, confirmed: Confirmed | None
) -> None:
    suggestion = replace(decision(DecisionKind.SUGGEST, confidence), confirmed=confirmed)

    assert str(compose_reply(suggestion, []).text) == text


def test_a_passage_is_quoted_under_its_own_heading() -> None:
    reply = compose_reply(decision(DecisionKind.ANSWER, heading="Steps › Post"), [])

    assert [quote.title for quote in reply.quotes] == ["Steps › Post"]


def test_a_suggestion_is_shown_while_people_are_asked() -> None:
    reply = compose_reply(decision(DecisionKind.SUGGEST, 0.7), [PAUL_KNOWS])

    assert [quote.text for quote in reply.quotes] == ["Use the button *Post*."]
    assert str(reply.closing) == ("Paul, can you help? (you listed: invoices)")
    assert reply.mentions == (PAUL,)


def test_a_suggestion_without_people_to_ask_keeps_the_question_open() -> None:
    reply = compose_reply(decision(DecisionKind.SUGGEST, 0.7), [])

    assert str(reply.closing) == (
        "I'll keep the question open. If you know the answer, please reply in this thread."
    )


def test_when_the_bot_knows_nothing_it_says_so_and_asks() -> None:
    reply = compose_reply(Decision(DecisionKind.ROUTE, 0.1, (found(),)), [PAUL_KNOWS, AYA_ANSWERED])

    assert as_read(reply) == Reply(
        text="I have no answer yet.",
        closing="Paul (you listed: invoices) and Aya (you've answered a question like this), can "
        "one of you help?",
        actions=(Action.CLAIM,),
    )


def test_three_people_are_listed_as_one_says_it() -> None:
    referrals = [PAUL_KNOWS, AYA_ANSWERED, BEN_ANSWERED]

    reply = compose_reply(Decision(DecisionKind.ROUTE, 0.1), referrals)

    assert str(reply.closing) == (
        "Paul (you listed: invoices), Aya (you've answered a question like this) and Ben (you've "
        "answered 2 questions like this), can one of you help?"
    )


def test_when_there_is_nobody_to_ask_everybody_is() -> None:
    reply = compose_reply(Decision(DecisionKind.ROUTE, 0.1), [])

    assert str(reply.closing) == (
        "I don't know who to ask. If you know the answer, please reply in this thread."
    )
    assert reply.mentions == ()


def test_when_an_answer_did_not_help_people_are_asked_after_all() -> None:
    reply = compose_escalation([PAUL_KNOWS])

    assert as_read(reply) == Reply(
        text="This is one for people.",
        closing="Paul, can you help? (you listed: invoices)",
        actions=(Action.CLAIM,),
    )


def test_when_an_answer_did_not_help_and_there_is_nobody_to_ask_everybody_is() -> None:
    reply = compose_escalation([])

    assert str(reply.closing) == (
        "I don't know who to ask. If you know the answer, please reply in this thread."
    )
    assert reply.mentions == ()


def test_who_helped_is_thanked_and_told_what_becomes_of_the_answer() -> None:
    answer = Answer("m2", "slack/T1/C1/1", PAUL, "With the button.", MONDAY, "")

    shown = compose_thanks(replace(answer, standing=Standing.KNOWLEDGE), MARIA)
    looked_at = compose_thanks(replace(answer, standing=Standing.WAITING), MARIA)

    assert as_read(shown) == Reply(
        "Thank you, Paul! Maria says this solved it. "
        "I'll show your answer, with your name, to the next person who asks.",
        is_solved=True,
    )
    assert as_read(looked_at) == Reply(
        "Thank you, Paul! Maria says this solved it. "
        "A maintainer will look at it before I show it to others.",
        is_solved=True,
    )


def test_one_who_said_thanks_is_offered_to_close_the_question() -> None:
    reply = compose_closing_offer(())

    assert as_read(reply) == Reply(
        "Glad to hear it! Press “This solved it” to close the question.",
        actions=(Action.SOLVED,),
    )


def test_closing_a_question_that_only_the_bot_answered_is_confirmed() -> None:
    assert as_read(compose_closed()) == Reply("Good! I've closed the question.", is_solved=True)


def test_when_the_search_is_out_of_order_it_says_so_and_asks() -> None:
    assert as_read(compose_out_of_order([PAUL_KNOWS])) == Reply(
        text="My search isn't working right now, so I can't say whether this has been asked "
        "before.",
        closing="Paul, can you help? (you listed: invoices)",
        actions=(Action.CLAIM,),
    )


def test_when_the_search_is_out_of_order_and_there_is_nobody_to_ask_everybody_is() -> None:
    assert compose_out_of_order([]).closing == (
        "Your question stands. If you know the answer, please reply in this thread."
    )


def test_before_the_bot_is_silent_it_says_for_how_long_and_mentions_nobody() -> None:
    assert as_read(compose_silence(minutes=60)) == Reply(
        "That's a lot at once, so I'll stay quiet here for the next 60 minutes. Your question "
        "stands: if you know the answer, please reply in this thread."
    )


@pytest.mark.parametrize(
    ("questions", "answers", "counted"),
    [
        (0, 0, "no questions and no answers"),
        (1, 1, "1 question and 1 answer"),
        (2, 12, "2 questions and 12 answers"),
    ],
)
def test_one_who_was_forgotten_is_told_how_much_and_named_nowhere(
    questions: int, answers: int, counted: str
) -> None:
    assert as_read(compose_forgotten(questions=questions, answers=answers)) == Reply(
        f"Done. I've forgotten {counted}, and what I'd learned from them. What you posted is "
        "still in the chat itself; deleting it there is up to you."
    )


ONE = Quote("Use the button.", "Post", "Paul", MONDAY, "", 0.9, "answers:1")
OTHER = Quote("Close the month.", "Ledger", "Aya", MONDAY, "", 0.8, "answers:2")


def waiting(*quotes: Quote, mentions: tuple[Author, ...] = ()) -> OutgoingMessage:
    asked = [fill("{who}, please reply.", who=Mention(one)) for one in mentions]
    reply = Reply("This may help.", quotes, joined(*asked), (Action.SOLVED,))
    return OutgoingMessage("e1/reply", Place("slack", "T1", "C1", "1"), reply)


def test_of_several_quotations_only_the_one_that_is_gone_is_struck_out() -> None:
    left = without_quotes(waiting(ONE, OTHER, mentions=(PAUL,)), {"answers:1"})

    assert left == waiting(OTHER, mentions=(PAUL,))


def test_a_message_whose_every_quotation_is_gone_says_so_and_asks_whom_it_asked() -> None:
    left = without_quotes(waiting(ONE, mentions=(PAUL,)), {"answers:1"})

    assert as_read(left.reply) == Reply(
        text="What I found here has been taken back since.",
        closing="Paul, please reply.",
        actions=(Action.SOLVED,),
    )
    assert left.reply.mentions == (PAUL,)


def test_a_message_whose_every_quotation_is_gone_and_that_asked_nobody_asks_everybody() -> None:
    left = without_quotes(waiting(ONE, OTHER), {"answers:1", "answers:2"})

    assert left.reply.closing == "If you know the answer, please reply in this thread."
    assert left.id == "e1/reply"


def test_a_message_that_asked_somebody_who_was_forgotten_asks_everybody() -> None:
    left = without_mentions(waiting(ONE, mentions=(PAUL, AYA)))

    assert as_read(left.reply) == Reply(
        text="This may help.",
        quotes=(ONE,),
        closing="If you know the answer, please reply in this thread.",
        actions=(Action.SOLVED,),
    )


TWO_HOURS = Wait(timedelta(hours=2))
BUTTONS = (Action.CLAIM, Action.PASS)


def test_the_asker_is_told_how_long_the_group_usually_takes() -> None:
    wait = Wait(timedelta(minutes=40), "weekday mornings")

    reply = compose_reply(Decision(DecisionKind.ROUTE, 0.1), [PAUL_KNOWS], wait)

    assert str(reply.closing) == (
        "Paul, can you help? (you listed: invoices) On weekday mornings, people here usually "
        "answer within 40 minutes. After that, I'll ask others."
    )
    assert reply.actions == BUTTONS


@pytest.mark.parametrize("kind", [DecisionKind.ROUTE, DecisionKind.SUGGEST])
def test_where_little_is_known_the_asker_is_told_when_others_are_asked(kind: DecisionKind) -> None:
    reply = compose_reply(decision(kind), [PAUL_KNOWS], TWO_HOURS)

    assert str(reply.closing).endswith("If it stays quiet for 2 hours, I'll ask others.")
    assert reply.actions[-2:] == BUTTONS


@pytest.mark.parametrize(
    "reply",
    [
        compose_reply(Decision(DecisionKind.ROUTE, 0.1), [], TWO_HOURS),
        compose_escalation([], TWO_HOURS),
    ],
)
def test_where_nobody_is_asked_nothing_is_said_of_waiting(reply: Reply) -> None:
    assert (
        str(reply.closing)
        == "I don't know who to ask. If you know the answer, please reply in this thread."
    )
    assert reply.actions == (Action.CLAIM,)


@pytest.mark.parametrize(
    ("why", "text"),
    [
        (Why.NOBODY, "Nobody has answered yet."),
        (Why.UNSOLVED, "This isn't solved yet."),
        (Why.QUIET, "It's gone quiet here."),
    ],
)
@pytest.mark.parametrize("rung", [Rung.FIRST, Rung.NEXT])
def test_others_are_asked_with_the_reason(rung: Rung, why: Why, text: str) -> None:
    reply = compose_group(rung, [AYA_ANSWERED], TWO_HOURS, why)

    assert as_read(reply) == Reply(
        text=text,
        closing="Aya, can you help? (you've answered a question like this) If it stays quiet for 2 "
        "hours, I'll ask others.",
        actions=BUTTONS,
    )


def test_after_the_helpers_comes_the_open_list() -> None:
    reply = compose_group(Rung.HELPERS, [Referral(BEN, "you help out here")], TWO_HOURS, Why.NOBODY)

    assert str(reply.text) == (
        "Nobody has answered yet. So I'm asking the people who help out here."
    )
    assert str(reply.closing).endswith(
        "If it stays quiet for 2 hours, I'll put this on the list of open questions."
    )


def test_what_is_on_the_open_list_can_be_taken_by_anybody() -> None:
    assert as_read(compose_open(Why.QUIET)) == Reply(
        text="It's gone quiet here. I don't know anyone else to ask, so this is now on the list of "
        "open questions.",
        closing="If you know the answer, please reply in this thread.",
        actions=(Action.CLAIM,),
    )


def test_one_to_whom_a_question_is_passed_on_is_told_by_whom() -> None:
    reply = compose_passed(PAUL, AYA, TWO_HOURS)

    assert reply.mentions == (AYA,)
    assert "Paul suggests Aya. Aya, can you help?" in reply.closing


def test_a_reminder_is_gentle_and_names_its_reader_where_a_name_can_be_struck_out() -> None:
    reply = compose_reminder(PAUL)

    assert reply.mentions == (PAUL,)
    assert "Paul" not in reply.text
    assert str(reply.closing) == (
        "Paul, if you can't get to it, press “Not me” and I'll ask others. Otherwise I'll do so "
        "in 24 hours."
    )
    assert reply.actions == (Action.PASS,)


@pytest.mark.parametrize(
    "reply",
    [
        compose_claimed(PAUL),
        compose_not_passed(PAUL, AYA, Reason.HOURS),
        compose_declined(PAUL),
        compose_refused(PAUL),
        compose_not_asked(),
        compose_not_open(),
        compose_check([Choice("2", "Paul")]),
        compose_expired(timedelta(days=1)),
        compose_profile("I never ask you.", is_new=True),
        compose_misread("A budget is a number."),
    ],
)
def test_what_asks_nobody_notifies_nobody(reply: Reply) -> None:
    assert reply.mentions == ()
    assert str(reply.text).endswith((".", "?"))


def test_what_somebody_chose_is_confirmed_and_what_stands_is_told() -> None:
    assert compose_profile("I never ask you.", is_new=True).text == "Got it. I never ask you."
    assert compose_profile("I never ask you.", is_new=False).text == "I never ask you."
    assert "for a day," in compose_expired(timedelta(days=1)).text
