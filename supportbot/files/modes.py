"""Files that nobody else on the machine reads: the home folder and what is kept in it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OURS = ("supportbot*", "terminal*", "slack*", "discord*", "models")
"""Names of what a home holds. A folder that was chosen as the home may hold other things, too."""


def keep_private(home: Path) -> None:
    """Close a home to the machine's other accounts, and with it all that is made from now on.

    What a home was left open with is mended. Where that fails, `open_to_others` finds it.
    """
    os.umask(_OTHERS)
    for path in _all_in(home):
        with suppress(OSError):
            if _is_open(path):
                path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~_OTHERS)


def open_to_others(home: Path) -> tuple[Path, ...]:
    """Return what of a home other accounts of the machine can get at."""
    if os.name == "nt":
        return ()  # there, folders of users are closed to each other, and modes say nothing
    return tuple(path for path in _all_in(home) if _is_open(path))


def make_private(path: Path) -> None:
    """Make an empty file that nobody else reads, unless it is there. SQLite takes over its mode."""
    # Where it cannot be made, whoever opens it says why.
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _all_in(home: Path) -> Iterator[Path]:
    yield home
    for name in _OURS:
        for path in sorted(home.glob(name)):
            yield path
            if path.is_dir() and not path.is_symlink():
                yield from sorted(path.rglob("*"))


def _is_open(path: Path) -> bool:
    """Whether others can get at something that is this account's own to close."""
    try:
        state = path.lstat()
    except OSError:
        return False
    is_own = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
    return is_own and not stat.S_ISLNK(state.st_mode) and bool(state.st_mode & _OTHERS)
