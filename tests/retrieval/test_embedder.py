import functools
import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest

from supportbot.errors import SupportbotError
from supportbot.ports import Embedder
from supportbot.retrieval.embedder import (
    SentenceTransformerEmbedder,
    _chosen,
    _chosen_for_questions,
    _fetch,
)
from supportbot.retrieval.models import MINILM, ModelRecord
from supportbot.testing import EmbedderContract, HashingEmbedder

REMOTE = ModelRecord("somebody/some-model", "abc123", 384, "", "", 256, "MIT", "")


@functools.cache
def default_model() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(MINILM)


@functools.cache
def exact_model() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(MINILM, question_precision="same")


class TestHashingEmbedder(EmbedderContract):
    def embedder(self) -> Embedder:
        return HashingEmbedder()

    def test_it_remembers_what_it_embedded(self) -> None:
        embedder = HashingEmbedder()

        embedder.embed_documents(["one", "two"])
        embedder.embed_question("three")

        assert embedder.embedded == ["one", "two"]


@pytest.mark.real_model
class TestDefaultModel(EmbedderContract):
    def embedder(self) -> Embedder:
        return default_model()

    def test_equal_texts_have_equal_vectors_as_question_and_as_document(self) -> None:
        (document,) = default_model().embed_documents(["How do I restore?"])

        (question,) = exact_model().embed_question("How do I restore?")

        assert np.allclose(document, question, atol=1e-2)

    def test_texts_without_a_word_in_common_are_near_when_they_mean_the_same(self) -> None:
        embedder = default_model()
        others = embedder.embed_documents(["Recover deleted files", "The weather in spring"])

        near, far = others @ embedder.embed_question("How can I undo a removal of data?")[0]

        assert near > far + 0.2

    def test_it_says_in_which_precision_it_computes(self) -> None:
        default_model().load()

        assert default_model().precision in {"float32", "bfloat16"}

    def test_it_is_loaded_once(self) -> None:
        assert default_model().load() is default_model().load()

    def test_a_record_with_another_dimension_is_refused(self) -> None:
        embedder = SentenceTransformerEmbedder(replace(MINILM, dimension=5))

        with pytest.raises(SupportbotError) as refusal:
            embedder.load()

        assert str(refusal.value) == (
            "The model sentence-transformers/all-MiniLM-L6-v2 gives vectors of 384 numbers, "
            "its record says 5. Fix [model] dimension in the settings."
        )

    def test_a_record_without_a_dimension_asks_the_model(self) -> None:
        record = replace(MINILM, dimension=0, query_prefix="query: ", document_prefix="text: ")
        embedder = SentenceTransformerEmbedder(record, precision="float32")

        assert embedder.dimension == 384

    def test_prefixes_are_put_before_questions_and_documents(self) -> None:
        record = replace(MINILM, query_prefix="query: ", document_prefix="text: ")
        prefixed = SentenceTransformerEmbedder(record, question_precision="same")

        question = prefixed.embed_question("restore")
        document = prefixed.embed_documents(["restore"])

        assert np.allclose(question, exact_model().embed_question("query: restore"), atol=1e-3)
        assert np.allclose(document, exact_model().embed_question("text: restore"), atol=1e-3)

    def test_a_question_in_bytes_is_all_but_the_same_and_documents_are_exact(self) -> None:
        texts = ["How do I post an invoice?", "x", "VAT " * 300, "The bot sees no messages. Why?"]
        in_bytes, exact = (
            SentenceTransformerEmbedder(MINILM, precision="float32", question_precision=one)
            for one in ("int8", "same")
        )

        questions = np.concatenate([in_bytes.embed_question(text) for text in texts])
        exactly = np.concatenate([exact.embed_question(text) for text in texts])

        assert (np.sum(questions * exactly, axis=1) > 0.99).all()
        assert not np.array_equal(questions, exactly)
        assert np.array_equal(in_bytes.embed_documents(texts), exact.embed_documents(texts))

    def test_it_says_in_what_questions_are_embedded(self) -> None:
        default_model().embed_question("How do I restore?")

        assert default_model().question_precision in {"int8", "same"}


def test_making_an_embedder_imports_nothing_heavy() -> None:
    code = """
import sys
from supportbot.retrieval.embedder import SentenceTransformerEmbedder
from supportbot.retrieval.models import MINILM
embedder = SentenceTransformerEmbedder(MINILM)
assert embedder.dimension == 384
print(sorted({"torch", "transformers", "sentence_transformers"} & sys.modules.keys()))
"""

    printed = subprocess.run(  # noqa: S603 - this very Python, and the code above
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert printed == "[]\n"


def test_vectors_are_kept_by_model_weights_and_longest_input() -> None:
    embedder = SentenceTransformerEmbedder(MINILM)

    assert embedder.model == "sentence-transformers/all-MiniLM-L6-v2"
    assert embedder.key == "sentence-transformers/all-MiniLM-L6-v2@53aa51172d14/256"


def test_a_record_says_whether_a_model_reads_several_languages() -> None:
    assert SentenceTransformerEmbedder(replace(REMOTE, is_multilingual=True)).is_multilingual
    assert not SentenceTransformerEmbedder(REMOTE).is_multilingual


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (REMOTE, "somebody/some-model@abc123/256"),
        (replace(REMOTE, revision=""), "somebody/some-model@unknown/256"),
        (replace(REMOTE, document_prefix="text: "), "somebody/some-model@abc123/256text: "),
        (replace(REMOTE, sha256="12" * 32, max_tokens=9), "somebody/some-model@121212121212/9"),
    ],
)
def test_vectors_of_another_way_to_embed_are_kept_apart(record: ModelRecord, key: str) -> None:
    assert SentenceTransformerEmbedder(record).key == key


def test_vectors_of_a_folder_are_kept_by_the_weights_that_are_in_it(tmp_path: Path) -> None:
    # printf 'weights' | sha256sum
    (tmp_path / "model.safetensors").write_bytes(b"weights")

    embedder = SentenceTransformerEmbedder(replace(REMOTE, name=str(tmp_path)))

    assert embedder.key == f"{tmp_path}@9a129038d9a0/256"


def test_a_folder_with_other_weights_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    record = replace(REMOTE, name=str(tmp_path), sha256="0" * 64)

    with pytest.raises(SupportbotError, match="has the wrong weights"):
        SentenceTransformerEmbedder(record)


def test_the_faster_precision_is_taken_where_the_processor_has_tiles_for_it() -> None:
    assert _chosen("auto", amx=True) == "bfloat16"
    assert _chosen("auto", amx=False) == "float32"


def test_a_chosen_precision_is_taken_on_any_processor() -> None:
    assert _chosen("float32", amx=True) == "float32"
    assert _chosen("bfloat16", amx=False) == "bfloat16"


@pytest.mark.parametrize(
    ("is_exact", "is_worth_it", "chosen"),
    [(True, True, "int8"), (True, False, "same"), (False, True, "same")],
    ids=["quicker and as good", "slower or not measured", "documents in bfloat16"],
)
def test_questions_are_embedded_in_bytes_where_that_is_worth_it(
    chosen: str, *, is_exact: bool, is_worth_it: bool
) -> None:
    assert _chosen_for_questions("auto", is_exact=is_exact, is_worth_it=is_worth_it) == chosen
    assert _chosen_for_questions("int8", is_exact=is_exact, is_worth_it=is_worth_it) == "int8"
    assert _chosen_for_questions("same", is_exact=is_exact, is_worth_it=is_worth_it) == "same"


def test_a_model_is_fetched_at_the_recorded_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(name: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        folder = tmp_path / name.replace("/", "--") / str(revision)
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(" ".join(allow_patterns).encode())
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)

    folder = _fetch(REMOTE)

    assert folder == tmp_path / "somebody--some-model" / "abc123"
    patterns = (folder / "model.safetensors").read_text(encoding="utf-8").split()
    assert patterns == [
        "*.json", "*.txt", "*.model", "model.safetensors", "*/model.safetensors",
    ]  # fmt: skip


def test_a_model_that_cannot_be_fetched_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(_name: str, **_options: object) -> str:
        raise ConnectionError

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)

    with pytest.raises(SupportbotError) as refusal:
        SentenceTransformerEmbedder(REMOTE).load()

    assert str(refusal.value) == (
        "The model somebody/some-model is not on this machine and could not be fetched "
        "(ConnectionError). Connect to the network once, or set [model] name to a folder that "
        "holds it."
    )


def test_other_weights_from_the_hub_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(tmp_path))
    record = replace(REMOTE, sha256=hashlib.sha256(b"weights").hexdigest())

    with pytest.raises(SupportbotError) as refusal:
        _fetch(record)

    assert str(refusal.value) == (
        "The hub gave other weights for somebody/some-model than its record names."
    )
