from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing, reply_id
from supportbot.domain.experts.availability import Availability
from supportbot.domain.experts.profile import Profile
from supportbot.domain.knowledge.capture import document_from
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.receipts import Showing
from supportbot.domain.replies.reply import OutgoingMessage, Quote, Reply
from supportbot.retrieval.chunking import passages_of
from supportbot.store import (
    conversations,
    delivery,
    knowledge,
    lifecycle,
    members,
    outbox,
    outbox_counts,
    profiles,
    receipts,
    statistics,
    withdrawal,
)
from supportbot.store.engine.sqlite import Database
from supportbot.store.knowledge import PreparedDocument
from supportbot.store.outbox_rows import Cause

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "help")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
AYA = Author("slack", "U4", "Aya")
QUESTION = Question(
    HELP.in_thread("1"), MARIA, "How do I post?", NOW, "x:1", QuestionState.RESOLVED, 0.2
)
ANSWER = Answer(
    "slack/T1/help/1/2",
    "slack/T1/help/1",
    PAUL,
    "With the green button.",
    NOW,
    "x:2",
    is_accepted=True,
    standing=Standing.KNOWLEDGE,
)
DOCUMENT = document_from(QUESTION, ANSWER)
AGAIN = Question(HELP.in_thread("7"), AYA, "How to post?", NOW, "x:7", QuestionState.ANSWERED, 0.9)
SHOWING = Showing(
    document_id="answers:slack/T1/help/1",
    question_id="slack/T1/help/7",
    author=PAUL,
    workspace="T1",
    said_at=NOW,
    url="x:2",
    asker_id="slack:U4",
    elsewhere="",
    has_helped=True,
    is_told=False,
)


@pytest.fixture
def full(database: Database) -> Database:
    """Maria's question with Paul's answer, which is knowledge; Aya asks the same."""
    with database.writing() as tx:
        conversations.save_question(tx, QUESTION)
        conversations.save_answer(tx, ANSWER)
        conversations.save_question(tx, AGAIN)
    learn(database, DOCUMENT)
    return database


def learn(database: Database, document: Document) -> None:
    prepared = PreparedDocument(document, "hash", passages_of(document))
    with database.writing() as tx:
        knowledge.remove_documents(tx, [document.id])
        knowledge.put_documents(tx, [prepared])


def reply_to(question: Question, *documents: Document) -> OutgoingMessage:
    quotes = tuple(Quote(d.body, d.title, d.author, d.said_at, d.url, 0.9, d.id) for d in documents)
    return OutgoingMessage(reply_id(question.id), question.place, Reply("Before.", quotes))


def say(database: Database, message: OutgoingMessage) -> None:
    with database.writing() as tx:
        outbox.put(tx, [message], now=NOW, cause=Cause("e", "slack:U4"))


def deliver(database: Database, message: OutgoingMessage) -> None:
    say(database, message)
    with database.writing() as tx:
        delivery.mark_delivered(tx, message.id, "9")


def resolve(database: Database, question: Question, *answers: Answer) -> None:
    with database.writing() as tx:
        resolved = replace(question, state=QuestionState.RESOLVED)
        conversations.save_question(tx, resolved)
        for answer in answers:
            conversations.save_answer(tx, answer)


def showings(database: Database, community_id: str = "ours") -> list[Showing]:
    with database.of(community_id).reading() as tx:
        return receipts.showings(tx)


def shown_to(database: Database) -> Collection[str]:
    with database.reading() as tx:
        return receipts.questions_shown_something(tx)


def about(database: Database, author: Author) -> int:
    with database.reading() as tx:
        return receipts.count_about(tx, author.member_id)


def test_what_a_reply_quotes_is_shown_once_it_is_delivered(full: Database) -> None:
    say(full, reply_to(AGAIN, DOCUMENT))
    waiting = shown_to(full)

    with full.writing() as tx:
        delivery.mark_delivered(tx, reply_id(AGAIN.id), "9")

    assert (waiting, shown_to(full)) == (frozenset(), {AGAIN.id})


def test_a_reply_without_a_quotation_and_one_that_was_withdrawn_show_nothing(
    full: Database,
) -> None:
    deliver(full, reply_to(QUESTION))
    say(full, reply_to(AGAIN, DOCUMENT))
    with full.writing() as tx:
        withdrawal.withdraw_in(tx, AGAIN.place)
        delivery.mark_delivered(tx, reply_id(AGAIN.id), "9")

    assert shown_to(full) == frozenset()


def test_what_was_shown_has_helped_once_the_question_is_solved(full: Database) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    before = showings(full)

    resolve(full, AGAIN)

    assert (before, showings(full)) == ([], [SHOWING])
    assert showings(full, "theirs") == []


def test_where_a_persons_answer_was_accepted_it_was_that_one_that_helped(full: Database) -> None:
    accepted = replace(ANSWER, id=f"{AGAIN.id}/8", question_id=AGAIN.id)
    deliver(full, reply_to(AGAIN, DOCUMENT))

    resolve(full, AGAIN, accepted)

    assert showings(full) == []


def test_where_people_said_something_that_was_not_accepted_it_has_helped(full: Database) -> None:
    given = replace(ANSWER, id=f"{AGAIN.id}/8", question_id=AGAIN.id, is_accepted=False)
    deliver(full, reply_to(AGAIN, DOCUMENT))

    resolve(full, AGAIN, given)

    assert showings(full) == [SHOWING]


def test_one_who_asked_in_another_workspace_is_told_apart(full: Database) -> None:
    sister = replace(AGAIN, place=Place("discord", "G1", "help", "7"))
    with full.writing() as tx:
        conversations.save_question(tx, sister)
    deliver(full, reply_to(sister, DOCUMENT))

    resolve(full, sister)

    assert [one.elsewhere for one in showings(full)] == ["discord/G1/"]


def test_what_was_told_is_still_read_where_there_is_more_to_tell(full: Database) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    resolve(full, AGAIN)
    with full.writing() as tx:
        receipts.note_told(tx, receipts.showings(tx), now=NOW)
    when_told = showings(full)
    third = replace(AGAIN, place=HELP.in_thread("8"), asker=replace(AYA, user_id="U5"))
    with full.writing() as tx:
        conversations.save_question(tx, third)
    deliver(full, reply_to(third, DOCUMENT))

    resolve(full, third)

    assert when_told == []
    assert [(one.asker_id, one.is_told) for one in showings(full)] == [
        ("slack:U4", True),
        ("slack:U5", False),
    ]


def test_what_is_shown_but_has_not_helped_yet_is_told_later(full: Database) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    with full.writing() as tx:
        receipts.note_told(tx, receipts.showings(tx), now=NOW)

    resolve(full, AGAIN)

    assert showings(full) == [SHOWING]


def test_an_answer_that_was_edited_keeps_what_it_has_done(full: Database) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    resolve(full, AGAIN)

    learn(full, replace(DOCUMENT, body="With the red button."))

    assert showings(full) == [SHOWING]


def test_where_somebody_elses_answer_took_its_place_nobody_is_told(full: Database) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    resolve(full, AGAIN)

    learn(full, replace(DOCUMENT, author="Donna", author_id="slack:U3"))

    assert showings(full) == []


def test_the_groups_own_documents_are_noted_and_nobody_is_told(full: Database) -> None:
    manual = replace(DOCUMENT, source="best_practices", key="a.md", author="D", author_id="")
    learn(full, manual)
    deliver(full, reply_to(AGAIN, manual))

    resolve(full, AGAIN)

    assert shown_to(full) == {AGAIN.id}
    assert showings(full) == []


def test_a_document_of_the_groups_own_is_read_with_its_owner(full: Database) -> None:
    manual = replace(DOCUMENT, source="best_practices", key="a.md", author="Paul", author_id="")
    learn(full, manual)
    deliver(full, reply_to(AGAIN, manual, DOCUMENT))
    resolve(full, AGAIN)

    def owner_on(name: str, platform: str) -> Author | None:
        return PAUL if (name, platform) == ("Paul", "slack") else None

    with full.writing() as tx:
        owned = receipts.showings_of_owned(tx, owner_on)
        receipts.note_told(tx, owned, now=NOW)
        told = receipts.showings_of_owned(tx, owner_on)
        nobodys = receipts.showings_of_owned(tx, lambda _name, _platform: None)

    expected = replace(SHOWING, document_id=manual.id, title=manual.title)
    assert owned == [expected]
    assert told == [replace(expected, is_told=True)]
    assert nobodys == []
    assert showings(full) == [SHOWING]


@pytest.mark.parametrize("author", [MARIA, PAUL, AYA], ids=lambda author: author.name)
def test_of_a_member_who_is_forgotten_nothing_is_known_that_was_shown(
    full: Database, author: Author
) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    resolve(full, AGAIN)

    with full.writing() as tx:
        lifecycle.forget_member(tx, author, until=NOW + timedelta(days=1), now=NOW)

    assert about(full, author) == 0
    assert showings(full) == []


@pytest.mark.parametrize("message_id", ["1", "2", "7"], ids=["question", "answer", "asked again"])
def test_what_was_shown_goes_with_the_messages(full: Database, message_id: str) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    resolve(full, AGAIN)

    with full.writing() as tx:
        lifecycle.delete_message(tx, HELP, message_id, now=NOW)

    assert shown_to(full) == frozenset()


def test_what_is_noted_of_a_member_is_among_what_is_held(full: Database) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))
    with full.writing() as tx:
        profiles.save(tx, Profile(PAUL, Availability(receipts=False)), now=NOW)

    with full.reading() as tx:
        paul, aya, maria = (
            members.holdings_of(tx, author.member_id) for author in (PAUL, AYA, MARIA)
        )

    assert (paul.shown, paul.wants_receipts) == (1, False)
    assert (aya.shown, aya.wants_receipts) == (1, True)
    assert maria.shown == 0


def test_no_row_tells_to_whom_a_forgotten_members_note_went(full: Database) -> None:
    place = direct_place(PAUL, "T1")
    note = OutgoingMessage("receipt/1", place, Reply("Your answer helped."))
    with full.writing() as tx:
        outbox.put(tx, [note], now=NOW, cause=Cause(member_id="slack:U2"))
        delivery.mark_delivered(tx, note.id, "9")

    with full.writing() as tx:
        lifecycle.forget_member(tx, PAUL, until=NOW, now=NOW)

    with full.reading() as tx:
        until = NOW + timedelta(days=1)
        since = NOW - timedelta(days=1)
        assert outbox_counts.count_in_channel(tx, place.channel_key, since=since, until=until) == 0
        assert outbox.is_known(tx, note.id)


def test_a_question_to_which_something_was_shown_is_known_as_such(full: Database) -> None:
    deliver(full, reply_to(AGAIN, DOCUMENT))

    with full.reading() as tx:
        threads = statistics.open_threads(tx)

    assert [(t.question.id, t.was_shown_something) for t in threads] == [
        (QUESTION.id, False),
        (AGAIN.id, True),
    ]
