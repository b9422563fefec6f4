"""How long a question in Discord waits for its reply, and a command for its acknowledgement.

`python -m tests.benchmarks.discord PACK [--passages 10000] [--seconds 60] [--rates 1 20]` asks the
same as `slack.py`, once as messages in channels and once with `/ask`. Discord acknowledges no
message; a command has to be answered within three seconds, at least with a promise.
"""

import argparse
import asyncio
import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from discord.utils import snowflake_time

from tests.benchmarks.answering import (
    CHANNELS,
    LONGEST,
    MEMBERS,
    Round,
    cpu_of,
    fill,
    in_words,
    questions_of,
    running_bot,
    wait_for_quiet,
)
from tests.discord_server import Channel, DiscordServer, Message, Person, running_discord

WAYS = ("channel", "/ask")
_Result = TypeVar("_Result")
_ADAPTER = """
[adapters.discord]
mode = "content"
api_url = "{discord.api_url}"
gateway_url = "{discord.gateway_url}"
cdn_url = "{discord.cdn_url}"
"""


def main() -> None:
    """Ask at each rate in each way, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--rates", type=float, nargs="+", default=[1.0, 20.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    arguments = parser.parse_args()
    texts = questions_of(arguments.pack)
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled"
        filled.mkdir()
        print(f"{fill(filled, arguments.pack, arguments.passages)} passages")
        print("| way | a second | asked | replied to | acknowledged | reply | CPU |")
        print("|---|---|---|---|---|---|---|")
        for number, (way, rate) in enumerate(itertools.product(arguments.ways, arguments.rates)):
            home = Path(folder) / f"{number}"
            shutil.copytree(filled, home)
            with running_discord() as discord, _running(home, discord) as pid:
                asking = Asking(discord, texts, pid)
                ask = asking.with_commands if way == "/ask" else asking.in_channels
                _print(way, rate, ask(rate, arguments.seconds))


class Asking:
    """Asks a bot that is running; the first question, which waits for the model, is not counted."""

    def __init__(self, discord: DiscordServer, texts: Sequence[str], pid: int) -> None:
        self.discord, self.texts, self.pid = discord, texts, pid
        self.channels = [self._channel(f"help{number}") for number in range(CHANNELS)]
        self.members = [self._member(f"Member {number}") for number in range(MEMBERS)]
        first = discord.do(self.members[0].says(self.channels[0], texts[0]))
        discord.wait_until(lambda: self._replied(first), within=LONGEST)

    def _channel(self, name: str) -> Channel:
        return self.discord.call(lambda: self.discord.channel(name))

    def _member(self, name: str) -> Person:
        return self.discord.call(lambda: self.discord.user(name))

    def in_channels(self, rate: float, seconds: float) -> Round:
        """Ask in channels."""
        began = cpu_of(self.pid)

        async def ask(number: int) -> Message:
            who, where, text = self._at(number)
            return await who.says(where, text)

        asked = self.discord.do(self._at_rate(ask, rate, seconds), within=seconds + LONGEST)
        wait_for_quiet(lambda: len(self.discord.call(self.discord.said_by_bot)))
        replies = self.discord.call(lambda: [self._replied(root) for root in asked])
        pairs = [(at, _moment(root)) for at, root in zip(replies, asked, strict=True) if at]
        waits = [at - since for at, since in pairs]
        lasted = max(at for at, _ in pairs) - _moment(asked[0])
        return Round(len(asked), [], waits, lasted, cpu_of(self.pid) - began)

    def with_commands(self, rate: float, seconds: float) -> Round:
        """Ask with `/ask`: somebody waits for the acknowledgement, and then for the reply."""
        began = cpu_of(self.pid)
        acknowledged: list[float] = []
        replied: list[float] = []

        async def ask(number: int) -> None:
            who, where, text = self._at(number)
            seen, start = len(who.sees(where)), time.monotonic()
            result = await who.runs("ask", where, question=text)
            acknowledged.append(time.monotonic() - start if result.acknowledged else LONGEST)
            await self.discord.until(
                lambda: len([m for m in who.sees(where) if m.components]) > seen, within=LONGEST
            )
            replied.append(time.monotonic() - start)

        start = time.monotonic()
        self.discord.do(self._at_rate(ask, rate, seconds), within=seconds + LONGEST)
        lasted = time.monotonic() - start
        return Round(len(replied), acknowledged, replied, lasted, cpu_of(self.pid) - began)

    async def _at_rate(
        self, ask: Callable[[int], Coroutine[Any, Any, _Result]], rate: float, seconds: float
    ) -> list[_Result]:
        start, asking = time.monotonic(), []
        for number in range(1, int(rate * seconds) + 1):
            await asyncio.sleep(start + number / rate - time.monotonic())
            asking.append(asyncio.create_task(ask(number)))
        return list(await asyncio.gather(*asking))

    def _at(self, number: int) -> tuple[Person, Channel, str]:
        member, channel = self.members[number % MEMBERS], self.channels[number % CHANNELS]
        return member, channel, self.texts[number % len(self.texts)]

    def _replied(self, root: Message) -> float | None:
        thread = self.discord.thread(root)
        said = self.discord.said_by_bot(thread) if thread else []
        return _moment(said[0]) if said else None


def _moment(message: Message) -> float:
    return snowflake_time(message.id).timestamp()


@contextmanager
def _running(home: Path, discord: DiscordServer) -> Iterator[int]:
    """Run the bot; gives its process id."""
    paul = discord.call(lambda: discord.user("Paul")).id
    secrets = {"DISCORD_TOKEN": discord.token}
    with running_bot(home, f"discord:{paul}", _ADAPTER.format(discord=discord), secrets) as pid:
        discord.do(discord.until_connected(within=LONGEST), within=LONGEST)
        yield pid


def _print(way: str, rate: float, told: Round) -> None:
    acknowledged = in_words(told.acknowledged) if told.acknowledged else "–"
    print(
        f"| {way} | {rate:g} | {told.asked} | {len(told.replied)} | {acknowledged} "
        f"| {in_words(told.replied)} | {1e3 * told.cpu / len(told.replied):.0f} ms each; "
        f"{len(told.replied) / told.seconds:.1f} replies a second |",
        flush=True,
    )


if __name__ == "__main__":
    main()
