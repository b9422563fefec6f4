"""The models that a community has tuned: which there are, which serves, and what each is worth."""

import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from supportbot.domain.knowledge.decision import Calibration
from supportbot.errors import SupportbotError
from supportbot.retrieval.models import ModelRecord

_FOLDER = "models"
_SERVING = "serving"
"""File with the names of the models that served, a line each; the last one does now."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measure before and after, over the same questions, and where the difference lies."""

    measure: str
    before: float
    after: float
    low: float
    """Of the difference, in 95 % of the draws."""
    high: float
    questions: int

    @property
    def is_better(self) -> bool:
        """Whether it is better by more than chance."""
        return self.low > 0

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"{self.measure} {self.before:.3f} before, {self.after:.3f} after: "
            f"{self.after - self.before:+.3f} ({self.low:+.3f} to {self.high:+.3f}) "
            f"on {self.questions} later questions"
        )


@dataclass(frozen=True, slots=True)
class TunedModel:
    """A tuned model's record, which stands beside its folder."""

    name: str
    base: str
    """Name of the model from which it was tuned."""
    base_sha256: str
    sha256: str
    made_at: datetime
    source: str
    """Whose questions: `community`, or a pack's name."""
    tuning_questions: int
    triplets: int
    calibration_questions: int
    until: datetime | None
    """When the latest question was asked that it was tuned on."""
    comparison: Comparison
    calibration: Calibration | None
    """None where there was too little to fit one on; then it cannot serve."""
    kept_precision: float | None
    """Share of right answers on the report's questions, from the answer threshold on."""
    kept_answers: int
    minutes: float
    steps: int
    planned_steps: int
    peak_megabytes: int

    @property
    def only_suggests(self) -> bool:
        """Whether no threshold for answers could be fitted."""
        return self.calibration is not None and self.calibration.only_suggests


_RECORD = TypeAdapter(TunedModel)


def folder_of(home: Path, name: str) -> Path:
    """Return the folder of a tuned model's weights."""
    return home / _FOLDER / name


def keep(home: Path, model: TunedModel) -> None:
    """Write a model's record beside its folder."""
    _replace(_record_path(home, model.name), _RECORD.dump_json(model, indent=2).decode())


def tuned_models(home: Path) -> list[TunedModel]:
    """Read the records of all tuned models, oldest first."""
    found = (read(home, path.stem) for path in (home / _FOLDER).glob("*.json"))
    return sorted(found, key=lambda model: (model.made_at, model.name))


def read(home: Path, name: str) -> TunedModel:
    """Read a model's record.

    Raises:
        SupportbotError: It is missing or broken.
    """
    path = _record_path(home, name)
    try:
        return _RECORD.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        message = (
            f"The record {path} of the tuned model that serves is missing or broken. Go back to "
            "the one before: supportbot model rollback"
        )
        raise SupportbotError(message) from error


def serving(home: Path) -> TunedModel | None:
    """Return the tuned model that serves; None when it is that of the settings.

    Raises:
        SupportbotError: Its record is missing or broken.
    """
    names = _names(home)
    return read(home, names[-1]) if names else None


def serving_name(home: Path) -> str:
    """Name the tuned model that serves; empty when it is that of the settings."""
    return next(reversed(_names(home)), "")


def as_json(model: TunedModel) -> dict[str, object]:
    """Return a record under the names that scripts rely on."""
    told: dict[str, object] = _RECORD.dump_python(model, mode="json")
    return told


def serve(home: Path, name: str) -> list[str]:
    """Let a tuned model serve from the next start on; only the one before can be gone back to.

    Returns:
        Names of the models that are gone: all but this one and the one before.
    """
    *older, before = _names(home) or [""]
    _write_names(home, [one for one in (before, name) if one])
    for gone in older:
        remove(home, gone)
    return older


def roll_back(home: Path) -> str:
    """Let the model serve that did before; gives the name of the one that no longer does.

    Raises:
        SupportbotError: None of the community's own serves.
    """
    names = _names(home)
    if not names:
        message = "The model of the settings serves; there is nothing to go back to."
        raise SupportbotError(message)
    _write_names(home, names[:-1])
    return names[-1]


def remove(home: Path, name: str) -> None:
    """Remove a model's weights and record."""
    shutil.rmtree(folder_of(home, name), ignore_errors=True)
    _record_path(home, name).unlink(missing_ok=True)


def record_of(base: ModelRecord, name: str, sha256: str, folder: Path) -> ModelRecord:
    """Return what the embedder needs to know of a tuned model; it shares all but its weights."""
    return replace(base, name=name, revision="", sha256=sha256, package="", folder=folder)


def _record_path(home: Path, name: str) -> Path:
    return home / _FOLDER / f"{name}.json"


def _names(home: Path) -> list[str]:
    try:
        return (home / _FOLDER / _SERVING).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []


def _write_names(home: Path, names: list[str]) -> None:
    _replace(home / _FOLDER / _SERVING, "".join(f"{name}\n" for name in names))


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
