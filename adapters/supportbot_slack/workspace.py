"""One workspace that the bot is in: what it may be asked, and what is remembered of the answers."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from supportbot.adapter_kit.clocks import PlatformClock
from supportbot.adapter_kit.reading import LARGEST_FILE
from supportbot.adapter_kit.slack_markup import names_of_user
from supportbot.adapter_kit.slack_people import is_ext_shared, is_outside
from supportbot.errors import DeliveryError
from supportbot_slack.events import Known, Needed, Person, is_short_text, is_to_be_found
from supportbot_slack.outside import CLOSED_WALLS, SeenBy, Walls
from supportbot_slack.refusals import NEEDS_A_PERSON, REASONS

log = logging.getLogger(__name__)

_NAME_PATIENCE = 1.0
"""Seconds that an event waits for a name. Slack wants its acknowledgement within three."""
_FILE_PATIENCE = 1.5
"""Seconds that an event waits for a text file."""
_PRIVACY_PATIENCE = 2.0
"""Seconds that an event waits to know whether its channel is private; then it has to come again."""
_REMEMBERED = 24 * 3600.0
"""Seconds after which a name is asked for again."""
_PRIVACY_REMEMBERED = 60.0
"""Seconds after which is asked again whether a channel is private. It spares calls when many people
press something at once; what an event or a list says in between counts at once."""
_MOST_REMEMBERED = 50_000
_LONGEST_WAIT = 30.0
"""Seconds that a call waits for its turn. One that has to wait longer comes back later."""
_LONGEST_ASKED = 3600.0
"""The most seconds that are waited because Slack asks for it: it may be a mistake, too."""
_PERMANENT = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "thread_not_found",
        "msg_too_long",
        "no_text",
        "invalid_blocks",
        "invalid_blocks_format",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "messages_tab_disabled",
        "user_not_found",
        "user_disabled",
        "cannot_dm_bot",
        "user_not_in_channel",
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "cannot_reply_to_message",
        "msg_blocks_too_long",
        "metadata_too_large",
    }
)
"""Errors that will be the same tomorrow. One about a token is not: somebody will fix it."""

_Value = TypeVar("_Value")


class RefusalError(DeliveryError):
    """Slack has said no, and why."""

    def __init__(self, method: str, code: str, *, lacks: str = "") -> None:
        """Say what Slack calls the reason, and the scope that is lacking if it is that."""
        scope = f"; the app lacks the scope {lacks}" if lacks else ""
        cure = f" ({REASONS[code]})" if code in NEEDS_A_PERSON else ""
        reason = f"Slack refused {method}: {code}{scope}{cure}"
        super().__init__(reason, permanent=code in _PERMANENT)
        self.code = code


@dataclass(frozen=True, slots=True)
class Search:
    """How far a search among messages has come: Slack may want that it goes on only later."""

    cursor: str = ""
    seen: int = 0


class Workspace:
    """Calls Slack for one workspace. It obeys `Retry-After`, and remembers who is who."""

    def __init__(self, client: AsyncWebClient, walls: Walls = CLOSED_WALLS) -> None:
        """Call with this client, which must not repeat anything by itself."""
        self.client = client
        self.walls = walls
        self.team = self.bot = self.address = self.enterprise = ""
        self.clock = PlatformClock()
        self.searches: dict[str, Search] = {}
        """Those that were interrupted."""
        self.is_refused = False
        """Slack does not take our token any more."""
        self._people = _Memory[Person](_REMEMBERED)
        self._seen_by = _Memory[SeenBy](_PRIVACY_REMEMBERED)
        self._told_closed: dict[str, float] = {}
        self._pending: frozenset[str] = frozenset()
        self._direct: dict[str, str] = {}
        self._not_before: dict[str, float] = {}

    async def call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method of the Web API, when its turn has come.

        Raises:
            DeliveryError: Slack refused, or did not answer. Whether it did it is not known then.
        """
        return await self._called(method, json=_given(arguments))

    async def ask(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that only reads; those take no JSON.

        Raises:
            DeliveryError: As with `call`.
        """
        return await self._called(method, http_verb="GET", params=_given(arguments))

    async def identify(self) -> None:
        """Ask who the bot is here.

        Raises:
            DeliveryError: Slack does not say.
        """
        said = await self.call("auth.test")
        self.team, self.bot = str(said["team_id"]), str(said["user_id"])
        self.address = str(said.get("url") or "")
        self.enterprise = str(said.get("enterprise_id") or "")

    async def known(self, needed: Needed) -> Known:
        """Look up what is needed to read something.

        Raises:
            DeliveryError: It cannot be said whether a channel is private, so nothing may be read.
        """
        people, seen_by, (found, texts) = await asyncio.gather(
            self._people_of(needed.users),
            self._seen_by_or_unknown(needed.channel),
            self._read_files(needed.files),
        )
        return Known(
            team=self.team,
            bot=self.bot,
            address=self.address,
            people=people,
            is_private=seen_by.is_private,
            is_shared=seen_by.is_shared,
            pending=self._pending,
            walls=self.walls,
            files=texts,
            found=found,
            now=datetime.now(UTC),
        )

    async def _seen_by_or_unknown(self, channel: str) -> SeenBy:
        """Take a channel that the bot may not look at for a private one."""
        try:
            return await self.seen_by(channel) if channel else SeenBy()
        except DeliveryError as error:
            if not error.permanent:
                raise
            return SeenBy()

    async def _read_files(
        self, files: Iterable[Mapping[str, Any]]
    ) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, str]]:
        """Find the files of which only the id is known, and read those that are short texts."""
        known = await asyncio.gather(*map(self._found, files))
        ids = [str(file["id"]) for file in files]
        texts = await asyncio.gather(*map(self._text_of, known))
        read = {id_: text for id_, text in zip(ids, texts, strict=True) if text is not None}
        return dict(zip(ids, known, strict=True)), read

    async def _found(self, file: Mapping[str, Any]) -> Mapping[str, Any]:
        """Look up a file of another company's people; where that fails, nothing is known of it."""
        if not is_to_be_found(file):
            return file
        try:
            async with asyncio.timeout(_NAME_PATIENCE):
                found = (await self.ask("files.info", file=file["id"])).get("file")
        except (DeliveryError, TimeoutError) as error:
            log.info("a file was not found: %s", type(error).__name__)
            return file
        return found if isinstance(found, dict) else file

    async def _text_of(self, file: Mapping[str, Any]) -> str | None:
        """Read a text file; None where Slack does not give it in time, or it is no short text."""
        if not is_short_text(file):
            return None
        session, url = self.client.session, str(file.get("url_private") or "")
        # The token goes to Slack, and to nobody else.
        if session is None or not self._is_slacks(url):
            return None
        headers = {"Authorization": f"Bearer {self.client.token}"}
        try:
            async with (
                asyncio.timeout(_FILE_PATIENCE),
                session.get(url, headers=headers, allow_redirects=False) as response,
            ):
                if response.status != HTTPStatus.OK:
                    return None
                content = await response.content.read(LARGEST_FILE)
            return content.decode("utf-8").strip()
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError) as error:
            log.info("a file was not read: %s", type(error).__name__)
            return None

    async def respond(self, url: str, said: Mapping[str, Any]) -> bool:
        """Answer what somebody has just done, at the address that came with it; False if in vain.

        Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        session = self.client.session
        if session is None or not self._is_slacks(url, "hooks.slack.com"):
            return False
        try:
            async with session.post(url, json=dict(said), allow_redirects=False) as response:
                return response.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("an answer did not arrive: %s", type(error).__name__)
            return False

    def _is_slacks(self, url: str, at: str = "files.slack.com") -> bool:
        """Whether an address is one of Slack's: that host, or where its Web API is."""
        host, api = URL(url).host or "", URL(self.client.base_url)
        is_at_slack = url.startswith("https://") and host == at
        return is_at_slack or (host, URL(url).port) == (api.host, api.port)

    async def is_private(self, channel: str) -> bool:
        """Whether a channel is closed to a part of the workspace.

        Raises:
            DeliveryError: Slack does not say.
        """
        return (await self.seen_by(channel)).is_private

    async def seen_by(self, channel: str) -> SeenBy:
        """Find out who sees a channel.

        Raises:
            DeliveryError: Slack does not say.
        """
        known = self._seen_by.get(channel)
        if known is None:
            asked_at = time.monotonic()
            found = await self._look_at(channel)
            is_private = not (found.get("is_channel") and found.get("is_private") is False)
            # It may have been closed while Slack was on its way to say that it is open.
            is_private |= self._told_closed.get(channel, 0.0) > asked_at
            known = SeenBy(is_private, is_ext_shared(found))
            self._seen_by.put(channel, known)
        return known

    async def _look_at(self, channel: str) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(_PRIVACY_PATIENCE):
                said = await self.ask("conversations.info", channel=channel)
        except TimeoutError as error:
            reason = f"Slack does not say in time whether {channel} is private"
            raise DeliveryError(reason, permanent=False) from error
        return said.get("channel") or {}

    def note_privacy(self, channel: str, *, is_private: bool) -> None:
        """Remember that an event said that its channel is private.

        That a channel is open is never remembered from an event: it may be an old one that comes
        again.
        """
        known = self._seen_by.get(channel)
        if is_private:
            self._told_closed[channel] = time.monotonic()
        if known is not None and known.is_private != is_private:
            self._seen_by.drop(channel)

    def note_listed(self, channels: Iterable[Mapping[str, Any]]) -> None:
        """Remember to which channels another company is invited."""
        pending = (one for one in channels if one.get("is_pending_ext_shared") is True)
        self._pending = frozenset(str(one.get("id")) for one in pending)

    def forget_privacy(self) -> None:
        """Ask anew which channels are private: something may have been missed."""
        self._seen_by.clear()
        self._told_closed.clear()

    async def direct_channel(self, user: str) -> str:
        """Return the channel with one person alone; it is opened.

        Raises:
            DeliveryError: It cannot be.
        """
        if user not in self._direct:
            opened = await self.call("conversations.open", users=user)
            self._direct[user] = str(opened["channel"]["id"])
        return self._direct[user]

    async def learn_names(self) -> None:
        """Learn who everybody is, so that nobody has to be asked for in the hour of need."""
        async for page in pages(self.ask, "users.list", limit=1000):
            for user in page.get("members") or []:
                self.note_person(user)
            if len(self._people) > _MOST_REMEMBERED:
                return

    def note_person(self, user: Mapping[str, Any]) -> None:
        """Remember what Slack has just said of somebody."""
        if id_ := str(user.get("id") or ""):
            self._people.put(id_, self._read_person(user))

    async def _people_of(self, users: Iterable[str]) -> Mapping[str, Person]:
        people = await asyncio.gather(*(self._person(user) for user in users))
        return {user: person for user, person in zip(users, people, strict=True) if person}

    async def _person(self, user: str) -> Person | None:
        """Return who somebody is; None where Slack does not say in time: the id is name enough."""
        known = self._people.get(user)
        if known is None:
            try:
                async with asyncio.timeout(_NAME_PATIENCE):
                    found = (await self.ask("users.info", user=user)).get("user") or {}
            except (DeliveryError, TimeoutError) as error:
                log.info("the name of %s was not found: %s", user, error)
                return None
            known = self._read_person(found)
            self._people.put(user, known)
        return known

    def _read_person(self, user: Mapping[str, Any]) -> Person:
        person = _person(user)
        if not is_outside(user, self.team, self.enterprise):
            return person
        # Whoever administers another company's workspace is nobody here.
        return replace(person, is_outsider=True, roles=())

    async def _called(self, method: str, **how: Any) -> Mapping[str, Any]:
        await self._turn(method)
        try:
            answer = await self.client.api_call(method, **how)
        except SlackApiError as error:
            raise self._refusal(method, error) from error
        except _NO_ANSWER as error:
            reason = f"Slack did not answer {method} ({type(error).__name__})"
            raise DeliveryError(reason, permanent=False) from error
        said = answer.data
        if not isinstance(said, dict):
            reason = f"Slack did not answer {method} (with an object)"
            raise DeliveryError(reason, permanent=False)
        self.clock.note(_header(answer.headers, "date"))
        return said

    async def _turn(self, method: str) -> None:
        """Wait until Slack takes such a call again."""
        wait = self._not_before.get(method, 0.0) - time.monotonic()
        if wait > _LONGEST_WAIT:
            reason = f"Slack takes no {method} for now"
            raise DeliveryError(reason, permanent=False, retry_after=timedelta(seconds=wait))
        if wait > 0:
            await asyncio.sleep(wait)

    def _refusal(self, method: str, error: SlackApiError) -> DeliveryError:
        response = error.response
        # What is between us and Slack answers as well: with a page, or with words of its own.
        status = getattr(response, "status_code", None) or getattr(response, "status", 0)
        data = getattr(response, "data", None)
        said = data if isinstance(data, dict) else {}
        code = said.get("error")
        if status == _TOO_MANY or code == "ratelimited":
            seconds = min(_seconds(response.headers), _LONGEST_ASKED)
            self._not_before[method] = time.monotonic() + seconds
            reason = f"Slack takes no {method} for {seconds:g} seconds"
            return DeliveryError(reason, permanent=False, retry_after=timedelta(seconds=seconds))
        if not code:
            reason = f"Slack did not answer {method} (status {status})"
            return DeliveryError(reason, permanent=False)
        self.is_refused |= code in NEEDS_A_PERSON
        return RefusalError(method, str(code), lacks=str(said.get("needed") or ""))


async def pages(
    ask: Callable[..., Awaitable[Mapping[str, Any]]], method: str, **arguments: Any
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield one page after the other of what a method lists.

    Source: https://docs.slack.dev/apis/web-api/pagination
    """
    cursor = ""
    while True:
        page = await ask(method, cursor=cursor, **arguments)
        yield page
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return


class _Memory(Generic[_Value]):
    """What was looked up, for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[str, tuple[float, _Value]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> _Value | None:
        at, value = self._kept.get(key, (0.0, None))
        return value if time.monotonic() - at < self._seconds else None

    def put(self, key: str, value: _Value) -> None:
        if len(self) > _MOST_REMEMBERED:
            self._kept.clear()
        self._kept[key] = (time.monotonic(), value)

    def drop(self, key: str) -> None:
        self._kept.pop(key, None)

    def clear(self) -> None:
        self._kept.clear()


_TOO_MANY = 429
_NO_ANSWER = (
    SlackClientError,
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    ValueError,
    # The client takes for granted that what is no JSON object is no answer with status 200.
    AttributeError,
)
"""What is raised when there is no answer that could be read."""


def _seconds(headers: Mapping[str, Any]) -> float:
    """Read how long to wait; a minute where Slack does not say it in a number."""
    said = _header(headers, "retry-after")
    return float(said) if said.isdigit() else 60.0


def _header(headers: Mapping[str, Any], name: str) -> str:
    for known, value in headers.items():
        if known.lower() == name:
            return str(value[0] if isinstance(value, list) else value)
    return ""


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value not in (None, "")}


def _person(user: Mapping[str, Any]) -> Person:
    names = names_of_user(user)
    roles = {"admin": "is_admin", "owner": "is_owner"}
    return Person(
        name=next((name for name in names if isinstance(name, str) and name.strip()), ""),
        roles=tuple(role for role, mark in roles.items() if user.get(mark) is True),
        is_bot=user.get("is_bot") is True,
        is_gone=user.get("deleted") is True,
        timezone=user["tz"] if isinstance(user.get("tz"), str) else "",
    )
