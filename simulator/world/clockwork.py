"""What is due when: one heap for every sleep, time-out, timer and border of a region.

The one idea: an entry is `[when, sequence, what]`; to cancel it its `what` is emptied and it stays where it
is until it comes up. When more than half of the heap is such husks it is built anew, so a million cancelled
timers cost no more than they did when they were set. Equal times fire in the order in which they were set.

It reads no clock: `pop_due` is told the time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any, Protocol

HUSKS_MIN = 1_000  # below this many husks a heap is not worth building anew


class Due(Protocol):
    """Something that wants to be called at its time."""

    def due(self) -> None:
        """Do what was to be done at that time; called once, and the entry is gone."""


OUT = 0  # the sequence number of an entry that is no longer in the heap

Entry = list[Any]  # [when_us, sequence, what or None]


class Clockwork:
    """Everything that is due some day, in the order of time."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._sequence = 0
        self._husks = 0

    def __len__(self) -> int:
        """How many entries are alive."""
        return len(self._heap) - self._husks

    def set(self, when_us: int, what: Due) -> Entry:
        """Call `what.due()` at a time. Returns the entry, to cancel it by."""
        self._sequence += 1
        entry: Entry = [when_us, self._sequence, what]
        heapq.heappush(self._heap, entry)
        return entry

    def cancel(self, entry: Entry | None) -> None:
        """Forget an entry; None and one that has come up are forgotten already."""
        if entry is None or entry[2] is None:
            return
        entry[2] = None
        if entry[1] == OUT:
            return
        self._husks += 1
        if self._husks > HUSKS_MIN and self._husks * 2 > len(self._heap):
            self._heap = [each for each in self._heap if each[2] is not None]
            heapq.heapify(self._heap)
            self._husks = 0

    def next_us(self, latest_us: int) -> int:
        """Return when something is due next, `latest_us` if nothing is before that."""
        while self._heap and self._heap[0][2] is None:
            heapq.heappop(self._heap)
            self._husks -= 1
        return min(latest_us, self._heap[0][0]) if self._heap else latest_us

    def pop_due(self, now_us: int) -> Iterator[Due]:
        """Take out everything that is due, in order; what is cancelled by the one before it does not come."""
        entries: list[Entry] = []
        while self._heap and self._heap[0][0] <= now_us:
            entry = heapq.heappop(self._heap)
            if entry[2] is None:
                self._husks -= 1
            else:
                entry[1] = OUT
                entries.append(entry)
        for entry in entries:
            what, entry[2] = entry[2], None
            if what is not None:
                yield what
