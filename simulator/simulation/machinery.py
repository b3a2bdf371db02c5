"""Fake network, disk and directory: everything a real grid has that can fail.

The one idea: all of it is driven by the same clock and the same random numbers as the regions, so that one
seed is one run. Every fault is a field that the schedule in `simulator.simulation.storm` turns on and off.

It knows nothing of the protocol.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from migrate.rows import RowChanges, RowKey
from simulator.errors import LeaseLost, StoreFull

SLOW_ANSWERS_US = (100_000, 200_000, 400_000)


class Write(NamedTuple):
    """A commit that is not yet synced. `before`: what its rows were."""

    epoch: int
    before: dict[RowKey, bytes]
    changes: RowChanges


class Disk:
    """One region's store, behind a fence of epochs. A process reads what was written; only what was also synced
    survives a loss of power.
    """

    def __init__(
        self, region: str, watch: Callable[[str, int, dict[RowKey, bytes], RowChanges], None]
    ) -> None:
        """Begin empty and healthy. `watch` is told of each commit that has become durable."""
        self.region, self._watch = region, watch
        self.rows: dict[RowKey, bytes] = {}
        self._unsynced: list[Write] = []
        self.epoch = 0
        self.full = False
        self.slow_us = 0

    def claim(self) -> int:
        """Return a new lease, which ends every one before it. What a dead process wrote, the system has synced."""
        self._sync_all()
        self.epoch += 1
        return self.epoch

    def check(self, epoch: int) -> None:
        """Raise what a commit would raise now."""
        if epoch != self.epoch:
            raise LeaseLost(f"{self.region}: epoch {epoch} is over, {self.epoch} holds the lease")
        if self.full:
            raise StoreFull(f"{self.region}: no room")

    def write(self, epoch: int, changes: RowChanges) -> None:
        """Write a whole commit."""
        before = {key: self.rows[key] for key in changes if key in self.rows}
        self._unsynced.append(Write(epoch, before, dict(changes)))
        self._apply(changes)

    def sync(self) -> None:
        """Make durable what was written: a commit is over only then."""
        self._sync_all()

    def lose_power(self) -> int:
        """Forget what was written and not synced, and return how many commits that were."""
        lost = len(self._unsynced)
        for write in reversed(self._unsynced):
            self._apply({key: write.before.get(key) for key in write.changes})
        self._unsynced.clear()
        return lost

    def _sync_all(self) -> None:
        for write in self._unsynced:
            self._watch(self.region, *write)
        self._unsynced.clear()

    def _apply(self, changes: RowChanges) -> None:
        for key, value in changes.items():
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value


class Directory:
    """Which process runs a region. During an outage it takes no news and gives no answers."""

    def __init__(self) -> None:
        """Begin with nobody known."""
        self.up = True
        self._processes: dict[str, int] = {}
        self._news: dict[str, int] = {}

    def announce(self, region: str, process: int) -> None:
        """Note that a process runs the region now."""
        self._news[region] = process
        if self.up:
            self.recover()

    def recover(self) -> None:
        """Be up again, and take the news."""
        self.up = True
        self._processes.update(self._news)

    def processes(self) -> dict[str, int] | None:
        """Return which process runs which region; None during an outage."""
        return dict(self._processes) if self.up else None


class Network:
    """Frames on their way to processes; each may be lost, repeated or late, and paths may be cut."""

    def __init__(
        self, random: Random, watch: Callable[[str, str, bytes, list[int] | None], None] | None = None
    ) -> None:
        """Begin with a network that works. `watch` is told of each frame, and when its copies arrive; None: it is cut
        off.
        """
        self._watch = watch
        self.drop = self.repeat = 0.0
        self.delay_us_max = 1
        self.cuts: set[tuple[str, str]] = set()
        self.slow_answer = 0.0
        self._slow_until_us: dict[tuple[str, str], int] = {}
        self._random = random
        self._frames: list[tuple[int, int, int, str, bytes]] = []
        self._count = 0

    def send(self, now_us: int, src: str, dst: str, process: int, data: bytes) -> None:
        """Put a frame on its way to a process that is thought to run `dst`."""
        draw = self._random.random
        if (src, dst) in self.cuts:
            if self._watch is not None:
                self._watch(src, dst, data, None)
            return
        copies_due_us = []
        for _ in range(2 if draw() < self.repeat else 1):
            if draw() >= self.drop:
                self._count += 1
                due_us = now_us + int(draw() * self.delay_us_max)
                due_us = max(due_us, self._slow_until_us.get((src, dst), 0))
                heapq.heappush(self._frames, (due_us, self._count, process, src, data))
                copies_due_us.append(due_us)
        if self._watch is not None:
            self._watch(src, dst, data, copies_due_us)

    def unit_sent(self, now_us: int, src: str, dst: str) -> None:
        """A unit is on its way: perhaps the answer to it takes very long, while all else works."""
        if self._random.random() < self.slow_answer:
            self._slow_until_us[dst, src] = now_us + self._random.choice(SLOW_ANSWERS_US)

    def arrivals(self, now_us: int) -> dict[int, list[tuple[str, bytes]]]:
        """Return the frames that arrive by now, by process, as (source region, bytes)."""
        arrived: dict[int, list[tuple[str, bytes]]] = {}
        while self._frames and self._frames[0][0] <= now_us:
            _, _, process, src, data = heapq.heappop(self._frames)
            arrived.setdefault(process, []).append((src, data))
        return arrived

    def heal(self) -> None:
        """Work without fault from here on."""
        self.drop = self.repeat = 0.0
        self.delay_us_max = 1
        self.cuts.clear()
        self.slow_answer = 0.0
        self._slow_until_us.clear()

    def quiet(self) -> bool:
        """Return whether nothing is on its way."""
        return not self._frames

    def under_way(self) -> Iterator[tuple[str, bytes]]:
        """Return the frames that are on their way, in the order in which they arrive, with their sources."""
        return ((src, data) for _, _, _, src, data in sorted(self._frames))
