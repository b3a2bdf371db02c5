"""A few exchanges that are joined by a network of lists, for tests of what regions say to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from migrate.deliveries import Delivery, Granted, Offered
from migrate.exchange import Exchange
from migrate.limits import ExchangeLimits
from migrate.rows import ExchangeState, RowKey

TICK_US = 10_000

Kind = TypeVar("Kind")


class Regions:
    """Exchanges by name, each with a store that is a dict. What was delivered is kept by region."""

    def __init__(
        self,
        *names: str,
        limits: ExchangeLimits | None = None,
        knows: Callable[[str], bool] = lambda region: True,
    ) -> None:
        self.limits = limits or ExchangeLimits()
        self.knows = knows
        self.now_us = 1_000_000
        self.rows: dict[str, dict[RowKey, bytes]] = {name: {} for name in names}
        self.epochs = dict.fromkeys(names, 1)
        self.exchanges = {name: Exchange(name, 1, limits=self.limits, knows=knows) for name in names}
        self.came: dict[str, list[Delivery]] = {name: [] for name in names}
        self.cut: set[tuple[str, str]] = set()

    def __getitem__(self, name: str) -> Exchange:
        return self.exchanges[name]

    def commit(self, name: str) -> None:
        """Write a region's changes to its store."""
        self.came[name] += self.exchanges[name].local()
        for key, value in self.exchanges[name].delta().items():
            if value is None:
                self.rows[name].pop(key, None)
            else:
                self.rows[name][key] = value
        self.exchanges[name].committed()

    def restart(self, name: str) -> None:
        """Crash a region and start it again from its store."""
        self.epochs[name] += 1
        saved = ExchangeState.from_rows(self.rows[name])
        self.exchanges[name] = Exchange(name, self.epochs[name], saved, limits=self.limits, knows=self.knows)

    def round(self) -> bool:
        """Tick every region once; return whether anything was sent."""
        self.now_us += TICK_US
        frames = [
            (name, dst, data)
            for name in self.exchanges
            for dst, data in self._tick(name)
            if (name, dst) not in self.cut
        ]
        for src, dst, data in frames:
            self.came[dst] += self.exchanges[dst].receive(src, data, self.now_us)
        return bool(frames)

    def rounds(self, count: int) -> None:
        """Tick every region so many times."""
        for _ in range(count):
            self.round()

    def settle(self) -> None:
        """Tick until nothing is said any more."""
        while self.round():
            pass

    def cross(self, object: str, src: str, dst: str, riders: tuple[str, ...] = ()) -> None:
        """Let an object be offered, granted and handed over; the transfer is committed but not sent."""
        self.ask(object, src, dst)
        while not any(isinstance(each, Granted) and each.object == object for each in self.came[src]):
            self.round()
            for offered in self.taken(dst, Offered):
                self.exchanges[dst].grant(offered.number, offered.object, offered.src)
        self.taken(src, Granted)
        self.exchanges[src].depart(object, dst, b"state", riders=riders)
        self.commit(src)

    def ask(self, object: str, src: str, dst: str) -> None:
        """Offer an object."""
        self.exchanges[src].offer(
            object, dst, bytes=1, scripts=1, memory=1, programs=("p",), now_us=self.now_us
        )

    def taken(self, name: str, kind: type[Kind]) -> list[Kind]:
        """Take what was delivered of one kind out of what a region got."""
        found = [each for each in self.came[name] if isinstance(each, kind)]
        self.came[name] = [each for each in self.came[name] if not isinstance(each, kind)]
        return found

    def _tick(self, name: str) -> list[tuple[str, bytes]]:
        self.came[name] += self.exchanges[name].tick(self.now_us)
        self.commit(name)
        return self.exchanges[name].outgoing(self.now_us)
