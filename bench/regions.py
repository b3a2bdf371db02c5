"""One real region for benchmarks inside a process: kernel, exchange, real clock and signals; a store where one is
wanted.

The one idea: what is measured is `Region.step` as a simulator process calls it. `written=False` leaves out one thing,
the writing down of what has changed, for figures about scheduling alone, whose peers keep nothing either.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from migrate.exchange import Exchange
from scripts_api import AgentRef, Vector
from scripts_api.values import STILL
from simulator.clock import monotonic_us
from simulator.commands import Rez, TouchObject
from simulator.host import RegionHost
from simulator.limits import RegionLimits
from simulator.region import Outputs, Region
from simulator.slicer import WallSlicer
from simulator.store import SqliteStore
from simulator.store.protocol import Durability
from simulator.turns import Slicer
from simulator.world.places import Places, RegionPlace
from simulator.world.programs import Programs

PLACE = RegionPlace("west", (0.0, 0.0), (1024.0, 1024.0))
MIDDLE = Vector(512, 512, 0)
LONG_US = 3_600_000_000
EVE = AgentRef("agent:eve", "eve")
BATCH = 1_000

TOUCHED = """
from scripts_api import *

class Touched(Script):
    def on_start(self):
        self.count = 0
        self.label = "idle"

    def on_touch(self, toucher):
        self.count += 1
"""


class UnwrittenRegion(Region):
    """A region that keeps nothing."""

    def _outputs(self, slicer: Slicer) -> Outputs:
        self._world.changed.clear()
        return super()._outputs(slicer)


class OneRegion:
    """A region in this process. Without a store it forgets everything with the process."""

    def __init__(
        self,
        *,
        written: bool = True,
        limits: RegionLimits | None = None,
        path: Path | None = None,
        durability: Durability | None = None,
    ) -> None:
        places = Places([PLACE])
        self.limits = limits or RegionLimits(objects_max=1_000_000)
        self.exchange, self.programs = Exchange(PLACE.name, 1, None), Programs()
        kind = Region if written else UnwrittenRegion
        self.region = kind(PLACE, places, self.exchange, self.programs, self.limits)
        self.slicer = WallSlicer(self.limits.slice_us, self.limits.uninterruptible_us_max, lambda: False)
        self.host: RegionHost[Outputs] | None = None
        if durability is not None:
            store = SqliteStore(PLACE.name, path, durability)
            self.host = RegionHost(self.region, self.exchange, store, store.load())

    def step(self, commands: Sequence[Any] = (), time_us: int = LONG_US) -> Outputs:
        """One tick without a store; scripts get so much time."""
        now_us = monotonic_us()
        self.slicer.allow(now_us + time_us if time_us else 0)
        outputs = self.region.step(now_us, commands, self.slicer)
        self.exchange.delta()
        self.exchange.committed()
        return outputs

    def tick(self, commands: Sequence[Any] = (), time_us: int = LONG_US) -> None:
        """One tick with its commit."""
        assert self.host is not None
        for command in commands:
            self.host.command(command)
        now_us = monotonic_us()
        self.slicer.allow(now_us + time_us if time_us else 0)
        self.host.tick(now_us, (), self.slicer)

    def rez(
        self,
        source: str,
        objects: int,
        scripts: int = 1,
        owners: int = 100,
        velocity: Vector = STILL,
        time_us: int = LONG_US,
    ) -> list[str]:
        """Make so many objects with so many scripts each; return their ids."""
        program = self.programs.add(source, "benched.py")
        before = set(self.region.objects)
        run = self.step if self.host is None else self.tick
        for first in range(0, objects, BATCH):
            made = range(first, min(objects, first + BATCH))
            run(
                [Rez("box", f"owner-{n % owners}", MIDDLE, velocity, (program,) * scripts, n) for n in made],
                time_us,
            )
        return [id for id in self.region.objects if id not in before]


def touches(ids: Sequence[str], each: int) -> list[TouchObject]:
    """So many touches for each object, in turns."""
    return [TouchObject(id, EVE) for _ in range(each) for id in ids]


def resident_bytes() -> int:
    """Memory of this process that is in use and not shared out."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no VmRSS")
