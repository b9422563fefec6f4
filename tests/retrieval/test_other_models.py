"""Folders of sentence-transformers of every kind, made on the spot, and folders that are none."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    CNN,
    Dense,
    Normalize,
    Pooling,
    StaticEmbedding,
    Transformer,
    WordEmbeddings,
)
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertModel, BertTokenizer

from supportbot.errors import SupportbotError
from supportbot.ports import Embedder
from supportbot.retrieval.models import weights_sha256
from supportbot.retrieval.serving import build_embedder
from supportbot.settings import ModelSettings
from supportbot.testing import EmbedderContract

WORDS = [
    "how", "do", "i", "post", "an", "invoice", "posting", "where", "is", "the", "lunch", "menu",
    "a", "long", "text", "about", "taxes",
]  # fmt: skip
"""Of the texts that the contract embeds. Each is a word with a direction of its own."""
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(WORDS)]


def saved(modules: list[torch.nn.Module], folder: Path) -> Path:
    SentenceTransformer(modules=modules, device="cpu").save_pretrained(
        str(folder), create_model_card=False
    )
    return folder


def bert(folder: Path) -> Transformer:
    """Return a transformer of one layer with random weights, which reads 32 word pieces."""
    torch.manual_seed(0)
    source = folder / "source"
    source.mkdir(parents=True)
    (source / "vocab.txt").write_text("\n".join(VOCABULARY))
    BertTokenizer(vocab=str(source / "vocab.txt"), model_max_length=32).save_pretrained(source)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(source)
    made: Transformer = Transformer(str(source))
    return made


def static(folder: Path) -> Path:
    """Return a model of one vector a word."""
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token=WORDS[0]))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.eye(len(WORDS), dtype=np.float32)
    return saved([StaticEmbedding(tokenizer, embedding_weights=vectors)], folder)


def convolved(folder: Path) -> Path:
    """Return word vectors, convolved and pooled: all weights are in folders of modules."""
    torch.manual_seed(0)
    tokenizer = WhitespaceTokenizer(VOCABULARY, stop_words=set(), do_lower_case=True)
    vectors = torch.eye(len(VOCABULARY))
    vectors[0] = 0  # what fills up a shorter text is nothing
    words = WordEmbeddings(tokenizer, vectors, max_seq_length=64)
    return saved([words, CNN(len(VOCABULARY), 16, [1, 3]), Pooling(32)], folder)


def narrowed(folder: Path) -> Path:
    """Return a transformer whose pooled vectors are shortened by a module with its own weights."""
    return saved([bert(folder), Pooling(32), Dense(32, 8), Normalize()], folder / "whole")


@pytest.fixture
def transformer(tmp_path: Path) -> Path:
    return saved([bert(tmp_path), Pooling(32), Normalize()], tmp_path / "whole")


def opened(folder: Path) -> Embedder:
    return build_embedder(ModelSettings(name=str(folder), precision="float32"))


class TestStaticModel(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.folder = static(tmp_path / "static")

    def embedder(self) -> Embedder:
        return opened(self.folder)

    def test_a_text_of_which_it_knows_nothing_has_a_vector_of_length_one(self) -> None:
        vectors = self.embedder().embed_documents(["", "invoice"])

        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
        assert vectors[0] @ vectors[1] < 0.3


class TestConvolvedWords(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.folder = convolved(tmp_path / "convolved")

    def embedder(self) -> Embedder:
        return opened(self.folder)


def test_a_model_with_a_module_of_its_own_weights_is_kept_by_all_of_them(tmp_path: Path) -> None:
    folder = narrowed(tmp_path)

    embedder = opened(folder)

    assert embedder.dimension == 8
    assert embedder.key == f"{folder}@{weights_sha256(folder)[:12]}/256"
    assert (
        sorted(path.name for path in folder.glob("**/*.safetensors")) == ["model.safetensors"] * 2
    )


def test_a_text_longer_than_the_model_can_read_is_cut_to_that(transformer: Path) -> None:
    embedder = opened(transformer)

    long, cut = embedder.embed_documents(["invoice " * 300, "invoice " * 30])

    assert np.allclose(long, cut, atol=1e-5)


def test_a_folder_that_is_not_of_sentence_transformers_is_refused(transformer: Path) -> None:
    (transformer / "modules.json").unlink()

    with pytest.raises(SupportbotError, match=r"has no modules\.json, so it is not a model of"):
        opened(transformer).embed_question("invoice")


def test_a_model_without_a_tokenizer_is_refused(transformer: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (transformer / name).unlink()

    with pytest.raises(SupportbotError, match=r"has no tokenizer: no tokenizer\.json"):
        opened(transformer).embed_question("invoice")


def test_a_tokenizer_that_needs_a_package_says_which(transformer: Path) -> None:
    (transformer / "tokenizer.json").unlink()
    (transformer / "sentencepiece.bpe.model").write_bytes(b"pieces")
    (transformer / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "XLMRobertaTokenizer"})
    )

    with pytest.raises(SupportbotError, match="Run: pip install sentencepiece protobuf"):
        opened(transformer).embed_question("invoice")


def test_code_in_a_model_folder_is_not_run(transformer: Path) -> None:
    modules = json.loads((transformer / "modules.json").read_text())
    modules[0]["type"] = "custom.Transformer"
    (transformer / "modules.json").write_text(json.dumps(modules))
    (transformer / "custom.py").write_text("raise SystemExit('this ran')")

    with pytest.raises(SupportbotError, match=r"cannot be read: .* references the module class"):
        opened(transformer).embed_question("invoice")


def test_weights_that_were_cut_off_are_told(transformer: Path) -> None:
    weights = transformer / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])

    with pytest.raises(SupportbotError, match=r"cannot be read: .*Fetch it again, or take another"):
        opened(transformer).embed_question("invoice")
