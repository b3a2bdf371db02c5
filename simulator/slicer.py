"""Time for scripts by the real clock: how long a slice is, and when there is no more time in this frame.

The one idea: while a script runs, an interval timer of the operating system interrupts this very thread and
raises `CONTROL.due`; the script sees the flag at its next loop edge or call. Nothing ticks while no script
runs, and no script has to look at a clock.

Who is next is the scheduler's business.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from migrate.control import CONTROL
from simulator.clock import monotonic_us


class WallSlicer:
    """Cuts slices for the region kernel. One per process, because the timer and the flag are."""

    def __init__(self, slice_us: int, interrupted: Callable[[], bool]) -> None:
        """`interrupted` is asked between slices: whether something came that should not wait."""
        self._slice_s = slice_us / 1e6
        self._interrupted = interrupted
        self._until_us = 0
        signal.signal(signal.SIGALRM, _raise_flag)

    def allow(self, until_us: int) -> None:
        """Give scripts time until this reading of the monotonic clock."""
        self._until_us = until_us

    def more(self) -> bool:
        """Return whether there is time for another slice."""
        return monotonic_us() < self._until_us and not self._interrupted()

    def begin(self) -> int:
        """Begin a slice: the flag comes down and will be raised when the slice is up. Returns the time."""
        CONTROL.due = False
        signal.setitimer(signal.ITIMER_REAL, self._slice_s)
        return monotonic_us()

    def end(self, begun_us: int) -> int:
        """End a slice and return how long it was, in microseconds."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        CONTROL.due = False
        return monotonic_us() - begun_us


def _raise_flag(number: int, frame: FrameType | None) -> None:
    CONTROL.due = True
