"""Where the bot is installed: its tokens, encrypted at rest, a file for each workspace."""

import json
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from supportbot.errors import SupportbotError

log = logging.getLogger(__name__)

TOKENS = "slack-tokens"
"""The folder of the home in which they are kept."""
_NAME = re.compile(r"[A-Z0-9]{2,20}")
_KEPT = (
    "app_id",
    "enterprise_id",
    "team_id",
    "team_name",
    "bot_token",
    "bot_id",
    "bot_user_id",
    "bot_scopes",
    "user_id",
    "is_enterprise_install",
)
"""What is kept of an installation. A person's own token is not."""


class Installations(AsyncInstallationStore):
    """Keeps the bot's tokens so that a copy of the folder is of no use without the key."""

    def __init__(
        self,
        folder: Path,
        key: str,
        on_installed: Callable[[Collection[str]], object] = lambda _teams: None,
    ) -> None:
        """Keep them in this folder.

        `on_installed` is told of all workspaces after somebody has installed the bot in one.

        Raises:
            SupportbotError: The key is none.
        """
        self._folder = folder
        self._on_installed = on_installed
        try:
            self._cipher = Fernet(key)
        except ValueError as error:
            message = (
                "SLACK_TOKEN_KEY is no key. Make one, and keep it apart from the backups: "
                'python -c "from cryptography.fernet import Fernet; '
                'print(Fernet.generate_key().decode())"'
            )
            raise SupportbotError(message) from error

    async def async_save(self, installation: Installation) -> None:
        """Keep what somebody has installed; called by bolt's own pages.

        Raises:
            SupportbotError: It is for a whole organization, which names no workspace.
        """
        if not installation.team_id:
            message = (
                "The bot is installed in one workspace at a time, not for a whole organization. "
                "Open /slack/install again and choose a workspace."
            )
            raise SupportbotError(message)
        fields = {name: getattr(installation, name) for name in _KEPT}
        self._write(str(installation.team_id or ""), fields)
        log.info("installed in %s", installation.team_id)
        self._on_installed(self.teams())

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot's token by itself."""
        self._write(str(bot.team_id or ""), {name: getattr(bot, name, None) for name in _KEPT})

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Forget what was uninstalled."""
        del enterprise_id, user_id
        self.forget(team_id or "")

    def tokens(self) -> dict[str, str]:
        """Return the bot's tokens by workspace; one that cannot be read is told of and left out."""
        return dict(self._read_all())

    def teams(self) -> list[str]:
        """Return the ids of the workspaces in which the bot is installed."""
        return sorted(path.stem for path in self._folder.glob("*.token"))

    def forget(self, team: str) -> None:
        """Keep nothing of a workspace."""
        with suppress(FileNotFoundError):
            self._path(team).unlink()

    def _read_all(self) -> Iterator[tuple[str, str]]:
        for path in sorted(self._folder.glob("*.token")):
            try:
                fields = json.loads(self._cipher.decrypt(path.read_bytes()))
                yield path.stem, str(fields["bot_token"])
            except (InvalidToken, ValueError, KeyError, OSError) as error:
                log.error(  # noqa: TRY400 - the reason is all
                    "the token of %s cannot be read (%s): is SLACK_TOKEN_KEY the one that it was "
                    "kept with? If it is lost, install the bot there again.",
                    path.stem,
                    type(error).__name__,
                )

    def _write(self, team: str, fields: dict[str, Any]) -> None:
        path = self._path(team)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = path.with_suffix(".new")
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._cipher.encrypt(json.dumps(fields).encode()))
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)

    def _path(self, team: str) -> Path:
        if not _NAME.fullmatch(team):
            message = f"'{team}' is no id of a workspace."
            raise SupportbotError(message)
        return self._folder / f"{team}.token"


class States(AsyncOAuthStateStore):
    """Says whether somebody who comes back from Slack's page was sent there by us, and of late.

    A state carries its time and our seal, so that nothing is kept of those who never come back.
    """

    def __init__(self, key: str, *, lasting: int) -> None:
        """Seal states with this key; each lasts so many seconds, and is of use once."""
        self._cipher = Fernet(key)
        self._lasting = lasting
        self._used: dict[str, float] = {}

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """Make a state for one who is sent to Slack's page."""
        del args, kwargs
        return self._cipher.encrypt(secrets.token_bytes(16)).decode()

    async def async_consume(self, state: str) -> bool:
        """Whether a state is ours, is not too old, and was not used before."""
        try:
            self._cipher.decrypt(state.encode(), ttl=self._lasting)
        except (InvalidToken, ValueError):
            return False
        now = time.monotonic()
        self._used = {s: at for s, at in self._used.items() if now - at <= self._lasting}
        is_new = state not in self._used
        self._used[state] = now
        return is_new
