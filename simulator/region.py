"""The kernel of a region: what comes in and how late it is go in, what changed comes out.

The one idea: `outputs = region.step(now, inputs, slicer)` and nothing else. A step handles what has come,
then what is due, runs scripts while the slicer gives time, hands over what has crossed a border, and returns
the rows to be written. No I/O, no clock, no chance: the same inputs give the same outputs, byte for byte, if
the slicer counts.

Only objects that have changed are written. Who writes them, and who is told when, is `simulator.host`'s
business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from migrate.errors import BadRecord, CaptureRefused, Pinned
from migrate.exchange import Exchange
from scripts_api import RegionStart, Rez, Script, ScriptError, Touch
from simulator import commands
from simulator.checkpoint import begin_again, capture, read_unit, renew, restore, script_bytes
from simulator.crossings import Crossed, Crossings
from simulator.limits import RegionLimits
from simulator.statistics import RegionStatistics, ScriptStatistics, script_statistics
from simulator.store import RowChanges, RowKey, Rows
from simulator.world.chance import first_state
from simulator.world.chat import Said
from simulator.world.objects import WorldObject
from simulator.world.places import Places, RegionPlace
from simulator.world.programs import Programs
from simulator.world.scripts import Condition, RunningScript
from simulator.world.world import Told, World

STATE_ROW: RowKey = ("region", "state")


class Slicer(Protocol):
    """Time for scripts."""

    def more(self) -> bool:
        """Whether there is time for another slice."""

    def begin(self) -> int:
        """Begin a slice."""

    def over(self) -> bool:
        """Whether the slice that has begun is up."""

    def end(self, begun_us: int) -> int:
        """End a slice; return how long it was in microseconds."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a step has brought. `rows`: to be written in the tick's transaction; the rest is told after it."""

    rows: RowChanges
    said: tuple[Said, ...]
    told: tuple[Told, ...]
    departed: tuple[Crossed, ...]
    arrived: tuple[Crossed, ...]


class RegionRow(msgspec.Struct, frozen=True, array_like=True):
    """What the region itself must not forget: its time, and the number of its last object."""

    version: int
    time_us: int
    born: int


class ProgramRow(msgspec.Struct, frozen=True, array_like=True):
    """The source of a program that scripts of this region use."""

    filename: str
    source: str


_encode = msgspec.msgpack.Encoder().encode


class Region:
    """One region."""

    def __init__(
        self,
        place: RegionPlace,
        places: Places,
        exchange: Exchange,
        programs: Programs,
        limits: RegionLimits | None = None,
        seed: int = 0,
    ) -> None:
        """Begin empty. `programs`: the process's. `seed`: of every script's random numbers."""
        self._limits = limits or RegionLimits()
        self._exchange, self._programs, self._seed = exchange, programs, seed
        self._world = World(place, places, exchange, programs, self._limits)
        self._crossings = Crossings(self._world, exchange)
        self._rows: dict[RowKey, bytes | None] = {}
        self._stored_programs: set[str] = set()
        self._born = 0
        self._now_us = 0
        self._frame_began_us = 0
        self._written_us = 0
        self._unsaved: dict[str, None] = {}
        self._made_once: set[str] = set()

    # --- Loading ---

    def load(self, rows: Mapping[RowKey, bytes], now_us: int, away_us: int = 0) -> None:
        """Continue from what the store holds; its time goes on from now. `away_us`: how long it has not run."""
        self._now_us = now_us
        if STATE_ROW in rows:
            state = msgspec.msgpack.decode(rows[STATE_ROW], type=RegionRow)
            self._world.time_us, self._born = state.time_us, state.born
        for key, value in _of_kind(rows, "program"):
            row = msgspec.msgpack.decode(value, type=ProgramRow)
            self._programs.add(row.source, row.filename)
            self._stored_programs.add(key)
        self._made_once = {key for key, _ in _of_kind(rows, "once")}
        for key, value in _of_kind(rows, "object"):
            self._load_object(key, value)
        for body in list(self._world.objects.values()):
            self._world.tell(body, RegionStart(away_us / 1e6))
        self._crossings.drain()

    def _load_object(self, id: str, value: bytes) -> None:
        """One object that can't be read must not keep the others from running; its row stays as it is."""
        try:
            record = read_unit(value)
            body = restore(record, self._world)
        except BadRecord as error:
            self._world.notes.append(Told("object can't be read", id, "", str(error)))
            return
        begin_again(body, record.at_us)
        self._world.take_in(body)
        self._world.mail.flush(body)

    # --- A tick ---

    def step(self, now_us: int, inputs: Sequence[Any], slicer: Slicer) -> Outputs:
        """Run one tick at a time (microseconds since 1970, never backwards)."""
        world = self._world
        world.time_us += now_us - self._now_us
        world.now_us = self._now_us = now_us
        for each in inputs:
            if not self._crossings.take(each):
                _COMMANDS[type(each)](self, each)
            self._settle()
        for due in world.clockwork.pop_due(world.time_us):
            due.due()
            self._settle()
        self._run(slicer)
        self._crossings.depart()
        self._settle()
        return self._outputs()

    def _run(self, slicer: Slicer) -> None:
        """Give scripts their turns while there is time."""
        world, scheduler = self._world, self._world.scheduler
        if not slicer.more():
            return
        self._count_frame()
        while slicer.more():
            script = scheduler.next()
            if script is None:
                return
            begun_us = slicer.begin()
            try:
                script.turn(self._limits.turn_steps_max, slicer.over)
            finally:
                used_us = slicer.end(begun_us)
            script.cpu_us += used_us
            script.slices += 1
            world.counts["slices"] += 1
            world.counts["cpu_us"] += used_us
            world.touched(script.body)
            if used_us > self._limits.uninterruptible_us_max:
                script.ran_too_long(used_us)
            scheduler.ran(script, used_us)
            self._settle()

    def _count_frame(self) -> None:
        """Reckon how far the frames lag behind: 1.0 when they come as often as they should."""
        world = self._world
        took_us = world.now_us - self._frame_began_us
        if took_us < self._limits.frame_us // 2:
            return  # The rest of a frame that a message had cut short.
        self._frame_began_us = world.now_us
        world.counts["frames"] += 1
        world.counts["scripts_wanting"] += world.scheduler.queued
        if 0 < took_us < 1_000_000:
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
                self._rows["object", id] = None
                self._crossings.drain()

    # --- What comes out ---

    def _outputs(self) -> Outputs:
        world, crossings = self._world, self._crossings
        self._write_objects()
        self._write_programs()
        heartbeat = len(world.clockwork) and world.time_us >= self._written_us + self._limits.heartbeat_us
        if self._rows or heartbeat:
            self._rows[STATE_ROW] = _encode(RegionRow(1, world.time_us, self._born))
            self._written_us = world.time_us
        outputs = Outputs(
            self._rows,
            tuple(world.chat.said),
            tuple(world.notes),
            tuple(crossings.departed),
            tuple(crossings.arrived),
        )
        self._rows = {}
        for told in (world.chat.said, world.notes, crossings.departed, crossings.arrived):
            told.clear()
        return outputs

    def _write_objects(self) -> None:
        world = self._world
        for crossed in self._crossings.departed:
            self._rows["object", crossed.object] = None
        for id in world.changed:
            body = world.objects.get(id)
            if body is not None:
                self._write_object(body)
        world.changed.clear()

    def _write_object(self, body: WorldObject) -> None:
        """Write one down; one that can't be written keeps its last row, and its author is told once."""
        try:
            data = capture(body)
        except (CaptureRefused, Pinned) as error:
            self._world.count("captures_refused")
            if body.id not in self._unsaved:
                self._unsaved[body.id] = None
                self._world.told(body, "script can't be saved", str(error))
            return
        self._rows["object", body.id] = data
        self._unsaved.pop(body.id, None)
        self._world.count("captures")
        body.written_bytes = len(data)
        if len(data) > self._limits.memory_bytes_max * len(body.scripts) + self._limits.store_bytes_max:
            self._end_largest(body)

    def _end_largest(self, body: WorldObject) -> None:
        """An object has grown beyond its memory: the script that reaches most of it fails."""
        sizes = [(script_bytes(script), script) for script in body.scripts if script.alive]
        if not sizes:
            return
        size, script = max(sizes, key=lambda each: each[0])
        limit = self._limits.memory_bytes_max
        script.give_up(
            f"MemoryError: the script reaches {size} bytes; at most {limit} are allowed. Keep less in attributes and"
            " local variables."
        )
        self._rows["object", body.id] = capture(body)

    def _write_programs(self) -> None:
        for program in self._crossings.programs_came:
            self._store_program(program)
        self._crossings.programs_came.clear()

    def _store_program(self, program: str) -> None:
        if program not in self._stored_programs:
            self._stored_programs.add(program)
            self._rows["program", program] = _encode(ProgramRow(*self._programs.source(program)))

    # --- Commands ---

    def _rez(self, command: commands.Rez) -> None:
        if command.once is not None:
            if command.once in self._made_once:
                return
            self._made_once.add(command.once)
            self._rows["once", command.once] = b""
        world = self._world
        self._born += 1
        body = WorldObject(world, f"{world.here.name}:{self._born}", command.name, command.owner)
        body.place, body.velocity = command.position, command.velocity
        for index, program in enumerate(command.scripts):
            self._store_program(program)
            state = first_state(self._seed, body.id, index)
            body.scripts.append(RunningScript(body, program, self._programs.kind(program), state))
        self._exchange.create(body.id)
        world.take_in(body)
        world.touched(body)
        for script in body.scripts:
            script.begin()
            script.deliver(Rez(command.param))

    def _touch(self, command: commands.TouchObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            self._world.tell(body, Touch(command.toucher))

    def _speak(self, command: commands.SpeakUp) -> None:
        chat = self._world.chat
        chat.say(command.speaker, command.position, command.text, command.channel, command.range_m)

    def _pause(self, command: commands.PauseScripts) -> None:
        for script in self._scripts(command.object):
            script.pause()

    def _resume(self, command: commands.ResumeScripts) -> None:
        for script in self._scripts(command.object):
            script.go_on()

    def _reset(self, command: commands.ResetScripts) -> None:
        for script in self._scripts(command.object):
            script.reset()

    def _kill(self, command: commands.KillScripts) -> None:
        for script in self._scripts(command.object):
            script.stop()

    def _move(self, command: commands.MoveObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None and self._world.places.at(command.position) is not None:
            self._world.borders.put(body, command.position)
            self._world.touched(body)

    def _remove(self, command: commands.RemoveObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            self._world.remove(body)

    def _scripts(self, id: str) -> Iterable[RunningScript]:
        body = self._world.objects.get(id)
        return list(body.scripts) if body is not None else ()

    # --- Looking in ---

    def renew(self) -> None:
        """Drop every object and restore it from its written form, in place: what tests do everywhere."""
        for body in list(self._world.objects.values()):
            renew(body)

    @property
    def objects(self) -> Mapping[str, WorldObject]:
        """The objects that are here, by id; to look at only."""
        return self._world.objects

    @property
    def wants_time(self) -> bool:
        """Whether a script could run on."""
        return self._world.scheduler.queued > 0

    def state_of(self, id: str) -> dict[str, Any]:
        """Return the attributes of an object's scripts, defaults of their classes included."""
        found: dict[str, Any] = {}
        for script in self._scripts(id):
            found |= _attributes(script.instance)
        return found

    def statistics(self) -> RegionStatistics:
        """Return what has been counted, and what is here now."""
        return RegionStatistics.of(self._world)

    def script_statistics(self) -> list[ScriptStatistics]:
        """Return what each script costs, the costliest first."""
        return script_statistics(self._world)


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


def _of_kind(rows: Mapping[RowKey, bytes], kind: str) -> list[tuple[str, bytes]]:
    """The rows of one kind, in the order of their keys, which is the same everywhere."""
    return sorted((key, value) for (each, key), value in rows.items() if each == kind)


# Any: each method takes the command it stands behind, which a dict's type can't say.
_COMMANDS: dict[type, Callable[[Region, Any], None]] = {
    commands.Rez: Region._rez,
    commands.TouchObject: Region._touch,
    commands.SpeakUp: Region._speak,
    commands.PauseScripts: Region._pause,
    commands.ResumeScripts: Region._resume,
    commands.ResetScripts: Region._reset,
    commands.KillScripts: Region._kill,
    commands.MoveObject: Region._move,
    commands.RemoveObject: Region._remove,
}

__all__ = ["Condition", "Outputs", "Region", "Rows", "ScriptError", "Slicer"]
