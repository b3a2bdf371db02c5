"""What a region does for its operator: what is refused at once, and what is said of what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from migrate.codec import encode
from simulator.control import DoAttach, DoUpgrade
from simulator.errors import ScriptRefused
from simulator.limits import RegionLimits
from simulator.live_code import live_code
from simulator.operated import OperatedRegion
from tests.regions import Grid, script
from tests.simulators import write_world

VALUES = encode({}, modules={}, trusted=True)
LAMP = script("class Lamp(Script):\n    pass\n")


class Operated(OperatedRegion):
    """The one region of a grid in trusted mode, as its operator has it."""

    def __init__(self, grid: Grid, folder: Path) -> None:
        (one,) = grid.regions.values()
        self._world, self._name = write_world(folder, [one.name], {}, trusted=True), one.name
        self._programs, self._region, self._host = one.programs, one.region, one.host


def grid(**limits: Any) -> Grid:
    """One region in trusted mode."""
    return Grid("west", limits=RegionLimits(**limits), trusted=("west",))


def test_an_object_takes_no_more_scripts_than_its_region_allows(tmp_path: Path) -> None:
    """Its own region; one attached again takes the place of the one before."""
    west = grid(scripts_per_object_max=1)
    region, door = Operated(west, tmp_path), west.rez(name="door")
    for _ in range(2):
        region.attach(DoAttach(door, LAMP, "lamp.py (blink attached)", VALUES), lambda: None)
        west.tick()
    with pytest.raises(ScriptRefused, match="has 1 scripts, all it may have"):
        region.attach(DoAttach(door, LAMP, "another.py", VALUES), lambda: None)


def on_touch(script: Any, toucher: Any) -> None:
    """Says who touches it."""
    script.say(toucher.name)


def test_what_happens_before_a_function_is_made_waits_for_it(tmp_path: Path) -> None:
    """Its handler is there from the tick on in which it is attached, though nothing of it has run yet."""
    west = grid()
    region, door, code = Operated(west, tmp_path), west.rez(name="door"), live_code(on_touch)
    region.attach(DoAttach(door, code.source, code.filename, code.values), lambda: None)
    west.touch(door, "ada")
    west.tick(2)
    assert ["ada"] == west["west"].said


ON = """
class Lamp(Script):
    def on_start(self):
        {}
    def on_touch(self, toucher):
        self.become(Lit)
class Lit(Lamp):
    pass
"""


@pytest.mark.parametrize(
    ("begins", "remark"),
    [
        ("self.spawn(self.sleep, 60)", ""),
        (
            "self.sleep(60)",
            "on_start is at work still and goes on with the old code; on_upgrade, and every other event, waits until"
            " it has ended. `reset` would begin the script anew.",
        ),
    ],
)
def test_a_handler_that_keeps_new_code_waiting_is_told(tmp_path: Path, begins: str, remark: str) -> None:
    """What is done may be without effect for ever; microthreads that were spawned keep nothing waiting."""
    west, told = grid(), list[str]()
    region, lamp = Operated(west, tmp_path), west.rez(ON.format(begins), name="lamp")
    region.upgrade(DoUpgrade(lamp, "lamp.py", LAMP), lambda remark="": told.append(remark))
    west.tick()
    assert [remark] == told


def test_new_code_without_the_scripts_state_is_refused_at_once(tmp_path: Path) -> None:
    """Whoever asks is told so, and nothing has changed."""
    west = grid()
    region, lamp = Operated(west, tmp_path), west.rez(ON.format("pass"), name="lamp")
    west.touch(lamp)
    west.tick()
    with pytest.raises(ScriptRefused, match="'lamp' is in state Lit, which the new code does not have"):
        region.upgrade(DoUpgrade(lamp, "lamp.py", LAMP), lambda remark="": None)
