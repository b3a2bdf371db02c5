"""The code in README.md, in docs/ and in docstrings is run: what a reader copies works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import scripts_api.testing
from scripts_api import Vector
from scripts_api.testing import World

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), ROOT / "examples" / "README.md"]
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}:{index}")
    for page in PAGES
    for index, block in enumerate(FENCE.findall(page.read_text()))
]
DOOR = """
from scripts_api import Script

class Door(Script):
    def on_touch(self, toucher):
        self.say("creak")
"""


def is_script(block: str) -> bool:
    return "(Script)" in block


def run_script(source: str, everywhere: bool) -> list[str]:
    """What a script says that is touched, crosses a border and is touched again."""
    world = World(everywhere=everywhere)
    box = world.rez(source, position=Vector(10, 10, 0))
    for region in ("west", "east"):
        world.cross(box, region)
        world.touch(box, "ada")
        world.advance(2.0)
    assert box.error is None
    return world.said


def run_tests(source: str, folder: Path, **scripts: str) -> subprocess.CompletedProcess[str]:
    """Run a block as a file of tests, beside the examples and other scripts by name."""
    for example in (ROOT / "examples").glob("*.py"):
        shutil.copy(example, folder)
    for name, script in scripts.items():
        (folder / f"{name}.py").write_text(script)
    (folder / "test_block.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_block.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_there_are_blocks() -> None:
    """The pattern finds what the pages hold."""
    found = [block.values[0] for block in BLOCKS]
    assert sum("```python" in line for page in PAGES for line in page.read_text().splitlines()) == len(found)
    assert {True, False} == {is_script(block) for block in found}


@pytest.mark.parametrize("everywhere", [False, True], ids=["left alone", "captured everywhere"])
@pytest.mark.parametrize("block", [each for each in BLOCKS if is_script(each.values[0])])
def test_a_script_in_a_page_runs(block: str, everywhere: bool) -> None:
    """It does not fail, in two regions, and says something when it is touched."""
    assert len(run_script(block, everywhere)) >= 2


@pytest.mark.parametrize("block", [each for each in BLOCKS if not is_script(each.values[0])])
def test_tests_in_a_page_pass(block: str, tmp_path: Path) -> None:
    """As they stand, beside the example scripts."""
    done = run_tests(block, tmp_path)
    assert 0 == done.returncode, done.stdout + done.stderr


def test_the_example_of_the_testing_package_passes(tmp_path: Path) -> None:
    """The indented lines of its docstring, with the door that it speaks of."""
    text = scripts_api.testing.__doc__ or ""
    lines = [line for line in text.splitlines() if line.startswith("    ") or not line]
    source = textwrap.dedent("\n".join(lines)).strip()
    assert source.startswith("from scripts_api.testing import everywhere")
    done = run_tests(source, tmp_path, door=DOOR)
    assert 0 == done.returncode, done.stdout + done.stderr
