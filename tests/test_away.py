"""A neighbour that is away for an hour: what waits for it is bounded, and all of it comes when it is back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrate.deliveries import Denied, EventArrived, RoomAgain
from migrate.limits import ExchangeLimits
from migrate.pairs import CONTROL_EVENTS
from tests.exchanges import Regions

HOUR_S = 3600
SENDERS = 40
LETTER = bytes(1000)
LIMITS = replace(ExchangeLimits(), outbox_len_max=1000)
"""With forty objects the pairs' windows bound more than the outbox does; so the outbox is smaller here."""


class Correspondence:
    """Objects in a that write to one object each in b as fast as they may, counted."""

    def __init__(self) -> None:
        self.regions = Regions("a", "b", limits=LIMITS)
        self.ids = [str(number) for number in range(1, SENDERS + 1)]
        for id in self.ids:
            self.regions["a"].create(f"a:{id}")
            self.regions["b"].create(f"b:{id}")
        self.sent = dict.fromkeys(self.ids, 0)
        self.waits: set[str] = set()
        self.regions.settle()

    def write(self) -> None:
        """Every object that may writes one letter."""
        for delivery in self.regions.taken("a", RoomAgain):
            self.waits.discard(delivery.sender)
        for id in self.ids:
            if f"a:{id}" not in self.waits:
                letter = b"%d|" % (self.sent[id] + 1) + LETTER
                if self.regions["a"].send(f"a:{id}", f"b:{id}", letter):
                    self.sent[id] += 1
                else:
                    self.waits.add(f"a:{id}")

    def hours_without_b(self, hours: int) -> list[int]:
        """Let a run alone, a tick each second; return how many bytes it sent in each."""
        self.regions.cut |= {("a", "b"), ("b", "a")}
        sent = []
        for _ in range(hours * HOUR_S):
            self.regions.now_us += 1_000_000
            self.write()
            self.regions.came["a"] += self.regions["a"].tick(self.regions.now_us)
            self.regions.commit("a")
            sent.append(sum(len(frame) for _, frame in self.regions["a"].outgoing(self.regions.now_us)))
        self.regions.cut.clear()
        return sent

    def received(self) -> dict[str, list[int]]:
        """The numbers of the letters that each object in b has got, in order."""
        found: dict[str, list[int]] = {id: [] for id in self.ids}
        for event in self.regions.came["b"]:
            if isinstance(event, EventArrived):
                found[event.receiver[2:]].append(int(event.payload.partition(b"|")[0]))
        return found


@pytest.fixture(scope="module")
def away() -> tuple[Correspondence, list[int]]:
    """An hour without b; with what was sent in each second."""
    letters = Correspondence()
    letters.write()
    letters.regions.rounds(5)
    return letters, letters.hours_without_b(1)


def test_what_waits_is_bounded(away: tuple[Correspondence, list[int]]) -> None:
    """Writers are suspended, in memory and in the store no more waits than the limits say."""
    letters = away[0]
    now = letters.regions["a"].statistics()
    assert SENDERS == len(letters.waits)
    # What keeps the order of pairs is let through: two messages for each at most.
    assert LIMITS.outbox_len_max <= now.outbox_len <= LIMITS.outbox_len_max + CONTROL_EVENTS * SENDERS
    assert now.outbox_len == sum(kind == "outbox" for kind, _ in letters.regions.rows["a"])
    assert now.outbox_bytes <= (LIMITS.outbox_len_max + CONTROL_EVENTS * SENDERS) * (len(LETTER) + 100)
    assert (0, 0) == (now.held_len, now.early_len)


def test_nobody_shouts_at_who_is_away(away: tuple[Correspondence, list[int]]) -> None:
    """One batch in two seconds is all that goes out."""
    sent = away[1][60:]
    assert max(sent) <= LIMITS.batch_bytes_max + 1000
    assert sum(map(bool, sent)) <= len(sent) / 2 + 1


def test_all_of_it_comes_when_it_is_back() -> None:
    """In order for each pair, without a gap; then nothing waits any more, and writers go on."""
    letters = Correspondence()
    letters.write()
    letters.hours_without_b(1)
    letters.regions.now_us += 2_000_000
    while letters.regions.round() or letters.regions["a"].statistics().outbox_len:
        pass
    assert {id: list(range(1, sent + 1)) for id, sent in letters.sent.items()} == letters.received()
    letters.write()
    assert set() == letters.waits


def test_an_object_that_wants_to_go_there_bounces_and_lives_on() -> None:
    """Each time it asks it is told that nobody answers; nothing of the asking is kept."""
    letters = Correspondence()
    a = letters.regions["a"]
    a.offer("a:1", "b", bytes=1, scripts=0, memory=0, programs=(), now_us=letters.regions.now_us)
    letters.hours_without_b(1)
    assert [("a:1", "region b gave no answer in time")] == [
        (denied.object, denied.reason) for denied in letters.regions.taken("a", Denied)
    ]
    assert a.owns("a:1")
