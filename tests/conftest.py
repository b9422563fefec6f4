"""What every test may use."""

import os
from pathlib import Path

import pytest

# Before anything imports the model's libraries: a test never asks a hub.
os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the golden conversations be rewritten, to review the difference as text."""
    parser.addoption(
        "--update-conversations", action="store_true", help="rewrite the golden conversations"
    )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder and a working folder of its own for each test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SUPPORTBOT_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder
