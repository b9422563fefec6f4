"""The calibrations that we ship: how likely a match helps, for each embedding model."""

from supportbot.domain.knowledge.decision import SUGGESTS_ONLY, Calibration
from supportbot.errors import SupportbotError
from supportbot.retrieval.models import MINILM, UNIVERSAL

SHIPPED = {
    MINILM.name: Calibration(
        model=MINILM.name,
        # Fitted on 526 judged matches of the splits train1 and train2 of the community question
        # answering pack (SemEval 2016, task 3 B); see docs/benchmarks.md. The threshold is the
        # lowest with a precision of 0.90 at 95 % assurance, each question judged by a curve that
        # was fitted without it.
        intercept=-6.454,
        slope=14.370,
        answer_threshold=0.901,
        suggest_threshold=1 / 3,
        background_slope=-14.939,
        usual_background=0.143,
    ),
    UNIVERSAL.name: Calibration(
        model=UNIVERSAL.name,
        # Fitted on the same matches. No threshold keeps its promise on them, so that it suggests
        # only, until a community's own votes assure one.
        intercept=-5.654,
        slope=12.658,
        answer_threshold=SUGGESTS_ONLY,
        suggest_threshold=1 / 3,
        background_slope=-10.872,
        usual_background=0.207,
    ),
}


def calibration_for(model: str, configured: Calibration | None) -> Calibration:
    """Return the calibration to decide with: the configured one, else the shipped one.

    Raises:
        SupportbotError: It was fitted for another model, or there is none.
    """
    if configured is not None and configured.model != model:
        message = (
            f"The calibration in the settings was fitted for the model {configured.model}, and "
            f"the model is {model}: cosines of two models have different scales. Fit it again, "
            "or remove [calibration]."
        )
        raise SupportbotError(message)
    found = configured or SHIPPED.get(model)
    if found is None:
        message = (
            f"No calibration is shipped for the model {model}, so the bot cannot tell how sure "
            "it is. Add [calibration] to the settings (supportbot model fit prints it), or take "
            f"one of: {', '.join(SHIPPED)}."
        )
        raise SupportbotError(message)
    return found
