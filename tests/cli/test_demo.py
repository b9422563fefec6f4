import io
import re
from pathlib import Path

import pytest

from supportbot.cli import demo as demo_module
from supportbot.cli.demo import SCENES, manual_folder, play
from supportbot.retrieval import serving
from supportbot.retrieval.models import MINILM
from supportbot.testing import HashingEmbedder


class QuickEmbedder(HashingEmbedder):
    """Stands in for the default model, whose calibration is shipped."""

    model = MINILM.name


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "build_embedder", lambda _settings: QuickEmbedder())


def own_words(shown: str) -> list[str]:
    """Return the first line of each of the bot's messages, numbers left out."""
    said = re.findall(r"^supportbot  @\d+\n  (.*)$", shown, re.MULTILINE)
    return [re.sub(r"\d+%", "N%", line) for line in said]


@pytest.mark.slow
@pytest.mark.real_model
def test_the_demo_answers_asks_learns_and_answers_again() -> None:
    screen = io.StringIO()

    play(interactive=False, stdin=io.StringIO(), stdout=screen)

    shown = screen.getvalue()
    first, second, offer, third, fourth = own_words(shown)
    assert first.startswith("This page should answer it:")
    assert second.startswith("I have no answer yet. Paul, can you help? (you listed: month-end")
    assert offer == "Did Paul's answer solve it?"
    assert third == (
        "Thank you, Paul! Tom says this solved it. I'll show your answer, with your name, "
        "to the next person who asks."
    )
    assert fourth.startswith("Paul answered this on ")
    assert (
        "  | Open General Ledger Setup and widen Allow Posting From and To;"
        in (shown.partition("5. Next month")[2])
    )
    assert shown.endswith("That was the whole loop. Your turn: supportbot demo --interactive\n")


@pytest.mark.usefixtures("without_the_model")
def test_every_scene_is_told_before_it_is_played() -> None:
    screen = io.StringIO()

    play(interactive=False, stdin=io.StringIO(), stdout=screen)

    told = [line for line in screen.getvalue().splitlines() if line.startswith("=== ")]
    assert told == [f"=== {scene.narration}" for scene in SCENES]


@pytest.mark.usefixtures("without_the_model")
def test_on_a_terminal_there_is_time_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_module, "_WORDS_A_SECOND", 1e9)
    screen = Terminal()

    play(interactive=False, stdin=io.StringIO(), stdout=screen)

    assert "3. Paul replies in the thread" in screen.getvalue()
    assert "===" not in screen.getvalue()
    assert "That was the whole loop." in screen.getvalue()


@pytest.mark.usefixtures("without_the_model")
def test_a_person_may_play_everybody() -> None:
    screen = io.StringIO()
    typed = io.StringIO(
        "Where do wild geese spend the winter?\nPaul @2: In the south.\n@2: /solved 3\n"
    )

    play(interactive=True, stdin=typed, stdout=screen)

    shown = screen.getvalue()
    assert "You play everybody; the bot is real, and nothing is kept." in shown
    assert "Guest  #2\n  Where do wild geese spend the winter?" in shown
    assert "Thank you, Paul! Guest says this solved it." in shown


@pytest.mark.usefixtures("without_the_model")
def test_nothing_is_kept(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    play(interactive=True, stdin=io.StringIO("Where are the geese?\n"), stdout=io.StringIO())

    assert not home.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_manual_comes_with_the_program() -> None:
    assert (manual_folder() / "try-without-an-account.md").is_file()
