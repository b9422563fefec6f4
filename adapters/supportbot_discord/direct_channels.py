"""Where people write to the bot alone: Discord lists these channels to nobody.

They are remembered, so that what was written there is looked for when the bot comes back.
"""

from contextlib import suppress
from pathlib import Path

_MOST = 200
"""Channels that are remembered, those in which something was said first forgotten first."""


class DirectChannels:
    """Remembers the ids of channels, in a file of the home folder."""

    def __init__(self, path: Path) -> None:
        """Keep them in this file."""
        self._path = path
        self._ids: dict[int, None] = {}
        with suppress(OSError):
            lines = path.read_text(encoding="utf-8").split()
            self._ids = {int(line): None for line in lines if line.isdecimal()}

    @property
    def ids(self) -> tuple[int, ...]:
        """Give them."""
        return tuple(self._ids)

    def note(self, channel_id: int) -> None:
        """Remember a channel. A disk that is full is told of by what needs it."""
        if channel_id in self._ids:
            return
        self._ids[channel_id] = None
        for old in list(self._ids)[:-_MOST]:
            del self._ids[old]
        with suppress(OSError):
            written = self._path.with_suffix(".new")
            written.write_text("\n".join(map(str, self._ids)), encoding="utf-8")
            written.replace(self._path)
