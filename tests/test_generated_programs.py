"""Programs that no one wrote: made up from a grammar, moved at every suspension, compared with plain Python."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings

from migrate import compile_program
from migrate.verify import verify
from tests.grammar import programs

STEPS_MAX = 60
"""Longer programs show nothing that shorter ones do not, and each step is a journey."""

EXAMPLES = 60
EXAMPLES_SLOW = 500


class _TooLong(BaseException):
    """The program says more than is wanted."""


class _Bounded(list[object]):
    def append(self, item: object) -> None:
        if len(self) > STEPS_MAX:
            raise _TooLong
        super().append(item)


def _is_python(source: str) -> bool:
    try:
        compile(source, "made-up.py", "exec")
    except SyntaxError:
        return False
    return True


def _is_short(source: str) -> bool:
    """Whether the program says little, so that it is over soon."""
    namespace: dict[str, Any] = {"__name__": "made_up", "Bounded": _Bounded}
    try:
        with contextlib.suppress(Exception):
            exec(compile(source.replace("LOG = []", "LOG = Bounded()", 1), "made-up.py", "exec"), namespace)
            namespace["main"]()
    except _TooLong:
        return False
    return len(namespace["LOG"]) <= STEPS_MAX


def _proves(source: str) -> None:
    note(source)
    # A name may be used before its `nonlocal`, and the like: no program. Too many of those, and hypothesis complains.
    assume(_is_python(source) and _is_short(source))
    program = compile_program(source, "made-up.py")
    verdict = verify(program, every=1, engines=("generator", "native"))
    assert verdict.difference is None, verdict.difference


SUPPRESSED = [check for check in HealthCheck if check is not HealthCheck.filter_too_much]

COMMON = {"deadline": None, "suppress_health_check": SUPPRESSED}

# A made-up generator that is collected may say too much in its `finally`.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@settings(max_examples=EXAMPLES, derandomize=True, **COMMON)  # type: ignore[arg-type]  # options in common
@given(programs())
def test_made_up_programs_move_unchanged(source: str) -> None:
    """Whatever the grammar makes leaves the same behind, moved or not."""
    _proves(source)


@pytest.mark.slow
@settings(max_examples=EXAMPLES_SLOW, **COMMON)  # type: ignore[arg-type]  # options in common
@given(programs())
def test_many_made_up_programs_move_unchanged(source: str) -> None:
    """The same for hundreds of them, others each time."""
    _proves(source)
