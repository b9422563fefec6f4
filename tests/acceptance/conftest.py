"""Bots in processes, for every test here that wants one."""

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.bots import Bot, Host, People, hosting, people_in
from tests.discord_server import DiscordServer, running_discord
from tests.slack_server import SlackServer, running_slack


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Yield the process that forks the bots: its libraries are imported once."""
    if sys.platform == "win32":
        pytest.skip("needs fork and SIGKILL")
    with hosting(tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.fixture
def bot(host: Host, tmp_path: Path) -> Iterator[Bot]:
    """Yield a bot with a home of its own, and a port for its health."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    yield (bot := Bot(host, tmp_path / "bot", port=port))
    bot.clean_up()


@pytest.fixture
def people(bot: Bot) -> People:
    """Return the members in the bot's room."""
    return people_in(bot.home)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """Yield a Slack, in a thread of its own."""
    with running_slack() as server:
        yield server


@pytest.fixture
def discord() -> Iterator[DiscordServer]:
    """Yield a Discord, in a thread of its own."""
    with running_discord() as server:
        yield server


@pytest.fixture
def reads_as(pytestconfig: pytest.Config) -> Callable[[Path, str], None]:
    """Compare what was said with a golden file; `--update-conversations` rewrites that instead."""

    def compare(golden: Path, said: str) -> None:
        if pytestconfig.getoption("update_conversations"):
            golden.write_text(said, encoding="utf-8")
            pytest.skip("rewritten")
        assert said == golden.read_text(encoding="utf-8")

    return compare
