"""Source text to programs whose functions can be suspended, captured and resumed anywhere."""

from __future__ import annotations

from migrate.injector.module import Module
from migrate.injector.program import Program, compile_program

__all__ = ["Module", "Program", "compile_program"]
