"""The embedding model: sentence-transformers behind the `Embedder` port."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from supportbot.errors import SupportbotError
from supportbot.ports import Vectors
from supportbot.retrieval.models import ModelRecord, find_folder, weights_are_right, weights_sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["auto", "float32", "bfloat16"]

_BATCH = 16


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded when it is first needed.

    Importing the library takes seconds: `load` in a thread while other things start.
    """

    def __init__(self, record: ModelRecord, *, precision: Precision = "auto") -> None:
        """Check the weights; nothing heavy is imported yet.

        Raises:
            SupportbotError: The record names a folder with other weights.
        """
        self._record = record
        self.precision: Precision = precision
        self._folder = find_folder(record)
        self._loading = threading.Lock()
        self._loaded: SentenceTransformer | None = None
        self.model = record.name
        self._dimension = record.dimension
        sha256 = record.sha256 or (weights_sha256(self._folder) if self._folder else "")
        version = sha256[:12] or record.revision or "unknown"
        self.key = f"{record.name}@{version}/{record.max_tokens}{record.document_prefix}"

    @property
    def dimension(self) -> int:
        """Give the numbers in a vector; a model whose record does not say is asked."""
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
        return self._encode(self.load(), [self._record.query_prefix + text], threads=1)

    def _encode(self, model: "SentenceTransformer", texts: list[str], *, threads: int) -> Vectors:
        import torch  # noqa: PLC0415 - imported already, with the model

        if not texts:
            return np.empty((0, self.dimension), np.float32)
        torch.set_num_threads(threads)
        vectors = model.encode(
            texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)

    def _load(self) -> "SentenceTransformer":
        # Read by OpenMP and by the hub client when they are imported, and only then.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        if self._folder is not None:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import torch  # noqa: PLC0415 - takes seconds, and most commands need no model
        import transformers  # noqa: PLC0415 - the same
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - the same

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it has no types
        folder = self._folder or _fetch(self._record)
        has_amx = torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - there is no public name
        self.precision = _chosen(self.precision, amx=has_amx)
        model = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={
                "use_safetensors": True,
                "dtype": getattr(torch, self.precision),
            },
        )
        model.max_seq_length = self._record.max_tokens
        found = model.get_embedding_dimension() or 0
        if self._dimension not in {0, found}:
            message = (
                f"The model {self.model} gives vectors of {found} numbers, its record says "
                f"{self._dimension}. Mend [model] dimension in the settings."
            )
            raise SupportbotError(message)
        self._dimension = found
        return model


def _chosen(precision: Precision, *, amx: bool) -> Literal["float32", "bfloat16"]:
    """Take bfloat16 where the processor has AMX tiles: twice as fast there, a fifth elsewhere."""
    if precision == "auto":
        return "bfloat16" if amx else "float32"
    return precision


def _fetch(record: ModelRecord) -> Path:
    """Fetch the model from the hub, at the recorded revision, and check its weights."""
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where it is fetched

    try:
        folder = Path(
            snapshot_download(
                record.name,
                revision=record.revision or None,
                allow_patterns=["*.json", "*.txt", "*.model", "model.safetensors"],
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
