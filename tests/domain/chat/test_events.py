from datetime import UTC, datetime
from typing import get_args

import pytest

from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    AnswerReviewed,
    AskingEnded,
    ChannelConfigured,
    ChannelsListed,
    Event,
    ForgetRequested,
    HelpRequested,
    Inquired,
    Inquiry,
    LinkRequested,
    MarkTakenBack,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    PlaceDeleted,
    ProfileChanged,
    QuestionClaimed,
    QuestionDue,
    QuestionPassed,
    QuestionShared,
    TopicRefused,
    author_of,
    message_key_of,
    moment_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place

PLACE = Place("slack", "T1", "C1")
MARIA = Author("slack", "U1", "Maria")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL: dict[str, Event] = {
    "message_posted": MessagePosted("e1", PLACE, "17.5", MARIA, "Hello", MONDAY),
    "message_edited": MessageEdited("e1", PLACE, "17.5", MARIA, "Hello!", MONDAY),
    "message_deleted": MessageDeleted("e1", PLACE, "17.5", MONDAY),
    "place_deleted": PlaceDeleted("e1", PLACE, MONDAY),
    "channels_listed": ChannelsListed("e1", PLACE, ("C1",), MONDAY),
    "place_changed": PlaceChanged("e1", PLACE, MONDAY),
    "member_left": MemberLeft("e1", PLACE, MARIA, MONDAY),
    "member_joined": MemberJoined("e1", PLACE, MARIA, MONDAY),
    "answer_accepted": AnswerAccepted("e1", PLACE, MARIA, MONDAY),
    "answer_rejected": AnswerRejected("e1", PLACE, MARIA, MONDAY),
    "question_shared": QuestionShared("e1", PLACE, MARIA, PLACE, MONDAY),
    "channel_configured": ChannelConfigured("e1", PLACE, MARIA, Listening.MENTIONS, MONDAY),
    "mark_taken_back": MarkTakenBack("e1", PLACE, MARIA, MONDAY, "m1", "e0"),
    "asking_ended": AskingEnded("e1", PLACE, MONDAY),
    "answer_reviewed": AnswerReviewed(
        "e1", PLACE, "17.5", MARIA, is_accepted=True, reviewed_at=MONDAY
    ),
    "forget_requested": ForgetRequested("e1", PLACE, MARIA, MONDAY),
    "help_requested": HelpRequested("e1", PLACE, MARIA, MONDAY),
    "question_claimed": QuestionClaimed("e1", PLACE, MARIA, MONDAY),
    "question_passed": QuestionPassed("e1", PLACE, MARIA, MONDAY),
    "topic_refused": TopicRefused("e1", PLACE, MARIA, MONDAY),
    "profile_changed": ProfileChanged("e1", PLACE, MARIA, "budget 3", MONDAY),
    "link_requested": LinkRequested("e1", PLACE, MARIA, "ABCD-EFGH", MONDAY),
    "inquired": Inquired("e1", PLACE, MARIA, Inquiry.EXPERTS, MONDAY, "ledger"),
    "question_due": QuestionDue("e1", PLACE, "climb", MONDAY, MONDAY),
}


def test_a_member_is_named_by_platform_and_id_not_by_the_name_people_read() -> None:
    assert MARIA.member_id == "slack:U1"


def test_a_renamed_member_is_the_same_member() -> None:
    assert Author("slack", "U1", "Maria Rossi").member_id == MARIA.member_id


def test_the_same_id_on_two_platforms_is_two_members() -> None:
    assert Author("discord", "U1", "Maria").member_id == "discord:U1"


def test_a_message_says_what_kind_of_event_it_is() -> None:
    message = MessagePosted("e1", PLACE, "m1", MARIA, "Hello", MONDAY)

    assert message.kind == "message_posted"


def test_a_message_is_not_addressed_to_the_bot_unless_the_platform_says_so() -> None:
    message = MessagePosted("e1", PLACE, "m1", MARIA, "Hello", MONDAY)

    assert not message.is_addressed


def test_an_accepted_answer_says_what_kind_of_event_it_is() -> None:
    assert AnswerAccepted("e2", PLACE, MARIA, MONDAY).kind == "answer_accepted"


def test_every_kind_of_event_is_looked_at_by_these_tests() -> None:
    assert {type(event) for event in ALL.values()} == set(get_args(Event))


@pytest.mark.parametrize(("kind", "event"), ALL.items(), ids=ALL)
def test_every_event_says_of_which_kind_it_is_and_when_it_happened(kind: str, event: Event) -> None:
    assert (event.kind, moment_of(event)) == (kind, MONDAY)


@pytest.mark.parametrize(
    "kind",
    [
        "message_posted",
        "message_edited",
        "member_left",
        "member_joined",
        "answer_accepted",
        "answer_rejected",
        "answer_reviewed",
        "forget_requested",
        "help_requested",
        "question_shared",
        "channel_configured",
        "question_claimed",
        "question_passed",
        "topic_refused",
        "profile_changed",
        "inquired",
    ],
)
def test_what_somebody_said_or_did_is_theirs(kind: str) -> None:
    assert author_of(ALL[kind]) == MARIA


@pytest.mark.parametrize(
    "kind", ["message_deleted", "place_deleted", "place_changed", "question_due"]
)
def test_what_happens_to_a_message_or_a_place_is_nobodys(kind: str) -> None:
    assert author_of(ALL[kind]) is None


@pytest.mark.parametrize(
    "kind", ["message_posted", "message_edited", "message_deleted", "answer_reviewed"]
)
def test_what_is_about_a_message_names_it_by_its_channel_and_id(kind: str) -> None:
    assert message_key_of(ALL[kind]) == "slack/T1/C1/17.5"


@pytest.mark.parametrize(
    ("place", "key"),
    [(PLACE, "slack/T1/C1"), (PLACE.in_thread("17.5"), "slack/T1/C1/17.5")],
    ids=["a channel", "a thread"],
)
def test_a_place_that_is_gone_is_named_by_its_channel_or_its_thread(place: Place, key: str) -> None:
    assert message_key_of(PlaceDeleted("e1", place, MONDAY)) == key


@pytest.mark.parametrize(
    "kind",
    [
        "place_changed",
        "member_left",
        "member_joined",
        "answer_accepted",
        "forget_requested",
        "help_requested",
        "question_claimed",
        "question_passed",
        "topic_refused",
        "profile_changed",
    ],
)
def test_what_is_about_no_message_names_none(kind: str) -> None:
    assert message_key_of(ALL[kind]) == ""


def test_a_member_is_known_again_by_the_id() -> None:
    assert Author.of(MARIA.member_id, "Maria") == MARIA
    assert Author.of("matrix:@maria:example.org").user_id == "@maria:example.org"


def test_who_has_no_name_that_is_known_is_called_by_their_user_id() -> None:
    assert Author.of("slack:U1").name == "U1"
