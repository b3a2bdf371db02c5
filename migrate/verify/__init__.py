"""The proof: a program run as plain Python and as a microthread that moves at every suspension, compared."""

from __future__ import annotations

from migrate.errors import WorkerFailed
from migrate.verify.compare import Verdict, verify, verify_in_processes
from migrate.verify.running import Leg, Outcome, Runner
from migrate.verify.workers import Task

__all__ = ["Leg", "Outcome", "Runner", "Task", "Verdict", "WorkerFailed", "verify", "verify_in_processes"]
