"""A Discord for each test that wants one."""

from collections.abc import Iterator

import pytest

from tests.discord.redirecting import redirected_for_now
from tests.discord_server import DiscordServer, running_discord


@pytest.fixture
def server() -> Iterator[DiscordServer]:
    with redirected_for_now(), running_discord() as running:
        yield running
