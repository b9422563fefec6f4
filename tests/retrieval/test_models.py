from dataclasses import replace
from pathlib import Path

import pytest

from supportbot.errors import SupportbotError
from supportbot.retrieval.models import (
    MINILM,
    MODELS,
    ModelRecord,
    find_folder,
    known_record,
    weights_are_right,
    weights_sha256,
)

# printf 'weights' | sha256sum
WEIGHTS_SHA256 = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"


def record(name: str, sha256: str = "") -> ModelRecord:
    return ModelRecord(name, "", 384, "", "", 256, "", sha256)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"weights")
    return model


def test_a_folder_with_the_recorded_weights_is_taken(folder: Path) -> None:
    assert find_folder(record(str(folder), WEIGHTS_SHA256)) == folder


def test_a_folder_without_recorded_weights_is_taken_as_it_is(folder: Path) -> None:
    assert find_folder(record(str(folder))) == folder


def test_a_folder_in_the_home_folder_is_found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert find_folder(record("~/model")) == folder


def test_a_folder_with_other_weights_is_refused_with_both_checksums(folder: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        find_folder(record(str(folder), "0" * 64))

    assert str(refusal.value) == (
        f"{folder}/model.safetensors has the wrong weights: its sha256 is {WEIGHTS_SHA256}, "
        f"the record says {'0' * 64}. "
        "Fetch the model again, or fix [model] sha256 in the settings."
    )


def test_a_folder_without_safetensors_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    with pytest.raises(SupportbotError, match=r"has no model\.safetensors\. Only safetensors"):
        find_folder(record(str(folder)))


@pytest.mark.parametrize("name", ["./gone", "/gone/model", "~/gone", "gone", "models/of/ours"])
def test_a_folder_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(SupportbotError, match=r"There is no model folder .*\[model\] name"):
        find_folder(record(name))


def test_a_model_of_the_hub_that_no_package_carries_must_be_fetched() -> None:
    assert find_folder(record("somebody/some-model")) is None


def test_the_default_model_is_carried_by_a_package() -> None:
    folder = find_folder(MINILM)

    assert folder is not None
    assert weights_are_right(MINILM, folder)
    assert MODELS["sentence-transformers/all-MiniLM-L6-v2"] is MINILM


def test_a_package_with_other_weights_than_recorded_is_not_taken() -> None:
    assert find_folder(replace(MINILM, sha256="0" * 64)) is None


@pytest.mark.parametrize("package", ["no_such_package_anywhere", "supportbot", "sys"])
def test_a_package_that_carries_no_model_is_not_taken(package: str) -> None:
    assert find_folder(replace(MINILM, package=package)) is None


def test_a_known_model_has_a_record_under_its_name() -> None:
    assert known_record("sentence-transformers/all-MiniLM-L6-v2") is MINILM


def test_a_known_model_is_known_by_its_weights_in_any_folder(tmp_path: Path) -> None:
    packaged = find_folder(MINILM)
    assert packaged is not None
    (tmp_path / "ours").symlink_to(packaged)

    found = known_record(str(tmp_path / "ours"))

    assert found == replace(MINILM, folder=tmp_path / "ours")
    assert find_folder(found) == tmp_path / "ours"


def test_a_known_model_whose_weights_changed_meanwhile_is_refused(folder: Path) -> None:
    with pytest.raises(SupportbotError, match="has the wrong weights"):
        find_folder(replace(MINILM, folder=folder))


def test_other_weights_in_a_folder_are_not_known(folder: Path) -> None:
    assert known_record(str(folder)) is None


def test_another_model_of_the_hub_is_not_known() -> None:
    assert known_record("somebody/some-model") is None


def test_a_folder_that_is_not_there_cannot_be_known(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match="There is no model folder"):
        known_record(str(tmp_path / "gone"))


def test_a_folder_without_weights_cannot_be_known(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError, match=r"has no model\.safetensors"):
        known_record(str(tmp_path))


def test_the_weights_of_a_folder_have_a_checksum(folder: Path) -> None:
    assert weights_sha256(folder) == WEIGHTS_SHA256


def test_the_weights_of_a_folder_are_right_when_their_checksum_is(folder: Path) -> None:
    assert weights_are_right(record("a/b", WEIGHTS_SHA256), folder)
    assert not weights_are_right(record("a/b", "0" * 64), folder)


def test_without_a_checksum_any_weights_are_right_but_none_are_not(
    folder: Path, tmp_path: Path
) -> None:
    assert weights_are_right(record("a/b"), folder)
    assert not weights_are_right(record("a/b"), tmp_path)


def test_weights_in_several_files_have_one_checksum_of_them_all(folder: Path) -> None:
    (folder / "modules.json").write_text(
        '[{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Dense"}]'
    )
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "model.safetensors").write_bytes(b"weights")

    both = weights_sha256(folder)

    # printf 'model.safetensors 9a12…\n2_Dense/model.safetensors 9a12…\n' | sha256sum
    assert both == "27a987c01e0f7d42513e63573518adfd9b470b8be9c94321b8b7b9da98cec5a8"
    assert weights_are_right(record("a/b", both), folder)
    (folder / "2_Dense" / "model.safetensors").write_bytes(b"other weights")
    assert not weights_are_right(record("a/b", both), folder)


def test_weights_may_be_in_the_folders_of_the_modules_alone(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text('[{"path": "0_WordEmbeddings"}]')
    (tmp_path / "0_WordEmbeddings").mkdir()
    (tmp_path / "0_WordEmbeddings" / "model.safetensors").write_bytes(b"weights")

    assert find_folder(record(str(tmp_path))) == tmp_path
    assert weights_sha256(tmp_path) != WEIGHTS_SHA256


def test_a_module_with_pickled_weights_is_refused(folder: Path) -> None:
    (folder / "modules.json").write_text('[{"path": ""}, {"path": "2_Dense"}]')
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"a pickle")

    with pytest.raises(SupportbotError, match=r"2_Dense has no model\.safetensors\. Only safetens"):
        weights_sha256(folder)


@pytest.mark.parametrize("modules", ["[", "{}", "7", '["x"]', '[{"path": "../elsewhere"}]'])
def test_modules_that_make_no_sense_change_nothing_about_the_weights(
    folder: Path, modules: str
) -> None:
    (folder / "modules.json").write_text(modules)

    assert weights_sha256(folder) == WEIGHTS_SHA256


def test_two_of_the_known_models_read_many_languages() -> None:
    assert [name for name, known in MODELS.items() if known.is_multilingual] == [
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        "universal-sentence-encoder-multilingual-3",
    ]


@pytest.mark.parametrize("name", list(MODELS))
def test_the_record_of_a_known_model_says_everything(name: str) -> None:
    known = MODELS[name]

    assert known.name == name
    assert len(known.revision) == 40 or known.package
    assert len(known.sha256) == 64
    assert known.dimension > 0
    assert known.licence == "Apache-2.0"
