import sys
from pathlib import Path

import numpy as np
import pytest

from supportbot.errors import SupportbotError
from supportbot.evaluation.confidence import Bin
from supportbot.evaluation.plots import draw_decisions

BINS = [Bin(2, 0.2, 0.1), Bin(2, 0.8, 0.9)]


def draw(path: Path) -> None:
    precision = np.array([1.0, 1.0, 0.67, 0.5])
    draw_decisions(BINS, precision, path, required=0.9, title="small, over the corpus")


def test_what_decisions_are_worth_is_drawn(tmp_path: Path) -> None:
    draw(tmp_path / "decision.svg")

    assert "<svg" in (tmp_path / "decision.svg").read_text()


def test_a_file_that_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match="cannot be drawn"):
        draw(tmp_path / "nowhere" / "decision.svg")


def test_without_matplotlib_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    with pytest.raises(SupportbotError, match=r'pip install "peer-supportbot\[plots\]"'):
        draw(tmp_path / "decision.svg")
