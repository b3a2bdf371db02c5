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

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrate.deliveries import Delivery, Unit
from migrate.limits import ExchangeLimits
from migrate.rows import ExchangeState, RowChanges

Admit = Callable[[Unit], str | None]


@dataclass(frozen=True, slots=True)
class ExchangeStatistics:
    """Counters since the start, and what waits now."""

    objects_owned: int
    objects_out: int
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
    resent: int
    frames_refused: int
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
    ) -> None:
        """Start a region's exchange, from what the store holds if it has run before.

        `region`: its name, without colon or vertical bar. `epoch`: the store's lease, at least 1. `saved`:
        `ExchangeState.from_rows(store.load())`. `admit` is asked for every arriving unit, inside `receive`:
        it returns None, and the unit is this region's own, or the reason why it can't be (unreadable payload,
        no room), and the unit goes back whole. What it decodes it may keep until `UnitArrived` comes. It may
        also be set later: `exchange.admit = …`.
        """
        raise NotImplementedError

    def receive(self, src: str, data: bytes, now_us: int) -> list[Delivery]:
        """Take a frame that came from region `src` and return what it brought, in order.

        The caller has made sure that the peer may speak for `src`. A frame that is damaged, of another
        version, for another region or epoch, or from an epoch that is over, is refused and counted.
        """
        raise NotImplementedError

    def tick(self, now_us: int) -> list[Delivery]:
        """Return what time alone has brought: offers without answer. Also ends tombstones and idle pairs."""
        raise NotImplementedError

    def local(self) -> list[Delivery]:
        """Return what this region's own calls have brought since the last asking: events between its own
        objects, `Undeliverable`, `Denied`. Must be empty when `delta` is called.
        """
        raise NotImplementedError

    def create(self, object: str) -> None:
        """Own a new object, with generation 1. Its id is `<this region>:<counter>`, never used before."""
        raise NotImplementedError

    def remove(self, object: str) -> None:
        """Forget an owned object for ever. Events for it come back to their senders as `Undeliverable`."""
        raise NotImplementedError

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
    ) -> None:
        """Ask `dst` whether the owned unit may come; it runs on. The answer is `Granted` or `Denied`.

        An earlier offer for the object, to whomever, is void. `ProgramWanted` may come before the answer.
        """
        raise NotImplementedError

    def grant(self, offered_number: str, object: str, src: str, missing: tuple[str, ...] = ()) -> None:
        """Answer `Offered`: it may come. `missing`: its programs whose source this region lacks."""
        raise NotImplementedError

    def deny(self, offered_number: str, object: str, src: str, reason: str, retry_after_us: int) -> None:
        """Answer `Offered`: it may not come, and why (for the script's author)."""
        raise NotImplementedError

    def give_program(self, dst: str, program: str, source: str) -> None:
        """Answer `ProgramWanted`."""
        raise NotImplementedError

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

        `riders`: other owned objects that travel inside the payload. `Departed` or `Returned` follows.
        Raises `HandoffError` if it is not granted for `dst`, or a rider is not owned here; if the payload is
        larger than `limits.unit_bytes_max`.
        """
        raise NotImplementedError

    def send(self, sender: str, receiver: str, payload: bytes) -> bool:
        """Send an event from an owned object to any object anywhere.

        False: there is no room now (too many unconfirmed events to that receiver, or too much waiting for its
        region); nothing was sent, suspend the sender until `RoomAgain(sender)`. A sender that moves or is
        restored in between must just try again. True: it will be delivered once, in order for this pair, or
        come back as `Undeliverable`. For a receiver of this region it is in `local()` at once.
        """
        raise NotImplementedError

    def owns(self, object: str) -> bool:
        """Return whether the object is this region's own (and not out or gone)."""
        raise NotImplementedError

    def gen(self, object: str) -> int:
        """Return an owned object's generation; raises `HandoffError` if it is not owned here."""
        raise NotImplementedError

    def owned(self) -> Iterator[str]:
        """Return the ids of all owned objects."""
        raise NotImplementedError

    def where(self, object: str) -> str:
        """Return the region that most probably has the object: own knowledge, a hint, or its birth region."""
        raise NotImplementedError

    def hint(self, object: str, region: str, gen: int) -> None:
        """Take a hint (from the directory, say) where the object is; older ones than known are ignored."""
        raise NotImplementedError

    def pause(self) -> None:
        """Take no more messages (the disk is full, say): neighbours keep theirs and are told to wait."""
        raise NotImplementedError

    def resume(self) -> None:
        """Take messages again."""
        raise NotImplementedError

    def waits_to_leave(self) -> bool:
        """Return whether something waits for the next commit in order to leave: commit early if so."""
        raise NotImplementedError

    def delta(self) -> RowChanges:
        """Return every row changed since the last commit that succeeded; None deletes a row.

        Kinds are in `migrate.rows.KINDS`. Calling it again without `committed` returns all of it again.
        """
        raise NotImplementedError

    def committed(self) -> None:
        """Say that what the last `delta` returned is durable now."""
        raise NotImplementedError

    def outgoing(self, now_us: int) -> list[tuple[str, bytes]]:
        """Return frames to send, as `(dst region, bytes)`: committed messages, acknowledgements, chatter."""
        raise NotImplementedError

    def statistics(self) -> ExchangeStatistics:
        """Return the counters."""
        raise NotImplementedError
