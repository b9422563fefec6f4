import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.bots import (
    DEAD,
    KILLED,
    Bot,
    Host,
    People,
    documents,
    eventually,
    people_in,
)

_LONGEST_LIFE = 0.4
"""Seconds after which a bot is killed at the latest; it is ready after about a quarter of one."""
_CASES = 40
"""Questions, each with all that becomes of it."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody writes. `<a1>` stands for the number of the message called `a1`."""

    name: str
    author: str
    text: str
    thread: str | None = None


_STORY = [
    Doing("q", "Maria", "How do I open ledger zqz?"),
    Doing("a", "Paul", "Open the setup, take zaz, and widen the dates.", "q"),
    Doing("s", "Maria", "/solved <a>", "q"),
    Doing("e", "Paul", "/edit <a> Open the setup and take zez.", "q"),
    Doing("d", "Paul", "/delete <a>", "q"),
    Doing("f", "Maria", "/forget"),
]


def doings_about(number: int) -> list[Doing | None]:
    """Return what becomes of a question, one thing after the other. Its words are nowhere else."""
    q, a, asker = f"q{number}", f"a{number}", f"Member{number}"
    return [
        Doing(q, asker, f"How do I open ledger zq{number}z?"),
        Doing(a, "Paul", f"Open the setup, take za{number}z, and widen the dates.", q),
        Doing(f"s{number}", asker, f"/solved <{a}>", q),
        Doing(f"e{number}", "Paul", f"/edit <{a}> Open the setup and take ze{number}z.", q)
        if number % 3 == 0
        else None,
        Doing(f"d{number}", "Paul", f"/delete <{a}>", q) if number % 4 == 0 else None,
        Doing(f"g{number}", asker, f"/delete <{q}>") if number % 7 == 0 else None,
        Doing(f"f{number}", asker, "/forget") if number % 9 == 0 else None,
    ]


def doings(cases: int) -> list[Doing]:
    """Return what happens in a room: while one is answered, the next one asks."""
    stories = [doings_about(number) for number in range(1, cases + 1)]
    return [
        doing
        for moment in range(cases + 7)
        for story, step in ((moment - step, step) for step in range(7))
        if 0 <= story < cases and (doing := stories[story][step]) is not None
    ]


def do(people: People, doing: Doing) -> None:
    people.write(doing.name, doing.author, doing.text, thread=doing.thread)


def live_and_die(
    bot: Bot, people: People, *, lives: int, cases: int, seed: int
) -> list[int | None]:
    """Start and kill the bot while people write, and let it live at last; gives the statuses."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    left = doings(cases)
    each = -(-len(left) // lives)
    statuses = []
    for life in range(lives):
        # It may be the same event that is in hand each time, and still it is not to blame: on a
        # slow machine a life ends before its first event does.
        bot.start(most_attempts=1_000)
        for doing in left[life * each : (life + 1) * each]:
            do(people, doing)
            time.sleep(chance.uniform(0.0, _LONGEST_LIFE / each))
        statuses.append(bot.kill())
    return [*statuses, bot.live(most_attempts=1_000)]


def expected_messages(cases: int) -> dict[str, int]:
    """Return how often each message stands in the room; nothing about those whose cause is gone."""
    numbers = range(1, cases + 1)
    lasting = [n for n in numbers if n % 7 and n % 9]
    forgotten = [n for n in numbers if n % 9 == 0]
    return (
        {f"q{n}/reply": 1 for n in lasting}
        | {f"s{n}/reply": 1 for n in lasting}
        | {f"f{n}/reply": 1 for n in forgotten}
    )


def words_gone(cases: int) -> list[str]:
    """Return which words were deleted, or were said by somebody who is forgotten."""
    numbers = range(1, cases + 1)
    answers = [f"z{kind}{n}z" for n in numbers if n % 4 == 0 for kind in "ae"]
    return answers + [f"zq{n}z" for n in numbers if n % 7 == 0 or n % 9 == 0]


def check_the_end(bot: Bot, people: People, undisturbed: Path, *, cases: int) -> None:
    """Compare with what must be, and with a bot that was left alone."""
    said = people.said_by_bot()
    expected = expected_messages(cases)
    assert {name: said[name] for name in expected} == expected
    assert max(said.values()) == 1, "said twice"
    assert bot.look("SELECT event_id, error FROM inbox WHERE state != 'handled'") == []
    assert bot.look("SELECT id, error FROM outbox WHERE state IN ('waiting', 'set_aside')") == []
    words = bot.words_on_disk
    assert [word for word in words_gone(cases) if word.encode() in words] == []
    assert bot.find_damage() == []
    learned, learned_undisturbed = documents([bot.path, undisturbed])
    assert learned == learned_undisturbed


def left_alone(bot: Bot, *, cases: int) -> Path:
    """Return the database of a bot that was never killed, after the same doings."""
    people = people_in(bot.home)
    for doing in doings(cases):
        do(people, doing)
    assert bot.live() == 0
    return bot.path


@pytest.fixture(scope="module")
def undisturbed(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return left_alone(Bot(host, tmp_path_factory.mktemp("undisturbed") / "bot"), cases=_CASES)


def tell_the_story(bot: Bot, people: People) -> bool:
    """Let each thing happen once the bot is done with the last; says whether it dropped dead."""
    has_died = False

    def is_done_with(events: int) -> bool:
        nonlocal has_died
        if not has_died and bot.is_gone:
            assert bot.wait() == DEAD
            has_died = True
            bot.start()
        return bot.count("inbox", "handled") == events and not bot.count("outbox", "waiting")

    for count, doing in enumerate(_STORY, 1):
        do(people, doing)
        eventually(lambda count=count: is_done_with(count))  # type: ignore[misc]
    status = bot.end()
    if status == DEAD:
        assert bot.live() == 0
        return True
    assert status == 0
    return has_died


def die_at_steps(host: Host, folder: Path, steps: Iterable[int]) -> Iterator[tuple[Bot, People]]:
    """Tell the story in a new room, dying at the n-th step; until nobody dies."""
    for step in steps:
        bot = Bot(host, folder / f"bot{step}")
        people = people_in(bot.home)
        bot.start(dies_at=step)
        if not tell_the_story(bot, people):
            return
        yield bot, people


def check_the_story(bot: Bot, people: People) -> None:
    said = people.said_by_bot()
    assert said.pop(f"q/{people.numbers['a']}/whose") == 1
    assert said == {"q/reply": 1, "s/reply": 1, "f/reply": 1}
    assert bot.look("SELECT event_id, error FROM inbox WHERE state != 'handled'") == []
    assert bot.find_damage() == []
    assert documents([bot.path]) == [set()]
    words = bot.words_on_disk
    assert [word for word in ("zqz", "zaz", "zez") if word.encode() in words] == []


@pytest.mark.slow
def test_a_bot_that_is_not_killed_does_everything_once(bot: Bot, people: People) -> None:
    bot.start()

    has_died = tell_the_story(bot, people)

    assert not has_died
    check_the_story(bot, people)


@pytest.mark.slow
def test_killed_at_random_it_does_everything_once(
    bot: Bot, people: People, host: Host, tmp_path: Path
) -> None:
    undisturbed = left_alone(Bot(host, tmp_path / "undisturbed" / "bot"), cases=5)

    statuses = live_and_die(bot, people, lives=3, cases=5, seed=20260302)

    assert statuses == [KILLED] * 3 + [0]
    check_the_end(bot, people, undisturbed, cases=5)


@pytest.mark.slow
@pytest.mark.parametrize("round_of_25", range(8))
def test_killed_two_hundred_times_it_does_everything_once(
    bot: Bot, people: People, undisturbed: Path, round_of_25: int
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"round {round_of_25}, seed {seed}")  # noqa: T201 - to play a failure again

    statuses = live_and_die(bot, people, lives=25, cases=_CASES, seed=seed)

    assert statuses == [KILLED] * 25 + [0]
    check_the_end(bot, people, undisturbed, cases=_CASES)


@pytest.mark.slow
def test_dying_at_some_steps_it_does_everything_once(host: Host, tmp_path: Path) -> None:
    ends = list(die_at_steps(host, tmp_path, [20, 50]))

    assert len(ends) == 2
    for bot, people in ends:
        check_the_story(bot, people)


@pytest.mark.slow
def test_wherever_it_dies_it_does_everything_once(host: Host, tmp_path: Path) -> None:
    ends = list(die_at_steps(host, tmp_path, range(1, 1_000)))

    # Three moments around each write of the start, of six events and of three messages.
    assert len(ends) >= 80
    for bot, people in ends:
        check_the_story(bot, people)


@pytest.mark.slow
def test_what_was_deleted_is_scrubbed_at_the_start_when_it_died_before(
    bot: Bot, people: People
) -> None:
    people.write("q", "Maria", "How do I open ledger zqz?")
    assert bot.live() == 0
    people.write("g", "Maria", "/delete <q>")

    status = bot.live(dies_before_scrubbing=True)

    left = b"zqz" in bot.words_on_disk
    bot.start()
    eventually(lambda: b"zqz" not in bot.words_on_disk)
    assert (status, left) == (DEAD, True)
    assert bot.end() == 0
