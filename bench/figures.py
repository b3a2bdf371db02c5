"""What a benchmark gives: figures by name, with their unit, limit, peers, spread and samples.

The one idea: whatever is compared is measured in the same run, in turns, several times over: ours, the limit, a peer,
ours again. A figure is the median of its samples, its spread their quartiles; a ratio is taken pair by pair, turn by
turn, so that what slows the machine for a moment slows both.

Machines differ, ratios less: only ratios are worth comparing between two machines.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

SAMPLES_MAX = 300
"""Samples of one figure that are stored: enough for a histogram and a 99th percentile, and a result stays below a
megabyte.
"""

Better = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class Figure:
    """`limit`: the physical limit measured beside it, in the same unit. `peers`: what others cost, in the same unit.

    `note`: what else a reader must know, such as that the figure was scaled up.
    """

    value: float
    unit: str
    limit: float | None = None
    peers: Mapping[str, float] = field(default_factory=dict)
    spread: tuple[float, float] | None = None
    samples: tuple[float, ...] = ()
    better: Better = "lower"
    note: str = ""


Figures = dict[str, Figure]
Samples = Sequence[float]


def figure(
    samples: Samples,
    unit: str,
    limit: float | None = None,
    *,
    peers: Mapping[str, Samples] | None = None,
    better: Better = "lower",
    note: str = "",
) -> Figure:
    """The median of the samples, with their quartiles; of each peer the median."""
    others = {name: statistics.median(found) for name, found in (peers or {}).items() if found}
    value, spread = statistics.median(samples), quartiles(samples)
    return Figure(value, unit, limit, others, spread, thinned(samples), better, note)


def percentile(samples: Samples, percent: float) -> float:
    """The smallest sample that so many percent do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def quartiles(samples: Samples) -> tuple[float, float]:
    """The first and the third."""
    if len(samples) < 2:
        return samples[0], samples[0]
    low, _, high = statistics.quantiles(samples, n=4)
    return low, high


def thinned(samples: Samples) -> tuple[float, ...]:
    """At most `SAMPLES_MAX` of them, spread evenly over the sorted whole, so that quantiles stay what they are."""
    if len(samples) <= SAMPLES_MAX:
        return tuple(samples)
    ordered = sorted(samples)
    step = (len(ordered) - 1) / (SAMPLES_MAX - 1)
    return tuple(ordered[round(index * step)] for index in range(SAMPLES_MAX))


def alternate(works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure each in turn, so many times. A first round warms up and is dropped: code is specialised, caches fill."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            gc.collect()
            found[name].append(work())
    return {name: samples[1:] for name, samples in found.items()}


def settle() -> None:
    """Take what has been made up to now out of the collector's walks: `alternate` makes one before each measurement,
    and with a hundred thousand objects it takes longer than the measurement.
    """
    gc.collect()
    gc.freeze()


def ratios(ours: Samples, theirs: Samples) -> list[float]:
    """Ours by theirs, turn by turn."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def each_ns(work: Callable[[], object], repeats: int) -> float:
    """Nanoseconds for one of `repeats` that `work` does in one call, without the garbage collector's walks."""
    gc.disable()
    try:
        began = time.perf_counter_ns()
        work()
        return (time.perf_counter_ns() - began) / repeats
    finally:
        gc.enable()


def repeated_us(work: Callable[[], object], repeats: int) -> float:
    """Microseconds for one call of `work`, called so often."""

    def many() -> None:
        for _ in range(repeats):
            work()

    return each_ns(many, repeats) / 1000


def pooled(runs: Iterable[Figures]) -> Figures:
    """The figures of several processes as one: all their samples, the median of their limits and peers."""
    together: dict[str, list[Figure]] = {}
    for run in runs:
        for name, found in run.items():
            together.setdefault(name, []).append(found)
    return {name: _pooled(same) for name, same in together.items()}


def _pooled(same: list[Figure]) -> Figure:
    first = same[0]
    if len(same) == 1:
        return first
    limits = [each.limit for each in same if each.limit is not None]
    peers = {name: [each.peers[name] for each in same if name in each.peers] for name in first.peers}
    return figure(
        [sample for each in same for sample in each.samples],
        first.unit,
        statistics.median(limits) if limits else None,
        peers=peers,
        better=first.better,
        note=first.note,
    )
