"""Fine-tuning an embedding model on the CPU, in bounded time and memory."""

import importlib.util
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supportbot.domain.knowledge.training_pairs import Triplet
from supportbot.errors import SupportbotError
from supportbot.retrieval.embedder import SentenceTransformerEmbedder, read_at_most
from supportbot.retrieval.models import UNIVERSAL, ModelRecord, weights_sha256

if TYPE_CHECKING:
    from transformers import (
        TrainerCallback,
        TrainerControl,
        TrainerState,
        TrainingArguments,
    )

BATCH = 32
LONGEST = 128
"""Word pieces of a text that are learned from; what is embedded later may be longer."""
LEARNING_RATE = 2e-5
WARM_UP = 0.1
_AT_ONCE = 16
"""Texts that are held in memory with all that leads to their vectors; the batch is cut so."""
_NEEDED = ("accelerate", "datasets")


@dataclass(frozen=True, slots=True)
class Training:
    """What came of a training: the weights, and how far it got."""

    sha256: str
    steps: int
    planned: int
    """Steps that there would have been, had there been time."""
    took: timedelta


def check_can_train(base: ModelRecord) -> None:
    """Refuse early what cannot be trained, and where the trainer's libraries are missing.

    Raises:
        SupportbotError: It says what to take, or to install.
    """
    if base.name == UNIVERSAL.name:
        message = (
            f"The model {base.name} cannot be tuned, since it is none of sentence-transformers. "
            "Take one of these in [model] name, or leave it out."
        )
        raise SupportbotError(message)
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        message = (
            f"Tuning needs {' and '.join(missing)}, which serving does not. "
            'Install: pip install "peer-supportbot[tune]"'
        )
        raise SupportbotError(message)


def train(  # noqa: PLR0913 - each changes what comes out
    record: ModelRecord,
    triplets: Sequence[Triplet],
    folder: Path,
    *,
    longest: timedelta,
    epochs: int = 1,
    seed: int = 0,
    threads: int = 1,
    on_step: Callable[[int, int], None] = lambda _done, _all: None,
) -> Training:
    """Tune a model on triplets, and write it into a folder that is not there yet.

    Each question is to be nearer to its right text than to the wrong ones of its batch.

    Source: Henderson et al. 2017, "Efficient natural language response suggestion for Smart
    Reply" (arXiv 1705.00652), section 4.4: the other answers of a batch are the wrong ones.

    Args:
        record: The model to begin with.
        triplets: What is learned from.
        folder: Where it goes.
        longest: After which no further step is begun.
        epochs: How often each triplet is seen.
        seed: Of the order, and of what the model drops.
        threads: How many the processor gives.
        on_step: Told how many of how many steps are done.

    Raises:
        SupportbotError: A library is missing, or the weights are nowhere to be had.
    """
    check_can_train(record)
    _stay_offline()
    started = time.monotonic()
    model = SentenceTransformerEmbedder(record, precision="float32").load()

    import torch  # noqa: PLC0415 - imported already, with the model
    from datasets import Dataset  # noqa: PLC0415 - there only for tuning
    from datasets.table import InMemoryTable  # noqa: PLC0415 - the same
    from sentence_transformers import (  # noqa: PLC0415 - imported already
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import (  # noqa: PLC0415 - the same
        CachedMultipleNegativesRankingLoss,
    )
    from transformers import PrinterCallback  # noqa: PLC0415 - the same

    torch.set_num_threads(threads)
    own = model.max_seq_length
    read_at_most(model, LONGEST)
    rows: dict[str, list[str]] = {
        "question": [record.query_prefix + one.question for one in triplets],
        "right": [record.document_prefix + one.right for one in triplets],
        "wrong": [record.document_prefix + one.wrong for one in triplets],
    }
    planned = epochs * -(-len(triplets) // BATCH)
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        num_train_epochs=epochs,
        per_device_train_batch_size=BATCH,
        learning_rate=LEARNING_RATE,
        warmup_steps=round(WARM_UP * planned),
        # Two questions of one document in a batch would make a right text a wrong one.
        batch_sampler="no_duplicates",
        seed=seed,
        use_cpu=True,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )

    class Trainer(SentenceTransformerTrainer):
        """Writes no page about the model, for which it would read and quote the questions."""

        def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
            pass

    clock = _clock(started + longest.total_seconds(), on_step)
    trainer = Trainer(
        model=model,
        args=arguments,
        # Its own fingerprint pickles the table's types, which fails with pyarrow 26.
        train_dataset=Dataset(InMemoryTable.from_pydict(rows), fingerprint="triplets"),
        loss=CachedMultipleNegativesRankingLoss(model, mini_batch_size=_AT_ONCE),
        callbacks=[clock],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    if model.max_seq_length != own:
        model.max_seq_length = own
    model.save_pretrained(str(folder), create_model_card=False)
    return Training(
        weights_sha256(folder),
        steps=trainer.state.global_step,
        planned=trainer.state.max_steps,
        took=timedelta(seconds=time.monotonic() - started),
    )


def _clock(end: float, on_step: Callable[[int, int], None]) -> "TrainerCallback":
    """Make what stops the training when its time is over, and says how far it is."""
    from transformers import TrainerCallback  # noqa: PLC0415 - imported already

    class Clock(TrainerCallback):
        def on_step_end(
            self,
            args: "TrainingArguments",  # noqa: ARG002 - as it is called
            state: "TrainerState",
            control: "TrainerControl",
            **kwargs: Any,  # noqa: ARG002 - the same
        ) -> None:
            on_step(state.global_step, state.max_steps)
            if time.monotonic() >= end:
                control.should_training_stop = True

    return Clock()


def _stay_offline() -> None:
    # Read by the hub client and by the libraries around it when they are imported.
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")
