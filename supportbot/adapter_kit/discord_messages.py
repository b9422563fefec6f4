"""What a Discord message says, where it does not say it in its content. Pure.

Source: https://discord.com/developers/docs/resources/message
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from supportbot.domain.chat.quotations import quotation_of


def words_of(content: str, embeds: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return a message's words: its content, or, where that is empty, what its embeds say.

    With a content the embeds are no words of its author's: Discord adds a preview to each link.

    Args:
        content: As Discord has it, with its markup.
        embeds: As Discord's API or an export writes them.
    """
    if content.strip():
        return content.strip()
    return "\n\n".join(filter(None, map(_words_of_embed, embeds)))


def words_forwarded(snapshots: Iterable[str]) -> str:
    """Quote forwarded messages, given the words of each. Discord does not tell who said them.

    Source: https://discord.com/developers/docs/resources/message#message-snapshot-object
    """
    return "\n\n".join(filter(None, map(quotation_of, snapshots)))


def _words_of_embed(embed: Mapping[str, Any]) -> str:
    return "\n".join(filter(None, _lines_of_embed(embed)))


def _lines_of_embed(embed: Mapping[str, Any]) -> Iterator[str]:
    yield _text(embed, "title")
    yield _text(embed, "description")
    fields = embed.get("fields")
    for field in fields if isinstance(fields, list) else ():
        if isinstance(field, Mapping):
            yield ": ".join(filter(None, (_text(field, "name"), _text(field, "value"))))


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value.strip() if isinstance(value, str) else ""
