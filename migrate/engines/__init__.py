"""Running a script's microthreads: `Microthread` and what a step of one gives."""

from __future__ import annotations

import sys

from migrate.engines.microthread import Engine, Microthread
from migrate.engines.steps import Failed, Finished, Step
from migrate.limits import RECURSION_MAX

__all__ = ["Engine", "Failed", "Finished", "Microthread", "Step"]

sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_MAX))
