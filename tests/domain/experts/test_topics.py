from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.topics import (
    Knower,
    SoleTopic,
    Thread,
    content_words,
    sole_topics,
    who_knows,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
DONNA = Author("slack", "U3", "Donna")
AYA = Author("slack", "U4", "Aya")
BEN = Author("slack", "U5", "Ben")
LEDGER = "How do I close the ledger of last month?"
ENOUGH = "That is done on the second page."


def thread(  # noqa: PLR0913 - what a thread differs in
    number: int,
    text: str,
    *answerers: Author,
    asker: Author = MARIA,
    said: str = ENOUGH,
    accepted: bool = False,
    days_ago: int = 0,
) -> Thread:
    asked_at = NOW - timedelta(days=days_ago, minutes=5)
    question = Question(
        HELP.in_thread(str(number)), asker, text, asked_at, "", QuestionState.ROUTED, 0.2
    )
    replies = tuple(
        Answer(f"{question.id}/{i}", question.id, author, said, NOW - timedelta(days=days_ago), "")
        for i, author in enumerate(answerers)
    )
    if accepted:
        replies = (replace(replies[0], is_accepted=True), *replies[1:])
    return Thread(question, replies)


def test_a_reply_that_says_something_is_an_answer_and_a_short_one_only_when_accepted() -> None:
    assert thread(1, LEDGER, PAUL).answers != ()
    assert thread(1, LEDGER, PAUL, said="Yes.").answers == ()
    assert thread(1, LEDGER, PAUL, said="Yes.", accepted=True).answers != ()


def test_what_the_askers_say_themselves_is_no_answer() -> None:
    assert thread(1, LEDGER, MARIA).answers == ()


def test_a_person_is_named_with_what_they_answered_on_a_topic_and_nothing_else() -> None:
    threads = [
        thread(1, LEDGER, PAUL, accepted=True, days_ago=202),
        thread(2, "The ledger will not close.", PAUL, days_ago=203),
        thread(3, "How do I print an invoice?", DONNA, PAUL),
    ]

    (paul,) = who_knows(threads, "closing the ledger", now=NOW)

    assert paul == Knower(
        "Paul",
        ("slack:U2",),
        answers=2,
        accepted=1,
        last=NOW - timedelta(days=202),
        topic="closing the ledger",
    )
    assert paul.reason == "answered 2 questions on this, last on 4 May 2026; 1 of them accepted"


def test_without_a_topic_everybody_who_answered_is_named() -> None:
    threads = [thread(1, LEDGER, PAUL, days_ago=1), thread(2, "Where?", PAUL, DONNA)]

    found = who_knows(threads, now=NOW)

    assert [(one.name, str(one.reason)) for one in found] == [
        ("Paul", "answered 2 questions, last on 22 November 2026"),
        ("Donna", "answered 1 question, last on 22 November 2026"),
    ]


def test_two_answers_in_one_thread_are_one_answered_question_and_the_accepted_one_counts() -> None:
    twice = thread(1, LEDGER, PAUL, PAUL)
    second = replace(twice.replies[1], is_accepted=True)

    (paul,) = who_knows([replace(twice, replies=(twice.replies[0], second))], now=NOW)

    assert (paul.answers, paul.accepted) == (1, 1)
    assert str(paul.reason).endswith("; it was accepted")


def test_the_words_of_an_answer_count_as_well_as_those_of_the_question() -> None:
    threads = [thread(1, "It is all red?", PAUL, said="Widen the posting dates in the ledger.")]

    assert [one.name for one in who_knows(threads, "posting dates", now=NOW)] == ["Paul"]


def test_a_thread_that_shares_only_the_common_words_of_a_topic_is_not_about_it() -> None:
    threads = [
        *(thread(number, "The server is slow again.", DONNA) for number in range(9)),
        thread(10, "Which certificate does the server take?", PAUL),
    ]

    found = who_knows(threads, "server certificates", now=NOW)

    assert [one.name for one in found] == ["Paul"]


def test_a_topic_of_words_that_nobody_used_finds_nobody() -> None:
    assert who_knows([thread(1, LEDGER, PAUL)], "kubernetes ingress ledger", now=NOW) == []


def test_many_old_answers_count_less_than_a_few_new_ones() -> None:
    old = [thread(n, LEDGER, PAUL, days_ago=5 * 365) for n in range(10)]
    new = [thread(10 + n, LEDGER, DONNA) for n in range(2)]

    assert [one.name for one in who_knows([*old, *new], "ledger", now=NOW)] == ["Donna", "Paul"]


def test_those_who_have_left_are_not_named() -> None:
    threads = [thread(1, LEDGER, PAUL, DONNA)]

    assert [one.name for one in who_knows(threads, gone={"slack:U2"}, now=NOW)] == ["Donna"]


DECLARED = Declared("Paul Smith", ("ledger", "posting"), ("slack:U2", "discord:7"))


def test_what_the_settings_say_counts_where_one_of_the_topics_is_meant() -> None:
    about_ledger = who_knows([], "the ledger", declared=[DECLARED], now=NOW)
    about_print = who_knows([], "printing", declared=[DECLARED], now=NOW)

    assert [(one.name, str(one.reason)) for one in about_ledger] == [
        ("Paul Smith", "says: ledger and posting")
    ]
    assert about_print == []


def test_a_declared_person_is_one_person_on_all_platforms() -> None:
    on_discord = replace(PAUL, platform="discord", user_id="7", name="paul99")
    threads = [thread(1, LEDGER, PAUL), thread(2, LEDGER, on_discord)]

    (paul,) = who_knows(threads, "ledger", declared=[DECLARED], now=NOW)

    assert (paul.name, paul.member_ids, paul.answers) == (
        "Paul Smith",
        ("slack:U2", "discord:7"),
        2,
    )
    assert str(paul.reason) == (
        "answered 2 questions on this, last on 22 November 2026; says: ledger and posting"
    )


def test_a_declared_person_who_left_everywhere_is_not_named() -> None:
    gone = {"slack:U2", "discord:7"}

    assert who_knows([], "ledger", declared=[DECLARED], gone=gone, now=NOW) == []


def several(text: str, *answerers: Author, times: int = 3, start: int = 0) -> list[Thread]:
    """Somebody answers the same several times, asked by two people in turn."""
    return [
        thread(start + n, f"{text} {n}?", *answerers, asker=(MARIA, AYA)[n % 2])
        for n in range(times)
    ]


OTHERS = [
    *several("Printing invoices", DONNA, times=6, start=100),
    *several("Printing invoices", BEN, times=6, start=200),
]


def test_what_only_one_person_answers_is_told_with_how_often() -> None:
    found = sole_topics([*several("Renew certificates for the web", PAUL), *OTHERS])

    assert SoleTopic("renew certificates", "Paul", 3) in found
    assert all(topic.name == "Paul" for topic in found)


def test_one_set_of_questions_is_told_once_however_many_words_it_has() -> None:
    found = sole_topics([*several("Renew certificates for the web", PAUL), *OTHERS])

    assert len(found) == 1


@pytest.mark.parametrize(
    "threads",
    [
        [],
        several("Renew certificates", PAUL, times=2),
        [*several("Renew certificates", PAUL), thread(9, "Renew certificates?", DONNA)],
        several("Renew certificates", PAUL, DONNA),
        [thread(n, "Renew certificates?", PAUL) for n in range(5)],
    ],
    ids=["nothing", "twice", "another once", "always two", "one asker"],
)
def test_it_takes_three_answers_of_one_person_to_two_askers(threads: list[Thread]) -> None:
    assert sole_topics([*threads, *OTHERS]) == ()


def test_one_who_answers_nearly_everything_is_not_told_for_every_word() -> None:
    threads = [*several("Renew certificates", PAUL), *several("Close ledger", PAUL, start=50)]

    assert sole_topics([*threads, thread(99, "Print invoices?", DONNA)]) == ()


def test_whose_answer_solved_it_is_the_one_who_knows_though_others_said_something() -> None:
    threads = [
        replace(one, replies=(replace(one.replies[0], standing=Standing.KNOWLEDGE), *one.replies))
        for one in several("Renew certificates", PAUL, DONNA)
    ]

    assert [topic.name for topic in sole_topics([*threads, *OTHERS])] == ["Paul"]


def test_it_is_told_when_the_only_one_who_knows_has_left() -> None:
    (topic,) = sole_topics([*several("Renew certificates", PAUL), *OTHERS], gone={"slack:U2"})

    assert topic.has_left


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How do I renew the certificates?", ["renew", "certificat"]),
        ("docker-compose volumes", ["docker", "compos", "volum"]),
        ("<@U2> :tada: see https://example.org/a/b since 2.1.3, 42 times", ["2.1.3"]),
        ("", []),
        ("Глава: übersetzt", ["глава", "übersetzt"]),
    ],
)
def test_the_words_that_tell_what_a_text_is_about(text: str, words: list[str]) -> None:
    assert content_words(text) == words
