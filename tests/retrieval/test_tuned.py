from datetime import timedelta
from pathlib import Path

import pytest

from supportbot.domain.knowledge.decision import Calibration
from supportbot.errors import SupportbotError
from supportbot.retrieval import tuned
from supportbot.retrieval.models import MINILM
from supportbot.retrieval.tuned import Comparison, TunedModel
from tests.tuned_models import NOW, tuned_record


def model(name: str, *, days: int = 0, low: float = 0.01, threshold: float = 0.9) -> TunedModel:
    return tuned_record(
        name,
        made_at=NOW + timedelta(days=days),
        comparison=Comparison("MRR@10", 0.5, 0.55, low, 0.09, 30),
        calibration=Calibration(name, -5.0, 10.0, threshold, 0.33),
    )


@pytest.fixture
def community(tmp_path: Path) -> Path:
    for days, name in enumerate("abc"):
        tuned.folder_of(tmp_path, name).mkdir(parents=True)
        tuned.keep(tmp_path, model(name, days=days))
    return tmp_path


def names(community: Path) -> list[str]:
    return [one.name for one in tuned.tuned_models(community)]


def test_where_nothing_was_tuned_the_model_of_the_settings_serves(tmp_path: Path) -> None:
    assert tuned.serving(tmp_path) is None
    assert tuned.tuned_models(tmp_path) == []


def test_a_record_comes_back_as_it_was_kept(community: Path) -> None:
    assert tuned.read(community, "b") == model("b", days=1)


def test_models_are_listed_in_the_order_in_which_they_were_made(community: Path) -> None:
    assert names(community) == ["a", "b", "c"]


def test_rolling_back_lets_the_one_before_serve(community: Path) -> None:
    tuned.serve(community, "a")
    tuned.serve(community, "b")

    assert tuned.roll_back(community) == "b"

    assert tuned.serving_name(community) == "a"


def test_rolling_back_from_the_first_leads_to_the_model_of_the_settings(community: Path) -> None:
    tuned.serve(community, "a")

    tuned.roll_back(community)

    assert tuned.serving(community) is None


def test_there_is_nothing_behind_the_model_of_the_settings(community: Path) -> None:
    with pytest.raises(SupportbotError, match="nothing to go back to"):
        tuned.roll_back(community)


def test_only_the_one_before_is_kept_for_going_back(community: Path) -> None:
    tuned.serve(community, "a")
    tuned.serve(community, "b")

    assert tuned.serve(community, "c") == ["a"]

    assert names(community) == ["b", "c"]
    assert not tuned.folder_of(community, "a").exists()


def test_a_broken_record_says_how_to_go_back(community: Path) -> None:
    tuned.serve(community, "a")
    (community / "models" / "a.json").write_text("{")

    with pytest.raises(SupportbotError, match="supportbot model rollback"):
        tuned.serving(community)


def test_a_broken_record_can_be_rolled_back(community: Path) -> None:
    tuned.serve(community, "a")
    (community / "models" / "a.json").unlink()

    tuned.roll_back(community)

    assert tuned.serving(community) is None


def test_a_tuned_model_is_its_base_with_other_weights(community: Path) -> None:
    record = tuned.record_of(MINILM, "a", "0" * 64, tuned.folder_of(community, "a"))

    assert (record.name, record.sha256, record.folder) == (
        "a",
        "0" * 64,
        community / "models" / "a",
    )
    assert (record.dimension, record.max_tokens) == (384, 256)


def test_better_is_what_is_better_in_nearly_all_draws() -> None:
    assert model("a", low=0.001).comparison.is_better
    assert not model("a", low=0.0).comparison.is_better
