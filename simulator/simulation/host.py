"""One process of the simulated grid: it runs a region tick by tick and may die at any point of a tick.

The one idea: a tick has named places (`Place`), and a crash is a tick that stops at one of them. What was written
and not yet synced then is kept by the operating system, or lost with the power.

The Exchange inside and the order of a tick around it, `RegionHost`, are the product's. What they stand on is not:
the world (`toys`), and the disk and the network (`machinery`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from random import Random
from typing import Any

import msgspec

from migrate.deliveries import Delivery
from migrate.exchange import Exchange
from migrate.limits import ExchangeLimits
from migrate.rows import ExchangeState, RowChanges
from simulator.errors import LeaseLost, SimulatedDeath
from simulator.host import Frames, RegionHost
from simulator.simulation.machinery import Disk, Network
from simulator.simulation.oracle import Oracle, Violation
from simulator.simulation.toys import Temper, World, Wrong
from simulator.store import Lease


class Place(Enum):
    """Where in a tick a process can die."""

    IN_DELIVERY = "in delivery"
    BEFORE_COMMIT = "before commit"
    IN_COMMIT = "in commit"
    AFTER_COMMIT = "after commit"
    WHILE_SENDING = "while sending"


class Outputs(msgspec.Struct, frozen=True):
    """What a step of the toy world changes."""

    rows: RowChanges


class Kernel:
    """The toy world as a `RegionHost` wants its kernel. `dies` and `others` are for the coming step."""

    def __init__(self, world: World) -> None:
        """`others`: ids that the world's things may write to; without any they rest."""
        self._world = world
        self.dies: Place | None = None
        self.others: list[str] = []

    def step(self, now_us: int, inputs: Sequence[Any], slicer: Any) -> Outputs:
        """Take what came, do what the things like, and return what changed."""
        came: list[Delivery] = list(inputs)
        if self.dies is Place.IN_DELIVERY:
            self._world.react(came[: len(came) // 2])
            raise SimulatedDeath
        self._world.react(came)
        if self.others:
            self._world.act(now_us, self.others)
        return Outputs(self._world.rows())


class Store:
    """A disk as a `RegionHost` wants its store. `dies` is for the coming commit."""

    def __init__(self, disk: Disk, random: Random) -> None:
        """Claim the region."""
        self._disk, self._random = disk, random
        self.lease = Lease(disk.region, disk.claim())
        self.dies: Place | None = None

    def last_tick(self) -> int:
        """Ticks are not numbered here: the disk's epochs are fence enough."""
        return 0

    def commit(self, lease: Lease, tick: int, rows: RowChanges) -> None:
        """Write; the sync comes later, as slow as the disk is. Raises `LeaseLost`, `StoreFull`, `SimulatedDeath`."""
        if self.dies is Place.BEFORE_COMMIT:
            raise SimulatedDeath
        if self.dies is Place.IN_COMMIT and self._random.random() < 0.3:
            raise SimulatedDeath
        self._disk.check(lease.epoch)
        self._disk.write(lease.epoch, rows)
        if self.dies is Place.IN_COMMIT:
            raise SimulatedDeath

    def close(self) -> None:
        """Nothing to do: a process here only ever dies."""


def _broken(what: str, error: Exception) -> Violation:
    """Say where the product has failed with an error of its own; those of the simulation say it themselves."""
    return Violation(f"{what}: {type(error).__name__}: {error}")


class Host:
    """A process that runs one region, from its start to its death."""

    def __init__(
        self,
        number: int,
        disk: Disk,
        regions: list[str],
        limits: ExchangeLimits,
        temper: Temper,
        network: Network,
        oracle: Oracle,
        random: Random,
    ) -> None:
        """Claim the region and continue from its disk."""
        self.number, self.region, self.disk = number, disk.region, disk
        self.alive = True
        self.addresses: dict[str, int] = {}
        self._network, self._oracle, self._random = network, oracle, random
        self._store = Store(disk, random)
        self.epoch = self._store.lease.epoch
        neighbours = [region for region in regions if region != self.region]
        try:
            saved = ExchangeState.from_rows(disk.rows) if disk.rows else None
            self.exchange = Exchange(
                self.region, self.epoch, saved, limits=limits, knows=set(regions).__contains__
            )
        except Exception as error:
            raise _broken(f"{self.region} can't continue from its store", error) from error
        self.world = World(self.region, neighbours, self.exchange, temper, random)
        self.world.load(disk.rows)
        self._kernel = Kernel(self.world)
        self._host = RegionHost(self._kernel, self.exchange, self._store, {})
        self._leaving: Frames | None = None
        self._committing_until_us = self._ticks = 0

    def tick(
        self, now_us: int, frames: list[tuple[str, bytes]], others: list[str], dies: Place | None = None
    ) -> None:
        """Run one tick, or what of it there is before the process dies."""
        self._kernel.others = others
        self._kernel.dies = self._store.dies = dies
        try:
            if self._leaving is None:
                # While a commit is under way nothing is read: the network drops what comes.
                self._ticks += 1
                self._leaving = self._host.tick(now_us, frames, None, may_wait=self._ticks % 2 == 1)
                self._committing_until_us = now_us + self.disk.slow_us
            if dies in (None, Place.AFTER_COMMIT, Place.WHILE_SENDING):
                self._end_commit(now_us, dies)
        except (SimulatedDeath, LeaseLost):
            self.alive = False
        except (Violation, Wrong):
            raise
        except Exception as error:
            raise _broken(f"{self.region} broke down", error) from error
        if dies is not None:
            self.alive = False

    def _end_commit(self, now_us: int, dies: Place | None) -> None:
        if dies is None and now_us < self._committing_until_us:
            return
        assert self._leaving is not None
        leaving, self._leaving = self._leaving, None
        self.disk.sync()
        if dies is not Place.AFTER_COMMIT:
            self._send(now_us, leaving, dies)

    def _send(self, now_us: int, frames: Frames, dies: Place | None) -> None:
        for dst, data in frames:
            if dies is Place.WHILE_SENDING and self._random.random() < 0.5:
                continue
            carries_unit = self._oracle.sent(self.region, data, self.disk.rows)
            if carries_unit:
                self._network.unit_sent(now_us, self.region, dst)
            if dst in self.addresses:
                self._network.send(now_us, self.region, dst, self.addresses[dst], data)
