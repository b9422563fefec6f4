"""What every test may use."""

import os

import pytest

# Before anything imports the model's libraries: a test never asks a hub.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home folder and a working folder of its own for each test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("SUPPORTBOT_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder
