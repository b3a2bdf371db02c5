"""What a benchmark gives: figures by name, with their unit, limit, peers and spread.

The one idea: whatever is compared was measured in the same run, one after the other, several times over; a figure is
the median, its spread the quartiles. A figure is nanoseconds, bytes or a ratio; machines differ, ratios less.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """`limit`: the physical limit measured beside it, in the same unit. `peers`: what others cost."""

    value: float
    unit: str
    limit: float | None = None
    peers: Mapping[str, float] = field(default_factory=dict)
    spread: tuple[float, float] | None = None


Figures = dict[str, Figure]


def nanoseconds(work: Callable[[], object], repeats: int, rounds: int) -> list[float]:
    """Nanoseconds for one of `repeats` that `work` does at each call, once for each round."""
    found = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            began = time.perf_counter_ns()
            work()
            found.append((time.perf_counter_ns() - began) / repeats)
    finally:
        gc.enable()
    return found


def figure(samples: list[float], unit: str, limit: float | None = None, **peers: float) -> Figure:
    """The median of the samples, with their quartiles."""
    low, _, high = statistics.quantiles(samples, n=4) if len(samples) > 1 else (samples[0],) * 3
    return Figure(statistics.median(samples), unit, limit, peers, (low, high))
