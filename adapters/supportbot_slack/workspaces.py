"""The workspaces that the bot is in: the one of its token, or all in which it was installed."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from supportbot.errors import DeliveryError
from supportbot_slack.outside import CLOSED_WALLS, Walls
from supportbot_slack.workspace import Workspace

log = logging.getLogger(__name__)


class NotOursError(DeliveryError):
    """Something is of a workspace in which the bot is not installed."""

    def __init__(self, teams: Sequence[str]) -> None:
        """Name the workspace."""
        super().__init__(f"the bot is not in the workspace {', '.join(teams)}", permanent=True)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A workspace in which Slack does not say who the bot is."""

    team: str
    """Empty while it is not known: a single token does not name its workspace."""
    token: str
    error: DeliveryError
    pause: float
    not_before: float
    """When it is asked again, by the monotonic clock."""


class Workspaces:
    """Finds the workspace that something came from, or goes to.

    One that Slack refuses is left out, and asked about again; it does not stop the others.
    """

    def __init__(  # noqa: PLR0913 - who is served, and how
        self,
        tokens: Callable[[], Mapping[str, str]],
        client: Callable[[str], AsyncWebClient],
        *,
        is_ours: Callable[[str], bool],
        walls: Walls = CLOSED_WALLS,
        pause: float,
        longest_pause: float,
    ) -> None:
        """Know the tokens by workspace; the name "" stands for a workspace that is not known yet.

        Args:
            tokens: Returns them as they are now.
            client: Makes a client with a token.
            is_ours: Whether a workspace is served, by its id.
            walls: What the group lets others see.
            pause: Seconds between two looks at a workspace that is left out.
            longest_pause: The pause is doubled each time, up to this.
        """
        self._pause, self._longest_pause = pause, longest_pause
        self._tokens = tokens
        self._is_ours = is_ours
        self._walls = walls
        self._client = client
        self._known: dict[str, Workspace] = {}
        self._left_out: dict[str, LeftOut] = {}
        self._identifying = asyncio.Lock()

    async def all(self) -> list[Workspace]:
        """Return every workspace in which Slack says who the bot is."""
        tokens = await asyncio.to_thread(self._tokens)
        async with self._identifying:
            found = [await self._identified(team, token) for team, token in tokens.items()]
            for team in self._left_out.keys() - tokens.keys():
                del self._left_out[team]
        return [one for one in found if one is not None and self._is_ours(one.team)]

    def identified(self) -> Sequence[Workspace]:
        """Return those in which Slack has said who the bot is."""
        return tuple(one for one in self._known.values() if self._is_ours(one.team))

    def left_out(self) -> list[LeftOut]:
        """Return the workspaces that were left out when they were last asked about."""
        return list(self._left_out.values())

    async def until_next_look(self) -> None:
        """Wait until it is worth looking whether anything has changed."""
        soonest = min((one.not_before for one in self._left_out.values()), default=0.0)
        await asyncio.sleep(max(soonest - time.monotonic(), self._pause))

    async def of(self, *teams: str) -> Workspace:
        """Return the first workspace of these that the bot is in; the only one when none is named.

        Raises:
            NotOursError: The bot is in none of them.
            DeliveryError: Slack does not say who the bot is there, for now.
        """
        for team in teams:
            if team in self._known and self._is_ours(team):
                return self._known[team]
        known = await self.all()
        for workspace in known:
            if workspace.team in teams or (not any(teams) and len(known) == 1):
                return workspace
        for one in self._left_out.values():
            if one.team in {*teams, ""}:
                raise one.error
        raise NotOursError([team for team in teams if team])

    def clear(self) -> None:
        """Know none of them, and make their clients anew."""
        self._known.clear()
        self._left_out.clear()

    def known(self, team: str) -> Workspace | None:
        """Return a workspace that was identified already."""
        return self._known.get(team)

    def forget(self, team: str) -> None:
        """Ask anew who the bot is there, with the token that there is then."""
        self._known.pop(team, None)

    def forget_refused(self) -> bool:
        """Leave out those whose token Slack takes no more; False when it takes all of them."""
        refused = [team for team, one in self._known.items() if one.is_refused]
        for team in refused:
            self.forget(team)
        return bool(refused)

    async def _identified(self, team: str, token: str) -> Workspace | None:
        for one in self._known.values():
            if one.client.token == token:
                return one
        left_out = self._left_out.get(team)
        if left_out and left_out.token == token and left_out.not_before > time.monotonic():
            return None
        workspace = Workspace(self._client(token), self._walls)
        try:
            await workspace.identify()
        except DeliveryError as error:
            self._leave_out(team, token, error)
            return None
        if self._left_out.pop(team, None):
            log.warning("Slack says again who the bot is in %s", workspace.team)
        self._known[workspace.team] = workspace
        if team and workspace.team != team:
            log.warning("the token of %s is one of %s", team, workspace.team)
        return workspace

    def _leave_out(self, team: str, token: str, error: DeliveryError) -> None:
        before = self._left_out.get(team)
        if before is None or str(before.error) != str(error):
            log.error(
                "the bot is left out of %s, and looks again each few minutes: %s",
                team or "its workspace",
                error,
            )
        pause = min(before.pause * 2, self._longest_pause) if before else self._pause
        self._left_out[team] = LeftOut(team, token, error, pause, time.monotonic() + pause)
