from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy
from sqlmodel import SQLModel

from supportbot.domain.chat.audiences import open_scope, scope_of
from supportbot.domain.chat.events import MessageDeleted, MessagePosted, PlaceChanged, PlaceDeleted
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, QuestionState, Standing
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.knowledge import history
from supportbot.knowledge.history import ImportReport, import_history
from supportbot.knowledge.search import Search
from supportbot.store import conversations, inbox, lifecycle, messages, outsiders, places
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder
from tests.reading import matches as matches_in

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HELP = Place("slack", "T1", "C1")
THREAD = HELP.in_thread("0")
MARIA, PAUL, DONNA = (Author("slack", name[0], name) for name in ("Maria", "Paul", "Donna"))
QUESTION = "How do I widen the posting dates of a closed ledger?"
ANSWER = "Open the ledger setup, and widen its posting dates there."
COMMENT = "You could also ask the person who closed the ledger."


def said(
    minute: int, author: Author, text: str, place: Place = THREAD, **fields: Any
) -> PastMessage:
    moment = NOON + timedelta(minutes=minute)
    return PastMessage(place, str(minute), author, text, moment, f"x:{minute}", **fields)


ASKED, ANSWERED = said(0, MARIA, QUESTION), said(1, PAUL, ANSWER)
COMMENTED, THANKED = said(2, DONNA, COMMENT), said(3, MARIA, "Thanks, that worked!")
TALK = (ASKED, ANSWERED, COMMENTED)
USUAL, REVIEWING = TeachingRules(), TeachingRules(review_newcomers=True)


@pytest.fixture
def search(database: Database) -> Search:
    return Search(database, HashingEmbedder())


def bring_in(
    search: Search, *past: PastMessage, is_dry: bool = False, rules: TeachingRules = USUAL
) -> ImportReport:
    return import_history(past, search._database, search, is_dry=is_dry, rules=rules)


def rows(database: Database) -> dict[str, list[Any]]:
    with database.reading() as tx:
        return {
            table.name: sorted(map(repr, tx.execute(sqlalchemy.select(table))))
            for table in SQLModel.metadata.sorted_tables
        }


def answers(database: Database) -> dict[str, Answer]:
    with database.reading() as tx:
        found = conversations.answers_to(tx, THREAD.key)
    return {answer.author.name: answer for answer in found}


def state(database: Database, place: Place = THREAD) -> QuestionState | None:
    with database.reading() as tx:
        question = conversations.question_in(tx, place)
    return None if question is None else question.state


def found(search: Search, text: str = QUESTION, place: Place = HELP) -> list[str]:
    return [match.excerpt for match in matches_in(search, scope_of(place), text)]


def noted(database: Database) -> list[tuple[str, str]]:
    with database.reading() as tx:
        steps, _ = messages.steps_after(tx, 0)
    return [(step.said.member_id, step.said.thread) for step in steps]


def test_a_question_that_was_answered_in_a_thread_is_found_by_those_who_ask_the_same(
    search: Search, database: Database
) -> None:
    report = bring_in(search, *TALK)

    assert report == ImportReport(3, 1, 1, 1, new_messages=3, learned=1)
    assert found(search, "How can the posting dates of a ledger be widened?") == [ANSWER]
    assert state(database) is QuestionState.RESOLVED
    paul, donna = answers(database)["Paul"], answers(database)["Donna"]
    assert (paul.standing, paul.is_accepted, paul.url) == (Standing.KNOWLEDGE, False, "x:1")
    assert donna.standing is Standing.GIVEN
    assert noted(database) == [(f"slack:{name}", THREAD.key) for name in "MPD"]


def test_what_the_asker_thanked_for_is_learned(search: Search, database: Database) -> None:
    bring_in(search, *TALK, THANKED)

    assert found(search) == [COMMENT]
    assert answers(database)["Donna"].is_accepted
    assert not answers(database)["Paul"].is_accepted


def test_what_the_asker_marked_is_learned_and_what_others_marked_is_not(search: Search) -> None:
    marked = replace(COMMENTED, approved_by=("M",))
    praised = replace(ANSWERED, approved_by=("D",))

    bring_in(search, ASKED, praised, said(4, Author("slack", "Z", "Zoe"), ANSWER), marked)

    assert found(search) == [COMMENT]


def test_a_channel_that_is_closed_stays_closed_under_another_workspace(
    search: Search, database: Database
) -> None:
    closed = Place("slack", "T1", "C1", is_private=True)
    with database.writing() as tx:
        places.note(tx, closed, NOON + timedelta(days=1))
    elsewhere = Place("slack", "T9", "C1", "0")

    bring_in(search, *(replace(one, place=elsewhere) for one in TALK))

    assert found(search, place=Place("slack", "T9", "C2")) == []
    assert found(search, place=replace(elsewhere, is_private=True)) == [ANSWER]


def test_a_channel_that_was_closed_under_another_workspace_is_closed_by_the_next_import(
    search: Search, database: Database
) -> None:
    elsewhere = Place("slack", "", "C1", "0")
    talk = [replace(one, place=elsewhere) for one in TALK]
    bring_in(search, *talk)
    with database.writing() as tx:
        places.note(tx, replace(HELP, is_private=True), NOON + timedelta(days=1))

    bring_in(search, *talk, replace(said(9, DONNA, "Me too."), place=elsewhere))

    assert found(search, place=Place("slack", "T1", "C2")) == []


DENIALS = {
    "it did not help": said(3, MARIA, "That did not work for me."),
    "it fails": said(3, MARIA, "Now it says: error 42."),
    "in German": said(3, MARIA, "Das hat leider nicht geholfen."),
    "with a question": said(3, MARIA, "Hm, that is wrong. What else could it be?"),
    "by another": said(3, DONNA, "That is wrong, do not widen anything!"),
}


@pytest.mark.parametrize("denial", DENIALS.values(), ids=DENIALS.keys())
@pytest.mark.parametrize("rules", [USUAL, REVIEWING], ids=["usual", "reviewing"])
def test_an_answer_that_was_called_wrong_is_not_learned(
    search: Search, database: Database, denial: PastMessage, rules: TeachingRules
) -> None:
    bring_in(search, ASKED, ANSWERED, denial, rules=rules)

    assert ANSWER not in found(search)
    assert answers(database)["Paul"].standing is Standing.GIVEN


def test_an_answer_that_its_asker_marked_as_wrong_is_not_learned(search: Search) -> None:
    bring_in(search, ASKED, replace(ANSWERED, refused_by=("M",)), COMMENTED)

    assert found(search) == [COMMENT]


def test_what_others_marked_as_wrong_is_learned(search: Search) -> None:
    bring_in(search, ASKED, replace(ANSWERED, refused_by=("D",)))

    assert found(search) == [ANSWER]


def test_what_is_said_after_a_wrong_answer_may_be_the_right_one(search: Search) -> None:
    denied = said(2, MARIA, "That did not work for me.")

    bring_in(search, ASKED, ANSWERED, denied, said(3, DONNA, COMMENT))

    assert found(search) == [COMMENT]


def test_only_the_answer_that_was_replied_to_is_called_wrong(search: Search) -> None:
    denied = said(3, MARIA, "That did not work for me.", reply_to="2")

    bring_in(search, ASKED, ANSWERED, COMMENTED, denied)

    assert found(search) == [ANSWER]


def test_an_answer_that_was_wrong_at_first_may_be_accepted_after_all(search: Search) -> None:
    denied = said(2, MARIA, "That did not work for me.")

    bring_in(search, ASKED, ANSWERED, denied, said(4, MARIA, "My mistake: it works now, thanks!"))

    assert found(search) == [ANSWER]


def test_a_later_export_tells_that_an_answer_was_wrong(search: Search) -> None:
    bring_in(search, ASKED)

    bring_in(search, ASKED, ANSWERED, said(2, MARIA, "That did not work for me."))

    assert found(search) == []


@pytest.mark.parametrize("past", [(*TALK,), (*TALK, THANKED)], ids=["unaccepted", "accepted"])
def test_where_newcomers_are_reviewed_what_they_said_waits(
    search: Search, database: Database, past: tuple[PastMessage, ...]
) -> None:
    report = bring_in(search, *past, rules=REVIEWING)

    assert (report.learned, report.waiting, found(search)) == (0, 1, [])
    with database.reading() as tx:
        (waiting,) = conversations.answers_waiting(tx)
    assert "nobody has accepted answers by" in waiting.reason


def test_what_waits_is_not_decided_again_by_the_next_import(search: Search) -> None:
    bring_in(search, *TALK, rules=REVIEWING)

    again = bring_in(search, *TALK, rules=REVIEWING)

    assert (again.learned, again.waiting, found(search)) == (0, 0, [])


@pytest.mark.parametrize("past", [(*TALK,), (ASKED, ANSWERED, THANKED)], ids=["first", "accepted"])
def test_where_newcomers_are_reviewed_the_trusted_teach(
    search: Search, past: tuple[PastMessage, ...]
) -> None:
    report = bring_in(search, *past, rules=replace(REVIEWING, trusted=frozenset({"slack:P"})))

    assert (report.learned, found(search)) == (1, [ANSWER])


def test_what_a_maintainer_accepted_is_learned(search: Search) -> None:
    rules = replace(REVIEWING, maintainers=frozenset({"slack:M"}))

    bring_in(search, *TALK, THANKED, rules=rules)

    assert found(search) == [COMMENT]


def test_a_counter_question_teaches_nothing(search: Search, database: Database) -> None:
    report = bring_in(search, ASKED, said(1, PAUL, "Which version of the ledger is it?"))

    assert (report.questions, report.answers, report.learned) == (1, 0, 0)
    assert state(database) is QuestionState.PAST


def test_talk_in_a_thread_is_noted_and_not_kept(search: Search, database: Database) -> None:
    bring_in(search, said(0, MARIA, "Good morning, everybody."), ANSWERED)

    assert (state(database), found(search), len(noted(database))) == (None, [], 2)


def test_conversations_that_were_told_apart_count_and_teach_nothing(
    search: Search, database: Database
) -> None:
    flat = [replace(message, place=HELP) for message in TALK]
    later = said(5_000, DONNA, "Lunch, anyone?", HELP)

    report = bring_in(search, *flat, later)

    assert (report.questions, report.answers, report.people, report.learned) == (1, 1, 1, 0)
    assert (found(search), state(database)) == ([], None)
    assert [thread for _, thread in noted(database)] == [THREAD.key] * 3 + [""]


def test_bots_are_neither_noted_nor_believed(search: Search, database: Database) -> None:
    report = bring_in(search, ASKED, replace(ANSWERED, is_bot=True))

    assert (report.messages, report.answers) == (1, 0)
    assert [member for member, _ in noted(database)] == ["slack:M"]


def test_secrets_do_not_come_in(search: Search, database: Database) -> None:
    bring_in(search, ASKED, said(1, PAUL, f"{ANSWER} Write to paul@wide-ledgers.com."))

    assert answers(database)["Paul"].text.endswith("Write to [email address removed].")


def test_a_private_channels_answers_stay_in_it(search: Search) -> None:
    closed = [
        replace(message, place=message.place.with_privacy(is_private=True)) for message in TALK
    ]

    bring_in(search, *closed)

    assert found(search, place=HELP.with_privacy(is_private=True)) == [ANSWER]
    assert matches_in(search, open_scope(), QUESTION) == ()


def test_an_export_does_not_open_what_was_closed_since(search: Search, database: Database) -> None:
    with database.writing() as tx:
        closed = HELP.with_privacy(is_private=True)
        places.note(tx, closed, NOON - timedelta(days=9))

    bring_in(search, *TALK)

    assert matches_in(search, open_scope(), QUESTION) == ()


def test_a_channel_that_is_closed_later_takes_its_history_along(
    search: Search, database: Database
) -> None:
    bring_in(search, *TALK)

    closed = PlaceChanged("e", HELP.with_privacy(is_private=True), NOON + timedelta(days=1))
    with database.writing() as tx:
        assert places.note(tx, closed.place, closed.changed_at)
        lifecycle.move_audience(tx, closed.place)

    assert matches_in(search, open_scope(), QUESTION) == ()


def test_repeating_an_import_changes_nothing(search: Search, database: Database) -> None:
    first = bring_in(search, *TALK, THANKED)
    before = rows(database)

    again = bring_in(search, *TALK, THANKED)

    assert rows(database) == before
    assert again == replace(first, new_messages=0, learned=0)


def test_a_dry_run_says_the_same_and_stores_nothing(search: Search, database: Database) -> None:
    before = rows(database)

    dry = bring_in(search, *TALK, THANKED, is_dry=True)

    assert rows(database) == before
    assert search.embedder.embedded == []  # type: ignore[attr-defined]
    assert replace(bring_in(search, *TALK, THANKED), learned=0) == dry


def conversation(number: int) -> list[PastMessage]:
    place = HELP.in_thread(str(number * 10))
    return [
        said(number * 10, MARIA, f"{QUESTION} {number}", place),
        said(number * 10 + 1, PAUL, f"{ANSWER} {number}", place),
        said(number * 10 + 2, DONNA, f"{COMMENT} {number}", place),
        said(number * 10 + 3, MARIA, "Thanks, that worked!", place),
    ]


def stopping(past: Iterable[PastMessage], after: int) -> Iterator[PastMessage]:
    for number, message in enumerate(past):
        if number == after:
            raise KeyboardInterrupt
        yield message


@pytest.mark.parametrize("stops", range(0, 24, 3))
def test_an_import_that_was_stopped_is_completed_by_the_next(
    search: Search, database: Database, monkeypatch: pytest.MonkeyPatch, stops: int
) -> None:
    monkeypatch.setattr(history, "_AT_ONCE", 5)
    past = [message for number in range(6) for message in conversation(number)]
    with pytest.raises(KeyboardInterrupt):
        import_history(stopping(past, stops), database, search)

    report = bring_in(search, *past)

    assert (report.questions, report.learned) == (6, 6)
    assert len(noted(database)) == 24
    assert found(search, f"{QUESTION} 5")[0] == f"{COMMENT} 5"


def test_an_import_that_was_stopped_while_it_learned_is_completed(
    search: Search, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(search, "sync", stop)
        with pytest.raises(KeyboardInterrupt):
            bring_in(search, *TALK)

    bring_in(search, *TALK)

    with database.reading() as tx:
        vectors = tx.execute(sqlalchemy.text("SELECT count(*) FROM embedding")).scalar_one()
    assert vectors == 1


def test_a_later_export_goes_on_where_the_first_ended(search: Search, database: Database) -> None:
    bring_in(search, ASKED)

    report = bring_in(search, ASKED, ANSWERED, COMMENTED, THANKED)

    assert (report.new_messages, report.learned) == (3, 1)
    assert answers(database)["Donna"].is_accepted


def test_what_a_forgotten_member_had_said_does_not_come_back(
    search: Search, database: Database
) -> None:
    with database.writing() as tx:
        lifecycle.forget_member(tx, PAUL, until=NOON + timedelta(minutes=1), now=NOON)
    later = said(9, PAUL, f"{ANSWER} I said so.")

    report = bring_in(search, *TALK, later)

    assert (report.messages, found(search)) == (3, [COMMENT])
    assert [member for member, _ in noted(database)] == ["slack:M", "slack:D", "slack:P"]


def test_forgetting_a_member_takes_back_what_was_learned_from_an_import(
    search: Search, database: Database
) -> None:
    bring_in(search, *TALK)

    with database.writing() as tx:
        lifecycle.forget_member(tx, PAUL, until=NOON + timedelta(days=1), now=NOON)

    assert found(search) == []
    assert state(database) is QuestionState.PAST


@pytest.mark.parametrize(
    "event",
    [
        MessageDeleted("e", HELP, "0", NOON),
        PlaceDeleted("e", THREAD, NOON),
        PlaceDeleted("e", HELP, NOON),
    ],
)
def test_what_was_deleted_on_the_platform_does_not_come_back(
    search: Search, database: Database, event: MessageDeleted | PlaceDeleted
) -> None:
    with database.writing() as tx:
        inbox.put(tx, event, now=NOON)

    bring_in(search, *TALK)

    assert (state(database), found(search)) == (None, [])


def test_what_the_bot_heard_itself_is_left_alone(search: Search, database: Database) -> None:
    posted = MessagePosted("e", HELP, "0", MARIA, QUESTION, NOON)
    with database.writing() as tx:
        inbox.put(tx, posted, now=NOON)

    report = bring_in(search, *TALK)

    assert (report.new_messages, report.learned, state(database)) == (2, 0, None)


def test_what_a_maintainer_dropped_is_not_learned_again(search: Search, database: Database) -> None:
    bring_in(search, ASKED)
    dropped = Answer(
        *(f"{THREAD.key}/1", THREAD.key, PAUL, ANSWER, NOON, ""), standing=Standing.DROPPED
    )
    with database.writing() as tx:
        conversations.save_answer(tx, dropped)

    assert bring_in(search, ASKED, ANSWERED).learned == 0


def test_progress_is_told_while_passages_are_embedded(search: Search, database: Database) -> None:
    told: list[tuple[int, int]] = []

    import_history(TALK, database, search, on_embedded=lambda *counts: told.append(counts))

    assert told == [(1, 1)]


GUEST = replace(PAUL, is_outsider=True)
BY_GUEST = replace(ANSWERED, author=GUEST)


def test_what_a_guest_answered_waits(search: Search) -> None:
    report = bring_in(search, ASKED, BY_GUEST)

    assert (report.learned, report.waiting, found(search)) == (0, 1, [])


def test_where_a_member_answered_too_a_guest_does_not_teach(search: Search) -> None:
    bring_in(search, ASKED, BY_GUEST, COMMENTED)

    assert found(search) == [COMMENT]


def test_what_a_guest_accepted_waits(search: Search) -> None:
    asked, thanked = (
        replace(one, author=replace(MARIA, is_outsider=True)) for one in (ASKED, THANKED)
    )

    report = bring_in(search, asked, ANSWERED, thanked)

    assert (report.learned, report.waiting, found(search)) == (0, 1, [])


def test_a_guest_cannot_call_an_answer_wrong(search: Search) -> None:
    bring_in(search, ASKED, ANSWERED, said(2, replace(DONNA, is_outsider=True), "That is wrong."))

    assert found(search) == [ANSWER]


def test_whether_somebody_is_a_guest_is_what_the_latest_export_says(
    search: Search, database: Database
) -> None:
    def is_guest() -> bool:
        with database.reading() as tx:
            return outsiders.is_outsider(tx, PAUL.member_id)

    bring_in(search, ASKED, BY_GUEST)
    assert is_guest()

    bring_in(search, ASKED, ANSWERED)
    assert not is_guest()

    bring_in(search, said(7, GUEST, "Open it.", HELP))
    assert is_guest()

    bring_in(search, ASKED, ANSWERED)
    assert is_guest()


def test_a_later_export_closes_a_channel_though_nothing_in_it_is_new(search: Search) -> None:
    elsewhere = scope_of(Place("slack", "T1", "C2"))
    closed = [
        replace(one, place=one.place.with_privacy(is_private=True, is_shared=False))
        for one in (ASKED, ANSWERED)
    ]

    bring_in(search, ASKED, ANSWERED)
    assert matches_in(search, elsewhere, QUESTION)

    report = bring_in(search, *closed)
    assert (report.new_messages, matches_in(search, elsewhere, QUESTION)) == (0, ())


def test_an_export_of_older_days_and_of_another_workspace_closes_a_channel(search: Search) -> None:
    elsewhere = scope_of(Place("slack", "T1", "C2"))
    older = said(-60, MARIA, "Good morning.", Place("slack", "T2", "C1", None, is_private=True))

    bring_in(search, ASKED, ANSWERED)
    bring_in(search, older)

    assert matches_in(search, elsewhere, QUESTION) == ()


def test_a_channel_that_a_later_export_shares_is_shown_nowhere_else(search: Search) -> None:
    elsewhere = scope_of(Place("slack", "T1", "C2"))
    shared = [
        replace(one, place=one.place.with_privacy(is_private=True, is_shared=True))
        for one in (ASKED, ANSWERED)
    ]

    bring_in(search, ASKED, ANSWERED)
    bring_in(search, *shared)

    assert matches_in(search, elsewhere, QUESTION) == ()


def test_who_has_left_the_workspace_is_asked_nothing_until_they_are_back(
    search: Search, database: Database
) -> None:
    def away() -> frozenset[str]:
        with database.reading() as tx:
            return places.members_away(tx, HELP)

    bring_in(search, ASKED, replace(ANSWERED, has_left=True))
    assert away() == {PAUL.member_id}

    bring_in(search, ASKED, ANSWERED)
    assert away() == frozenset()

    bring_in(search, ASKED, replace(ANSWERED, has_left=True))
    assert away() == {PAUL.member_id}

    bring_in(search, said(7, PAUL, "I am back."))
    assert away() == frozenset()


def test_who_came_back_since_the_export_was_made_is_there(
    search: Search, database: Database
) -> None:
    home = Place("slack", "T1", "")
    with database.writing() as tx:
        places.note_member(tx, PAUL.member_id, home, NOON + timedelta(days=1), is_away=False)

    bring_in(search, ASKED, replace(ANSWERED, has_left=True))

    with database.reading() as tx:
        assert places.members_away(tx, HELP) == frozenset()
