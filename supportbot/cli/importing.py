"""Commands that bring history in."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supportbot.cli.session import SettingsFile, opened, progress
from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from supportbot.domain.chat.history import PastMessage
    from supportbot.domain.chat.places import Place
    from supportbot.importers.archives import Files
    from supportbot.importers.json_streams import Passed
    from supportbot.knowledge.history import ImportReport
    from supportbot.runtime.build import App

    Opener = Callable[[Path], AbstractContextManager[Files]]
    OnFile = Callable[[int, int], object]
    Reader = Callable[[App, Files, Passed, OnFile], Iterator[PastMessage]]

Community = Annotated[
    str | None, typer.Option("--community", help="Community; the one in the settings if left out.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would come in, and store nothing.")
]


def slack_export(
    path: Annotated[Path, typer.Argument(help="The zip that Slack gave, or its folder.")],
    *,
    workspace: Annotated[
        str, typer.Option("--workspace", help="Its id (T…), where the export does not tell it.")
    ] = "",
    community: Community = None,
    dry_run: DryRun = False,
    settings: SettingsFile = None,
) -> None:
    """Import what was said in Slack. It can be stopped, continued and repeated."""
    from supportbot.importers.archives import open_folder
    from supportbot.importers.slack_export import PLATFORM, read_messages
    from supportbot.importers.slack_workspace import checked, known_from

    def read(
        app: "App", files: "Files", passed: "Passed", on_file: "OnFile"
    ) -> "Iterator[PastMessage]":
        options = app.settings.adapters.get(PLATFORM, {})
        known = known_from(
            _known_channels(app, PLATFORM),
            given,
            widens_guests=options.get("guests") == "community",
            widens_shared=options.get("shared_channels") == "community",
        )
        return read_messages(files, passed, on_file, known)

    given = checked(workspace) if workspace else ""
    _import(open_folder, read, path, community, settings, platform=PLATFORM, is_dry=dry_run)


def discord_export(
    path: Annotated[
        Path, typer.Argument(help="JSON of DiscordChatExporter: a file, a folder or a zip of it.")
    ],
    *,
    community: Community = None,
    dry_run: DryRun = False,
    settings: SettingsFile = None,
) -> None:
    """Import what was said in Discord. It can be stopped, continued and repeated."""
    from supportbot.importers.discord_export import PLATFORM, open_export, read_messages

    def read(
        app: "App", files: "Files", passed: "Passed", on_file: "OnFile"
    ) -> "Iterator[PastMessage]":
        known = _known_channels(app, PLATFORM)
        return read_messages(files, passed, on_file, {place.channel for place in known})

    _import(open_export, read, path, community, settings, platform=PLATFORM, is_dry=dry_run)


def _known_channels(app: "App", platform: str) -> "list[Place]":
    from supportbot.store import places

    with app.database.reading() as tx:
        return places.known_channels(tx, platform)


def _import(  # noqa: PLR0913 - what the commands have, and what they differ in
    open_export: "Opener",
    read: "Reader",
    path: Path,
    community: str | None,
    settings: Path | None,
    *,
    platform: str,
    is_dry: bool,
) -> None:
    from supportbot.importers.json_streams import Passed
    from supportbot.knowledge.history import import_history

    passed = Passed()
    with (
        opened(settings, community) as app,
        open_export(path) as files,
        progress("files read") as on_file,
        progress("passages embedded") as on_embedded,
    ):
        report = import_history(
            read(app, files, passed, on_file),
            app.database,
            app.search,
            rules=app.settings.teaching.rules(),
            names={platform: passed.names},
            is_dry=is_dry,
            on_embedded=on_embedded,
        )
        if not is_dry:
            app.people.learn()
    for problem in files.problems:
        print(f"passed over: {problem}", file=sys.stderr)
    if passed.rows:
        are = "row that is no message" if passed.rows == 1 else "rows that are no messages"
        print(f"passed over: {passed.rows:,} {are}", file=sys.stderr)
    for remark in passed.remarks:
        print(f"note: {remark}", file=sys.stderr)
    if not report.messages and (files.problems or passed.rows or passed.empty):
        message = f"Nothing of {path} could be read: see above."
        raise SupportbotError(message)
    print(_details(report, is_dry=is_dry), file=sys.stderr)
    print(_summary(report))


def _details(report: "ImportReport", *, is_dry: bool) -> str:
    new = f"{_counted(report.messages, 'message')}, {report.new_messages:,} of them new"
    if is_dry:
        return f"{new}. Nothing was stored."
    learned = f"{new}; {_counted(report.learned, 'answer')} became knowledge now."
    if not report.waiting:
        return learned
    wait = "waits" if report.waiting == 1 else "wait"
    return f"{learned} {_counted(report.waiting, 'answer')} {wait} in `supportbot review`."


def _summary(report: "ImportReport") -> str:
    know = "person who knows" if report.people == 1 else "people who know"
    return (
        f"{_counted(report.questions, 'question')}, {_counted(report.answers, 'answer')}, "
        f"{report.people:,} {know} things."
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
