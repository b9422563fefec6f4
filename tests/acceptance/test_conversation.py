"""Whole conversations as text: who says what, and what the bot replies.

A line that begins with `> ` is typed, all others are shown; `> (2 hours later)` lets time pass, and
does what is due by then. In a file whose name ends in `.de.txt`, the bot speaks German.
`pytest --update-conversations` rewrites what is shown; review the difference as text.
"""

import asyncio
import io
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportbot.domain.language.catalogue import speak
from supportbot.jobs.ladder import climbing
from supportbot.knowledge.search import untold
from supportbot.knowledge.sync import sync_knowledge
from supportbot.runtime.build import build_adapters, build_app
from supportbot.runtime.service import Service
from supportbot.settings import (
    CalibrationSettings,
    ExpertSettings,
    KnowledgeSettings,
    RoutingSettings,
    Settings,
)
from supportbot.testing import HASHING_CALIBRATION, PATIENCE, HashingEmbedder, SetClock
from supportbot_terminal import adapter
from supportbot_terminal.events import read_line
from supportbot_terminal.room import Room

FOLDER = Path(__file__).parent
CONVERSATIONS = sorted((FOLDER / "conversations").glob("*.txt"))
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TYPED = "> "
LATER = re.compile(r"\((?P<hours>\d+) hours later\)")
SETTINGS = Settings(
    community="ours",
    knowledge=KnowledgeSettings(folder=FOLDER / "knowledge", base_url="https://example.org/"),
    calibration=CalibrationSettings(
        model=HASHING_CALIBRATION.model,
        intercept=HASHING_CALIBRATION.intercept,
        slope=HASHING_CALIBRATION.slope,
        answer_threshold=HASHING_CALIBRATION.answer_threshold,
        suggest_threshold=HASHING_CALIBRATION.suggest_threshold,
    ),
    experts=(
        ExpertSettings(name="Paul", topics=("ledger closing", "exchange rates")),
        ExpertSettings(name="Donna", topics=("workflow approval",)),
    ),
    routing=RoutingSettings(helpers=("terminal:Helen",)),
)


class OpenInput(io.StringIO):
    """A terminal at which one sits without typing until the conversation is over."""

    def __init__(self) -> None:
        super().__init__()
        self.is_over = threading.Event()

    def isatty(self) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # text, not bytes
        self.is_over.wait(PATIENCE)
        return iter(())


async def play(lines: list[str], home: Path) -> str:
    """Let people write these lines one after another; gives them with what was shown."""
    # The room's name is part of every id, and equal matches are shown in the order of their ids.
    (home / "terminal.jsonl").write_text('{"room": "library"}\n')
    room = Room(home / "terminal.jsonl")
    stdin, stdout = OpenInput(), io.StringIO()
    clock = SetClock(NOON)
    app = build_app(SETTINGS, home, embedder=HashingEmbedder(), clock=clock)
    climb = climbing(app.database, clock, app.services.asking)
    with closing(app.database):
        sync_knowledge(app.search, SETTINGS.knowledge, untold)
        service = Service(app, build_adapters(SETTINGS, home, stdin=stdin, stdout=stdout))
        running = asyncio.create_task(service.run())
        conversation, typed = "", 0
        for line in lines:
            before = len(stdout.getvalue())
            if later := LATER.fullmatch(line):
                clock.move(timedelta(hours=int(later["hours"])))
                await asyncio.to_thread(climb.do)
                service._worker.wake()
            else:
                clock.move(timedelta(minutes=1))
                fields = read_line(line, now=clock.now())
                assert fields is not None
                room.append(fields)
                typed += 1
            await service.settle(received=typed)
            conversation += f"{TYPED}{line}\n{stdout.getvalue()[before:]}"
        stdin.is_over.set()
        await running
    return conversation


def conversation_of(text: str, home: Path) -> str:
    typed = [line.removeprefix(TYPED) for line in text.splitlines() if line.startswith(TYPED)]
    introduction = text.partition(TYPED)[0]

    async def patiently() -> str:
        async with asyncio.timeout(PATIENCE):
            return await play(typed, home)

    return introduction + asyncio.run(patiently())


@pytest.fixture
def _language(path: Path) -> Iterator[None]:
    """Speak the language of a conversation, and English after it."""
    speak("de" if path.name.endswith(".de.txt") else "en")
    yield
    speak("en")


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_the_bot_replies_as_it_did(
    path: Path, tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "_LOOK", 0.005)
    golden = path.read_text(encoding="utf-8")

    conversation = conversation_of(golden, tmp_path)

    if pytestconfig.getoption("update_conversations"):
        path.write_text(conversation, encoding="utf-8")
        pytest.skip("rewritten")
    assert conversation == golden


def test_there_are_conversations() -> None:
    assert len(CONVERSATIONS) == 12
