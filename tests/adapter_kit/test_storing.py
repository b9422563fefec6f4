import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from supportbot.adapter_kit import storing
from supportbot.domain.chat.events import Event, PlaceDeleted
from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError


def test_an_event_is_offered_until_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "_PAUSE", timedelta(0))
    gone = PlaceDeleted("e1", Place("chat", "T", "C"), datetime(2026, 3, 2, tzinfo=UTC))
    offered: list[Event] = []

    async def receive(event: Event) -> None:
        offered.append(event)
        if len(offered) < 3:
            message = "the disk is full"
            raise SupportbotError(message)

    asyncio.run(storing.stored(gone, receive))

    assert offered == [gone, gone, gone]
