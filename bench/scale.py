"""Does what an active script costs stay flat from a thousand scripts to a million, and what do more processes bring?

The one idea: in regions of growing size the same hundred scripts are touched in every tick; whatever they cost more
in a larger region is a price of size. Then one to eight simulator processes loop and hand objects over beside each
other; on a machine with fewer cores than processes they share them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from bench.figures import Figures, alternate, figure, ratios, settle
from bench.grids import throughput
from bench.regions import TOUCHED, OneRegion, touches

SCRIPTS_EACH = 4
ACTIVE = 100
EACH = 8
SMALLEST = 1_000


def run(quick: bool) -> Figures:
    """`scale.*`."""
    sizes = (SMALLEST, 10_000, 100_000) if quick else (SMALLEST, 10_000, 100_000, 1_000_000)
    works = {str(size): _cost_us(size) for size in sizes}
    settle()
    found = alternate(works, 10 if quick else 40)
    figures: Figures = {
        f"scale.event_us.{size}": figure(samples, "us", note=f"an event, {ACTIVE} of {size} scripts active")
        for size, samples in found.items()
    }
    largest = str(sizes[-1])
    figures["scale.cost_ratio_1m_1k"] = figure(
        ratios(found[largest], found[str(SMALLEST)]),
        "ratio",
        1.0,
        note="" if not quick else f"up to {largest} only",
    )
    for processes in (1, 2) if quick else (1, 2, 4, 8):
        done = throughput(processes, seconds=1.0 if quick else 8.0)
        note = f"{processes} processes on {os.cpu_count()} cores"
        figures[f"scale.rounds_per_s.{processes}"] = figure(
            done.rounds_per_s, "1/s", better="higher", note=note
        )
        if done.crossings_per_s:
            figures[f"scale.crossings_per_s.{processes}"] = figure(
                done.crossings_per_s, "1/s", better="higher", note=note
            )
    return figures


def _cost_us(scripts: int) -> Callable[[], float]:
    one = OneRegion(written=False)
    objects = one.rez(TOUCHED, scripts // SCRIPTS_EACH, SCRIPTS_EACH)
    ids = objects[:: len(objects) // (ACTIVE // SCRIPTS_EACH)][: ACTIVE // SCRIPTS_EACH]
    commands = touches(ids, EACH)

    def measure() -> float:
        began = time.perf_counter()
        one.step(commands)
        return (time.perf_counter() - began) * 1e6 / (len(commands) * SCRIPTS_EACH)

    return measure
