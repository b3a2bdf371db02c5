"""What is due when: every sleep, time-out, timer and border of a region.

The one idea: nobody asks for a single entry, but in every frame for all that are due. So entries lie unsorted in
buckets of about a frame's length, found by their number, and only a bucket that comes up is put in order; to set one
takes the same time however many there are. The numbers of the buckets are kept in a heap, so a far one costs no
more than a near one.

An entry is `[when, where it is, what]`; to cancel it its `what` is emptied and it stays where it is until its bucket
comes up. When more than half of all are such husks they are thrown out, so a million cancelled timers cost no
more than they did when they were set. Equal times fire in the order in which they were set.

It reads no clock: `pop_due` is told the time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final, Protocol

HUSKS_MIN: Final = 1_000
"""Below this many husks it is not worth looking for them."""

BUCKET_BITS: Final = 14
"""Buckets of 16.4 ms: in a frame of 22.2 ms one or two come up."""


class Due(Protocol):
    """Something that wants to be called at its time."""

    def due(self) -> None:
        """Do what was to be done at that time; called once, and the entry is gone."""


Entry = list[Any]  # [when_us, IN_BUCKET or TAKEN or FREE, what or None]

IN_BUCKET, TAKEN, FREE = 2, 1, 0
"""Where an entry is. Taken: out of its bucket with all that are due, and not come up yet; free: it may be set again."""


_when = itemgetter(0)


class Clockwork:
    """Everything that is due some day. `alive`: how many entries are not cancelled."""

    def __init__(self) -> None:
        self._buckets: dict[int, list[Entry]] = {}
        self._numbers: list[int] = []  # of the buckets, as a heap
        self._husks = 0
        self.alive = 0

    def __len__(self) -> int:
        """How many entries are alive."""
        return self.alive

    def set(self, when_us: int, what: Due, entry: Entry | None = None) -> Entry:
        """Call `what.due()` at a time. Returns the entry, to cancel it by.

        `entry`: one that was set for it before. If it is free it is used again: then sleepers that wake and sleep on
        leave the garbage collector nothing to look through.
        """
        self.alive += 1
        if entry is not None and entry[1] == FREE:
            entry[0], entry[1], entry[2] = when_us, IN_BUCKET, what
        else:
            entry = [when_us, IN_BUCKET, what]
        number = when_us >> BUCKET_BITS
        try:
            self._buckets[number].append(entry)
        except KeyError:
            self._buckets[number] = [entry]
            heapq.heappush(self._numbers, number)
        return entry

    def cancel(self, entry: Entry | None) -> None:
        """Forget an entry; None and one that has come up are forgotten already."""
        if entry is None or entry[2] is None:
            return
        entry[2] = None
        if entry[1] != IN_BUCKET:
            return
        self.alive -= 1
        self._husks += 1
        if self._husks > HUSKS_MIN and self._husks > self.alive:
            self._throw_out_husks()

    def _throw_out_husks(self) -> None:
        left = {n: [each for each in bucket if each[2] is not None] for n, bucket in self._buckets.items()}
        self._buckets = {number: bucket for number, bucket in left.items() if bucket}
        self._numbers = sorted(self._buckets)
        self._husks = 0

    def next_us(self, latest_us: int) -> int:
        """Return when something is due next, `latest_us` if nothing is before that."""
        while self._numbers:
            bucket = self._buckets[self._numbers[0]]
            soonest_us = min((int(each[0]) for each in bucket if each[2] is not None), default=None)
            if soonest_us is not None:
                return min(latest_us, soonest_us)
            self._husks -= len(bucket)
            del self._buckets[heapq.heappop(self._numbers)]
        return latest_us

    def pop_due(self, now_us: int) -> Iterator[Due]:
        """Take out everything that is due, in order; what is cancelled by the one before it does not come."""
        entries = self._taken(now_us)
        husks = 0
        for entry in entries:
            # First all of them: one that is due may cancel another, or set one that is due at once.
            entry[1] = TAKEN
            if entry[2] is None:
                husks += 1
        self._husks -= husks
        self.alive -= len(entries) - husks
        for entry in entries:
            what, entry[2], entry[1] = entry[2], None, FREE
            if what is not None:
                yield what

    def _taken(self, now_us: int) -> list[Entry]:
        """Take the entries up to now out of the buckets, husks included, in order of time and setting."""
        entries: list[Entry] = []
        numbers, now = self._numbers, now_us >> BUCKET_BITS
        while numbers and numbers[0] <= now:
            number = numbers[0]
            bucket = self._buckets[number]
            if number == now:
                later = [each for each in bucket if each[0] > now_us]
                bucket = [each for each in bucket if each[0] <= now_us]
            else:
                later = []
            if later:
                self._buckets[number] = later
            else:
                del self._buckets[heapq.heappop(numbers)]
            # Entries of one time are in the order of setting, in which they were put into the bucket.
            bucket.sort(key=_when)
            entries += bucket
            if later:
                break
        return entries
