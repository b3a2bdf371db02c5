"""The all-seeing witness of a simulated grid: it checks every invariant of the design at every commit.

The one idea: the witness sees the stores' commits and the frames on the wire, never the regions' memory, so
it judges what survives and what others can see. From those alone it counts, for each object, its owners and
the messages that carry it, which must be one together for each living object at every instant.

It does not know how the protocol works; `simulator.simulation.mutants` shows that it notices when it doesn't.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from migrate.handoff import State
from migrate.limits import ExchangeLimits
from migrate.messages import Pairs, Reject, Transfer, decode_durable, decode_frame
from migrate.pairs import CONTROL_EVENTS
from migrate.rows import HandRow, LinkRow, RowChanges, RowKey
from simulator.simulation.toys import Thing, read_thing, read_things

_read_hand = msgspec.msgpack.Decoder(HandRow).decode
_read_link = msgspec.msgpack.Decoder(LinkRow).decode
_read_pairs = msgspec.msgpack.Decoder(Pairs).decode
_TRANSFER_TAG = msgspec.msgpack.encode("T")
_NOBODY = HandRow(State.ABSENT, 0)
_UNLINKED = LinkRow(0, 0, 0)


class Violation(AssertionError):
    """The simulation: an invariant does not hold. The message says which, of what, and what was found."""


class Oracle:
    """What is known to be true of the whole grid."""

    def __init__(self, limits: ExchangeLimits) -> None:
        """Begin before anything exists."""
        self._limits = limits
        self.moves = 0
        self.events = 0
        self.removed: dict[str, Thing] = {}
        self.alive: dict[str, Thing] = {}
        self.history: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._tokens: dict[str, int] = defaultdict(int)
        self._gens: dict[str, int] = {}
        self._owner_of: dict[tuple[str, int], str] = {}
        self._cargo: dict[tuple[str, str], dict[int, tuple[str, ...]]] = defaultdict(dict)
        self._taken: dict[tuple[str, str], int] = defaultdict(int)
        self._posted: dict[tuple[str, str], int] = defaultdict(int)
        self._dropped: dict[tuple[str, str], int] = defaultdict(int)
        self._epochs: dict[str, int] = defaultdict(int)

    # --- Commits ---

    def commit(self, region: str, epoch: int, before: dict[RowKey, bytes], changes: RowChanges) -> None:
        """Check a commit that is about to change the rows `before`."""
        if epoch < self._epochs[region]:
            raise Violation(
                f"{region}: commit of epoch {epoch} after one of epoch {self._epochs[region]}: no fence"
            )
        self._epochs[region] = epoch
        touched: dict[str, None] = {}
        for (kind, key), value in changes.items():
            old = before.get((kind, key))
            if kind == "hand":
                self._hand(region, key, old, value, touched)
            elif kind == "outbox":
                self._outbox(region, key, old, value, touched)
            elif kind == "link" and value is not None:
                self._link(region, key, value, touched)
            elif kind == "pairs" and value is not None:
                self._pairs(key, _read_pairs(value))
            elif kind == "thing" and value is not None:
                self._thing(key, read_thing(value))
            elif kind == "grave" and value is not None:
                self._thing(key, read_thing(value))
                self.removed[key] = self.alive.pop(key)
        for object in touched:
            self._check_one(object)

    def _hand(
        self, region: str, object: str, old: bytes | None, new: bytes | None, touched: dict[str, None]
    ) -> None:
        was = _read_hand(old) if old else _NOBODY
        now = _read_hand(new) if new else _NOBODY
        owned = now.state == State.OWNED
        if owned and (was.state != State.OWNED or was.gen != now.gen):
            self._own(region, object, now.gen)
        self._tokens[object] += owned - (was.state == State.OWNED)
        touched[object] = None

    def _own(self, region: str, object: str, gen: int) -> None:
        if gen <= self._gens.get(object, 0):
            raise Violation(
                f"{object}: owned by {region} with gen {gen} after gen {self._gens[object]}: gens only grow"
            )
        self._gens[object] = gen
        self.moves += gen > 1
        self.history[object].append((region, gen))

    def _outbox(
        self, region: str, key: str, old: bytes | None, new: bytes | None, touched: dict[str, None]
    ) -> None:
        peer, _, text = key.rpartition("|")
        number = int(text)
        cargo = self._cargo[region, peer]
        if new is not None and old is None:
            self._follows(self._posted, region, peer, number, "committed")
            objects = self._carried(new)
            if objects and number > self._taken[region, peer]:
                cargo[number] = objects
                self._count(objects, 1, touched)
        elif new is None:
            self._follows(self._dropped, region, peer, number, "deleted")
            if number in cargo:
                # Deleted before the receiver took it: its objects are in no store any more.
                self._count(cargo.pop(number), -1, touched)

    def _follows(
        self, last: dict[tuple[str, str], int], region: str, peer: str, number: int, done: str
    ) -> None:
        expected = last[region, peer] + 1
        if number != expected:
            raise Violation(f"{region}: message {number} to {peer} is {done} where {expected} is due")
        last[region, peer] = number

    def _carried(self, body: bytes) -> tuple[str, ...]:
        message = decode_durable(body)
        if isinstance(message, Transfer):
            for object, thing in read_things(message.payload).items():
                self._thing(object, thing)
            return tuple(member.object for member in message.members)
        if isinstance(message, Reject):
            return tuple(member.object for member in message.transfer.members)
        return ()

    def _link(self, region: str, peer: str, value: bytes, touched: dict[str, None]) -> None:
        taken = _read_link(value).taken
        before = self._taken[peer, region]
        if taken < before:
            raise Violation(
                f"{region}: the cursor of its link from {peer} went back from {before} to {taken}"
            )
        self._taken[peer, region] = taken
        cargo = self._cargo[peer, region]
        for number in [number for number in cargo if number <= taken]:
            self._count(cargo.pop(number), -1, touched)

    def _count(self, objects: tuple[str, ...], change: int, touched: dict[str, None]) -> None:
        for object in objects:
            self._tokens[object] += change
            touched[object] = None

    def _pairs(self, object: str, pairs: Pairs) -> None:
        """What is under way between two objects is bounded, and so is what an object remembers of others."""
        window = self._limits.pair_window_len_max
        for receiver, sent in pairs.sent.items():
            if sent.n - sent.confirmed > window + CONTROL_EVENTS:
                raise Violation(f"{object}: {sent.n - sent.confirmed} events under way to {receiver}")
        if len(pairs.sent) > self._limits.pairs_sent_len_max:
            raise Violation(f"{object} remembers {len(pairs.sent)} receivers")
        if len(pairs.early) > (window + CONTROL_EVENTS) * len({event.sender for event in pairs.early}):
            raise Violation(f"{object} keeps {len(pairs.early)} events before their turn")

    def _thing(self, object: str, thing: Thing) -> None:
        """Each committed state of an object follows the one before it: no fork, no repetition, no gap."""
        last = self.alive.get(object)
        expected = last.version + 1 if last else 1
        if thing.version != expected or object in self.removed:
            raise Violation(f"{object}: state {thing.version} committed where {expected} was due")
        self.alive[object] = thing
        got = sum(thing.got.values())
        self.events += got - (sum(last.got.values()) if last else 0)

    def _check_one(self, object: str) -> None:
        expected = 1 if object in self.alive else 0
        if self._tokens[object] != expected:
            raise Violation(
                f"{object}: {self._tokens[object]} owners and transfers under way instead of {expected}"
            )

    # --- The wire ---

    def sent(self, region: str, data: bytes, rows: dict[RowKey, bytes]) -> bool:
        """Check that a frame shows nothing that its region's store lacks; return whether a unit is in it."""
        frame = decode_frame(data)
        value = rows.get(("link", frame.dst))
        link = _read_link(value) if value else _UNLINKED
        if frame.upto > link.taken:
            raise Violation(
                f"{region}: acknowledges {frame.upto} to {frame.dst}, but has committed only {link.taken}"
            )
        for number, body in enumerate(frame.bodies, frame.first):
            stored = rows.get(("outbox", f"{frame.dst}|{number:016d}"))
            if stored != body and (stored is not None or number > link.acked):
                raise Violation(f"{region}: message {number} to {frame.dst} is on the wire but not committed")
        # The first field of a message is its tag.
        return any(body[1:3] == _TRANSFER_TAG for body in frame.bodies)

    # --- The end ---

    def settle_accounts(self) -> None:
        """Check, after all has drained, that every event was applied once or reported undeliverable."""
        everything = {**self.removed, **self.alive}
        for sender, thing in everything.items():
            for receiver, sent in thing.sent.items():
                self._settle(sender, thing, receiver, sent, everything.get(receiver))

    def _settle(self, sender: str, thing: Thing, receiver: str, sent: int, other: Thing | None) -> None:
        applied = other.got.get(sender, 0) if other else 0
        back = thing.back.get(receiver, 0)
        if applied + back > sent:
            raise Violation(f"{sender} sent {receiver} {sent} events: {applied} applied, {back} came back")
        # Where both are gone there is nobody left to report to.
        both_gone = receiver not in self.alive and sender not in self.alive
        if applied + back < sent and not both_gone:
            raise Violation(
                f"{sender} sent {receiver} {sent} events: only {applied} applied, {back} came back"
            )
        if back and receiver in self.alive:
            raise Violation(f"{sender} got {back} events back from {receiver}, which exists")
