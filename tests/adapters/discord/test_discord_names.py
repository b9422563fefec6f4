"""What a display name may be, and what Discord makes of it in the bot's own sentences."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.expert import Referral
from supportbot.domain.replies.asking import compose_claimed, compose_escalation
from supportbot.domain.replies.reply import OutgoingMessage, Quote, Reply
from supportbot_discord.posting import only
from supportbot_discord.render import render

HOSTILE = [
    "U",
    "@",
    "",
    "\u3164",
    "*x*",
    "_y_",
    "`z`",
    "~~gone~~",
    "||spoiler||",
    "# Title",
    "> quoted",
    "- list",
    "{who}",
    "<@20>",
    "<@&1>",
    "<#5>",
    "<t:1:R>",
    "</ask:7>",
    "<:emoji:1>",
    "@everyone",
    "[sign in](https://evil.example)",
    "https://evil.example/login",
    "discord.gg/evil",
    "steam://run/1",
    "Staff\nhttps://evil.example",
    "\u202eluaP",
    "P" * 5_000,
]
NAMES = st.sampled_from(HOSTILE) | st.text(max_size=100)


def asks(*names: str) -> tuple[Reply, list[Author]]:
    people = [Author("discord", str(10 + number), name) for number, name in enumerate(names)]
    referrals = [Referral(one, f"suggested by {one.name}") for one in people]
    return compose_escalation(referrals), people


def text_in(reply: Reply) -> str:
    (container,) = render(OutgoingMessage("x", Place("discord", "T", "C", "1"), reply))
    return "\n".join(one["content"] for one in container["components"] if "content" in one)


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_each_who_is_asked_is_mentioned_once_whatever_they_are_called(names: list[str]) -> None:
    reply, people = asks(*names)

    found = re.findall(r"<[@#/:ta][^>]*>", text_in(reply))

    assert found == [f"<@{one.user_id}>" for one in people]
    notified = only(reply.mentions).to_dict()["users"]
    assert notified == [int(one.user_id) for one in people]


@given(NAMES)
def test_no_name_is_live_in_a_sentence(name: str) -> None:
    text = text_in(compose_claimed(Author("discord", "1", name)))

    assert not re.search(r"\w://|\w\.[a-z]{2,}|\]\(\w", text, re.IGNORECASE)
    assert not re.search(r"(?<!\\)[*_`~|]", text)
    assert not re.search(r"@(everyone|here)|<[@#/:ta]", text)
    assert len(text.splitlines()) == 1
    assert len(text) < 400


@pytest.mark.parametrize("name", ["# Title", "> quoted", "- list", "-# small", "1. one"])
def test_a_name_that_begins_a_sentence_gives_it_no_other_look(name: str) -> None:
    text = text_in(compose_claimed(Author("discord", "1", name)))

    assert not re.match(r"(#{1,3}|>|-|-#|\d+\.) ", text)


def test_no_name_is_live_under_a_quotation() -> None:
    quotes = [
        Quote("Widen the dates.", "", "discord.gg/evil", None, "", 0.9, f"d{n}") for n in "12"
    ]
    sent = render(OutgoingMessage("x", Place("discord", "1", "2", "3"), Reply("", tuple(quotes))))

    assert not re.search(r"discord\.gg", str(sent))
