"""Commands that play, ask and serve."""

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supportbot.cli.session import Json, SettingsFile, opened, progress, summary
from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from supportbot.handlers.questions import Consideration
    from supportbot.knowledge.search import SyncReport
    from supportbot.ports import Adapter
    from supportbot.runtime.build import App
    from supportbot.runtime.service import Service

LONGEST_QUESTION = 10_000
"""Characters of a question that `ask` takes."""
_MARGIN = 0.5
"""Seconds of the grace that are left for saying goodbye."""


def demo(
    *,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Play the asker and the expert yourself.")
    ] = False,
) -> None:
    """Watch the whole loop in the terminal: no account, no token, nothing kept."""
    from supportbot.cli.demo import play

    play(interactive=interactive, stdin=sys.stdin, stdout=sys.stdout)


def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    *,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Ask one question against the current knowledge."""
    from supportbot.domain.chat.members import Author
    from supportbot.domain.chat.places import Place
    from supportbot.handlers.context import Context
    from supportbot.handlers.questions import consider

    question = _checked(text)
    asker = Author(platform="terminal", user_id="you", name="You")
    with opened(settings) as app:
        if sys.stderr.isatty() and not as_json:
            print("Loading the model; this takes some seconds …", file=sys.stderr, flush=True)
        _sync_if_empty(app)
        place = Place("terminal", "", "")
        with app.database.reading() as tx:
            considered = consider(question, place, asker, Context(tx, app.services))
    print(json.dumps(_as_json(considered), indent=2) if as_json else _as_text(considered))


def run(settings: SettingsFile = None) -> None:
    """Connect every configured platform and serve, until Ctrl-C, SIGTERM, or the input's end."""
    import asyncio

    from supportbot.runtime import logs
    from supportbot.runtime.build import build_adapters
    from supportbot.runtime.home import only_one
    from supportbot.runtime.service import Service
    from supportbot.settings import find_home

    async def serve(app: "App") -> None:
        adapters = build_adapters(app.settings, app.home, app.served)
        service = Service(app, adapters, on_ready=lambda: _tell_ready(adapters))
        was_asked = _stop_when_asked(service)
        await service.run()
        if was_asked.is_set():
            print(f"Stopped. {_left(service)}", file=sys.stderr)

    _refuse_what_connects_nothing(settings)
    # The home is taken first: opening the database may bring it up to date.
    with only_one(find_home()), opened(settings) as app:
        logs.configure(app.settings.observability.log)
        damage = app.database.find_damage()
        if damage:
            # Before what it found, SQLite writes a line with the name of the database.
            found = damage[0].splitlines()[-1].rstrip(".")
            message = (
                f"The database {app.database.path} is damaged: {found}. Put your last backup in "
                "its place, and remove the files beside it that end in -wal and -shm."
            )
            raise SupportbotError(message)
        report, _ = _sync(app)
        print(summary(report), file=sys.stderr)
        asyncio.run(serve(app))


def _tell_ready(adapters: "Sequence[Adapter]") -> None:
    served = sorted(adapter.platform for adapter in adapters)
    if served == ["terminal"]:
        print("Ready. Type a question, or /help. Ctrl-C stops it.", file=sys.stderr, flush=True)
        return
    print(f"Ready to answer on {', '.join(served)}. Ctrl-C stops it.", file=sys.stderr, flush=True)


def _refuse_what_connects_nothing(path: "Path | None") -> None:
    """Say so where a token is set, and nothing in the settings connects its platform.

    Raises:
        SupportbotError: The terminal alone would be served, which nobody has asked for.
    """
    from supportbot.runtime.build import unconnected
    from supportbot.settings import read_settings

    read = read_settings(path)
    problems = [finding.problem for finding in unconnected(read, os.environ)]
    if problems and "adapters" not in read.model_fields_set:
        raise SupportbotError("\n".join(problems))
    for problem in problems:
        print(problem, file=sys.stderr)


def sync(*, as_json: Json = False, settings: SettingsFile = None) -> None:
    """Make the index agree with the knowledge folder: only what changed is embedded."""
    with opened(settings) as app:
        report, problems = _sync(app)
    if as_json:
        from dataclasses import asdict

        print(json.dumps(asdict(report) | {"problems": [str(p) for p in problems]}, indent=2))
        return
    print(summary(report))
    if problems:
        from supportbot.domain.language.counts import counted

        print(
            f"{counted(len(problems), 'remark')} about the files: supportbot knowledge check "
            "lists them.",
            file=sys.stderr,
        )


def _stop_when_asked(service: "Service") -> threading.Event:
    """Stop cleanly at the first SIGTERM or Ctrl-C; at once at the second, or after the grace.

    Ending without goodbye is safe at any moment: what is not finished is done at the next start.
    """
    import asyncio

    from supportbot.runtime.service import GRACE

    loop = asyncio.get_running_loop()
    was_asked = threading.Event()

    def give_up() -> None:
        print(f"Stopped in the middle. {_left(service)}", file=sys.stderr, flush=True)
        os._exit(1)

    def stop() -> None:
        if was_asked.is_set():
            give_up()
        was_asked.set()
        print("Stopping; what is in hand is finished first …", file=sys.stderr, flush=True)
        service.stop()
        loop.call_later(GRACE.total_seconds() - _MARGIN, give_up)

    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no such handlers; there, Ctrl-C ends in the middle.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop)
    return was_asked


def _left(service: "Service") -> str:
    from supportbot.domain.language.counts import counted

    try:
        events, messages = service.waiting()
    except SupportbotError as error:
        return str(error)
    if not events and not messages:
        return "Nothing is left to do."
    return f"Left for the next start: {counted(events, 'event')}, {counted(messages, 'message')}."


def _checked(text: str) -> str:
    from supportbot.domain.chat.unicode import repaired
    from supportbot.domain.recognition.kinds import has_words

    if not text.strip():
        message = "The question is empty. Write what you want to know, in quotes."
        raise SupportbotError(message)
    if len(text) > LONGEST_QUESTION:
        message = (
            f"The question has {len(text):,} characters, and {LONGEST_QUESTION:,} is the most. "
            "Ask what matters, and leave out the log."
        )
        raise SupportbotError(message)
    if not has_words(text):
        message = "The question has no words, only signs. Write what you want to know."
        raise SupportbotError(message)
    return repaired(text)


def _sync(app: "App") -> "tuple[SyncReport, list[Any]]":
    from supportbot.knowledge.sync import sync_knowledge

    with progress("passages embedded") as show:
        return sync_knowledge(app.search, app.settings.knowledge, show)


def _sync_if_empty(app: "App") -> None:
    if app.search.is_empty():
        report, _ = _sync(app)
        print(f"First sync of the knowledge: {summary(report)}", file=sys.stderr)


def _as_json(considered: "Consideration") -> dict[str, object]:
    decision = considered.decision
    return {
        "decision": decision.kind.value,
        "confidence": round(decision.confidence, 4),
        "matches": [
            {
                "title": match.title,
                "source": match.source,
                "url": match.url,
                "author": match.author,
                "answered_at": match.said_at.isoformat() if match.said_at else None,
                "score": round(match.score, 4),
                "confidence": round(match.confidence, 4),
                "excerpt": match.excerpt,
            }
            for match in decision.matches
        ],
        "experts": [
            {"name": referral.expert.name, "reason": str(referral.reason)}
            for referral in considered.referrals
        ],
    }


def _as_text(considered: "Consideration") -> str:
    from supportbot.domain.chat.unicode import neutralised
    from supportbot.domain.replies.answers import compose_reply

    reply = compose_reply(considered.decision, considered.referrals)
    lines = [str(reply.text), ""]
    for quote in reply.quotes:
        said = [quote.author, f"{quote.said_at:%Y-%m-%d}" if quote.said_at else "", quote.url]
        lines.append(f"{quote.title} ({quote.confidence:.0%})")
        lines.extend(f"  {line}".rstrip() for line in quote.text.splitlines())
        lines.extend([f"  -- {', '.join(part for part in said if part)}", ""])
    if considered.referrals:
        lines.append("I would ask:")
        lines.extend(f"  {r.expert.name} ({r.reason})" for r in considered.referrals)
    return neutralised("\n".join(lines).rstrip())
