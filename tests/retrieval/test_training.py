"""The training itself, with a model that is made on the spot: random weights, two layers."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from supportbot.domain.knowledge.training_pairs import Triplet
from supportbot.errors import SupportbotError
from supportbot.retrieval import training
from supportbot.retrieval.embedder import SentenceTransformerEmbedder
from supportbot.retrieval.models import MINILM, ModelRecord, weights_sha256
from supportbot.retrieval.training import check_can_train, train
from supportbot.retrieval.tuned import record_of

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{number}" for number in range(80))]
TRIPLETS = [Triplet(f"w{n}", f"w{n + 20}", f"w{n + 40}") for n in range(20)] * 4


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> ModelRecord:
    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import (  # noqa: PLC0415
        Normalize,
        Pooling,
        Transformer,
    )
    from transformers import BertConfig, BertModel, BertTokenizer  # noqa: PLC0415

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("base")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    model = SentenceTransformer(modules=[Transformer(str(folder)), Pooling(32), Normalize()])
    whole = folder / "whole"
    model.save_pretrained(str(whole), create_model_card=False)
    return ModelRecord(str(whole), "", 32, "", "", 32, "", weights_sha256(whole))


@pytest.mark.slow
def test_what_was_trained_brings_questions_nearer_to_what_is_right(
    base: ModelRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "LEARNING_RATE", 1e-3)
    folder = tmp_path / "tuned"
    steps: list[tuple[int, int]] = []

    done = train(
        base,
        TRIPLETS,
        folder,
        longest=timedelta(minutes=5),
        epochs=20,
        on_step=lambda step, planned: steps.append((step, planned)),
    )

    assert done.steps == done.planned == len(steps)
    assert done.sha256 == weights_sha256(folder) != base.sha256
    after = SentenceTransformerEmbedder(record_of(base, "tuned", done.sha256, folder))
    before = SentenceTransformerEmbedder(base)
    assert _margin(after) > _margin(before) + 0.01


@pytest.mark.slow
def test_training_stops_when_its_time_is_over(base: ModelRecord, tmp_path: Path) -> None:
    done = train(base, TRIPLETS, tmp_path / "tuned", longest=timedelta(0), epochs=20)

    assert done.steps == 1
    assert done.planned == 60


def test_where_a_library_is_missing_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(SupportbotError, match=r"peer-supportbot\[tune\]"):
        check_can_train(MINILM)


def test_a_batch_is_cut_for_the_memory() -> None:
    assert training.BATCH > training._AT_ONCE


def _margin(embedder: SentenceTransformerEmbedder) -> float:
    questions, right, wrong = (
        embedder.embed_documents([getattr(one, name) for one in TRIPLETS])
        for name in ("question", "right", "wrong")
    )
    return float(np.mean(np.sum(questions * (right - wrong), axis=1)))
