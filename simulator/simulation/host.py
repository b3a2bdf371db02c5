"""One process of the simulated grid: it runs a region tick by tick and may die at any point of a tick.

The one idea: a tick has named places (`Place`), and a crash is a tick that stops at one of them. What a
commit that was under way came to is then a matter of luck, as on a real disk.

The Exchange inside is the product's; around it is the order of calls that `simulator.host` has too.
"""

from __future__ import annotations

from enum import Enum
from random import Random

from migrate.exchange import Exchange
from migrate.limits import ExchangeLimits
from migrate.rows import ExchangeState, RowKey
from simulator.errors import LeaseLost, StoreFull
from simulator.simulation.machinery import Disk, Network
from simulator.simulation.oracle import Oracle
from simulator.simulation.toys import Temper, World


class Place(Enum):
    """Where in a tick a process can die."""

    IN_DELIVERY = "in delivery"
    BEFORE_COMMIT = "before commit"
    IN_COMMIT = "in commit"
    AFTER_COMMIT = "after commit"
    WHILE_SENDING = "while sending"


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
        self.epoch = disk.claim()
        self.alive = True
        self.addresses: dict[str, int] = {}
        self._limits, self._network, self._oracle, self._random = limits, network, oracle, random
        neighbours = [region for region in regions if region != self.region]
        saved = ExchangeState.from_rows(disk.rows) if disk.rows else None
        self.exchange = Exchange(
            self.region, self.epoch, saved, limits=limits, knows=set(regions).__contains__
        )
        self.world = World(self.region, neighbours, self.exchange, temper, random)
        self.world.load(disk.rows)
        self._unwritten: dict[RowKey, bytes | None] = {}
        self._committing_until_us: int | None = None

    def tick(
        self, now_us: int, frames: list[tuple[str, bytes]], others: list[str], dies: Place | None = None
    ) -> None:
        """Run one tick, or what of it there is before the process dies."""
        if self._committing_until_us is not None:
            self._end_commit(now_us, Place.IN_COMMIT if dies else None)
        elif self._unwritten:
            # The disk was full: this region takes nothing until its last tick is written.
            self._receive(now_us, frames)
            self._begin_commit(now_us, dies)
        else:
            self._run(now_us, frames, others, dies)
            if self.alive:
                self._begin_commit(now_us, dies)
        if dies is not None:
            self.alive = False

    def _run(
        self, now_us: int, frames: list[tuple[str, bytes]], others: list[str], dies: Place | None
    ) -> None:
        if dies is Place.IN_DELIVERY:
            frames = frames[: len(frames) // 2]
        self._receive(now_us, frames)
        if dies is Place.IN_DELIVERY:
            self.alive = False
            return
        self.world.react(self.exchange.tick(now_us))
        if others:
            self.world.act(now_us, others)

    def _receive(self, now_us: int, frames: list[tuple[str, bytes]]) -> None:
        for src, data in frames:
            self.world.react(self.exchange.receive(src, data, now_us))

    def _begin_commit(self, now_us: int, dies: Place | None) -> None:
        self._unwritten.update(self.exchange.delta())
        self._unwritten.update(self.world.rows())
        if dies is Place.BEFORE_COMMIT:
            return
        self._committing_until_us = now_us + self.disk.slow_us
        self._end_commit(now_us, dies)

    def _end_commit(self, now_us: int, dies: Place | None) -> None:
        assert self._committing_until_us is not None
        if dies is Place.IN_COMMIT and self._random.random() < 0.5:
            return
        if dies is None and now_us < self._committing_until_us:
            return
        self._committing_until_us = None
        try:
            self.disk.check(self.epoch)
        except LeaseLost:
            self.alive = False
        except StoreFull:
            self.exchange.pause()
            self._send(now_us, dies)
        else:
            self._write()
            if dies is not Place.IN_COMMIT:
                self._after_commit(now_us, dies)

    def _write(self) -> None:
        self._oracle.commit(self.region, self.epoch, self.disk.rows, self._unwritten)
        self.disk.write(self._unwritten)
        self._unwritten = {}

    def _after_commit(self, now_us: int, dies: Place | None) -> None:
        self.exchange.committed()
        self.exchange.resume()
        if dies is not Place.AFTER_COMMIT:
            self._send(now_us, dies)

    def _send(self, now_us: int, dies: Place | None) -> None:
        for dst, data in self.exchange.outgoing(now_us):
            if dies is Place.WHILE_SENDING and self._random.random() < 0.5:
                continue
            carries_unit = self._oracle.sent(self.region, data, self.disk.rows)
            if carries_unit:
                self._network.unit_sent(now_us, self.region, dst)
            if dst in self.addresses:
                self._network.send(now_us, self.region, dst, self.addresses[dst], data)
