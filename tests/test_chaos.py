"""Real processes in a storm: simulators are killed and stopped, connections cut, held, delayed and doubled.

Each test ends with everything mended, and then the walkers' own books must be complete and without a gap, and
the stores must hold each walker once and nothing under way. `CHAOS_OBJECTS`, `CHAOS_SECONDS` and `CHAOS_SEED`
make a storm larger, longer or another one; a seed draws the same faults, but processes have their own time.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from migrate.handoff import State
from migrate.rows import ExchangeState
from simulator.store.reading import read_store
from tests.proxies import Proxy
from tests.squares import NAMES, Square, Walk, corner_walkers, crossing_walkers

OBJECTS = int(os.environ.get("CHAOS_OBJECTS", "2000"))
STORM_S = float(os.environ.get("CHAOS_SECONDS", "60"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
PATIENCE_S = 300.0
STORM_WALK = Walk(steps=60, step_s=1.0, letters=20, letter_s=3.0)
CORNER_WALK = Walk(steps=50, step_s=0.4, letters=20, letter_s=1.0)

pytestmark = pytest.mark.slow


@contextmanager
def square(folder: Path, walk: Walk, objects: dict[str, dict[str, Any]]) -> Iterator[Square]:
    made = Square(folder, walk, objects)
    try:
        for name in NAMES:
            made.start(name)
        yield made
    finally:
        made.close()


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


def check_the_end(square: Square, walk: Walk) -> None:
    """All books are complete, each walker is in one store once, and nothing is under way."""
    books = square.settle(PATIENCE_S)
    assert {} == square.ended()
    crossings = sum(each["crossings"] for each in books.values())
    print(f"{len(books)} walkers crossed {crossings} times; simulators were started {square.starts} times")
    assert crossings > len(books)
    kept = {
        id: {name: value for name, value in each.items() if name != "crossings"} for id, each in books.items()
    }
    assert len(square.objects) == len(kept)
    assert {} == {id: each for id, each in kept.items() if each != walk.books()}
    square.heal()
    assert {} == square.drain(PATIENCE_S)
    assert dict.fromkeys(NAMES, 0) == square.stop()
    states = {name: stored(square, name) for name in NAMES}
    owners = [
        id for state in states.values() for id, hand in state.hands.items() if hand.state == State.OWNED
    ]
    assert sorted(kept) == sorted(owners)
    # Here and there an idle pair ends meanwhile, which takes a message; but no object is under way.
    assert [State.OWNED, State.TOMB] == sorted(
        {State(hand.state) for state in states.values() for hand in state.hands.values()}
    )


def stored(square: Square, name: str) -> ExchangeState:
    """What a region's store knows of all objects; it holds the checkpoints of just those that it owns."""
    rows = read_store(square.store(name)).rows
    state = ExchangeState.from_rows(rows)
    owned_here = [id for id, hand in state.hands.items() if hand.state == State.OWNED]
    assert sorted(key for kind, key in rows if kind == "object") == sorted(owned_here)
    return state


def test_nothing_is_lost_or_doubled_in_a_storm(tmp_path: Path) -> None:
    """Thousands of crossings and letters while processes die and the network is as bad as can be."""
    random = Random(SEED)
    with square(tmp_path, STORM_WALK, crossing_walkers(OBJECTS, STORM_WALK, random)) as made:
        storm = Storm(made, random)
        storm.rage(STORM_S)
        check_the_end(made, STORM_WALK)


def test_all_survive_a_slow_corner(tmp_path: Path) -> None:
    """A second of delay at a corner of four regions, and all cross twice there: none is lost or doubled."""
    with square(tmp_path, CORNER_WALK, corner_walkers(100, Random(SEED))) as made:
        made.change_network(lambda: [setattr(proxy, "delay_s", 1.0) for proxy in made.paths])
        check_the_end(made, CORNER_WALK)
