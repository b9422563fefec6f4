"""Roles as topics: members choose the roles that say what they know about. Pure."""

from collections.abc import Mapping, Sequence

import discord

from supportbot.domain.chat.places import Place
from supportbot.domain.language.catalogue import words
from supportbot_discord.render import MOST_CHOICES, Component, container, row, text_of
from supportbot_discord.targets import name_of, read_name

TOPICS = "topics"
"""The select of the roles."""
_STRING_SELECT = 3


def roles_in(guild: discord.Guild, topics: Mapping[str, str]) -> list[discord.Role]:
    """Return the roles of a guild that are topics, in the order of the settings."""
    named = {role.name: role for role in guild.roles}
    return [named[name] for name in topics if name in named][:MOST_CHOICES]


def choice_of(
    roles: Sequence[discord.Role], member: discord.Member, place: Place
) -> list[Component]:
    """Return a list of roles in which somebody chooses theirs."""
    select = {
        "type": _STRING_SELECT,
        "custom_id": name_of(TOPICS, place),
        "placeholder": words("you.topics_choose"),
        "min_values": 0,
        "max_values": len(roles),
        "options": [
            {"label": role.name, "value": str(role.id), "default": role in member.roles}
            for role in roles
        ],
    }
    said = text_of(words("you.topics"))
    return [container(name_of(TOPICS, place), [said, row([select])])]


def chosen_in(data: object) -> tuple[str, ...] | None:
    """Read the ids of the roles that were chosen; None where something else was pressed."""
    given = data if isinstance(data, Mapping) else {}
    target = read_name(str(given.get("custom_id")))
    if target is None or target.name != TOPICS:
        return None
    return tuple(map(str, given.get("values") or ()))


def change_of(chosen: Sequence[discord.Role], topics: Mapping[str, str]) -> str:
    """Return what was chosen, in words that `read_change` reads."""
    said = ", ".join(topics[role.name] for role in chosen)
    return f"topics {said or 'none'}"
