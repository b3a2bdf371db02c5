"""Programs that no one here wrote, moved at random points, compared with plain Python."""

from __future__ import annotations

import random

import pytest

from bench.foreign import ENTRY, PROGRAMS, source_of
from migrate import compile_program
from migrate.engines import Engine
from migrate.verify import Leg, Runner, verify

SEED = 20261121
"""Printed with every failure, as part of the assertion."""

EVERY_MAX = 40


class RandomLegs:
    """Runs legs that end after a random number of suspensions."""

    def __init__(self, name: str, seed: int) -> None:
        self._chance = random.Random(f"{name} {seed}")
        self._program = compile_program(source_of(name), f"{name}.py")

    def leg(self, record: bytes | None, engine: Engine) -> Leg:
        return Runner(self._program, ENTRY, [], self._chance.randint(1, EVERY_MAX)).leg(record, engine)


@pytest.mark.parametrize("engines", [("generator",), ("native",), ("generator", "native")], ids="+".join)
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "richards"])
def test_foreign_programs_move_unchanged(name: str, engines: tuple[Engine, ...]) -> None:
    """Captured at random points, each program leaves what it would have left."""
    program = compile_program(source_of(name), f"{name}.py")
    verdict = verify(program, ENTRY, engines=engines, run_leg=RandomLegs(name, SEED).leg)
    assert (None, SEED) == (verdict.difference, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 7])
@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_foreign_programs_move_at_every_point(name: str, every: int) -> None:
    """The same at every suspension, the engines taking turns."""
    program = compile_program(source_of(name), f"{name}.py")
    verdict = verify(program, ENTRY, every=every, engines=("generator", "native"))
    assert verdict.difference is None
