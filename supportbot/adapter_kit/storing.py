"""Storing what a platform tells only once."""

import asyncio
import logging
from datetime import timedelta

from supportbot.domain.chat.events import Event
from supportbot.errors import SupportbotError
from supportbot.ports import Receive

log = logging.getLogger(__name__)

_PAUSE = timedelta(seconds=5)


async def stored(event: Event, receive: Receive) -> None:
    """Offer an event until it is stored."""
    while True:
        try:
            await receive(event)
        except SupportbotError as error:
            log.warning("event %s is offered again: %s", event.event_id, error)
            await asyncio.sleep(_PAUSE.total_seconds())
        else:
            return
