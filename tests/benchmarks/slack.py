"""How long a question in Slack waits for its acknowledgement, and for its reply.

`python -m tests.benchmarks.slack PACK [--passages 10000] [--seconds 60] [--rates 1 20]` asks the
queries of a BEIR folder, as far as the bot takes them for questions. Each has to have a reply of
its own, so messages in a row are not taken together. The bot is a process of its own, with the real
model; the server that plays Slack is here, on the same machine. The passages are the folder's;
their vectors are random, because the search is exact and takes as long whatever they are.
"""

import argparse
import asyncio
import itertools
import resource
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
from tests.slack_server import Message, SlackServer, running_slack

MODES = ("socket", "http")
_ADAPTER = """
[adapters.slack]
mode = "{mode}"
api_url = "{api_url}"
port = {port}
"""


def main() -> None:
    """Ask at each rate in each mode, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--rates", type=float, nargs="+", default=[1.0, 20.0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES)
    arguments = parser.parse_args()
    texts = questions_of(arguments.pack)
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "filled"
        filled.mkdir()
        print(f"{fill(filled, arguments.pack, arguments.passages)} passages")
        print("| mode | a second | asked | replied to | acknowledged | reply | last tenth | CPU |")
        print("|---|---|---|---|---|---|---|---|")
        for mode, rate in itertools.product(arguments.modes, arguments.rates):
            home = Path(folder) / f"{mode}-{rate:g}"
            shutil.copytree(filled, home)
            _print(mode, rate, _round(home, mode, rate, arguments.seconds, texts))


def _round(home: Path, mode: str, rate: float, seconds: float, texts: Sequence[str]) -> Round:
    with running_slack() as slack, _running(home, mode, slack) as pid:
        channels = [slack.call(lambda n=n: slack.channel(f"help{n}")) for n in range(CHANNELS)]  # type: ignore[misc]
        members = [slack.call(lambda n=n: slack.user(f"Member {n}")) for n in range(MEMBERS)]  # type: ignore[misc]

        async def ask(number: int) -> Message:
            channel = channels[number % CHANNELS]
            return await members[number % MEMBERS].says(channel, texts[number % len(texts)])

        def has_replied(root: Message) -> float | None:
            return next((float(m.ts) for m in slack.thread(root) if m.user == slack.bot.id), None)

        # The first one waits for the model.
        first = slack.do(ask(0))
        slack.wait_until(lambda: has_replied(first), within=LONGEST)
        begun, cpu = len(slack.record.deliveries), cpu_of(pid)

        async def ask_on() -> list[Message]:
            start, asked = time.monotonic(), []
            for number in range(1, int(rate * seconds) + 1):
                await asyncio.sleep(start + number / rate - time.monotonic())
                asked.append(await ask(number))
            return asked

        asked = slack.do(ask_on(), within=seconds + LONGEST)
        wait_for_quiet(lambda: len(slack.call(slack.said_by_bot)))
        cpu = cpu_of(pid) - cpu
        roots = {root.ts for root in asked}
        taken = [
            delivery.attempts[0].took
            for delivery in slack.record.deliveries[begun:]
            if delivery.event.get("ts") in roots
        ]
        replies = slack.call(lambda: [has_replied(root) for root in asked])
        waits = [at - float(root.ts) for at, root in zip(replies, asked, strict=True) if at]
        return Round(
            len(asked),
            [took if took is not None else LONGEST for took in taken],
            waits,
            max(at for at in replies if at) - float(asked[0].ts),
            cpu,
        )


@contextmanager
def _running(home: Path, mode: str, slack: SlackServer) -> Iterator[int]:
    """Run the bot; gives its process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if mode == "http":
        slack.call(lambda: slack.use_http(f"http://127.0.0.1:{port}/slack/events"))
        # It is asked as soon as it listens; until then Slack repeats.
        slack.courier.retry_delays = (1.0,) * 60
    paul = slack.call(lambda: slack.user("Paul")).id
    adapter = _ADAPTER.format(mode=mode, api_url=slack.api_url, port=port)
    secrets = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }
    with running_bot(home, f"slack:{paul}", adapter, secrets) as pid:
        yield pid
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory so far: {peak:.0f} MB", file=sys.stderr)


def _print(mode: str, rate: float, told: Round) -> None:
    last = told.replied[-max(2, len(told.replied) // 10) :]
    each = 1e3 * told.cpu / len(told.replied)
    print(
        f"| {mode} | {rate:g} | {told.asked} | {len(told.replied)} | {in_words(told.acknowledged)} "
        f"| {in_words(told.replied)} | {in_words(last)} "
        f"| {each:.0f} ms each; {len(told.replied) / told.seconds:.1f} replies a second |",
        flush=True,
    )


if __name__ == "__main__":
    main()
