"""Commands that tell what the group has asked and answered, and who knows what."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from supportbot.cli.session import Json, SettingsFile, opened
from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from supportbot.domain.experts.topics import Knower
    from supportbot.domain.replies.digest import Digest

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def experts(
    topic: Annotated[
        str, typer.Argument(help="Some words, in quotes; who answers most when left out.")
    ] = "",
    *,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Say who knows about a topic, by what they have answered where everybody may read it."""
    from supportbot.domain.experts.topics import content_words
    from supportbot.handlers.pages import experts_on

    if topic and not content_words(topic):
        message = "I can't tell what that topic is about. Name a thing, or an error."
        raise SupportbotError(message)
    with opened(settings) as app, app.database.reading() as tx:
        declared, now = app.settings.declared_experts, app.clock.now()
        found = experts_on(tx, declared, topic, now=now)
    if as_json:
        told = {"topic": topic, "experts": [_expert_json(knower) for knower in found]}
        print(json.dumps(told, indent=2))
        return
    for knower in found:
        print(_in_one_line(f"{knower.name}  {knower.reason}"))
    if not found and topic:
        print("Nobody has answered a question with these words. Try fewer, or others.")
    elif not found:
        print("Nobody has answered anything yet. supportbot import brings history in.")


def digest(
    since: Annotated[
        str, typer.Option(help="How far back: 12h, 7d, 4w, or a date such as 2026-11-01.")
    ] = "7d",
    *,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Sum up what was asked and answered lately, and what hangs on one person."""
    from supportbot.domain.replies.digest import HISTORY, Period, lines_of, summarise
    from supportbot.store import statistics

    with opened(settings) as app:
        now = app.clock.now()
        period = Period(_moment(since, now), now)
        with app.database.reading() as tx:
            threads = statistics.open_threads(tx, since=min(period.since, now - HISTORY))
            gone = statistics.gone(tx)
    found = summarise(threads, period, gone=gone)
    if as_json:
        print(json.dumps(_digest_json(found), indent=2))
        return
    for line in lines_of(found):
        print(_in_one_line(line))


class Choice(StrEnum):
    """What a member may choose."""

    ON = "on"
    OFF = "off"


def receipts(
    member: Annotated[
        str, typer.Argument(help="A member's id, `platform:user-id`, or the name that people read.")
    ],
    choice: Annotated[Choice, typer.Argument(help="Whether they hear whom their answers helped.")],
    *,
    settings: SettingsFile = None,
) -> None:
    """Turn the weekly note to a member off or on: whom their answers helped."""
    from supportbot.domain.experts.profile import Profile
    from supportbot.store import members, profiles

    with opened(settings) as app, app.database.writing() as tx:
        found = members.find_members(tx, member)
        if len(found) != 1:
            known = f": {', '.join(author.member_id for author in found)}" if found else ""
            many = "Several members are" if found else "Nobody is known who is"
            message = f"{many} called {member}{known}. Name one by id, such as slack:U024BE7LH."
            raise SupportbotError(message)
        member_id = found[0].member_id
        is_wanted = choice is Choice.ON
        said = profiles.availability_of(tx, member_id)
        profile = Profile(found[0], replace(said, receipts=is_wanted))
        profiles.save(tx, profile, now=app.clock.now())
    hears = "hears" if is_wanted else "does not hear"
    print(f"{member_id} {hears} whom their answers helped.")


def _moment(since: str, now: datetime) -> datetime:
    """Read how far back a digest goes."""
    ago = re.fullmatch(r"(\d{1,5})([hdw])", since.strip().lower())
    try:
        if ago:
            moment = now - int(ago[1]) * _UNITS[ago[2]]
        else:
            moment = datetime.fromisoformat(since.strip())
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        message = f"'{since}' is no time. Say 12h, 7d, 4w, or a date such as 2026-11-01."
        raise SupportbotError(message) from error
    if moment >= now:
        message = f"'{since}' is not in the past. Say 12h, 7d, 4w, or a date such as 2026-11-01."
        raise SupportbotError(message)
    return moment


def _in_one_line(text: str) -> str:
    """Let no name or title write over the screen, or begin a line of its own."""
    from supportbot.domain.chat.unicode import neutralised

    return " ".join(neutralised(text).splitlines())


def _expert_json(knower: "Knower") -> dict[str, object]:
    return {
        "name": knower.name,
        "member_ids": list(knower.member_ids),
        "answers": knower.answers,
        "accepted": knower.accepted,
        "last_answered_at": knower.last.isoformat() if knower.last else None,
        "says": list(knower.says),
        "reason": str(knower.reason),
    }


def _digest_json(found: "Digest") -> dict[str, object]:
    def seconds(time: timedelta | None) -> float | None:
        return None if time is None else time.total_seconds()

    return {
        "since": found.period.since.isoformat(),
        "until": found.period.until.isoformat(),
        "asked": found.asked,
        "answered_by_people": found.answered_by_people,
        "answered_by_match": found.answered_by_match,
        "confirmed": found.confirmed,
        "closed": found.closed,
        "open": [
            {
                "title": question.title,
                "channel": question.channel,
                "asked_at": question.asked_at.isoformat(),
                "url": question.url,
            }
            for question in found.open
        ],
        "helpers": [
            {"member_id": helper.member_id, "name": helper.name, "answers": helper.answers}
            for helper in found.helpers
        ],
        "first_answer_seconds": {"median": seconds(found.median), "p90": seconds(found.ninety)},
        "sole_topics": [
            {"topic": one.topic, "name": one.name, "answers": one.answers, "left": one.has_left}
            for one in found.sole_topics
        ],
    }
