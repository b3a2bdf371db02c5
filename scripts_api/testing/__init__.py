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
things happen; `said` and `logged` hold every line. A script that fails ends the test with `ScriptFailed` and what
its author would see.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, TypeVar, overload

from scripts_api.testing.worlds import ScriptFailed, ScriptWorld, WorldAgent, WorldObject

GROUP = "gossamer.testing"
Test = TypeVar("Test", bound=Callable[..., None])


def World(*regions: str, everywhere: bool = False, trusted: bool = False) -> ScriptWorld:
    """Make a world of regions side by side, from west to east; of two if none is named.

    `everywhere`: every object is dropped and restored from its written form at every suspension point. `trusted`: in
    trusted mode, as `attach` wants it. Raises `LookupError` if no simulator is installed.
    """
    for point in entry_points(group=GROUP, name="world"):
        made: ScriptWorld = point.load()(*regions, everywhere=everywhere, trusted=trusted)
        return made
    raise LookupError("no simulator is installed beside scripts_api; install the package gossamer-runtime.")


@overload
def everywhere(test: Test, /) -> Test: ...
@overload
def everywhere(*regions: str) -> Callable[[Test], Test]: ...
def everywhere(*given: Any) -> Any:
    """Run a test twice: left alone, and with everything captured and restored at every suspension point.

    `@everywhere` for a world of two regions; `@everywhere("a", "b", "c")` for one of these, from west to east.
    """
    if given and callable(given[0]):
        return _twice(given[0], ())
    return lambda test: _twice(test, given)


def _twice(test: Any, regions: tuple[str, ...]) -> Any:
    import pytest

    names = ["left alone", "captured everywhere"]
    return pytest.mark.parametrize("world", [(regions, False), (regions, True)], ids=names, indirect=True)(
        test
    )


__all__ = ["ScriptFailed", "ScriptWorld", "World", "WorldAgent", "WorldObject", "everywhere"]
