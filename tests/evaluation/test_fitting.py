import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from supportbot.domain.knowledge.documents import Background
from supportbot.errors import SupportbotError
from supportbot.evaluation.fitting import fit_on_pack
from supportbot.knowledge.search import Search
from supportbot.settings import CalibrationSettings
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder
from tests.packs import write_judged_pack


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    with closing(Search(Database(tmp_path / "x.db", "evaluation"), HashingEmbedder())) as search:
        yield search


def test_a_calibration_is_fitted_on_one_split_and_reported_on_another(
    search: Search, tmp_path: Path
) -> None:
    fitted = fit_on_pack(search, write_judged_pack(tmp_path / "pack", 120), ["train"], ["dev"])

    assert fitted.judged == 120
    assert not fitted.calibration.only_suggests
    unknown = Background(0.0, 0)
    assert fitted.calibration.confidence(1.0, unknown) > 0.9
    assert fitted.calibration.confidence(0.2, unknown) < 0.1
    assert [report.split for report in fitted.reports] == ["train", "dev"]
    assert str(fitted.reports[1]) == (
        "dev: answered 67 of 120, 0.90 of them right; shown 60 of 120, 1.00 of them right"
    )


def test_what_is_printed_can_be_pasted_into_the_settings(search: Search, tmp_path: Path) -> None:
    fitted = fit_on_pack(search, write_judged_pack(tmp_path / "pack", 120), ["train"])

    pasted = CalibrationSettings(**tomllib.loads(fitted.as_settings())["calibration"])

    assert pasted.model == "hashing"
    assert pasted.slope == pytest.approx(fitted.calibration.slope, rel=1e-4)
    assert pasted.answer_threshold == pytest.approx(fitted.calibration.answer_threshold, abs=1e-5)
    assert fitted.as_settings().startswith(
        "# Fitted on 120 judged matches of pack.\n# train: answered 63 of 120, 0.95 of them right;"
    )


def test_where_no_threshold_is_good_enough_nothing_will_be_an_answer(
    search: Search, tmp_path: Path
) -> None:
    fitted = fit_on_pack(search, write_judged_pack(tmp_path / "pack", 40), ["train"])

    assert fitted.calibration.only_suggests
    assert fitted.calibration.answer_threshold == 1.0
    assert "\n# No threshold was good enough: nothing will be an answer" in fitted.as_settings()


def test_too_few_right_matches_fit_nothing(search: Search, tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match=r"fewer than 10 questions of train, dev: nothing"):
        fit_on_pack(search, write_judged_pack(tmp_path / "pack", 8), ["train", "dev"])
