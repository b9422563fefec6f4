"""Posting a message once.

Discord drops a second one with the same nonce, for some minutes; after a longer time it is looked
for by the number that its container carries.

Source: https://discord.com/developers/docs/resources/message#create-message (`enforce_nonce`)
"""

import logging
from collections.abc import Collection, Sequence
from typing import Any

import discord
from discord.ui import LayoutView

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place, direct_to
from supportbot.errors import DeliveryError
from supportbot_discord.events import has_threads
from supportbot_discord.failures import ARCHIVED, NO_REPLY
from supportbot_discord.render import Component, number_of, without_buttons
from supportbot_discord.targets import PLATFORM
from supportbot_discord.threads import awake, thread_on

log = logging.getLogger(__name__)

_LOOKED_THROUGH = 200
"""Messages of a place that are looked through for one of ours."""
_CONTAINER = discord.ComponentType.container
Messageable = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.Thread
    | discord.DMChannel
)


class Shown(LayoutView):
    """Components that are ready to be sent, as Discord takes them."""

    def __init__(self, components: Sequence[Component]) -> None:
        """Show these, and listen to nothing: what is pressed comes as an interaction."""
        super().__init__(timeout=None)
        self._shown = list(components)

    def to_components(self) -> list[Component]:
        """Give them."""
        return self._shown

    def has_components_v2(self) -> bool:
        """Say that texts are components, too."""
        return True


def only(mentions: Sequence[Author]) -> discord.AllowedMentions:
    """Let these people be notified, and nobody else."""
    users = [
        discord.Object(int(one.user_id))
        for one in mentions
        if one.platform == PLATFORM and one.user_id.isdecimal()
    ]
    return discord.AllowedMentions(everyone=False, roles=False, users=users, replied_user=False)


async def place_to_write(
    client: discord.Client, place: Place
) -> tuple[Messageable, discord.PartialMessage | None]:
    """Open the channel or the thread in which something is to be said.

    Returns:
        Where to write, and the message to reply to where no thread can be opened on it.

    Raises:
        discord.HTTPException: It is not there, or not for the bot.
    """
    user, thread = direct_to(place), place.thread
    if user:
        return await _direct(client, user, thread)
    channel_id = _number(place.channel)
    if thread is None:
        return _messageable(await _found(client, channel_id)), None
    known = client.get_channel(_number(thread))
    if isinstance(known, discord.Thread):
        return await awake(known), None
    channel = await _found(client, channel_id)
    opened = await thread_on(client, channel, _number(thread)) if has_threads(channel) else None
    if opened is not None:
        return await awake(opened), None
    written = _messageable(channel)
    return written, written.get_partial_message(_number(thread))


async def _direct(
    client: discord.Client, user_id: str, thread: str | None
) -> tuple[discord.DMChannel, discord.PartialMessage | None]:
    """Open the place that somebody shares with the bot, and the message that is replied to."""
    user = client.get_user(_number(user_id)) or await client.fetch_user(_number(user_id))
    channel = user.dm_channel or await user.create_dm()
    is_there = thread is not None and thread.isdecimal()
    return channel, channel.get_partial_message(int(thread or 0)) if is_there else None


def _number(id_: str) -> int:
    if id_.isdecimal():
        return int(id_)
    reason = "there is no such channel"
    raise DeliveryError(reason, permanent=True)


async def _found(client: discord.Client, channel_id: int) -> Any:
    return client.get_channel(channel_id) or await client.fetch_channel(channel_id)


def _messageable(channel: Any) -> Messageable:
    if isinstance(channel, Messageable):
        return channel
    reason = f"nothing can be written in {getattr(channel, 'name', 'this channel')}"
    raise DeliveryError(reason, permanent=True)


async def post(
    where: Messageable,
    message_id: str,
    components: Sequence[Component],
    mentions: Sequence[Author],
    reply_to: discord.PartialMessage | None = None,
) -> str:
    """Post a message that is not there yet; gives its id.

    Raises:
        discord.HTTPException: Discord refused.
    """
    given: dict[str, Any] = {
        "view": Shown(components),
        "allowed_mentions": only(mentions),
        "nonce": number_of(message_id),
    }
    if reply_to is not None:
        given["reference"] = reply_to.to_reference(fail_if_not_exists=False)
    try:
        return str((await where.send(**given)).id)
    except discord.HTTPException as error:
        if error.code == ARCHIVED and isinstance(where, discord.Thread):
            await where.edit(archived=False)
        elif error.code in NO_REPLY and given.pop("reference", None) is not None:
            log.info("a reply is posted as a message of its own: %s", error)
        else:
            raise
    return str((await where.send(**given)).id)


async def find_posted(where: Messageable, bot: int, message_id: str) -> str:
    """Return the id of a message that was posted before; empty when it was not.

    Raises:
        discord.HTTPException: Discord does not say.
    """
    number = number_of(message_id)
    async for message in where.history(limit=_LOOKED_THROUGH):
        is_ours = message.author.id == bot
        if is_ours and any(getattr(one, "id", 0) == number for one in message.components):
            return str(message.id)
    return ""


async def update(
    where: Messageable, posted_id: str, components: Sequence[Component], mentions: Sequence[Author]
) -> str:
    """Let a message that is there say something else.

    Raises:
        discord.HTTPException: Discord refused.
    """
    message = where.get_partial_message(int(posted_id))
    await message.edit(view=Shown(components), allowed_mentions=only(mentions))
    return posted_id


async def take_buttons_off(where: Messageable, posted_id: str, left: Collection[str]) -> str:
    """Take off a message what may be pressed, but for what does this; its words stay.

    What is gone from Discord has nothing to press.

    Raises:
        discord.HTTPException: Discord refused.
    """
    try:
        message = await where.fetch_message(int(posted_id))
    except discord.NotFound:
        return posted_id
    components = without_buttons([dict(one.to_dict()) for one in message.components], left)
    await message.edit(view=Shown(components), allowed_mentions=only(()))
    return posted_id
