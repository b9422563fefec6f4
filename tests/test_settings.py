import os
from datetime import timedelta
from pathlib import Path

import platformdirs
import pytest
from pydantic import ValidationError

from supportbot.domain.experts.declared import Declared
from supportbot.domain.experts.ladder import LadderRules
from supportbot.domain.knowledge.decision import Calibration
from supportbot.errors import SupportbotError
from supportbot.settings import (
    ExpertSettings,
    RoutingSettings,
    Settings,
    ThresholdSettings,
    find_home,
    read_settings,
)

SHIPPED = Calibration("m", -6.0, 10.0, answer_threshold=0.8, suggest_threshold=0.4)
CALIBRATION = """\
[calibration]
model = "m"
intercept = -6.0
slope = 10.0
answer_threshold = 0.8
suggest_threshold = 0.4
"""


def write(folder: Path, content: str) -> Path:
    path = folder / "supportbot.toml"
    path.write_text(content, encoding="utf-8")
    return path


def refusal_of(folder: Path, content: str) -> list[str]:
    path = write(folder, content)
    with pytest.raises(SupportbotError) as refusal:
        read_settings(path)
    first, *lines = str(refusal.value).splitlines()
    assert first == f"{path} has settings that cannot be used:"
    return lines


def test_without_a_file_the_defaults_are_taken() -> None:
    settings = read_settings(None)

    assert settings == Settings()
    assert settings.community == "community"
    assert settings.knowledge.folder == Path("knowledge")
    assert settings.knowledge.base_url == ""
    assert settings.model.name == "sentence-transformers/all-MiniLM-L6-v2"
    assert settings.model.precision == "auto"
    assert settings.experts == ()
    assert settings.adapters == {"terminal": {}}
    assert settings.configured_calibration() is None


def test_an_empty_file_gives_the_defaults_too(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, ""))

    assert settings.model_dump(exclude={"knowledge"}) == Settings().model_dump(
        exclude={"knowledge"}
    )


def test_the_file_in_the_working_folder_is_found(tmp_path: Path) -> None:
    write(tmp_path, 'community = "gardeners"')

    assert read_settings(None).community == "gardeners"


def test_the_knowledge_folder_is_relative_to_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    path = write(
        tmp_path / "etc", '[knowledge]\nfolder = "../docs"\nbase_url = "https://d.example/"'
    )

    settings = read_settings(path)

    assert settings.knowledge.folder == tmp_path / "etc" / ".." / "docs"
    assert settings.knowledge.base_url == "https://d.example/"


def test_an_absolute_knowledge_folder_stays_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, '[knowledge]\nfolder = "/srv/docs"')

    assert read_settings(path).knowledge.folder == Path("/srv/docs")


def test_each_platform_gets_its_own_options_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path, "[adapters.slack]\nchannels = ['C1']\n[adapters.terminal]")

    assert read_settings(path).adapters == {"slack": {"channels": ["C1"]}, "terminal": {}}


def test_a_configured_calibration_is_given(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, CALIBRATION))

    assert settings.configured_calibration() == SHIPPED


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    lines = refusal_of(
        tmp_path,
        """\
        treshold = 1
        adapters = 3
        [knowledge]
        foldr = "docs"
        [model]
        max_tokens = 0
        [thresholds]
        answer = 1.5
        [calibration]
        model = "m"
        [[experts]]
        name = " "
        topic = ["a"]
        """,
    )

    assert lines == [
        "  unknown setting 'knowledge.foldr'. Did you mean 'folder'?",
        "  wrong value 0 for 'model.max_tokens': it has to be more than 0.",
        "  wrong value 1.5 for 'thresholds.answer': it has to be at most 1.",
        "  missing setting 'calibration.intercept'.",
        "  missing setting 'calibration.slope'.",
        "  missing setting 'calibration.answer_threshold'.",
        "  missing setting 'calibration.suggest_threshold'.",
        "  wrong value ' ' for 'experts.1.name': it is empty.",
        "  missing setting 'experts.1.topics'.",
        "  unknown setting 'experts.1.topic'. Did you mean 'topics'?",
        (
            "  wrong value 3 for 'adapters': it has to be a table: write [adapters] in a line of "
            "its own, and its settings below."
        ),
        "  unknown setting 'treshold'. Did you mean 'thresholds'?",
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            "zzz = 1",
            (
                "  unknown setting 'zzz'. "
                "Known: adapters, calibration, channels, community, experts, knowledge, language, "
                "limits, model, observability, routing, teaching, thresholds."
            ),
        ),
        (
            "[knowledge]\nzzz = 1",
            "  unknown setting 'knowledge.zzz'. Known: base_url, folder, required.",
        ),
        ("[thresholds]\nzzz = 1", "  unknown setting 'thresholds.zzz'. Known: answer, suggest."),
    ],
)
def test_a_key_that_is_like_no_other_is_told_with_those_that_are_known(
    tmp_path: Path, content: str, line: str
) -> None:
    assert refusal_of(tmp_path, content) == [line]


def test_an_unknown_key_of_the_calibration_is_told(tmp_path: Path) -> None:
    lines = refusal_of(tmp_path, CALIBRATION + "slop = 1")

    assert lines == ["  unknown setting 'calibration.slop'. Did you mean 'slope'?"]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_a_curve_without_a_number_is_refused(tmp_path: Path, value: str) -> None:
    lines = refusal_of(tmp_path, CALIBRATION.replace("10.0", value))

    assert lines == [f"  wrong value {value} for 'calibration.slope': it has to be a number."]


@pytest.mark.parametrize("precision", ["float16", "FLOAT32", ""])
def test_a_precision_that_is_not_known_is_refused(tmp_path: Path, precision: str) -> None:
    (line,) = refusal_of(tmp_path, f'[model]\nprecision = "{precision}"')

    assert line.startswith(f"  wrong value '{precision}' for 'model.precision': ")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SupportbotError) as refusal:
        read_settings(tmp_path / "gone.toml")

    assert str(refusal.value) == f"{tmp_path}/gone.toml cannot be read: No such file or directory."


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("community = \u201cours\u201d", 'line 1: quotes have to be straight: community = "ours"'),
        (
            '[knowledge]\nfolder = "C:\\docs\\user"',
            "line 2: for a backslash, write single quotes: ",
        ),
        ("[knowledge]\nfolder = docs", 'line 2: write: folder = "docs"'),
        ("[teaching]\nreview_newcomers = True", "line 2: write: review_newcomers = true"),
        ("[teaching]\nreview_newcomers = yes", "line 2: write: review_newcomers = true"),
        ("[thresholds]\nanswer = 0,9", "line 2: write: answer = 0.9"),
        ("[thresholds]\nanswer = 90%", "line 2: write: answer = 0.9"),
        ("community = ours // a name", "line 1: a comment begins with #"),
        ("; a name", "line 1: a comment begins with #"),
        ("// a name", "line 1: a comment begins with #"),
        ("community: ours", 'line 1: between name and value stands =: community = "ours"'),
        (
            "knowledge:\n  folder: k",
            "line 1: a table begins with its name in brackets: [knowledge]",
        ),
        ('{"community": "ours"}', "this is JSON. A setting is a line such as: community ="),
        ('community = "a"\ncommunity = "b"', "line 2: community is there twice. Keep one of them"),
        ("[model]\n[model]", "line 2: [model] is there twice. Keep one of them"),
        ("community =", 'line 1: the value is missing: community = "\u2026"'),
        ('community = "ours', 'line 1: a quote is missing at the end: community = "ours"'),
        ("[knowledge", "line 1: a bracket is missing: [knowledge"),
        ("community = 'a'\n  !", "line 2: !: Invalid statement"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_what_to_write(
    tmp_path: Path, content: str, told: str
) -> None:
    path = write(tmp_path, content)

    with pytest.raises(SupportbotError) as refusal:
        read_settings(path)

    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[experts]\nname = 'Ines'", "'experts': write [[experts]], with two brackets, above each"),
        ("[[knowledge]]\nfolder = 'k'", "'knowledge': write [knowledge], with one bracket."),
        ("[teaching]\ntrusted = 'slack:U1, slack:U2'", '["slack:U1", "slack:U2"].'),
        ("[teaching]\ntrusted = ['U024BE7LH']", "'teaching.trusted.1': write the platform and the"),
        ("community = 5", "'community': put it in quotes: community = \"5\"."),
        ("community = ['a']", "'community': it has to be one text: community ="),
        ("[limits]\ninbox_days = 'a week'", "'limits.inbox_days': it has to be a whole number"),
        ("[thresholds]\nanswer = 'high'", "'thresholds.answer': it has to be a number"),
        ("[teaching]\nreview_newcomers = 'maybe'", "it has to be true or false, without quotes."),
        ("[channels]\nlistening = 'all'", "choose 'questions', 'mentions' or 'nothing'."),
        (
            "[channels]\nlisten = 3",
            "unknown setting 'channels.listen'. Did you mean 'listening'?",
        ),
        ("[routing]\ntimezone = 'Berlin'", "there is no such time zone; name one such as Europe/"),
        (
            '[knowledge]\nfolder = "C:\\new\\table"',
            "mean a new line and a tab: write single quotes.",
        ),
    ],
)
def test_a_value_that_cannot_be_is_told_with_what_it_has_to_be(
    tmp_path: Path, content: str, told: str
) -> None:
    (line,) = refusal_of(tmp_path, content)

    assert told in line
    assert "Input should" not in line


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_settings_may_be_written_by_windows(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "supportbot.toml"
    path.write_bytes('community = "Gr\u00f6\u00dfe"\r\n'.encode(encoding))

    assert read_settings(path).community == "Gr\u00f6\u00dfe"


def test_settings_in_another_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "supportbot.toml"
    path.write_bytes(b"\ncommunity = 'Gr\xf6\xdfe'")

    with pytest.raises(SupportbotError, match=r"toml:2: this is neither UTF-8 nor UTF-16"):
        read_settings(path)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(SupportbotError, match="pipe is not an ordinary file"):
        read_settings(tmp_path / "pipe")
    with pytest.raises(SupportbotError, match="null is not an ordinary file"):
        read_settings(Path("/dev/null"))
    with pytest.raises(SupportbotError, match="is a folder, and has to be a file"):
        read_settings(tmp_path)


def test_a_file_that_is_far_too_long_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "#" * 30_000)

    with pytest.raises(
        SupportbotError, match=r"is larger than 20,000 bytes\. Is it the right file"
    ):
        read_settings(path)


def test_brackets_without_end_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a = " + "[" * 5_000)

    with pytest.raises(SupportbotError, match="cannot be read as TOML"):
        read_settings(path)


def test_settings_cannot_be_changed_after_reading() -> None:
    settings = Settings()

    with pytest.raises(ValueError, match="frozen"):
        settings.community = "other"


def test_thresholds_that_are_not_chosen_are_those_of_the_calibration() -> None:
    assert ThresholdSettings().applied_to(SHIPPED) == SHIPPED


def test_a_chosen_threshold_takes_the_place_of_the_calibrations() -> None:
    careful = ThresholdSettings(answer=0.95).applied_to(SHIPPED)

    assert careful == Calibration("m", -6.0, 10.0, answer_threshold=0.95, suggest_threshold=0.4)


def test_a_threshold_of_zero_is_a_choice() -> None:
    bold = ThresholdSettings(answer=0.0, suggest=0.0).applied_to(SHIPPED)

    assert bold == Calibration("m", -6.0, 10.0, answer_threshold=0.0, suggest_threshold=0.0)


def test_an_expert_without_identities_is_known_in_the_terminal() -> None:
    expert = ExpertSettings(name="Paul", topics=("taxes",))

    assert expert.declared() == Declared("Paul", ("taxes",), ("terminal:Paul",))


def test_experts_are_read_from_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[[experts]]\nname = 'Paul'\ntopics = ['taxes', ' invoices ']")

    (expert,) = read_settings(path).experts

    assert expert.topics == ("taxes", "invoices")


def test_an_expert_without_topics_is_refused(tmp_path: Path) -> None:
    (line,) = refusal_of(tmp_path, "[[experts]]\nname = 'Paul'\ntopics = []")

    assert line.startswith("  wrong value [] for 'experts.1.topics': ")


def test_the_home_folder_is_made_where_the_environment_says(home: Path) -> None:
    assert find_home() == home
    assert home.is_dir()


def test_a_home_folder_that_is_there_is_kept(home: Path) -> None:
    home.mkdir()
    (home / "supportbot.db").touch()

    find_home()

    assert (home / "supportbot.db").exists()


def test_without_the_environment_the_users_data_folder_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUPPORTBOT_HOME")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / "data" / name)

    assert find_home() == tmp_path / "data" / "supportbot"


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_home_folder_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SUPPORTBOT_HOME", value)

    with pytest.raises(SupportbotError, match="SUPPORTBOT_HOME is empty"):
        find_home()


def test_the_home_folder_may_lie_in_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SUPPORTBOT_HOME", "~/bot")

    assert find_home() == tmp_path / "bot"


def test_a_home_folder_that_cannot_be_made_is_refused(home: Path) -> None:
    home.write_text("a file in its place", encoding="utf-8")

    with pytest.raises(SupportbotError) as refusal:
        find_home()

    assert str(refusal.value) == (
        f"The home folder {home} cannot be made: File exists. "
        "Fix its permissions, or set SUPPORTBOT_HOME to another folder."
    )


def test_a_home_folder_that_cannot_be_written_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: False)

    with pytest.raises(SupportbotError) as refusal:
        find_home()

    assert str(refusal.value) == (
        f"The home folder {home} cannot be written. "
        "Fix its permissions, or set SUPPORTBOT_HOME to another folder."
    )


@pytest.mark.parametrize("identity", ["slack", ":U2", "slack:", "two words:U2"])
def test_an_identity_without_platform_and_id_is_refused(identity: str) -> None:
    with pytest.raises(ValidationError):
        ExpertSettings(name="Paul", topics=("taxes",), identities=(identity,))


def test_the_rules_of_the_ladder_are_those_of_the_settings() -> None:
    routing = RoutingSettings(
        asks_per_week=3,
        helpers=("slack:U9",),
        shortest_wait=30,
        longest_wait=60,
        expire_days=7,
        timezone="Europe/Berlin",
    )

    assert routing.rules() == LadderRules(
        asks_per_week=3,
        helpers=("slack:U9",),
        shortest_wait=timedelta(minutes=30),
        longest_wait=timedelta(hours=1),
        expires_after=timedelta(days=7),
        timezone="Europe/Berlin",
    )
    assert RoutingSettings().rules() == LadderRules()


def test_a_wait_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    content = "[routing]\nshortest_wait = 60\nlongest_wait = 30"

    (line,) = refusal_of(tmp_path, content)

    assert "shortest_wait is longer than longest_wait" in line


def test_a_time_zone_that_there_is_not_is_refused(tmp_path: Path) -> None:
    (line,) = refusal_of(tmp_path, '[routing]\ntimezone = "Berlin"')

    assert "'routing.timezone'" in line
    assert "there is no such time zone; name one such as Europe/Berlin" in line
