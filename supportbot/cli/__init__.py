"""The command line: one function a command. Results go to stdout, talk goes to stderr."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from supportbot.app import App
    from supportbot.handlers import Consideration
    from supportbot.search import Progress, SyncReport

LONGEST_QUESTION = 10_000
"""Letters of a question that `ask` takes."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file; supportbot.toml here when left out."),
]
Community = Annotated[
    str | None, typer.Option("--community", help="Community; the one in the settings if left out.")
]


def _commands(help_text: str) -> typer.Typer:
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


cli = _commands(
    "A bot for user groups: it finds the old answer, or the people who know.\n\n"
    "Example: supportbot demo"
)
knowledge_commands = _commands("The group's own documents.\n\nExample: supportbot knowledge check")
evaluate_commands = _commands(
    "How good the bot is, on questions whose answers are known.\n\n"
    "Example: supportbot evaluate matching packs/cqa --split dev"
)
import_commands = _commands(
    "History in.\n\nExample: supportbot import beir packs/cqa --community dynamics"
)
cli.add_typer(knowledge_commands, name="knowledge")
cli.add_typer(evaluate_commands, name="evaluate")
cli.add_typer(import_commands, name="import")


def main() -> None:
    """Run the command line. Exit status: 0 fine, 1 the check found something, 2 mend it."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        cli()
    except SupportbotError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("Stopped. What was done is kept.", file=sys.stderr)
        sys.exit(130)


@cli.command(epilog="Example: supportbot demo --interactive")
def demo(
    *,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Play the asker and the expert yourself.")
    ] = False,
) -> None:
    """Watch the whole loop in the terminal: no account, no token, nothing kept."""
    from supportbot.demo import play

    play(interactive=interactive, stdin=sys.stdin, stdout=sys.stdout)


@cli.command(epilog='Example: supportbot ask "Why does the bot not see my messages on Discord?"')
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    *,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Ask one question against the current knowledge."""
    from supportbot.domain.events import Author
    from supportbot.domain.places import COMMUNITY, Scope

    question = _checked(text)
    asker = Author(platform="terminal", user_id="you", name="You")
    with _app(settings) as app:
        _sync_if_empty(app)
        scope = Scope(app.community_id, frozenset({COMMUNITY}))
        considered = app.handlers.consider(question, scope, asker)
    print(json.dumps(_as_json(considered), indent=2) if as_json else _as_text(considered))


@cli.command(epilog="Example: supportbot run --settings supportbot.toml")
def run(settings: SettingsFile = None) -> None:
    """Connect every configured platform and serve, until Ctrl-C or the input ends."""
    import asyncio

    from supportbot.app import Service, build_adapters

    async def serve(app: "App") -> None:
        await Service(app, build_adapters(app.settings, app.home)).run()

    with _app(settings) as app:
        report, _ = _sync(app)
        print(_summary(report), file=sys.stderr)
        asyncio.run(serve(app))


@cli.command(epilog="Example: supportbot sync")
def sync(*, as_json: Json = False, settings: SettingsFile = None) -> None:
    """Make the index agree with the knowledge folder: only what changed is embedded."""
    with _app(settings) as app:
        report, problems = _sync(app)
    if as_json:
        from dataclasses import asdict

        print(json.dumps(asdict(report) | {"problems": [str(p) for p in problems]}, indent=2))
        return
    print(_summary(report))
    if problems:
        print(
            f"{len(problems)} remarks about the files: supportbot knowledge check lists them.",
            file=sys.stderr,
        )


@knowledge_commands.command(epilog="Example: supportbot knowledge check knowledge/")
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders.")] = None,
    *,
    settings: SettingsFile = None,
) -> None:
    """Check documents: front matter, links, duplicates, and what should find them."""
    from supportbot.app import build_search
    from supportbot.evaluation.knowledge import check_knowledge
    from supportbot.settings import find_home, read_settings

    choices = read_settings(settings)
    cache = find_home() / "cache" / "knowledge-check.db"
    found = 0
    with (
        closing(build_search(choices, cache)) as search,
        _progress("passages embedded") as progress,
    ):
        for problem in check_knowledge(paths or [choices.knowledge.folder], search, progress):
            print(problem)
            found += 1
    print(f"{found} problems." if found else "Everything is in order.", file=sys.stderr)
    if found:
        raise typer.Exit(1)


@evaluate_commands.command(
    "matching", epilog="Example: supportbot evaluate matching packs/cqa --split dev --json"
)
def evaluate_matching(  # noqa: PLR0913 - the contract of the command line
    pack: Annotated[Path, typer.Argument(help="Folder in BEIR's layout.")],
    *,
    split: Annotated[str | None, typer.Option(help="Name of a file in qrels/.")] = None,
    over: Annotated[
        str | None, typer.Option(help="`candidates` or `corpus`.", metavar="WHAT")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Another embedding model: a name or a folder.")
    ] = None,
    run_file: Annotated[Path | None, typer.Option("--run", help="Write the rankings here.")] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Measure how well the right past question is found."""
    from supportbot.app import build_search
    from supportbot.evaluation import packs
    from supportbot.settings import find_home, read_settings

    _check_choice(over, [choice.value for choice in packs.Over], "--over")
    cache = find_home() / "cache" / f"{pack.resolve().name}.db"
    with (
        closing(build_search(read_settings(settings), cache, model=model)) as search,
        _progress("passages embedded") as embedded,
        _progress("questions asked") as asked,
    ):
        evaluation = packs.evaluate_matching(
            search,
            pack,
            split=split,
            over=packs.Over(over) if over else None,
            on_embedded=embedded,
            on_asked=asked,
        )
    if run_file is not None:
        _write(run_file, evaluation.as_run())
    figures = evaluation.measures.as_json()
    if as_json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{pack.name}, split {evaluation.split}, over the {evaluation.over}")
    for name, value in figures.items():
        print(f"{name:>10}  {value if name == 'queries' else format(value, '.3f')}")


@import_commands.command("beir", epilog="Example: supportbot import beir packs/cqa")
def import_beir(
    path: Annotated[Path, typer.Argument(help="Folder in BEIR's layout.")],
    *,
    community: Community = None,
    settings: SettingsFile = None,
) -> None:
    """Import past questions and answers in BEIR's layout. Repeating it changes nothing."""
    from supportbot.importers import beir

    with _app(settings) as app, _progress("passages embedded") as progress:
        report = app.search.sync(
            community or app.community_id,
            beir.source_of(path),
            beir.read_documents(path),
            progress,
        )
    print(_summary(report))


def _checked(text: str) -> str:
    from supportbot.domain.recognise import has_words
    from supportbot.domain.unicode import repaired

    if not text.strip():
        message = "The question is empty. Write what you want to know, in quotes."
        raise SupportbotError(message)
    if len(text) > LONGEST_QUESTION:
        message = (
            f"The question has {len(text):,} letters, and {LONGEST_QUESTION:,} is the most. "
            "Ask what matters, and leave out the log."
        )
        raise SupportbotError(message)
    if not has_words(text):
        message = "The question has no words, only signs. Write what you want to know."
        raise SupportbotError(message)
    return repaired(text)


@contextmanager
def _app(settings: Path | None) -> "Iterator[App]":
    from supportbot.app import build_app
    from supportbot.settings import find_home, read_settings

    app = build_app(read_settings(settings), find_home())
    try:
        yield app
    finally:
        app.database.close()


def _sync(app: "App") -> "tuple[SyncReport, list[Any]]":
    from supportbot.jobs import sync_knowledge

    with _progress("passages embedded") as progress:
        return sync_knowledge(app.search, app.community_id, app.settings.knowledge, progress)


def _sync_if_empty(app: "App") -> None:
    if app.search.is_empty(app.community_id):
        report, _ = _sync(app)
        print(f"First sync of the knowledge: {_summary(report)}", file=sys.stderr)


def _summary(report: "SyncReport") -> str:
    return (
        f"{report.added + report.changed + report.unchanged} documents ({report.added} new, "
        f"{report.changed} changed, {report.removed} removed), {report.passages} passages, "
        f"{report.embedded} of them embedded now."
    )


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
            {"name": referral.expert.name, "reason": referral.reason}
            for referral in considered.referrals
        ],
    }


def _as_text(considered: "Consideration") -> str:
    from supportbot.domain.composing import compose_reply
    from supportbot.domain.unicode import neutralised

    reply = compose_reply(considered.decision, considered.referrals)
    lines = [reply.text, ""]
    for quote in reply.quotes:
        said = [quote.author, f"{quote.said_at:%Y-%m-%d}" if quote.said_at else "", quote.url]
        lines.append(f"{quote.title} ({quote.confidence:.0%})")
        lines.extend(f"  {line}".rstrip() for line in quote.text.splitlines())
        lines.extend([f"  -- {', '.join(part for part in said if part)}", ""])
    if considered.referrals:
        lines.append("I would ask:")
        lines.extend(f"  {r.expert.name}, who {r.reason}" for r in considered.referrals)
    return neutralised("\n".join(lines).rstrip())


def _check_choice(value: str | None, choices: list[str], option: str) -> None:
    if value is not None and value not in choices:
        message = f"{option} is '{value}'. It can be: {', '.join(choices)}."
        raise SupportbotError(message)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SupportbotError(message) from error


@contextmanager
def _progress(what: str) -> Iterator["Progress"]:
    """Show how far a long job is, on a terminal's stderr; say nothing when piped."""
    if not sys.stderr.isatty():
        from supportbot.search import untold

        yield untold
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bars:
        task: list[Any] = []

        def show(done: int, total: int) -> None:
            if not task:
                task.append(bars.add_task(what, total=total))
            bars.update(task[0], completed=done, total=total)

        yield show
