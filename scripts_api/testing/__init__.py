"""A world inside an ordinary unit test: `World`, and `@everywhere` for tests that use the fixture `world`.

    from scripts_api.testing import everywhere
    from door import Door

    @everywhere
    def test_a_touch_opens_the_door(world):
        door = world.rez(Door)
        world.touch(door, "ada")
        world.advance(1.0)
        assert ["creak"] == world.said

The one idea: the world is the simulator's own, found by its entry point, so that an author's code and editor
need this package alone. Nothing but the clock, the network and the disk is pretended.

`world.rez(script, name=…, position=…, velocity=…, param=…)` returns an object with `position`, `region`,
`state`, `error` and the script's attributes; `touch`, `say`, `advance(seconds)`, `cross(object, region)` make
things happen; `said` and `logged` hold every line. A script that fails ends the test with what its author
would see.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from scripts_api.testing.worlds import ScriptWorld, WorldAgent, WorldObject

GROUP = "gossamer.testing"


def World(*regions: str, everywhere: bool = False) -> ScriptWorld:
    """Make a world of regions side by side, from west to east; of two if none is named.

    `everywhere`: every object is dropped and restored from its written form at every suspension point. Raises
    `LookupError` if no simulator is installed.
    """
    for point in entry_points(group=GROUP, name="world"):
        made: ScriptWorld = point.load()(*regions, everywhere=everywhere)
        return made
    raise LookupError("no simulator is installed beside scripts_api; install the package gossamer-runtime.")


def everywhere(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test twice: left alone, and with everything captured and restored at every suspension point."""
    import pytest

    names = ["left alone", "captured everywhere"]
    twice = pytest.mark.parametrize("world", [False, True], ids=names, indirect=True)
    both: Callable[..., None] = twice(test)
    return both


__all__ = ["ScriptWorld", "World", "WorldAgent", "WorldObject", "everywhere"]
