"""Mail between objects: where it goes next, what waits, what comes back.

The one idea: mail follows the object. Where the object is, it is delivered; where it is out, it is held;
where it has been, it is forwarded; where nothing is known of it, it goes to the region it was born in, which
knows every living object of its own. So each step leads to a later generation, and what even the birth region
does not know is gone for ever and comes back to its sender.

It does not move objects: `migrate.crossing` does, and says here what left and what came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from migrate import messages
from migrate.deliveries import Delivery, EventArrived, RoomAgain, Undeliverable
from migrate.errors import HandoffError
from migrate.handoff import Hand, Hands, State
from migrate.hints import Hints
from migrate.limits import ExchangeLimits
from migrate.links import Links
from migrate.messages import (
    EMPTY,
    END,
    PAYLOAD,
    Bounce,
    Echo,
    Event,
    Forget,
    Mail,
    Moved,
    Pairs,
    Prompt,
    birth_region,
    decode_durable,
    encode_message,
)
from migrate.pairs import PairTable
from migrate.rows import ExchangeState, Journal, encode_row, numbered_key

LOOKED_AT_MAX = 8
"""Least recently used pairs that are looked at to make room for a new one: ending one at a time is enough."""


@dataclass(slots=True)
class MailCounts:
    """Counters since the start. `lost`: came back to a sender that is gone itself."""

    sent: int = 0
    delivered: int = 0
    forwarded: int = 0
    undeliverable: int = 0
    lost: int = 0


class MailRoom:
    """All mail of one region, and the pair counters of its objects."""

    def __init__(
        self,
        region: str,
        limits: ExchangeLimits,
        journal: Journal,
        links: Links,
        hands: Hands,
        deliveries: list[Delivery],
        saved: ExchangeState | None,
    ) -> None:
        """Start from the store. `deliveries` is the list that the exchange hands to the kernel."""
        self._region, self._limits, self._journal = region, limits, journal
        self._links, self._hands, self._deliveries = links, hands, deliveries
        self._tables = {object: PairTable(pairs) for object, pairs in saved.pairs.items()} if saved else {}
        self._held = _read_held(saved) if saved else {}
        self._changed: dict[str, None] = {}
        self._wait_for_pair: dict[str, None] = {}
        self._wait_for_link: dict[str, dict[str, None]] = {}
        self._to_sweep: list[str] = []
        self._sweep_at_us = 0
        self.hints = Hints(limits)
        self.counts = MailCounts()

    # --- Sending ---

    def send(self, sender: str, receiver: str, payload: bytes) -> bool:
        """Send an event; False if there is no room. See `Exchange.send`."""
        if not self._hands.here(sender):
            raise HandoffError(
                f"object {sender} sends, but is not in region {self._region}: drop its script."
            )
        if self._hands.here(receiver) and self._nothing_under_way(sender, receiver):
            # Everything earlier has been delivered and this one is at once: it needs no number.
            self._deliver(sender, receiver, payload)
        elif self._has_room(sender, receiver):
            self._send_numbered(sender, receiver, payload, PAYLOAD)
        else:
            return False
        self.counts.sent += 1
        return True

    def where(self, receiver: str) -> str:
        """Return the region that most probably has the object."""
        hand = self._hands.get(receiver)
        hint = self.hints.region(receiver)
        if hand is None:
            return hint if hint and hint != self._region else birth_region(receiver)
        if hand.state is State.TOMB:
            return self._later(hand)
        return self._region

    def note(self, object: str, region: str, gen: int) -> None:
        """Take a hint. One that names a region that does not exist would lead mail to where nobody is."""
        if self._links.knows(region):
            self.hints.note(object, region, gen)

    def link_moves(self, peer: str) -> None:
        """Wake who waited for room in the link to the peer: the first ones, as many as there is room for."""
        waiting = self._wait_for_link.get(peer)
        if not waiting:
            return
        for sender in list(islice(waiting, self._links.room_len(peer))):
            del waiting[sender]
            if self._hands.here(sender):
                self._deliveries.append(RoomAgain(sender))

    def links_move(self) -> None:
        """The same for every link: those who were woken may not have used their room."""
        for peer in [peer for peer, waiting in self._wait_for_link.items() if waiting]:
            self.link_moves(peer)

    def _nothing_under_way(self, sender: str, receiver: str) -> bool:
        mine, theirs = self._tables.get(sender), self._tables.get(receiver)
        sent = mine.sent.get(receiver) if mine else None
        return sent is None or (theirs is not None and theirs.has_all(sender, sent))

    def _has_room(self, sender: str, receiver: str) -> bool:
        table = self._table(sender)
        if receiver not in table.sent and len(table.sent) >= self._limits.pairs_sent_len_max:
            self._make_room(sender, table)
        full = receiver not in table.sent and len(table.sent) >= self._limits.pairs_sent_len_max
        if full or table.under_way(receiver) >= self._limits.pair_window_len_max:
            self._wait_for_pair[sender] = None
            return False
        region = self.where(receiver)
        if self._links.full(region):
            self._wait_for_link.setdefault(region, {})[sender] = None
            return False
        return True

    def _send_numbered(self, sender: str, receiver: str, payload: bytes, kind: int) -> None:
        entry = self._table(sender).number(receiver)
        self._changed[sender] = None
        asks = kind == EMPTY or entry.n % max(1, self._limits.pair_window_len_max // 2) == 0
        event = Event(receiver, sender, entry.chain, entry.n, self._region, payload, kind, asks)
        self._start(event)

    def _start(self, mail: Mail) -> None:
        """Route new mail. Hints count only here: on its way, mail could go round between two old ones."""
        hint = self.hints.region(mail.receiver)
        if hint is None or hint == self._region or self._hands.get(mail.receiver) is not None:
            self.route(mail)
        else:
            self._links.post(hint, mail)

    # --- On the way ---

    def route(self, mail: Mail) -> None:
        """Bring mail one step nearer to its receiver."""
        hand = self._hands.get(mail.receiver)
        if hand is None:
            self._route_unknown(mail)
        elif hand.state is State.TOMB:
            self._forward(mail, hand)
        elif hand.state is State.OUT:
            self._hold(mail)
        else:
            _HANDLERS[type(mail)](self, mail)

    def _route_unknown(self, mail: Mail) -> None:
        birth = birth_region(mail.receiver)
        if birth == self._region:
            self._bounce(mail, f"object {mail.receiver} does not exist any more")
        elif not birth or not self._links.knows(birth):
            self._bounce(mail, f"object {mail.receiver} does not exist: there is no region {birth!r}")
        else:
            self._links.post(birth, mail)

    def _forward(self, mail: Mail, hand: Hand) -> None:
        self.counts.forwarded += 1
        region = self._later(hand)
        self._links.post(region, mail)
        if isinstance(mail, Event) and mail.origin not in (self._region, region):
            gen = max(hand.gen, self.hints.gen(mail.receiver))
            self._links.whisper(mail.origin, Moved(mail.receiver, region, gen))

    def _later(self, hand: Hand) -> str:
        """Return where the tombstone points, or a hint that is newer."""
        hint = self.hints.region(hand.object)
        newer = self.hints.gen(hand.object) > hand.gen and hint != self._region
        return hint if hint and newer else hand.dst

    def _hold(self, mail: Mail) -> None:
        held = self._held.setdefault(mail.receiver, [])
        held.append(mail)
        self._journal.put("held", numbered_key(mail.receiver, len(held)), encode_message(mail))

    def _bounce(self, mail: Mail, reason: str) -> None:
        """The receiver is gone for ever: events go back, the rest has lost its purpose."""
        if isinstance(mail, Event) and mail.kind != END:
            back = Bounce(mail.sender, mail.receiver, mail.chain, mail.payload, mail.kind, reason)
            self._start(back)
        elif isinstance(mail, Bounce) and mail.kind == PAYLOAD:
            self.counts.lost += 1

    # --- At the receiver ---

    def _take_event(self, event: Event) -> None:
        table = self._table(event.receiver)
        self._changed[event.receiver] = None
        if event.sender not in table.received and len(table.received) >= self._limits.pairs_received_len_max:
            self._start(Prompt(table.rotate_received(), event.receiver))
        for due in table.take(event, self._limits.pair_window_len_max):
            if due.kind == PAYLOAD:
                self._deliver(due.sender, due.receiver, due.payload)
            if due.asks:
                self._start(Echo(due.sender, due.receiver, due.chain, due.n))

    def _take_echo(self, echo: Echo) -> None:
        table = self._tables.get(echo.receiver)
        if table is not None and table.confirm(echo.sender, echo.chain, echo.n):
            self._changed[echo.receiver] = None
            if table.may_end(echo.sender, echo.n):
                self._end_chain(echo.receiver, table, echo.sender)
            self._wake(echo.receiver)

    def _take_forget(self, forget: Forget) -> None:
        table = self._tables.get(forget.receiver)
        if table is not None and table.forget(forget.sender, forget.chain):
            self._changed[forget.receiver] = None

    def _take_prompt(self, prompt: Prompt) -> None:
        table = self._tables.get(prompt.receiver)
        if table is not None and prompt.sender in table.sent:
            self._end_or_ask(prompt.receiver, table, prompt.sender)

    def _take_bounce(self, bounce: Bounce) -> None:
        table = self._tables.get(bounce.receiver)
        if table is not None and bounce.sender in table.sent:
            table.end(bounce.sender)
            self._changed[bounce.receiver] = None
        self._wake(bounce.receiver)
        if bounce.kind == PAYLOAD:
            self.counts.undeliverable += 1
            self._deliveries.append(
                Undeliverable(bounce.receiver, bounce.sender, bounce.payload, bounce.reason)
            )

    def _deliver(self, sender: str, receiver: str, payload: bytes) -> None:
        self.counts.delivered += 1
        self._deliveries.append(EventArrived(sender, receiver, payload))

    # --- Objects come and go ---

    def leave(self, object: str) -> Pairs | None:
        """Return the counters that an object takes along; nothing of them stays."""
        table = self._tables.pop(object, None)
        self._wait_for_pair.pop(object, None)
        if table is None:
            return None
        self._changed[object] = None
        return table.record()

    def arrive(self, object: str, pairs: Pairs | None) -> None:
        """Take over the counters that an object has brought."""
        if pairs is not None:
            self._tables[object] = PairTable(pairs)
            self._changed[object] = None

    def release(self, object: str) -> None:
        """Send on what was held for an object that is not out any more."""
        for number, mail in enumerate(self._held.pop(object, ()), 1):
            self._journal.drop("held", numbered_key(object, number))
            self.route(mail)

    def remove(self, object: str) -> None:
        """Close the books of an object that has just become ABSENT for ever."""
        table = self._tables.get(object)
        if table is None:
            return
        for receiver in list(table.sent):
            self._send_numbered(object, receiver, b"", END)
        for event in table.early.values():
            self._bounce(event, f"object {object} does not exist any more")
        self.leave(object)

    # --- Keeping pairs few ---

    def sweep(self, now_us: int) -> None:
        """End pairs that have not been used for a while, a few objects at a time."""
        if not self._to_sweep and now_us >= self._sweep_at_us:
            self._to_sweep = list(self._tables)
            self._sweep_at_us = now_us + self._limits.pair_idle_us
        for _ in range(min(self._limits.pairs_swept_max, len(self._to_sweep))):
            object = self._to_sweep.pop()
            if object in self._tables:
                self._sweep_table(object, self._tables[object])

    def _sweep_table(self, object: str, table: PairTable) -> None:
        for receiver in [receiver for receiver in table.sent if receiver not in table.used]:
            self._end_or_ask(object, table, receiver)
        table.used.clear()

    def _make_room(self, sender: str, table: PairTable) -> None:
        """End one of the least recently used chains, or ask for the confirmations that it takes."""
        for receiver in list(islice(table.sent, LOOKED_AT_MAX)):
            if receiver in table.sent and self._end_or_ask(sender, table, receiver):
                return

    def _end_or_ask(self, sender: str, table: PairTable, receiver: str) -> bool:
        """End the chain if all of it is confirmed; otherwise ask, once, and end it then."""
        if table.complete(receiver):
            self._end_chain(sender, table, receiver)
            return True
        if receiver not in table.ending:
            # Beyond a full window there is only an event that asks: then the answer is on its way already.
            asks = table.under_way(receiver) <= self._limits.pair_window_len_max
            table.ending[receiver] = table.sent[receiver].n + asks
            if asks:
                self._send_numbered(sender, receiver, b"", EMPTY)
        return False

    def _end_chain(self, sender: str, table: PairTable, receiver: str) -> None:
        self._changed[sender] = None
        self._start(Forget(receiver, sender, table.end(receiver)))
        self._wake(sender)

    def _wake(self, sender: str) -> None:
        if sender in self._wait_for_pair:
            del self._wait_for_pair[sender]
            self._deliveries.append(RoomAgain(sender))

    # --- Books ---

    def seal(self) -> None:
        """Write the rows of counters that have changed."""
        for object in self._changed:
            table = self._tables.get(object)
            pairs = table.record() if table else None
            if pairs is None:
                self._tables.pop(object, None)
                self._journal.drop("pairs", object)
            else:
                self._journal.put("pairs", object, encode_row(pairs))
        self._changed.clear()

    def tables(self) -> dict[str, PairTable]:
        """Return the counters of all objects."""
        return self._tables

    def held_len(self) -> int:
        """Return how much mail is held."""
        return sum(map(len, self._held.values()))

    def _table(self, object: str) -> PairTable:
        table = self._tables.get(object)
        if table is None:
            table = self._tables[object] = PairTable()
        return table


def _read_held(saved: ExchangeState) -> dict[str, list[Mail]]:
    held: dict[str, list[Mail]] = {}
    for object, numbered in saved.held.items():
        for _, body in numbered:
            mail = decode_durable(body)
            assert isinstance(mail, messages.Mail), f"held for {object}: {mail}"
            held.setdefault(object, []).append(mail)
    return held


# Any: each handler takes the class it stands behind, which a dict's type can't say.
_HANDLERS: dict[type[Mail], Callable[[MailRoom, Any], None]] = {
    Event: MailRoom._take_event,
    Echo: MailRoom._take_echo,
    Forget: MailRoom._take_forget,
    Prompt: MailRoom._take_prompt,
    Bounce: MailRoom._take_bounce,
}
