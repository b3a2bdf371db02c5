"""A machine whose clock, processor and timer go as a test says: what `simulator.slicer` takes of `time` and `signal`.

The one idea: time passes only when a test lets the script work, wait, or be without the processor, so what a slicer
measures is known to the microsecond, however busy the real machine is.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest


class Machine:
    """`now_us`, `cpu_us`: its clock, and how much of the processor was used. `look_us`: what a look at the clock takes.
    `due_us`: when the timer ticks next; None when it is off.
    """

    SIGALRM = signal.SIGALRM
    ITIMER_REAL = signal.ITIMER_REAL

    def __init__(self) -> None:
        self.now_us, self.cpu_us, self.look_us = 1_000_000, 0, 0
        self.due_us: int | None = None
        self._interval_us = self._ticks = 0
        self._handler: Callable[[int, None], object] = lambda number, frame: None

    # --- What a slicer takes of it ---

    def monotonic_ns(self) -> int:
        """See `time`."""
        self.now_us += self.look_us
        return self.now_us * 1000

    def thread_time_ns(self) -> int:
        """See `time`."""
        return self.cpu_us * 1000

    def signal(self, number: int, handler: Any) -> Any:
        """See `signal`."""
        assert number == self.SIGALRM
        before, self._handler = self._handler, handler
        return before

    def setitimer(self, which: int, seconds: float, interval: float = 0.0) -> None:
        """See `signal`."""
        assert which == self.ITIMER_REAL
        self.due_us = self.now_us + round(seconds * 1e6) if seconds else None
        self._interval_us = round(interval * 1e6)

    def watch(self) -> int:
        """See `simulator.ticks`."""
        return -1

    def came(self) -> int:
        """See `simulator.ticks`."""
        came, self._ticks = self._ticks, 0
        return came

    # --- What a test does with it ---

    def work(self, length_us: int) -> None:
        """A script uses the processor; the timer ticks meanwhile."""
        self.cpu_us += length_us
        self.wait(length_us)

    def wait(self, length_us: int) -> None:
        """A script waits for something outside; the timer ticks meanwhile."""
        end_us = self.now_us + length_us
        while self.due_us is not None and self.due_us <= end_us:
            self.now_us = self.due_us
            self._tick()
        self.now_us = end_us

    def stop(self, length_us: int) -> None:
        """The process does not get the processor; a tick that has come meanwhile is told at the end."""
        self.now_us += length_us
        if self.due_us is not None and self.due_us <= self.now_us:
            self._tick()

    def steal(self, length_us: int) -> None:
        """Another machine has the processor, which this one does not know: its clocks count that as work."""
        self.cpu_us += length_us
        self.stop(length_us)

    def call(self, length_us: int, cpu_us: int) -> None:
        """A built-in takes so long, and so much of the processor: handlers hear of its ticks only behind it."""
        self.cpu_us += cpu_us
        self._ticks += length_us // self._interval_us - 1
        self.stop(length_us)

    def _tick(self) -> None:
        self.due_us = self.now_us + self._interval_us
        self._ticks += 1
        self._handler(self.SIGALRM, None)


def machine_of_slicers(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return the machine on which slicers run until the test's end."""
    machine = Machine()
    monkeypatch.setattr("simulator.clock.time", machine)
    monkeypatch.setattr("simulator.slicer.time", machine)
    monkeypatch.setattr("simulator.slicer.signal", machine)
    monkeypatch.setattr("simulator.slicer.TICKS", machine)
    return machine
