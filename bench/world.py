"""What does a frame cost in which a hundred thousand objects move, with nobody looking and with a script that senses;
what asking each of them where it is; and what a million sums of vectors in a script?

Motion is computed when somebody asks where an object is, so the limit of a frame is one with nothing in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from bench.figures import Figures, alternate, figure, settle
from bench.regions import BATCH, OneRegion
from migrate import Finished, Microthread, Module, compile_program
from scripts_api import Vector
from simulator.commands import Rez
from simulator.limits import FRAME_US

MOVING, FEWER = 100_000, 20_000
"""Objects; the second for a quick run: what nobody looks at costs nothing, however much of it there is."""

SUMS = 1_000_000
CATCHES_UP = 100  # frames: what the objects did while other things were measured is not this frame's

LOOKING = """
from scripts_api import *

class Looking(Script):
    def on_start(self):
        self.looks = 0
        while True:
            self.sense(20)
            self.looks += 1
            self.sleep(0.001)
"""

ADDING = """
from scripts_api import Vector

def add(count):
    place, step = Vector(), Vector(1, 2, 3)
    for _ in range(count):
        place = place + step
    return place
"""


def run(quick: bool) -> Figures:
    """`world.moving_100k_ms`, `world.sensed_100k_ms`, `world.ask_100k_ms` and `world.additions_1m_ms`."""
    count = FEWER if quick else MOVING
    moving, sensed, still = OneRegion(), OneRegion(), OneRegion()
    source = "from scripts_api import *\nclass Still(Script):\n    pass\n"
    ids = moving.rez(source, count, velocity=Vector(0.01, 0, 0))
    _scatter(sensed, source, count)
    (looking,) = sensed.rez(LOOKING, 1)
    while not sensed.region.state_of(looking).get("looks"):
        time.sleep(0.001)
        sensed.step()
    add = Module(compile_program(ADDING, "adding.py")).namespace["add"]

    def ask() -> float:
        began = time.perf_counter()
        for id in ids:
            moving.region.objects[id].position  # noqa: B018 - computed by being asked for
        return (time.perf_counter() - began) * 1e3 * MOVING / count

    def sums() -> float:
        began = time.process_time()
        step = Microthread(add, (SUMS,)).resume()
        assert isinstance(step, Finished), step
        return (time.process_time() - began) * 1e3

    scaled = f" of {count}, scaled up," if quick else " of them"
    works = {
        "moving": _frame(moving), "sensed": _frame(sensed), "still": _frame(still), "ask": ask, "sums": sums,
        "plain": _plain_sums,
    }  # fmt: skip
    settle()
    found = alternate(works, 4 if quick else 60)
    return {
        "world.moving_100k_ms": figure(
            found["moving"], "ms", min(found["still"]), note=f"with {count} objects" if quick else ""
        ),
        f"world.sensed_{count // 1000}k_ms": figure(
            found["sensed"],
            "ms",
            min(found["still"]),
            note="all on their ways, and a script that senses 20 m around",
        ),
        "world.additions_1m_ms": figure(
            found["sums"], "ms", min(found["plain"]), note="beside a million sums of three floats, as tuples"
        ),
        "world.ask_100k_ms": figure(found["ask"], "ms", note=f"asking each{scaled} where it is"),
    }


def _scatter(one: OneRegion, source: str, count: int) -> None:
    """Fill a region evenly with objects that go in all directions."""
    random, program = Random(1), one.programs.add(source, "benched.py")
    for _ in range(0, count, BATCH):
        made = [
            Rez(
                "box",
                f"owner-{n % 100}",
                Vector(random.uniform(0, 1024), random.uniform(0, 1024), 0),
                Vector(random.uniform(-1, 1), random.uniform(-1, 1), 0),
                (program,),
            )
            for n in range(BATCH)
        ]
        one.step(made)


def _plain_sums() -> float:
    """The same with nothing but tuples."""
    began = time.process_time()
    place, step = (0.0, 0.0, 0.0), (1.0, 2.0, 3.0)
    for _ in range(SUMS):
        x, y, z = place
        a, b, c = step
        place = (x + a, y + b, z + c)
    return (time.process_time() - began) * 1e3


def _frame(one: OneRegion) -> Callable[[], float]:
    def measure() -> float:
        for _ in range(CATCHES_UP):
            one.step()
        time.sleep(FRAME_US / 1e6)
        began = time.process_time()
        one.step()
        return (time.process_time() - began) * 1e3

    return measure
