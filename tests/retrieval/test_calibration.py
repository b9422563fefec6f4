import pytest

from supportbot.domain.knowledge.decision import Calibration
from supportbot.errors import SupportbotError
from supportbot.retrieval.calibration import SHIPPED, calibration_for
from supportbot.retrieval.models import MODELS

MINILM = "sentence-transformers/all-MiniLM-L6-v2"


def test_the_default_model_has_a_shipped_calibration() -> None:
    calibration = calibration_for(MINILM, None)

    assert calibration.model == MINILM
    assert 0 < calibration.suggest_threshold < calibration.answer_threshold < 1


def test_a_configured_calibration_comes_before_the_shipped_one() -> None:
    configured = Calibration(MINILM, -1.0, 2.0, 0.9, 0.5)

    assert calibration_for(MINILM, configured) is configured


def test_a_configured_calibration_makes_any_model_usable() -> None:
    configured = Calibration("a/b", -1.0, 2.0, 0.9, 0.5)

    assert calibration_for("a/b", configured) is configured


def test_a_calibration_of_another_model_is_refused() -> None:
    with pytest.raises(SupportbotError) as refusal:
        calibration_for(MINILM, Calibration("a/b", -1.0, 2.0, 0.9, 0.5))

    assert str(refusal.value) == (
        "The calibration in the settings was fitted for the model a/b, and the model is "
        f"{MINILM}: cosines of two models have different scales. "
        "Fit it again, or remove [calibration]."
    )


def test_a_model_without_a_calibration_is_refused() -> None:
    with pytest.raises(SupportbotError) as refusal:
        calibration_for("a/b", None)

    assert str(refusal.value) == (
        "No calibration is shipped for the model a/b, so the bot cannot tell how sure it is. "
        "Add [calibration] to the settings (supportbot model fit prints it), or take one of: "
        f"{MINILM}, universal-sentence-encoder-multilingual-3."
    )


def test_every_calibration_is_shipped_under_the_name_of_a_model_that_we_know() -> None:
    assert {name: calibration.model for name, calibration in SHIPPED.items()} == {
        name: name for name in SHIPPED.keys() & MODELS.keys()
    }
