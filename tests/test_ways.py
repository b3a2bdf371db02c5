"""Ways over borders that are hard: through a corner, through a sliver of a region, to and fro without end.

In every frame the object is in one region, or for moments in none; and where it is, it is where it would be without
borders.
"""

from __future__ import annotations

import pytest

from scripts_api import Vector
from tests.regions import FRAME_US, Grid

SQUARE = {
    "sw": ((0.0, 0.0), (100.0, 100.0)),
    "se": ((100.0, 0.0), (100.0, 100.0)),
    "nw": ((0.0, 100.0), (100.0, 100.0)),
    "ne": ((100.0, 100.0), (100.0, 100.0)),
}
SLIVER = {
    "west": ((0.0, 0.0), (100.0, 100.0)),
    "sliver": ((100.0, 0.0), (1.0, 100.0)),
    "east": ((101.0, 0.0), (1000.0, 100.0)),
}
WALKER = """
    class Walker(Script):
        count = 0
        ways = ()
        denied = ()
        def on_start(self):
            self.spawn(self.walk)
        def walk(self):
            for n in range(1, 100_000):
                self.sleep(0.05)
                self.count += 1
                if self.count != n:
                    self.fail()
        def on_arrive(self, region):
            self.ways = (*self.ways, region)
        def on_crossing_denied(self, region, reason):
            self.denied = (*self.denied, (region, reason))
"""
LATE_FRAMES = 4
"""How far behind its way an object may be seen: a hand-over takes as many frames where each message takes one."""

Triple = tuple[float, float, float]


def follow(grid: Grid, id: str, start: Triple, velocity: Triple, seconds: float) -> int:
    """Follow an object on its straight way; return in how many frames it was nowhere to be seen."""
    began_us, unseen = grid.now_us, 0
    for _ in range(round(seconds * 1e6 / FRAME_US)):
        grid.tick()
        seen = [one.region.objects[id] for one in grid.regions.values() if id in one.region.objects]
        assert len(seen) <= 1
        unseen += not seen
        flown_s = (grid.now_us - began_us) / 1e6
        for body in seen:
            for axis in range(2):
                behind_m = (start[axis] + velocity[axis] * flown_s - body.position[axis]) * (
                    1 if velocity[axis] > 0 else -1
                )
                assert -abs(velocity[axis]) * FRAME_US / 1e6 - 1e-6 <= behind_m
                assert behind_m <= abs(velocity[axis]) * LATE_FRAMES * FRAME_US / 1e6 + 1e-6
    return unseen


@pytest.mark.parametrize(
    ("start", "velocity", "ends"),
    [
        ((50.0, 50.0, 0.0), (40.0, 40.0, 0.0), "ne"),
        ((150.0, 50.0, 0.0), (-40.0, 40.0, 0.0), "nw"),
        ((150.0, 150.0, 0.0), (-40.0, -40.0, 0.0), "sw"),
        ((50.0, 50.5, 0.0), (40.0, 40.0, 0.0), "ne"),
        ((50.0, 49.0, 0.0), (40.0, 40.0, 0.0), "ne"),
        ((50.0, 150.0, 0.0), (300.0, -297.0, 0.0), "se"),
    ],
    ids=["through the corner", "to the north-west", "to the south-west", "just beside", "just below", "fast"],
)
def test_an_object_crosses_at_a_corner_of_four(start: Triple, velocity: Triple, ends: str) -> None:
    """Diagonally, exactly through the corner and beside it: two borders within moments."""
    grid = Grid(*SQUARE, layout=SQUARE)
    region = grid.places.at(Vector(*start))
    walker = grid.rez(WALKER, region=region, position=start, velocity=velocity)
    seconds = 1.5 if abs(velocity[0]) < 100 else 0.25
    unseen = follow(grid, walker, start, velocity, seconds)
    assert ends == grid.region_of(walker).name
    assert (None, ()) == (grid.fails(walker), grid.state(walker)["denied"])
    assert unseen <= 3 * LATE_FRAMES


@pytest.mark.parametrize("speed", [20.0, 100.0, 400.0])
def test_an_object_flies_through_a_sliver_of_a_region(speed: float) -> None:
    """One metre wide: at 400 m/s it is crossed in a ninth of a frame."""
    grid = Grid(*SLIVER, layout=SLIVER)
    start, velocity = (90.0, 50.0, 0.0), (speed, 0.0, 0.0)
    walker = grid.rez(WALKER, region="west", position=start, velocity=velocity)
    grid.run(2.0)
    assert "east" == grid.region_of(walker).name
    assert ("west", "sliver") == grid.state(walker)["ways"]
    assert (None, ()) == (grid.fails(walker), grid.state(walker)["denied"])
    behind_m = 90.0 + speed * 2.0 - grid.object(walker).position.x
    assert abs(behind_m) <= speed * 2 * LATE_FRAMES * FRAME_US / 1e6


DANCER = WALKER.replace(
    "self.ways = (*self.ways, region)",
    "self.ways = (*self.ways[-1:], region)\n            self.crossed += 1\n            self.object.velocity *= -1",
).replace("count = 0", "count = crossed = 0")


def test_an_object_turns_back_whenever_it_arrives() -> None:
    """To and fro for a minute, as fast as hand-overs go: its loop never stops and never forks."""
    grid = Grid("west", "east")
    dancer = grid.rez(DANCER, position=(99.0, 50.0, 0.0), velocity=(30.0, 0.0, 0.0))
    grid.run(60.0)
    while not any(dancer in one.region.objects for one in grid.regions.values()):
        grid.tick()
    state = grid.state(dancer)
    assert (None, ()) == (grid.fails(dancer), state["denied"])
    assert state["crossed"] > 200
    assert state["count"] > 60 / 0.05 / 2
