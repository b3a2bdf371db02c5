"""Frames and commits of a simulated grid in words: what each part of them says, and which objects and link it is about.

The one idea: a part is one message or one row. A reader who follows two objects sees of their mail what is between
these two, and of everything else what is about one of them.

When something happened, and what is shown of it, is `simulator.simulation.history`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from migrate.handoff import State
from migrate.messages import (
    Bounce,
    Deny,
    Echo,
    Event,
    Forget,
    Grant,
    Message,
    Moved,
    Offer,
    Prompt,
    Reject,
    Settled,
    Transfer,
    decode_durable,
    decode_frame,
    decode_volatile,
)
from migrate.rows import HandRow, LinkRow, RowChanges, RowKey
from simulator.simulation.toys import read_thing

_read_hand = msgspec.msgpack.Decoder(HandRow).decode
_read_link = msgspec.msgpack.Decoder(LinkRow).decode
_MAIL = (Event, Echo, Forget, Prompt, Bounce)


class Part(NamedTuple):
    """One message or row. `link`: as `source>destination`. `between`: it is about the two objects together."""

    text: str
    objects: frozenset[str] = frozenset()
    link: str = ""
    between: bool = False


def frame_parts(data: bytes) -> Iterator[Part]:
    """Return what a frame says, beginning with what it acknowledges."""
    frame = decode_frame(data)
    yield Part(f"acknowledges up to {frame.upto}", link=f"{frame.dst}>{frame.src}")
    link = f"{frame.src}>{frame.dst}"
    for number, body in enumerate(frame.bodies, frame.first):
        yield _message(decode_durable(body), f"{number} ", link)
    for body in frame.whispers:
        yield _message(decode_volatile(body), "", link)


def commit_parts(region: str, before: dict[RowKey, bytes], changes: RowChanges) -> Iterator[Part]:
    """Return what a commit changes; rows that were written again as they were, and other kinds, are left out."""
    for (kind, key), value in changes.items():
        old = before.get((kind, key))
        if kind in _ROWS and value != old:
            yield _ROWS[kind](region, key, old, value)


def _message(message: Message, before: str, link: str) -> Part:
    kind = type(message).__name__.upper()
    return Part(
        f"{before}{kind} {_details(message)}", _objects(message), link, between=isinstance(message, _MAIL)
    )


# Any: messages have fields in common without a class in common.
def _objects(message: Any) -> frozenset[str]:
    if isinstance(message, Reject):
        return _objects(message.transfer)
    if isinstance(message, Transfer):
        return frozenset(member.object for member in message.members)
    if isinstance(message, _MAIL):
        return frozenset((message.sender, message.receiver))
    return frozenset([message.object]) if hasattr(message, "object") else frozenset()


def _details(message: Any) -> str:
    tell = _DETAILS.get(type(message))
    if tell is not None:
        return tell(message)
    if isinstance(message, _MAIL):
        number = f" {message.n} of chain {message.chain}" if isinstance(message, Event | Echo) else ""
        return f"{message.sender} to {message.receiver}{number}"
    gen = f" gen {message.gen}" if hasattr(message, "gen") else ""
    return getattr(message, "object", "") + gen


def _members(transfer: Transfer) -> str:
    return " with ".join(f"{member.object} gen {member.gen}" for member in transfer.members)


_DETAILS: dict[type, Callable[[Any], str]] = {
    Transfer: _members,
    Reject: lambda reject: f"{_members(reject.transfer)}: {reject.reason}",
    Settled: lambda settled: f"{settled.object} was in {settled.region} with gen {settled.gen}",
    Moved: lambda moved: f"{moved.object} was in {moved.region} with gen {moved.gen}",
    Offer: lambda offer: f"{offer.object} (offer {offer.number})",
    Grant: lambda grant: f"{grant.object} (offer {grant.number}), without {len(grant.missing)} programs",
    Deny: lambda deny: f"{deny.object} (offer {deny.number}): {deny.reason}",
}


def _hand(region: str, object: str, old: bytes | None, new: bytes | None) -> Part:
    if new is None:
        return Part(f"{object} is forgotten", frozenset([object]))
    row = _read_hand(new)
    to = f" to {row.dst}" if row.dst else ""
    return Part(f"{object} is {State(row.state).name}{to}, gen {row.gen}", frozenset([object]))


def _outbox(region: str, key: str, old: bytes | None, new: bytes | None) -> Part:
    peer, _, number = key.rpartition("|")
    body = new or old
    verb = "posts" if new else "drops"
    if body is None:
        return Part(f"{verb} {int(number)} to {peer}", link=f"{region}>{peer}")
    return _message(decode_durable(body), f"{verb} to {peer} {int(number)} ", f"{region}>{peer}")


def _link(region: str, peer: str, old: bytes | None, new: bytes | None) -> Part:
    row = _read_link(new) if new else LinkRow(0, 0, 0)
    return Part(f"has taken up to {row.taken} from {peer}", link=f"{peer}>{region}")


def _thing(region: str, object: str, old: bytes | None, new: bytes | None) -> Part:
    state = f"is in state {read_thing(new).version}" if new else "is here no more"
    return Part(f"{object} {state}", frozenset([object]))


def _grave(region: str, object: str, old: bytes | None, new: bytes | None) -> Part:
    state = f" in state {read_thing(new).version}" if new else ""
    return Part(f"{object} ends{state}", frozenset([object]))


def _held(region: str, key: str, old: bytes | None, new: bytes | None) -> Part:
    object = key.rpartition("|")[0]
    body = new or old
    verb = "holds" if new else "holds no more"
    return _message(decode_durable(body), f"{verb} ", "") if body else Part(f"{object}: {verb} mail")


_ROWS: dict[str, Callable[[str, str, bytes | None, bytes | None], Part]] = {
    "hand": _hand,
    "outbox": _outbox,
    "link": _link,
    "thing": _thing,
    "grave": _grave,
    "held": _held,
}
