"""The real clock, which only the rim may read.

The one idea: the kernel's `now` is wall time that never runs backwards: read once, then carried on by the
monotonic clock. So a region that was away knows for how long, and a step of the machine's clock moves no
timer.

Between two processes of one host the monotonic clock itself is shared, and latencies are measured on that.
"""

from __future__ import annotations

import time


class Clock:
    """Microseconds since 1970, never backwards in one process."""

    def __init__(self, not_before_us: int = 0) -> None:
        """`not_before_us`: the last time a region has seen, in case the machine's clock was set back."""
        self._offset_us = max(time.time_ns() // 1000, not_before_us) - monotonic_us()

    def now_us(self) -> int:
        """Return the time: microseconds since 1970, never less than before."""
        return monotonic_us() + self._offset_us


def monotonic_us() -> int:
    """Return CLOCK_MONOTONIC in microseconds: the same for all processes of this host since it started."""
    return time.monotonic_ns() // 1000
