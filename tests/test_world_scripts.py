"""A world file's scripts beside what its objects run."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.config import World
from simulator.world_scripts import Differing, WorldScripts
from tests.regions import Grid
from tests.simulators import write_script, write_world

SCRIPT = "class Box(Script):\n    pass\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two objects of one script, and one without."""
    write_script(tmp_path, "box.py", SCRIPT)
    box = {"region": "west", "position": [50.0, 50.0, 0.0]}
    objects = {"one": box | {"script": "box.py"}, "two": box | {"script": "box.py"}, "bare": box}
    return write_world(tmp_path, ["west"], objects)


@pytest.fixture
def grid() -> Grid:
    """The same objects, made of the same script, and one that the world file does not know."""
    grid = Grid("west")
    for name in ("one", "two", "stranger"):
        grid.rez(SCRIPT, name=name)
    grid.rez(name="bare")
    return grid


def differing(world: World, grid: Grid) -> tuple[WorldScripts, list[Differing]]:
    scripts = WorldScripts(world, grid["west"].programs)
    return scripts, scripts.differing(grid["west"].region.objects.values())


def test_the_same_script_is_nothing_to_tell(world: World, grid: Grid) -> None:
    """Comments and blank lines make no other program."""
    write_script(world.folder, "box.py", f"# A box.\n\n{SCRIPT}")
    assert [] == differing(world, grid)[1]


def test_an_edited_script_is_told_once_with_its_objects(world: World, grid: Grid) -> None:
    """And with the command that brings it to them."""
    write_script(world.folder, "box.py", SCRIPT + "    count = 0\n")
    scripts, found = differing(world, grid)
    assert [Differing("box.py", ("west:1", "west:2"), None)] == found
    upgrade = f"gossamer scripts {world.path} upgrade west:1 {world.folder / 'box.py'}"
    assert upgrade == scripts.remedy(found[0])


def test_a_script_that_no_longer_compiles_is_told_with_its_line(world: World, grid: Grid) -> None:
    """The objects run on."""
    write_script(world.folder, "box.py", "class Box(Script)\n    pass\n")
    scripts, (found,) = differing(world, grid)
    assert ("west:1", "west:2") == found.objects
    assert "box.py, line 2" in scripts.remedy(found)
    assert "They run on with the script that they have." in scripts.remedy(found)


def test_many_objects_are_counted() -> None:
    """A line stays a line."""
    assert "a, b, c and 2 more" == Differing("box.py", tuple("abcde"), None).shown
