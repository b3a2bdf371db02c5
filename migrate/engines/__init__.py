"""Running a script's microthreads: `Microthread` and what a step of one gives."""

from __future__ import annotations

from migrate.engines.microthread import Engine, Microthread
from migrate.engines.steps import Failed, Finished, Step

__all__ = ["Engine", "Failed", "Finished", "Microthread", "Step"]
