"""How much memory scripts use: what `self.memory` tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of what the scripts of an object can reach, in the form in which they would travel.

    The same on every machine and version of Python. It is measured at the end of each tick in which one of
    them ran.
    """

    used_bytes: int
    limit_bytes: int
