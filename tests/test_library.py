"""Modules of the standard library under CPython's own tests of them, moved at random points."""

from __future__ import annotations

import sys

import pytest

from migrate.engines import Engine
from tests.library import Bench, has_tests, joined

SEED = 20261121
"""Printed with every failure, as part of the assertion."""

MODULES = {
    "bisect": 60, "calendar": 60, "colorsys": 40, "fnmatch": 10, "fractions": 3, "graphlib": 15, "heapq": 120,
    "ipaddress": 60, "json": 90, "reprlib": 30, "shlex": 150, "string": 4, "textwrap": 200,
}  # fmt: skip
"""Module -> so many moves at least: a run that hardly moves would prove nothing."""

SLOW = {"difflib": 80, "statistics": 600}

REFUSALS_MAX = 12
"""Tests of one module in which something cannot travel; each says what, of these kinds."""

REFUSED_FOR = (
    "an open file cannot travel",
    "belongs to no script",  # a generator of the library's: `test.support` makes context managers of them
    "builtins.formatteriterator",  # what `string.Formatter` gets from C
    "extends 'decimal.Decimal'",
    "decimal.ContextManager",
)

needs_tests = pytest.mark.skipif(
    not has_tests(),
    reason="this Python came without its own tests; pyenv's have them: pyenv install "
    + ".".join(map(str, sys.version_info[:3])),
)


@needs_tests
@pytest.mark.parametrize("engine", ["generator", "native"])
@pytest.mark.parametrize("module", MODULES)
def test_library_modules_pass_their_own_tests_while_they_move(module: str, engine: Engine) -> None:
    """No test ends otherwise than in one place; what is refused is refused by name."""
    _check(module, engine, MODULES[module])


@needs_tests
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["generator", "native"])
@pytest.mark.parametrize("module", SLOW)
def test_large_library_modules_do_so_too(module: str, engine: Engine) -> None:
    """The same, for those that take a minute."""
    _check(module, engine, SLOW[module])


def _check(module: str, engine: Engine, moves_min: int) -> None:
    tally = Bench(module, joined(module), SEED).run(engine)
    assert (SEED, {}) == (SEED, tally.different)
    assert [] == [text for text in tally.refused.values() if not any(kind in text for kind in REFUSED_FOR)]
    assert len(tally.refused) <= REFUSALS_MAX
    assert tally.moves >= moves_min, (SEED, tally.moves)
