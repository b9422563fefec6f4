"""The documentation tells the truth: settings, commands and links."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.main import get_command

from supportbot import settings
from supportbot.cli import cli
from supportbot.domain.knowledge.markdown import parser
from supportbot_discord.options import DiscordOptions
from supportbot_slack.options import SlackOptions

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if ".venv" not in path.parts
)
SECTIONS: dict[str, type[BaseModel]] = {
    "At the top": settings.Settings,
    "[knowledge]": settings.KnowledgeSettings,
    "[[experts]]": settings.ExpertSettings,
    "[thresholds]": settings.ThresholdSettings,
    "[teaching]": settings.TeachingSettings,
    "[routing]": settings.RoutingSettings,
    "[channels]": settings.ChannelSettings,
    "[adapters.slack]": SlackOptions,
    "[adapters.discord]": DiscordOptions,
    "[limits]": settings.LimitSettings,
    "[observability]": settings.ObservabilitySettings,
    "[model]": settings.ModelSettings,
    "[calibration]": settings.CalibrationSettings,
}


def _settings() -> Iterator[tuple[str, str, str]]:
    for section, model in SECTIONS.items():
        for key, field in model.model_fields.items():
            if f"[{key}]" not in SECTIONS and f"[[{key}]]" not in SECTIONS:
                yield section, key, field.description or ""


def _links(page: Path) -> Iterator[str]:
    for token in parser().parse(page.read_text(encoding="utf-8")):
        for child in token.children or ():
            target = child.attrGet("href")
            if target and "://" not in str(target):
                yield str(target)


@pytest.mark.parametrize(("section", "key", "description"), list(_settings()))
def test_every_setting_has_its_line_in_the_reference(
    section: str, key: str, description: str
) -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")

    chapter = page.split(f"\n## {section}\n")[1].split("\n## ")[0]

    (line,) = [line for line in chapter.splitlines() if line.startswith(f"| `{key}` |")]
    assert line.endswith(f"| {description} |")


def test_every_command_has_its_line_in_the_reference() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    top = get_command(cli).commands  # type: ignore[attr-defined]  # it is a group
    names = [
        f"supportbot {group} {name}" if hasattr(command, "commands") else f"supportbot {group}"
        for group, command in top.items()
        for name in getattr(command, "commands", {"": None})
    ]

    missing = [name for name in names if f"| `{name}" not in page]

    assert len(names) == 30
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [link.split("#")[0] for link in _links(page)]

    broken = [target for target in targets if target and not (page.parent / target).exists()]

    assert broken == []


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"^\$ make ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))

    assert named == {"demo", "test"}
    assert named <= targets


def test_no_page_names_a_path_of_somebodys_machine() -> None:
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}

    named = [
        name for name, text in texts.items() if re.search(r"(?<![\w.])/(work|root|home)/", text)
    ]

    assert named == []
