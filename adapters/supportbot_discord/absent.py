"""Servers that Discord cannot serve for a while: nothing is told of them until they come back."""

import json
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


class Absent:
    """Remembers since when servers are away, in a file of the home folder."""

    def __init__(self, path: Path) -> None:
        """Keep it in this file."""
        self._path = path
        self._since: dict[int, datetime] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            told = json.loads(path.read_text(encoding="utf-8"))
            since = {int(id_): datetime.fromisoformat(said) for id_, said in told.items()}
            self._since = {id_: moment for id_, moment in since.items() if moment.tzinfo}

    def note(self, guild_id: int, moment: datetime) -> None:
        """Remember that a server is away, since this moment unless it was away before."""
        if moment < self._since.get(guild_id, datetime.max.replace(tzinfo=UTC)):
            self._since[guild_id] = moment
            self._write()

    def since(self, guild_ids: Collection[int]) -> datetime | None:
        """Return the moment from which on something is missing of these; None where nothing is."""
        return min((self._since[id_] for id_ in guild_ids if id_ in self._since), default=None)

    def forget(self, guild_ids: Collection[int]) -> None:
        """Remember no more that these were away: what was missed is brought."""
        left = {id_: moment for id_, moment in self._since.items() if id_ not in guild_ids}
        if left != self._since:
            self._since = left
            self._write()

    def _write(self) -> None:
        """Keep it. A disk that is full is told of by what needs it."""
        said = {str(id_): moment.isoformat() for id_, moment in self._since.items()}
        with suppress(OSError):
            written = self._path.with_suffix(".new")
            written.write_text(json.dumps(said), encoding="utf-8")
            written.replace(self._path)
