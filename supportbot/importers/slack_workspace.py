"""What a Slack export says of its workspace: which it is, who is in it, and what its folders are.

Slack writes a list for each kind of conversation. Only `channels.json` lists what is open: what no
list names may be anything, and stays closed.

Source: https://slack.com/help/articles/220556107
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from supportbot.adapter_kit.slack_markup import names_of_user
from supportbot.adapter_kit.slack_people import is_ext_shared, is_marked, is_outside
from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError
from supportbot.importers.archives import Files
from supportbot.importers.json_streams import field as field_of
from supportbot.importers.json_streams import listed, name_of, read_list, read_values


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the workspace from elsewhere than the export."""

    workspace: str = ""
    """Its id, where somebody has given it."""
    workspaces: Mapping[str, str] = field(default_factory=dict)
    """The workspaces of the channels that the bot knows, by the ids of the channels."""
    has_closed: bool = False
    """Whether the bot knows of a closed channel."""
    widens_guests: bool = False
    """Whether guests and people of other companies count as members."""
    widens_shared: bool = False
    """Whether a channel that another company reads, too, counts as one of the group's own."""


def known_from(
    channels: Iterable[Place],
    workspace: str = "",
    *,
    widens_guests: bool = False,
    widens_shared: bool = False,
) -> Known:
    """Take what the bot knows of channels, and the workspace that somebody gave."""
    known = tuple(channels)
    return Known(
        workspace=workspace,
        workspaces={place.channel: place.workspace for place in known if place.workspace},
        has_closed=any(place.is_private for place in known),
        widens_guests=widens_guests,
        widens_shared=widens_shared,
    )


def checked(workspace: str) -> str:
    """Return a workspace's id that somebody gave.

    Raises:
        SupportbotError: It is not one.
    """
    if not _is_workspace(workspace):
        message = f"'{workspace}' is not the id of a Slack workspace. {_WHERE_IT_STANDS}"
        raise SupportbotError(message)
    return workspace


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of the export."""

    id: str
    name: str
    is_private: bool = False
    is_shared: bool = False
    """People of another organisation read it too."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the export says about people and channels."""

    team_id: str
    names: Mapping[str, str] = field(default_factory=dict)
    """Of people and of channels, by their ids."""
    bots: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    """Whoever is listed and is no bot."""
    outsiders: frozenset[str] = frozenset()
    """Guests, and people of other companies."""
    enterprise: str = ""
    """The organisation that it belongs to, with Enterprise Grid."""
    leavers: frozenset[str] = frozenset()
    """Those whose account has been deactivated."""
    has_guests_as_members: bool = False
    """Whether nobody counts as an outsider."""
    closed: frozenset[str] = frozenset()
    """Ids of the private channels that are listed."""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    """By the name of the folder. What is missing is left out."""


def read_workspace(
    files: Files, root: str, folders: Mapping[str, Sequence[str]], known: Known
) -> tuple[Workspace, list[str]]:
    """Read the lists of an export, and find out what its folders are.

    Args:
        files: The export.
        root: Where it begins.
        folders: The names of the folders, and the files of each.
        known: What is known from elsewhere.

    Returns:
        The workspace, and what the person who imports should know.

    Raises:
        SupportbotError: Nothing says which workspace it is.
    """
    users = read_list(files, f"{root}users.json") or []
    strangers = read_list(files, f"{root}org_users.json") or []
    lists = _Lists.read(files, root)
    team_id = (
        known.workspace
        or _team_of(known, (channel.id for channel in lists.channels))
        or _most_named(files, users, [name for names in folders.values() for name in names])
    )
    lists = _Lists.read(files, root, team_id)
    everybody = (*strangers, *users)
    names = {name_of(user.get("id")): name_people_read(user) for user in everybody}
    bots = frozenset(name_of(user.get("id")) for user in everybody if _is_app(user))
    if known.widens_shared:
        lists = lists.unshared()
    channels, remarks = lists.identify(folders, is_any_closed=known.has_closed)
    enterprise = _enterprise_of(everybody, team_id)
    outsiders = (
        frozenset() if known.widens_guests else _outsiders(everybody, team_id, enterprise) - bots
    )
    if outsiders:
        remarks.append(_on_outsiders(len(outsiders)))
    return Workspace(
        team_id=team_id,
        enterprise=enterprise,
        # What a closed channel is called is not for everybody who reads a mention of it.
        names=names | {one.id: one.name for one in lists.channels if not one.is_private},
        closed=frozenset(one.id for one in lists.channels if one.is_private),
        bots=bots,
        people=frozenset(names.keys() - bots),
        outsiders=outsiders,
        leavers=frozenset(
            name_of(one.get("id")) for one in everybody if is_marked(one.get("deleted"))
        ),
        has_guests_as_members=known.widens_guests,
        channels=channels,
    ), remarks


_TEAM = re.compile(r"T[A-Z0-9]+")
_WHERE_IT_STANDS = (
    "It begins with T, and stands in the address of Slack in a browser: app.slack.com/client/T…"
)
_SLACKBOT = "USLACKBOT"
_DIRECT = re.compile(r"mpdm-.*|D[A-Z0-9]{8,}|FC[:_]F[A-Z0-9]+.*", re.DOTALL)
"""Folders of direct messages, and of conversations about a file that only some may see."""
_SAMPLED_FILES = 500
_SAMPLED_ROWS = 200


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists that an export has of its conversations."""

    channels: tuple[Channel, ...]
    by_spelling: tuple[Mapping[str, Channel], ...]
    """The channels by what their folder may be called: the surest first."""
    left_out: frozenset[str]
    are_there: bool
    """Whether the export has any such list."""

    @classmethod
    def read(cls, files: Files, root: str, team: str = "") -> "_Lists":
        public, private, *closed = (read_list(files, f"{root}{name}.json") for name in _LISTS)
        # A private channel is named last, and so counts where two are called alike.
        rows = [*((row, False) for row in public or ()), *((row, True) for row in private or ())]
        listed = [(_channel(row, team, is_private=is_private), row) for row, is_private in rows]
        alone = [row for row, _ in rows if row.get("is_im") is True or row.get("is_mpim") is True]
        named = [(channel, row) for channel, row in listed if channel.id and row not in alone]
        spelt: tuple[dict[str, Channel], ...] = ({}, {}, {})
        for channel, row in named:
            normalized = name_of(row.get("name_normalized"))
            for by, spelling in zip(spelt, (channel.name, channel.id, normalized), strict=True):
                if spelling:
                    by[_folded(spelling)] = channel
        out = [*alone, *(row for rows in closed for row in rows or ())]
        left_out = (row.get(key) for row in out for key in ("id", "name"))
        return cls(
            channels=tuple(channel for channel, _ in named),
            by_spelling=spelt,
            left_out=frozenset(_folded(name_of(one)) for one in left_out) - {""},
            are_there=any(rows is not None for rows in (public, private, *closed)),
        )

    def unshared(self) -> "_Lists":
        """Return the lists as if nobody else read a channel."""
        own = tuple(
            {name: replace(channel, is_shared=False) for name, channel in by.items()}
            for by in self.by_spelling
        )
        return replace(self, by_spelling=own)

    def identify(
        self, folders: Collection[str], *, is_any_closed: bool
    ) -> tuple[dict[str, Channel], list[str]]:
        """Find out which channel each folder is, and what has to be said about it."""
        wanted = [folder for folder in sorted(folders) if not self._is_left_out(folder)]
        found = {folder: self._find(folder) for folder in wanted}
        unlisted = [folder for folder, channel in found.items() if channel is None]
        is_closed = self.are_there or is_any_closed
        channels = {
            folder: channel or Channel(folder, folder, is_private=is_closed)
            for folder, channel in found.items()
        }
        shared = sorted({channel.name for channel in channels.values() if channel.is_shared})
        remarks = [_on_unlisted(unlisted, self.are_there, is_any_closed)] if unlisted else []
        remarks += [_on_shared(shared)] if shared else []
        return channels, remarks

    def _is_left_out(self, folder: str) -> bool:
        spellings = tuple(_spellings(folder))
        return any(_DIRECT.fullmatch(spelling) for spelling in spellings) or any(
            _folded(spelling) in self.left_out for spelling in spellings
        )

    def _find(self, folder: str) -> Channel | None:
        candidates = (
            by.get(_folded(spelling)) for by in self.by_spelling for spelling in _spellings(folder)
        )
        return next((channel for channel in candidates if channel is not None), None)


_LISTS = ("channels", "groups", "dms", "mpims", "file_conversations")


def _channel(row: Mapping[str, Any], team: str, *, is_private: bool) -> Channel:
    id_, name = name_of(row.get("id")), name_of(row.get("name"))
    is_closed = is_private or any(is_marked(row.get(mark)) for mark in ("is_private", "is_group"))
    return Channel(id_ or name, name or id_, is_closed, is_ext_shared(row, team))


def _spellings(folder: str) -> Iterator[str]:
    """Spell a folder's name as it is, and as it was before a program unpacked it wrongly."""
    yield folder
    with suppress(UnicodeError):
        # UTF-8 that was taken for the characters of the first PCs.
        yield folder.encode("cp437").decode("utf-8")
    if "#U" in folder:
        # What Info-ZIP's unzip writes where the system has no such character.
        yield re.sub(r"#U([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), folder)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _on_unlisted(unlisted: Sequence[str], are_lists_there: object, is_any_closed: object) -> str:
    some = listed(unlisted)
    if are_lists_there:
        return (
            f"No list in the export names {some}. Nobody can tell who may read that, so it stays "
            "closed: it is not shown in other channels."
        )
    if is_any_closed:
        return (
            f"The export has no channels.json, so nothing tells whether {some} is open. The bot "
            "knows closed channels, so this stays closed too: it is not shown in other channels."
        )
    return (
        f"The export has no channels.json, so {some} counts as open: what was said there may be "
        "shown to everybody. If any of it was private, take its folder out before you import."
    )


def _on_shared(shared: Sequence[str]) -> str:
    return (
        f"Another organisation reads {listed(shared)} too. What was said there is not shown in "
        "other channels."
    )


def _on_outsiders(number: int) -> str:
    are = "1 person is a guest" if number == 1 else f"{number:,} people are guests"
    return (
        f"{are} or of another company. Their answers wait in `supportbot review`, as they do where "
        "guests answer live."
    )


def _is_app(user: Mapping[str, Any]) -> bool:
    profile = field_of(user, "profile")
    marks = (user.get("is_bot"), user.get("is_workflow_bot"))
    return any(map(is_marked, marks)) or bool(name_of(field_of(profile, "bot_id")))


def _enterprise_of(users: Iterable[Mapping[str, Any]], team: str) -> str:
    """Return the organisation that most of a workspace belong to; empty without one."""
    of_team = (user for user in users if user.get("team_id") == team)
    companies = Counter(
        name_of(field_of(field_of(user, "enterprise_user"), "enterprise_id")) for user in of_team
    )
    del companies[""]
    return next((company for company, _ in companies.most_common(1)), "")


def _outsiders(users: Iterable[Mapping[str, Any]], team: str, enterprise: str) -> frozenset[str]:
    """Find who is no member of the workspace, nor of its organisation."""
    outside = (user for user in users if is_outside(user, team, enterprise))
    return frozenset(name_of(user.get("id")) for user in outside) - {"", _SLACKBOT}


def _team_of(known: Known, channels: Iterable[str]) -> str:
    """Return the workspace under which the bot knows the channels, if there is exactly one."""
    teams = {known.workspaces[channel] for channel in channels if channel in known.workspaces}
    return teams.pop() if len(teams) == 1 else ""


def _most_named(files: Files, users: Iterable[Mapping[str, Any]], days: Sequence[str]) -> str:
    """Return the workspace of most messages and people.

    Slack lists people of other companies who share a channel, and their messages name their own
    workspace. The people of an organisation (`org_users.json`) may be in many workspaces.
    """
    own = (user for user in users if user.get("is_stranger") is not True)
    counts = Counter(map(_team, own))
    problems = list(files.problems)
    counts.update(_teams_in(files, days))
    del counts[""]
    (first, most), (second, next_most) = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    if most > next_most:
        # What is broken is told when the messages are read.
        files.problems[:] = problems
        return first
    told = f"as much is of {first} as of {second}" if first else "no message or person names it"
    message = (
        f"{files.where} does not tell which workspace it is of: {told}. Give its id with "
        f"--workspace. {_WHERE_IT_STANDS}"
    )
    raise SupportbotError("\n".join([*map(str, files.problems), message]))


def _is_workspace(text: str) -> bool:
    """Whether a text may be the id of a workspace; that of an organisation begins with E."""
    return _TEAM.fullmatch(text) is not None


def _team(user: Mapping[str, Any]) -> str:
    team = name_of(user.get("team_id"))
    is_person = name_of(user.get("id")) != _SLACKBOT
    return team if is_person and _is_workspace(team) else ""


def _teams_in(files: Files, days: Sequence[str]) -> Iterator[str]:
    """Look at days from the first to the last, and at some messages of each."""
    step = max(1, len(days) // _SAMPLED_FILES)
    for name in days[::step]:
        for row in islice(read_values(files, name, "item"), _SAMPLED_ROWS):
            team = name_of(field_of(row, "team"))
            yield team if _is_workspace(team) and not field_of(row, "bot_id") else ""


def name_people_read(user: Mapping[str, Any]) -> str:
    """Return the name that people read."""
    return next((name for name in map(name_of, names_of_user(user)) if name), "")
