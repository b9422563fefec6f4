"""How Discord writes texts, read and written. Pure.

Source: https://discord.com/developers/docs/reference#message-formatting
"""

import re
from collections.abc import Collection, Mapping

from discord.utils import escape_markdown

from supportbot.domain.chat.unicode import neutralised, repaired
from supportbot.domain.language.texts import unlinked

APPROVALS = frozenset({"✅", "☑", "☑️", "✔", "✔️"})
"""Reactions that mark a reply as what solved it."""

_MENTION = re.compile(r"<(@!?|@&|#)(\d{1,20})>")
_COMMAND = re.compile(r"<(/[^:<>]{1,100}):\d{1,20}>")
_GROUP = r"(?:<@&\d{1,20}>|@everyone\b|@here\b)"
_CALLS_BEFORE = re.compile(rf"^\s*(?:{_GROUP}[\s,:;!-]*)+")
_CALLS_AFTER = re.compile(rf"(?:[\s,:;-]*{_GROUP})+\s*$")
_EMOJI = re.compile(r"<a?(:\w{1,40}:)\d{1,20}>")
_OBEYED = re.compile(r"<(?=[@#:/ati!])|@(?=everyone|here)|(?<=\])\(")


def plain_text(text: str, names: Mapping[str, str], bot: Collection[str]) -> str:
    """Return a text as people read it, without the call of the bot.

    Nor are the groups words that a message calls at its beginning or its end, such as a role.

    Args:
        text: As Discord stores it.
        names: What the mentioned people, roles and channels are called, by their ids.
        bot: The ids of the bot and of its own role.
    """

    def is_of_bot(match: re.Match[str]) -> bool:
        return match[1] != "#" and match[2] in bot

    def shown(match: re.Match[str]) -> str:
        kind, id_ = match.groups()
        return f"{'#' if kind == '#' else '@'}{names.get(id_, id_)}"

    text = _MENTION.sub(lambda match: "" if is_of_bot(match) else match[0], text)
    text = _CALLS_AFTER.sub("", _CALLS_BEFORE.sub("", text))
    return _EMOJI.sub(r"\1", _COMMAND.sub(r"\1", _MENTION.sub(shown, text))).strip()


def escaped(text: str) -> str:
    """Take from a text what Discord would obey: formatting, mentions, and labels of links."""
    shown = escape_markdown(neutralised(repaired(text)), ignore_links=True)
    # A space of no width: what follows is no mention, emoji, moment or address any more.
    return _OBEYED.sub(lambda match: f"{match[0]}\u200b", shown)


def escaped_name(name: str) -> str:
    """Take from a name whatever Discord would obey or link, so that it reads as it is spelt."""
    broken = _NUMBERED.sub("\\g<0>\u200b", unlinked(neutralised(repaired(name))))
    shown = escape_markdown(broken, ignore_links=False)
    return _OBEYED.sub(lambda match: f"{match[0]}\u200b", shown)


_NUMBERED = re.compile(r"^(\d+)(?=[.)])")


def in_code(text: str) -> str:
    """Return a block of code; nothing in it can close it."""
    shown = neutralised(repaired(text)).strip("\n").replace("```", "`\u200b``")
    return f"```\n{shown}\n```"


def in_quotation(text: str) -> str:
    """Return a paragraph of somebody's own words."""
    return "\n".join(f"> {line}" for line in escaped(text.strip("\n")).split("\n"))
