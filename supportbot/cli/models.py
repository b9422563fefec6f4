"""Commands about the community's own embedding model."""

import json
import os
import tempfile
from contextlib import closing, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supportbot.cli.session import Json, OtherModel, SettingsFile, progress
from supportbot.errors import SupportbotError

if TYPE_CHECKING:
    from supportbot.retrieval.tuned import TunedModel

_NICENESS = 10
"""A bot that runs beside the tuning comes first."""


def tune(  # noqa: PLR0913 - each is a choice of the command line
    *,
    minutes: Annotated[
        float, typer.Option(help="After which no further step is trained.", min=0.1)
    ] = 30.0,
    epochs: Annotated[int, typer.Option(help="How often each pair is seen.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Of the training.", min=0)] = 0,
    threads: Annotated[
        int, typer.Option(help="Of the training; 0: all processors but one.", min=0)
    ] = 0,
    suggest_only: Annotated[
        bool,
        typer.Option("--suggest-only", help="Take a better model that can only suggest, too."),
    ] = False,
    pack: Annotated[
        Path | None, typer.Option(help="Measure on a BEIR folder instead; it will not serve.")
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="With --pack: whose questions are tuned on.")
    ] = None,
    judge: Annotated[
        str | None, typer.Option(help="With --pack: the split that is judged on.")
    ] = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Tune the model on the community's own solved questions, and keep it if that helped."""
    from supportbot.evaluation import tuning
    from supportbot.retrieval import training, tuned
    from supportbot.retrieval.serving import (
        build_embedder,
        build_serving,
        embedder_of,
        model_record,
    )
    from supportbot.runtime.build import DATABASE_NAME, SystemClock
    from supportbot.settings import find_home, read_settings
    from supportbot.store.engine.sqlite import Database

    if (split or judge) and pack is None:
        message = "--split and --judge are for packs: name one with --pack."
        raise SupportbotError(message)
    choices, home = read_settings(settings), find_home()
    base = model_record(choices.model)
    training.check_can_train(base)
    with suppress(AttributeError, OSError):  # there is none on Windows
        os.nice(_NICENESS)
    work = partial(
        tuning.tune,
        home=home,
        base=base,
        train=lambda triplets, folder, show: training.train(
            base,
            triplets,
            folder,
            longest=timedelta(minutes=minutes),
            epochs=epochs,
            seed=seed,
            threads=threads or max(1, (os.cpu_count() or 1) - 1),
            on_step=show,
        ),
        build=partial(embedder_of, choices.model),
        now=SystemClock().now(),
        shows=progress,
    )
    if pack is not None:
        path = home / "cache" / f"{pack.resolve().name}.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        material = tuning.pack_material(pack, split or ["train"], judge, path)
        model = work(material, serving=build_embedder(choices.model))
        _print_model(model, as_json=as_json, verdict="It was measured, and does not serve.")
        return
    with (
        tempfile.TemporaryDirectory(dir=home, prefix="tuning-") as folder,
        closing(Database(home / DATABASE_NAME, choices.community)) as database,
    ):
        copy = Path(folder) / DATABASE_NAME
        material = tuning.community_material(database, copy)
        model = work(material, serving=build_serving(choices, home)[0])
        against = tuning.reason_against(model, may_only_suggest=suggest_only)
        if against:
            tuned.remove(home, model.name)
            _print_model(model, as_json=as_json, verdict=f"Thrown away. {against}")
            return
        record = tuned.record_of(base, model.name, model.sha256, tuned.folder_of(home, model.name))
        embedder = embedder_of(choices.model, record)
        gone = tuned.serve(home, model.name)
        tuning.take_over(database, copy, embedder, gone)
    _print_model(
        model,
        as_json=as_json,
        verdict="Kept: it serves from the next start of the bot on. To go back: supportbot model "
        "rollback",
    )


def fit(  # noqa: PLR0913 - the contract of the command line
    pack: Annotated[Path, typer.Argument(help="Folder in BEIR's layout.")],
    *,
    split: Annotated[
        list[str], typer.Option(help="What is fitted on; several times, if you like.")
    ],
    judge: Annotated[
        list[str] | None, typer.Option(help="What is only reported: another split.")
    ] = None,
    model: OtherModel = None,
    as_json: Json = False,
    settings: SettingsFile = None,
) -> None:
    """Fit a calibration for an embedding model, as lines for the settings."""
    from supportbot.evaluation.fitting import fit_on_pack
    from supportbot.evaluation.packs import COMMUNITY_ID
    from supportbot.runtime.build import build_search
    from supportbot.settings import find_home, read_settings

    cache = find_home() / "cache" / f"{pack.resolve().name}.db"
    with (
        closing(build_search(read_settings(settings), cache, COMMUNITY_ID, model=model)) as search,
        progress("passages embedded") as embedded,
        progress("questions asked") as asked,
    ):
        fitted = fit_on_pack(search, pack, split, judge or [], on_embedded=embedded, on_asked=asked)
    print(json.dumps(fitted.as_json(), indent=2) if as_json else fitted.as_settings().rstrip())


def listed(*, as_json: Json = False, settings: SettingsFile = None) -> None:
    """List the models that were tuned, what each is worth, and which one serves."""
    from supportbot.retrieval import tuned
    from supportbot.settings import find_home, read_settings

    home = find_home()
    models, serving = tuned.tuned_models(home), tuned.serving_name(home)
    if as_json:
        print(
            json.dumps(
                {"serving": serving, "models": [tuned.as_json(model) for model in models]}, indent=2
            )
        )
        return
    base = read_settings(settings).model.name
    print(f"{'*' if not serving else ' '} {base}  of the settings")
    for model in models:
        print(f"{'*' if model.name == serving else ' '} {model.name}  {_in_a_line(model)}")


def rollback() -> None:
    """Let the model serve that did before."""
    from supportbot.retrieval import tuned
    from supportbot.settings import find_home

    home = find_home()
    gone = tuned.roll_back(home)
    back = tuned.serving_name(home) or "the model of the settings"
    print(
        f"{gone} serves no more: from the next start of the bot, or supportbot sync, on it is "
        f"{back}. What was learned meanwhile is embedded then."
    )


def _print_model(model: "TunedModel", *, as_json: bool, verdict: str) -> None:
    from supportbot.retrieval import tuned

    if as_json:
        print(json.dumps({**tuned.as_json(model), "verdict": verdict}, indent=2))
        return
    print(f"{model.name}: {model.comparison}.")
    print(
        f"Tuned on {model.tuning_questions:,} questions ({model.triplets:,} triplets) in "
        f"{model.minutes:.1f} minutes, {model.steps} of {model.planned_steps} steps, with up to "
        f"{model.peak_megabytes:,} MB of memory."
    )
    print(_promise(model))
    print(verdict)


def _promise(model: "TunedModel") -> str:
    if model.calibration is None or model.only_suggests:
        return f"On {model.calibration_questions} questions no threshold for answers was found."
    kept = "nothing" if model.kept_precision is None else f"{model.kept_precision:.2f}"
    return (
        f"Answers from {model.calibration.answer_threshold:.3f}, fitted on "
        f"{model.calibration_questions} questions: promised 0.90, kept {kept} of "
        f"{model.kept_answers} answers to the later ones."
    )


def _in_a_line(model: "TunedModel") -> str:
    suggests = ", only suggests" if model.only_suggests else ""
    return f"{model.made_at:%Y-%m-%d}, {model.source}: {model.comparison}{suggests}"
