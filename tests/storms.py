"""A storm over a square of simulators: faults, one after the other, each mended after a while.

The one idea: faults are drawn from a seed, and in between a walker's books are looked at: what has once been seen of
it is never taken back.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from random import Random

from tests.proxies import Proxy
from tests.squares import NAMES, Square


class Storm:
    """Faults, one after the other, each mended after a while; and a look at a walker's books in between."""

    def __init__(self, square: Square, random: Random) -> None:
        self._square, self._random = square, random
        self._mend_at: list[tuple[float, Callable[[], object]]] = []
        self._stopped: set[str] = set()
        self._seen: dict[str, dict[str, int]] = {}
        self.faults: dict[str, int] = {}

    def rage(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._mend()
            self._random.choice((self.kill, self.stop, self.cut, self.hold, self.delay, self.double))()
            self.look()
            time.sleep(self._random.uniform(0.1, 0.5))
        self._mend(everything=True)

    def kill(self) -> None:
        """SIGKILL, and start again at once."""
        name = self._random.choice(NAMES)
        self._stopped.discard(name)
        self._square.kill(name)
        self._count("killed")

    def stop(self) -> None:
        """SIGSTOP, and SIGCONT a moment later."""
        name = self._random.choice(NAMES)
        if name not in self._stopped:
            self._stopped.add(name)
            process = self._square.processes[name]
            process.send_signal(signal.SIGSTOP)
            self._later(lambda: (self._stopped.discard(name), process.send_signal(signal.SIGCONT)))
            self._count("stopped")

    def cut(self) -> None:
        """All connections of a path are cut, and new ones too."""
        proxy = self._path()
        self._square.change_network(lambda: (setattr(proxy, "cut", True), proxy.drop_all()))
        self._heal_later(proxy, "cut")

    def hold(self) -> None:
        """Nothing comes through, but the connection stands; perhaps it breaks with all it holds."""
        proxy, breaks = self._path(), self._random.random() < 0.5
        self._square.change_network(proxy.hold)
        if breaks:
            self._later(lambda: self._square.change_network(proxy.drop_all))
        self._heal_later(proxy, "held")

    def delay(self) -> None:
        """Everything on a path comes late."""
        proxy, seconds = self._path(), self._random.choice((0.05, 0.3, 1.0))
        self._square.change_network(lambda: setattr(proxy, "delay_s", seconds))
        self._heal_later(proxy, "delayed")

    def double(self) -> None:
        """The next connections of a path are opened twice, with the same bytes."""
        proxy = self._path()
        self._square.change_network(lambda: (setattr(proxy, "twice", True), proxy.drop_all()))
        self._heal_later(proxy, "doubled")

    def look(self) -> None:
        """What has once been seen of a walker is never taken back: only what is committed can be seen."""
        id = f"{self._random.choice(NAMES)}:{self._random.randint(1, len(self._square.objects) // 4)}"
        for name in NAMES:
            books = None if name in self._stopped else self._square.books(name, id)
            if books is not None:
                before = self._seen.get(id, books)
                assert {} == {key: (before[key], books[key]) for key in books if books[key] < before[key]}
                self._seen[id] = books

    def _path(self) -> Proxy:
        return self._random.choice(self._square.paths)

    def _heal_later(self, proxy: Proxy, fault: str) -> None:
        self._later(lambda: self._square.change_network(proxy.heal))
        self._count(fault)

    def _later(self, mend: Callable[[], object]) -> None:
        self._mend_at.append((time.monotonic() + self._random.choice((0.2, 1.0, 4.0)), mend))

    def _mend(self, *, everything: bool = False) -> None:
        now = time.monotonic()
        for due in [due for due in self._mend_at if everything or due[0] <= now]:
            self._mend_at.remove(due)
            due[1]()

    def _count(self, fault: str) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + 1
