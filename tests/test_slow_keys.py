"""Keys that scripts hash by methods of their own: an object is put together outside of turns, and is watched there."""

from __future__ import annotations

import signal
from contextlib import nullcontext
from functools import partial

from scripts_api import Vector
from simulator.slicer import limited_time
from simulator.world.programs import Programs
from tests.regions import Grid, script

KEYS = """
class Key:
    slow = False

    def __hash__(self):
        while self.slow and self.slow < 3_000_000:
            self.slow += 1
        return 1


class Keeper(Script):
    def on_start(self):
        self.key = Key()
        self.found = {self.key: "here"}

    def on_touch(self, toucher):
        self.key.slow = 1
"""
LIMIT_US = 20_000


def keeper(grid: Grid) -> str:
    """An object whose key has become slow since it was hashed."""
    id = grid.rez(KEYS, position=(95.0, 50.0, 0.0))
    grid.touch(id)
    grid.tick(2)
    return id


def test_an_object_with_keys_that_take_too_long_is_not_loaded() -> None:
    """It is in quarantine, and the region runs."""
    grid = Grid("west")
    id = keeper(grid)
    west = grid["west"]
    west.programs = Programs(partial(limited_time, LIMIT_US))
    west.restore()
    grid.tick()
    ((_, text),) = [told for told in west.told if told[0] == "object can't be read"]
    assert text.startswith(f"object {id} can't be put together: __hash__ worked for more than 20 ms where")


def test_nor_is_it_taken_from_a_neighbour() -> None:
    """Who sends such an object gets it back, and it lives on there."""
    grid = Grid("west", "east")
    grid["east"].programs = Programs(partial(limited_time, LIMIT_US))
    grid["east"].restore()
    id = keeper(grid)
    grid["west"].region.objects[id].world.borders.set_velocity(grid.object(id), Vector(50, 0, 0))
    grid.run(2)
    assert "west" == grid.region_of(id).name
    assert 1 <= grid["east"].exchange.statistics().returned + grid["west"].exchange.statistics().returned


def test_what_ticked_before_ticks_on() -> None:
    """Where one limit lies in another, the outer one still holds."""
    with limited_time(LIMIT_US):
        with limited_time(LIMIT_US):
            pass
        assert signal.getitimer(signal.ITIMER_REAL)[1] > 0
    assert (0.0, 0.0) == signal.getitimer(signal.ITIMER_REAL)


ROW = """
class Row:
    def __iter__(self):
        return iter((1, 2))


class Plain(Script):
    pass
"""


def test_programs_whose_methods_may_be_asked_are_watched() -> None:
    """What an iterator goes over may be asked for one; where no program has such methods nothing is set up."""
    programs = Programs(partial(limited_time, LIMIT_US))
    assert isinstance(programs.limited_reading(), nullcontext)
    programs.add(script(ROW), "row.py")
    assert not isinstance(programs.limited_reading(), nullcontext)
