"""The table from code objects to the functions of programs, over all programs of this process."""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from migrate.injector.program import Program
    from migrate.injector.shared import Function


class Known(NamedTuple):
    """A code object and what it is a form of. Holds the code, so that its address stays its own."""

    code: CodeType
    program: Program
    function: Function


KNOWN: dict[int, Known] = {}
"""Address of a code object -> what it is. Code objects are compared by value otherwise, which is slow."""


def known_code(code: CodeType) -> Known | None:
    """What function this is a form of; None if it belongs to no program."""
    return KNOWN.get(id(code))
