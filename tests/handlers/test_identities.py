"""One person on two platforms: a code is asked for here and typed there, and both are one."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from supportbot.domain.chat.events import (
    ForgetRequested,
    Inquired,
    Inquiry,
    LinkRequested,
    MessagePosted,
    ProfileChanged,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place, home_of
from supportbot.domain.experts.ladder import LadderRules
from supportbot.domain.replies.reply import OutgoingMessage
from supportbot.store import conversations, identities, members, profiles
from supportbot.store.engine.sqlite import Database
from tests.experts.test_selection import HELP, MARIA, NOW, PAUL, QUESTION, Bench

ELSEWHERE = Author("discord", "77", "Pauline")
LENA = Author("discord", "88", "Lena")
THERE = Place("discord", "100", "200")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def bench(database: Database) -> Bench:
    """Nobody is declared: who knows is learned."""
    return Bench(database, experts=(), rules=LadderRules(asks_per_week=1))


def typed(bench: Bench, author: Author, code: str = "") -> str:
    bench.number += 1
    place = direct_place(author)
    event_id = f"{author.platform}:link{bench.number}"
    (said,) = bench.hear(LinkRequested(event_id, place, author, code, bench.clock.now()))
    assert said.place == place
    return str(said.reply.text)


def code_of(text: str) -> str:
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", text)
    assert found
    return found[0]


def joined(bench: Bench, one: Author = PAUL, other: Author = ELSEWHERE) -> None:
    assert typed(bench, other, code_of(typed(bench, one))).startswith("Done")


def answered(bench: Bench, by: Author = PAUL) -> None:
    """Let somebody answer on Slack."""
    question = bench.ask("How do I close the ledger?")
    bench.number += 1
    id_ = f"a{bench.number}"
    text = "Open the setup of the ledger, and close the year there."
    bench.hear(MessagePosted(f"slack:{id_}", question.place, id_, by, text, bench.clock.now()))


def asked_there(bench: Bench, text: str = QUESTION) -> list[str]:
    """Ask on Discord; gives who is asked there."""
    bench.number += 1
    id_ = f"{bench.number}"
    said = bench.hear(MessagePosted(f"discord:{id_}", THERE, id_, LENA, text, bench.clock.now()))
    return [author.member_id for message in said for author in message.reply.mentions]


def test_the_code_that_is_given_here_and_typed_there_makes_one_person_of_two(bench: Bench) -> None:
    given = typed(bench, PAUL)
    said = typed(bench, ELSEWHERE, code_of(given).lower())

    assert said.startswith("Done: you're also Paul on Slack.")
    with bench.database.reading() as tx:
        assert identities.persons(tx).members(PAUL.member_id) == (
            ELSEWHERE.member_id,
            PAUL.member_id,
        )


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(bench: Bench) -> None:
    code = code_of(typed(bench, PAUL))
    late = code_of(typed(bench, MARIA))

    typed(bench, ELSEWHERE, code)
    bench.clock.move(timedelta(minutes=15))

    assert typed(bench, LENA, code).startswith("I don't know that code")
    assert typed(bench, LENA, late).startswith("I don't know that code")
    assert typed(bench, LENA, "nonsense").startswith("I don't know that code")


def test_only_the_newest_code_of_somebody_is_good(bench: Bench) -> None:
    first = code_of(typed(bench, PAUL))
    second = code_of(typed(bench, PAUL))

    assert typed(bench, ELSEWHERE, first).startswith("I don't know that code")
    assert typed(bench, ELSEWHERE, second).startswith("Done")


def test_nobody_is_joined_with_themselves(bench: Bench) -> None:
    assert typed(bench, PAUL, code_of(typed(bench, PAUL))).startswith("That's your own code")


def test_who_is_joined_can_stand_alone_again(bench: Bench) -> None:
    joined(bench)

    assert typed(bench, ELSEWHERE, "off").startswith("Done")
    assert typed(bench, ELSEWHERE, "off").startswith("You aren't linked with anyone")
    with bench.database.reading() as tx:
        assert identities.persons(tx).members(PAUL.member_id) == (PAUL.member_id,)


def test_three_can_be_one_person(bench: Bench) -> None:
    third = Author("terminal", "Paul", "Paul")
    joined(bench)
    with bench.database.writing() as tx:
        identities.join(tx, third, PAUL)

    with bench.database.reading() as tx:
        assert len(identities.persons(tx).members(ELSEWHERE.member_id)) == 3

    typed(bench, ELSEWHERE, "off")
    with bench.database.reading() as tx:
        assert identities.persons(tx).members(PAUL.member_id) == (
            PAUL.member_id,
            third.member_id,
        )


def test_what_somebody_answered_on_one_platform_counts_on_the_other(bench: Bench) -> None:
    answered(bench)

    assert asked_there(bench, "How do I close the ledger at the end of the quarter?") == []
    joined(bench)
    assert asked_there(bench, "How can the ledger be closed after the quarter?") == [
        ELSEWHERE.member_id
    ]


def test_somebody_is_asked_no_more_often_because_they_are_on_two_platforms(bench: Bench) -> None:
    answered(bench)
    joined(bench)
    first = asked_there(bench, "How can the ledger be closed after the quarter?")

    again = asked_there(bench, "Is there a way to close the ledger of one company?")
    with bench.database.reading() as tx:
        on_slack = bench.asking.choose(tx, "How is the ledger closed?", HELP, MARIA)

    assert (first, again, on_slack) == ([ELSEWHERE.member_id], [], ())


def test_who_asks_is_not_asked_their_own_question_on_the_other_platform(bench: Bench) -> None:
    answered(bench)
    joined(bench, PAUL, LENA)

    assert asked_there(bench, "How can the ledger be closed after the quarter?") == []


def test_how_somebody_is_asked_is_the_same_on_both(bench: Bench) -> None:
    chosen = ProfileChanged("slack:p", direct_place(PAUL), PAUL, "topics ledger", NOW)
    bench.hear(chosen)
    joined(bench)
    later = replace(chosen, event_id="discord:p", author=ELSEWHERE, text="budget 4")
    bench.hear(replace(later, place=direct_place(ELSEWHERE)))

    with bench.database.reading() as tx:
        here = profiles.availability_of(tx, PAUL.member_id)
        there = profiles.availability_of(tx, ELSEWHERE.member_id)
    assert here == there
    assert (here.asks_a_week, here.topics) == (4, ("ledger",))


def test_ones_page_shows_what_is_ones_own_on_both(bench: Bench) -> None:
    answered(bench)
    joined(bench)
    bench.ask("Where do I post an invoice of last year?", author=PAUL)

    (page,) = bench.hear(
        Inquired("discord:h", home_of(ELSEWHERE), ELSEWHERE, Inquiry.HOME, bench.clock.now())
    )

    assert "Where do I post an invoice" in _words(page)
    assert "You've answered 1 question." in _words(page)


def _words(message: OutgoingMessage) -> str:
    page = message.reply.page
    assert page is not None
    texts = [str(section.text) for section in page.sections]
    return "\n".join([*texts, *(line.asked for section in page.sections for line in section.lines)])


def test_who_is_forgotten_here_is_forgotten_there(bench: Bench) -> None:
    answered(bench)
    joined(bench)
    bench.clock.move(MINUTE)

    bench.hear(ForgetRequested("discord:f", THERE, ELSEWHERE, bench.clock.now()))

    with bench.database.reading() as tx:
        assert conversations.answers_by(tx, PAUL.member_id) == ()
        assert members.holdings_of(tx, PAUL.member_id).forgotten_at is not None
        assert identities.persons(tx).members(PAUL.member_id) == (PAUL.member_id,)


def test_what_is_held_about_somebody_names_their_other_identities(bench: Bench) -> None:
    joined(bench)

    with bench.database.reading() as tx:
        assert members.holdings_of(tx, PAUL.member_id).also == (ELSEWHERE.member_id,)


def test_the_code_itself_is_not_kept_among_the_codes(bench: Bench) -> None:
    code = code_of(typed(bench, PAUL))

    with bench.database.reading() as tx:
        kept = tx.get(identities.LinkCodeRow, ("ours", PAUL.member_id))
    assert kept is not None
    assert code.replace("-", "") not in repr(kept)
