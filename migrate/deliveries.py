"""What an Exchange tells its region: one frozen record for each thing that has happened.

The one idea: everything that comes from other regions reaches the kernel as a list of these, in order, and
is durable together with what the kernel does about it, because both go into the same commit.

It holds no behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Unit:
    """A whole linkset with what rides on it, as bytes that only the kernel reads.

    `object`: the root's id. `gen`: its generation *here*. `riders`: ids of the other objects in the unit.
    """

    object: str
    gen: int
    payload: bytes
    programs: tuple[str, ...]
    riders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitArrived:
    """A unit from another region is this region's own from this tick on; runnable at once."""

    unit: Unit
    src: str


@dataclass(frozen=True, slots=True)
class EventArrived:
    """An event for an object of this region: exactly once, and first in first out for each pair."""

    sender: str
    receiver: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """An event of this region's `sender` came back: its receiver is gone for ever or never was."""

    sender: str
    receiver: str
    payload: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Offered:
    """Another region asks whether a unit may come. Answer each with `grant` or `deny`.

    May come several times for one offer, until the answer has reached the other side: answer alike. `trusted`: the
    asking region is in trusted mode.
    """

    src: str
    object: str
    number: str
    bytes: int
    scripts: int
    memory: int
    programs: tuple[str, ...]
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a unit is like that is about to be offered, as bytes of a `Unit`; it may change until it comes."""

    src: str
    object: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Granted:
    """An offer was granted and the destination has all programs: freeze the unit now and call `depart`.

    Comes from `Exchange.tick` only, behind all else that came in the same tick.
    """

    object: str
    dst: str


@dataclass(frozen=True, slots=True)
class Denied:
    """An offer was denied, or nobody answered it in time. The object was never frozen and goes on here."""

    object: str
    dst: str
    reason: str
    retry_after_us: int


@dataclass(frozen=True, slots=True)
class Departed:
    """The destination owns the unit now; a tombstone stands here. `gen` is the one it had here."""

    object: str
    dst: str
    gen: int


@dataclass(frozen=True, slots=True)
class Returned:
    """The destination did not take the unit after all: it is this region's own again, with a new gen."""

    unit: Unit
    dst: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProgramWanted:
    """A destination lacks the source of a program that an offered unit uses: answer with `give_program`."""

    program: str
    dst: str


@dataclass(frozen=True, slots=True)
class ProgramCame:
    """A program's source, asked for by a `grant` of this region. Check the hash and keep it."""

    program: str
    source: str
    src: str


@dataclass(frozen=True, slots=True)
class NoteCame:
    """The kernel of another region has sent a note. It may come twice, or never."""

    src: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class RoomAgain:
    """`send` said no to this object earlier: try again."""

    sender: str


Delivery: TypeAlias = (
    UnitArrived
    | EventArrived
    | Undeliverable
    | Drafted
    | Offered
    | Granted
    | Denied
    | Departed
    | Returned
    | ProgramWanted
    | ProgramCame
    | RoomAgain
    | NoteCame
)
