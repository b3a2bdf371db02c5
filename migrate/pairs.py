"""First in, first out for each pair of objects, whichever way their events travel while either moves.

The one idea: the sender numbers its events to each receiver, the receiver delivers only the next number and
keeps earlier comers back. Numbers live in *chains*. A sender may end a chain only when the receiver has
confirmed all of it; so the first event of a new chain can always be delivered at once, and neither side needs
to remember pairs that have fallen silent. Confirmations also bound how much can be under way.

It knows no regions and sends nothing.
"""

from __future__ import annotations

from typing import Final

from migrate.messages import END, Event, Pairs, Received, Sent

CONTROL_EVENTS: Final = 2
"""Events that a chain may have under way beyond the window: one that only asks, and the end."""


class PairTable:
    """One object's counters, both as a sender and as a receiver; they travel with it.

    `used`: receivers written to since the last look for idle pairs. `ending`: those whose chain is to end
    once the event with this number is confirmed, if it is still the last. Both are memory aids and stay
    behind.
    """

    __slots__ = ("chains", "early", "ending", "received", "sent", "used")

    def __init__(self, pairs: Pairs | None = None) -> None:
        """Start empty, or from what travelled or was stored."""
        self.chains = pairs.chains if pairs else 0
        self.sent: dict[str, Sent] = dict(pairs.sent) if pairs else {}
        self.received: dict[str, Received] = dict(pairs.received) if pairs else {}
        self.early = {(event.sender, event.chain, event.n): event for event in (pairs.early if pairs else ())}
        self.used: set[str] = set()
        self.ending: dict[str, int] = {}

    def record(self) -> Pairs | None:
        """Return the counters as they travel and are stored; None when there is nothing to remember."""
        if not (self.chains or self.received or self.early):
            return None
        return Pairs(self.chains, self.sent, self.received, tuple(self.early.values()))

    def under_way(self, receiver: str) -> int:
        """Return how many events to the receiver are not confirmed."""
        entry = self.sent.get(receiver)
        return entry.n - entry.confirmed if entry else 0

    def number(self, receiver: str) -> Sent:
        """Return the counters of the next event to the receiver, in a new chain if there is none."""
        entry = self.sent.pop(receiver, None)
        if entry is None:
            self.chains += 1
            entry = Sent(self.chains, 0, 0)
        # Put in again at the end: the dict is in the order of last use.
        self.sent[receiver] = entry = Sent(entry.chain, entry.n + 1, entry.confirmed)
        self.used.add(receiver)
        return entry

    def confirm(self, receiver: str, chain: int, n: int) -> bool:
        """Note that the receiver has everything up to `n`; return whether that was news."""
        entry = self.sent.get(receiver)
        if entry is None or entry.chain != chain or not entry.confirmed < n <= entry.n:
            return False
        self.sent[receiver] = Sent(chain, entry.n, n)
        return True

    def complete(self, receiver: str) -> bool:
        """Return whether all of the chain to the receiver is confirmed, so that it may end."""
        return self.under_way(receiver) == 0

    def may_end(self, receiver: str, confirmed: int) -> bool:
        """Return whether a chain that is to end may end now; if more was sent since, that is off."""
        if confirmed >= self.ending.get(receiver, confirmed + 1):
            del self.ending[receiver]
            return self.complete(receiver)
        return False

    def end(self, receiver: str) -> int:
        """End the chain to the receiver and return its number."""
        self.ending.pop(receiver, None)
        return self.sent.pop(receiver).chain

    def has_all(self, sender: str, sent: Sent | None) -> bool:
        """Return whether everything that `sender` has counted as sent to this object has been delivered."""
        if sent is None:
            return True
        received = self.received.get(sender)
        return received is not None and received.chain == sent.chain and received.n == sent.n

    def take(self, event: Event, window: int) -> list[Event]:
        """Return the events whose turn has come: none, this one, or this one and those kept behind it.

        An event that no honest sender could have sent yet is not kept, so that memory stays bounded.
        """
        received = self.received.get(event.sender)
        n = received.n if received and received.chain == event.chain else 0
        if event.n != n + 1:
            if n < event.n <= n + window + CONTROL_EVENTS:
                self.early[event.sender, event.chain, event.n] = event
            return []
        return self._take_in_order(event)

    def rotate_received(self) -> str:
        """Return the sender whose turn it is to be asked to end its chain, each in turn."""
        oldest = next(iter(self.received))
        self.received[oldest] = self.received.pop(oldest)
        return oldest

    def forget(self, sender: str, chain: int) -> bool:
        """Drop the counter of a chain that its sender has ended; return whether there was one."""
        received = self.received.get(sender)
        if received is None or received.chain != chain:
            return False
        del self.received[sender]
        return True

    def _take_in_order(self, event: Event) -> list[Event]:
        due: list[Event] = []
        following: Event | None = event
        while following is not None:
            due.append(following)
            event = following
            following = self.early.pop((event.sender, event.chain, event.n + 1), None) if self.early else None
        if event.kind == END:
            self.received.pop(event.sender, None)
        else:
            self.received[event.sender] = Received(event.chain, event.n)
        return due
