"""What regions say to each other: frozen records with short tags, and the frame that carries them.

The one idea: a message is either durable (it waits in the sender's outbox until the receiver has committed
what it did about it) or volatile (it may be lost, and whoever needs the answer asks again). Its class says
which. No import path goes on the wire, and every length is bounded before anything is allocated.

It holds no behaviour. What the host gets to see are the records of `migrate.deliveries`.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from migrate import limits
from migrate.errors import BadFrame, FrameVersionUnknown

FRAME_VERSION: Final = 1

Name: TypeAlias = Annotated[str, Meta(max_length=limits.NAME_LEN_MAX)]
Reason: TypeAlias = Annotated[str, Meta(max_length=limits.REASON_LEN_MAX)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Programs: TypeAlias = Annotated[tuple[Name, ...], Meta(max_length=limits.UNIT_PROGRAMS_MAX)]


class Message(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of all messages: arrays on the wire, the tag first; fields are only ever added at the end."""


# --- Durable messages: events and what keeps their order ---

PAYLOAD: Final = 0
EMPTY: Final = 1
END: Final = 2


class Event(Message, frozen=True, array_like=True, gc=False, tag="e"):
    """The n-th event of a chain from `sender` to `receiver`.

    `kind`: PAYLOAD; EMPTY, which only asks; END, the last of its chain because the sender is gone.
    `asks`: the receiver confirms with an `Echo`. `origin`: the region it was sent from, which gets hints.
    """

    receiver: Name
    sender: Name
    chain: Count
    n: Count
    origin: Name
    payload: bytes
    kind: Count = PAYLOAD
    asks: bool = False


class Echo(Message, frozen=True, array_like=True, gc=False, tag="c"):
    """`sender`, whom the chain goes to, confirms to `receiver`, whom it comes from, all up to event `n`."""

    receiver: Name
    sender: Name
    chain: Count
    n: Count


class Forget(Message, frozen=True, array_like=True, gc=False, tag="f"):
    """`sender` has ended the chain after all of it was confirmed; `receiver` may drop its counter."""

    receiver: Name
    sender: Name
    chain: Count


class Prompt(Message, frozen=True, array_like=True, gc=False, tag="p"):
    """`sender` remembers too many others and asks `receiver` to end its chain to it."""

    receiver: Name
    sender: Name


class Bounce(Message, frozen=True, array_like=True, gc=False, tag="b"):
    """An event comes back to `receiver`, which sent it: `sender`, which it was for, is gone for ever."""

    receiver: Name
    sender: Name
    chain: Count
    payload: bytes
    kind: Count
    reason: Reason


Mail: TypeAlias = Event | Echo | Forget | Prompt | Bounce


class Sent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A sender's side of a pair: `n` events sent in the chain, `confirmed` of them known to have arrived."""

    chain: Count
    n: Count
    confirmed: Count


class Received(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A receiver's side of a pair: the first `n` events of the chain have been delivered."""

    chain: Count
    n: Count


class Pairs(msgspec.Struct, frozen=True, array_like=True, tag="pairs1"):
    """One object's pair counters, as they travel and lie in a store. `early`: events before their turn."""

    chains: Count
    sent: dict[Name, Sent]
    received: dict[Name, Received]
    early: Annotated[tuple[Event, ...], Meta(max_length=limits.PAIRS_EARLY_MAX)]


# --- Durable messages: hand-over ---


class Member(Message, frozen=True, array_like=True):
    """One object of a unit that crosses, with the generation it had and the counters it takes along."""

    object: Name
    gen: Count
    pairs: Pairs | None


class Transfer(Message, frozen=True, array_like=True, tag="T"):
    """A whole unit: its root object first, then what rides on it; all of it arrives or nothing."""

    members: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=limits.UNIT_MEMBERS_MAX)]
    payload: bytes
    programs: Programs


class Accept(Message, frozen=True, array_like=True, gc=False, tag="A"):
    """The destination has committed that it owns the unit."""

    object: Name
    gen: Count


class Reject(Message, frozen=True, array_like=True, tag="R"):
    """The destination has committed that it does not take the unit, which comes back whole."""

    transfer: Transfer
    reason: Reason


class Settled(Message, frozen=True, array_like=True, gc=False, tag="S"):
    """To an object's birth region: `region` had it with `gen`; the sender stops forwarding."""

    object: Name
    region: Name
    gen: Count


class Gone(Message, frozen=True, array_like=True, gc=False, tag="G"):
    """To an object's birth region: it was removed for ever when it had `gen`."""

    object: Name
    gen: Count


Durable: TypeAlias = Event | Echo | Forget | Prompt | Bounce | Transfer | Accept | Reject | Settled | Gone


# --- Volatile messages ---


class Offer(Message, frozen=True, array_like=True, tag="o"):
    """May this unit come? Asked while it still runs, again and again until there is an answer."""

    number: Name
    object: Name
    bytes: Count
    scripts: Count
    memory: Count
    programs: Programs


class TrustedOffer(Offer, frozen=True, array_like=True, tag="O"):
    """The same from a region in trusted mode: the unit may hold what only another such can read."""


class Draft(Message, frozen=True, array_like=True, gc=False, tag="D"):
    """What a unit is like that is offered next, for who gets ready for it; it comes as a `Transfer` all the same."""

    object: Name
    payload: bytes


class Grant(Message, frozen=True, array_like=True, tag="g"):
    """It may come, once the sources of the `missing` programs are here."""

    number: Name
    object: Name
    missing: Programs


class Deny(Message, frozen=True, array_like=True, gc=False, tag="d"):
    """It may not come."""

    number: Name
    object: Name
    reason: Reason
    retry_after_us: Count


class Moved(Message, frozen=True, array_like=True, gc=False, tag="m"):
    """A hint: `region` had the object with `gen`."""

    object: Name
    region: Name
    gen: Count


class Source(Message, frozen=True, array_like=True, gc=False, tag="s"):
    """A program's source, by its hash."""

    program: Name
    source: str


class Note(Message, frozen=True, array_like=True, gc=False, tag="n"):
    """Something between the kernels of two regions that may be lost: what is seen and heard over their border."""

    payload: bytes


Volatile: TypeAlias = Offer | TrustedOffer | Draft | Grant | Deny | Moved | Source | Note


# --- The frame ---


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """What one region sends another at a time.

    `bodies` are consecutive durable messages, the first with number `first`; `upto` acknowledges the other
    direction; `credits` is how many more than `upto` may be under way; `dst_epoch` is 0 while it is unknown.
    """

    version: Count
    src: Name
    src_epoch: Count
    dst: Name
    dst_epoch: Count
    upto: Count
    credits: Count
    first: Count
    bodies: Annotated[tuple[bytes, ...], Meta(max_length=limits.FRAME_BODIES_MAX)]
    whispers: Annotated[tuple[bytes, ...], Meta(max_length=limits.FRAME_BODIES_MAX)]


_encode = msgspec.msgpack.Encoder().encode
_durable = msgspec.msgpack.Decoder(Durable)
_volatile = msgspec.msgpack.Decoder(Volatile)
_frame = msgspec.msgpack.Decoder(Frame)
# Damaged text is a UnicodeDecodeError, nesting without end a RecursionError.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_ARRAYS = range(0x90, 0xA0)


def encode_message(message: Message) -> bytes:
    """Return the message's bytes, as they stand in the outbox and in a frame."""
    return _encode(message)


def decode_durable(body: bytes) -> Durable:
    """Return the durable message; raises `BadFrame`."""
    try:
        message: Durable = _durable.decode(body)
    except _UNREADABLE as error:
        raise BadFrame(f"a durable message of {len(body)} bytes can't be read: {error}") from error
    return message


def decode_volatile(body: bytes) -> Volatile:
    """Return the volatile message; raises `BadFrame`."""
    try:
        message: Volatile = _volatile.decode(body)
    except _UNREADABLE as error:
        raise BadFrame(f"a volatile message of {len(body)} bytes can't be read: {error}") from error
    return message


def encode_frame(frame: Frame) -> bytes:
    """Return the frame's bytes."""
    return _encode(frame)


def decode_frame(data: bytes) -> Frame:
    """Return the frame; raises `FrameVersionUnknown` and `BadFrame`."""
    try:
        frame = _frame.decode(data)
    except _UNREADABLE as error:
        _check_version(data)
        raise BadFrame(f"a frame of {len(data)} bytes can't be read: {error}") from error
    if frame.version != FRAME_VERSION:
        raise FrameVersionUnknown(frame.version, FRAME_VERSION)
    return frame


def _check_version(data: bytes) -> None:
    """A frame of another version has another shape, but is still a short array with the version first."""
    if len(data) > 1 and data[0] in _ARRAYS and data[1] < 0x80 and data[1] != FRAME_VERSION:
        raise FrameVersionUnknown(data[1], FRAME_VERSION)


def birth_region(object: str) -> str:
    """Return the region an object was born in: the part of its id before the last colon."""
    return object.rpartition(":")[0]
