"""The calibration that is decided with: the shipped one, as the community's votes correct it."""

import logging
import threading
from dataclasses import replace

from supportbot.domain.knowledge.decision import Calibration
from supportbot.domain.knowledge.recalibration import Recalibration, recalibrate
from supportbot.store import votes
from supportbot.store.engine.transaction import Transaction

log = logging.getLogger(__name__)


class Recalibrating:
    """Keeps what is promised up with one community's votes. Safe to use from several threads."""

    def __init__(
        self,
        calibration: Calibration,
        *,
        is_chosen: bool = False,
    ) -> None:
        """Correct this calibration; `is_chosen` says that a maintainer chose its threshold."""
        self._shipped = calibration
        self._is_chosen = is_chosen
        self._lock = threading.Lock()
        self._state: votes.State | None = None
        self._now = Recalibration(calibration.answer_threshold)

    def now(self, tx: Transaction) -> Recalibration:
        """Return what the votes make of the calibration. They are read anew when they changed."""
        state = votes.state(tx)
        with self._lock:
            if state != self._state:
                self._read(tx)
                self._state = state
            return self._now

    def calibration(self, tx: Transaction) -> tuple[Calibration, Recalibration]:
        """Return the calibration with the threshold of now, and what corrects its probabilities."""
        now = self.now(tx)
        return replace(self._shipped, answer_threshold=now.answer_threshold), now

    def _read(self, tx: Transaction) -> None:
        before = self._now
        self._now = recalibrate(
            votes.judged(tx, model=self._shipped.model),
            answer_threshold=self._shipped.answer_threshold,
            is_chosen=self._is_chosen,
        )
        drift = self._now.drift
        if drift is not None and before.drift is None:
            log.warning(
                "of the last %s answers members confirmed %s, and %.0f were promised: "
                "fewer questions are answered until that is better",
                drift.of,
                drift.confirmed,
                drift.of * drift.promised,
            )
        if drift is None and before.drift is not None:
            log.info("members confirm answers as often as promised again")
