import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening, Place
from supportbot.domain.experts.availability import Availability
from supportbot.domain.language.texts import Link, Mention, Name, Room, Text, Words
from supportbot.domain.replies.pages import compose_help
from supportbot.domain.replies.reply import (
    Action,
    Asked,
    Choice,
    Line,
    ListeningForm,
    OutgoingMessage,
    Page,
    ProfileForm,
    Quote,
    Reply,
    Section,
)
from supportbot_discord import pages as discord_pages
from supportbot_discord.render import Channel
from supportbot_slack import modals
from supportbot_slack import pages as slack_pages
from tests.pictures import discord_look, slack_look
from tests.pictures.paper import NotDrawnError

ADAPTERS = Path(__file__).parents[2] / "adapters"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOCUMENT = "Choose **Post**, *not* ~~Send~~ `Mail`, as [shown](https://x.org/2):\n\n```\na > b\n```"
CHOSEN = Availability(topics=("ledger",))
NO_BLOCKS = {"event_callback", "home", "message", "modal"}


def replies(platform: str) -> list[Reply]:
    place, paul, room = Place(platform, "1", "2"), Author(platform, "4", "Paul"), "1"
    if platform == "slack":
        paul, room = Author(platform, "U4", "Paul"), "C1"
    said = Text(
        (
            Mention(paul),
            Words(" & "),
            Name("<b>"),
            Link("the page", "https://x.org/1"),
            Room(platform, room),
        )
    )
    more: dict[str, Any] = {"author": "Paul", "said_at": NOW, "url": "https://x.org/1"}
    quotes = (
        Quote(DOCUMENT, "Posting *it*", **more, confidence=0.9, document_id="best_practices:a.md"),
        Quote("a `b` **c**\n```\nd < e\n```", "", **more, confidence=0.9),
    )
    line = Line("text", "https://x.org/1", place.in_thread("3"), "asked", (Action.CLAIM,))
    forms = (ProfileForm(Availability()), ListeningForm(place, Listening.MENTIONS))
    sections = [Section("Title", said, (line, Line("bare")), form) for form in forms]
    choices = (Choice("m1", "Paul: so"), Choice("m2", "Donna: or so"))
    return [
        Reply(said, quotes, "the end", tuple(Action)),
        Reply("", asked=Asked(paul, "How?", "https://x.org/3"), actions=(Action.SHARE,)),
        Reply("Whose?", actions=(Action.SOLVED,), choices=choices),
        Reply("", page=Page(tuple(sections))),
        Reply("", page=compose_help("/", is_maintainer=True, platform=platform)),
    ]


def test_whatever_the_bot_sends_to_slack_is_drawn() -> None:
    place = Place("slack", "T1", "C1", "1772442000.000100")
    messages = [OutgoingMessage("m", place, reply) for reply in replies("slack")]
    sent = [slack_pages.rendered(message)["blocks"] for message in messages]
    for form in (ProfileForm(CHOSEN), ListeningForm(place, Listening.MENTIONS)):
        opened = modals.form_of(modals.value_of(form))
        assert opened is not None
        sent.append(opened["blocks"])

    drawn = " ".join(slack_look.drawn_blocks(blocks, {"U4": "Paul"}) for blocks in sent)

    assert [words for words in words_in(sent, "text") if words not in unescape(drawn)] == []
    files = [file.read_text(encoding="utf-8") for file in ADAPTERS.glob("*_slack/*.py")]
    named = set(re.findall(r'"type": "(\w+)"', "".join(files)))
    assert named - {one["type"] for one in every(sent) if "type" in one} == NO_BLOCKS


def test_whatever_the_bot_sends_to_discord_is_drawn() -> None:
    place = Place("discord", "1", "2", "3")
    channels = [Channel("1", "2", "help")]
    messages = [OutgoingMessage("m", place, reply) for reply in replies("discord")]
    sent = [discord_pages.rendered(message, channels, hears_all=False) for message in messages]
    sent.extend(discord_pages.form_of(name, CHOSEN)["components"] for name in discord_pages.FORMS)

    drawn = " ".join(discord_look.drawn_components(one, {4: "Paul"}) for one in sent)

    labels = words_in(sent, "label", "placeholder")
    assert [words for words in labels if words not in unescape(drawn)] == []
    kinds = {one["type"] for one in every(sent) if isinstance(one.get("type"), int)}
    assert kinds == set(discord_look.Kind)


def every(sent: object) -> Iterator[dict[str, Any]]:
    if isinstance(sent, list):
        yield from chain.from_iterable(map(every, sent))
    if isinstance(sent, dict):
        yield sent
        # A menu is drawn closed.
        hidden = {"options"} if "placeholder" in sent or sent.get("type") == 3 else set()
        yield from chain.from_iterable(every(sent[key]) for key in sent if key not in hidden)


def words_in(sent: object, *keys: str) -> list[str]:
    """Return what stands under these keys, but for markup, and for what a chosen option covers."""
    seen = [one for one in every(sent) if one.get("type") != "mrkdwn" and not _has_choice(one)]
    return [one[key] for one in seen for key in keys if isinstance(one.get(key), str)]


def _has_choice(menu: Mapping[str, Any]) -> bool:
    return any(option.get("default") for option in menu.get("options", ()))


def test_discords_markup_is_drawn_as_discord_shows_it() -> None:
    text = "**Post** \\*it\\* `a`\n> said\n> twice\n-# Paul\n```\n<b>\n```\n- one\n- <@4>"

    assert discord_look.markdown(text, {4: "Paul"}) == (
        '<div class="text"><b>Post</b> *it* <code>a</code></div><blockquote>said\ntwice'
        '</blockquote><div class="small">Paul</div><pre>&lt;b&gt;</pre><ul><li>one</li><li>'
        '<span class="user">@Paul</span></li></ul>'
    )


@pytest.mark.parametrize(
    "unknown",
    [{"type": "video"}, {"type": "rich_text", "elements": [{"type": "x", "elements": []}]}],
)
def test_a_block_that_nobody_can_draw_is_not_dropped(unknown: Mapping[str, Any]) -> None:
    with pytest.raises(NotDrawnError):
        slack_look.drawn_blocks([unknown], {})


def test_a_component_that_nobody_can_draw_is_not_dropped() -> None:
    with pytest.raises(NotDrawnError):
        discord_look.drawn_components([{"type": 17, "components": [{"type": 12}]}], {})
