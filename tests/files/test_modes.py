"""Other accounts of the machine get at nothing of a home."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportbot.files.modes import keep_private, open_to_others
from supportbot.settings import find_home
from supportbot.store.engine.sqlite import Database

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no modes")


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """Let everything be made for everybody to read and write, unless somebody takes care."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    found = [folder, *sorted(folder.rglob("*"))]
    return {path.name: oct(stat.S_IMODE(path.lstat().st_mode)) for path in found}


def test_a_home_is_made_for_this_account_alone_and_so_is_all_that_comes_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTBOT_HOME", str(tmp_path / "new" / "home"))

    home = find_home()
    (home / "discord-heard.txt").write_text("now")
    (home / "slack-installations").mkdir()

    assert modes(home) == {
        "home": "0o700",
        "discord-heard.txt": "0o600",
        "slack-installations": "0o700",
    }


def test_a_database_and_its_copies_are_private_from_the_first_byte(tmp_path: Path) -> None:
    database = Database(tmp_path / "supportbot.db", "ours")
    with database.writing():
        pass
    os.umask(0)
    database.back_up(tmp_path / "copy.db")

    made = {name: mode for name, mode in modes(tmp_path).items() if name != tmp_path.name}
    database.close()

    assert "supportbot.db-wal" in made
    assert set(made.values()) == {"0o600"}


def test_what_was_left_open_is_closed_at_the_start(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "slack-installations").mkdir()
    for name in ("supportbot.db", "supportbot-old.db", "slack-installations/T1.token"):
        (tmp_path / name).touch()
    assert len(open_to_others(tmp_path)) == 5

    keep_private(tmp_path)

    assert open_to_others(tmp_path) == ()
    assert modes(tmp_path)["T1.token"] == "0o600"
    assert modes(tmp_path)["slack-installations"] == "0o700"


def test_what_is_not_the_bots_and_what_a_link_leads_to_stays_as_it_is(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.touch()
    (home / "notes.txt").touch()
    (home / "supportbot-link").symlink_to(elsewhere)

    keep_private(home)

    assert modes(home)["notes.txt"] == "0o666"
    assert modes(tmp_path)["elsewhere"] == "0o666"


@pytest.mark.slow
def test_a_command_leaves_nothing_open_whatever_the_umask_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "supportbot", "digest"]

    subprocess.run(  # noqa: S603 - our own command
        command, env={**os.environ, "SUPPORTBOT_HOME": str(home)}, cwd=tmp_path, check=True
    )

    assert open_to_others(home) == ()
    assert {mode[-2:] for mode in modes(home).values()} == {"00"}
