"""The proof: a program run as plain Python and as a microthread that moves at every suspension, compared."""

from __future__ import annotations

from migrate.verify.compare import Verdict, verify

__all__ = ["Verdict", "verify"]
