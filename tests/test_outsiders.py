"""Channels that others share, and people who are not of the community: what the core shows them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from supportbot.domain.chat.audiences import scope_of
from supportbot.domain.chat.events import (
    AnswerAccepted,
    ChannelsListed,
    Inquired,
    Inquiry,
    MemberJoined,
    MessagePosted,
    PlaceChanged,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot.domain.knowledge.capture import SOURCE
from supportbot.domain.knowledge.documents import document_id
from supportbot.domain.knowledge.teaching import TeachingRules
from supportbot.domain.knowledge.votes import confirm
from supportbot.domain.replies.reply import Quote
from supportbot.store import conversations, outsiders, receipts, votes
from supportbot.store.acceptances import count_people_helped
from tests.runtime.test_worker import (
    ACCEPTED,
    ANSWERED,
    ASKED,
    ASKED_AGAIN,
    HELP,
    LATER,
    PAUL,
    WIDEN,
    Bench,
    answers,
    judging,
    messages,
    play,
)
from tests.runtime.test_worker import bench as bench  # noqa: PLC0414 - a fixture

SHARED = replace(HELP, channel="with-acme").with_privacy(is_private=True, is_shared=True)
GUEST = Author("slack", "U8", "Sam", is_outsider=True)
MAINTAINERS = TeachingRules(maintainers=frozenset({"slack:U9"}))


def quoted(bench: Bench) -> str:
    return str([message.reply.quotes for message in messages(bench)])


def asked_in(place: Place, author: Author, event_id: str = "slack:e50") -> MessagePosted:
    return replace(
        ASKED_AGAIN,
        event_id=event_id,
        message_id="50",
        place=place,
        author=author,
        is_addressed=True,
    )


def test_what_others_share_is_never_open() -> None:
    assert Place("slack", "T1", "C1", is_shared=True).is_private


def test_a_shared_channel_sees_only_its_own_words() -> None:
    audiences = scope_of(SHARED).audiences

    assert audiences == {"place:slack/T1/with-acme"}


def test_nothing_from_elsewhere_is_shown_in_a_channel_that_others_share(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, asked_in(SHARED, PAUL))

    assert WIDEN not in quoted(bench)


def test_what_was_said_in_a_channel_that_is_shared_from_then_on_is_shown_there_only(
    bench: Bench,
) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    place = HELP.with_privacy(is_private=True, is_shared=True)

    play(bench, PlaceChanged("slack:e6", place, LATER))

    assert bench.found(replace(HELP, channel="other")) == []
    assert bench.found(place) == [WIDEN]


def test_a_list_says_which_channels_are_shared_and_which_are_not_any_more(bench: Bench) -> None:
    workspace = replace(HELP, channel="")
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, ChannelsListed("slack:e6", workspace, ("help",), LATER, ("help",)))
    assert bench.found(replace(HELP, channel="other")) == []
    later = LATER + timedelta(minutes=1)
    play(bench, ChannelsListed("slack:e7", workspace, ("help",), later))

    assert bench.found(replace(HELP, channel="other")) == [WIDEN]


@pytest.mark.parametrize("where", ["another channel", "a direct message"])
def test_a_guest_is_shown_nothing_from_channels_that_they_are_not_in(
    bench: Bench, where: str
) -> None:
    place = replace(HELP, channel="other") if where == "another channel" else direct_place(GUEST)
    play(bench, ASKED, ANSWERED, ACCEPTED)

    play(bench, asked_in(place, GUEST))

    assert WIDEN not in quoted(bench)


@pytest.mark.parametrize("is_joined", [True, False])
def test_a_guest_is_shown_what_was_said_in_a_channel_that_they_are_in(
    bench: Bench, *, is_joined: bool
) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    if is_joined:
        play(bench, MemberJoined("slack:e40", HELP, GUEST, LATER))

    play(bench, asked_in(direct_place(GUEST) if is_joined else HELP, GUEST))

    assert WIDEN in quoted(bench)


def test_who_is_a_member_by_now_is_shown_what_is_open(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED, asked_in(replace(HELP, channel="other"), GUEST))

    member = replace(GUEST, is_outsider=False)
    play(bench, asked_in(replace(HELP, channel="third"), member, "slack:e51"))

    assert WIDEN in quoted(bench)


def test_a_guest_is_not_asked_outside_of_their_channels(bench: Bench) -> None:
    guest = replace(PAUL, is_outsider=True)
    elsewhere = replace(HELP, channel="other")
    play(bench, replace(ANSWERED, event_id="slack:e30", message_id="30", place=HELP, author=guest))

    play(bench, replace(ASKED, place=elsewhere))

    assert all(PAUL not in message.reply.mentions for message in messages(bench))


def test_what_a_guest_answers_waits_for_a_maintainer(bench: Bench) -> None:
    bench = judging(bench, MAINTAINERS)
    guest = replace(PAUL, is_outsider=True)

    play(bench, ASKED, replace(ANSWERED, author=guest), ACCEPTED)

    assert bench.found(HELP) == []
    assert [answer.standing for answer in answers(bench)] == ["waiting"]


def test_a_maintainer_makes_what_a_guest_answered_known(bench: Bench) -> None:
    bench = judging(bench, MAINTAINERS)
    guest = replace(PAUL, is_outsider=True)
    boss = Author("slack", "U9", "Olga")

    play(bench, ASKED, replace(ANSWERED, author=guest))
    play(bench, AnswerAccepted("slack:e60", ACCEPTED.place, boss, LATER, "2"))

    assert bench.found(HELP) == [WIDEN]


def test_who_knows_is_told_to_a_guest_of_their_channels_only(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    place = direct_place(GUEST).in_thread("1")

    play(bench, Inquired("slack:e70", place, GUEST, Inquiry.EXPERTS, LATER, "ledger"))

    (page,) = [one.reply.page for one in messages(bench) if one.reply.page is not None]
    assert "Paul" not in str(page)


def test_guests_make_nobody_trusted(bench: Bench) -> None:
    for number in ("31", "32", "33"):
        guest = Author("slack", f"G{number}", "Guest", is_outsider=True)
        thread = HELP.in_thread(number)
        play(
            bench,
            replace(ASKED, event_id=f"slack:q{number}", message_id=number, author=guest),
            replace(ANSWERED, event_id=f"slack:a{number}", message_id=f"{number}0", place=thread),
            replace(
                ACCEPTED,
                event_id=f"slack:s{number}",
                place=thread,
                author=guest,
                message_id=f"{number}0",
            ),
        )

    with bench.database.reading() as tx:
        assert count_people_helped(tx, PAUL.member_id) == 0


def test_the_votes_of_guests_decide_nothing_for_the_group(bench: Bench) -> None:
    play(bench, ASKED, ANSWERED, ACCEPTED)
    page = document_id(SOURCE, HELP.in_thread("1").key)
    play(bench, *(replace(ASKED, event_id=f"slack:q{n}", message_id=f"6{n}") for n in range(2)))
    guests = [Author("slack", f"G{number}", "Guest", is_outsider=True) for number in range(3)]
    with bench.database.writing() as tx:
        asked = conversations.questions_by(tx, ASKED.author.member_id, until=LATER)
        said = [
            confirm(question.id, [page], guest.member_id, LATER)[0]
            for question, guest in zip(asked, guests, strict=True)
        ]
        quote = Quote("Widen the dates.", "", "", None, "", 0.9, page, 0.9, "hashing")
        for question in asked:
            receipts.note_shown(tx, question.id, [quote], now=LATER)
        votes.save(tx, said)
        as_members = votes.assured_among(tx, [page])
        for guest in guests:
            outsiders.note(tx, guest)
        as_guests = votes.assured_among(tx, [page])

    assert (set(as_members), set(as_guests)) == ({page}, set())
