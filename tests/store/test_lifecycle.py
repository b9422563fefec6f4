from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlmodel import select

from supportbot.domain.chat.audiences import scope_of
from supportbot.domain.chat.events import (
    AnswerAccepted,
    Event,
    ForgetRequested,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceDeleted,
    message_key_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.knowledge import capture
from supportbot.domain.language.texts import Mention, fill
from supportbot.domain.replies.reply import OutgoingMessage, Quote, Reply
from supportbot.retrieval.chunking import passages_of
from supportbot.store import (
    conversations,
    delivery,
    inbox,
    knowledge,
    lifecycle,
    outbox,
    outbox_counts,
    places,
    tombstones,
)
from supportbot.store.engine import fts5
from supportbot.store.engine.sqlite import Database
from supportbot.store.inbox import InboxRow
from supportbot.store.knowledge import EmbeddingRow, PreparedDocument
from supportbot.store.lifecycle import Forgotten
from supportbot.store.outbox_rows import Cause, OutboxRow, OutboxState
from tests.communities import theirs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
HELP = Place("slack", "T1", "help")
CLOSED = Place("slack", "T1", "help", is_private=True)
OTHER = Place("slack", "T1", "other")
THREAD = HELP.in_thread("1")
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul")
DONNA = Author("slack", "U3", "Donna")
QUESTION = Question(
    THREAD, MARIA, "How does a zebra post?", NOW, "", QuestionState.RESOLVED, 0.2, ("slack:U2",)
)
ANSWER = Answer(
    "slack/T1/help/1/2",
    "slack/T1/help/1",
    PAUL,
    "Feed it an okapi, and post, Maria.",
    NOW,
    "",
    is_accepted=True,
    standing=Standing.KNOWLEDGE,
)
COMMENT = replace(
    ANSWER,
    id="slack/T1/help/1/3",
    author=DONNA,
    text="Or ask a quokka, Maria.",
    is_accepted=False,
    standing=Standing.GIVEN,
)
UNKNOWN = Reply("I don't know this one.")
BY_THE_CLOCK = Cause()
ASKED = MessagePosted("slack:e1", HELP, "1", MARIA, QUESTION.text, NOW)
REPLIED = MessagePosted("slack:e2", THREAD, "2", PAUL, ANSWER.text, NOW)
COMMENTED = MessagePosted("slack:e3", THREAD, "3", DONNA, COMMENT.text, NOW)


def store(
    database: Database,
    question: Question = QUESTION,
    answers: Sequence[Answer] = (ANSWER, COMMENT),
    events: Sequence[Event] = (ASKED, REPLIED, COMMENTED),
) -> None:
    """Store a whole conversation as the worker does, with the document of its first answer."""
    document = capture.document_from(question, answers[0])
    passages = passages_of(document)
    hashes = [knowledge.content_hash(passage.searched) for passage in passages]
    vectors = {hash_: np.array([1.0, 0.0], np.float32) for hash_ in hashes}
    with database.writing() as tx:
        conversations.save_question(tx, question)
        for answer in answers:
            conversations.save_answer(tx, answer)
        prepared = PreparedDocument(document, "hash", passages)
        knowledge.put_documents(tx, [prepared])
        knowledge.put_embeddings(tx, vectors, model="m", precision="float32")
        for event in events:
            inbox.put(tx, event, now=NOW)


@pytest.fixture
def full(database: Database) -> Database:
    """Maria's question, with Paul's accepted answer and a comment of Donna's."""
    store(database)
    return database


def delete(database: Database, message_id: str, place: Place = HELP) -> None:
    with database.writing() as tx:
        lifecycle.delete_message(tx, place, message_id, now=LATER)


def delete_place(database: Database, place: Place) -> None:
    with database.writing() as tx:
        lifecycle.delete_place(tx, place, now=LATER)


def move(database: Database, place: Place) -> None:
    with database.writing() as tx:
        lifecycle.move_audience(tx, place)


def forget(database: Database, author: Author, until: datetime = NOW) -> Forgotten:
    with database.writing() as tx:
        return lifecycle.forget_member(tx, author, until=until, now=LATER)


def say(
    database: Database,
    id_: str = "reply",
    reply: Reply = UNKNOWN,
    place: Place = THREAD,
    cause: Cause = BY_THE_CLOCK,
) -> None:
    with database.writing() as tx:
        outbox.put(tx, [OutgoingMessage(id_, place, reply)], now=NOW, cause=cause)


def claimed(database: Database) -> list[OutgoingMessage]:
    """Deliver everything that waits."""
    messages = []
    with database.writing() as tx:
        while claim := delivery.claim(tx, "slack", now=LATER):
            messages.append(claim.message)
            delivery.mark_delivered(tx, claim.message.id, "")
    return messages


def question(database: Database) -> Question | None:
    with database.reading() as tx:
        return conversations.question_of(tx, "slack/T1/help/1")


def answers(database: Database) -> tuple[Answer, ...]:
    with database.reading() as tx:
        return conversations.answers_to(tx, "slack/T1/help/1")


def known(database: Database) -> tuple[int, int, int]:
    """Count documents, passages and vectors."""
    with database.reading() as tx:
        vectors = len(tx.exec(select(EmbeddingRow)).all())
        return (*knowledge.count(tx), vectors)


def found(database: Database, place: Place, word: str) -> list[str]:
    """Find by a word what may be seen in a place."""
    scope = scope_of(place)
    with database.reading() as tx:
        passages = knowledge.read_passages(tx, scope, list(fts5.score_word(tx, word)))
    return [passage.key.document_id for passage in passages.values()]


def body(database: Database, event_id: str) -> Event | None:
    with database.reading() as tx:
        return tx.get_one(InboxRow, ("ours", event_id)).event


def outbox_row(database: Database, id_: str = "reply") -> OutboxRow:
    with database.reading() as tx:
        return tx.get_one(OutboxRow, ("ours", id_))


def revision(database: Database) -> int:
    with database.reading() as tx:
        return knowledge.revision(tx)


def bytes_of(database: Database) -> bytes:
    """Read the database's files as anybody with a disk editor does."""
    assert database.scrub()
    files = Path(database.path.parent).glob("supportbot.db*")
    return b"".join(file.read_bytes() for file in files)


def test_a_question_goes_with_its_answers_its_document_and_its_vectors(full: Database) -> None:
    delete(full, "1")

    assert question(full) is None
    assert answers(full) == ()
    assert known(full) == (0, 0, 0)
    assert found(full, HELP, "zebra") == []


def test_what_the_question_said_goes_from_the_inbox(full: Database) -> None:
    delete(full, "1")

    assert body(full, "slack:e1") is None
    assert body(full, "slack:e2") == REPLIED


def test_what_waits_in_the_thread_of_a_question_that_is_gone_is_not_said(full: Database) -> None:
    say(full)

    delete(full, "1")

    assert claimed(full) == []
    assert (outbox_row(full).state, outbox_row(full).message) == ("withdrawn", None)


def test_an_index_is_told_that_a_document_is_gone(full: Database) -> None:
    before = revision(full)

    delete(full, "1")

    assert revision(full) > before


def test_an_answer_goes_with_the_document_that_stood_on_it_and_the_question_is_open_again(
    full: Database,
) -> None:
    delete(full, "2", THREAD)

    assert answers(full) == (COMMENT,)
    assert known(full) == (0, 0, 0)
    assert question(full) == replace(QUESTION, state=QuestionState.ROUTED)
    assert body(full, "slack:e2") is None


def test_an_answer_on_which_nothing_stood_goes_alone(full: Database) -> None:
    delete(full, "3", THREAD)

    assert answers(full) == (ANSWER,)
    assert question(full) == QUESTION
    assert known(full)[0] == 1


def test_a_message_that_nothing_was_learned_from_leaves_everything_else(full: Database) -> None:
    delete(full, "9", THREAD)

    assert answers(full) == (ANSWER, COMMENT)
    assert question(full) == QUESTION
    assert found(full, HELP, "zebra") == ["answers:slack/T1/help/1"]


def test_what_was_said_about_a_message_goes_with_it_before_and_after_its_edits(
    full: Database,
) -> None:
    edited = MessageEdited("slack:e4", THREAD, "2", PAUL, "Feed it a numbat.", LATER)
    with full.writing() as tx:
        inbox.put(tx, edited, now=NOW)

    delete(full, "2", THREAD)

    assert body(full, "slack:e4") is None


def test_a_message_of_another_channel_community_or_platform_stays(full: Database) -> None:
    delete(full, "1", OTHER)
    delete(full, "1", replace(HELP, platform="discord"))
    with full.writing() as tx:
        lifecycle.delete_message(theirs(tx), HELP, "1", now=LATER)

    assert question(full) == QUESTION


def test_a_thread_that_is_gone_takes_everything_that_was_said_in_it(full: Database) -> None:
    say(full)

    delete_place(full, THREAD)

    assert question(full) is None
    assert known(full) == (0, 0, 0)
    assert [body(full, id_) for id_ in ("slack:e1", "slack:e2", "slack:e3")] == [None, None, None]
    assert claimed(full) == []


def test_a_thread_that_is_gone_leaves_the_others_of_its_channel(full: Database) -> None:
    other = replace(ASKED, event_id="slack:e7", message_id="7")
    with full.writing() as tx:
        inbox.put(tx, other, now=NOW)

    delete_place(full, HELP.in_thread("9"))
    delete_place(full, OTHER.in_thread("1"))
    delete_place(full, THREAD)

    assert body(full, "slack:e7") == other


def test_a_thread_of_no_question_can_go_too(database: Database) -> None:
    chatter = replace(REPLIED, place=HELP.in_thread("9"))
    with database.writing() as tx:
        inbox.put(tx, chatter, now=NOW)

    delete_place(database, HELP.in_thread("9"))

    assert body(database, "slack:e2") is None


def test_a_channel_that_is_gone_takes_everything_that_was_said_and_learned_in_it(
    full: Database,
) -> None:
    say(full)

    delete_place(full, HELP)

    assert question(full) is None
    assert known(full) == (0, 0, 0)
    assert [body(full, id_) for id_ in ("slack:e1", "slack:e2", "slack:e3")] == [None, None, None]
    assert claimed(full) == []


def test_a_channel_that_is_gone_leaves_the_other_channels(full: Database) -> None:
    delete_place(full, OTHER)

    assert question(full) == QUESTION
    assert found(full, HELP, "zebra") == ["answers:slack/T1/help/1"]
    assert body(full, "slack:e1") == ASKED


def test_that_a_place_is_gone_is_remembered(full: Database) -> None:
    gone = PlaceDeleted("slack:e9", HELP, NOW)
    message = MessageDeleted("slack:e8", HELP, "5", NOW)
    with full.writing() as tx:
        inbox.put(tx, gone, now=NOW)
        inbox.put(tx, message, now=NOW)

    delete_place(full, HELP)

    assert (body(full, "slack:e9"), body(full, "slack:e8")) == (gone, message)


def test_a_channel_that_is_closed_off_is_found_by_nobody_outside(full: Database) -> None:
    before = revision(full)

    move(full, CLOSED)

    assert found(full, HELP, "zebra") == []
    assert found(full, OTHER, "zebra") == []
    assert found(full, CLOSED, "zebra") == ["answers:slack/T1/help/1"]
    assert revision(full) > before


def test_a_channel_that_is_opened_is_found_by_everybody(database: Database) -> None:
    store(database, replace(QUESTION, place=CLOSED.in_thread("1")))
    hidden = found(database, OTHER, "zebra")

    move(database, HELP)

    assert hidden == []
    assert found(database, OTHER, "zebra") == ["answers:slack/T1/help/1"]


@pytest.mark.parametrize(
    ("place", "audience"),
    [(CLOSED, "place:slack/T1/help"), (HELP, "community")],
    ids=["closed off", "opened"],
)
def test_every_row_of_a_channel_has_its_audience(
    full: Database, place: Place, audience: str
) -> None:
    say(full)
    move(full, CLOSED)

    move(full, place)

    with full.reading() as tx:
        rows: list[Any] = [
            tx.get_one(conversations.QuestionRow, ("ours", QUESTION.id)),
            tx.get_one(conversations.AnswerRow, ("ours", ANSWER.id)),
            tx.get_one(conversations.AnswerRow, ("ours", COMMENT.id)),
            tx.get_one(knowledge.DocumentRow, ("ours", "answers:slack/T1/help/1")),
            tx.get_one(InboxRow, ("ours", "slack:e1")),
            tx.get_one(OutboxRow, ("ours", "reply")),
        ]
        ((keys, _),) = list(knowledge.read_vectors(tx, "m"))
    assert [row.audience for row in rows] == [audience] * 6
    assert {key.audience for key in keys} == {audience}
    assert question(full) == replace(QUESTION, place=place.in_thread("1"))


def test_another_channel_and_another_community_stay_as_they_are(full: Database) -> None:
    move(full, replace(CLOSED, channel="other"))
    with full.writing() as tx:
        lifecycle.move_audience(theirs(tx), CLOSED)

    assert found(full, OTHER, "zebra") == ["answers:slack/T1/help/1"]
    assert question(full) == QUESTION


def test_a_channel_without_knowledge_can_be_closed_off_too(database: Database) -> None:
    move(database, CLOSED)

    assert revision(database) == 0


def test_an_asker_is_forgotten_and_what_others_answered_stays_without_the_name(
    full: Database,
) -> None:
    forgotten = forget(full, MARIA)

    assert forgotten == Forgotten(questions=1, answers=0, documents=1)
    assert question(full) == Question(
        THREAD, Author("slack", "", "somebody"), "", NOW, "", QuestionState.RESOLVED, 0.2
    )
    assert [answer.text for answer in answers(full)] == [
        "Feed it an okapi, and post, somebody.",
        "Or ask a quokka, somebody.",
    ]
    assert known(full) == (0, 0, 0)


def test_a_question_that_nobody_else_answered_goes_with_its_asker(database: Database) -> None:
    store(database, answers=[replace(ANSWER, author=MARIA)])

    forget(database, MARIA)

    assert question(database) is None
    assert answers(database) == ()


def test_one_who_answered_is_forgotten_and_the_question_stays(full: Database) -> None:
    forgotten = forget(full, PAUL)

    assert forgotten == Forgotten(questions=0, answers=1, documents=1)
    assert answers(full) == (COMMENT,)
    assert question(full) == replace(QUESTION, experts=(), state=QuestionState.ROUTED)
    assert known(full) == (0, 0, 0)


def test_an_expert_who_is_forgotten_was_never_asked(database: Database) -> None:
    store(database, replace(QUESTION, experts=("slack:U3", "slack:U2")), events=())

    forget(database, PAUL)

    left = question(database)
    assert left is not None
    assert left.experts == ("slack:U3",)


def test_nothing_that_a_forgotten_member_said_stays_in_the_inbox(full: Database) -> None:
    forget(full, PAUL)

    with full.reading() as tx:
        assert list(inbox.events_of(tx, "slack:U2")) == []
    assert body(full, "slack:e2") is None
    assert body(full, "slack:e1") == ASKED


def test_what_others_wrote_about_a_forgotten_members_answer_goes_too(full: Database) -> None:
    by_moderator = MessageEdited("slack:e4", THREAD, "2", DONNA, "Feed it an okapi!", NOW)
    with full.writing() as tx:
        inbox.put(tx, by_moderator, now=NOW)

    forget(full, PAUL)

    assert body(full, "slack:e4") is None


def test_what_a_member_said_later_stays(full: Database) -> None:
    later = replace(ASKED, event_id="slack:e7", message_id="7", posted_at=LATER)
    other = replace(QUESTION, place=HELP.in_thread("7"), asked_at=LATER, text="And a lion?")
    with full.writing() as tx:
        inbox.put(tx, later, now=NOW)
        conversations.save_question(tx, other)
        conversations.save_answer(
            tx, replace(COMMENT, id="slack/T1/help/1/9", author=MARIA, said_at=LATER)
        )

    forgotten = forget(full, MARIA, until=NOW)

    assert forgotten.questions == 1
    assert body(full, "slack:e7") == later
    with full.reading() as tx:
        assert conversations.question_of(tx, "slack/T1/help/7") == other


def test_a_later_document_of_a_member_stays(database: Database) -> None:
    store(database, answers=[replace(ANSWER, said_at=LATER)])

    forgotten = forget(database, PAUL, until=NOW)

    assert forgotten == Forgotten(0, 0, 0)
    assert found(database, HELP, "zebra") == ["answers:slack/T1/help/1"]


def test_what_a_forgotten_member_caused_is_not_said(full: Database) -> None:
    say(full, "theirs", cause=Cause("slack:e1", "slack:U1"))
    say(full, "other", cause=Cause("slack:e2", "slack:U2"))

    forget(full, MARIA)

    assert [message.id for message in claimed(full)] == ["other"]


def test_that_a_forgotten_member_caused_what_was_delivered_is_not_kept(full: Database) -> None:
    say(full, cause=Cause("slack:e1", "slack:U1"))
    claimed(full)

    forget(full, MARIA)

    assert outbox_row(full).caused_by == ""


def test_what_a_later_event_of_the_member_caused_is_said(full: Database) -> None:
    later = replace(ASKED, event_id="slack:e7", message_id="7", posted_at=LATER)
    with full.writing() as tx:
        inbox.put(tx, later, now=NOW)
    say(full, cause=Cause("slack:e7", "slack:U1"), place=HELP.in_thread("7"))

    forget(full, MARIA)

    assert [message.id for message in claimed(full)] == ["reply"]
    assert outbox_row(full).caused_by == "slack:U1"


def test_thanks_that_name_a_forgotten_member_are_not_said(full: Database) -> None:
    thanks = Reply("Thank you, Paul: Maria says that this solved it.")
    say(full, "here", thanks)
    say(full, "elsewhere", thanks, OTHER.in_thread("1"))

    forget(full, PAUL)

    assert [message.id for message in claimed(full)] == ["elsewhere"]


def test_a_message_that_asks_a_forgotten_member_asks_everybody(full: Database) -> None:
    closing = fill("I have asked {one} and {other}.", one=Mention(PAUL), other=Mention(DONNA))
    asking = Reply("I don't know this one.", closing=closing)
    say(full, "asking", asking, OTHER.in_thread("1"))

    forget(full, PAUL)

    (message,) = claimed(full)
    assert message.reply == Reply(
        "I don't know this one.", closing="If you know the answer, please reply in this thread."
    )


def test_a_message_that_quotes_a_forgotten_member_quotes_them_no_more(full: Database) -> None:
    quote = Quote("Feed it an okapi.", "Zebras", "Paul", NOW, "", 0.9, "answers:slack/T1/help/1")
    say(full, reply=Reply("This was answered before.", (quote,)), place=OTHER.in_thread("1"))

    forget(full, PAUL)

    (message,) = claimed(full)
    assert message.reply == Reply(
        "What I found here has been taken back since.",
        closing="If you know the answer, please reply in this thread.",
    )


def test_what_was_set_aside_keeps_nothing_of_what_it_quoted_of_a_deleted_answer(
    full: Database,
) -> None:
    quote = Quote("Feed it an okapi.", "Zebras", "Paul", NOW, "", 0.9, "answers:slack/T1/help/1")
    say(full, reply=Reply("This was answered before.", (quote,)), place=OTHER.in_thread("1"))
    with full.writing() as tx:
        delivery.set_aside(tx, "reply", "no such channel")

    delete(full, "2", THREAD)

    kept = outbox_row(full).message
    assert kept is not None
    assert kept.reply.quotes == ()
    assert b"okapi" not in bytes_of(full).lower()


def test_where_a_forgotten_member_was_is_not_kept(full: Database) -> None:
    with full.writing() as tx:
        places.note_member(tx, "slack:U2", HELP, NOW, is_away=True)
        inbox.put(tx, MemberLeft("slack:e8", HELP, PAUL, NOW), now=NOW)

    forget(full, PAUL)

    with full.reading() as tx:
        assert places.members_away(tx, HELP) == frozenset()
    assert body(full, "slack:e8") is None


def test_what_a_forgotten_member_had_said_is_not_taken_when_it_comes_again(full: Database) -> None:
    forget(full, MARIA, until=NOW)

    with full.writing() as tx:
        is_new = inbox.put(tx, replace(ASKED, event_id="slack:e11"), now=LATER)

    assert is_new
    assert body(full, "slack:e11") is None
    with full.reading() as tx:
        row = tx.get_one(InboxRow, ("ours", "slack:e11"))
        assert (row.state, row.handled_at, row.author_id) == ("handled", LATER, "")
        assert not inbox.is_waiting(theirs(tx))


def test_what_a_forgotten_member_says_from_then_on_is_taken(full: Database) -> None:
    forget(full, MARIA, until=NOW)
    later = replace(ASKED, event_id="slack:e11", message_id="11", posted_at=LATER)

    with full.writing() as tx:
        inbox.put(tx, later, now=LATER)

    assert body(full, "slack:e11") == later


@pytest.mark.parametrize(
    ("said_at", "documents"), [(NOW, 0), (None, 0), (LATER, 1)], ids=["before", "undated", "later"]
)
def test_a_document_of_a_forgotten_member_is_not_stored_again(
    database: Database, said_at: datetime | None, documents: int
) -> None:
    document = replace(capture.document_from(QUESTION, ANSWER), said_at=said_at)
    with database.writing() as tx:
        tombstones.put(tx, "slack:U2", NOW)

        knowledge.put_documents(tx, [PreparedDocument(document, "hash", passages_of(document))])

    assert known(database)[0] == documents


def test_one_who_said_nothing_can_be_forgotten(database: Database) -> None:
    assert forget(database, PAUL) == Forgotten(0, 0, 0)


def test_a_member_of_another_community_is_not_forgotten(full: Database) -> None:
    with full.writing() as tx:
        lifecycle.forget_member(theirs(tx), PAUL, until=NOW, now=LATER)

    assert answers(full) == (ANSWER, COMMENT)


def test_what_was_there_can_be_seen_in_the_files(full: Database) -> None:
    files = bytes_of(full)

    assert [word in files for word in (b"zebra", b"okapi", b"quokka", b"Paul")] == [True] * 4


@pytest.mark.parametrize("place", [HELP, THREAD], ids=["the channel", "the thread"])
def test_of_a_place_that_is_gone_no_word_is_left_in_the_files(full: Database, place: Place) -> None:
    say(full, reply=Reply("About the zebra"))

    delete_place(full, place)

    files = bytes_of(full).lower()
    assert [word in files for word in (b"zebra", b"okapi", b"quokka")] == [False] * 3


def test_of_a_question_that_was_deleted_no_word_is_left_in_the_files(full: Database) -> None:
    delete(full, "1")

    assert b"zebra" not in bytes_of(full).lower()


def test_of_an_answer_that_was_deleted_no_word_is_left_in_the_files(full: Database) -> None:
    delete(full, "2", THREAD)

    assert b"okapi" not in bytes_of(full).lower()


def test_of_a_forgotten_member_no_word_no_name_and_no_id_is_left_in_the_files(
    database: Database,
) -> None:
    wombat = Author("slack", "UWOMBAT", "Ottilie Wombat")
    asked = replace(QUESTION, asker=wombat, text="How does a Platypus post invoices?", experts=())
    given = replace(ANSWER, text="Ask Ottilie Wombat.")
    accepted = AnswerAccepted("slack:e5", THREAD, wombat, NOW)
    request = ForgetRequested("slack:e6", THREAD, wombat, NOW)
    asks = replace(ASKED, author=wombat, text=asked.text)
    store(database, asked, [given], [asks, accepted, request])
    say(database, reply=Reply("x", closing=fill("{who}", who=Mention(wombat))))
    say(database, "caused", Reply("platypus"), cause=Cause("slack:e1", "slack:UWOMBAT"))

    forget(database, wombat)

    files = bytes_of(database).lower()
    words = (b"platypus", b"platypu", b"ottilie", b"wombat", b"uwombat")
    assert [word in files for word in words] == [False] * 5


@pytest.mark.parametrize("gone", ["message", "thread", "everything"])
def test_what_was_asked_alone_and_shared_goes_with_it(database: Database, gone: str) -> None:
    alone = direct_place(MARIA, "T1").in_thread("1")
    question = Question(alone, MARIA, "How?", NOW, "", QuestionState.ANSWERED, 0.0)
    copied = replace(question, place=THREAD)
    shared = OutgoingMessage(f"{alone.key}/shared", replace(THREAD, thread=None), UNKNOWN)
    with database.writing() as tx:
        conversations.save_question(tx, question)
        conversations.save_question(tx, copied)
        outbox.put(tx, [shared], now=NOW)
        delivery.claim(tx, "slack", now=NOW)
        delivery.mark_delivered(tx, shared.id, THREAD.thread or "")

        if gone == "message":
            lifecycle.delete_message(tx, replace(alone, thread=None), "1", now=NOW)
        else:
            place = alone if gone == "thread" else replace(alone, thread=None)
            lifecycle.delete_place(tx, place, now=NOW)

    with database.writing() as tx:
        claimed = inbox.claim(tx)
    assert claimed is not None
    event, _ = claimed
    assert isinstance(event, MessageDeleted)
    assert message_key_of(event) == copied.id


def test_what_waits_to_be_told_elsewhere_of_a_question_goes_with_it(database: Database) -> None:
    question = Question(THREAD, MARIA, "How?", NOW, "", QuestionState.ROUTED, 0.0)
    card = OutgoingMessage("card", direct_place(PAUL, "T1"), UNKNOWN, about=THREAD)
    with database.writing() as tx:
        conversations.save_question(tx, question)
        outbox.put(tx, [card], now=NOW)

        lifecycle.delete_message(tx, replace(THREAD, thread=None), THREAD.thread or "", now=NOW)

    with database.reading() as tx:
        assert outbox_counts.count(tx, OutboxState.WAITING) == 0
