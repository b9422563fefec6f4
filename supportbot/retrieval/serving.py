"""The model that serves, chosen by the settings: embedder, reranker, calibration."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from supportbot.domain.knowledge.decision import Calibration
from supportbot.ports import Embedder, Reranker
from supportbot.settings import ModelSettings, Settings

if TYPE_CHECKING:
    from supportbot.retrieval.models import ModelRecord

log = logging.getLogger(__name__)


def build_embedder(settings: ModelSettings) -> Embedder:
    """Build the embedder of the settings; the known models bring their own record."""
    return embedder_of(settings, model_record(settings))


def embedder_of(settings: ModelSettings, record: "ModelRecord") -> Embedder:
    """Build the embedder of a model, which counts as the settings say."""
    from supportbot.retrieval.embedder import SentenceTransformerEmbedder
    from supportbot.retrieval.models import UNIVERSAL
    from supportbot.retrieval.universal import UniversalEmbedder

    if record.name == UNIVERSAL.name:
        return UniversalEmbedder(record)
    return SentenceTransformerEmbedder(
        record,
        precision=settings.precision,
        question_precision=settings.question_precision,
    )


def build_reranker(settings: ModelSettings) -> Reranker | None:
    """Build the second stage of the settings; None where there is none.

    Raises:
        SupportbotError: The folder holds no cross-encoder.
    """
    if not settings.reranker:
        return None
    from supportbot.retrieval.reranker import CrossEncoderReranker

    return CrossEncoderReranker(Path(settings.reranker).expanduser())


def model_record(settings: ModelSettings) -> "ModelRecord":
    """Return the record of the model that the settings name."""
    from supportbot.retrieval.models import ModelRecord, known_record

    known = None if settings.sha256 else known_record(settings.name)
    ours = {"precision", "question_precision", "reranker", "reranker_weight"}
    return known or ModelRecord(**settings.model_dump(exclude=ours))


def build_serving(settings: Settings, home: Path) -> tuple[Embedder, Calibration]:
    """Build the embedder that serves, with its calibration."""
    embedder = serving_embedder(settings, home)
    return embedder, serving_calibration(settings, home, embedder.model)


def serving_calibration(settings: Settings, home: Path, model: str) -> Calibration:
    """Return a model's calibration: that of the settings, the tuned model's own, or a shipped one.

    Raises:
        SupportbotError: There is none, or that of the settings is another model's.
    """
    from supportbot.retrieval import tuned
    from supportbot.retrieval.calibration import calibration_for

    configured = settings.configured_calibration()
    is_meant = configured is not None and configured.model == model
    own = tuned.serving(home)
    if own is not None and own.name == model and own.calibration is not None and not is_meant:
        return own.calibration
    return calibration_for(model, configured)


def serving_embedder(settings: Settings, home: Path) -> Embedder:
    """Build the embedder that serves: of the community's own model, if one was tuned.

    One that was tuned from another model than that of the settings does not serve.
    """
    from supportbot.retrieval import tuned

    own = tuned.serving(home)
    if own is None or own.calibration is None:
        return build_embedder(settings.model)
    base = model_record(settings.model)
    if (own.base, own.base_sha256) != (base.name, base.sha256):
        log.warning(
            "the tuned model %s was tuned from %s, and [model] in the settings is %s, which "
            "serves. Tune again: supportbot model tune",
            own.name,
            own.base,
            base.name,
        )
        return build_embedder(settings.model)
    folder = tuned.folder_of(home, own.name)
    return embedder_of(settings.model, tuned.record_of(base, own.name, own.sha256, folder))
