"""Real regions in a storm: frames lost and repeated, regions dying at any tick, and not a number missing or
doubled.

The simulation (`gossamer sim`) shows this for the protocol with toys; here are real kernels, scripts and
stores.
"""

from __future__ import annotations

from random import Random

import pytest

from simulator.limits import RegionLimits
from simulator.slicer import CountedSlicer
from tests.regions import FRAME_US, Grid, OneRegion

NAMES = ("west", "middle", "east")
TRAVELLER = """
class Traveller(Script):
    count = 0
    got = ()
    def on_start(self):
        self.got = {}
        self.sent = 0
        self.spawn(self.compute)
        self.every(0.1, self.write)
    def compute(self):
        for number in numbers():
            self.add(number)
    def add(self, number):
        for _ in range(3):
            assert self.count == number, f"{self.count} where {number} comes next"
        self.count += 1
    def write(self):
        self.sent += 1
        for other in OTHERS:
            self.send(ObjectRef(other), self.sent)
    def on_message(self, sender, number):
        last = self.got.get(sender.id, 0)
        assert number == last + 1, f"{number} of {sender.id} comes after {last}"
        self.got[sender.id] = number
def numbers():
    n = 0
    while True:
        yield n
        n += 1
"""


DANCER = """
class Dancer(Script):
    steps = 0
    def on_start(self):
        while True:
            self.steps += 1
            draw = self.random()
            if draw < 0.1:
                self.object.position = Vector(300 * self.random(), 100 * self.random(), 0)
            elif draw < 0.2:
                self.object.move_to(Vector(300 * self.random(), 100 * self.random(), 0), self.random())
            else:
                self.object.velocity = Vector(1000 * self.random() - 500, 200 * self.random() - 100, 0)
            self.sleep(0.15 * self.random())
"""


class Storm:
    """A grid in which anything may go wrong, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        limits = RegionLimits(frame_us=FRAME_US, queue_len_max=10_000)
        self.grid = Grid(*NAMES, limits=limits, edges=20, slices=6)
        ids = [f"{name}:1" for name in NAMES]
        for index, name in enumerate(NAMES):
            others = [id for id in ids if id != f"{name}:1"]
            source = f"OTHERS = {others}\n{TRAVELLER}"
            speed = self.random.choice((-1, 1)) * self.random.uniform(60, 300)
            self.grid.rez(source, region=name, position=(100 * index + 50, 50, 0), velocity=(speed, 20, 0))

    def rage(self, ticks: int) -> None:
        """Run ticks with faults."""
        for _ in range(ticks):
            for frames in self.grid.frames.values():
                self._disturb(frames)
            if self.random.random() < 0.05:
                self._kill(self.grid[self.random.choice(NAMES)])
            self.grid.tick(with_scripts=self.random.random() < 0.8)
            present = [id for one in self.grid.regions.values() for id in one.region.objects]
            assert sorted(set(present)) == sorted(present)

    def calm(self) -> list[str]:
        """Mend everything, let it run on, and return who is where no crossing is under way any more."""
        self.grid.run(6.0)
        for _ in range(50):
            if not sum(one.exchange.statistics().objects_out for one in self.grid.regions.values()):
                break
            self.grid.tick()
        return sorted(id for one in self.grid.regions.values() for id in one.region.objects)

    def _disturb(self, frames: list[tuple[str, bytes]]) -> None:
        kept = [frame for frame in frames if self.random.random() > 0.15]
        kept += [frame for frame in frames if self.random.random() < 0.1]
        self.random.shuffle(kept)
        frames[:] = kept

    def _kill(self, one: OneRegion) -> None:
        if self.random.random() < 0.5:
            # It dies in the middle of a tick: what it has done since its last commit is as if it had never
            # been.
            one.region.step(self.grid.now_us + FRAME_US, [], _slicer(self.grid))
        one.crash()


def _slicer(grid: Grid) -> CountedSlicer:
    slicer = CountedSlicer(grid.edges, grid.slices)
    slicer.allow(1)
    return slicer


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_or_doubled_in_a_storm(seed: int) -> None:
    """Each traveller is in one place, has computed on without a gap, and got each message once and in order."""
    storm = Storm(seed)
    storm.rage(250)
    present = storm.calm()
    assert [f"{name}:1" for name in sorted(NAMES)] == present
    for id in present:
        assert None is storm.grid.fails(id), f"seed {seed}"
        assert storm.grid.state(id)["count"] > 100


@pytest.mark.parametrize("seed", range(6))
def test_no_dance_at_a_border_splits_or_loses_a_dancer(seed: int) -> None:
    """Whoever changes course and place at any moment, also while it waits or leaves, is in one place in the
    end.
    """
    storm = Storm(seed)
    dancers = [
        storm.grid.rez(DANCER, region=name, position=(100 * index + 50, 50, 0))
        for index, name in enumerate(NAMES)
    ]
    storm.rage(250)
    assert set(dancers) <= set(storm.calm())
    for dancer in dancers:
        assert None is storm.grid.fails(dancer), f"seed {seed}"
        body = storm.grid.object(dancer)
        assert storm.grid.state(dancer)["steps"] > 20
        assert body.world.here.holds(body.world.here.clamped(body.position))
