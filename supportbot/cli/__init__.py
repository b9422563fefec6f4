"""The command line: one function a command. Results go to stdout, talk goes to stderr."""

import logging
import sys
from contextlib import suppress

import typer

from supportbot.cli import evaluation, importing, models, operations, reports, serving
from supportbot.cli.session import commands
from supportbot.cli.streams import prepare_streams, written_out
from supportbot.errors import SupportbotError

cli = commands(
    "A bot for user groups: it finds the old answer, or the people who know.\n\n"
    "Example: supportbot demo"
)
knowledge_commands = commands("The group's own documents.\n\nExample: supportbot knowledge check")
evaluate_commands = commands(
    "How good the bot is, on questions whose answers are known.\n\n"
    "Example: supportbot evaluate matching packs/cqa --split dev"
)
import_commands = commands(
    "History in.\n\nExample: supportbot import beir packs/cqa --community dynamics"
)
review_commands = commands("")
model_commands = commands("The embedding model.\n\nExample: supportbot model tune")
cli.add_typer(knowledge_commands, name="knowledge")
cli.add_typer(evaluate_commands, name="evaluate")
cli.add_typer(import_commands, name="import")
cli.add_typer(review_commands, name="review")
cli.add_typer(model_commands, name="model")

cli.command(epilog="Example: supportbot demo --interactive")(serving.demo)
cli.command(epilog='Example: supportbot ask "Why does the bot not see my messages on Discord?"')(
    serving.ask
)
cli.command(epilog="Example: supportbot run --settings supportbot.toml")(serving.run)
cli.command(epilog="Example: supportbot sync")(serving.sync)
knowledge_commands.command(epilog="Example: supportbot knowledge check knowledge/")(
    evaluation.check
)
evaluate_commands.command(
    "matching", epilog="Example: supportbot evaluate matching packs/cqa --split dev --json"
)(evaluation.evaluate_matching)
evaluate_commands.command(
    "decision", epilog="Example: supportbot evaluate decision packs/cqa --plot decision.png"
)(evaluation.evaluate_decision)
evaluate_commands.command(
    "routing",
    epilog="Example: supportbot evaluate routing slack.zip --gold who-answered.tsv --split test",
)(evaluation.evaluate_routing)
import_commands.command("beir", epilog="Example: supportbot import beir packs/cqa")(
    evaluation.import_beir
)
import_commands.command(
    "slack-export", epilog="Example: supportbot import slack-export slack-2026-11-22.zip"
)(importing.slack_export)
import_commands.command(
    "discord-export", epilog="Example: supportbot import discord-export exported/ --dry-run"
)(importing.discord_export)
cli.command(epilog='Example: supportbot experts "certificate renewal"')(reports.experts)
cli.command(epilog="Example: supportbot digest --since 30d")(reports.digest)
cli.command(epilog="Example: supportbot receipts slack:U024BE7LH off")(reports.receipts)
cli.command(epilog="Example: supportbot setup slack")(operations.setup)
cli.command(epilog="Example: supportbot doctor --json")(operations.doctor)
cli.command(epilog="Example: supportbot retry --all")(operations.retry)
cli.command(epilog="Example: supportbot forget slack:U024BE7LH")(operations.forget)
cli.command(epilog="Example: supportbot export slack:U024BE7LH > member.json")(operations.export)
cli.command(epilog="Example: supportbot backup supportbot-2026-11-22.db")(operations.backup)
model_commands.command("tune", epilog="Example: supportbot model tune --minutes 60")(models.tune)
model_commands.command(
    "fit", epilog="Example: supportbot model fit packs/cqa --split train --model models/other"
)(models.fit)
model_commands.command("list", epilog="Example: supportbot model list")(models.listed)
model_commands.command("rollback", epilog="Example: supportbot model rollback")(models.rollback)
review_commands.callback(
    invoke_without_command=True,
    no_args_is_help=False,
    epilog="Example: supportbot review accept 3f9a01c2",
)(operations.review)
review_commands.command("accept", epilog="Example: supportbot review accept 3f9a01c2")(
    operations.accept
)
review_commands.command(
    "edit", epilog='Example: supportbot review edit 3f9a01c2 --text "Widen the posting dates."'
)(operations.edit)
review_commands.command("drop", epilog="Example: supportbot review drop 3f9a01c2")(operations.drop)
review_commands.command("withdraw", epilog="Example: supportbot review withdraw 3f9a01c2")(
    operations.withdraw
)
review_commands.command("restore", epilog="Example: supportbot review restore 3f9a01c2")(
    operations.restore
)
review_commands.command(
    "correct", epilog='Example: supportbot review correct 3f9a01c2 --text "Use Post and send."'
)(operations.correct)


def main() -> None:
    """Run the command line. Exit status: 0 fine, 1 the check found something, 2 fix it."""
    prepare_streams()
    # Where a line of log cannot be written, there is no place to say so either.
    logging.raiseExceptions = False
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        with written_out():
            status = cli(standalone_mode=False)
    except SupportbotError as error:
        _tell(str(error))
        sys.exit(2)
    except typer.Abort as error:
        # Ctrl-C, or somebody who was asked said no, or the input ended there.
        is_stopped = isinstance(error.__cause__ or error.__context__, KeyboardInterrupt)
        _tell(_STOPPED if is_stopped else _NOT_CONFIRMED)
        sys.exit(130 if is_stopped else 1)
    except KeyboardInterrupt:
        _tell(_STOPPED)
        sys.exit(130)
    except Exception as error:
        # What was typed cannot be read. Typer brings a click of its own, whose errors have no name.
        if not hasattr(error, "show") or not hasattr(error, "exit_code"):
            raise
        error.show()
        sys.exit(error.exit_code)
    sys.exit(status if isinstance(status, int) else 0)


_STOPPED = "Stopped. What was done until now is kept; run the command again for the rest."
_NOT_CONFIRMED = "Nothing was done: nobody confirmed it."


def _tell(sentence: str) -> None:
    with suppress(OSError):
        print(sentence, file=sys.stderr)
