"""How an Exchange lies in its region's store: rows `(kind, key) -> bytes`, and their reading back.

The one idea: every row is a small frozen record with a tag that carries its version, written when it changes,
in the same transaction as everything else of the tick. So the store needs to know nothing of links.

    link   peer              cursors of both directions
    outbox peer|number       a message that is not acknowledged yet
    hand   object            whether the object is here, out, or gone on
    held   object|number     mail for an object that is out
    pairs  object            its pair counters

It does not say when rows are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from migrate.errors import BadRecord
from migrate.messages import Pairs

RowKey: TypeAlias = tuple[str, str]
RowChanges: TypeAlias = Mapping[RowKey, bytes | None]

KINDS: Final = frozenset({"link", "outbox", "hand", "held", "pairs"})


class LinkRow(msgspec.Struct, frozen=True, array_like=True, tag="link1"):
    """`acked`: our messages that the peer has; `taken`: the peer's that we have."""

    acked: int
    taken: int
    peer_epoch: int


class HandRow(msgspec.Struct, frozen=True, array_like=True, tag="hand1"):
    """`state`: a `State` of migrate.handoff. `dst`: where an object is going or has gone.

    `lead`: the root object of the unit it left with; `riders`: the others, in the root's row.
    `since_us`: since when a tombstone stands.
    """

    state: int
    gen: int
    dst: str = ""
    lead: str = ""
    riders: tuple[str, ...] = ()
    since_us: int = 0


class ExchangeState(msgspec.Struct, frozen=True):
    """All of an Exchange as of a commit."""

    links: dict[str, LinkRow]
    outbox: dict[str, list[tuple[int, bytes]]]
    hands: dict[str, HandRow]
    held: dict[str, list[tuple[int, bytes]]]
    pairs: dict[str, Pairs]

    @classmethod
    def from_rows(cls, rows: Mapping[RowKey, bytes]) -> ExchangeState:
        """Read the rows of this kind out of all that the store holds; raises `BadRecord`."""
        state = cls({}, {}, {}, {}, {})
        for (kind, key), value in rows.items():
            if kind in KINDS:
                try:
                    _READERS[kind](state, key, value)
                except (msgspec.MsgspecError, ValueError) as error:
                    raise BadRecord(f"row {kind}/{key} can't be read: {error}. Restore a backup.") from error
        for numbered in (*state.outbox.values(), *state.held.values()):
            numbered.sort()
        return state


class Journal:
    """The changes of the ticks since the last commit that succeeded.

    What is written between `seal` and `settle` belongs to the next commit, so a commit may take its time.
    """

    def __init__(self) -> None:
        """Begin with nothing to write."""
        self._fresh: dict[RowKey, bytes | None] = {}
        self._sealed: dict[RowKey, bytes | None] = {}

    def put(self, kind: str, key: str, value: bytes) -> None:
        """Write a row."""
        self._fresh[kind, key] = value

    def drop(self, kind: str, key: str) -> None:
        """Delete a row."""
        self._fresh[kind, key] = None

    def seal(self) -> RowChanges:
        """Return all that the next commit must write."""
        self._sealed.update(self._fresh)
        self._fresh.clear()
        return self._sealed

    def settle(self) -> None:
        """Note that what `seal` returned is durable."""
        self._sealed = {}

    def __bool__(self) -> bool:
        """Return whether there is anything to write."""
        return bool(self._fresh or self._sealed)


_encode = msgspec.msgpack.Encoder().encode
_link = msgspec.msgpack.Decoder(LinkRow)
_hand = msgspec.msgpack.Decoder(HandRow)
_pairs = msgspec.msgpack.Decoder(Pairs)


def encode_row(row: LinkRow | HandRow | Pairs) -> bytes:
    """Return the row's bytes."""
    return _encode(row)


def numbered_key(name: str, number: int) -> str:
    """Return the key of one row of many that belong to a peer or an object, in order."""
    return f"{name}|{number:016d}"


def _read_link(state: ExchangeState, key: str, value: bytes) -> None:
    state.links[key] = _link.decode(value)


def _read_outbox(state: ExchangeState, key: str, value: bytes) -> None:
    peer, _, number = key.rpartition("|")
    state.outbox.setdefault(peer, []).append((int(number), value))


def _read_hand(state: ExchangeState, key: str, value: bytes) -> None:
    state.hands[key] = _hand.decode(value)


def _read_held(state: ExchangeState, key: str, value: bytes) -> None:
    object, _, number = key.rpartition("|")
    state.held.setdefault(object, []).append((int(number), value))


def _read_pairs(state: ExchangeState, key: str, value: bytes) -> None:
    state.pairs[key] = _pairs.decode(value)


_READERS = {
    "link": _read_link,
    "outbox": _read_outbox,
    "hand": _read_hand,
    "held": _read_held,
    "pairs": _read_pairs,
}
