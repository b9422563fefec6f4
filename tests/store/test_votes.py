from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.knowledge.capture import document_from
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.votes import Judged, Vote
from supportbot.domain.replies.reply import Quote
from supportbot.retrieval.chunking import passages_of
from supportbot.store import conversations, knowledge, lifecycle, members, receipts, votes
from supportbot.store.engine.sqlite import Database
from supportbot.store.knowledge import PreparedDocument

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
DONNA = Author("slack", "U3", "Donna")
AYA = Author("slack", "U4", "Aya")
PAST = Question(HELP.in_thread("1"), MARIA, "How?", NOW, "", QuestionState.RESOLVED, 0.2)
ANSWER = Answer(
    f"{PAST.id}/2", PAST.id, PAUL, "With the button.", NOW, "", standing=Standing.KNOWLEDGE
)
FIRST = document_from(PAST, ANSWER)
SECOND = replace(FIRST, source="best_practices", key="a.md", author_id="")
ASKED = Question(HELP.in_thread("7"), AYA, "How to?", NOW, "", QuestionState.ANSWERED, 0.9)


@pytest.fixture
def full(database: Database) -> Database:
    """Paul's answer to Maria, and a page; both were shown to Aya, and Paul's answer first."""
    with database.writing() as tx:
        conversations.save_question(tx, PAST)
        conversations.save_answer(tx, ANSWER)
        conversations.save_question(tx, ASKED)
        knowledge.put_documents(
            tx, [PreparedDocument(d, d.id, passages_of(d)) for d in (FIRST, SECOND)]
        )
    show(database, ASKED, (FIRST, 0.9), (SECOND, 0.8))
    return database


def show(
    database: Database,
    question: Question,
    *documents: tuple[Document, float | None],
    now: datetime = NOW,
    model: str = "m",
) -> None:
    quotes = [
        Quote("Text", d.title, "", None, "", 0.5, d.id, chance, model) for d, chance in documents
    ]
    with database.writing() as tx:
        receipts.note_shown(tx, question.id, quotes, now=now)


def shown(database: Database, question: Question = ASKED) -> Sequence[str]:
    with database.reading() as tx:
        return receipts.shown_for(tx, question.id)


def vote(
    database: Database,
    document: Document = FIRST,
    *,
    by: Author = AYA,
    has_helped: bool = True,
    at: datetime = NOW,
) -> None:
    with database.writing() as tx:
        said = Vote(ASKED.id, document.id, by.member_id, has_helped, at)
        votes.save(tx, [said])


def judged(database: Database, *, model: str = "m", community_id: str = "ours") -> list[Judged]:
    with database.of(community_id).reading() as tx:
        return list(votes.judged(tx, model=model))


def state(database: Database) -> votes.State:
    with database.reading() as tx:
        return votes.state(tx)


def said_by(database: Database, author: Author) -> list[bool]:
    with database.reading() as tx:
        return [v.has_helped for v in members.holdings_of(tx, author.member_id).votes]


def test_what_was_shown_is_read_likeliest_first(full: Database) -> None:
    assert shown(full) == (FIRST.id, SECOND.id)
    assert shown(full, PAST) == ()


def test_of_several_replies_to_a_question_the_last_one_counts(full: Database) -> None:
    show(full, ASKED, (SECOND, 0.95), now=LATER)
    vote(full, SECOND)

    assert shown(full) == (SECOND.id,)
    assert [(one.chance, one.has_helped) for one in judged(full)] == [(0.95, True)]


def test_what_became_of_the_match_that_was_shown_first_is_read_with_its_chance(
    full: Database,
) -> None:
    vote(full, FIRST, has_helped=False)
    vote(full, SECOND, has_helped=False)

    assert [(one.chance, one.has_helped) for one in judged(full)] == [(0.9, False)]
    assert judged(full, community_id="theirs") == []


def test_the_chances_of_another_model_are_not_read(full: Database) -> None:
    vote(full)

    assert judged(full, model="another") == []


def test_what_was_shown_before_chances_were_kept_is_not_read(full: Database) -> None:
    show(full, ASKED, (FIRST, None), now=LATER, model="")
    vote(full)

    assert judged(full) == []


def test_a_later_vote_of_a_member_takes_the_place_of_the_earlier(full: Database) -> None:
    vote(full, has_helped=True)
    before = state(full)

    vote(full, has_helped=False, at=LATER)

    assert said_by(full, AYA) == [False]
    assert [(one.chance, one.has_helped) for one in judged(full)] == [(0.9, False)]
    assert state(full) != before


def test_of_two_members_who_vote_on_one_match_the_last_word_counts(full: Database) -> None:
    vote(full, by=DONNA, has_helped=False, at=LATER)
    vote(full, by=AYA, has_helped=True)

    assert [(one.chance, one.has_helped) for one in judged(full)] == [(0.9, False)]
    assert (said_by(full, AYA), said_by(full, DONNA)) == ([True], [False])


def test_judged_matches_are_read_oldest_first(full: Database) -> None:
    show(full, PAST, (SECOND, 0.4))
    with full.writing() as tx:
        votes.save(tx, [Vote(PAST.id, SECOND.id, MARIA.member_id, False, NOW)])  # noqa: FBT003 - it has not
    vote(full, at=LATER)

    assert [one.chance for one in judged(full)] == [0.4, 0.9]


def test_a_vote_on_what_is_gone_is_not_kept(full: Database) -> None:
    with full.writing() as tx:
        lifecycle.delete_message(tx, HELP, "7", now=NOW)

    vote(full)

    assert said_by(full, AYA) == []


@pytest.mark.parametrize("message_id", ["2", "7"], ids=["the answer", "the question"])
def test_votes_go_with_what_was_shown_and_with_the_question(
    full: Database, message_id: str
) -> None:
    vote(full)
    vote(full, by=DONNA)

    with full.writing() as tx:
        lifecycle.delete_message(tx, HELP, message_id, now=NOW)

    assert state(full) == (0, 0, None)


@pytest.mark.parametrize("author", [AYA, PAUL], ids=["the asker", "the author"])
def test_votes_go_with_the_one_who_asked_and_with_the_one_whose_words_were_shown(
    full: Database, author: Author
) -> None:
    vote(full)
    vote(full, by=DONNA)

    with full.writing() as tx:
        lifecycle.forget_member(tx, author, until=LATER, now=LATER)

    assert judged(full) == []
    assert said_by(full, AYA) == said_by(full, DONNA) == []


def test_votes_go_with_the_one_who_voted_and_those_of_others_stay(full: Database) -> None:
    vote(full, by=DONNA, has_helped=False, at=LATER)
    vote(full)

    with full.writing() as tx:
        lifecycle.forget_member(tx, DONNA, until=LATER, now=LATER)

    assert [(one.chance, one.has_helped) for one in judged(full)] == [(0.9, True)]
    assert said_by(full, DONNA) == []


def test_a_vote_in_a_private_place_counts_as_a_number(full: Database) -> None:
    private = replace(ASKED, place=replace(ASKED.place, is_private=True))
    with full.writing() as tx:
        conversations.save_question(tx, private)

    vote(full)

    assert [(one.chance, one.has_helped) for one in judged(full)] == [(0.9, True)]
