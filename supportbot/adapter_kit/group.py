"""Which servers or workspaces of a platform belong to the group. All others wait."""

import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from supportbot.errors import SupportbotError
from supportbot.ports import Finding

log = logging.getLogger(__name__)


class Group:
    """Knows what is served: what the settings list, or else what was confirmed in this home.

    Where neither says anything, a home that has served some keeps those, and the first one that the
    bot is in alone is taken.
    """

    def __init__(
        self, path: Path, *, listed: Collection[str] = (), served: Collection[str] = ()
    ) -> None:
        """Keep what is confirmed in a file of the home.

        Args:
            path: The file, with an id in each line.
            listed: What the settings list. They decide alone when they list anything.
            served: What the home has served before there was such a file.
        """
        self._path = path
        self._listed = frozenset(listed)
        self._served = frozenset(served) - {""}
        self._read: tuple[int, frozenset[str]] = (0, frozenset())
        self._told: set[str] = set()

    @property
    def is_listed(self) -> bool:
        """Whether the settings decide."""
        return bool(self._listed)

    @property
    def is_settled(self) -> bool:
        """Whether it is known what is served, be it by somebody's word or from before."""
        return bool(self._listed or self._served) or self._path.is_file()

    def ids(self) -> frozenset[str]:
        """Return what is served now; another process may have confirmed something."""
        if self._listed:
            return self._listed
        with suppress(OSError):
            changed_at = self._path.stat().st_mtime_ns
            if changed_at != self._read[0]:
                self._read = changed_at, frozenset(self._path.read_text("utf-8").split())
            return self._read[1]
        return self._served

    def includes(self, id_: str) -> bool:
        """Whether a server or workspace is served."""
        return id_ in self.ids()

    def confirm(self, id_: str) -> None:
        """Serve one more from now on."""
        self._write({*self.ids(), id_})

    def meet(self, present: Iterable[str], kind: str) -> None:
        """Take note of where the bot is, and say once in the log which of them wait.

        Args:
            present: Ids of all that the bot is in.
            kind: What the platform calls one, such as `server`.
        """
        here = sorted(set(present))
        if not self._path.is_file() and not self._listed:
            if self._served:
                self._write(self._served)
            elif len(here) == 1:
                self._write(here)
                log.warning(
                    "the %s %s is taken as the group's: the bot is in no other. If it is not "
                    "yours, see `supportbot doctor`.",
                    kind,
                    here[0],
                )
        for id_ in here:
            if not self.includes(id_):
                self.say_that_it_waits(id_, kind)

    def say_that_it_waits(self, id_: str, kind: str) -> None:
        """Say in the log, once, that the bot is somewhere and serves nobody there."""
        if id_ not in self._told:
            self._told.add(id_)
            log.warning(
                "the %s %s is not on the group's list, so nothing there is heard or said. If it is "
                "yours, `supportbot doctor` says how to confirm it.",
                kind,
                id_,
            )

    def look_at(
        self, present: Mapping[str, str], *, platform: str, kind: str, setting: str
    ) -> Iterator[Finding]:
        """Return which of those that the bot is in are served, and what to do about the others.

        Args:
            present: Their names by their ids.
            platform: Such as `discord`.
            kind: What the platform calls one, such as `server`.
            setting: The name of the setting that lists them.
        """
        if not self.is_settled and len(present) == 1:
            fine = f"Its only {kind} is taken as the group's: {_named(present)}."
            yield Finding(platform, "", fine)
            return
        ours = {id_: name for id_, name in present.items() if self.includes(id_)}
        others = {id_: name for id_, name in present.items() if id_ not in ours}
        if ours:
            yield Finding(platform, "", f"It serves the {kind} {_named(ours)}.")
        if others:
            example = next(iter(others))
            how = (
                f'add it to {setting} = ["…", "{example}"] in [adapters.{platform}]'
                if self.is_listed
                else f"run: supportbot setup {platform} --confirm {example}"
            )
            yield Finding(
                platform,
                f"It is also in a {kind} that isn't on the group's list, and neither hears nor "
                f"says anything there: {_named(others)}. If it is yours, {how}. If not, take the "
                "bot out of it.",
            )

    def _write(self, ids: Iterable[str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._path.with_suffix(".new")
        written.write_text("".join(f"{id_}\n" for id_ in sorted(ids)), encoding="utf-8")
        written.chmod(0o600)
        written.replace(self._path)


def _named(present: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({id_})" for id_, name in present.items())


def confirm_in(group: Group, id_: str, form: str, *, setting: str) -> None:
    """Confirm what a maintainer names.

    Raises:
        SupportbotError: It has not the form of an id, or the settings decide.
    """
    if not re.fullmatch(form, id_):
        message = f"'{id_}' is no id. Run the command without --confirm to see them."
        raise SupportbotError(message)
    if group.is_listed:
        message = f"{setting} in the settings decides, so add '{id_}' there."
        raise SupportbotError(message)
    group.confirm(id_)
