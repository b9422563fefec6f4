"""The workspaces that the bot is in: the one of its token, or all in which it was installed."""

import asyncio
import logging
from collections.abc import Callable, Mapping

from slack_sdk.web.async_client import AsyncWebClient

from supportbot.errors import DeliveryError
from supportbot_slack.workspace import Workspace

log = logging.getLogger(__name__)


class Workspaces:
    """Gives the workspace that something came from, or goes to."""

    def __init__(
        self,
        tokens: Callable[[], Mapping[str, str]],
        client: Callable[[str], AsyncWebClient],
    ) -> None:
        """Know the tokens by workspace; the name "" stands for a workspace that is not known yet.

        Args:
            tokens: Gives them as they are now.
            client: Makes a client with a token.
        """
        self._tokens = tokens
        self._client = client
        self._known: dict[str, Workspace] = {}
        self._identifying = asyncio.Lock()

    async def all(self) -> list[Workspace]:
        """Give every workspace, each identified.

        Raises:
            DeliveryError: Slack does not say who the bot is in one of them.
        """
        tokens = await asyncio.to_thread(self._tokens)
        return [await self._identified(team, token) for team, token in tokens.items()]

    async def only(self) -> Workspace:
        """Give the workspace of the one token that there is.

        Raises:
            DeliveryError: Slack does not say who the bot is there.
        """
        if not self._known:
            await self.all()
        (workspace,) = self._known.values()
        return workspace

    async def of(self, team: str) -> Workspace:
        """Give a workspace by its id.

        Raises:
            DeliveryError: The bot is not in it, for good; or Slack does not say who it is there.
        """
        found = self._known.get(team)
        if found is not None:
            return found
        for one in await self.all():
            if one.team == team:
                return one
        reason = f"the bot is not in the workspace {team}"
        raise DeliveryError(reason, permanent=True)

    def clear(self) -> None:
        """Know none of them, and make their clients anew."""
        self._known.clear()

    def known(self, team: str) -> Workspace | None:
        """Give a workspace that was identified already."""
        return self._known.get(team)

    def forget(self, team: str) -> None:
        """Ask anew who the bot is there, with the token that there is then."""
        self._known.pop(team, None)

    async def _identified(self, team: str, token: str) -> Workspace:
        async with self._identifying:
            for one in self._known.values():
                if one.client.token == token:
                    return one
            workspace = Workspace(self._client(token))
            await workspace.identify()
            self._known[workspace.team] = workspace
            if team and workspace.team != team:
                log.warning("the token of %s is one of %s", team, workspace.team)
            return workspace
