"""A region's side of hand-overs and mail: what each delivery of the exchange means to the world.

The one idea: one function for each kind of delivery, in a table. An object leaves as one checkpoint
(`checkpoint`), made when everything that the exchange had for it has been handled; it arrives as one, checked
and decoded before the exchange takes it.

When to ask a neighbour is the plan's business (`world.borders`), the protocol is `migrate.exchange`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import GeneratorType
from typing import Any

from msgspec.structs import replace

from migrate import deliveries as came
from migrate.deliveries import Unit
from migrate.errors import BadRecord, CaptureRefused, Pinned, ScriptSyntaxError, UnknownProgram
from migrate.exchange import Exchange
from migrate.frame_parts import drop_generators
from scripts_api import Arrive
from simulator.checkpoint import brought_up_to_date, captured, require_readable
from simulator.checkpoint_record import UnitRecord, begun_at, encode_unit, frames_in, programs_needed
from simulator.checkpoint_restore import begin_again, restore_unit
from simulator.drafts import DRAFT_BYTES_MAX, Drafts, may_stay_as_it_is
from simulator.errors import ScriptRefused
from simulator.region_rows import RegionRows
from simulator.transit import Transit
from simulator.world.inside import forget
from simulator.world.objects import WorldObject
from simulator.world.outside import left_behind
from simulator.world.senders import room_again
from simulator.world.teleports import arrived
from simulator.world.world import CANT_TRAVEL, World

TRUST_DIFFERS = (
    "region {} is in trusted mode and region {} is not: give both the same `trusted` in their [world] tables"
)
NO_ROOM = "region {} has as many objects as it may have"
TOO_LARGE = "it has {} bytes; at most {} can cross a border at once"


@dataclass(frozen=True, slots=True)
class Crossed:
    """One end of a crossing. `gen`: the object's generation at its destination. `frames`: of its scripts."""

    object: str
    gen: int
    frames: int
    bytes: int


class Crossings:
    """What comes from the exchange, and what goes to it."""

    def __init__(self, world: World, exchange: Exchange, rows: RegionRows) -> None:
        self._world, self._exchange, self._rows = world, exchange, rows
        self._drafts, self._transit = Drafts(world), Transit(world)
        self._admitted: dict[str, tuple[WorldObject, UnitRecord]] = {}
        self.departed: list[Crossed] = []
        self.arrived: list[Crossed] = []
        self.programs_came: list[str] = []
        exchange.admit = self.admit
        world.offer = self.offer

    def take(self, delivery: object) -> bool:
        """Do what a delivery asks for; False if it is none."""
        handle = _DELIVERIES.get(type(delivery))
        if handle is None:
            return False
        handle(self, delivery)
        return True

    def drain(self) -> None:
        """Handle what this region's own calls have brought."""
        while deliveries := self._exchange.local():
            for delivery in deliveries:
                self.take(delivery)

    # --- Away ---

    def offer(self, body: WorldObject, dst: str) -> str | None:
        """Ask a neighbour for an object; return why not, if it can't travel now."""
        try:
            record = captured(body)
            unit = encode_unit(record)
            require_readable(unit)
        except (CaptureRefused, Pinned) as error:
            return self._refused(body, error)
        self._world.refusals.over(body.id, CANT_TRAVEL)
        self._exchange.offer(
            body.id,
            dst,
            bytes=len(unit),
            scripts=sum(len(each.scripts) for each in body.members),
            memory=len(unit),
            programs=programs_needed(record),
            now_us=self._world.now_us,
            trusted=self._world.trusted,
            draft=unit if len(unit) <= DRAFT_BYTES_MAX and may_stay_as_it_is(body) else None,
        )
        return None

    def depart(self) -> None:
        """Hand over every object that is beyond a border and granted."""
        world = self._world
        for id, dst in list(world.departing.items()):
            self.drain()
            body = world.objects.get(id)
            if body is not None and world.departing.get(id) == dst:
                self._leave(body, dst)
        world.departing.clear()
        self._drafts.forget_old()
        self._transit.forget_old()

    def _leave(self, body: WorldObject, dst: str) -> None:
        world = self._world
        body.settle(world.time_us)
        try:
            now, generators = self._as_it_is(body)
            record = replace(now, frozen_after_us=_since_grant_us(body))
            payload = encode_unit(record)
            require_readable(payload)
        except (CaptureRefused, Pinned) as error:
            world.borders.bounce(body, self._refused(body, error))
            return
        if len(payload) > world.limits.crossing_bytes_max:
            world.borders.bounce(body, TOO_LARGE.format(len(payload), world.limits.crossing_bytes_max))
            return
        world.inside.left_behind(body)
        gen = self._exchange.gen(body.id)
        riders = tuple(part.id for part in body.parts)
        self._exchange.depart(body.id, dst, payload, programs=programs_needed(record), riders=riders)
        for each in body.members:
            if each.id in world.linked:
                self._rows.delete(each.id)
            world.take_out(each)
        drop_generators(generators)
        world.counts.departed += 1
        self.departed.append(Crossed(body.id, gen + 1, frames_in(record), len(payload)))

    def _as_it_is(self, body: WorldObject) -> tuple[UnitRecord, list[GeneratorType[Any, Any, Any]]]:
        """Write an object down; if it has not changed since that was last done, its heap is the same. With its
        scripts' generators: see `captured`.
        """
        written = self._rows.still_true(body)
        if written is not None:
            return brought_up_to_date(written, body), []
        generators: list[GeneratorType[Any, Any, Any]] = []
        return captured(body, generators), generators

    def _refused(self, body: WorldObject, error: Exception) -> str:
        self._world.refused(body, CANT_TRAVEL, str(error))
        return f"it can't travel now: {error}"

    # --- Here ---

    def admit(self, unit: Unit) -> str | None:
        """Decide on an arriving unit: None if it can live here, else why not."""
        if len(self._world.objects) + len(unit.riders) >= self._world.limits.objects_max:
            return NO_ROOM.format(self._world.here.name)
        try:
            self._admitted[unit.object] = self._restored(unit)
        except (BadRecord, UnknownProgram) as error:
            return str(error)
        return None

    def _restored(self, unit: Unit) -> tuple[WorldObject, UnitRecord]:
        """Make a unit's linkset, which must be of the objects that the exchange knows of, and no others."""
        return restore_unit(unit.object, unit.payload, self._world, drafts=self._drafts, riders=unit.riders)

    def _unit_arrived(self, delivery: came.UnitArrived) -> None:
        body, record = self._admitted.pop(delivery.unit.object)
        place = body.place
        frozen_us = self._transit.took_us(body.id, record.frozen_after_us)
        self._live(body, frozen_us)
        self._world.counts.arrived += 1
        self._world.counts.frames_arrived += frames_in(record)
        size = len(delivery.unit.payload)
        self.arrived.append(Crossed(body.id, delivery.unit.gen, frames_in(record), size))
        arrived(body)
        self._world.tell_all(body, Arrive(delivery.src))
        if body.id not in self._world.changed and body.place is place:
            self._rows.take_over(body, begun_at(record, self._world.time_us - frozen_us))
        else:
            self._world.touched(body)

    def _returned(self, delivery: came.Returned) -> None:
        """What had left is back. A neighbour that has spoilt it can't make it disappear."""
        unit = delivery.unit
        try:
            body, _ = self._restored(unit)
        except (BadRecord, UnknownProgram) as error:
            self._rows.quarantine(unit.object, str(error), unit.payload)
            return
        self._live(body)
        self._world.touched(body)
        self._world.borders.turn_back(body, delivery.dst, delivery.reason)

    def _live(self, body: WorldObject, frozen_us: int = 0) -> None:
        """`frozen_us`: how long it was on its way."""
        begin_again(body, self._world.time_us - frozen_us)
        left_behind(body)
        forget(body)
        self._world.take_in(body)
        for each in body.members:
            room_again(each)

    def _departed(self, delivery: came.Departed) -> None:
        assert delivery.object not in self._world.objects, f"{delivery.object} has departed and is here"

    # --- Asking ---

    def _drafted(self, drafted: came.Drafted) -> None:
        self._drafts.open(drafted.object, drafted.payload)

    def _offered(self, offered: came.Offered) -> None:
        world = self._world
        reason = None
        if len(world.objects) >= world.limits.objects_max:
            reason = NO_ROOM.format(world.here.name)
        elif offered.bytes > world.limits.crossing_bytes_max:
            reason = TOO_LARGE.format(offered.bytes, world.limits.crossing_bytes_max)
        elif offered.trusted is not world.trusted:
            trusting, other = world.here.name, offered.src
            if offered.trusted:
                trusting, other = other, trusting
            reason = TRUST_DIFFERS.format(trusting, other)
        if reason is not None:
            world.counts.offers_denied += 1
            self._exchange.deny(offered.number, offered.object, offered.src, reason, world.limits.retry_us)
            return
        missing = tuple(program for program in offered.programs if program not in world.programs)
        if not missing:
            self._transit.granted(offered.object, offered.number)
        self._exchange.grant(offered.number, offered.object, offered.src, missing)

    def _granted(self, granted: came.Granted) -> None:
        body = self._world.objects.get(granted.object)
        if body is not None:
            self._world.borders.granted(body, granted.dst)

    def _denied(self, denied: came.Denied) -> None:
        body = self._world.objects.get(denied.object)
        if body is not None:
            self._world.borders.denied(body, denied.dst, denied.reason)

    def _program_wanted(self, wanted: came.ProgramWanted) -> None:
        if wanted.program in self._world.programs:
            filename, source = self._world.programs.source(wanted.program)
            self._exchange.give_program(wanted.dst, wanted.program, f"{filename}\n{source}")

    def _program_came(self, program: came.ProgramCame) -> None:
        """Compile it. One that does not compile here is not kept, so the unit is never granted."""
        filename, _, source = program.source.partition("\n")
        try:
            made = self._world.programs.add(source, filename)
        except (ScriptSyntaxError, ScriptRefused):
            self._world.counts.programs_refused += 1
            return
        if made == program.program:
            self.programs_came.append(made)
        else:
            self._world.counts.programs_refused += 1

    # --- Mail ---

    def _event_arrived(self, event: came.EventArrived) -> None:
        self._world.mail.arrived(event.sender, event.receiver, event.payload)

    def _undeliverable(self, back: came.Undeliverable) -> None:
        self._world.mail.returned(back.sender, back.receiver, back.payload, back.reason)

    def _note_came(self, note: came.NoteCame) -> None:
        self._world.halo.take(note.src, note.payload)

    def _room_again(self, room: came.RoomAgain) -> None:
        body = self._world.objects.get(room.sender)
        if body is not None:
            room_again(body)


def _since_grant_us(body: WorldObject) -> int | None:
    crossing = body.crossing
    return None if crossing is None else body.world.now_us - crossing.granted_us


# Any: each handler takes the class it stands behind, which a dict's type can't say.
_DELIVERIES: dict[type, Callable[[Crossings, Any], None]] = {
    came.UnitArrived: Crossings._unit_arrived,
    came.EventArrived: Crossings._event_arrived,
    came.Undeliverable: Crossings._undeliverable,
    came.Drafted: Crossings._drafted,
    came.Offered: Crossings._offered,
    came.Granted: Crossings._granted,
    came.Denied: Crossings._denied,
    came.Departed: Crossings._departed,
    came.Returned: Crossings._returned,
    came.ProgramWanted: Crossings._program_wanted,
    came.ProgramCame: Crossings._program_came,
    came.RoomAgain: Crossings._room_again,
    came.NoteCame: Crossings._note_came,
}
