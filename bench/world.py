"""What does a frame cost in which a hundred thousand objects move, and asking each of them where it is?

Motion is computed when somebody asks where an object is, so the limit is a frame with nothing in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.figures import Figures, alternate, figure
from bench.regions import OneRegion
from scripts_api import Vector

MOVING = 100_000


def run(quick: bool) -> Figures:
    """`world.moving_100k_ms` and `world.ask_100k_ms`."""
    moving, still = OneRegion(), OneRegion()
    source = "from scripts_api import *\nclass Still(Script):\n    pass\n"
    ids = moving.rez(source, MOVING, velocity=Vector(0.01, 0, 0))

    def ask() -> float:
        began = time.perf_counter()
        for id in ids:
            moving.region.objects[id].position  # noqa: B018 - computed by being asked for
        return (time.perf_counter() - began) * 1e3

    works = {"moving": _frame(moving), "still": _frame(still), "ask": ask}
    found = alternate(works, 5 if quick else 60)
    return {
        "world.moving_100k_ms": figure(found["moving"], "ms", min(found["still"])),
        "world.ask_100k_ms": figure(found["ask"], "ms", note="asking each of them where it is"),
    }


def _frame(one: OneRegion) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        one.step()
        return (time.perf_counter() - began) * 1e3

    return measure
