"""A whole grid in one process, on a fake clock, network and disk, from one seed: the proof of the protocol.

The regions in it run the product's own `Exchange`; only the world above it is a toy (`toys`) and what lies
below it is fake (`machinery`). `storm` runs one seed, `oracle` watches it, `mutants` are broken variants that
the oracle must notice; `kept` holds on to what it once noticed in the product, and `history` tells what led to it.
"""

from simulator.simulation.kept import KeptCase, checkout_file, keep_case, read_kept
from simulator.simulation.mutants import MUTANTS, Mutant, mutated
from simulator.simulation.runner import SimulationReport, explain_seed, run_simulation
from simulator.simulation.storm import SeedResult, run_seed

__all__ = [
    "MUTANTS",
    "KeptCase",
    "Mutant",
    "SeedResult",
    "SimulationReport",
    "checkout_file",
    "explain_seed",
    "keep_case",
    "mutated",
    "read_kept",
    "run_seed",
    "run_simulation",
]
