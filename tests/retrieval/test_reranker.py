"""The second stage, with a cross-encoder that is made on the spot: random weights, one layer."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from supportbot.errors import SupportbotError
from supportbot.ports import Reranker
from supportbot.retrieval.reranker import CrossEncoderReranker
from supportbot.retrieval.serving import build_reranker
from supportbot.settings import ModelSettings
from supportbot.testing import OverlapReranker, RerankerContract

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "invoice", "post", "lunch", "ledger"]


def cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    import torch  # noqa: PLC0415
    from transformers import (  # noqa: PLC0415
        BertConfig,
        BertForSequenceClassification,
        BertTokenizer,
    )

    torch.manual_seed(0)
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizer(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    config.num_labels = labels
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("made") / "model")


class TestOverlap(RerankerContract):
    def reranker(self) -> Reranker:
        return OverlapReranker()


class TestCrossEncoder(RerankerContract):
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, folder: Path) -> None:
        self.folder = folder

    def reranker(self) -> Reranker:
        return CrossEncoderReranker(self.folder)

    def test_question_and_text_are_read_together(self) -> None:
        reranker = self.reranker()

        about_invoices = reranker.scores("post invoice", ["ledger", "lunch"])
        about_lunch = reranker.scores("lunch", ["ledger", "lunch"])

        assert about_invoices != about_lunch
        assert about_invoices[0] != about_invoices[1]


def test_the_settings_name_the_second_stage(folder: Path) -> None:
    reranker = build_reranker(ModelSettings(reranker=str(folder)))

    assert reranker is not None
    assert reranker.model == str(folder)


def test_there_is_no_second_stage_unless_one_is_named() -> None:
    assert build_reranker(ModelSettings()) is None


def test_making_a_second_stage_imports_nothing_heavy(folder: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from supportbot.retrieval.reranker import CrossEncoderReranker
CrossEncoderReranker(Path({str(folder)!r}))
print(sorted({{"torch", "transformers", "sentence_transformers"}} & sys.modules.keys()))
"""

    printed = subprocess.run(  # noqa: S603 - this very Python, and the code above
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert printed == "[]\n"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        CrossEncoderReranker(tmp_path / "gone")

    assert str(refusal.value) == (
        f"The folder {tmp_path}/gone holds no cross-encoder: it has no config.json that can be "
        "read. Fix [model] reranker in the settings."
    )


def test_an_embedding_model_is_no_second_stage(tmp_path: Path) -> None:
    # Its head would be made of random numbers, and fail at nothing.
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')

    with pytest.raises(SupportbotError, match="names no model for sequence classification"):
        CrossEncoderReranker(tmp_path)


def test_a_model_that_gives_several_numbers_for_a_pair_is_refused(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "three", labels=3)

    with pytest.raises(SupportbotError, match="it gives 3 numbers for a pair, and not one"):
        CrossEncoderReranker(folder)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        '{"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}'
    )
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle")

    with pytest.raises(SupportbotError, match=r"it has no model\.safetensors"):
        CrossEncoderReranker(tmp_path)


def test_a_broken_folder_is_told_when_it_is_read(tmp_path: Path) -> None:
    folder = cross_encoder(tmp_path / "broken")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "nothing known"}))

    with pytest.raises(SupportbotError, match=r"The cross-encoder in .*broken cannot be read: "):
        CrossEncoderReranker(folder).scores("post", ["invoice"])
