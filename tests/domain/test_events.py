from datetime import UTC, datetime

from supportbot.domain.events import AnswerAccepted, Author, MessagePosted
from supportbot.domain.places import Place

PLACE = Place("slack", "T1", "C1")
MARIA = Author("slack", "U1", "Maria")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


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
