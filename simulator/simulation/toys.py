"""The toy world of the simulation: things that step, write to each other, and cross.

The one idea: a thing's whole state is a few counters, so that whatever is lost, repeated, reordered or forked
shows as a wrong number. It stands where the region kernel stands in a real simulator.

It does not compute, has no space, and takes every decision from the random numbers it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from migrate import deliveries as came
from migrate.deliveries import Delivery, Unit
from migrate.exchange import Exchange
from migrate.messages import birth_region
from migrate.rows import RowChanges, RowKey

PROGRAMS = ("p0", "p1", "p2")


class Thing(msgspec.Struct):
    """`version`: how many ticks changed it. `sent`, `got`, `back`: events by the other's id."""

    version: int = 0
    program: str = "p0"
    came_from: str = ""
    sent: dict[str, int] = {}
    got: dict[str, int] = {}
    back: dict[str, int] = {}


_encode = msgspec.msgpack.Encoder().encode
read_thing = msgspec.msgpack.Decoder(Thing).decode
read_things = msgspec.msgpack.Decoder(dict[str, Thing]).decode


class Wrong(AssertionError):
    """The toy world: something arrived that can't be right."""


class Temper(msgspec.Struct, frozen=True):
    """How a world behaves, as probabilities per thing and tick, or per question."""

    send: float
    burst_max: int
    cross: float
    ride: float
    create: float
    remove: float
    change_mind: float
    go_home: float
    deny: float
    turn_away: float
    forget_grant: float
    write_to_nobody: float


class World:
    """The things of one region, between an exchange and a disk."""

    def __init__(
        self, region: str, neighbours: list[str], exchange: Exchange, temper: Temper, random: Random
    ) -> None:
        """Begin empty."""
        self.region, self.neighbours, self.temper, self.random = region, neighbours, temper, random
        self.exchange = exchange
        self.things: dict[str, Thing] = {}
        self.programs: set[str] = set()
        self.born = 0
        self.waiting: set[str] = set()
        self.asking: set[str] = set()
        self._dirty: dict[str, None] = {}
        self._rows: dict[RowKey, bytes | None] = {}
        self._arriving: dict[str, dict[str, Thing]] = {}
        self._granted: dict[str, str] = {}
        exchange.admit = self.admit

    def load(self, rows: dict[RowKey, bytes]) -> None:
        """Continue from the last commit."""
        for (kind, key), value in rows.items():
            if kind == "thing":
                self.things[key] = read_thing(value)
            elif kind == "program":
                self.programs.add(key)
            elif kind == "born":
                self.born = int(value)

    def admit(self, unit: Unit) -> str | None:
        """Decide on an arriving unit."""
        if any(program not in self.programs for program in unit.programs):
            return "no such program here"
        if self.random.random() < self.temper.turn_away:
            return "no room"
        self._arriving[unit.object] = read_things(unit.payload)
        return None

    def react(self, arrived: list[Delivery]) -> None:
        """Handle what has come, and what that brings, before anything departs."""
        while arrived:
            for delivery in arrived:
                _REACTIONS[type(delivery)](self, delivery)
            arrived = self.exchange.local()
        for object, dst in list(self._granted.items()):
            self._depart(object, dst)
        self._granted.clear()

    def act(self, now_us: int, others: list[str]) -> None:
        """Let every thing do what it likes; `others` are ids to write to."""
        if self.random.random() < self.temper.create:
            self.create()
        for object in list(self.things):
            self._act(object, others, now_us)
        self.react(self.exchange.local())

    def create(self) -> None:
        """Make a new thing."""
        self.born += 1
        object = f"{self.region}:{self.born}"
        program = self.random.choice(PROGRAMS)
        self.exchange.create(object)
        self.things[object] = Thing(0, program, "", {}, {}, {})
        self.programs.add(program)
        self._dirty[object] = None
        self._rows["born", ""] = b"%d" % self.born
        self._rows["program", program] = b""

    def rows(self) -> RowChanges:
        """Return what this tick changes; a thing's version counts the ticks that changed it."""
        for object in self._dirty:
            thing = self.things.get(object)
            if thing is None:
                self._rows["thing", object] = None
            else:
                thing.version += 1
                self._rows["thing", object] = _encode(thing)
        self._dirty.clear()
        rows, self._rows = self._rows, {}
        return rows

    # --- What things do ---

    def _act(self, object: str, others: list[str], now_us: int) -> None:
        draw, temper = self.random.random, self.temper
        if draw() < temper.send and object not in self.waiting:
            self._write(object, others)
        if draw() < (temper.cross if object not in self.asking else temper.change_mind):
            self._offer(object, now_us)
        elif draw() < temper.remove:
            self._remove(object)

    def _write(self, object: str, others: list[str]) -> None:
        receiver = self.random.choice(others)
        if self.random.random() < self.temper.write_to_nobody:
            # Nobody of that number was ever born, or there is not even a region of that name.
            receiver = f"{self.random.choice((*self.neighbours, 'nowhere'))}:999"
        thing = self.things[object]
        for _ in range(self.random.randint(1, self.temper.burst_max)):
            n = thing.sent.get(receiver, 0) + 1
            if not self.exchange.send(object, receiver, b"%d" % n):
                self.waiting.add(object)
                break
            thing.sent[receiver] = n
            self._dirty[object] = None

    def _offer(self, object: str, now_us: int) -> None:
        dst = self._choose(object)
        self.asking.add(object)
        programs = (self.things[object].program,)
        self.exchange.offer(object, dst, bytes=1, scripts=1, memory=1, programs=programs, now_us=now_us)

    def _choose(self, object: str) -> str:
        """Return where a thing wants to go: home by another way than it came, or anywhere."""
        home, came_from = birth_region(object), self.things[object].came_from
        if home not in (self.region, came_from) and self.random.random() < self.temper.go_home:
            return home
        dst = self.random.choice(self.neighbours)
        return self.random.choice(self.neighbours) if dst == came_from else dst

    def _depart(self, object: str, dst: str) -> None:
        if self.random.random() < self.temper.forget_grant:
            return
        riders = tuple(
            other
            for other in self.things
            if other != object and other not in self._granted and self.random.random() < self.temper.ride
        )
        unit = {each: self.things.pop(each) for each in (object, *riders)}
        for each, thing in unit.items():
            thing.version += 1
            thing.came_from = self.region
            self._dirty[each] = None
            self.waiting.discard(each)
            self.asking.discard(each)
        programs = tuple(sorted({thing.program for thing in unit.values()}))
        self.exchange.depart(object, dst, _encode(unit), programs=programs, riders=riders)

    def _remove(self, object: str) -> None:
        self.react(self.exchange.local())
        if object not in self.things:
            return
        self.exchange.remove(object)
        thing = self.things.pop(object)
        self.waiting.discard(object)
        self._dirty[object] = None
        thing.version += 1
        # Its last state is committed with its end, for the books.
        self._rows["grave", object] = _encode(thing)

    # --- What comes ---

    def _event(self, event: came.EventArrived) -> None:
        thing = self.things.get(event.receiver)
        if thing is None:
            raise Wrong(f"{self.region}: event for {event.receiver}, which is not here")
        n, last = int(event.payload), thing.got.get(event.sender, 0)
        if n != last + 1:
            raise Wrong(f"{event.receiver}: event {n} of {event.sender} comes after event {last}")
        thing.got[event.sender] = n
        self._dirty[event.receiver] = None

    def _undeliverable(self, back: came.Undeliverable) -> None:
        thing = self.things.get(back.sender)
        if thing is None:
            raise Wrong(f"{self.region}: an event came back to {back.sender}, which is not here")
        thing.back[back.receiver] = thing.back.get(back.receiver, 0) + 1
        self._dirty[back.sender] = None

    def _arrived(self, arrived: came.UnitArrived) -> None:
        self._take(self._arriving.pop(arrived.unit.object))

    def _returned(self, returned: came.Returned) -> None:
        self._take(read_things(returned.unit.payload))

    def _take(self, things: dict[str, Thing]) -> None:
        self.things.update(things)
        self._dirty.update(dict.fromkeys(things))

    def _offered(self, offered: came.Offered) -> None:
        if self.random.random() < self.temper.deny:
            self.exchange.deny(offered.number, offered.object, offered.src, "full", 1000)
        else:
            missing = tuple(program for program in offered.programs if program not in self.programs)
            self.exchange.grant(offered.number, offered.object, offered.src, missing)

    def _grant(self, granted: came.Granted) -> None:
        self._granted[granted.object] = granted.dst

    def _denied(self, denied: came.Denied) -> None:
        self._granted.pop(denied.object, None)
        self.asking.discard(denied.object)

    def _wanted(self, wanted: came.ProgramWanted) -> None:
        self.exchange.give_program(wanted.dst, wanted.program, "source")

    def _program(self, program: came.ProgramCame) -> None:
        self.programs.add(program.program)
        self._rows["program", program.program] = b""

    def _room(self, room: came.RoomAgain) -> None:
        self.waiting.discard(room.sender)

    def _departed(self, departed: came.Departed) -> None:
        if departed.object in self.things:
            raise Wrong(f"{self.region}: {departed.object} has departed and is here")


# Any: each reaction takes the class it stands behind, which a dict's type can't say.
_REACTIONS: dict[type, Callable[[World, Any], None]] = {
    came.EventArrived: World._event,
    came.Undeliverable: World._undeliverable,
    came.UnitArrived: World._arrived,
    came.Returned: World._returned,
    came.Offered: World._offered,
    came.Granted: World._grant,
    came.Denied: World._denied,
    came.ProgramWanted: World._wanted,
    came.ProgramCame: World._program,
    came.RoomAgain: World._room,
    came.Departed: World._departed,
}
