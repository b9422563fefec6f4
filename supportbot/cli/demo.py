"""The main job, played in the terminal: the real bot, an invented group, nothing kept."""

import asyncio
import queue
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.rule import Rule

from supportbot.knowledge.search import untold
from supportbot.knowledge.sync import sync_knowledge
from supportbot.runtime.build import build_adapters, build_app
from supportbot.runtime.service import Service
from supportbot.settings import ExpertSettings, KnowledgeSettings, Settings

_WORDS_A_SECOND = 9.0
"""Reading speed in a terminal: one skims what one has seen before."""
_LONGEST_PAUSE = 7.0

_GROUP = (
    ExpertSettings(name="Donna", topics=("workflows and business process flows", "plug-ins")),
    ExpertSettings(name="Paul", topics=("month-end closing and general ledger", "exchange rates")),
    ExpertSettings(name="Aisha", topics=("data import and migration",)),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the narrator says, and what a person then types."""

    narration: str
    line: str


SCENES = (
    Scene(
        "1. Maria asks something that the group's own documents answer.",
        "Maria: Why does the bot not see my messages on Discord?",
    ),
    Scene(
        "2. Tom asks something that nobody wrote down. The bot says so, and asks who may know.",
        "Tom: Month-end closing stops with 'posting date is not within allowed range', "
        "how do I get the ledger entries through?",
    ),
    Scene(
        "3. Paul replies in the thread, as he always did.",
        "Paul @{tom}: Open General Ledger Setup and widen Allow Posting From and To; then look "
        "in User Setup, where a person's own dates win over the general ones. Close the period "
        "again afterwards.",
    ),
    Scene("4. Tom says that this solved it.", "Tom @{tom}: /solved {pauls}"),
    Scene(
        "5. Next month Lena asks the same, in other words.",
        "Lena: Month-end: I can't post ledger entries, it says the posting date is not within "
        "the allowed range. What now?",
    ),
)


def play(*, interactive: bool, stdin: TextIO, stdout: TextIO) -> None:
    """Play the scenes, or let a person play them; the home folder is gone afterwards.

    Args:
        interactive: A person types instead of the cast.
        stdin: Where the person types.
        stdout: Where everything is shown; pauses for reading only when it is a terminal.
    """
    with tempfile.TemporaryDirectory(prefix="supportbot-demo-") as home:
        asyncio.run(_play(Path(home), stdin if interactive else None, stdout))


def manual_folder() -> Path:
    """Find the documents that come with supportbot: in the package, or in its checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "manual"
    return packaged if packaged.is_dir() else package.parent / "knowledge"


class ScriptedInput(queue.SimpleQueue[str]):
    """Lines as if typed: what is put in comes out as from a terminal, until `close`."""

    def isatty(self) -> bool:
        """Nobody types here, so the adapter shows what is said."""
        return False

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        return iter(self.get, "")

    def close(self) -> None:
        """End the input."""
        self.put("")


async def _play(home: Path, person: TextIO | None, stdout: TextIO) -> None:
    console = Console(file=stdout, highlight=False)
    settings = Settings(
        community="demo",
        knowledge=KnowledgeSettings(folder=manual_folder(), base_url="knowledge/"),
        experts=_GROUP,
    )
    app = build_app(settings, home)
    with closing(app.database):
        console.print("Reading the group's documents; loading the model takes some seconds …\n")
        report, _ = await asyncio.to_thread(sync_knowledge, app.search, settings.knowledge, untold)
        console.print(f"{report.added} documents, {report.passages} passages.\n")
        script = ScriptedInput()
        adapters = build_adapters(settings, home, stdin=person or script, stdout=stdout)  # type: ignore[arg-type]  # all that the adapter asks of it
        service = Service(app, adapters)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(service.run())
            if person is None:
                await _perform(script, service, console)
            else:
                console.print(_INVITATION, markup=False)


async def _perform(script: ScriptedInput, service: Service, console: Console) -> None:
    for number, scene in enumerate(SCENES, 1):
        if console.is_terminal:
            console.print(Rule(scene.narration, align="left", style="magenta"))
        else:
            console.print(f"=== {scene.narration}", markup=False, soft_wrap=True)
        await _pause(console, scene.narration + scene.line)
        script.put(scene.line.format(tom=_TOMS_THREAD, pauls=_PAULS_REPLY))
        await service.settle(received=number)
        await _pause(console, _LONG_READ)
    script.close()
    console.print(f"That was the whole loop. Your turn: {_command()} demo --interactive")


def _command() -> str:
    """Return how this program was called, so that what is printed can be typed."""
    return sys.argv[0] if Path(sys.argv[0]).name == "supportbot" else "supportbot"


async def _pause(console: Console, text: str) -> None:
    """Leave time to read, but only where somebody reads."""
    if console.is_terminal:
        await asyncio.sleep(min(_LONGEST_PAUSE, len(text.split()) / _WORDS_A_SECOND))


_TOMS_THREAD = 4
"""Tom's question is the fourth line of the room: its name, Maria's question, the reply to it."""
_PAULS_REPLY = 6
"""Paul's comes after the reply to Tom."""
_LONG_READ = "word " * 30
_INVITATION = """\
You play everybody; the bot is real, and nothing is kept. Type
  How do we label returned pallets?     to ask; the number beside it, #2, is its thread
  Paul @2: Print the label twice.       to answer there, as Paul
  @2: /solved                           to say, as the one who asked, that it is solved
Then ask again in other words. Donna knows workflows, Paul month-end closing,
Aisha data migration. Ctrl-D ends.
"""
