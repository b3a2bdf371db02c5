"""One region's dealings with all others: links, hand-over, events, composed behind one face.

The one idea: the region runs in ticks, and a tick is

    deliveries = exchange.receive(src, frame, now_us)      for every frame that came
    deliveries = exchange.tick(now_us)                     once
    ... the kernel runs, calling create/remove/offer/depart/send ...
    deliveries = exchange.local()                          until it is empty
    delta = exchange.delta()                               written in the tick's one transaction
    exchange.committed()                                   after that transaction
    frames = exchange.outgoing(now_us)                     onto the network

Nothing durable leaves before it is committed. If the commit fails, nothing is lost: the next `delta` holds
everything again. After a crash an Exchange is built from the rows of the last commit and goes on.

It does no I/O, knows no clock and never looks into a payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from migrate.crossing import Admit, Crossings
from migrate.deliveries import Delivery, Drafted, NoteCame, ProgramCame, Unit
from migrate.errors import HandoffError
from migrate.handoff import HERE, Hands, State
from migrate.limits import REASON_LEN_MAX, ExchangeLimits
from migrate.links import Links
from migrate.mail import MailRoom
from migrate.messages import (
    Accept,
    Deny,
    Draft,
    Durable,
    Gone,
    Grant,
    Mail,
    Moved,
    Note,
    Offer,
    Reject,
    Settled,
    Source,
    Transfer,
    TrustedOffer,
    Volatile,
)
from migrate.rows import ExchangeState, Journal, RowChanges


@dataclass(frozen=True, slots=True)
class ExchangeStatistics:
    """Counters since the start, and what waits now."""

    objects_owned: int
    objects_out: int
    offers: int
    tombstones: int
    outbox_len: int
    outbox_bytes: int
    held_len: int
    early_len: int
    pairs: int
    arrived: int
    departed: int
    returned: int
    denied: int
    events_sent: int
    events_delivered: int
    events_forwarded: int
    events_undeliverable: int
    events_lost: int
    resent: int
    frames_refused: int
    peers_not_understood: int
    stale: int
    superseded: bool


class Exchange:
    """Everything one region knows about objects that come and go, and about events between objects."""

    def __init__(
        self,
        region: str,
        epoch: int,
        saved: ExchangeState | None = None,
        *,
        admit: Admit | None = None,
        limits: ExchangeLimits | None = None,
        knows: Callable[[str], bool] = lambda region: True,
    ) -> None:
        """Start a region's exchange, from what the store holds if it has run before.

        `region`: its name, without colon or vertical bar. `epoch`: the store's lease, at least 1. `saved`:
        `ExchangeState.from_rows(store.load())`. `admit` is asked for every arriving unit, inside `receive`:
        it returns None, and the unit is this region's own, or the reason why it can't be (unreadable payload,
        no room), and the unit goes back whole. What it decodes it may keep until `UnitArrived` comes. It may
        also be set later: `exchange.admit = …`. `knows` tells whether the world has a region of that name:
        mail for objects of one that it has not comes back, and waits for nobody.
        """
        self._region, self._epoch = region, epoch
        limits = limits or ExchangeLimits()
        self.admit: Admit = admit or _admit_all
        self._deliveries: list[Delivery] = []
        self.brought: Sequence[Delivery] = self._deliveries
        """What `local` would return: to see whether there is anything, without asking for it."""
        self._journal = Journal()
        self._links = Links(region, epoch, limits, self._journal, saved, knows)
        self._hands = Hands(self._journal, saved.hands if saved else {})
        self._mail = MailRoom(
            region, limits, self._journal, self._links, self._hands, self._deliveries, saved
        )
        self._crossings = Crossings(
            region, epoch, limits, self._links, self._hands, self._mail, self._deliveries
        )

    def receive(self, src: str, data: bytes, now_us: int) -> list[Delivery]:
        """Take a frame that came from region `src` and return what it brought, in order.

        The caller has made sure that the peer may speak for `src`. A frame that is damaged, of another
        version, for another region or epoch, or from an epoch that is over, is refused and counted.
        """
        due, whispers = self._links.receive(src, data, now_us)
        for message in due:
            self._take_durable(src, message)
        for whisper in whispers:
            self._take_volatile(src, whisper)
        self._mail.link_moves(src)
        return self.local()

    def tick(self, now_us: int) -> list[Delivery]:
        """Return what time has brought: offers without answer, and, last of all, what was `Granted`.

        Call it after every `receive` of the tick. It also ends tombstones and idle pairs.
        """
        self._crossings.tick(now_us)
        self._mail.sweep(now_us)
        self._mail.links_move()
        return self.local()

    def local(self) -> list[Delivery]:
        """Return what this region's own calls have brought since the last asking.

        Events between its own objects, `Undeliverable`, `Denied`. Handle them before `depart`, `remove` and
        `delta`: they belong to the state of their objects.
        """
        taken = self._deliveries[:]
        self._deliveries.clear()
        return taken

    def create(self, object: str) -> None:
        """Own a new object, with generation 1. Its id is `<this region>:<counter>`, never used before."""
        self._crossings.create(object)

    def remove(self, object: str) -> None:
        """Forget an owned object for ever. Events for it come back to their senders as `Undeliverable`."""
        self._crossings.remove(object)

    def offer(
        self,
        object: str,
        dst: str,
        *,
        bytes: int,
        scripts: int,
        memory: int,
        programs: tuple[str, ...],
        now_us: int,
        trusted: bool = False,
        draft: bytes | None = None,
    ) -> None:
        """Ask `dst` whether the owned unit may come; it runs on. The answer is `Granted` or `Denied`. `trusted`: this
        region is in trusted mode. `draft`: the unit as it is now, if `dst` could get ready by it.

        An earlier offer for the object, to whomever, is void. `ProgramWanted` may come before the answer.
        """
        number = self._crossings.next_offer_number()
        kind = TrustedOffer if trusted else Offer
        offer = kind(number, object, bytes, scripts, memory, programs)
        self._crossings.offer(object, dst, offer, now_us, draft)

    def grant(self, number: str, object: str, src: str, missing: tuple[str, ...] = ()) -> None:
        """Answer `Offered`, with its number: it may come. `missing`: the programs this region lacks."""
        self._links.whisper(src, Grant(number, object, missing))

    def deny(self, number: str, object: str, src: str, reason: str, retry_after_us: int) -> None:
        """Answer `Offered`: it may not come, and why (for the script's author)."""
        self._links.whisper(src, Deny(number, object, reason[:REASON_LEN_MAX], retry_after_us))

    def give_program(self, dst: str, program: str, source: str) -> None:
        """Answer `ProgramWanted`."""
        self._crossings.give_program(dst, program, source)

    def depart(
        self,
        object: str,
        dst: str,
        payload: bytes,
        *,
        programs: tuple[str, ...] = (),
        riders: tuple[str, ...] = (),
    ) -> None:
        """Hand the unit over, in answer to `Granted`; from here on it is no longer this region's.

        Every delivery of this tick must have been handled: events among them are part of the payload.
        `riders`: other owned objects that travel inside the payload. `Departed` or `Returned` follows.
        Raises `HandoffError` if it is not granted for `dst`, or a rider is not owned here; if the payload is
        larger than `limits.unit_bytes_max`.
        """
        self._crossings.depart(object, dst, payload, programs, riders)

    def send(self, sender: str, receiver: str, payload: bytes) -> bool:
        """Send an event from an owned object to any object anywhere.

        False: there is no room now (too many unconfirmed events to that receiver, or too much waiting for its
        region); nothing was sent, suspend the sender until `RoomAgain(sender)`. A sender that moves or is
        restored in between must just try again. True: it will be delivered once, in order for this pair, or
        come back as `Undeliverable`. For a receiver of this region it is in `local()` at once.
        """
        return self._mail.send(sender, receiver, payload)

    def note(self, dst: str, payload: bytes) -> None:
        """Send another region's kernel something that may be lost, with the next frame: `NoteCame` there."""
        self._links.whisper(dst, Note(payload))

    def owns(self, object: str) -> bool:
        """Return whether the object is this region's own (and not out or gone)."""
        return self._hands.here(object)

    def is_out(self, object: str) -> bool:
        """Return whether the object has left, and no other region has confirmed yet that it is there."""
        hand = self._hands.get(object)
        return hand is not None and hand.state is State.OUT

    def gen(self, object: str) -> int:
        """Return an owned object's generation; raises `HandoffError` if it is not owned here."""
        hand = self._hands.get(object)
        if hand is None or not self._hands.here(object):
            raise HandoffError(f"object {object} is not in region {self._region}: look with owns() first.")
        return hand.gen

    def owned(self) -> Iterator[str]:
        """Return the ids of all owned objects."""
        return (hand.object for hand in self._hands.values() if hand.state in HERE)

    def where(self, object: str) -> str:
        """Return the region that most probably has the object: own knowledge, a hint, or its birth region."""
        return self._mail.where(object)

    def hint(self, object: str, region: str, gen: int) -> None:
        """Take a hint (from the directory, say) where the object is; older ones than known are ignored."""
        self._mail.note(object, region, gen)

    def pause(self) -> None:
        """Take no more messages (the disk is full, say): neighbours keep theirs and are told to wait."""
        self._links.pause()

    def resume(self) -> None:
        """Take messages again."""
        self._links.resume()

    def waits_to_leave(self) -> bool:
        """Return whether something waits for the next commit in order to leave: commit early if so."""
        return self._links.waits_to_leave()

    def letters_wait(self) -> bool:
        """Return whether a durable message waits for the next commit in order to leave."""
        return self._links.letters_wait()

    def delta(self) -> RowChanges:
        """Return every row changed since the last commit that succeeded; None deletes a row.

        Kinds are in `migrate.rows.KINDS`. Calling it again without `committed` returns all of it again.
        """
        assert not self._deliveries, f"not taken before the commit: {self._deliveries}"
        self._links.seal()
        self._hands.seal()
        self._mail.seal()
        return self._journal.seal()

    def committed(self) -> None:
        """Say that what the last `delta` returned is durable now."""
        self._links.settle()
        self._journal.settle()

    def outgoing(self, now_us: int) -> list[tuple[str, bytes]]:
        """Return frames to send, as `(dst region, bytes)`: committed messages, acknowledgements, chatter."""
        return self._links.outgoing(now_us)

    def statistics(self) -> ExchangeStatistics:
        """Return the counters."""
        states = [hand.state for hand in self._hands.values()]
        links = list(self._links.values())
        tables = self._mail.tables().values()
        crossed, mailed = self._crossings.counts, self._mail.counts
        return ExchangeStatistics(
            objects_owned=sum(state in HERE for state in states),
            objects_out=states.count(State.OUT),
            offers=len(self._crossings.asking),
            tombstones=states.count(State.TOMB),
            outbox_len=sum(len(link.outbox.bodies) for link in links),
            outbox_bytes=sum(link.outbox.bytes for link in links),
            held_len=self._mail.held_len(),
            early_len=sum(len(link.inbox.early) for link in links)
            + sum(len(table.early) for table in tables),
            pairs=sum(len(table.sent) + len(table.received) for table in tables),
            arrived=crossed.arrived,
            departed=crossed.departed,
            returned=crossed.returned,
            denied=crossed.denied,
            events_sent=mailed.sent,
            events_delivered=mailed.delivered,
            events_forwarded=mailed.forwarded,
            events_undeliverable=mailed.undeliverable,
            events_lost=mailed.lost,
            resent=sum(link.outbox.resent for link in links),
            frames_refused=self._links.refused + sum(link.inbox.unreadable for link in links),
            peers_not_understood=sum(link.unknown_version is not None for link in links),
            stale=self._hands.stale,
            superseded=self._links.superseded,
        )

    @property
    def superseded(self) -> bool:
        """Whether a neighbour knows more of this region than it does itself: it has a successor, or went back."""
        return self._links.superseded

    def _take_durable(self, src: str, message: Durable) -> None:
        if isinstance(message, Mail):
            self._mail.route(message)
        elif isinstance(message, Transfer):
            self._crossings.take_transfer(src, message, self.admit)
        else:
            _CROSSING[type(message)](self._crossings, src, message)

    def _take_volatile(self, src: str, whisper: Volatile) -> None:
        if isinstance(whisper, Moved):
            self._mail.note(whisper.object, whisper.region, whisper.gen)
        elif isinstance(whisper, Source):
            self._deliveries.append(ProgramCame(whisper.program, whisper.source, src))
        elif isinstance(whisper, Note):
            self._deliveries.append(NoteCame(src, whisper.payload))
        elif isinstance(whisper, Draft):
            self._deliveries.append(Drafted(src, whisper.object, whisper.payload))
        else:
            _CROSSING[type(whisper)](self._crossings, src, whisper)


def _admit_all(unit: Unit) -> str | None:
    return None


# Any: each handler takes the class it stands behind, which a dict's type can't say.
_CROSSING: dict[type, Callable[[Crossings, str, Any], None]] = {
    Accept: Crossings.take_accept,
    Reject: Crossings.take_reject,
    Settled: Crossings.take_settled,
    Gone: Crossings.take_gone,
    Offer: Crossings.take_offer,
    TrustedOffer: Crossings.take_offer,
    Grant: Crossings.take_grant,
    Deny: Crossings.take_deny,
}
