"""Commands that check and measure, and that bring history in."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supportbot.cli.session import Json, OtherModel, SettingsFile, opened, progress, summary
from supportbot.domain.language.counts import counted
from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from supportbot.evaluation.bootstrap import Interval

Community = Annotated[
    str | None, typer.Option("--community", help="Community; the one in the settings if left out.")
]

SearchedOver = Annotated[
    str | None, typer.Option("--over", help="`candidates`, `corpus` or `judged`.", metavar="WHAT")
]


def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders.")] = None,
    *,
    settings: SettingsFile = None,
) -> None:
    """Check documents: front matter, links, duplicates, and what should find them."""
    from supportbot.evaluation.knowledge import check_knowledge
    from supportbot.evaluation.packs import COMMUNITY_ID
    from supportbot.runtime.build import build_search
    from supportbot.settings import find_home, read_settings

    choices, home = read_settings(settings), find_home()
    cache = home / "cache" / "knowledge-check.db"
    folders = paths or [choices.knowledge.folder]
    print(f"Checking {', '.join(map(str, folders))} …", file=sys.stderr, flush=True)
    problems = remarks = 0
    with (
        closing(build_search(choices, cache, COMMUNITY_ID, home=home)) as search,
        progress("passages embedded") as show,
    ):
        required = choices.knowledge.required
        for problem in check_knowledge(folders, search, show, required=required):
            print(problem)
            problems += problem.matters
            remarks += not problem.matters
    print(_found(problems, remarks), file=sys.stderr)
    if problems:
        raise typer.Exit(1)


def _found(problems: int, remarks: int) -> str:
    if not problems and not remarks:
        return "Everything is in order."
    said = f"{counted(problems, 'problem')}, {counted(remarks, 'remark')}."
    return f"{said[0].upper()}{said[1:]}"


def evaluate_matching(  # noqa: PLR0913 - the contract of the command line
    pack: Annotated[Path, typer.Argument(help="Folder in BEIR's layout.")],
    *,
    split: Annotated[str | None, typer.Option(help="Name of a file in qrels/.")] = None,
    over: SearchedOver = None,
    model: OtherModel = None,
    run_file: Annotated[Path | None, typer.Option("--run", help="Write the rankings here.")] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Measure how well the right past question is found."""
    from supportbot.evaluation import matching
    from supportbot.evaluation.packs import COMMUNITY_ID, Over
    from supportbot.runtime.build import build_search
    from supportbot.settings import find_home, read_settings

    _check_choice(over, [choice.value for choice in Over], "--over")
    home = find_home()
    cache = home / "cache" / f"{pack.resolve().name}.db"
    with (
        closing(
            build_search(read_settings(settings), cache, COMMUNITY_ID, home=home, model=model)
        ) as search,
        progress("passages embedded") as embedded,
        progress("questions asked") as asked,
    ):
        evaluation = matching.evaluate_matching(
            search,
            pack,
            split=split,
            over=Over(over) if over else None,
            on_embedded=embedded,
            on_asked=asked,
        )
    if run_file is not None:
        _write(run_file, evaluation.as_run())
    if as_json:
        print(json.dumps(evaluation.as_json(), indent=2))
        return
    print(f"{pack.name}, split {evaluation.split}, over the {evaluation.over}")
    _print_figures(evaluation.measures.as_json(), evaluation.intervals)


def evaluate_decision(  # noqa: PLR0913 - the contract of the command line
    pack: Annotated[
        Path, typer.Argument(help="Folder in BEIR's layout, or HINT3's tables: hint3/curekart.")
    ],
    *,
    split: Annotated[str | None, typer.Option(help="Name of a file in qrels/.")] = None,
    over: SearchedOver = None,
    model: OtherModel = None,
    votes: Annotated[
        list[int] | None,
        typer.Option(help="Measure after so many votes of members, too; may be repeated.", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the intervals and the votes.", min=0)] = 0,
    run_file: Annotated[
        Path | None, typer.Option("--run", help="Write what was decided here.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw what confidence is worth: .png, .svg or .pdf.")
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Measure whether the bot answers, and asks people, when it should."""
    from supportbot.evaluation import trials
    from supportbot.evaluation.decision import PRECISION
    from supportbot.evaluation.packs import COMMUNITY_ID, Over
    from supportbot.evaluation.sketches import sketch_reliability, sketch_risk_coverage
    from supportbot.importers import hint3
    from supportbot.retrieval.serving import serving_calibration
    from supportbot.runtime.build import build_search
    from supportbot.settings import find_home, read_settings

    _check_choice(over, [choice.value for choice in Over], "--over")
    choices, home = read_settings(settings), find_home()
    bot = hint3.find_bot(pack)
    name = f"hint3-{bot.name}" if bot else pack.resolve().name
    with (
        closing(
            build_search(
                choices, home / "cache" / f"{name}.db", COMMUNITY_ID, home=home, model=model
            )
        ) as search,
        progress("passages embedded") as embedded,
        progress("questions asked") as asked,
    ):
        calibration = serving_calibration(choices, home, search.embedder.model)
        evaluation = trials.evaluate_decision(
            search,
            choices.thresholds.applied_to(calibration),
            pack,
            split=split,
            over=Over(over) if over else None,
            votes={0, *votes} if votes else (),
            seed=seed,
            on_embedded=embedded,
            on_asked=asked,
        )
    title = f"{pack.name}, {evaluation.asked}"
    if run_file is not None:
        _write(run_file, evaluation.as_run())
    if plot is not None:
        from supportbot.evaluation.plots import draw_decisions

        bins, precision = evaluation.reliability, evaluation.precision_by_coverage
        draw_decisions(bins, precision, plot, required=PRECISION, title=title)
    if as_json:
        print(json.dumps(evaluation.as_json(), indent=2))
        return
    used = evaluation.calibration
    print(f"{title}; answers from {used.answer_threshold:.3f}, shows from", end=" ")
    print(f"{used.suggest_threshold:.3f}")
    _print_figures(evaluation.measures.as_json(), evaluation.intervals)
    print("\nWhat confidence promised (|) and kept (#):")
    print(sketch_reliability(evaluation.reliability))
    print("\nHow many can be answered, and how many of the answers are right:")
    print(sketch_risk_coverage(evaluation.precision_by_coverage))
    if evaluation.after_votes:
        print("\nWhat members' votes bring, on the questions that did not vote:")
        _print_rows([one.as_json() for one in evaluation.after_votes])


def evaluate_routing(  # noqa: PLR0913 - the contract of the command line
    export: Annotated[Path, typer.Argument(help="Export of Slack or Discord: folder or zip.")],
    *,
    gold: Annotated[Path, typer.Option(help="Table of who answered what.")],
    split: Annotated[str | None, typer.Option(help="Which questions of the table.")] = None,
    run_file: Annotated[Path | None, typer.Option("--run", help="Write the rankings here.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw what sparing the busiest costs: .png, .svg or .pdf.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure how well the people who would answer are found."""
    from supportbot.domain.experts.routing import SHIPPED
    from supportbot.evaluation.replay import read_gold, read_past
    from supportbot.evaluation.routing import evaluate_routing as evaluate

    questions = read_gold(gold)
    with progress("files read") as on_file, progress("messages lived through") as on_step:
        past = read_past(export, on_file)
        evaluation = evaluate(past, questions, SHIPPED, split=split, on_step=on_step)
    if run_file is not None:
        _write(run_file, evaluation.as_run())
    if plot is not None:
        from supportbot.evaluation.plots import draw_trade

        draw_trade(evaluation, plot)
    if as_json:
        print(json.dumps(evaluation.measures["ours"].as_json(), indent=2))
        return
    model = "fitted on what came before" if evaluation.is_own_model else "as shipped"
    print(f"{export.name}, split {evaluation.split}, model {model}")
    figures = {name: measures.as_json() for name, measures in evaluation.measures.items()}
    print(" " * 28, *(f"{name:>12}" for name in figures["ours"]))
    for name, row in figures.items():
        cells = (format(v, "d") if isinstance(v, int) else format(v, ".3f") for v in row.values())
        print(f"{name:<28}", *(f"{cell:>12}" for cell in cells))
    print("ours, by what load costs (hit@3, top5_share):")
    for load, hit, share in evaluation.trade:
        print(f"{load:>28g} {hit:>12.3f} {share:>12.3f}")


def import_beir(
    path: Annotated[Path, typer.Argument(help="Folder in BEIR's layout.")],
    *,
    community: Community = None,
    settings: SettingsFile = None,
) -> None:
    """Import past questions and answers in BEIR's layout. Repeating it changes nothing."""
    from supportbot.domain.knowledge.capture import redacted
    from supportbot.importers import beir

    with opened(settings, community) as app, progress("passages embedded") as show:
        report = app.search.sync(
            beir.source_of(path),
            map(redacted, beir.read_documents(path)),
            show,
        )
    print(summary(report))


def _check_choice(value: str | None, choices: list[str], option: str) -> None:
    if value is not None and value not in choices:
        message = f"{option} is '{value}'. It can be: {', '.join(choices)}."
        raise SupportbotError(message)


def _print_figures(
    figures: "Mapping[str, float | None]", intervals: "Mapping[str, Interval]"
) -> None:
    """Print a line for each figure, with the interval in which 95 % of samples would have it."""
    width = max(10, *map(len, figures))
    for name, value in figures.items():
        interval = f" {intervals[name]}" if name in intervals else ""
        print(f"{name:>{width}}  {_cell(value)}{interval}")


def _print_rows(rows: "Sequence[Mapping[str, float | None]]") -> None:
    """Print a table whose columns have the same names in every row."""
    print(*(f"{name:>{_wide(name)}}" for name in rows[0]))
    for row in rows:
        print(*(f"{_cell(value):>{_wide(name)}}" for name, value in row.items()))


def _wide(name: str) -> int:
    return max(6, len(name))


def _cell(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SupportbotError(message) from error
