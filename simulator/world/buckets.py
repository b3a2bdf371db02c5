"""How often something may be done: bursts up to a size, and so many a second in the long run.

The one idea: a whole bucket is one integer, the time at which it would be full again (the generic cell rate
algorithm of ATM networks). Doing something moves that time; it is refused when the time lies too far ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

from scripts_api import LimitReached


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst`: how many at once. `per_s`: how many a second in the long run."""

    burst: int
    per_s: int

    def left(self, full_us: int, now_us: int) -> int:
        """Return how many are possible at once."""
        each_us = 1_000_000 // self.per_s
        return self.burst - -(-max(0, full_us - now_us) // each_us)

    def spend(self, full_us: int, now_us: int, name: str, call: str) -> int:
        """Return the time at which the bucket is full after one more. Raises `LimitReached`, with the budget's name."""
        each_us = 1_000_000 // self.per_s
        later_us = max(full_us, now_us) + each_us
        wait_us = later_us - now_us - self.burst * each_us
        if wait_us > 0:
            raise LimitReached(
                f"{call}: at most {self.burst} at once and {self.per_s} a second; sleep for {wait_us / 1e6:.2g} s and"
                f' try again. self.budget("{name}") tells what is left.'
            )
        return later_us
