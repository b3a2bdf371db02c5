"""How a link works at both its ends: the state machine of sending and the rule of receiving, as tables.

The one idea: sending is at rest, flows, or repairs, and what comes from the peer, from the region's own commits and
from the clock moves it between these. Receiving has no states: what becomes of a message is decided by its number
alone. docs/protocol.md draws its diagram from here; the actions are in `migrate.link`.

What has no line changes nothing.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple


class Sending(IntEnum):
    """How a link's sending end is."""

    RESTING = 0
    FLOWING = 1
    REPAIRING = 2


class Sign(IntEnum):
    """What moves it."""

    COMMITTED = 0
    SOME_TAKEN = 1
    REPAIRED = 2
    ALL_TAKEN = 3
    OPENED = 4
    RESTARTED = 5
    SILENCE = 6


class Turn(NamedTuple):
    """What becomes of it, and what is to be done."""

    state: Sending
    action: str


STATES: Final = {
    Sending.RESTING: "everything that is committed is acknowledged",
    Sending.FLOWING: "new messages leave as the peer's credits allow",
    Sending.REPAIRING: "something may be lost: one batch from the first unacknowledged on for each sign of life",
}

SIGNS: Final = {
    Sign.COMMITTED: "a commit holds new messages",
    Sign.SOME_TAKEN: "some of what is under way is acknowledged",
    Sign.REPAIRED: "all that may have been lost is acknowledged",
    Sign.ALL_TAKEN: "everything is acknowledged",
    Sign.OPENED: "the peer gives credits again after it gave none",
    Sign.RESTARTED: "the peer speaks from a new epoch",
    Sign.SILENCE: "no acknowledgement came in time",
}

SENDING: Final = {
    (Sending.RESTING, Sign.COMMITTED): Turn(Sending.FLOWING, "begin"),
    (Sending.FLOWING, Sign.SOME_TAKEN): Turn(Sending.FLOWING, "flow"),
    (Sending.FLOWING, Sign.ALL_TAKEN): Turn(Sending.RESTING, "rest"),
    (Sending.FLOWING, Sign.RESTARTED): Turn(Sending.REPAIRING, "repair"),
    (Sending.FLOWING, Sign.SILENCE): Turn(Sending.REPAIRING, "repair_slower"),
    (Sending.REPAIRING, Sign.SOME_TAKEN): Turn(Sending.REPAIRING, "send_next"),
    (Sending.REPAIRING, Sign.REPAIRED): Turn(Sending.FLOWING, "flow"),
    (Sending.REPAIRING, Sign.ALL_TAKEN): Turn(Sending.RESTING, "rest"),
    (Sending.REPAIRING, Sign.OPENED): Turn(Sending.REPAIRING, "send_again"),
    (Sending.REPAIRING, Sign.RESTARTED): Turn(Sending.REPAIRING, "repair"),
    (Sending.REPAIRING, Sign.SILENCE): Turn(Sending.REPAIRING, "repair_slower"),
}


class Place(IntEnum):
    """Where the number of a message that has come stands, seen from the last one that was taken."""

    OLD = 0
    NEXT = 1
    EARLY = 2
    FAR = 3


RECEIVING: Final = {
    Place.OLD: ("up to the last one taken", "drop", "it is here already; say so again"),
    Place.NEXT: ("the last one taken plus one", "take", "with all that was kept behind it"),
    Place.EARLY: (
        "behind a gap, within the window",
        "keep",
        "until the gap is filled; without room for it, drop it",
    ),
    Place.FAR: ("beyond the window", "drop", "nobody was given credits for it"),
}
