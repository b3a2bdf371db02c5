"""A region's rows in its store: what is read when it is loaded, what is written in a tick.

The one idea: only what has changed is written, and each object is a row of its own, so a tick's cost is that
of the objects that ran. What can't be written now keeps its last row and says so; what can't be read is left
as it is and keeps nothing else from running.

object  <id>     the object with its scripts (`checkpoint`)
program <hash>   the source of a program that scripts here use, or have used
once    <name>   an object of the world file that was made
region  state    the region's time, and the number of its last object
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from migrate.errors import BadRecord, CaptureRefused, Pinned, ScriptSyntaxError
from simulator.checkpoint import begin_again, capture, read_unit, restore, script_bytes
from simulator.errors import ScriptRefused
from simulator.store import RowKey
from simulator.world.objects import WorldObject
from simulator.world.world import Told, World

STATE_ROW: RowKey = ("region", "state")
VERSION = 1


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


class RegionRows:
    """The rows of one region. `born`: the number of its last object. `made_once`: names of the world file."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows: dict[RowKey, bytes | None] = {}
        self._programs: set[str] = set()
        self._unsaved: dict[str, None] = {}
        self._written_us = 0
        self.born = 0
        self.made_once: set[str] = set()

    # --- Reading ---

    def load(self, rows: Mapping[RowKey, bytes]) -> None:
        """Continue from what the store holds."""
        if STATE_ROW in rows:
            state = msgspec.msgpack.decode(rows[STATE_ROW], type=RegionRow)
            self._world.time_us, self.born = state.time_us, state.born
        for key, value in _of_kind(rows, "program"):
            self._load_program(key, value)
        self.made_once = {key for key, _ in _of_kind(rows, "once")}
        for key, value in _of_kind(rows, "object"):
            self._load_object(key, value)

    def _load_program(self, program: str, value: bytes) -> None:
        """One that no longer compiles (a later version may refuse what an earlier one took) is told."""
        row = msgspec.msgpack.decode(value, type=ProgramRow)
        self._programs.add(program)
        try:
            self._world.programs.add(row.source, row.filename)
        except (ScriptSyntaxError, ScriptRefused) as error:
            self._world.notes.append(Told("program can't be used", program, row.filename, str(error)))

    def _load_object(self, id: str, value: bytes) -> None:
        try:
            record = read_unit(value)
            body = restore(record, self._world)
        except BadRecord as error:
            self._world.notes.append(Told("object can't be read", id, "", str(error)))
            return
        begin_again(body, record.at_us)
        self._world.take_in(body)
        self._world.mail.flush(body)

    # --- Writing ---

    def take(self) -> dict[RowKey, bytes | None]:
        """Return what has changed since the last asking, with the region's own row if there is anything."""
        world = self._world
        heartbeat = len(world.clockwork) and world.time_us >= self._written_us + world.limits.heartbeat_us
        if self._rows or heartbeat:
            self._rows[STATE_ROW] = _encode(RegionRow(VERSION, world.time_us, self.born))
            self._written_us = world.time_us
        rows, self._rows = self._rows, {}
        return rows

    def write_changed(self) -> None:
        """Write every object down that has changed; one that grows too large may thereby change others."""
        world = self._world
        changed, world.changed = world.changed, {}
        for id in changed:
            body = world.objects.get(id)
            if body is not None:
                self._write(body)

    def delete(self, id: str) -> None:
        """Delete an object's row: it has left, or is gone."""
        self._rows["object", id] = None
        self._unsaved.pop(id, None)

    def keep_program(self, program: str) -> None:
        """Keep a program's source."""
        if program not in self._programs:
            self._programs.add(program)
            self._rows["program", program] = _encode(ProgramRow(*self._world.programs.source(program)))

    def make_once(self, name: str) -> None:
        """Note that an object of the world file was made."""
        self.made_once.add(name)
        self._rows["once", name] = b""

    def _write(self, body: WorldObject) -> None:
        world = self._world
        try:
            data = capture(body)
        except (CaptureRefused, Pinned) as error:
            world.count("captures_refused")
            if body.id not in self._unsaved:
                self._unsaved[body.id] = None
                world.told(body, "script can't be saved", str(error))
            return
        self._rows["object", body.id] = data
        self._unsaved.pop(body.id, None)
        world.count("captures")
        body.written_bytes = len(data)
        if len(data) > world.limits.memory_bytes_max * len(body.scripts) + world.limits.store_bytes_max:
            self._end_largest(body)

    def _end_largest(self, body: WorldObject) -> None:
        """An object has grown beyond its memory: the script that reaches most of it fails."""
        sizes = [(script_bytes(script), script) for script in body.scripts if script.alive]
        if not sizes:
            return
        size, script = max(sizes, key=lambda each: each[0])
        limit = self._world.limits.memory_bytes_max
        script.give_up(
            f"MemoryError: the script reaches {size} bytes; at most {limit} are allowed. Keep less in attributes"
            " and local variables."
        )


def _of_kind(rows: Mapping[RowKey, bytes], kind: str) -> list[tuple[str, bytes]]:
    """The rows of one kind, in the order of their keys, which is the same everywhere."""
    return sorted((key, value) for (each, key), value in rows.items() if each == kind)
