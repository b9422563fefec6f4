"""Records of tuned models, as tests need them."""

from datetime import UTC, datetime
from typing import Any

from supportbot.domain.knowledge.decision import Calibration
from supportbot.retrieval.models import MINILM
from supportbot.retrieval.tuned import Comparison, TunedModel

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def tuned_record(name: str, **fields: Any) -> TunedModel:
    """Return the record of a model that was better, and may answer; `fields` change it."""
    usual: dict[str, Any] = {
        "base": MINILM.name,
        "base_sha256": MINILM.sha256,
        "sha256": "0" * 64,
        "made_at": NOW,
        "source": "community",
        "tuning_questions": 140,
        "triplets": 150,
        "calibration_questions": 30,
        "until": None,
        "comparison": Comparison("MRR@10", 0.5, 0.55, 0.01, 0.09, 30),
        "calibration": Calibration(name, -5.0, 10.0, 0.9, 0.33),
        "kept_precision": 0.91,
        "kept_answers": 11,
        "minutes": 4.0,
        "steps": 5,
        "planned_steps": 5,
        "peak_megabytes": 1900,
    }
    return TunedModel(name=name, **{**usual, **fields})
