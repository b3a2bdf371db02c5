"""Running a script's microthreads: `Microthread` and what a step of one gives."""

from __future__ import annotations

from migrate.engines.microthread import Failed, Finished, Microthread, Step

__all__ = ["Failed", "Finished", "Microthread", "Step"]
