"""A cross-encoder behind the `Reranker` port: it reads question and passage together."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from supportbot.errors import SupportbotError
from supportbot.retrieval.embedder import prepare_libraries, reason_of

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH = 8


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers in a folder, loaded when it is first needed."""

    def __init__(self, folder: Path) -> None:
        """Look at the folder; nothing heavy is imported yet.

        Raises:
            SupportbotError: It holds no cross-encoder.
        """
        _check(folder)
        self._folder = folder
        self._loading = threading.Lock()
        self._loaded: CrossEncoder | None = None
        self.model = str(folder)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text fits a question, in the order given.

        Raises:
            SupportbotError: The folder cannot be read.
        """
        if not texts:
            return []
        model = self._load()
        import torch  # noqa: PLC0415 - imported already, with the model

        # As with a question's vector: two threads wait for each other on a busy machine.
        torch.set_num_threads(1)
        found = model.predict(
            [(question, text) for text in texts],
            batch_size=_BATCH,
            activation_fn=torch.nn.Identity(),
            show_progress_bar=False,
        )
        return [float(score) for score in found]

    def _load(self) -> "CrossEncoder":
        with self._loading:
            if self._loaded is None:
                self._loaded = self._read()
            return self._loaded

    def _read(self) -> "CrossEncoder":
        prepare_libraries(offline=True)
        import torch  # noqa: PLC0415 - takes seconds, and few have a second stage
        from sentence_transformers import CrossEncoder  # noqa: PLC0415 - the same

        try:
            model: CrossEncoder = CrossEncoder(
                str(self._folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            )
        except Exception as error:  # whatever the libraries make of a broken folder
            message = f"The cross-encoder in {self._folder} cannot be read: {reason_of(error)}."
            raise SupportbotError(message) from error
        return model


def _check(folder: Path) -> None:
    """Refuse what is no cross-encoder: one whose head is missing would give scores by chance."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
        kinds, labels = config.get("architectures") or [], config.get("id2label") or {"0": ""}
        problem = ""
        if not any(str(kind).endswith("ForSequenceClassification") for kind in kinds):
            problem = "its config.json names no model for sequence classification"
        elif len(labels) != 1:
            problem = f"it gives {len(labels)} numbers for a pair, and not one"
        elif not (folder / "model.safetensors").is_file():
            problem = "it has no model.safetensors, and only these are read"
    except (OSError, ValueError, AttributeError, TypeError):
        problem = "it has no config.json that can be read"
    if problem:
        message = (
            f"The folder {folder} holds no cross-encoder: {problem}. Fix [model] reranker in the "
            "settings."
        )
        raise SupportbotError(message)
