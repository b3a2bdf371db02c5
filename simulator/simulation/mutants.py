"""Broken variants of the protocol. The simulation must notice each of them: that tests the tester.

The one idea: a mutant is the product with one method, or one line of its table, replaced by the smallest
change that breaks one promise.

They are in use only inside `mutated`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from migrate import crossing, exchange, handoff, link, links, mail, pairs, sending
from migrate.handoff import Cell, Hand, Input, State
from migrate.messages import (
    Accept,
    Durable,
    Event,
    Message,
    Pairs,
    Received,
    Settled,
    Transfer,
    birth_region,
    decode_durable,
)
from migrate.rows import HandRow
from migrate.sending import Sending, Sign, Turn
from simulator.host import RegionHost
from simulator.simulation import machinery


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken variant: what it breaks, and what it puts in place of which attribute or line of the table."""

    name: str
    breaks: str
    owner: Any
    place: Any
    replacement: Any


MUTANTS: dict[str, Mutant] = {}
_ABSENT = object()


@contextlib.contextmanager
def mutated(name: str | None) -> Iterator[None]:
    """Run the body with a mutant in place of the product; None leaves the product as it is."""
    if name is None:
        yield
        return
    mutant = MUTANTS[name]
    table = mutant.owner if isinstance(mutant.owner, dict) else vars(mutant.owner)
    original = table.get(mutant.place, _ABSENT)
    _put(mutant, mutant.replacement)
    try:
        yield
    finally:
        _put(mutant, original)


def _put(mutant: Mutant, value: Any) -> None:
    owner, place = mutant.owner, mutant.place
    if not isinstance(owner, dict):
        delattr(owner, place) if value is _ABSENT else setattr(owner, place, value)
    elif value is _ABSENT:
        del owner[place]
    else:
        owner[place] = value


def _mutant(name: str, breaks: str, owner: Any, place: str) -> Callable[[Any], Any]:
    def register(replacement: Any) -> Any:
        MUTANTS[name] = Mutant(name, breaks, owner, place, replacement)
        return replacement

    return register


def _line(name: str, breaks: str, state: State, input: Input, cell: Cell) -> None:
    MUTANTS[name] = Mutant(name, breaks, handoff.TABLE, (state, input), cell)


def _sending_line(name: str, breaks: str, state: Sending, sign: Sign, turn: Turn) -> None:
    MUTANTS[name] = Mutant(name, breaks, sending.SENDING, (state, sign), turn)


# --- Links ---


@_mutant("no-dedupe", "a link takes again what it has taken before", link.Inbox, "take")
def _no_dedupe(self: link.Inbox, first: int, bodies: tuple[bytes, ...]) -> list[Durable]:
    due: list[Durable] = []
    for number, body in enumerate(bodies, first):
        if number <= self.taken + 1:
            due.append(decode_durable(body))
            self.taken = max(self.taken, number)
    return due


@_mutant("gaps-skipped", "a link takes what comes, whatever is missing before it", link.Inbox, "take")
def _gaps_skipped(self: link.Inbox, first: int, bodies: tuple[bytes, ...]) -> list[Durable]:
    due: list[Durable] = []
    for number, body in enumerate(bodies, first):
        if number > self.taken:
            due.append(decode_durable(body))
            self.taken = number
    return due


@_mutant(
    "early-out-of-turn", "what was kept behind a gap is lost when its turn comes", link.Inbox, "_drop_early"
)
def _early_lost(self: link.Inbox, number: int) -> bytes | None:
    if self.early.pop(number, None) is not None:
        self.taken = max(self.taken, number)
    return None


def _ignore(self: object, value: int) -> None:
    pass


_mutant("ack-before-commit", "messages are acknowledged when they come", link.Inbox, "durable")(
    property(lambda inbox: inbox.taken, _ignore)
)
_mutant("send-before-commit", "messages leave when they are posted", link.Outbox, "durable")(
    property(lambda outbox: outbox.last, _ignore)
)


@_mutant("no-resend", "what the network loses is not sent again", link.Outbox, "repair")
def _no_resend(self: link.Outbox) -> None:
    pass


_sending_line(
    "flows-on-after-silence",
    "a link goes on behind what was lost",
    Sending.FLOWING,
    Sign.SILENCE,
    Turn(Sending.FLOWING, "flow"),
)


@_mutant("cursor-not-stored", "a link's cursors are not written with the tick", links.Links, "seal")
def _cursor_not_stored(self: links.Links) -> None:
    for each in self.values():
        each.outbox.seal()
        each.inbox.seal()


@_mutant("no-answer-to-repeats", "a repeated message is dropped without a word", links.Links, "_open")
def _no_answer_to_repeats(self: links.Links, each: link.Link, frame: Any, now_us: int) -> Any:
    due = each.answer_due
    taken = _open(self, each, frame, now_us)
    each.answer_due = due
    return taken


_open = links.Links._open


@_mutant("no-credits", "a receiver that takes nothing is never asked again", link.Outbox, "_look_at_clock")
def _no_credits(self: link.Outbox, now_us: int) -> None:
    if self.allowed > self.acked:
        _look_at_clock(self, now_us)


_look_at_clock = link.Outbox._look_at_clock


@_mutant("no-fence", "a store takes commits of an epoch that is over", machinery.Disk, "check")
def _no_fence(self: machinery.Disk, epoch: int) -> None:
    pass


# --- Stores and ticks ---


@_mutant("sync-now-and-then", "a commit is over before it is synced", machinery.Disk, "sync")
def _sync_now_and_then(self: machinery.Disk) -> None:
    if len(self._unsynced) >= 5:
        self._sync_all()


@_mutant("torn-commit", "of a commit that was under way half is there", machinery.Disk, "lose_power")
def _torn_commit(self: machinery.Disk) -> int:
    lost_len = len(self._unsynced)
    for write in reversed(self._unsynced):
        lost = list(write.changes)[::2]
        self._apply({key: write.before.get(key) for key in lost})
        kept = {key: value for key, value in write.changes.items() if key not in lost}
        self._watch(self.region, write.epoch, write.before, kept)
    self._unsynced.clear()
    return lost_len


@_mutant("full-tick-forgotten", "a tick that finds the disk full is given up", RegionHost, "_write")
def _full_tick_forgotten(self: RegionHost[Any], tick: Any, now_us: int) -> bool:
    _write(self, tick, now_us)
    self._unwritten = None
    self._exchange.resume()
    return True


@_mutant("full-disk-unnoticed", "a tick that finds the disk full counts as committed", RegionHost, "_write")
def _full_disk_unnoticed(self: RegionHost[Any], tick: Any, now_us: int) -> bool:
    if not _write(self, tick, now_us):
        self._unwritten = None
        self._exchange.committed()
        self._exchange.resume()
    return True


_write = RegionHost._write


@_mutant(
    "stalled-for-ever", "a region that was full takes nothing when there is room", exchange.Exchange, "resume"
)
def _stalled_for_ever(self: exchange.Exchange) -> None:
    pass


@_mutant(
    "stalled-region-listens",
    "what comes while the disk is full is taken and dropped",
    RegionHost,
    "_hear_only",
)
def _stalled_region_listens(self: RegionHost[Any], frames: Any, now_us: int) -> None:
    self._exchange.resume()
    for source, frame in frames:
        self._exchange.receive(source, frame, now_us)


# --- Hand-over ---


@_mutant("resume-on-timeout", "an object that is out too long is taken back", crossing.Crossings, "tick")
def _resume_on_timeout(self: crossing.Crossings, now_us: int) -> None:
    for hand in list(self._hands.values()):
        if hand.state is State.OUT:
            hand.since_us = hand.since_us or now_us
            if now_us - hand.since_us > 100_000:
                hand.state, hand.gen = State.OWNED, hand.gen + 2
                self._hands._changed[hand.object] = None
    _tick(self, now_us)


_tick = crossing.Crossings.tick

_line(
    "no-tombstone",
    "a region forgets an object as soon as it has left",
    State.OUT,
    Input.ACCEPT,
    Cell(State.ABSENT, "settle"),
)


@_mutant("gen-not-matched", "any ACCEPT ends a crossing, also an old one", crossing.Crossings, "_unit_out")
def _gen_not_matched(self: crossing.Crossings, lead: str, gen: int) -> list[str]:
    hand = self._hands.get(lead)
    return [lead, *hand.riders] if hand and hand.state is State.OUT and hand.lead == lead else []


@_mutant("no-implicit-accept", "an object that is out can't come home", crossing.Crossings, "_see")
def _no_implicit_accept(self: crossing.Crossings, object: str) -> None:
    pass


@_mutant("no-held-mail", "mail for an object that is out is dropped", mail.MailRoom, "_hold")
def _no_held_mail(self: mail.MailRoom, each: Any) -> None:
    pass


@_mutant("held-not-stored", "mail for an object that is out is not written down", mail.MailRoom, "_hold")
def _held_not_stored(self: mail.MailRoom, each: Any) -> None:
    self._held.setdefault(each.receiver, []).append(each)


@_mutant("held-stays", "mail that was held is not sent on", mail.MailRoom, "release")
def _held_stays(self: mail.MailRoom, object: str) -> None:
    pass


@_mutant(
    "same-gen-after-reject", "a refused object goes on with the gen it had", crossing.Crossings, "_take_back"
)
def _same_gen_after_reject(self: crossing.Crossings, hand: Hand, member: Any) -> None:
    self._come(hand, member, member.gen)


@_mutant("reject-forgotten", "a refused unit is not sent back", crossing.Crossings, "_turn_away")
def _reject_forgotten(
    self: crossing.Crossings, hand: Hand, src: str, transfer: Transfer, reason: str
) -> None:
    pass


@_mutant("riders-left-behind", "only the root of a unit arrives", crossing.Crossings, "take_transfer")
def _riders_left_behind(self: crossing.Crossings, src: str, transfer: Transfer, admit: Any) -> None:
    _take_transfer(self, src, Transfer(transfer.members[:1], transfer.payload, transfer.programs), admit)


_take_transfer = crossing.Crossings.take_transfer


@_mutant("accept-lost", "the destination does not say that it has taken a unit", links.Links, "post")
def _accept_lost(self: links.Links, peer: str, message: Message) -> None:
    if not isinstance(message, Accept):
        _post(self, peer, message)


_post = links.Links.post

_line(
    "second-crossing",
    "an object stays owned while it is under way, so that it can cross again",
    State.GRANTED,
    Input.DEPART,
    Cell(State.OWNED, "leave"),
)


@_mutant("fades-silently", "a tombstone ends without telling the birth region", crossing.Crossings, "_fade")
def _fades_silently(self: crossing.Crossings, hand: Hand) -> None:
    del self._fading[hand.object]


@_mutant("all-fade", "the birth region's tombstone ends as well", crossing.Crossings, "_fades")
def _all_fade(self: crossing.Crossings, hand: Hand) -> bool:
    return hand.state is State.TOMB


@_mutant("gone-not-told", "the birth region does not learn of an object's end", crossing.Crossings, "_remove")
def _gone_not_told(self: crossing.Crossings, hand: Hand) -> None:
    self.asking.pop(hand.object, None)
    self._mail.remove(hand.object)


def _settled_raises_the_dead(self: crossing.Crossings, src: str, settled: Settled) -> None:
    if self._hands.get(settled.object) is None:
        self._hands._hands[settled.object] = Hand(settled.object, HandRow(State.TOMB, 0))
    crossing.Crossings.take_settled(self, src, settled)


MUTANTS["settled-raises-the-dead"] = Mutant(
    "settled-raises-the-dead",
    "word from a tombstone that ends brings back the memory of an object that is gone",
    exchange._CROSSING,
    Settled,
    _settled_raises_the_dead,
)


# --- Mail ---


@_mutant("no-pair-counters", "events are delivered as they come", pairs.PairTable, "take")
def _no_pair_counters(self: pairs.PairTable, event: Event, window: int) -> list[Event]:
    self.received[event.sender] = Received(event.chain, event.n)
    return [event]


@_mutant("counters-left-behind", "an object's counters do not travel with it", mail.MailRoom, "arrive")
def _counters_left_behind(self: mail.MailRoom, object: str, travelled: Pairs | None) -> None:
    pass


@_mutant("early-left-behind", "events before their turn do not travel", pairs.PairTable, "record")
def _early_left_behind(self: pairs.PairTable) -> Pairs | None:
    return Pairs(self.chains, self.sent, self.received, ())


@_mutant(
    "reset-unconfirmed", "a chain ends without waiting for its confirmation", pairs.PairTable, "complete"
)
def _reset_unconfirmed(self: pairs.PairTable, receiver: str) -> bool:
    return True


@_mutant(
    "local-overtakes",
    "an event inside a region overtakes what is under way",
    mail.MailRoom,
    "_nothing_under_way",
)
def _local_overtakes(self: mail.MailRoom, sender: str, receiver: str) -> bool:
    return True


@_mutant("no-bounce", "events for an object that is gone vanish", mail.MailRoom, "_bounce")
def _no_bounce(self: mail.MailRoom, each: Any, reason: str) -> None:
    pass


@_mutant(
    "nowhere-believed", "mail for a region that does not exist waits for it", mail.MailRoom, "_route_unknown"
)
def _nowhere_believed(self: mail.MailRoom, each: Any) -> None:
    birth = birth_region(each.receiver)
    if birth == self._region:
        self._bounce(each, "gone")
    else:
        self._links.post(birth, each)


@_mutant(
    "early-vanish-with-receiver",
    "events before their turn vanish with their receiver",
    mail.MailRoom,
    "remove",
)
def _early_vanish(self: mail.MailRoom, object: str) -> None:
    self._table(object).early.clear()
    _remove(self, object)


_remove = mail.MailRoom.remove


@_mutant("no-window", "a pair has no bound on what is under way", pairs.PairTable, "under_way")
def _no_window(self: pairs.PairTable, receiver: str) -> int:
    entry = self.sent.get(receiver)
    return min(entry.n - entry.confirmed, 1) if entry else 0


@_mutant("nobody-woken", "a sender without room is never told that there is some", mail.MailRoom, "_wake")
def _nobody_woken(self: mail.MailRoom, sender: str) -> None:
    pass


@_mutant(
    "nobody-woken-by-links",
    "a sender that waits for room in a link is never told that there is some",
    mail.MailRoom,
    "link_moves",
)
def _nobody_woken_by_links(self: mail.MailRoom, peer: str) -> None:
    pass


@_mutant("end-not-told", "a removed sender leaves its counters with all it wrote to", mail.MailRoom, "remove")
def _end_not_told(self: mail.MailRoom, object: str) -> None:
    table = self._tables.get(object)
    if table is not None:
        for event in table.early.values():
            self._bounce(event, "gone")
        self.leave(object)


@_mutant("deaf-to-new-epoch", "frames for an owner of before are taken as one's own", links.Links, "_admits")
def _deaf_to_new_epoch(self: links.Links, src: str, frame: Any) -> bool:
    if frame.dst_epoch not in (0, self._epoch):
        return False
    return _admits(self, src, frame)


_admits = links.Links._admits
