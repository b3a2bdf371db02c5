"""Programs that no one wrote: made up from a grammar, moved at every suspension, compared with plain Python."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, note, settings

from migrate import compile_program
from migrate.errors import ScriptSyntaxError
from migrate.verify import verify
from tests.grammar import programs

EXAMPLES = 150
EXAMPLES_SLOW = 4_000


def _proves(source: str) -> None:
    note(source)
    try:
        compile(source, "made-up.py", "exec")
    except SyntaxError:
        # A name may be used before its `nonlocal`, and the like: no program.
        return
    program = compile_program(source, "made-up.py")
    verdict = verify(program, every=1, engines=("generator", "native"))
    assert verdict.difference is None, verdict.difference


COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=EXAMPLES, **COMMON)  # type: ignore[arg-type]  # options in common
@given(programs())
def test_made_up_programs_move_unchanged(source: str) -> None:
    """Whatever the grammar makes leaves the same behind, moved or not."""
    _proves(source)


@pytest.mark.slow
@settings(max_examples=EXAMPLES_SLOW, **COMMON)  # type: ignore[arg-type]  # options in common
@given(programs())
def test_many_made_up_programs_move_unchanged(source: str) -> None:
    """The same for thousands of them."""
    _proves(source)
