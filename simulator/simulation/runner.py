"""Many seeds, one after the other, and what they came to.

It does not print; `simulator.cli.sim` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulator.simulation.mutants import mutated
from simulator.simulation.storm import SeedResult, run_seed


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What a run of many seeds came to.

    `seeds`: how many were run. `violations`: how many of them broke an invariant. `first_seed`: the first
    of those, with what it broke in `first_violation`. `events`: applied. `moves`: committed hand-overs.
    """

    seeds: int
    violations: int
    first_seed: int | None
    first_violation: str | None
    events: int
    moves: int
    crashes: int


def run_simulation(
    seeds: Iterable[int],
    *,
    mutant: str | None = None,
    regions: int = 4,
    objects: int = 6,
    stop_at_first: bool = False,
    on_seed: Callable[[SeedResult], None] | None = None,
) -> SimulationReport:
    """Run the seeds and return what they came to; the same arguments always return the same.

    `mutant`: a name from `MUTANTS`, to run that instead of the product. `on_seed` is called after each seed.
    """
    results: list[SeedResult] = []
    with mutated(mutant):
        for seed in seeds:
            results.append(run_seed(seed, regions, objects))
            if on_seed is not None:
                on_seed(results[-1])
            if stop_at_first and results[-1].violation is not None:
                break
    return _report(results)


def _report(results: list[SeedResult]) -> SimulationReport:
    broken = [result for result in results if result.violation is not None]
    return SimulationReport(
        seeds=len(results),
        violations=len(broken),
        first_seed=broken[0].seed if broken else None,
        first_violation=broken[0].violation if broken else None,
        events=sum(result.events for result in results),
        moves=sum(result.moves for result in results),
        crashes=sum(result.crashes for result in results),
    )
