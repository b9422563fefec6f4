"""Forms and pages: what is shown fits Slack, and what is filled in comes back as it was meant."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.chat.bounds import bounded
from supportbot.domain.chat.events import (
    ChannelConfigured,
    Event,
    Inquired,
    Inquiry,
    LinkRequested,
    ProfileChanged,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place, direct_place, home_of
from supportbot.domain.experts.availability import Availability, read_change
from supportbot.domain.redaction.redact import redact
from supportbot.domain.replies.reply import (
    Action,
    Line,
    ListeningForm,
    OutgoingMessage,
    Page,
    ProfileForm,
    Reply,
    Section,
)
from supportbot_slack import pages
from supportbot_slack.events import Known, Person, needed, read_event, read_events
from supportbot_slack.modals import errors_in, filled, form_of, opening, value_of
from supportbot_slack.pages import rendered
from tests.slack.blocks import MOST_CHARACTERS, measure
from tests.slack_server import problems_of_message, problems_of_view

JSON = dict[str, Any]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFICE = Availability(
    asks_a_week=3,
    days=(0, 1, 2, 3, 4),
    begins=540,
    ends=1020,
    timezone="Europe/Berlin",
    away_until=date(2026, 12, 24),
    topics=("ledger", "posting"),
    refused=("vat",),
    receipts=False,
    is_asked_alone=True,
)
EMPTY = Availability()
MARIA = Author("slack", "U1", "Maria", ("admin",))
KNOWN = Known("T1", "UBOT", people={"U1": Person("Maria", ("admin",))}, now=NOW)


def form(chosen: Availability, timezone: str = "") -> JSON:
    found = form_of(value_of(ProfileForm(chosen)), timezone=timezone)
    assert found is not None
    return found


def initial(view: JSON) -> dict[str, Any]:
    """Return what a form begins with, by its block."""
    return {block["block_id"]: block["element"] for block in view["blocks"]}


def state_of(element: JSON) -> JSON:
    names = {
        "initial_value": "value",
        "initial_date": "selected_date",
        "initial_option": "selected_option",
        "initial_options": "selected_options",
    }
    return {names[name]: value for name, value in element.items() if name in names}


def submitted(view: JSON, **changes: JSON) -> JSON:
    """Return what comes back when these blocks are changed and all else is left."""
    values = {block: {block: state_of(element)} for block, element in initial(view).items()}
    values |= {block: {block: state} for block, state in changes.items()}
    return {
        "type": "view_submission",
        "user": {"id": "U1"},
        "view": {**view, "id": "V1", "state": {"values": values}},
    }


def text(value: str | None) -> JSON:
    return {"type": "plain_text_input", "value": value}


def chosen(*values: str) -> JSON:
    return {"selected_options": [{"value": value} for value in values]}


# How I am asked


@pytest.mark.parametrize("said", [EMPTY, OFFICE, replace(OFFICE, timezone="")])
def test_who_changes_nothing_in_the_form_changes_nothing(said: Availability) -> None:
    body = submitted(form(said, "Europe/Copenhagen"))

    assert filled(body["view"]).errors == {}
    assert read_event(body, KNOWN) is None


def test_all_that_is_filled_in_is_one_change() -> None:
    body = submitted(
        form(EMPTY),
        budget=text("3"),
        to=text("17:00"),
        zone=text("Europe/Berlin"),
        days=chosen("mon", "tue", "wed", "thu", "fri"),
        away={"selected_date": "2026-12-24"},
        topics=text(" ledger,  posting"),
        ask={"selected_option": {"value": "alone"}},
        receipts=chosen(),
        **{"from": text("9"), "not": text("vat")},
    )

    event = read_event(body, KNOWN)

    assert isinstance(event, ProfileChanged)
    assert event.place == direct_place(MARIA, "T1")
    assert read_change(redact(event.text), EMPTY) == OFFICE


def test_what_is_emptied_is_taken_back() -> None:
    nothing = text(None)
    body = submitted(
        form(OFFICE),
        budget=nothing,
        to=nothing,
        topics=nothing,
        away={"selected_date": None},
        **{"from": nothing, "not": nothing},
    )

    event = read_event(body, KNOWN)

    assert isinstance(event, ProfileChanged)
    assert read_change(event.text, OFFICE) == replace(
        OFFICE, asks_a_week=None, begins=0, ends=1440, away_until=None, topics=(), refused=()
    )


@pytest.mark.parametrize(
    ("changes", "block", "said"),
    [
        ({"budget": text("many")}, "budget", "A budget is how often"),
        ({"from": text("25"), "to": text("26")}, "from", "A day has no hours"),
        ({"from": text("nine")}, "from", "Hours are two times"),
        ({"from": text("9"), "zone": text("Berlin")}, "zone", "I don't know a time zone"),
        ({"days": chosen()}, "days", "Choose at least one day"),
        ({"topics": text("<!channel>")}, "topics", "Name one to 20 topics"),
        ({"not": text("vat; budget 99")}, "not", ""),
        ({"topics": text("vat; budget 99")}, "topics", ""),
    ],
)
def test_what_cannot_be_read_is_said_under_its_block_and_nothing_is_changed(
    changes: dict[str, JSON], block: str, said: str
) -> None:
    body = submitted(form(EMPTY), **changes)

    (found,) = errors_in(body).items()

    assert found[0] == block
    assert found[1].startswith(said)
    assert read_event(body, KNOWN) is None


def test_the_time_zone_that_slack_knows_is_offered_to_who_has_named_none() -> None:
    assert initial(form(EMPTY, "Europe/Copenhagen"))["zone"]["initial_value"] == "Europe/Copenhagen"
    assert initial(form(OFFICE, "Asia/Tokyo"))["zone"]["initial_value"] == "Europe/Berlin"
    in_utc = replace(OFFICE, timezone="")
    assert initial(form(in_utc, "Asia/Tokyo"))["zone"]["initial_value"] == "UTC"


def test_topics_that_are_too_long_for_the_button_are_left_as_they_are() -> None:
    long = tuple(f"{number} {'x' * 70}" for number in range(20))
    said = replace(OFFICE, topics=long, refused=long)
    view = form(said)

    assert "topics" not in initial(view)
    assert read_event(submitted(view, budget=text("4")), KNOWN) is not None
    change = filled(submitted(view, budget=text("4"))["view"]).change
    assert read_change(change, said) == replace(said, asks_a_week=4)


def test_who_changes_something_sees_it_in_their_home_tab() -> None:
    first, second = read_events(submitted(form(EMPTY), budget=text("3")), KNOWN)

    assert isinstance(first, ProfileChanged)
    assert isinstance(second, Inquired)
    assert (second.about, second.place) == (Inquiry.HOME, home_of(MARIA, "T1"))


# This channel


def test_a_maintainer_chooses_to_what_the_bot_listens() -> None:
    value = value_of(ListeningForm(Place("slack", "T1", "C1"), Listening.MENTIONS))
    view = form_of(value)
    assert view is not None
    assert initial(view)["listening"]["initial_option"]["value"] == "mentions"
    body = submitted(view, listening={"selected_option": {"value": "nothing"}})

    event = read_event(body, replace(KNOWN, is_private=False))

    assert needed(body).channel == "C1"
    assert isinstance(event, ChannelConfigured)
    assert (event.place, event.listening) == (Place("slack", "T1", "C1"), Listening.NOTHING)
    assert event.author == MARIA


# Commands and the Home tab


def command(name: str, typed: str, channel: str = "C1") -> JSON:
    return {
        "command": name,
        "text": typed,
        "user_id": "U1",
        "channel_id": channel,
        "trigger_id": "123.456",
    }


def in_the_middle_of(channel: str = "C1") -> Place:
    return direct_place(MARIA, "T1").in_thread(f"ask.{channel}.123.456")


@pytest.mark.parametrize(
    ("name", "typed", "about", "said"),
    [
        ("/experts", "ledger closing", Inquiry.EXPERTS, "ledger closing"),
        ("/experts", "", Inquiry.EXPERTS, ""),
        ("/supportbot", "", Inquiry.HELP, "/supportbot "),
        ("/supportbot", "help", Inquiry.HELP, "/supportbot "),
        ("/supportbot", "sing", Inquiry.HELP, "/supportbot "),
        ("/supportbot", "Unanswered", Inquiry.UNANSWERED, ""),
        ("/supportbot", "aside", Inquiry.ASIDE, ""),
        ("/supportbot", "home", Inquiry.HOME, ""),
        ("/supportbot", "experts vat", Inquiry.EXPERTS, "vat"),
    ],
)
def test_what_is_typed_is_replied_to_in_the_middle_of_the_channel(
    name: str, typed: str, about: Inquiry, said: str
) -> None:
    event = read_event(command(name, typed), KNOWN)

    assert isinstance(event, Inquired)
    assert (event.about, event.text, event.place) == (about, said, in_the_middle_of())


def test_what_somebody_says_of_themselves_is_typed_after_me() -> None:
    event = read_event(command("/supportbot", "me budget 3; days mon-fri"), KNOWN)

    assert isinstance(event, ProfileChanged)
    assert (event.text, event.place) == ("budget 3; days mon-fri", in_the_middle_of())


@pytest.mark.parametrize(("text", "code"), [("link", ""), ("Link ABCD-EFGH", "ABCD-EFGH")])
def test_the_code_of_another_platform_can_be_typed(text: str, code: str) -> None:
    event = read_event(command("/supportbot", text), KNOWN)

    assert isinstance(event, LinkRequested)
    assert (event.text, event.place) == (code, in_the_middle_of())


def test_the_settings_are_those_of_the_channel_in_which_it_is_typed() -> None:
    body = command("/supportbot", "settings")

    event = read_event(body, replace(KNOWN, is_private=False))

    assert needed(body).channel == "C1"
    assert isinstance(event, Inquired)
    assert event.channel == Place("slack", "T1", "C1")


def opened(tab: str, ts: str) -> JSON:
    return {
        "type": "event_callback",
        "event": {"type": "app_home_opened", "user": "U1", "tab": tab, "event_ts": ts},
    }


def test_who_opens_their_home_tab_twice_at_once_is_shown_it_once() -> None:
    first, again, later = (
        read_event(opened("home", ts), KNOWN)
        for ts in ("1772442000.000100", "1772442004.000100", "1772442005.000100")
    )

    assert isinstance(first, Inquired)
    assert isinstance(again, Inquired)
    assert isinstance(later, Inquired)
    assert first.event_id == again.event_id != later.event_id
    assert first.place == home_of(MARIA, "T1")


def test_opening_the_messages_tab_means_nothing() -> None:
    assert read_event(opened("messages", "1772442000.000100"), KNOWN) is None


# Whatever stands on them, Slack takes it

STRANGE = st.text(
    st.characters(codec=None, exclude_categories=()) | st.sampled_from("<&>*_`\0\ud83d\u202e\n"),
    max_size=40,
)
TEXT = st.builds(lambda some, times: some * times, STRANGE, st.sampled_from([1, 20, 500]))
URLS = st.sampled_from(["", "https://ours.slack.com/archives/C1/p1", "javascript:1"]) | TEXT
THREADS = st.integers(0, 10**9).map(lambda n: Place("slack", "T1", "C012345678", f"{n}.000100"))
ACTIONS = st.sampled_from([(), (Action.PASS,), (Action.CLAIM, Action.PASS, Action.REFUSE)])
LINES = st.builds(Line, TEXT, URLS, THREADS, TEXT, ACTIONS)
TOPICS = st.lists(st.text("äx ", min_size=1, max_size=80), max_size=20).map(tuple)
AVAILABILITIES = st.builds(
    Availability,
    asks_a_week=st.none() | st.integers(0, 100),
    days=st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days))),
    begins=st.integers(0, 1440),
    ends=st.integers(0, 1440),
    timezone=st.sampled_from(["", "Europe/Berlin"]),
    away_until=st.none() | st.dates(),
    topics=TOPICS,
    refused=TOPICS,
    receipts=st.booleans(),
    is_asked_alone=st.booleans(),
)
FORMS = st.none() | AVAILABILITIES.map(ProfileForm)


@st.composite
def whole_pages(draw: st.DrawFn) -> Page:
    """A page as large as they come: ten questions with buttons, and ten lines elsewhere."""
    waiting = draw(st.lists(LINES, max_size=11, unique_by=lambda line: str(line.about)))
    others = [
        replace(line, actions=()) for line in draw(st.lists(LINES, max_size=4)) for _ in range(3)
    ]
    sections = [Section(draw(TEXT), draw(TEXT), tuple(others)) for _ in range(4)]
    profile = Section("How I am asked", draw(TEXT), form=draw(FORMS))
    return Page((Section("Waiting for me", "", tuple(waiting)), profile, *sections))


@given(whole_pages())
def test_slack_takes_every_page_as_a_home_tab_and_as_a_message(page: Page) -> None:
    message = OutgoingMessage("m", direct_place(MARIA, "T1"), Reply("", page=page))

    assert problems_of_view(pages.home_of(page)) == []
    given_ = rendered(message)
    assert problems_of_message(given_["blocks"]) == []
    assert measure(given_["blocks"]) <= MOST_CHARACTERS
    assert 0 < len(given_["text"]) <= 4_000


@given(AVAILABILITIES, st.sampled_from(["", "Europe/Copenhagen"]))
def test_slack_takes_every_form_and_its_button(said: Availability, timezone: str) -> None:
    assert len(value_of(ProfileForm(said))) <= 2_000
    assert problems_of_view(form(said, timezone)) == []


@given(st.dictionaries(TEXT, TEXT | st.none() | st.dictionaries(TEXT, TEXT)), TEXT)
def test_a_form_that_comes_back_strangely_breaks_nothing(values: JSON, held: str) -> None:
    view = {"callback_id": "supportbot.profile", "state": {"values": values}}
    body: JSON = {
        "type": "view_submission",
        "user": {"id": "U1"},
        "view": {**view, "id": "V", "private_metadata": held},
    }

    events: tuple[Event, ...] = read_events(body, KNOWN)

    assert [bounded(event) for event in events] == list(events)
    assert opening(body) is None


def test_a_press_on_change_opens_a_form_and_is_no_event() -> None:
    page = Page((Section("How I am asked", form=ProfileForm(OFFICE)),))
    (*_, actions) = pages.blocks_of(page)
    button = actions["elements"][0]
    body = {
        "type": "block_actions",
        "user": {"id": "U1"},
        "trigger_id": "1.2",
        "actions": [{**button, "block_id": "form.profile", "action_ts": "1772442000.000100"}],
    }

    opens = opening(body)

    assert opens is not None
    assert (opens.user, opens.trigger) == ("U1", "1.2")
    assert json.loads(opens.value)["asks_a_week"] == 3
    assert read_event(body, KNOWN) is None


def test_a_page_that_is_too_long_for_a_message_loses_its_last_lines_and_no_more() -> None:
    lines = tuple(Line(f"line {number} " + "x" * 250) for number in range(100))
    page = Page((Section("Open questions", lines=lines),))

    given_ = rendered(OutgoingMessage("m", Place("slack", "T1", "C1"), Reply("", page=page)))

    assert measure(given_["blocks"]) <= MOST_CHARACTERS
    assert "line 30 " in str(given_["blocks"])
    assert "line 99 " not in str(given_["blocks"])
