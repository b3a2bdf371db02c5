"""A grid of regions in one process for tests: a fake clock, counted slices, stores in memory, an obedient
network.
"""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from migrate.errors import CaptureRefused, Pinned
from migrate.exchange import Exchange
from migrate.rows import ExchangeState
from scripts_api import AgentRef, Vector
from simulator.checkpoint import captured
from simulator.commands import Rez, TouchObject
from simulator.host import RegionHost
from simulator.limits import RegionLimits
from simulator.region import Outputs, Region
from simulator.slicer import CountedSlicer
from simulator.store import SqliteStore
from simulator.world.items import Item
from simulator.world.objects import WorldObject
from simulator.world.places import Places, RegionPlace
from simulator.world.programs import Programs

FRAME_US = 20_000
SIZE_M = 100.0


class OneRegion:
    """A region with its store, which survives it."""

    def __init__(self, grid: Grid, name: str) -> None:
        self.grid, self.name = grid, name
        self.store = SqliteStore(name, None, "memory")
        self.programs = Programs()
        self.outputs: list[Outputs] = []
        self.epoch = 0
        self.open(away_us=0)

    def open(self, away_us: int) -> None:
        """Continue from the store, as after a crash."""
        self.epoch += 1
        rows = self.store.load()
        saved = ExchangeState.from_rows(rows) if rows else None
        self.exchange = Exchange(self.name, self.epoch, saved)
        self.region = Region(
            self.grid.places.region(self.name),
            self.grid.places,
            self.exchange,
            self.programs,
            self.grid.limits,
            trusted=self.name in self.grid.trusted,
        )
        check_departures(self.region)
        self.region.load(rows, self.grid.now_us, away_us)
        self.host = RegionHost(self.region, self.exchange, self.store, rows, self.outputs.append)

    def crash(self, away_us: int = 0) -> None:
        """Lose everything but the store and come back, in another process."""
        self.programs = Programs()
        self.open(away_us)

    def restore(self) -> None:
        """Drop everything and restore it from the store, in the same process."""
        self.open(away_us=0)

    @property
    def said(self) -> list[str]:
        """Everything said on the public channel."""
        return [said.text for outputs in self.outputs for said in outputs.said if not said.over_border]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Everything told to authors."""
        return [(told.what, told.text) for outputs in self.outputs for told in outputs.told]


def check_departures(region: Region) -> None:
    """Whatever leaves leaves as it is now, though its heap may have been written earlier."""
    crossings: Any = region._crossings
    as_it_is = crossings._as_it_is

    def checked(body: WorldObject) -> Any:
        written, generators = as_it_is(body)
        try:
            assert captured(body) == written
        except (CaptureRefused, Pinned) as refusal:
            raise AssertionError(f"{body.id} leaves as it is no more") from refusal
        return written, generators

    crossings._as_it_is = checked


class Grid:
    """Regions in a row from west to east, each 100 m wide."""

    def __init__(
        self,
        *names: str,
        limits: RegionLimits | None = None,
        edges: int = 50,
        slices: int = 20,
        everywhere: bool = False,
        trusted: tuple[str, ...] = (),
        layout: dict[str, tuple[tuple[float, float], tuple[float, float]]] | None = None,
    ) -> None:
        """`edges` in a slice, `slices` in a frame. `everywhere`: everything is written down, dropped and
        restored behind every frame. `trusted`: the regions in trusted mode. `layout`: corners and sizes, if they do
        not lie in a row.
        """
        self.trusted = trusted
        self.now_us = 1_000_000_000
        heartbeat_us = 0 if everywhere else RegionLimits().heartbeat_us
        self.limits = limits or RegionLimits(frame_us=FRAME_US, heartbeat_us=heartbeat_us)
        self.edges, self.slices, self.everywhere = edges, slices, everywhere
        row = {name: ((index * SIZE_M, 0.0), (SIZE_M, SIZE_M)) for index, name in enumerate(names)}
        self.places = Places(RegionPlace(name, *where) for name, where in (layout or row).items())
        self.regions = {name: OneRegion(self, name) for name in names}
        self.frames: dict[str, list[tuple[str, bytes]]] = {name: [] for name in names}
        self.down: set[str] = set()

    def __getitem__(self, name: str) -> OneRegion:
        return self.regions[name]

    def rez(
        self,
        source: str | None = None,
        *,
        region: str | None = None,
        name: str = "box",
        owner: str = "ada",
        position: tuple[float, float, float] = (50.0, 50.0, 0.0),
        velocity: tuple[float, float, float] = (0.0, 0.0, 0.0),
        param: Any = None,
        contents: tuple[tuple[str, Item], ...] = (),
    ) -> str:
        """Make an object with a script, run a frame, and return the object's id."""
        one = self.regions[region or next(iter(self.regions))]
        scripts = () if source is None else (one.programs.add(script(source), f"{name}.py"),)
        before = set(one.region.objects)
        one.host.command(
            Rez(name, owner, Vector(*position), Vector(*velocity), scripts, param, contents=contents)
        )
        self.tick()
        # What its script has made meanwhile has a later number.
        return min(set(one.region.objects) - before, key=lambda id: int(id.rpartition(":")[2]))

    def tick(self, count: int = 1, *, with_scripts: bool = True) -> None:
        """Run frames of all regions, one after the other."""
        for _ in range(count):
            self.now_us += FRAME_US
            for name, one in self.regions.items():
                if name in self.down:
                    self.frames[name].clear()
                    continue
                slicer = CountedSlicer(self.edges, self.slices)
                slicer.allow(int(with_scripts))
                frames, self.frames[name] = self.frames[name], []
                for dst, frame in one.host.tick(self.now_us, frames, slicer):
                    self.frames[dst].append((name, frame))
                if self.everywhere:
                    one.restore()

    def run(self, seconds: float) -> None:
        """Run frames for so long."""
        self.tick(round(seconds * 1_000_000 / FRAME_US))

    def touch(self, id: str, toucher: str = "eve") -> None:
        """Touch an object wherever it is."""
        self.region_of(id).host.command(TouchObject(id, AgentRef(f"agent:{toucher}", toucher)))

    def region_of(self, id: str) -> OneRegion:
        """The region that has an object."""
        (found,) = [one for one in self.regions.values() if id in one.region.objects]
        return found

    def object(self, id: str) -> WorldObject:
        """The object."""
        return self.region_of(id).region.objects[id]

    def state(self, id: str) -> dict[str, Any]:
        """The attributes of its script."""
        return self.region_of(id).region.state_of(id)

    def fails(self, id: str) -> str | None:
        """What its script has failed with."""
        return self.object(id).scripts[0].error


def script(source: str) -> str:
    """A script's source with the usual imports."""
    return "from scripts_api import *\n" + dedent(source)
