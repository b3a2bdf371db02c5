"""Running a script's microthreads: `Microthread` and what a step of one gives."""

from __future__ import annotations

import sys

from migrate.engines.microthread import Engine, Habit, Microthread
from migrate.engines.steps import Failed, Finished, Step
from migrate.limits import RECURSION_MAX

__all__ = ["Engine", "Failed", "Finished", "Habit", "Microthread", "Step"]

sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_MAX))
