"""Until when somebody listened: what was said since has to be looked for."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path


class Presence:
    """Remembers until when somebody listened, in a file of the home folder."""

    def __init__(self, path: Path) -> None:
        """Keep it in this file."""
        self._path = path

    def until(self) -> datetime | None:
        """Return the moment; None when nobody ever listened."""
        with suppress(OSError, ValueError):
            moment = datetime.fromisoformat(self._path.read_text(encoding="utf-8").strip())
            return moment if moment.tzinfo else None
        return None

    def note(self, moment: datetime) -> None:
        """Say that somebody listens now. A disk that is full is told of by what needs it."""
        with suppress(OSError):
            written = self._path.with_suffix(".new")
            written.write_text(moment.isoformat(), encoding="utf-8")
            written.replace(self._path)

    def forget(self) -> None:
        """Remember nothing any more."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
