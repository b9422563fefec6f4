from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState
from supportbot.domain.experts.topics import SoleTopic, Thread
from supportbot.domain.language.catalogue import about
from supportbot.domain.replies.digest import (
    Digest,
    Helper,
    OpenQuestion,
    Period,
    lines_of,
    summarise,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WEEK = Period(NOW - timedelta(days=7), NOW)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
DONNA = Author("slack", "U3", "Donna")
YESTERDAY = NOW - timedelta(days=1)


def thread(
    number: int,
    state: QuestionState = QuestionState.ROUTED,
    *answers: tuple[Author, float],
    asked_at: datetime = YESTERDAY,
    was_shown: bool = False,
) -> Thread:
    """A question with answers, each so many minutes later."""
    place = HELP.in_thread(str(number))
    question = Question(place, MARIA, f"Question {number}?", asked_at, f"x:{number}", state, 0.2)
    replies = tuple(
        Answer(
            f"{question.id}/{i}",
            question.id,
            author,
            "Press the button twice.",
            asked_at + timedelta(minutes=minutes),
            "",
        )
        for i, (author, minutes) in enumerate(answers)
    )
    return Thread(question, replies, was_shown)


def told(*threads: Thread) -> list[str]:
    return list(lines_of(summarise(threads, WEEK)))


def test_each_question_of_the_period_counts_once_by_what_came_of_it() -> None:
    digest = summarise(
        [
            thread(1, QuestionState.RESOLVED, (PAUL, 10), (DONNA, 20)),
            thread(2, QuestionState.ANSWERED, (PAUL, 10)),
            thread(3, QuestionState.ANSWERED),
            thread(4, QuestionState.RESOLVED, was_shown=True),
            thread(5, QuestionState.RESOLVED),
            thread(6, QuestionState.ROUTED),
            thread(7, QuestionState.PAST),
        ],
        WEEK,
    )

    assert digest == Digest(
        period=WEEK,
        asked=7,
        answered_by_people=2,
        answered_by_match=2,
        confirmed=1,
        closed=1,
        open=(
            OpenQuestion("Question 7?", "help", YESTERDAY, "x:7"),
            OpenQuestion("Question 6?", "help", YESTERDAY, "x:6"),
        ),
        helpers=(Helper("slack:U2", "Paul", 2), Helper("slack:U3", "Donna", 1)),
        median=timedelta(minutes=10),
        ninety=timedelta(minutes=10),
        sole_topics=(),
    )


@pytest.mark.parametrize(
    ("asked_at", "count"),
    [
        (WEEK.since - timedelta(seconds=1), 0),
        (WEEK.since, 1),
        (WEEK.until - timedelta(seconds=1), 1),
        (WEEK.until, 0),
    ],
)
def test_the_period_begins_with_its_first_moment_and_ends_before_its_last(
    asked_at: datetime, count: int
) -> None:
    assert summarise([thread(1, asked_at=asked_at)], WEEK).asked == count


def test_an_answer_of_the_period_to_an_older_question_counts_for_its_author() -> None:
    old = thread(1, QuestionState.ROUTED, (PAUL, 8 * 24 * 60), asked_at=NOW - timedelta(days=10))

    digest = summarise([old], WEEK)

    assert digest.asked == 0
    assert digest.helpers == (Helper("slack:U2", "Paul", 1),)


def test_half_and_nine_in_ten_of_the_first_answers_came_within_these_times() -> None:
    minutes = [1, 2, 3, 4, 5, 6, 7, 8, 90, 100]
    threads = [thread(n, QuestionState.ROUTED, (PAUL, wait)) for n, wait in enumerate(minutes)]

    digest = summarise(threads, WEEK)

    assert digest.median == timedelta(minutes=5, seconds=30)
    assert digest.ninety == timedelta(minutes=90)


def test_an_answer_that_seems_older_than_its_question_took_no_time() -> None:
    assert summarise([thread(1, QuestionState.ROUTED, (PAUL, -5))], WEEK).median == timedelta(0)


def test_topics_of_one_person_come_from_older_questions_too() -> None:
    old = [
        replace(
            one,
            question=replace(
                one.question, text="Renew certificates?", asker=replace(MARIA, user_id=f"A{n}")
            ),
        )
        for n in range(3)
        for one in [thread(n, QuestionState.PAST, (PAUL, 5), asked_at=NOW - timedelta(days=200))]
    ]
    others = [thread(10 + n, QuestionState.PAST, (DONNA, 5)) for n in range(12)]

    digest = summarise([*old, *others], WEEK, gone={"slack:U2"})

    assert digest.sole_topics == (SoleTopic("renew certificates", "Paul", 3, has_left=True),)
    assert list(lines_of(digest))[-1] == (
        "  renew certificates: only Paul, who has left (3 answers)"
    )


def test_a_digest_reads_as_lines() -> None:
    answered = thread(1, QuestionState.ROUTED, (PAUL, 40), (DONNA, 50))
    matched = thread(2, QuestionState.RESOLVED, was_shown=True)
    closed = thread(3, QuestionState.RESOLVED)

    assert told(answered, matched, closed, thread(4)) == [
        "15 November 2026, 09:00 to 22 November 2026, 09:00 (UTC)",
        "",
        (
            "4 questions asked: 1 answered by people, 1 by a match (1 of them confirmed by the "
            "asker), 1 closed by the asker without an answer, 1 still open."
        ),
        (
            "First answer by a person: half within 40 minutes, nine in ten within 40 minutes (of "
            "the 1 that have one; 3 without)."
        ),
        "",
        "Still open",
        "  Question 4? (help, asked 24 hours ago, x:4)",
        "",
        "Who answered",
        "  Donna: 1 question",
        "  Paul: 1 question",
    ]


def test_a_quiet_period_says_so() -> None:
    assert told()[2:] == ["Nobody asked anything."]


def test_long_lists_are_cut_and_say_how_much_is_left() -> None:
    people = [Author("slack", f"P{n}", f"Person {n}") for n in range(13)]
    threads = [thread(n) for n in range(23)]
    threads += [thread(100, QuestionState.ROUTED, *((who, 5.0) for who in people))]

    lines = told(*threads)

    assert "  and 3 older ones" in lines
    assert lines[-1] == "  and 3 others"


def test_an_old_open_question_has_a_date_and_one_without_words_a_title() -> None:
    old = thread(1, asked_at=NOW - timedelta(days=100))
    wordless = replace(old, question=replace(old.question, text="", url=""))
    period = Period(NOW - timedelta(days=365), NOW)

    lines = list(lines_of(summarise([wordless], period)))

    assert lines[-1] == "  (no words) (help, asked on 14 August 2026)"


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=0), "a moment"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=119), "119 seconds"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=30), "30 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_a_time_is_told_in_the_largest_unit_of_which_there_are_two(
    time: timedelta, words: str
) -> None:
    assert about(time) == words
