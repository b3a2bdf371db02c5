"""`hop_every`: the development switch with which a region captures and restores at each N-th suspension."""

from __future__ import annotations

import pytest

import simulator.region
from simulator.checkpoint_renew import renew
from simulator.limits import RegionLimits
from simulator.world.objects import WorldObject
from tests.regions import FRAME_US, Grid

LOOPS = """
class Loops(Script):
    n = 0
    def on_touch(self, toucher):
        for a in range(10):
            for b in range(3):
                self.n += 1
        self.say(str(self.n))
"""

UNMOVABLE = """
import threading
class Holds(Script):
    def on_touch(self, toucher):
        lock = threading.Lock()
        for a in range(10):
            pass
        self.say(str(lock.locked()))
"""


def _grid(hop_every: int) -> Grid:
    return Grid("west", limits=RegionLimits(frame_us=FRAME_US, hop_every=hop_every), edges=1, slices=100)


@pytest.mark.parametrize(("hop_every", "expected"), [(0, range(1)), (1, range(40, 60)), (7, range(5, 9))])
def test_so_often_is_an_object_restored(
    hop_every: int, expected: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each N-th loop edge or wait; what the script does is the same."""
    grid, renewed = _grid(hop_every), list[WorldObject]()

    def counted(body: WorldObject) -> None:
        renewed.append(body)
        renew(body)

    monkeypatch.setattr(simulator.region, "renew", counted)
    grid.touch(grid.rez(LOOPS))
    grid.tick()
    assert ["30"] == grid["west"].said
    assert len(renewed) in expected


def test_what_cannot_travel_goes_on_where_it_is() -> None:
    """The switch finds it, and the log tells its author; the script runs."""
    grid = _grid(1)
    grid.touch(grid.rez(UNMOVABLE))
    grid.tick()
    assert ["False"] == grid["west"].said
