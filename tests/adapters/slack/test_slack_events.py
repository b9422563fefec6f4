from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    AskingEnded,
    Event,
    HelpRequested,
    MarkTakenBack,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PlaceChanged,
    PlaceDeleted,
    QuestionClaimed,
    QuestionPassed,
    QuestionShared,
    TopicRefused,
    author_of,
    message_key_of,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_place
from supportbot_slack.events import (
    Known,
    Needed,
    Person,
    is_uninstalling,
    needed,
    person_in,
    read_event,
    read_past,
    target_of,
    team_of,
    teams_of,
    uninstalled,
)

TS, LATER = "1772442000.000100", "1772442060.000200"
NOW = datetime(2026, 3, 2, 9, 0, 0, 100, tzinfo=UTC)
HELP = Place("slack", "T1", "C1")
THREAD = HELP.in_thread(TS)
MARIA = Author("slack", "U1", "Maria")
PAUL = Author("slack", "U2", "Paul", ("admin",))
KNOWN = Known(
    team="T1",
    bot="UBOT",
    address="https://ours.slack.com/",
    people={"U1": Person("Maria"), "U2": Person("Paul", ("admin",))},
    is_private=False,
)


def told(**event: Any) -> dict[str, Any]:
    said = {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", **event}
    return {"type": "event_callback", "team_id": "T1", "event": said}


def pressed(action: str, place: Place = THREAD, **more: Any) -> dict[str, Any]:
    element = {"action_id": f"supportbot.{action}", "block_id": target_of(place), **more}
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U2", "username": "paul"},
        "container": {"channel_id": "C1"},
        "actions": [{**element, "action_ts": LATER}],
    }


def test_a_message_says_who_wrote_what_where_and_when() -> None:
    event = read_event(told(ts=TS, text="How do I &lt;post&gt;, <@U2>?"), KNOWN)

    assert event == MessagePosted(
        event_id=f"slack:T1:C1:{TS}",
        place=HELP,
        message_id=TS,
        author=MARIA,
        text="How do I <post>, @Paul?",
        posted_at=NOW,
        url="https://ours.slack.com/archives/C1/p1772442000000100",
        mentions=(PAUL,),
    )


def test_a_mention_and_the_message_it_stands_in_are_one_event() -> None:
    text = "<@UBOT> how do I post?"

    message = read_event(told(ts=TS, text=text), KNOWN)
    mention = read_event(told(type="app_mention", ts=TS, text=text, channel_type=None), KNOWN)

    assert message == mention
    assert isinstance(message, MessagePosted)
    assert (message.is_addressed, message.text, message.mentions) == (True, "how do I post?", ())


def test_a_reply_is_in_its_thread_and_the_first_message_in_none() -> None:
    reply = read_event(told(ts=LATER, thread_ts=TS, text="Like this."), KNOWN)
    first = read_event(told(ts=TS, thread_ts=TS, text="How?"), KNOWN)

    assert isinstance(reply, MessagePosted)
    assert isinstance(first, MessagePosted)
    assert (reply.place.thread, first.place.thread) == (TS, None)


@pytest.mark.parametrize(
    ("kind", "is_private"), [("channel", False), ("group", True), ("mpim", True), ("new", True)]
)
def test_only_what_slack_calls_a_channel_is_open(kind: str, *, is_private: bool) -> None:
    event = read_event(told(ts=TS, text="How?", channel_type=kind), KNOWN)

    assert event is not None
    assert event.place.is_private is is_private


@pytest.mark.parametrize(
    ("subtype", "is_private"),
    [("channel_convert_to_private", True), ("channel_convert_to_public", False)],
)
def test_a_channel_that_is_closed_or_opened_is_news(subtype: str, *, is_private: bool) -> None:
    kind = "group" if is_private else "channel"
    event = read_event(told(ts=TS, event_ts=TS, subtype=subtype, channel_type=kind), KNOWN)

    assert isinstance(event, PlaceChanged)
    assert event.place == HELP.with_privacy(is_private=is_private)
    assert event.changed_at == NOW


@pytest.mark.parametrize(
    ("event", "channel"),
    [
        ({"type": "reaction_added", "reaction": "eyes"}, ""),
        ({"type": "reaction_added", "reaction": "white_check_mark"}, "C1"),
        ({"type": "member_joined_channel", "channel": "C1", "channel_type": "C"}, ""),
        ({"type": "channel_deleted", "channel": "C1"}, "C1"),
    ],
)
def test_slack_is_asked_who_may_see_a_channel_only_where_it_matters(
    event: dict[str, Any], channel: str
) -> None:
    said = {"item": {"channel": "C1", "ts": TS}, "user": "U1", **event}

    assert needed({"type": "event_callback", "event": said}).channel == channel


def test_what_is_between_one_person_and_the_bot_is_their_place_and_meant_for_it() -> None:
    event = read_event(told(ts=TS, text="How?", channel="D1", channel_type="im"), KNOWN)

    assert isinstance(event, MessagePosted)
    assert event.place == direct_place(MARIA, "T1")
    assert event.is_addressed


@pytest.mark.parametrize(
    "event",
    [
        {"ts": TS, "text": "beep", "bot_id": "B1"},
        {"ts": TS, "text": "beep", "user": "UBOT"},
        {"ts": TS, "text": "Maria joined", "subtype": "channel_join"},
        {"ts": "soon", "text": "How?"},
        {"ts": TS, "text": "How?", "user": None},
        {"type": "reaction_added", "reaction": "eyes", "item": {"channel": "C1", "ts": TS}},
        {"type": "channel_rename"},
        {"type": []},
        {"type": "member_joined_channel", "user": "UBOT"},
    ],
)
def test_what_no_member_says_or_does_is_nothing(event: dict[str, Any]) -> None:
    assert read_event(told(**event), KNOWN) is None


def changed(**message: Any) -> dict[str, Any]:
    now = {"user": "U1", "ts": TS, "text": "new", "edited": {"ts": LATER}, **message}
    before = {"user": "U1", "ts": TS, "text": "old"}
    return told(subtype="message_changed", message=now, previous_message=before, user=None)


def test_an_edit_says_what_the_message_says_now() -> None:
    event = read_event(changed(), KNOWN)

    assert isinstance(event, MessageEdited)
    assert (event.text, event.author, event.message_id) == ("new", MARIA, TS)
    assert event.event_id == f"slack:T1:C1:{TS}/edit/{LATER}"


@pytest.mark.parametrize(
    "message",
    [{"text": "old"}, {"edited": None}, {"bot_id": "B1"}, {"subtype": "assistant_app_thread"}],
)
def test_what_slack_itself_changes_is_no_edit(message: dict[str, Any]) -> None:
    assert read_event(changed(**message), KNOWN) is None


@pytest.mark.parametrize(
    "body",
    [
        told(subtype="message_deleted", deleted_ts=TS, event_ts=LATER, user=None),
        changed(subtype="tombstone"),
    ],
    ids=["deleted", "tombstone"],
)
def test_a_message_that_is_gone_is_deleted_also_when_replies_stay(body: dict[str, Any]) -> None:
    event = read_event(body, KNOWN)

    assert isinstance(event, MessageDeleted)
    assert message_key_of(event) == HELP.message_key(TS)


def removed(channel: str = "C1", **before: Any) -> dict[str, Any]:
    return told(
        subtype="message_deleted",
        deleted_ts=TS,
        event_ts=LATER,
        user=None,
        channel=channel,
        previous_message={"ts": TS, **before},
    )


def test_what_the_bot_posted_in_a_channel_is_deleted_like_the_words_of_a_member() -> None:
    event = read_event(removed(user="UBOT", bot_id="B1"), KNOWN)

    assert isinstance(event, MessageDeleted)
    assert message_key_of(event) == HELP.message_key(TS)


@pytest.mark.parametrize(
    "body",
    [removed(bot_id="B2"), removed(user="U9", bot_id="B2"), removed("D1", user="UBOT")],
    ids=["another bot", "another bot with a user", "the bot to one person alone"],
)
def test_of_what_else_bots_say_nothing_is_held_that_could_be_deleted(body: dict[str, Any]) -> None:
    assert read_event(body, KNOWN) is None


def test_a_tick_accepts_whatever_its_colour() -> None:
    body = told(
        type="reaction_added",
        reaction="white_check_mark::skin-tone-2",
        item={"type": "message", "channel": "C1", "ts": TS},
        event_ts=LATER,
        channel=None,
        channel_type=None,
    )

    event = read_event(body, KNOWN)

    assert isinstance(event, AnswerAccepted)
    assert (event.place, event.message_id, event.author) == (HELP, TS, MARIA)
    assert needed(body) == Needed(place="C1", channel="C1", users=("U1",))


def test_a_tick_that_is_taken_back_names_the_mark_that_does_not_count_any_more() -> None:
    item = {"type": "message", "channel": "C1", "ts": TS}
    reaction = {"reaction": "heavy_check_mark", "item": item, "channel": None}

    mark = read_event(told(type="reaction_added", event_ts=TS, **reaction), KNOWN)
    event = read_event(told(type="reaction_removed", event_ts=LATER, **reaction), KNOWN)

    assert isinstance(mark, AnswerAccepted)
    assert isinstance(event, MarkTakenBack)
    assert (event.place, event.message_id, event.author) == (HELP, TS, MARIA)
    assert event.mark_id == mark.event_id != event.event_id


@pytest.mark.parametrize(
    ("kind", "event"),
    [("member_left_channel", MemberLeft), ("member_joined_channel", MemberJoined)],
)
def test_who_comes_and_goes_is_told(kind: str, event: type) -> None:
    assert isinstance(read_event(told(type=kind, event_ts=LATER), KNOWN), event)


def test_who_leaves_the_workspace_has_left_every_channel() -> None:
    user = {"id": "U1", "deleted": True}

    event = read_event(told(type="user_change", user=user, channel=None, event_ts=LATER), KNOWN)

    assert isinstance(event, MemberLeft)
    assert event.place == Place("slack", "T1", "")


def test_a_channel_that_is_deleted_is_gone() -> None:
    event = read_event(told(type="channel_deleted", event_ts=LATER, user=None), KNOWN)

    assert isinstance(event, PlaceDeleted)
    assert event.place.channel == "C1"


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("solved", AnswerAccepted),
        ("reject", AnswerRejected),
        ("person", HelpRequested),
        ("find", HelpRequested),
        ("take", QuestionClaimed),
        ("pass", QuestionPassed),
        ("refuse", TopicRefused),
    ],
)
def test_every_button_is_an_event_about_its_thread(action: str, kind: type[Event]) -> None:
    event = read_event(pressed(action), KNOWN)

    assert isinstance(event, kind)
    assert event.place == THREAD
    assert author_of(event) == PAUL


def test_choosing_somebody_passes_the_question_on_to_them() -> None:
    event = read_event(pressed("pass_to", selected_user="U1"), KNOWN)

    assert isinstance(event, QuestionPassed)
    assert event.to == MARIA


def test_a_question_is_shared_in_the_channel_that_is_chosen_or_that_it_was_asked_in() -> None:
    alone = direct_place(PAUL, "T1")
    chosen = pressed("share_in", alone.in_thread(TS), selected_conversation="C7")
    beside = pressed("share", alone.in_thread("ask.C8.1.2.3"))

    events = [read_event(body, KNOWN) for body in (chosen, beside)]

    assert [isinstance(event, QuestionShared) and event.to.channel for event in events] == [
        "C7",
        "C8",
    ]
    assert [needed(body).channel for body in (chosen, beside)] == ["C7", "C8"]


@pytest.mark.parametrize(
    "body", [pressed("dance"), {**pressed("take"), "actions": []}, {**pressed("take"), "user": {}}]
)
def test_a_button_that_is_not_ours_is_nothing(body: dict[str, Any]) -> None:
    assert read_event(body, KNOWN) is None


def test_the_command_asks_alone_in_the_middle_of_a_channel() -> None:
    body = {
        "command": "/ask",
        "text": " How do I post? ",
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "trigger_id": "1.2.x",
    }

    event = read_event(body, KNOWN)

    assert isinstance(event, MessagePosted)
    assert event.place == direct_place(MARIA, "T1")
    assert (event.message_id, event.text) == ("ask.C1.1.2.x", "How do I post?")
    assert needed(body).channel == ""


SHORTCUT: dict[str, Any] = {
    "type": "message_action",
    "callback_id": "ask_the_group",
    "team": {"id": "T1"},
    "user": {"id": "U2"},
    "channel": {"id": "C1"},
    "message": {
        "user": "U1",
        "ts": TS,
        "text": "How do I &lt;post&gt;, <@U2>?",
        "files": [
            {"id": "F1", "mimetype": "image/png", "name": "screen.png"},
            {"id": "F2", "mimetype": "text/plain", "name": "log.txt", "size": 9},
        ],
    },
}


def test_the_shortcut_gives_the_message_as_if_it_had_been_addressed_to_the_bot() -> None:
    known = replace(KNOWN, files={"F2": "error 4"})
    body = told(**SHORTCUT["message"])

    asked, said = read_event(SHORTCUT, known), read_event(body, known)

    assert isinstance(asked, MessagePosted)
    assert isinstance(said, MessagePosted)
    assert (asked.mentions, asked.pictures) == ((PAUL,), 1)
    assert asked == replace(said, event_id=f"{said.event_id}/asked", is_addressed=True)
    assert needed(SHORTCUT).users == ("U2", "U1")
    assert needed(SHORTCUT).files == needed(body).files


APP: dict[str, Any] = {
    "bot_id": "B1",
    "app_id": "A1",
    "bot_profile": {"id": "B1", "name": "Launcher"},
}


def test_what_a_person_posts_through_an_app_is_theirs() -> None:
    event = read_event(told(ts=TS, text="How do I post?", **APP), KNOWN)

    assert isinstance(event, MessagePosted)
    assert event.author == MARIA


@pytest.mark.parametrize(
    ("user", "people"),
    [("U9", {}), ("U9", {"U9": Person("Launcher", is_bot=True)}), ("UBOT", {})],
    ids=["somebody unknown", "the app itself", "this bot"],
)
def test_what_an_app_posts_by_itself_is_nobodys(user: str, people: dict[str, Person]) -> None:
    body = told(ts=TS, text="How do I post?", user=user, **APP)

    assert read_event(body, replace(KNOWN, people=people)) is None
    assert user in needed(body).users


def test_what_a_person_posted_through_an_app_is_deleted_with_it() -> None:
    body = removed(user="U1", **APP)

    assert isinstance(read_event(body, KNOWN), MessageDeleted)
    assert "U1" in needed(body).users


@pytest.mark.parametrize(
    "message",
    [
        {"subtype": "bot_message", "bot_id": "B1", "username": "Intake form", "ts": TS},
        {"user": "U9", "ts": TS, **APP},
    ],
    ids=["a workflow", "another app"],
)
def test_what_a_workflow_posted_is_asked_by_the_one_who_uses_the_shortcut(
    message: dict[str, Any],
) -> None:
    body = SHORTCUT | {"message": message | {"text": "How do I post?"}}

    event = read_event(body, KNOWN)

    assert isinstance(event, MessagePosted)
    assert (event.author, event.text, event.is_addressed) == (PAUL, "How do I post?", True)


def test_the_bots_own_words_are_no_question() -> None:
    body = SHORTCUT | {"message": {"user": "UBOT", "ts": TS, "text": "How do I post?", **APP}}

    assert read_event(body, KNOWN) is None


FORWARDED = {
    "is_share": True,
    "author_id": "U2",
    "text": "How do I reset the password of the portal?",
    "from_url": "https://ours.slack.com/archives/C2/p1",
}


def test_a_forwarded_message_has_its_words_and_its_author() -> None:
    event = read_event(told(ts=TS, text="", attachments=[FORWARDED]), KNOWN)

    assert isinstance(event, MessagePosted)
    assert "How do I reset the password of the portal?" in event.text
    assert "Paul" in event.text


def test_words_that_stand_in_blocks_alone_are_read_and_who_is_named_there_is_known() -> None:
    elements = [
        {"type": "user", "user_id": "UBOT"},
        {"type": "text", "text": " how do I post, "},
        {"type": "user", "user_id": "U2"},
        {"type": "text", "text": "?"},
    ]
    section = {"type": "rich_text_section", "elements": elements}
    body = told(ts=TS, text="", blocks=[{"type": "rich_text", "elements": [section]}])

    event = read_event(body, KNOWN)

    assert isinstance(event, MessagePosted)
    assert (event.text, event.is_addressed) == ("how do I post, @Paul?", True)
    assert event.mentions == (PAUL,)
    assert "U2" in needed(body).users


@pytest.mark.parametrize(
    "call",
    ["<!here>", "<!channel|@channel>,", "<!subteam^S0HELPERS|@helpers>", "<@UBOT> <!subteam^S1>:"],
)
def test_a_group_that_is_called_is_no_word_of_the_question(call: str) -> None:
    event = read_event(told(ts=TS, text=f"{call} how do I export the list?"), KNOWN)

    assert isinstance(event, MessagePosted)
    assert event.text == "how do I export the list?"
    assert event.is_addressed is ("UBOT" in call)


def test_an_edit_says_whether_it_calls_the_bot_and_whom_it_names() -> None:
    event = read_event(changed(text="<@UBOT> how, <@U2>?"), KNOWN)

    assert isinstance(event, MessageEdited)
    assert (event.text, event.is_addressed, event.mentions) == ("how, @Paul?", True, (PAUL,))
    assert event.posted_at == NOW
    assert event.url.endswith(f"/p{TS.replace('.', '')}")


def test_recordings_and_files_that_are_not_read_are_counted() -> None:
    clip = {"id": "F1", "name": "audio_message.m4a", "mimetype": "audio/mp4"}
    report = {"id": "F2", "name": "report.pdf", "mimetype": "application/pdf"}

    event = read_event(told(ts=TS, text="", subtype="file_share", files=[clip, report]), KNOWN)

    assert isinstance(event, MessagePosted)
    assert (event.recordings, event.files, event.pictures) == (1, 1, 0)
    assert event.text == "[file: report.pdf]"


def test_a_message_of_which_nothing_can_be_read_is_counted_as_a_file() -> None:
    event = read_event(told(ts=TS, text="", attachments=[{"id": 1}]), KNOWN)

    assert isinstance(event, MessagePosted)
    assert (event.text, event.files) == ("", 1)


def test_a_reply_that_is_shown_to_the_channel_as_well_says_so() -> None:
    body = told(ts=LATER, thread_ts=TS, text="How do I post?", subtype="thread_broadcast")

    event = read_event(body, KNOWN)

    assert isinstance(event, MessagePosted)
    assert event.is_broadcast
    assert event.place == THREAD


def test_an_edit_keeps_what_stands_in_the_file_that_came_with_the_message() -> None:
    file = {"id": "F2", "mimetype": "text/plain", "name": "log.txt", "size": 9}
    body = changed(files=[file])

    event = read_event(body, replace(KNOWN, files={"F2": "error 4"}))

    assert isinstance(event, MessageEdited)
    assert event.text == "new\n```\nerror 4\n```"
    assert needed(body).files == (file,)


def past(**message: Any) -> list[Any]:
    channel = {"id": "C1", "is_private": False}
    said = {"type": "message", "user": "U1", "ts": TS, "text": "How?", **message}
    return read_past(said, channel, KNOWN, since=NOW.replace(second=30), now=NOW)


def test_what_was_said_before_is_not_brought_but_what_became_of_it_since_is() -> None:
    ticked = {"name": "white_check_mark", "users": ["U2"]}

    assert past() == []
    (edited,) = past(edited={"user": "U1", "ts": LATER})
    assert isinstance(edited, MessageEdited)
    (accepted,) = past(reactions=[ticked])
    assert isinstance(accepted, AnswerAccepted)
    assert (accepted.author, accepted.message_id) == (PAUL, TS)


@pytest.mark.parametrize(
    ("repliers", "is_late"), [([], False), (["UBOT", "U1"], False), (["U2"], True)]
)
def test_what_people_have_answered_meanwhile_is_late(repliers: list[str], *, is_late: bool) -> None:
    (posted,) = past(ts=LATER, reply_users=repliers)

    assert posted.is_late is is_late


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "type",
        "team_id",
        "team",
        "event",
        "user",
        "channel",
        "channel_type",
        "ts",
        "thread_ts",
        "text",
        "subtype",
        "message",
        "previous_message",
        "edited",
        "deleted_ts",
        "item",
        "reaction",
        "actions",
        "action_id",
        "block_id",
        "container",
        "command",
        "user_id",
        "trigger_id",
        "files",
        "selected_user",
        "event_ts",
        "bot_id",
        "callback_id",
    ]
)
KINDS = st.sampled_from(
    ["event_callback", "message", "block_actions", "message_action", "message_changed", "/ask"]
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON | KINDS | st.dictionaries(NAMES, JSON | KINDS), max_size=8))
def test_whatever_comes_it_is_read_or_passed_over(body: dict[str, Any]) -> None:
    needed(body)

    event = read_event(body, KNOWN)

    assert event is None or event.place.platform == "slack"


SHARED = {
    "type": "event_callback",
    "team_id": "T2",
    "context_team_id": "T2",
    "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True}],
}


@pytest.mark.parametrize(
    ("body", "team"),
    [
        (SHARED, "T1"),
        ({"type": "event_callback", "team_id": "T1"}, "T1"),
        ({"type": "block_actions", "team": {"id": "T1"}, "user": {"team_id": "T2"}}, "T1"),
        ({"command": "/ask", "team_id": "T1"}, "T1"),
        (
            {
                "type": "view_submission",
                "team": {"id": "T2"},
                "view": {"team_id": "T2", "app_installed_team_id": "T1"},
            },
            "T1",
        ),
        ({"type": "block_actions", "team": None, "user": {"id": "U1", "team_id": "T1"}}, "T1"),
        ({}, ""),
    ],
)
def test_something_is_for_the_workspace_in_which_the_bot_is_installed(
    body: dict[str, Any], team: str
) -> None:
    assert team_of(body) == team


def test_the_other_company_of_a_shared_channel_comes_last() -> None:
    assert teams_of(SHARED) == ("T1", "T2")


@pytest.mark.parametrize(
    ("event", "is_ours"),
    [
        ({"type": "app_uninstalled"}, True),
        ({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"], "oauth": []}}, True),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}, False),
        ({"type": "message"}, False),
    ],
)
def test_a_persons_own_token_that_is_revoked_uninstalls_nothing(
    event: dict[str, Any], *, is_ours: bool
) -> None:
    assert is_uninstalling({"type": "event_callback", "event": event}) is is_ours


@pytest.mark.parametrize(
    "event",
    [
        {"type": "channel_archive", "user": "U2"},
        {"type": "group_archive", "user": "U2"},
        {"type": "channel_left"},
        {"type": "group_left"},
        {"type": "member_left_channel", "user": "UBOT", "channel_type": "C"},
    ],
    ids=lambda event: str(event["type"]),
)
def test_nobody_is_asked_any_more_where_the_bot_can_say_nothing(event: dict[str, Any]) -> None:
    body = told(**{"channel_type": None, "event_ts": LATER, **event})

    ended = read_event(body, KNOWN)

    assert isinstance(ended, AskingEnded)
    assert (ended.place.channel, ended.place.thread) == ("C1", None)
    assert needed(body).channel == ""


def test_nobody_is_asked_any_more_in_a_workspace_that_took_the_bot_out() -> None:
    ended = uninstalled(told(type="app_uninstalled", event_ts=LATER), "T1")

    assert ended is not None
    assert ended.place == Place("slack", "T1", "")
    assert uninstalled(told(type="tokens_revoked", tokens={"bot": ["UBOT"]}), "T1") is None


@pytest.mark.parametrize(
    ("was_gone", "is_gone", "kind"),
    [(False, True, MemberLeft), (True, False, MemberJoined), (False, False, type(None))],
)
def test_who_is_deactivated_leaves_and_who_is_activated_again_is_back(
    kind: type, *, was_gone: bool, is_gone: bool
) -> None:
    body = told(type="user_change", user={"id": "U1", "deleted": is_gone}, event_ts=LATER)
    known = replace(KNOWN, people={"U1": Person("Maria", is_gone=was_gone)})

    assert isinstance(read_event(body, known), kind)
    assert person_in(body) == {"id": "U1", "deleted": is_gone}
