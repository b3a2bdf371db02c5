"""What is shipped: three packages and nothing else, with the command, from a plain checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of all files in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(folder / built.stdout.split()[-1]) as wheel:
        return wheel.namelist()


def test_wheel_holds_the_three_packages_and_nothing_else(wheel_names: list[str]) -> None:
    """Tests, examples and benches stay out: two of our names are common, so no fourth may slip in."""
    tops = {name.partition("/")[0] for name in wheel_names if ".dist-info/" not in name}
    assert tops == {"simulator", "scripts_api", "migrate"}


def test_wheel_tells_that_it_is_typed(wheel_names: list[str]) -> None:
    """Each package carries its marker for type checkers."""
    markers = {name for name in wheel_names if name.endswith("py.typed")}
    assert markers == {f"{package}/py.typed" for package in ("simulator", "scripts_api", "migrate")}


def test_command_is_installed() -> None:
    """The command `gossamer` leads to `simulator.cli`."""
    (command,) = entry_points(group="console_scripts", name="gossamer")
    assert command.value == "simulator.cli:main"


def test_every_dependency_has_its_reason() -> None:
    """Each line of dependencies in pyproject.toml ends with a comment."""
    text = (ROOT / "pyproject.toml").read_text()
    lines = re.findall(r'^  "[a-z].*[<>=].*$', text, re.MULTILINE)
    assert [line for line in lines if "  # " not in line] == []


def test_every_dependency_is_pinned() -> None:
    """`make setup` installs only what requirements.lock names, so it must name them all."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in lock_lines()}
    assert {re.split(r"[<>=]", line)[0].lower().replace("_", "-") for line in wanted} <= pinned


def lock_lines() -> list[str]:
    return [line for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line]
