"""Hand-over of units between regions: the actions that go with the table in `migrate.handoff`.

The one idea: a unit is asked for while it runs, and once granted it leaves in one durable message. From the
commit that posts it, it is that message's; from the commit in which the destination takes it, it is the
destination's or, refused, the answer's that carries it back whole. No timeout decides anything: a word of a
later generation proves that the unit got through, and nothing else does.

It does not route mail (`migrate.mail`) and never looks into a payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from migrate.deliveries import (
    Delivery,
    Denied,
    Departed,
    EventArrived,
    Granted,
    Offered,
    ProgramWanted,
    Returned,
    Unit,
    UnitArrived,
)
from migrate.errors import HandoffError
from migrate.handoff import HERE, TABLE, Hand, Hands, Input, State
from migrate.limits import ExchangeLimits
from migrate.links import Links
from migrate.mail import MailRoom
from migrate.messages import (
    Accept,
    Deny,
    Draft,
    Gone,
    Grant,
    Member,
    Offer,
    Reject,
    Settled,
    Source,
    Transfer,
    TrustedOffer,
    birth_region,
)

Admit = Callable[[Unit], str | None]


@dataclass(frozen=True, slots=True)
class Asking:
    """An offer that stands: to whom, until when, and when it is asked again."""

    dst: str
    offer: Offer
    until_us: int
    again_us: int


@dataclass(slots=True)
class CrossingCounts:
    """Counters since the start."""

    arrived: int = 0
    departed: int = 0
    returned: int = 0
    denied: int = 0


class Crossings:
    """All objects of one region that come and go."""

    def __init__(
        self,
        region: str,
        epoch: int,
        limits: ExchangeLimits,
        links: Links,
        hands: Hands,
        mail: MailRoom,
        deliveries: list[Delivery],
    ) -> None:
        """Start from what the store knew of the objects; offers of before are forgotten."""
        self._region, self._epoch, self._limits = region, epoch, limits
        self._links, self._hands, self._mail, self._deliveries = links, hands, mail, deliveries
        self._actions: dict[str, Callable[..., None]] = {
            cell.action: getattr(self, f"_{cell.action}") for cell in TABLE.values()
        }
        self.asking: dict[str, Asking] = {}
        self._granted_now: dict[str, None] = {}
        self.counts = CrossingCounts()
        self._offers = 0
        self._now_us = 0
        # Tombstones that will fade, the oldest first.
        self._fading = {hand.object: None for hand in _oldest_first(hands.values()) if self._fades(hand)}

    # --- Calls of the kernel ---

    def create(self, object: str) -> None:
        """Own a new object."""
        if birth_region(object) != self._region:
            raise HandoffError(
                f"object {object!r} is born in {self._region}: call it {self._region}:<number>."
            )
        self._act(object, Input.CREATE)

    def remove(self, object: str) -> None:
        """Forget an owned object for ever, and tell the region that knows of its life."""
        self._act(object, Input.REMOVE)

    def offer(self, object: str, dst: str, offer: Offer, now_us: int, draft: bytes | None = None) -> None:
        """Offer the unit; whatever stood before is void. `draft`: goes before the offer, once."""
        self._now_us = now_us
        if not self._links.knows(dst):
            raise HandoffError(f"object {object} is offered to {dst!r}: there is no such region.")
        if dst == self._region:
            raise HandoffError(
                f"object {object} is offered to {dst}, where it is: offer it to another region."
            )
        self._act(object, Input.ASK, dst, offer, draft)

    def next_offer_number(self) -> str:
        """Return a number that no offer of this region has had or will have."""
        self._offers += 1
        return f"{self._epoch}.{self._offers}"

    def give_program(self, dst: str, program: str, source: str) -> None:
        """Send a program's source, and ask again for what waits for it."""
        self._links.whisper(dst, Source(program, source))
        for asking in self.asking.values():
            if asking.dst == dst and program in asking.offer.programs:
                self._links.whisper(dst, asking.offer)

    def depart(
        self, object: str, dst: str, payload: bytes, programs: tuple[str, ...], riders: tuple[str, ...]
    ) -> None:
        """Hand the unit over."""
        asking = self.asking.get(object)
        if asking is None or asking.dst != dst:
            raise HandoffError(f"object {object} departs to {dst}, which has not granted it: offer it first.")
        self._check_departure(object, payload, riders)
        members: list[Member] = []
        self._act(object, Input.DEPART, object, dst, members)
        for rider in riders:
            self._act(rider, Input.RIDE, object, dst, members)
        lead = self._hands.get(object)
        assert lead is not None
        lead.riders = riders
        self._links.post(dst, Transfer(tuple(members), payload, programs))

    # --- Messages ---

    def take_offer(self, src: str, offer: Offer) -> None:
        """Ask the kernel."""
        self._deliveries.append(
            Offered(
                src,
                offer.object,
                offer.number,
                offer.bytes,
                offer.scripts,
                offer.memory,
                offer.programs,
                isinstance(offer, TrustedOffer),
            )
        )

    def take_grant(self, src: str, grant: Grant) -> None:
        """Fetch what the destination lacks, or tell the kernel to freeze the unit."""
        if not self._stands(src, grant):
            self._hands.stale += 1
        elif grant.missing:
            self._deliveries.extend(ProgramWanted(program, src) for program in grant.missing)
        else:
            self._act(grant.object, Input.GRANT)

    def take_deny(self, src: str, deny: Deny) -> None:
        """Tell the kernel that the unit stays."""
        if self._stands(src, deny):
            self._act(deny.object, Input.DENY, deny.reason, deny.retry_after_us)
        else:
            self._hands.stale += 1

    def take_transfer(self, src: str, transfer: Transfer, admit: Admit) -> None:
        """Decide on a unit, for good: this tick's commit is what ends its crossing."""
        if not all(map(self._is_news, transfer.members)):
            self._hands.stale += 1
            return
        for member in transfer.members:
            self._see(member.object)
        lead = transfer.members[0]
        unit = _unit(transfer, 1)
        reason = admit(unit)
        if reason is not None:
            self._act(lead.object, Input.TURN_AWAY, src, transfer, reason)
            return
        for member in transfer.members:
            self._act(member.object, Input.ARRIVE, member)
        self._links.post(src, Accept(lead.object, lead.gen))
        self.counts.arrived += 1
        self._deliveries.append(UnitArrived(unit, src))

    def take_accept(self, src: str, accept: Accept) -> None:
        """The unit is the destination's."""
        for object in self._unit_out(accept.object, accept.gen):
            self._act(object, Input.ACCEPT)

    def take_reject(self, src: str, reject: Reject) -> None:
        """The unit is this region's again."""
        lead = reject.transfer.members[0]
        back = {member.object: member for member in reject.transfer.members}
        members = self._unit_out(lead.object, lead.gen)
        if list(back) != members:
            self._hands.stale += 1
            return
        for object in members:
            self._act(object, Input.REJECT, back[object])
        self.counts.returned += 1
        self._deliveries.append(Returned(_unit(reject.transfer, 2), src, reject.reason))
        for object in members:
            self._mail.release(object)

    def take_settled(self, src: str, settled: Settled) -> None:
        """A region on the way stops forwarding: point past it."""
        hand = self._hands.get(settled.object)
        if hand is None or settled.gen <= hand.gen or not self._links.knows(settled.region):
            # Gone already, or this region knows better.
            return
        self._see(settled.object)
        self._act(settled.object, Input.SETTLED, settled)

    def take_gone(self, src: str, gone: Gone) -> None:
        """An object that was born here is no more."""
        if self._is_later(self._hands.get(gone.object), gone.gen):
            self._see(gone.object)
            self._act(gone.object, Input.GONE)
        else:
            self._hands.stale += 1

    # --- Time ---

    def tick(self, now_us: int) -> None:
        """Ask again, give up, and end old tombstones; tell the kernel of what was granted."""
        self._now_us = now_us
        for object, asking in list(self.asking.items()):
            if now_us >= asking.until_us:
                silent = f"region {asking.dst} gave no answer in time"
                reason = self._links.speaks_unknown_version(asking.dst) or silent
                self._act(object, Input.LAPSE, reason, self._limits.offer_us_max)
            elif now_us >= asking.again_us:
                self._ask_again(object, asking)
        self._fade_oldest()
        for object in self._granted_now:
            if self._is_granted(object):
                self._deliveries.append(Granted(object, self.asking[object].dst))
        self._granted_now.clear()

    def _is_granted(self, object: str) -> bool:
        hand = self._hands.get(object)
        return hand is not None and hand.state is State.GRANTED

    def _ask_again(self, object: str, asking: Asking) -> None:
        hand = self._hands.get(object)
        if hand is not None and hand.state is State.ASKING:
            self._links.whisper(asking.dst, asking.offer)
        self.asking[object] = replace(asking, again_us=self._now_us + self._limits.offer_resend_us)

    def _fade_oldest(self) -> None:
        for _ in range(self._limits.tombstones_faded_max):
            object = next(iter(self._fading), None)
            hand = self._hands.get(object) if object is not None else None
            if hand is None or hand.since_us + self._limits.tombstone_us > self._now_us:
                return
            self._act(hand.object, Input.FADE)

    # --- Actions of the table, in its order ---

    def _own(self, hand: Hand) -> None:
        hand.gen = 1

    def _arrive(self, hand: Hand, member: Member) -> None:
        self._fading.pop(hand.object, None)
        self._come(hand, member, member.gen + 1)

    def _turn_away(self, hand: Hand, src: str, transfer: Transfer, reason: str) -> None:
        self._links.post(src, Reject(transfer, reason))

    def _ask(self, hand: Hand, dst: str, offer: Offer, draft: bytes | None) -> None:
        until_us = self._now_us + self._limits.offer_us_max
        again_us = self._now_us + self._limits.offer_resend_us
        self.asking[hand.object] = Asking(dst, offer, until_us, again_us)
        reason = self._links.speaks_unknown_version(dst)
        if reason is None and self._links.full(dst):
            reason = f"too much waits for region {dst} already"
        if reason is not None:
            self._act(hand.object, Input.DENY, reason, self._limits.offer_us_max)
        else:
            if draft is not None:
                self._links.whisper(dst, Draft(hand.object, draft))
            self._links.whisper(dst, offer)

    def _leave(self, hand: Hand, lead: str, dst: str, members: list[Member]) -> None:
        self.asking.pop(hand.object, None)
        hand.dst, hand.lead, hand.riders = dst, lead, ()
        members.append(Member(hand.object, hand.gen, self._mail.leave(hand.object)))

    def _remove(self, hand: Hand) -> None:
        self.asking.pop(hand.object, None)
        self._mail.remove(hand.object)
        birth = birth_region(hand.object)
        if birth != self._region and self._links.knows(birth):
            self._links.post(birth, Gone(hand.object, hand.gen))

    def _granted(self, hand: Hand) -> None:
        # Told at the end of the tick's deliveries: events in the same tick must find the object here.
        self._granted_now[hand.object] = None

    def _denied(self, hand: Hand, reason: str, retry_after_us: int) -> None:
        asking = self.asking.pop(hand.object)
        self.counts.denied += 1
        self._deliveries.append(Denied(hand.object, asking.dst, reason, retry_after_us))

    def _settle(self, hand: Hand) -> None:
        if hand.lead == hand.object:
            self.counts.departed += 1
            self._deliveries.append(Departed(hand.object, hand.dst, hand.gen))
        hand.gen += 1
        hand.lead, hand.riders, hand.since_us = "", (), self._now_us
        if self._fades(hand):
            self._fading[hand.object] = None
        self._mail.release(hand.object)

    def _take_back(self, hand: Hand, member: Member) -> None:
        self._come(hand, member, member.gen + 2)

    def _redirect(self, hand: Hand, settled: Settled) -> None:
        hand.dst, hand.gen = settled.region, settled.gen

    def _bury(self, hand: Hand) -> None:
        # Whatever mail still comes finds nothing here, in its birth region, and goes back to its sender.
        self._fading.pop(hand.object, None)

    def _fade(self, hand: Hand) -> None:
        del self._fading[hand.object]
        self._mail.hints.note(hand.object, hand.dst, hand.gen)
        self._links.post(birth_region(hand.object), Settled(hand.object, hand.dst, hand.gen))

    # --- Helpers ---

    def _act(self, object: str, input: Input, *details: object) -> None:
        stepped = self._hands.step(object, input)
        if stepped is not None:
            hand, action = stepped
            self._actions[action](hand, *details)

    def _come(self, hand: Hand, member: Member, gen: int) -> None:
        hand.gen = gen
        hand.dst, hand.lead, hand.riders, hand.since_us = "", "", (), 0
        self._mail.arrive(hand.object, member.pairs)

    def _check_departure(self, object: str, payload: bytes, riders: tuple[str, ...]) -> None:
        strangers = [rider for rider in riders if rider == object or not self._hands.here(rider)]
        if strangers:
            raise HandoffError(f"object {object} departs with {strangers}, which are not here to ride on it.")
        for delivery in self._deliveries:
            if isinstance(delivery, EventArrived) and delivery.receiver in (object, *riders):
                raise HandoffError(f"object {object} departs before it has its events: take local() first.")
        if len(payload) > self._limits.unit_bytes_max:
            raise HandoffError(
                f"object {object} departs with {len(payload)} bytes, more than {self._limits.unit_bytes_max}:"
                " deny such a unit before it is offered."
            )

    def _stands(self, src: str, answer: Grant | Deny) -> bool:
        asking = self.asking.get(answer.object)
        return asking is not None and asking.dst == src and asking.offer.number == answer.number

    def _is_news(self, member: Member) -> bool:
        hand = self._hands.get(member.object)
        # An id without a birth region is no id: nobody could ever be asked where it is.
        return self._is_later(hand, member.gen) if hand else bool(birth_region(member.object))

    def _is_later(self, hand: Hand | None, gen: int) -> bool:
        """Return whether the object, known to have left, can have come to have this generation elsewhere."""
        if hand is None or hand.state in HERE:
            return False
        return gen >= hand.gen + (hand.state is State.OUT)

    def _unit_out(self, lead: str, gen: int) -> list[str]:
        """Return the objects of the unit that left with this generation; none if that is over."""
        hand = self._hands.get(lead)
        if hand is None or hand.state is not State.OUT or hand.gen != gen or hand.lead != lead:
            self._hands.stale += 1
            return []
        return [lead, *hand.riders]

    def _see(self, object: str) -> None:
        """Something of a later generation of the object came: the unit it left with has got through."""
        hand = self._hands.get(object)
        if hand is None or hand.state is not State.OUT:
            return
        lead = self._hands.get(hand.lead)
        assert lead is not None
        for member in (lead.object, *lead.riders):
            self._act(member, Input.SEEN)

    def _fades(self, hand: Hand) -> bool:
        """Return whether the tombstone is one that ends by itself: the birth region's never does, and where that
        is no more, nobody else knows where the object went.
        """
        birth = birth_region(hand.object)
        return hand.state is State.TOMB and birth != self._region and self._links.knows(birth)


def _oldest_first(hands: Iterable[Hand]) -> list[Hand]:
    return sorted(hands, key=lambda hand: hand.since_us)


def _unit(transfer: Transfer, gens: int) -> Unit:
    """Return the unit as the kernel sees it, its generation so many later than it left with."""
    lead, *riders = transfer.members
    return Unit(
        lead.object,
        lead.gen + gens,
        transfer.payload,
        transfer.programs,
        tuple(rider.object for rider in riders),
    )
