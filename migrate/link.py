"""Exactly once, first in first out, between two regions, over a network that loses, repeats and delays.

The one idea: messages are numbered per direction, the receiver takes only the next one and acknowledges it
only after the commit that holds what came of it, and the sender keeps each in its outbox until then. Both
cursors are rows of the region's store, so a link outlives the processes at its ends.

The states and their inputs are a table in `migrate.sending`; here are its actions.
It does not know what messages mean or how frames are made: that is `migrate.links`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from migrate.errors import BadFrame
from migrate.limits import FRAME_BODIES_MAX, ExchangeLimits
from migrate.messages import Durable, decode_durable
from migrate.rows import Journal, LinkRow, numbered_key
from migrate.sending import RECEIVING, SENDING, Place, Sending, Sign


class Outbox:
    """One direction's sending end: what waits for the peer's acknowledgement, and what to send of it now."""

    def __init__(self, peer: str, limits: ExchangeLimits, journal: Journal, acked: int) -> None:
        """Start where the store left off: everything up to `acked` is the peer's."""
        self._peer, self._limits, self._journal = peer, limits, journal
        self.bodies: deque[bytes] = deque()
        self.bytes = 0
        self.acked = self.last = self.sealed = self.durable = self.sent = acked
        self.allowed = acked + limits.link_window_len_max
        self.resent = 0
        self.state = Sending.RESTING
        self._resend_at_us = 0
        self._resend_us = limits.resend_us_first
        # While repairing, only what lies at or before this number is sent, one batch for each sign of life.
        self._repair = 0
        self._nudged = False

    def restore(self, body: bytes) -> None:
        """Put back what the store holds."""
        self.bodies.append(body)
        self.bytes += len(body)
        self.last += 1
        self.sealed = self.durable = self.last
        self._sign(Sign.COMMITTED, 0)

    def post(self, body: bytes) -> None:
        """Add a message; it leaves after the next commit."""
        self.last += 1
        self.bodies.append(body)
        self.bytes += len(body)
        self._journal.put("outbox", numbered_key(self._peer, self.last), body)

    def full(self) -> bool:
        """Return whether scripts must wait. Answers and forwarded mail are still taken."""
        return len(self.bodies) >= self._limits.outbox_len_max or self.bytes >= self._limits.outbox_bytes_max

    def room_len(self) -> int:
        """Return how many more messages of scripts there is room for, if they are small."""
        return 0 if self.full() else self._limits.outbox_len_max - len(self.bodies)

    def acknowledge(self, upto: int, credits: int, now_us: int) -> bool:
        """Drop what the peer has committed. False: it acknowledges what was never sent."""
        if upto > self.durable:
            return False
        opened = self.allowed <= self.acked < upto + credits
        self.allowed = max(self.acked, upto) + credits
        if upto > self.acked:
            self._forget(upto)
            self._sign(self._taken_sign(), now_us)
        if opened:
            self._sign(Sign.OPENED, now_us)
        return True

    def restarted(self) -> None:
        """The peer speaks from a new epoch: what was under way to the one before may be lost."""
        self._sign(Sign.RESTARTED, 0)

    def repair(self) -> None:
        """Send again from the first that is not acknowledged on, up to what was sent."""
        self._repair = max(self._repair, self.sent, self.acked + 1)
        self._nudged = True

    def batches(self, now_us: int) -> Iterator[tuple[int, tuple[bytes, ...]]]:
        """Return what to send now, as (number of the first, bodies)."""
        if self.state is Sending.RESTING:
            return
        self._look_at_clock(now_us)
        if self.state is Sending.REPAIRING:
            if self._nudged:
                self._nudged = False
                yield self._repair_batch()
            return
        while self.sent < (limit := min(self.durable, self.allowed)):
            batch = self._batch(self.sent, limit)
            self.sent += len(batch)
            yield self.sent - len(batch) + 1, batch

    def seal(self) -> None:
        """Note what the coming commit writes."""
        self.sealed = self.last

    def settle(self) -> None:
        """Note that what was sealed is durable."""
        self.durable = self.sealed
        if self.durable > self.acked:
            self._sign(Sign.COMMITTED, 0)

    def _sign(self, sign: Sign, now_us: int) -> None:
        """Take the table's step."""
        turn = SENDING.get((self.state, sign))
        if turn is not None:
            self.state = turn.state
            _ACTIONS[turn.action](self, now_us)

    def _taken_sign(self) -> Sign:
        if self.acked == self.durable:
            return Sign.ALL_TAKEN
        repaired = self.state is Sending.REPAIRING and self.acked >= self._repair
        return Sign.REPAIRED if repaired else Sign.SOME_TAKEN

    def _forget(self, upto: int) -> None:
        for number in range(self.acked + 1, upto + 1):
            self.bytes -= len(self.bodies.popleft())
            self._journal.drop("outbox", numbered_key(self._peer, number))
        self.acked = upto
        self.sent = max(self.sent, upto)

    def _look_at_clock(self, now_us: int) -> None:
        if self._resend_at_us == 0:
            self._resend_at_us = now_us + self._resend_us
        elif now_us >= self._resend_at_us:
            self._sign(Sign.SILENCE, now_us)

    # --- Actions of the table, in its order ---

    def _begin(self, now_us: int) -> None:
        # The clock starts when it is next looked at, which is when the messages leave.
        self._resend_at_us = 0

    def _flow(self, now_us: int) -> None:
        self._repair = 0
        self._start_clock(now_us, self._limits.resend_us_first)

    def _rest(self, now_us: int) -> None:
        self._repair, self._nudged = 0, False
        self._resend_us = self._limits.resend_us_first

    def _repair_now(self, now_us: int) -> None:
        self.repair()

    def _repair_slower(self, now_us: int) -> None:
        self.repair()
        self._start_clock(now_us, min(2 * self._resend_us, self._limits.resend_us_max))

    def _send_next(self, now_us: int) -> None:
        self._nudged = True
        self._start_clock(now_us, self._limits.resend_us_first)

    def _send_again(self, now_us: int) -> None:
        self._nudged = True

    def _start_clock(self, now_us: int, resend_us: int) -> None:
        self._resend_us = resend_us
        self._resend_at_us = now_us + resend_us

    def _repair_batch(self) -> tuple[int, tuple[bytes, ...]]:
        batch = self._batch(self.acked, min(self.durable, self._repair))
        self.sent = max(self.sent, self.acked + len(batch))
        self.resent += len(batch)
        return self.acked + 1, batch

    def _batch(self, after: int, limit: int) -> tuple[bytes, ...]:
        """Return the bodies behind `after`, at least one, as many as fit in a frame."""
        start = after - self.acked
        batch: list[bytes] = []
        size = 0
        for body in islice(self.bodies, start, start + min(limit - after, FRAME_BODIES_MAX)):
            size += len(body)
            if batch and size > self._limits.batch_bytes_max:
                break
            batch.append(body)
        return tuple(batch)


_ACTIONS: Final[dict[str, Callable[[Outbox, int], None]]] = {
    "begin": Outbox._begin,
    "flow": Outbox._flow,
    "rest": Outbox._rest,
    "repair": Outbox._repair_now,
    "repair_slower": Outbox._repair_slower,
    "send_next": Outbox._send_next,
    "send_again": Outbox._send_again,
}


class Inbox:
    """One direction's receiving end: the cursor, and what came before its turn."""

    def __init__(self, limits: ExchangeLimits, taken: int) -> None:
        """Start where the store left off: everything up to `taken` has been acted upon."""
        self._limits = limits
        self.taken = self.sealed = self.durable = taken
        self.early: dict[int, bytes] = {}
        self.early_bytes = 0
        self.unreadable = 0

    def take(self, first: int, bodies: tuple[bytes, ...]) -> list[Durable]:
        """Return the messages whose turn it is. Stops before one that can't be read: it is never lost."""
        due: list[Durable] = []
        for number, body in enumerate(bodies, first):
            _, action, _ = RECEIVING[self._place(number)]
            if action == "keep":
                self._keep(number, body)
            elif action == "take" and not self._take_next(body, due):
                break
        return due

    def _place(self, number: int) -> Place:
        if number <= self.taken:
            return Place.OLD
        if number == self.taken + 1:
            return Place.NEXT
        return Place.EARLY if number <= self.taken + self._limits.link_window_len_max else Place.FAR

    def seal(self) -> bool:
        """Note what the coming commit covers; return whether that is anything new."""
        fresh = self.taken > self.sealed
        self.sealed = self.taken
        return fresh

    def settle(self) -> bool:
        """Note that what was sealed is durable; return whether there is more to acknowledge now."""
        fresh = self.sealed > self.durable
        self.durable = self.sealed
        return fresh

    def _keep(self, number: int, body: bytes) -> None:
        """Keep a message that came before its turn, if there is room: otherwise it is sent again."""
        room = self.early_bytes + len(body) <= self._limits.link_early_bytes_max
        if number not in self.early and room:
            self.early[number] = body
            self.early_bytes += len(body)

    def _take_next(self, body: bytes, due: list[Durable]) -> bool:
        """Take the message and those kept behind it. False: it can't be read, so the peer must keep it."""
        following: bytes | None = body
        while following is not None:
            try:
                due.append(decode_durable(following))
            except BadFrame:
                self.unreadable += 1
                return False
            self.taken += 1
            # So the next one is never among those that are kept.
            following = self._drop_early(self.taken + 1)
        return True

    def _drop_early(self, number: int) -> bytes | None:
        body = self.early.pop(number, None) if self.early else None
        if body is not None:
            self.early_bytes -= len(body)
        return body


class Link:
    """Both directions to one peer, its epoch, and chatter on its way there."""

    def __init__(self, peer: str, limits: ExchangeLimits, journal: Journal, row: LinkRow) -> None:
        """Start where the store left off."""
        self.outbox = Outbox(peer, limits, journal, row.acked)
        self.inbox = Inbox(limits, row.taken)
        self.peer_epoch = row.peer_epoch
        self.whispers: deque[bytes] = deque(maxlen=limits.whispers_len_max)
        self.answer_due = False
        self.changed = False
        self.unknown_version: int | None = None

    def row(self) -> LinkRow:
        """Return the link as it lies in the store."""
        return LinkRow(self.outbox.acked, self.inbox.taken, self.peer_epoch)

    def meet(self, epoch: int) -> bool:
        """Note the epoch the peer speaks from. False: it has been succeeded, and must not be heard."""
        if epoch > self.peer_epoch:
            if self.peer_epoch:
                self.outbox.restarted()
            self.peer_epoch = epoch
            self.changed = True
        return epoch == self.peer_epoch
