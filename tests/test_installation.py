"""What is installed, and what is not."""

import subprocess
import sys
import tomllib
from importlib.metadata import distributions, entry_points, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = {
    requirement.name.lower().replace("_", "-"): requirement.specifier
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
    for requirement in [Requirement(line)]
}
REQUIREMENTS = [
    Requirement(text)
    for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])
]


USED = Path(sys.prefix, "constraints.txt")
CUDA_WAS_ACCEPTED = USED.exists() and "cuda-toolkit" not in USED.read_text(encoding="utf-8")
"""`make CUDA=yes` leaves the line out of the constraints that it installs with."""


@pytest.mark.skipif(CUDA_WAS_ACCEPTED, reason="the environment was made with CUDA=yes")
def test_no_cuda_package_is_installed() -> None:
    names = {(distribution.name or "").lower() for distribution in distributions()}

    assert [name for name in names if name.startswith("nvidia-")] == [], (
        "PyTorch with CUDA is installed: docs/howto/install-torch.txt says how to do without it"
    )


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_every_requirement_is_pinned_to_a_version_that_it_admits(requirement: Requirement) -> None:
    (pin,) = CONSTRAINTS[requirement.name.lower()]

    assert pin.operator == "=="
    assert requirement.specifier.contains(pin.version)


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_what_is_installed_is_what_is_pinned(requirement: Requirement) -> None:
    installed = version(requirement.name).split("+")[0]

    assert CONSTRAINTS[requirement.name.lower()].contains(installed)


def test_the_terminal_is_found_by_its_entry_point() -> None:
    assert "terminal" in entry_points(group="supportbot.adapters").names


def test_asking_for_help_imports_no_heavy_library() -> None:
    heavy = "torch faiss sqlalchemy sentence_transformers pydantic numpy"
    code = (
        "import sys; from supportbot.cli import main; sys.argv = ['supportbot', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )

    printed = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert printed.stdout.splitlines()[-1] == "[]"
