"""A whole grid in one process, on a fake clock, network and disk, from one seed: the proof of the protocol.

The regions in it run the product's own `Exchange`; only the world above it is a toy (`toys`) and what lies
below it is fake (`machinery`). `storm` runs one seed, `oracle` watches it, `mutants` are broken variants that
the oracle must notice.
"""

from simulator.simulation.mutants import MUTANTS, Mutant, mutated
from simulator.simulation.runner import SimulationReport, run_simulation
from simulator.simulation.storm import SeedResult, run_seed

__all__ = [
    "MUTANTS",
    "Mutant",
    "SeedResult",
    "SimulationReport",
    "mutated",
    "run_seed",
    "run_simulation",
]
