from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.knowledge.receipts import (
    HelpfulAnswer,
    Receipt,
    Showing,
    receipts_of,
    week_of,
)
from supportbot.domain.replies.receipts import compose_receipt

MARCH = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PAUL = Author("slack", "U2", "Paul")
SHOWN = Showing(
    document_id="answers:1",
    question_id="q1",
    author=PAUL,
    workspace="T1",
    said_at=MARCH,
    url="x:1",
    asker_id="slack:U1",
    elsewhere="",
    has_helped=True,
    is_told=False,
)
HELPED = HelpfulAnswer(MARCH, "x:1", helped=1, newly=1, elsewhere=0, workspaces=0, shown=1)


def to(asker: int, **changes: object) -> Showing:
    return replace(SHOWN, asker_id=f"slack:A{asker}", question_id=f"q{asker}", **changes)  # type: ignore[arg-type]  # by name


def said(*answers: HelpfulAnswer) -> str:
    return str(compose_receipt(Receipt(PAUL, "T1", answers), now=NOW).text)


def test_a_person_who_was_helped_is_counted_once_however_often_they_asked() -> None:
    (receipt,) = receipts_of([to(1), replace(to(1), question_id="q9"), to(2)])

    assert receipt == Receipt(PAUL, "T1", (replace(HELPED, helped=2, newly=2, shown=2),))


def test_a_page_is_called_by_its_title() -> None:
    (receipt,) = receipts_of([to(1, title="Post an invoice")])

    assert said(*receipt.answers) == "Your page “Post an invoice” helped 1 person. Open the page"


def test_more_than_can_be_named_is_counted() -> None:
    page = replace(HELPED, title="Post an invoice")

    assert said(*[HELPED] * 5).splitlines()[-1] == "So did 2 other answers of yours."
    assert said(*[HELPED] * 3, page).splitlines()[-1] == "So did another page of yours."


def test_those_to_whom_it_was_only_shown_are_not_helped() -> None:
    (receipt,) = receipts_of([to(1), to(2, has_helped=False)])

    assert receipt.answers == (replace(HELPED, shown=2),)


def test_nobody_hears_of_an_answer_that_helped_nobody_new() -> None:
    assert receipts_of([to(1, has_helped=False), to(2, is_told=True)]) == []


def test_who_is_known_already_is_counted_but_is_not_news() -> None:
    known_and_back = replace(to(1), question_id="q9")

    (receipt,) = receipts_of([to(1, is_told=True), known_and_back, to(2)])

    assert receipt.answers == (replace(HELPED, helped=2, newly=1, shown=2),)


@pytest.mark.parametrize("asker_id", ["", "slack:U2"])
def test_nobody_and_the_author_themself_are_not_helped(asker_id: str) -> None:
    assert receipts_of([replace(SHOWN, asker_id=asker_id)]) == []


def test_those_of_other_workspaces_are_counted_with_their_workspaces() -> None:
    (receipt,) = receipts_of([to(1), to(2, elsewhere="slack/T2/"), to(3, elsewhere="slack/T3/")])

    assert receipt.answers == (
        replace(HELPED, helped=3, newly=3, elsewhere=2, workspaces=2, shown=3),
    )


def test_each_author_hears_of_their_own_answers_the_most_helpful_first() -> None:
    donna = Author("slack", "U3", "Donna")
    later = MARCH + timedelta(days=1)
    second = {"document_id": "answers:2", "said_at": later, "url": "x:2"}

    found = receipts_of(
        [to(1), to(1, **second), to(2, **second), to(3, document_id="answers:3", author=donna)]
    )

    assert [receipt.author for receipt in found] == [PAUL, donna]
    assert [answer.url for answer in found[0].answers] == ["x:2", "x:1"]


def test_the_note_says_how_many_and_how_many_in_the_sister_group_and_names_nobody() -> None:
    fourteen = replace(HELPED, helped=14, newly=14, elsewhere=3, workspaces=1, shown=14)

    assert (
        said(fourteen) == "Your answer of 4 March helped 14 people, 3 of them in the sister "
        "group. See the thread"
    )


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (HELPED, "Your answer of 4 March helped 1 person. See the thread"),
        (replace(HELPED, url=""), "Your answer of 4 March helped 1 person."),
        (
            replace(HELPED, elsewhere=1, workspaces=1),
            "Your answer of 4 March helped 1 person, in the sister group. See the thread",
        ),
        (
            replace(HELPED, helped=2, newly=2, elsewhere=2, workspaces=2, shown=2),
            "Your answer of 4 March helped 2 people, all of them in sister groups. See the thread",
        ),
        (
            replace(HELPED, helped=14, newly=2, shown=40),
            (
                "Your answer of 4 March helped 2 more, 14 people in all. It was shown to 40. "
                "See the thread"
            ),
        ),
        (
            replace(HELPED, said_at=datetime(2025, 3, 4, tzinfo=UTC)),
            "Your answer of 4 March 2025 helped 1 person. See the thread",
        ),
    ],
)
def test_the_note_is_true_of_each_answer(answer: HelpfulAnswer, sentence: str) -> None:
    assert said(answer) == sentence


def test_a_note_names_three_answers_and_counts_the_others() -> None:
    lines = said(*[HELPED] * 5).splitlines()

    assert lines[2:] == [
        "Your answer of 4 March helped 1 person. See the thread",
        "So did 2 other answers of yours.",
    ]


@pytest.mark.parametrize(
    ("day", "week"),
    [(date(2026, 11, 22), "2026-W47"), (date(2027, 1, 1), "2026-W53"), (NOW, "2026-W47")],
)
def test_a_week_has_a_name(day: date, week: str) -> None:
    assert week_of(day) == week
