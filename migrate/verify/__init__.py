"""The proof: a program run as plain Python and as a microthread that moves at every suspension, compared."""

from __future__ import annotations

from migrate.verify.compare import Verdict, verify, verify_in_processes
from migrate.verify.running import Leg, Runner
from migrate.verify.workers import Task, WorkerFailed

__all__ = ["Leg", "Runner", "Task", "Verdict", "WorkerFailed", "verify", "verify_in_processes"]
