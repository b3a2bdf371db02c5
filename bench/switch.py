"""What does it cost to switch from one script to the next, by depth and engine, and in the region's scheduler?

Limit: `generator.send` round robin over as many generators, and a bare greenlet's switch. Peers: tasks of asyncio,
trio and gevent, and threads, that do nothing but give up their turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from greenlet import getcurrent, greenlet

from bench.figures import Figures, alternate, each_ns, figure, ratios
from bench.peer import peers
from bench.regions import OneRegion
from migrate import CONTROL, Microthread, Module, compile_program
from migrate.engines import Engine

SOURCE = """
def idle(depth):
    if depth:
        return idle(depth - 1)
    while True:
        pass
"""
SPINNING = """
from scripts_api import *

class Spinning(Script):
    def on_start(self):
        while True:
            pass
"""
SCRIPTS = 1_000
PEERS = {"asyncio": None, "trio": "trio", "gevent": "gevent", "threads": None}
FORMS: tuple[tuple[Engine, int], ...] = (("generator", 0), ("generator", 5), ("native", 0), ("native", 20))


def run(quick: bool) -> Figures:
    """`switch.ns` and its relatives."""
    rounds, repeats = (5, 10_000) if quick else (15, 50_000)
    module = Module(compile_program(SOURCE, "idle.py"))
    with peers("switching", PEERS, repeats) as others:
        works: dict[str, Callable[[], float]] = {"send": _sends(repeats), "greenlet": _greenlets(repeats)}
        works |= {f"{engine}_{depth}": _switches(module, engine, depth, repeats) for engine, depth in FORMS}
        works["region"] = _region_switches()
        found = alternate(works | others, rounds)
    theirs = {name: found[name] for name in others}
    send, bare = min(found["send"]), min(found["greenlet"])
    figures = {
        f"switch.{engine}_{depth}_ns": figure(
            found[f"{engine}_{depth}"], "ns", bare if engine == "native" else send, peers=theirs
        )
        for engine, depth in FORMS
    }
    figures["switch.ns"] = figures["switch.generator_0_ns"]
    figures["switch.vs_send"] = figure(ratios(found["generator_0"], found["send"]), "ratio", 1.0)
    figures["switch.region_ns"] = figure(
        found["region"],
        "ns",
        send,
        peers=theirs,
        note="a turn of the scheduler with its accounts, without a timer",
    )
    return figures


def _switches(module: Module, engine: Engine, depth: int, repeats: int) -> Callable[[], float]:
    """Round robin over a thousand suspended microthreads; far fewer of greenlets that are deep."""
    threads = [
        Microthread(module.namespace["idle"], [depth], engine=engine) for _ in range(SCRIPTS // (1 + depth))
    ]

    def measure() -> float:
        CONTROL.count_slices(1)
        for thread in threads:
            for _ in range(depth + 2):
                thread.resume()
        ring = deque(threads)

        def work() -> None:
            for _ in range(repeats):
                thread = ring.popleft()
                thread.resume()
                ring.append(thread)

        try:
            return each_ns(work, repeats)
        finally:
            CONTROL.count_slices(None)

    return measure


def _region_switches() -> Callable[[], float]:
    """Turns of a region's scheduler over a thousand scripts that loop, each cut off at its first loop edge."""
    one = OneRegion(written=False)
    one.rez(SPINNING, SCRIPTS, time_us=0)
    slicer = EdgeSlicer()

    def measure() -> float:
        slicer.left = 2 * SCRIPTS
        return each_ns(lambda: one.region.step(1_000_000, (), slicer), 2 * SCRIPTS)

    return measure


class EdgeSlicer:
    """Slices of one loop edge, without a timer: what is left is the scheduler's own work."""

    left = 0
    up = False

    @property
    def spent(self) -> bool:
        """Whether there is no time for another turn."""
        return self.left <= 0

    def more(self) -> bool:
        """Whether there is time for turns."""
        return self.left > 0

    def begin(self, runnable: int) -> int:
        """Begin with the first turn; return how long each is reckoned to be."""
        CONTROL.count_slices(1)
        return 1_000

    def turned(self) -> int:
        """End a turn: it is reckoned a whole slice, so that every turn goes to another script."""
        self.left -= 1
        return 1_000

    def end(self) -> None:
        """No more turns."""
        CONTROL.count_slices(None)

    def lap(self) -> int:
        """What is done outside of turns is reckoned to take nothing."""
        return 0


def _sends(repeats: int) -> Callable[[], float]:
    def idle() -> Generator[None, None, None]:
        while True:
            yield

    ring = deque(idle() for _ in range(SCRIPTS))
    for each in ring:
        next(each)

    def work() -> None:
        for _ in range(repeats):
            each = ring.popleft()
            each.send(None)
            ring.append(each)

    return lambda: each_ns(work, repeats)


def _greenlets(repeats: int) -> Callable[[], float]:
    def idle() -> Any:
        while True:
            getcurrent().parent.switch()

    ring = deque(greenlet(idle) for _ in range(SCRIPTS))
    for each in ring:
        each.switch()

    def work() -> None:
        for _ in range(repeats):
            each = ring.popleft()
            each.switch()
            ring.append(each)

    return lambda: each_ns(work, repeats)
