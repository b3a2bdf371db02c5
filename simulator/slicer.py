"""Time for scripts by the real clock: how long a slice is, and when there is no more time in this frame.

The one idea: while scripts run, an interval timer of the operating system interrupts this very thread once in a
slice. Whoever runs then, and has had a slice, finds `CONTROL.due` raised at the next loop edge or call; for one that
has begun later the timer is set again for the rest. So a turn that is shorter than a slice costs one look at the
clock and no system call. Nothing ticks while no script runs. A script that reaches neither edge nor call for much too
long (a special method that loops) gets an exception at whatever line it is.

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
from simulator.limits import SLICE_US_MIN
from simulator.ticks import TICKS

AGAIN_US = 10_000
"""How often a module's top level, which has no slices, is looked at."""

LOOK_US = 250
"""How long turns may follow each other before the socket is looked at, which takes some microseconds: a quarter of a
slice, so that a message does not wait longer for short turns than for a long one.
"""

ROUND_US = 1_000_000
"""In which every script that loops has a turn, if slices can be made short enough."""

LATE = 2
"""How many times its interval counts as work at most, when a tick comes late."""

EARLY = 8
"""A timer that comes an eighth of a slice too early is not set again for the rest: that would be a second interrupt."""


class Stint:
    """How long a piece of work has worked, while a timer ticks every `every_us`.

    Not by the clock alone: a process that is stopped, or does not get the processor on a busy machine, works on
    nothing meanwhile, and no script may be blamed. While it works, either it uses the processor or the timer's
    ticks come through; while it is stopped neither happens. Nor by the processor's time alone: what another machine
    on the same hardware takes counts in that. So no more counts than the ticks that the process has got account
    for. To begin another piece, set `begun_us`.
    """

    def __init__(self, every_us: int) -> None:
        self.every_us = every_us
        self.begun_us = self.before_us = self._cpu_us = 0
        self._ticking_us = self._ticked_us = self._between_us = self._ticks = 0

    def mark_cpu(self) -> None:
        """Read how much of the processor was used before: a system call, so not for each piece. What pieces since then
        have used must be added up in `before_us`.
        """
        self._cpu_us = time.thread_time_ns() // 1000
        self.before_us = 0

    def tick(self, now_us: int) -> None:
        """The timer has ticked. What came long before it was not work: the process did not have the processor."""
        self._count()
        self._between_us += min(now_us - self._ticked_us, LATE * self.every_us)
        self._ticked_us = now_us

    def us(self, now_us: int, us_max: int) -> int:
        """Return how long it has worked. Below `us_max` that is what the clock says."""
        by_clock_us = now_us - self.begun_us
        if by_clock_us < us_max:
            return by_clock_us
        self._count()
        cpu_us = time.thread_time_ns() // 1000 - self._cpu_us - self.before_us
        # A tick may come late, and the work may end before it.
        got_us = LATE * self.every_us * max(1, self._ticks)
        return min(by_clock_us, max(cpu_us, self._between_us), got_us)

    def _count(self) -> None:
        if self._ticking_us != self.begun_us:
            self._ticking_us = self._ticked_us = self.begun_us
            self._between_us = self._ticks = 0
        self._ticks += TICKS.came()


class WallSlicer:
    """Cuts slices for the region kernel. One per process, because the timer and the flag are."""

    def __init__(self, slice_us: int, uninterruptible_us_max: int, interrupted: Callable[[], bool]) -> None:
        """`uninterruptible_us_max`: when work that reaches neither loop edge nor call is ended. `interrupted`
        is asked between turns: whether something came that should not wait.
        """
        self._longest_us = self._slice_us = slice_us
        self._uninterruptible_us_max = uninterruptible_us_max
        self._interrupted = interrupted
        self._until_us = self._look_us = self._lap_us = self.ended_us = 0
        self._stint = Stint(slice_us)
        self.up, self.spent = False, True
        TICKS.watch()
        signal.signal(signal.SIGALRM, self._interrupt)

    def allow(self, until_us: int) -> None:
        """Give scripts time until this reading of the monotonic clock."""
        self._until_us = until_us

    def more(self) -> bool:
        """Return whether there is time for another slice."""
        return self._has_time(monotonic_us())

    def begin(self, runnable: int) -> int:
        """Begin with the first turn: the timer is set, and the flag down until the slice is up.

        `runnable`: how many scripts wait for turns. Returns how long a slice is, in microseconds: shorter where so
        many wait that each would not have its turn for a second.
        """
        # A full collection of a large region takes longer than a script may work: none falls into a slice.
        gc.disable()
        self._slice_us = self._stint.every_us = self._length_us(runnable)
        self._stint.mark_cpu()
        self._stint.begun_us = monotonic_us()
        self.spent = not self._has_time(self._stint.begun_us)
        CONTROL.due = self.up = False
        slice_s = self._slice_us / 1e6
        signal.setitimer(signal.ITIMER_REAL, slice_s, slice_s)
        return self._slice_us

    def _length_us(self, runnable: int) -> int:
        return max(min(self._longest_us, SLICE_US_MIN), min(self._longest_us, ROUND_US // max(1, runnable)))

    def turned(self) -> int:
        """Between two turns: return how long the last one has worked, in microseconds."""
        now_us = time.monotonic_ns() // 1000
        stint = self._stint
        used_us = now_us - stint.begun_us
        if used_us > 2 * self._slice_us:
            # Whether it has worked so long, or the process has not had the processor.
            used_us = stint.us(now_us, 0)
            # What it was not charged with is nobody's.
            stint.mark_cpu()
        else:
            stint.before_us += used_us
        # In this order: an interrupt in between finds a turn that has just begun, and raises no flag.
        stint.begun_us = now_us
        CONTROL.due = CONTROL.discarding = self.up = False
        if now_us >= self._look_us:
            self.spent = not self._has_time(now_us)
        return used_us

    def end(self) -> None:
        """No more turns for now: nothing ticks until the next `begin`."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        gc.enable()
        CONTROL.due = CONTROL.discarding = self.up = False
        self.ended_us = monotonic_us()

    def lap(self) -> int:
        """Outside of turns: return how much of the processor was used since the last asking, in microseconds."""
        last_us, self._lap_us = self._lap_us, time.thread_time_ns() // 1000
        return self._lap_us - last_us

    def _has_time(self, now_us: int) -> bool:
        self._look_us = min(now_us + LOOK_US, self._until_us)
        return now_us < self._until_us and not self._interrupted()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        now_us = monotonic_us()
        left_us = self._stint.begun_us + self._slice_us - now_us
        if left_us * EARLY > self._slice_us:
            TICKS.came()
            signal.setitimer(signal.ITIMER_REAL, left_us / 1e6, self._slice_us / 1e6)
            return
        CONTROL.due = self.up = True
        self._stint.tick(now_us)
        if self._stint.us(now_us, self._uninterruptible_us_max) >= self._uninterruptible_us_max:
            end_work(frame, self._uninterruptible_us_max)


class CountedSlicer:
    """Cuts slices by loop edges and calls, a fixed number of slices in each frame: the same run every time."""

    up = False
    """Whether the slice is up: only a preemption ends it."""

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

    @property
    def spent(self) -> bool:
        """Whether the frame has no other slice."""
        return self._left <= 0

    def begin(self, runnable: int) -> int:
        """Begin with the first turn, which ends after so many loop edges and calls. No clock is read. Returns what
        each is reckoned to take, in microseconds.
        """
        CONTROL.count_slices(self._edges)
        return self._slice_us

    def turned(self) -> int:
        """Between two turns: return what each is reckoned to take, in microseconds."""
        self._left -= 1
        CONTROL.count_slices(self._edges)
        return self._slice_us

    def end(self) -> None:
        """No more turns for now."""
        CONTROL.count_slices(None)

    def lap(self) -> int:
        """Outside of turns: no clock is read, so all that is done there is reckoned to take nothing."""
        return 0


@contextmanager
def limited_time(us_max: int) -> Iterator[None]:
    """Let code of scripts outside of turns, as at a module's top level, take so long at most. Raises `WorkedTooLong` in
    it. What ticked before ticks on afterwards.
    """
    stint = Stint(AGAIN_US)

    def interrupt(number: int, frame: FrameType | None) -> None:
        now_us = monotonic_us()
        stint.tick(now_us)
        if stint.us(now_us, us_max) >= us_max:
            end_work(frame, us_max)

    stint.mark_cpu()
    stint.begun_us = monotonic_us()
    before, told_before = signal.signal(signal.SIGALRM, interrupt), TICKS.watch()
    ticked = signal.setitimer(signal.ITIMER_REAL, AGAIN_US / 1e6, AGAIN_US / 1e6)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        TICKS.leave(told_before)
        signal.setitimer(signal.ITIMER_REAL, *ticked)
        CONTROL.discarding = False


def end_work(frame: FrameType | None, us_max: int) -> None:
    """End work of a script that nothing else can interrupt; the kernel's own and the engine's is left alone."""
    if frame is not None and str(frame.f_globals.get("__name__")).startswith(MODULE_PREFIX):
        # No `except` and no `finally` of the script sees it: it could go on for ever there.
        CONTROL.discarding = True
        raise WorkedTooLong(
            f"{frame.f_code.co_name} worked for more than {us_max / 1000:g} ms where it can't be interrupted."
            " Do less at once, do it in plain functions and methods, and wait by self.sleep."
        )
