"""The zip that Slack gives its admins, or the folder that it is unpacked to.

`users.json`, `channels.json`, a folder for each channel, and a file for each day in it. Private
channels stand in `groups.json`; direct messages (`dms.json`, `mpims.json`) are nobody's business.

Source: https://slack.com/help/articles/220556107 and https://docs.slack.dev/reference/events/message
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from supportbot.adapter_kit.slack_markup import (
    APPROVALS,
    REFUSALS,
    mentions_in,
    moment_of_ts,
    own_words,
    plain_text,
    quoted_words,
)
from supportbot.adapter_kit.slack_people import GUEST_MARKS, is_marked
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.errors import SupportbotError
from supportbot.importers import json_streams
from supportbot.importers.archives import Files, Problem
from supportbot.importers.json_streams import (
    Passed,
    in_order,
    name_of,
    objects,
    read_values,
    words,
)
from supportbot.importers.slack_workspace import (
    Channel,
    Known,
    Workspace,
    name_people_read,
    read_workspace,
)

PLATFORM = "slack"
_NOTHING_KNOWN = Known()


def read_messages(
    files: Files,
    passed: Passed,
    on_file: Callable[[int, int], object] = lambda _done, _all: None,
    known: Known = _NOTHING_KNOWN,
) -> Iterator[PastMessage]:
    """Read what was said in channels, day by day: in the order of time but for very long days.

    Args:
        files: The export. Its `problems` tell of files that are broken.
        passed: Counts the rows that are no messages, and keeps what has to be said.
        on_file: Told how many of how many files are read.
        known: What is known of the workspace already.

    Raises:
        SupportbotError: It is no export of Slack's, or nothing says of which workspace it is.
    """
    root, days = _days_of(files)
    folders: dict[str, list[str]] = defaultdict(list)
    for day, there in sorted(days.items()):
        for folder in sorted(there):
            folders[folder].append(f"{root}{folder}/{day}.json")
    workspace, remarks = read_workspace(files, root, folders, known)
    passed.remarks.extend(remarks)
    passed.names.update(workspace.names)
    done, total = 0, sum(map(len, folders.values()))
    for day in sorted(days):
        said: list[Iterator[PastMessage]] = []
        for folder in sorted(days[day] & workspace.channels.keys()):
            name, channel = f"{root}{folder}/{day}.json", workspace.channels[folder]
            said.append(_read_day(files, name, workspace, channel, passed))
        yield from in_order(message for messages in said for message in messages)
        done += len(days[day])
        on_file(done, total)


_DAY = re.compile(r"((?:[^/]+/)*)([^/]+)/(\d{4}-\d{2}-\d{2})\.json")
_SAID = frozenset({"", "me_message", "file_share", "thread_broadcast", "bot_message"})
"""Subtypes that people or bots say; the others tell of joining, renaming, pinning and the like."""
_SLACKBOT = "USLACKBOT"


def _days_of(files: Files) -> tuple[str, dict[str, set[str]]]:
    """Find the export in the folder: where it begins, and the folders of each day."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name in files.names:
        match = _DAY.fullmatch(name)
        if match and not name.startswith("__MACOSX/"):
            root, folder, day = match.groups()
            found[root][day].add(folder)
    if not found:
        message = (
            f"{files.where} is no export of Slack's: it has no folder of a channel with a file "
            "such as 2026-03-02.json. Give the zip that Slack made, or what it unpacks to."
        )
        raise SupportbotError(message)
    root = min(found, key=lambda root: (root.count("/"), root))
    for other in found.keys() - {root}:
        where = root or "the top folder"
        files.problems.append(Problem(other, f"lies apart from the export in {where}."))
    return root, found[root]


def _read_day(
    files: Files, name: str, workspace: Workspace, channel: Channel, passed: Passed
) -> Iterator[PastMessage]:
    for row in read_values(files, name, "item"):
        if _is_said(row):
            message = read_message(row, workspace, channel)
            if message is None:
                passed.rows += 1
            else:
                yield message
        elif not isinstance(row, dict):
            passed.rows += 1


def _is_said(row: object) -> bool:
    """Whether a row claims to be somebody's words."""
    if not isinstance(row, dict) or row.get("hidden") is True:
        return False
    kind, subtype = row.get("type", "message"), row.get("subtype") or ""
    return kind == "message" and isinstance(subtype, str) and subtype in _SAID


def read_message(
    row: Mapping[str, Any], workspace: Workspace, channel: Channel
) -> PastMessage | None:
    """Read one row of a day; None when it lacks what a message has."""
    ts, author = row.get("ts"), _author(row, workspace)
    said_at = moment_of_ts(ts)
    if said_at is None or author is None or not isinstance(ts, str):
        return None
    text = row.get("text")
    if text is not None and not isinstance(text, str):
        return None
    marked = _LABELLED.sub(
        lambda link: f"<#{link[1]}>" if link[1] in workspace.closed else link[0],
        words(own_words(row)),
    )
    team = workspace.team_id
    thread = _thread(row, ts)
    parts = (plain_text(marked, workspace.names), quoted_words(row, workspace.names))
    shown = "\n".join(filter(None, parts)) or _files_of(row)
    return PastMessage(
        place=Place(
            *(PLATFORM, team, channel.id, thread, channel.is_private), is_shared=channel.is_shared
        ),
        message_id=ts,
        author=author,
        text=words(shown),
        said_at=said_at,
        url=_url(team, channel.id, ts, thread),
        channel_name=channel.name,
        mentions=tuple(map(name_of, mentions_in(marked))),
        is_bot=_is_bot(row, workspace),
        has_left=author.user_id in workspace.leavers,
        approved_by=_marked_by(row, APPROVALS),
        refused_by=_marked_by(row, REFUSALS),
    )


_LABELLED = re.compile(r"<#([A-Z0-9]+)\|[^<>]*>")
"""A channel that a text names itself."""


def _thread(row: Mapping[str, Any], ts: str) -> str | None:
    """Name the thread. A first message of an old export has replies and no mark."""
    thread = row.get("thread_ts")
    if isinstance(thread, str) and moment_of_ts(thread) is not None:
        return thread
    return ts if row.get("replies") or row.get("reply_count") else None


def _author(row: Mapping[str, Any], workspace: Workspace) -> Author | None:
    user = name_of(row.get("user"))
    profile = json_streams.field(row, "user_profile")
    if user:
        name = workspace.names.get(user) or (
            name_people_read(profile) if isinstance(profile, dict) else ""
        )
        is_outsider = user in workspace.outsiders or _is_stranger(row, user, workspace)
        return Author(PLATFORM, user, name or user, is_outsider=is_outsider)
    bot = name_of(row.get("bot_id"))
    if bot or row.get("subtype") == "bot_message":
        return Author(PLATFORM, bot or "bot", name_of(row.get("username")) or bot or "bot")
    return None


def _is_stranger(row: Mapping[str, Any], user: str, workspace: Workspace) -> bool:
    """Whether a message says of somebody whom no list names that they are of another company."""
    if user in workspace.people or user in workspace.bots or workspace.has_guests_as_members:
        return False
    profile = json_streams.field(row, "user_profile")
    if any(is_marked(json_streams.field(profile, mark)) for mark in GUEST_MARKS):
        return True
    told = (row.get("user_team"), row.get("source_team"), json_streams.field(profile, "team"))
    teams = [team for team in map(name_of, told) if team.startswith(("T", "E"))]
    return bool(teams) and teams[0] not in {workspace.team_id, workspace.enterprise}


def _is_bot(row: Mapping[str, Any], workspace: Workspace) -> bool:
    """Whether a program said it. What people say through an app's token has a `bot_id` as well."""
    user = row.get("user")
    if row.get("subtype") == "bot_message" or not isinstance(user, str):
        return True
    is_bot = user == _SLACKBOT or user in workspace.bots
    return is_bot or (bool(row.get("bot_id")) and user not in workspace.people)


def _marked_by(row: Mapping[str, Any], names: Collection[str]) -> tuple[str, ...]:
    marking = (
        user
        for reaction in objects(row.get("reactions"))
        if name_of(reaction.get("name")).partition("::")[0] in names
        for user in json_streams.texts(reaction.get("users"))
    )
    return tuple(dict.fromkeys(marking))


def _files_of(row: Mapping[str, Any]) -> str:
    named = (
        name_of(one.get("name")) or name_of(one.get("title")) for one in objects(row.get("files"))
    )
    return "\n".join(f"[file: {name}]" for name in named if name)


def _url(team: str, channel: str, ts: str, thread: str | None) -> str:
    """Lead to the message, or at least to its channel: an export does not name the workspace.

    Source: https://docs.slack.dev/interactivity/deep-linking
    """
    within = f"&thread_ts={thread}" if thread not in {None, ts} else ""
    where = f"team={quote(team)}&channel={quote(channel)}"
    return f"https://slack.com/app_redirect?{where}&message_ts={ts}{within}"
