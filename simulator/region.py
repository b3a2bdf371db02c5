"""The kernel of a region: what comes in and how late it is go in, what changed comes out.

The one idea: `outputs = region.step(now, inputs, slicer)` and nothing else. A step handles what has come,
then what is due, runs scripts while the slicer gives time, hands over what has crossed a border, and returns
the rows to be written. No I/O, no clock, no chance: the same inputs give the same outputs, byte for byte, if
the slicer counts.

What deliveries mean is in `crossings`, commands in `commanding`, rows in `region_rows`. Who writes the rows,
and who is told when, is `simulator.host`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from migrate.errors import CaptureRefused, Pinned
from migrate.exchange import Exchange
from scripts_api import RegionStart, Script
from simulator.accounts import ScriptStatistics, script_statistics
from simulator.checkpoint_renew import renew, renew_owned
from simulator.commanding import COMMANDS, Commands
from simulator.crossings import Crossed, Crossings
from simulator.limits import RegionLimits
from simulator.making import Maker
from simulator.region_rows import RegionRows
from simulator.statistics import RegionStatistics
from simulator.store import RowChanges, RowKey
from simulator.turns import Slicer, give_turns
from simulator.world.chat import Said
from simulator.world.inside import HttpReply
from simulator.world.objects import WorldObject
from simulator.world.outside import HttpWanted
from simulator.world.places import Places, RegionPlace
from simulator.world.programs import Programs
from simulator.world.world import Told, World


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a step has brought. `rows`: to be written in the tick's transaction; the rest is told after it."""

    rows: RowChanges
    said: tuple[Said, ...]
    told: tuple[Told, ...]
    departed: tuple[Crossed, ...]
    arrived: tuple[Crossed, ...]
    http: tuple[HttpWanted, ...] = ()
    replies: tuple[HttpReply, ...] = ()


class Region:
    """One region: `load` it, then `step` it, tick after tick."""

    def __init__(
        self,
        place: RegionPlace,
        places: Places,
        exchange: Exchange,
        programs: Programs,
        limits: RegionLimits | None = None,
        seed: int = 0,
        *,
        trusted: bool = False,
    ) -> None:
        """Begin empty. `programs`: the process's. `seed`: of every script's random numbers. `trusted`: what scripts
        keep and the codec's closed table refuses goes by cloudpickle, which can run any code where it is read.
        """
        self._limits = limits or RegionLimits()
        self._exchange = exchange
        self._world = World(place, places, exchange, programs, self._limits)
        self._world.trusted = trusted
        self._world.renew = renew_owned
        self._rows = RegionRows(self._world)
        self._crossings = Crossings(self._world, exchange, self._rows)
        Maker(self._world, exchange, self._rows, seed)
        self._commands = Commands(self._world, self._rows)
        self._frame_began_us = self._suspensions = 0

    def load(
        self,
        rows: Mapping[RowKey, bytes],
        now_us: int,
        away_us: int = 0,
        kept_out: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Continue from what the store holds; its time goes on from now. `away_us`: how long it has not run.
        `kept_out`: objects that go to quarantine unread, with the reason.
        """
        world = self._world
        world.now_us = now_us
        self._rows.load(rows, kept_out)
        for body in list(world.objects.values()):
            world.tell(body, RegionStart(away_us / 1e6))
        self._settle()

    # --- A tick ---

    def step(self, now_us: int, inputs: Sequence[Any], slicer: Slicer) -> Outputs:
        """Run one tick at a time (microseconds since 1970, never backwards)."""
        world = self._world
        world.time_us += now_us - world.now_us
        world.now_us = now_us
        brought, removing = self._exchange.brought, world.removing
        commands, find = self._commands, COMMANDS.get
        for each in inputs:
            do = find(type(each))
            if do is not None:
                do(commands, each)
            elif not self._crossings.take(each):
                raise TypeError(f"{each!r} is neither a command nor a delivery")
            if brought or removing:
                self._settle()
        for due in world.clockwork.pop_due(world.time_us):
            due.due()
            if brought or removing:
                self._settle()
        if not world.departing:
            # Whoever leaves does not wait until the others have run and are written down: they run in the next tick.
            self._run(slicer)
        self._crossings.depart()
        self._settle()
        world.halo.showing.tick()
        return self._outputs(slicer)

    def _run(self, slicer: Slicer) -> None:
        """Give scripts their turns while there is time."""
        if not slicer.more():
            return
        self._count_frame()
        scheduler = self._world.scheduler
        if not scheduler.queued:
            return
        scheduler.quantum_us = slicer.begin(scheduler.queued)
        try:
            hop = self._suspended if self._limits.hop_every else None
            give_turns(self._world, slicer, self._settle, self._exchange.brought, hop)
        finally:
            slicer.end()

    def _suspended(self, body: WorldObject) -> None:
        """For development: make an object hop at every so many suspensions."""
        self._suspensions += 1
        if self._suspensions % self._limits.hop_every == 0:
            self._hop(body)

    def _hop(self, body: WorldObject) -> None:
        """Capture and restore an object that is still here, where it can be captured."""
        root = body.root
        if self._world.objects.get(root.id) is root and root.id not in self._world.departing:
            with suppress(CaptureRefused, Pinned):
                renew(root)

    def _count_frame(self) -> None:
        """Reckon how far frames lag behind, and which share of the scripts that could run had a turn in the
        last.
        """
        world = self._world
        took_us = world.now_us - self._frame_began_us
        if took_us < self._limits.frame_us // 2:
            return  # The rest of a frame that a message had cut short.
        self._frame_began_us = world.now_us
        world.counts.frames += 1
        if world.wanted_in_frame:
            share = min(1.0, world.ran_in_frame / world.wanted_in_frame)
            world.share_ran += (share - world.share_ran) / 16
        world.frame += 1
        world.ran_in_frame, world.wanted_in_frame = 0, world.scheduler.queued
        if took_us < 1_000_000:
            now = min(1.0, self._limits.frame_us / took_us)
            world.time_dilation += (now - world.time_dilation) / 16

    def _settle(self) -> None:
        """Handle what the last thing done has brought, and take out what is gone."""
        self._crossings.drain()
        world = self._world
        while world.removing:
            id = next(iter(world.removing))
            del world.removing[id]
            body = world.objects.get(id)
            if body is not None:
                world.take_out(body)
                self._exchange.remove(id)
                self._rows.delete(id)
                self._crossings.drain()

    def _outputs(self, slicer: Slicer) -> Outputs:
        world, crossings, rows = self._world, self._crossings, self._rows
        for crossed in crossings.departed:
            rows.delete(crossed.object)
        for program in crossings.programs_came:
            rows.keep_program(program)
        while world.changed:
            rows.write_changed(slicer.lap)
            self._settle()
        outputs = Outputs(
            rows.take(),
            tuple(world.chat.said),
            tuple(world.notes),
            tuple(crossings.departed),
            tuple(crossings.arrived),
            tuple(world.outside.wanted),
            tuple(world.inside.replies),
        )
        for told in (
            world.chat.said,
            world.notes,
            crossings.departed,
            crossings.arrived,
            crossings.programs_came,
            world.outside.wanted,
            world.inside.replies,
        ):
            told.clear()
        return outputs

    # --- Looking in ---

    @property
    def objects(self) -> Mapping[str, WorldObject]:
        """The objects that are here, by id; to look at only."""
        return self._world.objects

    @property
    def wants_time(self) -> bool:
        """Whether a script could run on if there were time."""
        return self._world.scheduler.queued > 0

    def is_idle(self) -> bool:
        """Return whether no script could run on, even if there were time; takes a walk over all of them."""
        scripts = (script for body in self.objects.values() for script in body.scripts)
        return not any(script.runnable for script in scripts)

    def next_due_us(self, latest_us: int) -> int:
        """Return until when a tick would change nothing, if nothing comes meanwhile: microseconds since 1970, at most
        `latest_us`.
        """
        world = self._world
        if world.departing or world.halo.showing.neighbours or not self.is_idle():
            return world.now_us
        away_us = world.now_us - world.time_us
        return world.clockwork.next_us(latest_us - away_us) + away_us

    def skip(self, duration_us: int) -> None:
        """Take frames in which nothing was due as if they had run."""
        self._frame_began_us += duration_us

    def state_of(self, id: str) -> dict[str, Any]:
        """Return the attributes of an object's scripts, defaults of their classes included."""
        found: dict[str, Any] = {}
        body = self._world.objects.get(id)
        for script in body.scripts if body is not None else ():
            found |= _attributes(script.instance)
        return found

    def statistics(self) -> RegionStatistics:
        """Return what has been counted, and what is here now."""
        return RegionStatistics.of(self._world)

    def script_statistics(self) -> list[ScriptStatistics]:
        """Return what each script costs, the costliest first."""
        return script_statistics(self._world, self._exchange.gen)

    def renew(self) -> None:
        """Drop every object and restore it from its written form, in place: what tests do everywhere."""
        for body in list(self._world.objects.values()):
            if body.root is body:
                renew(body)


def _attributes(instance: Script) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in reversed(type(instance).__mro__):
        if issubclass(kind, Script) and kind is not Script:
            found |= {
                name: value
                for name, value in vars(kind).items()
                if not name.startswith("_") and not callable(value) and not hasattr(value, "__get__")
            }
    return found | instance.__dict__
