"""The home folder: only one bot works in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from supportbot.domain.chat.bounds import bounded
from supportbot.domain.chat.events import Event
from supportbot.errors import AlreadyRunningError, SupportbotError
from supportbot.runtime.build import App, build_worker
from supportbot.store import inbox

_LOCK_NAME = "supportbot.lock"


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Be the only bot that works in a home.

    Raises:
        AlreadyRunningError: Another one does; the message names its process.
    """
    lock, note = FileLock(home / _LOCK_NAME), home / f"{_LOCK_NAME}.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        of = f" (process {note.read_text()})" if note.is_file() else ""
        message = (
            f"A supportbot runs in {home} already{of}. Stop it, or set SUPPORTBOT_HOME to another "
            "folder."
        )
        raise AlreadyRunningError(message) from error
    except OSError as error:
        message = f"The home folder {home} cannot be used: {error.strerror}. Fix it, and try again."
        raise SupportbotError(message) from error
    try:
        # It only serves the message above: a full disk is told by what needs the disk.
        with suppress(OSError):
            note.write_text(str(os.getpid()))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def is_running(home: Path) -> bool:
    """Whether a bot works in a home."""
    try:
        with only_one(home):
            return False
    except AlreadyRunningError:
        return True


def submit(app: App, event: Event) -> bool:
    """Have an event handled: here and now, or by the bot that runs in this home.

    Returns:
        False when another bot runs, which handles it within seconds.
    """
    with app.database.writing() as tx:
        inbox.put(tx, bounded(event), now=app.clock.now())
    try:
        with only_one(app.home):
            worker = build_worker(app)
            while worker.handle_next():
                pass
            worker.scrub()
    except AlreadyRunningError:
        return False
    return True
