import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.bots import Bot, People, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

_MEGABYTE = 1_000_000
_PAGE = 4096
_LARGEST_LOG = 1_100 * (4096 + 24)
"""Bytes of the log after which SQLite brings it into the database, and a bit."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process holds."""

    memory: int
    files: int
    log: int


def look_at(bot: Bot) -> Sample:
    process = Path(f"/proc/{bot.pid}")
    log = bot.path.with_name("supportbot.db-wal")
    return Sample(
        memory=int((process / "statm").read_text().split()[1]) * _PAGE,
        files=len(list((process / "fd").iterdir())),
        log=log.stat().st_size if log.exists() else 0,
    )


def ask_and_look(bot: Bot, people: People, *, each: int, times: int) -> list[Sample]:
    """Ask so many questions, let the bot come to rest, and look at it; so many times."""
    samples = []
    for time in range(times):
        people.ask(*range(time * each, (time + 1) * each))
        asked = (time + 1) * each
        eventually(lambda asked=asked: bot.count("outbox", "delivered") == asked)  # type: ignore[misc]
        samples.append(look_at(bot))
    return samples


def test_the_log_is_brought_into_the_database_and_no_file_stays_open(
    bot: Bot, people: People
) -> None:
    bot.start()

    samples = ask_and_look(bot, people, each=5, times=2)

    assert max(sample.log for sample in samples) < _LARGEST_LOG
    assert samples[-1].files <= samples[0].files + 2
    assert bot.end() == 0
    assert people.replies() == [1] * 10


@pytest.mark.slow
def test_nothing_grows_with_the_number_of_questions(bot: Bot, people: People) -> None:
    bot.start()

    samples = ask_and_look(bot, people, each=80, times=6)

    print(*samples, sep="\n")  # noqa: T201 - to see how it went
    # The first questions fill caches of a fixed size.
    assert samples[-1].memory - samples[2].memory < 4 * _MEGABYTE
    assert max(sample.files for sample in samples) <= samples[0].files + 2
    assert max(sample.log for sample in samples) < _LARGEST_LOG
    assert bot.end() == 0
    assert people.replies() == [1] * 480
