"""The embedding model: sentence-transformers behind the `Embedder` port."""

import importlib.util
import math
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from supportbot.errors import SupportbotError
from supportbot.ports import Vectors
from supportbot.retrieval.models import ModelRecord, find_folder, weights_are_right, weights_sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["auto", "float32", "bfloat16"]
QuestionPrecision = Literal["auto", "int8", "same"]

_BATCH = 16


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded when it is first needed.

    Importing the library takes seconds: `load` in a thread while other things start.
    """

    def __init__(
        self,
        record: ModelRecord,
        *,
        precision: Precision = "auto",
        question_precision: QuestionPrecision = "auto",
    ) -> None:
        """Check the weights; nothing heavy is imported yet.

        Args:
            record: The model.
            precision: What documents are embedded in.
            question_precision: What questions are embedded in, one by one.

        Raises:
            SupportbotError: The record names a folder with other weights.
        """
        self._record = record
        self.precision: Precision = precision
        self.question_precision: QuestionPrecision = question_precision
        self._folder = find_folder(record)
        self._loading = threading.Lock()
        self._loaded: SentenceTransformer | None = None
        self._for_questions: SentenceTransformer | None = None
        self.model = record.name
        self.is_multilingual = record.is_multilingual
        self._dimension = record.dimension
        sha256 = record.sha256 or (weights_sha256(self._folder) if self._folder else "")
        version = sha256[:12] or record.revision or "unknown"
        self.key = f"{record.name}@{version}/{record.max_tokens}{record.document_prefix}"

    @property
    def dimension(self) -> int:
        """Return the numbers in a vector; a model whose record does not say is asked."""
        if not self._dimension:
            self.load()
        return self._dimension

    def load(self) -> "SentenceTransformer":
        """Import the library and read the weights, once.

        Raises:
            SupportbotError: The weights are nowhere to be had, or others than recorded.
        """
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in batches of like length, each different text once."""
        model = self.load()
        unique = list(dict.fromkeys(self._record.document_prefix + text for text in texts))
        rows = {text: row for row, text in enumerate(unique)}
        vectors = self._encode(model, unique, threads=os.cpu_count() or 1)
        return vectors[[rows[self._record.document_prefix + text] for text in texts]]

    def embed_question(self, text: str) -> Vectors:
        """Embed one question."""
        # On a busy machine two threads wait for each other far longer than one works.
        model = self._load_for_questions()
        return self._encode(model, [self._record.query_prefix + text], threads=1)

    def _load_for_questions(self) -> "SentenceTransformer":
        model = self.load()
        from supportbot.retrieval import quantised  # noqa: PLC0415 - imports torch

        with self._loading:
            if self._for_questions is None:
                self.question_precision = _chosen_for_questions(
                    self.question_precision,
                    is_exact=self.precision == "float32",
                    is_worth_it=self._record.is_as_good_in_bytes and quantised.is_fast(),
                )
                in_bytes = self.question_precision == "int8"
                self._for_questions = quantised.quantised(model) if in_bytes else model
            return self._for_questions

    def _encode(self, model: "SentenceTransformer", texts: list[str], *, threads: int) -> Vectors:
        import torch  # noqa: PLC0415 - imported already, with the model

        if not texts:
            return np.empty((0, self.dimension), np.float32)
        torch.set_num_threads(threads)
        vectors = model.encode(
            texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return _of_length_one(np.asarray(vectors, np.float32))

    def _load(self) -> "SentenceTransformer":
        prepare_libraries(offline=self._folder is not None)
        import torch  # noqa: PLC0415 - takes seconds, and most commands need no model
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - the same

        folder = self._folder or _fetch(self._record)
        _check_modules(folder)
        has_amx = torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - there is no public name
        self.precision = _chosen(self.precision, amx=has_amx)
        try:
            model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True, "dtype": getattr(torch, self.precision)},
            )
        except Exception as error:  # whatever the libraries make of a broken folder
            raise SupportbotError(_why_unreadable(folder, error)) from error
        _check_tokenizer(folder, model.tokenizer)
        read_at_most(model, self._record.max_tokens)
        found = model.get_embedding_dimension() or 0
        if self._dimension not in {0, found}:
            message = (
                f"The model {self.model} gives vectors of {found} numbers, its record says "
                f"{self._dimension}. Fix [model] dimension in the settings."
            )
            raise SupportbotError(message)
        self._dimension = found
        return model


def prepare_libraries(*, offline: bool) -> None:
    """Set what OpenMP and the hub client read when they are imported, and only then."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import transformers  # noqa: PLC0415 - takes seconds, and most commands need no model

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it has no types


def reason_of(error: Exception) -> str:
    """Say in half a sentence what a library found wrong."""
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def read_at_most(model: "SentenceTransformer", tokens: int) -> None:
    """Let a model read so many word pieces of a text, and no more than its own longest input.

    Static models and bags of words read texts of any length, and cannot be told otherwise.
    """
    own = model.max_seq_length
    if own is not None and own != math.inf:
        model.max_seq_length = min(own, tokens)


def _chosen(precision: Precision, *, amx: bool) -> Literal["float32", "bfloat16"]:
    """Take bfloat16 where the processor has AMX tiles: twice as fast there, a fifth elsewhere."""
    if precision == "auto":
        return "bfloat16" if amx else "float32"
    return precision


def _chosen_for_questions(
    precision: QuestionPrecision, *, is_exact: bool, is_worth_it: bool
) -> Literal["int8", "same"]:
    """Take bytes where they are quicker and find as much, unless documents are in bfloat16."""
    if precision == "auto":
        return "int8" if is_exact and is_worth_it else "same"
    return precision


def _of_length_one(vectors: Vectors) -> Vectors:
    """Return a text of which a static model knows nothing a vector that is near to nothing else."""
    vectors[~vectors.any(axis=1)] = 1 / math.sqrt(vectors.shape[1])
    return vectors


def _check_modules(folder: Path) -> None:
    if not (folder / "modules.json").is_file():
        message = (
            f"The model folder {folder} has no modules.json, so it is not a model of "
            "sentence-transformers. Load it with that library and save it, or take another."
        )
        raise SupportbotError(message)


def _check_tokenizer(folder: Path, tokenizer: Any) -> None:
    """Refuse a tokenizer without words, which reads every text alike and fails at nothing."""
    words: Any = getattr(tokenizer, "get_vocab", dict)()
    if words and len(words) <= len(getattr(tokenizer, "all_special_tokens", ())):
        message = (
            f"The model folder {folder} has no tokenizer: no tokenizer.json, and none of the files "
            "that one could be made of. Fetch the whole model."
        )
        raise SupportbotError(message)


def _why_unreadable(folder: Path, error: Exception) -> str:
    if any(folder.rglob("*.model")) and importlib.util.find_spec("sentencepiece") is None:
        return (
            f"The model in {folder} has a tokenizer that needs a package which is not installed. "
            "Run: pip install sentencepiece protobuf. Or take a folder with a tokenizer.json."
        )
    return (
        f"The model in {folder} cannot be read: {reason_of(error)}. "
        "Fetch it again, or take another."
    )


def _fetch(record: ModelRecord) -> Path:
    """Fetch the model from the hub, at the recorded revision, and check its weights."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where it is fetched

    try:
        folder = Path(
            snapshot_download(
                record.name,
                revision=record.revision or None,
                allow_patterns=[
                    "*.json",
                    "*.txt",
                    "*.model",
                    "model.safetensors",
                    "*/model.safetensors",
                ],
            )
        )
    except Exception as error:  # the hub client raises errors of half a dozen libraries
        message = (
            f"The model {record.name} is not on this machine and could not be fetched "
            f"({type(error).__name__}). Connect to the network once, or set [model] name to a "
            "folder that holds it."
        )
        raise SupportbotError(message) from error
    if not weights_are_right(record, folder):
        message = f"The hub gave other weights for {record.name} than its record names."
        raise SupportbotError(message)
    return folder
