"""Time for scripts by the real clock: how long a slice is, and when there is no more time in this frame.

The one idea: while a script runs, an interval timer of the operating system interrupts this very thread and
raises `CONTROL.due`; the script sees the flag at its next loop edge or call. Nothing ticks while no script
runs, and no script has to look at a clock. A script that reaches neither for much too long (a special method
that loops) gets an exception at whatever line it is.

`CountedSlicer` is the other way to cut: by loop edges and calls, for runs that can be repeated.

Who is next is the scheduler's business.
"""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from migrate.control import CONTROL
from migrate.injector.module import MODULE_PREFIX
from simulator.clock import monotonic_us
from simulator.errors import WorkedTooLong

AGAIN_S = 0.01  # how often a slice that should be over long since is looked at again


class Stint:
    """How long a piece of work has worked, while its timer ticks every `AGAIN_S`.

    Not by the clock alone: a process that is stopped, or does not get the processor on a busy machine, works on
    nothing meanwhile, and no script may be blamed. While it works, either it uses the processor or the timer's
    ticks come through; while it is stopped neither happens.
    """

    def __init__(self) -> None:
        self._begun_us = self._cpu_us = self._ticks = 0

    def mark_cpu(self) -> None:
        """Read how much of the processor was used before: a system call, so not for each slice."""
        self._cpu_us = time.thread_time_ns() // 1000

    def begin(self) -> int:
        """Begin; return the time."""
        self._ticks = 0
        self._begun_us = monotonic_us()
        return self._begun_us

    def tick(self) -> None:
        """The timer has ticked."""
        self._ticks += 1

    def us(self, us_max: int) -> int:
        """Return how long it has worked. Below `us_max` that is what the clock says."""
        by_clock_us = monotonic_us() - self._begun_us
        if by_clock_us < us_max:
            return by_clock_us
        cpu_us = time.thread_time_ns() // 1000 - self._cpu_us
        return min(by_clock_us, max(cpu_us, round(self._ticks * AGAIN_S * 1e6)))


class WallSlicer:
    """Cuts slices for the region kernel. One per process, because the timer and the flag are."""

    def __init__(self, slice_us: int, uninterruptible_us_max: int, interrupted: Callable[[], bool]) -> None:
        """`uninterruptible_us_max`: when work that reaches neither loop edge nor call is ended. `interrupted`
        is asked between slices: whether something came that should not wait.
        """
        self._slice_s = slice_us / 1e6
        self._uninterruptible_us_max = uninterruptible_us_max
        self._interrupted = interrupted
        self._until_us = self.ended_us = 0
        self._stint = Stint()
        self._marked = False
        signal.signal(signal.SIGALRM, self._interrupt)

    def allow(self, until_us: int) -> None:
        """Give scripts time until this reading of the monotonic clock."""
        self._until_us = until_us
        self._marked = False

    def more(self) -> bool:
        """Return whether there is time for another slice."""
        return monotonic_us() < self._until_us and not self._interrupted()

    def begin(self) -> int:
        """Begin a slice: the flag comes down and will be raised when the slice is up. Returns the time."""
        CONTROL.due = False
        if not self._marked:
            # Once in a frame: what earlier slices of it have used is little beside what ends a script.
            self._stint.mark_cpu()
            self._marked = True
        # A full collection of a large region takes longer than a script may work: none falls into a slice.
        gc.disable()
        begun_us = self._stint.begin()
        signal.setitimer(signal.ITIMER_REAL, self._slice_s, AGAIN_S)
        return begun_us

    def over(self) -> bool:
        """Return whether the slice that has begun is up."""
        return CONTROL.due

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        CONTROL.due = True
        self._stint.tick()
        if self._stint.us(self._uninterruptible_us_max) >= self._uninterruptible_us_max:
            end_work(frame, self._uninterruptible_us_max)

    def end(self, begun_us: int) -> int:
        """End a slice and return how long it has worked, in microseconds."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        gc.enable()
        CONTROL.due = CONTROL.discarding = False
        self.ended_us = monotonic_us()
        used_us = self.ended_us - begun_us
        return used_us if used_us < self._uninterruptible_us_max else self._stint.us(0)


class CountedSlicer:
    """Cuts slices by loop edges and calls, a fixed number of slices in each frame: the same run every time."""

    def __init__(self, edges: int, slices: int, slice_us: int = 1_000) -> None:
        """`edges`: in each slice. `slices`: in each frame. `slice_us`: what each is reckoned to take."""
        self._edges, self._slices, self._slice_us = edges, slices, slice_us
        self._left = 0

    def allow(self, until_us: int) -> None:
        """Give scripts a frame's slices; none if `until_us` is 0."""
        self._left = self._slices if until_us else 0

    def more(self) -> bool:
        """Return whether the frame has another slice."""
        return self._left > 0

    def begin(self) -> int:
        """Begin a slice, which ends after so many loop edges and calls. Returns 0: no clock is read."""
        self._left -= 1
        CONTROL.count_slices(self._edges)
        return 0

    def over(self) -> bool:
        """Return whether the slice is up: only a preemption ends it."""
        return False

    def end(self, begun_us: int) -> int:
        """End a slice and return what it is reckoned to take, in microseconds."""
        CONTROL.count_slices(None)
        return self._slice_us


@contextmanager
def limited_time(us_max: int) -> Iterator[None]:
    """Let what a script's module does at its top level take so long at most. Raises `WorkedTooLong` in it."""

    stint = Stint()

    def interrupt(number: int, frame: FrameType | None) -> None:
        stint.tick()
        if stint.us(us_max) >= us_max:
            end_work(frame, us_max)

    stint.mark_cpu()
    stint.begin()
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        CONTROL.discarding = False


def end_work(frame: FrameType | None, us_max: int) -> None:
    """End work of a script that nothing else can interrupt; the kernel's own and the engine's is left alone."""
    if frame is not None and str(frame.f_globals.get("__name__")).startswith(MODULE_PREFIX):
        # No `except` and no `finally` of the script sees it: it could go on for ever there.
        CONTROL.discarding = True
        raise WorkedTooLong(
            f"{frame.f_code.co_name} worked for more than {us_max / 1000:g} ms where it can't be interrupted."
            " Do less at once, or do it in plain functions and methods."
        )
