import asyncio
from contextlib import suppress

import pytest

from supportbot.adapter_kit.turns import Turns


class Channel:
    """Things that happen in one channel, each with something to wait for before its turn."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.turns = Turns()

    def begin(self, name: str, channel: str = "help") -> asyncio.Task[None]:
        """Let something happen, which then looks something up until its gate opens."""
        self.gates[name] = asyncio.Event()
        return asyncio.create_task(self._happen(name, channel))

    async def _happen(self, name: str, channel: str) -> None:
        async with self.turns.queue(channel) as my_turn:
            await self.gates[name].wait()
            if name.startswith("bad"):
                raise ValueError(name)
            if not name.startswith("idle"):
                await my_turn()
                self.done.append(name)


async def settled() -> None:
    """Let everything go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def _open(channel: Channel, *names: str) -> None:
    for name in names:
        channel.gates[name].set()
        await settled()


async def _played(names: str, order: str, *, cancelled: str = "") -> list[str]:
    channel = Channel()
    tasks = {}
    for name in names.split():
        tasks[name] = channel.begin(name)
        await settled()
    for name in order.split():
        await _open(channel, name)
        if name == cancelled:
            tasks[name].cancel()
            await settled()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    assert channel.turns._last == {}
    return channel.done


@pytest.mark.parametrize("order", ["a b c", "c b a", "b c a"])
def test_what_came_first_is_first_whatever_is_looked_up_quickly(order: str) -> None:
    assert asyncio.run(_played("a b c", order)) == ["a", "b", "c"]


@pytest.mark.parametrize("between", ["idle", "bad"])
def test_one_that_leaves_lets_nobody_pass_who_came_later(between: str) -> None:
    assert asyncio.run(_played(f"a {between} c", f"{between} c a")) == ["a", "c"]


def test_one_that_is_cancelled_while_it_waits_harms_nobody() -> None:
    assert asyncio.run(_played("a b c", "b c a", cancelled="b")) == ["a", "c"]


def test_channels_do_not_wait_for_each_other() -> None:
    async def play() -> list[str]:
        channel = Channel()
        tasks = [channel.begin("a"), channel.begin("b", "other")]
        await settled()
        await _open(channel, "b", "a")
        await asyncio.gather(*tasks)
        return channel.done

    assert asyncio.run(play()) == ["b", "a"]
