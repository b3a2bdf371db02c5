"""Where an object is, as one region knows it: the state machine of hand-over, as a table.

The one idea: the table below is the whole protocol. A line says what a state makes of an input, and which
action of `migrate.crossing` goes with it. docs/protocol.md draws its diagram from it. What comes from other
regions and has no line is late: it is ignored and counted. A call of this region's kernel that has no line
is a bug of the caller and raises.

It sends nothing and delivers nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from migrate.errors import HandoffError
from migrate.rows import HandRow, Journal, encode_row


class State(IntEnum):
    """What a region knows of an object. ASKING and GRANTED are OWNED in the store: offers are volatile."""

    ABSENT = 0
    OWNED = 1
    ASKING = 2
    GRANTED = 3
    OUT = 4
    TOMB = 5


class Input(IntEnum):
    """What can happen to an object: calls of the kernel first, then messages, then what time brings."""

    CREATE = 0
    REMOVE = 1
    ASK = 2
    DEPART = 3
    RIDE = 4
    GRANT = 5
    DENY = 6
    ARRIVE = 7
    TURN_AWAY = 8
    ACCEPT = 9
    SEEN = 10
    REJECT = 11
    SETTLED = 12
    GONE = 13
    LAPSE = 14
    FADE = 15


class Cell(NamedTuple):
    """What becomes of an object, and what is to be done."""

    state: State
    action: str


MEANINGS: Final = {
    Input.CREATE: "the kernel creates the object",
    Input.REMOVE: "the kernel removes it for ever",
    Input.ASK: "the kernel offers it to another region",
    Input.DEPART: "the kernel hands it over",
    Input.RIDE: "it leaves as part of another object's unit",
    Input.GRANT: "GRANT for the offer that stands",
    Input.DENY: "DENY for the offer that stands",
    Input.ARRIVE: "TRANSFER, and the kernel admits it",
    Input.TURN_AWAY: "TRANSFER, and the kernel does not admit it",
    Input.ACCEPT: "ACCEPT with the gen that left",
    Input.SEEN: "any word of a later gen: an implicit ACCEPT",
    Input.REJECT: "REJECT with the gen that left",
    Input.SETTLED: "SETTLED: a region on the way stops forwarding",
    Input.GONE: "GONE: it was removed elsewhere",
    Input.LAPSE: "no answer in time, or the grant was not used",
    Input.FADE: "the tombstone has stood long enough",
}

CALLS: Final = frozenset({Input.CREATE, Input.REMOVE, Input.ASK, Input.DEPART, Input.RIDE})

TABLE: Final = {
    (State.ABSENT, Input.CREATE): Cell(State.OWNED, "own"),
    (State.ABSENT, Input.ARRIVE): Cell(State.OWNED, "arrive"),
    (State.ABSENT, Input.TURN_AWAY): Cell(State.ABSENT, "turn_away"),
    (State.OWNED, Input.ASK): Cell(State.ASKING, "ask"),
    (State.OWNED, Input.RIDE): Cell(State.OUT, "leave"),
    (State.OWNED, Input.REMOVE): Cell(State.ABSENT, "remove"),
    (State.ASKING, Input.ASK): Cell(State.ASKING, "ask"),
    (State.ASKING, Input.GRANT): Cell(State.GRANTED, "granted"),
    (State.ASKING, Input.DENY): Cell(State.OWNED, "denied"),
    (State.ASKING, Input.LAPSE): Cell(State.OWNED, "denied"),
    (State.ASKING, Input.RIDE): Cell(State.OUT, "leave"),
    (State.ASKING, Input.REMOVE): Cell(State.ABSENT, "remove"),
    (State.GRANTED, Input.ASK): Cell(State.ASKING, "ask"),
    (State.GRANTED, Input.LAPSE): Cell(State.OWNED, "denied"),
    (State.GRANTED, Input.DEPART): Cell(State.OUT, "leave"),
    (State.GRANTED, Input.RIDE): Cell(State.OUT, "leave"),
    (State.GRANTED, Input.REMOVE): Cell(State.ABSENT, "remove"),
    (State.OUT, Input.ACCEPT): Cell(State.TOMB, "settle"),
    (State.OUT, Input.SEEN): Cell(State.TOMB, "settle"),
    (State.OUT, Input.REJECT): Cell(State.OWNED, "take_back"),
    (State.TOMB, Input.ARRIVE): Cell(State.OWNED, "arrive"),
    (State.TOMB, Input.TURN_AWAY): Cell(State.TOMB, "turn_away"),
    (State.TOMB, Input.SETTLED): Cell(State.TOMB, "redirect"),
    (State.TOMB, Input.GONE): Cell(State.ABSENT, "bury"),
    (State.TOMB, Input.FADE): Cell(State.ABSENT, "fade"),
}

HERE: Final = frozenset({State.OWNED, State.ASKING, State.GRANTED})


class Hand:
    """One object as this region knows it; the fields are those of `HandRow`."""

    __slots__ = ("dst", "gen", "lead", "object", "riders", "since_us", "state")

    def __init__(self, object: str, row: HandRow) -> None:
        """Start from a row, or from `HandRow(State.ABSENT, 0)`."""
        self.object = object
        self.state = State(row.state)
        self.gen = row.gen
        self.dst = row.dst
        self.lead = row.lead
        self.riders = row.riders
        self.since_us = row.since_us

    def row(self) -> HandRow:
        """Return it as it lies in the store."""
        state = State.OWNED if self.state in HERE else self.state
        return HandRow(state, self.gen, self.dst, self.lead, self.riders, self.since_us)


class Hands:
    """All objects that this region knows, and the table's steps on them."""

    def __init__(self, journal: Journal, saved: dict[str, HandRow]) -> None:
        """Start from the store."""
        self._journal = journal
        self._hands = {object: Hand(object, row) for object, row in saved.items()}
        self._changed: dict[str, None] = {}
        self.stale = 0

    def get(self, object: str) -> Hand | None:
        """Return what is known of the object; None if nothing is."""
        return self._hands.get(object)

    def here(self, object: str) -> bool:
        """Return whether this region owns the object."""
        hand = self._hands.get(object)
        return hand is not None and hand.state in HERE

    def values(self) -> Iterator[Hand]:
        """Return everything known."""
        return iter(self._hands.values())

    def step(self, object: str, input: Input) -> tuple[Hand, str] | None:
        """Take the table's step and return the object and the action that goes with it.

        None: the input comes too late. Raises `HandoffError` for a call that the state does not allow.
        """
        hand = self._hands.get(object) or Hand(object, HandRow(State.ABSENT, 0))
        cell = TABLE.get((hand.state, input))
        if cell is None:
            self._refuse(hand, input)
            return None
        if not (hand.state in HERE and cell.state in HERE):
            self._changed[object] = None
        if cell.state is State.ABSENT:
            self._hands.pop(object, None)
        elif hand.state is State.ABSENT:
            self._hands[object] = hand
        hand.state = cell.state
        return hand, cell.action

    def seal(self) -> None:
        """Write the rows of what has changed."""
        for object in self._changed:
            hand = self._hands.get(object)
            if hand is None:
                self._journal.drop("hand", object)
            else:
                self._journal.put("hand", object, encode_row(hand.row()))
        self._changed.clear()

    def _refuse(self, hand: Hand, input: Input) -> None:
        if input in CALLS:
            raise HandoffError(
                f"{input.name} of object {hand.object}, which is {hand.state.name} here. "
                + ("Offer it and wait for Granted." if input is Input.DEPART else "Look with owns() first.")
            )
        self.stale += 1
