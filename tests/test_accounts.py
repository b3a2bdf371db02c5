"""What scripts cost: counted with each, added up for objects, owners and regions."""

from __future__ import annotations

import pytest

from scripts_api import Vector
from simulator.accounts import ScriptStatistics, in_short, rolled_up
from simulator.commands import Rez
from tests.regions import Grid, script

NAPS = """
class Naps(Script):
    def on_start(self):
        for _ in range(3):
            self.sleep(0.1)
        self.count = 0
    def on_touch(self, toucher):
        self.count += 1
"""

PINNED = """
class Counts(Script):
    def on_start(self):
        self.count = len(Slow(self))

class Slow:
    def __init__(self, script):
        self.script = script
    def __len__(self):
        self.script.sleep(100)
        return 1
"""


def costs(grid: Grid, region: str = "west") -> list[ScriptStatistics]:
    """What the scripts of a region cost."""
    return grid[region].region.script_statistics()


def test_sleeps_events_and_captures_are_counted_with_a_script() -> None:
    """Each of them once, where it happens."""
    grid = Grid("west")
    naps = grid.rez(NAPS)
    grid.run(1.0)
    before = costs(grid)[0].captures
    grid.touch(naps)
    grid.tick()
    (cost,) = costs(grid)
    assert (3, 2, before + 1, 0) == (cost.sleeps, cost.events, cost.captures, cost.crossings)


def test_crossings_are_counted_with_an_object() -> None:
    """One over a border makes one."""
    grid = Grid("west", "east")
    naps = grid.rez(NAPS, position=(90, 50, 0), velocity=(20, 0, 0))
    grid.run(2.0)
    (cost,) = costs(grid, "east")
    assert (naps, 1) == (cost.object, cost.crossings)


def test_it_is_told_where_a_script_stands() -> None:
    """The function and the line; and of one below native code that it is pinned there."""
    grid = Grid("west")
    grid.rez(NAPS)
    assert ["Naps.on_start, line 6"] == [cost.where for cost in costs(grid)]
    grid = Grid("west")
    grid.rez(PINNED)
    (cost,) = costs(grid)
    assert "native" == cost.engines
    assert cost.where.startswith(
        "pinned: 'Slow.__len__' was called by native code from 'Counts.on_start', line 5."
    )


LOCKED = """
import threading
class Locked(Script):
    def on_touch(self, toucher):
        self.lock = threading.Lock() if toucher.name == "eve" else None
"""


def test_it_is_told_why_an_object_is_unsaved() -> None:
    """For as long as it is: a crash would set it back."""
    grid, told = Grid("west"), list[str]()
    box = grid.rez(LOCKED)
    for toucher in ("ada", "eve", "eve", "ada"):
        grid.touch(box, toucher)
        grid.tick()
        told += [cost.unsaved.partition(":")[0] for cost in costs(grid)]
    assert ["", "self.lock of Locked", "self.lock of Locked", ""] == told


def test_it_is_told_what_a_script_has_failed_with() -> None:
    """The innermost line, and the error; also after a crash."""
    grid = Grid("west")
    grid.rez(
        """
        class Breaks(Script):
            def on_start(self):
                self.divide(0)
            def divide(self, by):
                self.share = 1 / by
        """
    )
    expected = ["box.py, line 7: ZeroDivisionError: division by zero"]
    assert expected == [cost.where for cost in costs(grid)]
    grid["west"].crash()
    assert expected == [cost.where for cost in costs(grid)]


def test_scripts_that_have_failed_are_counted_as_long_as_they_are_here() -> None:
    """Also after a crash; one that was reset is none any more."""
    grid = Grid("west")
    box = grid.rez("class Breaks(Script):\n    def on_touch(self, toucher):\n        raise KeyError(1)\n")
    grid.touch(box)
    grid.tick()
    grid["west"].crash()
    assert 1 == grid["west"].region.statistics().scripts_failed
    grid.object(box).scripts[0].reset()
    assert 0 == grid["west"].region.statistics().scripts_failed


@pytest.mark.parametrize("error", ["its memory is full", "its memory is full\n"])
def test_an_error_without_a_traceback_is_told_as_it_is(error: str) -> None:
    """Not every script fails at a line."""
    assert "its memory is full" == in_short(error)


def test_costs_are_added_up_by_object_owner_and_region() -> None:
    """Scripts of one object share its captures; those of several add up."""
    grid = Grid("west")
    boxes = [grid.rez(NAPS, owner=owner) for owner in ("ada", "ada", "bob")]
    grid.run(1.0)
    each = costs(grid)
    of_ada, of_bob = sorted(rolled_up(each, "owner"), key=lambda sum: sum.of)
    assert ("ada", 2, 6) == (of_ada.of, of_ada.scripts, of_ada.sleeps)
    assert of_ada.cpu_us + of_bob.cpu_us == sum(cost.cpu_us for cost in each)
    assert {(box, 1) for box in boxes} == {(sum.of, sum.scripts) for sum in rolled_up(each, "object")}


def test_an_object_counts_once() -> None:
    """However many scripts it has: its captures and crossings are not those of each."""
    grid = Grid("west")
    program = grid["west"].programs.add(script(NAPS), "box.py")
    grid["west"].host.command(Rez("box", "ada", Vector(50, 50, 0), Vector(), (program, program)))
    grid.run(0.5)
    (sum,) = rolled_up(costs(grid), "object")
    assert (2, costs(grid)[0].captures) == (sum.scripts, sum.captures)
