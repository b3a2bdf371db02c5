"""All links of one region: which frames are taken, which are refused, and what goes into the next ones.

The one idea: a frame is taken only if it is for this region and this epoch, and comes from the newest epoch
its sender is known to have. Whatever is refused is counted, and sent again by those who still mean it.

It does not know what messages mean, and does no I/O: `receive` takes frames, `outgoing` returns them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from migrate.errors import BadFrame, FrameVersionUnknown
from migrate.limits import ExchangeLimits
from migrate.link import Link
from migrate.messages import (
    FRAME_VERSION,
    Durable,
    Frame,
    Message,
    Volatile,
    decode_frame,
    decode_volatile,
    encode_frame,
    encode_message,
)
from migrate.rows import ExchangeState, Journal, LinkRow, encode_row


class Links:
    """All links of one region."""

    def __init__(
        self,
        region: str,
        epoch: int,
        limits: ExchangeLimits,
        journal: Journal,
        saved: ExchangeState | None,
        knows: Callable[[str], bool] = lambda region: True,
    ) -> None:
        """Start from the store. Every known peer gets a frame at once: it learns the new epoch from it.

        `knows`: whether the world has a region of that name.
        """
        self.knows = knows
        self._region, self._epoch, self._limits, self._journal = region, epoch, limits, journal
        self._links: dict[str, Link] = {}
        self.paused = False
        # Whether a peer has heard from a later owner of this region, or more than this one has sent.
        self.superseded = False
        self.refused = 0
        if saved is not None:
            self._restore(saved)

    def post(self, peer: str, message: Message) -> None:
        """Send a durable message, after the next commit."""
        self.link(peer).outbox.post(encode_message(message))

    def whisper(self, peer: str, message: Message) -> None:
        """Send a volatile message with the next frame; the oldest give way when there are too many.

        One for a region that does not exist, which only a lying neighbour can name, is dropped.
        """
        if self.knows(peer):
            self.link(peer).whispers.append(encode_message(message))

    def full(self, peer: str) -> bool:
        """Return whether scripts must not send to this peer now."""
        link = self._links.get(peer)
        return link is not None and link.outbox.full()

    def room_len(self, peer: str) -> int:
        """Return how many more messages of scripts the outbox for this peer takes."""
        return self.link(peer).outbox.room_len()

    def receive(self, src: str, data: bytes, now_us: int) -> tuple[list[Durable], list[Volatile]]:
        """Return the messages of a frame whose turn it is; a frame that can't be taken is counted."""
        try:
            frame = decode_frame(data)
            if not self._admits(src, frame):
                self.refused += 1
                return [], []
            self._links[src].unknown_version = None
            return self._open(self._links[src], frame, now_us)
        except FrameVersionUnknown as error:
            self._meet_unknown_version(src, error.version)
            return [], []
        except BadFrame:
            # The sender keeps what was not acknowledged, and both sides' statistics show the refusals.
            self.refused += 1
            return [], []

    def speaks_unknown_version(self, peer: str) -> str | None:
        """Return why the peer can't be understood, or None if it can, as far as is known."""
        link = self._links.get(peer)
        if link is None or link.unknown_version is None:
            return None
        return (
            f"region {peer} speaks version {link.unknown_version} of frames, this one {FRAME_VERSION}:"
            " the older side must be upgraded"
        )

    def pause(self) -> None:
        """Take no messages, and say so."""
        if self.paused:
            return
        self.paused = True
        for link in self._links.values():
            link.answer_due = True

    def resume(self) -> None:
        """Take messages again, and say so."""
        if not self.paused:
            return
        self.paused = False
        for link in self._links.values():
            link.answer_due = True

    def waits_to_leave(self) -> bool:
        """Return whether a message or an acknowledgement waits for a commit."""
        return any(
            link.outbox.last > link.outbox.durable or link.inbox.taken > link.inbox.durable
            for link in self._links.values()
        )

    def letters_wait(self) -> bool:
        """Return whether a message waits for a commit. Acknowledgements can wait: nobody counts on one at once."""
        return any(link.outbox.last > link.outbox.durable for link in self._links.values())

    def seal(self) -> None:
        """Write the rows of links that have changed."""
        for peer, link in self._links.items():
            link.outbox.seal()
            if link.inbox.seal() or link.changed:
                self._journal.put("link", peer, encode_row(link.row()))
                link.changed = False

    def settle(self) -> None:
        """Note that what was sealed is durable and may leave."""
        for link in self._links.values():
            link.answer_due = link.inbox.settle() or link.answer_due
            link.outbox.settle()

    def outgoing(self, now_us: int) -> list[tuple[str, bytes]]:
        """Return the frames to send now."""
        return [
            (peer, encode_frame(frame))
            for peer, link in self._links.items()
            for frame in self._frames(peer, link, now_us)
        ]

    def values(self) -> Iterator[Link]:
        """Return every link."""
        return iter(self._links.values())

    def link(self, peer: str) -> Link:
        """Return the link to the peer, a new one if there was none."""
        link = self._links.get(peer)
        if link is None:
            link = self._links[peer] = Link(peer, self._limits, self._journal, LinkRow(0, 0, 0))
        return link

    def _restore(self, saved: ExchangeState) -> None:
        for peer, row in saved.links.items():
            link = self._links[peer] = Link(peer, self._limits, self._journal, row)
            link.answer_due = True
        for peer, bodies in saved.outbox.items():
            outbox = self.link(peer).outbox
            for number, body in bodies:
                assert number == outbox.last + 1, f"outbox {peer}: {number} follows {outbox.last}"
                outbox.restore(body)

    def _meet_unknown_version(self, src: str, version: int) -> None:
        """Note it, and let the peer see the version spoken here: then it can say why too."""
        self.refused += 1
        link = self.link(src)
        link.answer_due = link.answer_due or link.unknown_version is None
        link.unknown_version = version

    def _admits(self, src: str, frame: Frame) -> bool:
        if frame.src != src or frame.dst != self._region:
            return False
        link = self.link(src)
        if not link.meet(frame.src_epoch):
            return False
        if frame.dst_epoch not in (0, self._epoch):
            self.superseded = self.superseded or frame.dst_epoch > self._epoch
            # The peer knows an owner of before; any frame from here tells it of the new one.
            link.answer_due = True
            return False
        return True

    def _open(self, link: Link, frame: Frame, now_us: int) -> tuple[list[Durable], list[Volatile]]:
        before = link.outbox.acked
        if not link.outbox.acknowledge(frame.upto, frame.credits, now_us):
            self.refused += 1
            self.superseded = True
        link.changed = link.changed or link.outbox.acked > before
        due = [] if self.paused else link.inbox.take(frame.first, frame.bodies)
        # What was taken is acknowledged after its commit. What was not is here already: the peer missed that.
        link.answer_due = link.answer_due or (bool(frame.bodies) and not due)
        return due, [] if self.paused else self._read_whispers(frame)

    def _read_whispers(self, frame: Frame) -> list[Volatile]:
        whispers: list[Volatile] = []
        for body in frame.whispers:
            try:
                whispers.append(decode_volatile(body))
            except BadFrame:
                self.refused += 1
        return whispers

    def _frames(self, peer: str, link: Link, now_us: int) -> Iterator[Frame]:
        for first, bodies in link.outbox.batches(now_us):
            yield self._frame(peer, link, first, bodies)
        while link.answer_due or (link.whispers and not self.paused):
            yield self._frame(peer, link, 0, ())

    def _frame(self, peer: str, link: Link, first: int, bodies: tuple[bytes, ...]) -> Frame:
        # While nothing can be written, what the last tick had to say waits with it.
        whispers = () if self.paused else self._next_whispers(link.whispers)
        link.answer_due = False
        credits = 0 if self.paused else self._limits.link_window_len_max
        return Frame(
            FRAME_VERSION,
            self._region,
            self._epoch,
            peer,
            link.peer_epoch,
            link.inbox.durable,
            credits,
            first,
            bodies,
            whispers,
        )

    def _next_whispers(self, waiting: deque[bytes]) -> tuple[bytes, ...]:
        batch: list[bytes] = []
        size = 0
        while waiting and (not batch or size + len(waiting[0]) <= self._limits.batch_bytes_max):
            batch.append(waiting.popleft())
            size += len(batch[-1])
        return tuple(batch)
