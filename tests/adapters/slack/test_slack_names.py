"""What a display name may be, and what Slack makes of it in the bot's own sentences."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.expert import Referral
from supportbot.domain.language.catalogue import say
from supportbot.domain.language.texts import Mention, Name, Text, Words, joined
from supportbot.domain.replies.asking import compose_claimed, compose_escalation
from supportbot.domain.replies.reply import OutgoingMessage, Quote, Reply
from supportbot_slack.render import render

HOSTILE = [
    "U",
    "@",
    "",
    "\u3164",
    "*x*",
    "_y_",
    "`z`",
    "~gone~",
    "&lt;!here&gt;",
    "{who}",
    "<@U0OTHER>",
    "<!channel>",
    "<!subteam^S1>",
    "<#C1>",
    "<https://evil.example|sign in>",
    "https://evil.example/login",
    "www.evil.example",
    "Staff\nhttps://evil.example",
    "\u202eluaP",
    "P" * 5_000,
]
NAMES = st.sampled_from(HOSTILE) | st.text(max_size=100)


def shown(reply: Reply) -> dict[str, Any]:
    return render(OutgoingMessage("x", Place("slack", "T1", "C1", "1"), reply))


def users_in(part: Any) -> list[str]:
    """Return the people whom rich text mentions."""
    match part:
        case {"type": "user", "user_id": user}:
            return [user]
        case dict():
            return [user for value in part.values() for user in users_in(value)]
        case list():
            return [user for value in part for user in users_in(value)]
        case _:
            return []


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_each_who_is_asked_is_mentioned_once_whatever_they_are_called(names: list[str]) -> None:
    people = [Author("slack", f"U0000000{number}", name) for number, name in enumerate(names)]
    referrals = [Referral(one, say("asked.suggested", who=Name(one.name))) for one in people]

    message = shown(compose_escalation(referrals))

    expected = [one.user_id for one in people]
    assert users_in(message["blocks"]) == expected
    assert re.findall(r"<[^>]*>", message["text"]) == [f"<@{user}>" for user in expected]


def test_whoever_is_mentioned_before_a_text_is_cut_is_mentioned_all_the_same() -> None:
    message = shown(
        Reply(joined(Text((Mention(Author("slack", "U1", "Paul")), Words(":"))), "x" * 5_000))
    )

    assert users_in(message["blocks"]) == ["U1"]
    assert re.findall(r"<[^>]*>", message["text"]) == ["<@U1>"]


@given(NAMES)
def test_no_name_is_live_in_a_sentence(name: str) -> None:
    message = shown(compose_claimed(Author("slack", "U1", name)))

    kinds = set(re.findall(r'"type": "(\w+)"', json.dumps(message["blocks"])))
    assert kinds == {"rich_text", "rich_text_section", "text"}
    assert not re.search(r"<|\w://|\w\.[a-z]{2,}", message["text"], re.IGNORECASE)
    assert not re.search(r"(?:^|[\s(])[*_~`]\S", message["text"])
    assert len(message["text"].splitlines()) == 1
    assert len(message["text"]) < 700


@pytest.mark.parametrize(
    "name", ["*x*", "_y_", "`z`", "~gone~", ":smile:", "https://evil.example/a", "пример.рф"]
)
def test_no_name_is_live_in_the_source_of_a_quotation(name: str) -> None:
    quote = Quote(
        text="Open the setup.", title="Closing", author=name, said_at=None, url="", confidence=0.9
    )

    message = shown(Reply("This should answer it:", quotes=(quote,)))

    (source,) = (
        element["text"]
        for block in message["blocks"]
        if block["type"] == "context"
        for element in block["elements"]
    )
    assert name not in source
    assert name not in message["text"]
    assert source.replace("\u200b", "").startswith(name)
