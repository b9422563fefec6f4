"""What commands share: their options, the parts that they open, and how they show progress."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from supportbot.knowledge.search import Progress, SyncReport
    from supportbot.runtime.build import App

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file; supportbot.toml here when left out."),
]
OtherModel = Annotated[
    str | None, typer.Option("--model", help="Another embedding model: a name or a folder.")
]


def commands(help_text: str) -> typer.Typer:
    """Make a group of commands."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


@contextmanager
def opened(settings: Path | None, community: str | None = None) -> "Iterator[App]":
    """Open the home, with what the settings say; for another community when one is named."""
    from supportbot.runtime.build import build_app
    from supportbot.settings import find_home, read_settings

    choices = read_settings(settings)
    if community is not None:
        choices = choices.model_copy(update={"community": community})
    app = build_app(choices, find_home())
    try:
        yield app
    finally:
        app.database.close()


def summary(report: "SyncReport") -> str:
    """Return what a sync did."""
    from supportbot.domain.language.counts import counted

    documents = report.added + report.changed + report.unchanged
    return (
        f"{counted(documents, 'document')} ({report.added} new, {report.changed} changed, "
        f"{report.removed} removed), {counted(report.passages, 'passage')}, "
        f"{report.embedded} of them embedded now."
    )


@contextmanager
def progress(what: str) -> Iterator["Progress"]:
    """Show how far a long job is: a bar on a terminal, and otherwise a line now and then."""
    if not sys.stderr.isatty():
        yield _now_and_then(what)
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


_PAUSE = 10.0
"""Seconds between two lines about a long job."""


def _now_and_then(what: str) -> "Progress":
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _PAUSE:
            last = time.monotonic()
            print(f"{done:,} of {total:,} {what}", file=sys.stderr, flush=True)

    return show
