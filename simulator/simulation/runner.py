"""Many seeds, one after the other, and what they came to.

It does not print; `simulator.cli.sim` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from simulator.simulation.history import History
from simulator.simulation.kept import KeptCase, keep_case, read_kept
from simulator.simulation.mutants import mutated
from simulator.simulation.storm import SeedResult, run_seed


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What a run of many seeds came to.

    `seeds`: how many were run. `violations`: how many of them broke an invariant. `first_seed`: the first
    of those, with what it broke in `first_violation` and the file that keeps it in `kept`. `events`: applied.
    `moves`: committed hand-overs.
    """

    seeds: int
    violations: int
    first_seed: int | None
    first_violation: str | None
    kept: Path | None
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
    keep: Path | None = None,
    on_seed: Callable[[SeedResult], None] | None = None,
) -> SimulationReport:
    """Run the seeds and return what they came to; the same arguments always return the same.

    `mutant`: a name from `MUTANTS`, to run that instead of the product. `on_seed` is called after each seed.
    `keep`: a file to which the first case with a violation is added, as soon as it is found; not for mutants,
    which are meant to fail. Raises `KeptCasesUnusable`, before the first seed if the file can't be read.
    """
    assert mutant is None or keep is None, "what a mutant breaks is no case for the tests"
    if keep is not None:
        read_kept(keep)
    results: list[SeedResult] = []
    kept = None
    with mutated(mutant):
        for seed in seeds:
            results.append(run_seed(seed, regions, objects))
            violation = results[-1].violation
            if on_seed is not None:
                on_seed(results[-1])
            if violation is not None and keep is not None and kept is None:
                keep_case(keep, KeptCase(seed, regions, objects, violation))
                kept = keep
            if violation is not None and stop_at_first:
                break
    return _report(results, kept)


def explain_seed(seed: int, *, mutant: str | None = None, regions: int = 4, objects: int = 6) -> list[str]:
    """Return what led to a seed's violation, as lines; none if it breaks nothing. It is run again for that."""
    history = History()
    with mutated(mutant):
        violation = run_seed(seed, regions, objects, history).violation
    return [] if violation is None else history.about(violation)


def _report(results: list[SeedResult], kept: Path | None) -> SimulationReport:
    broken = [result for result in results if result.violation is not None]
    return SimulationReport(
        seeds=len(results),
        violations=len(broken),
        first_seed=broken[0].seed if broken else None,
        first_violation=broken[0].violation if broken else None,
        kept=kept,
        events=sum(result.events for result in results),
        moves=sum(result.moves for result in results),
        crashes=sum(result.crashes for result in results),
    )
