"""A region's rows in its store: what is read when it is loaded, what is written in a tick.

The one idea: only what has changed is written, and each object is a row of its own, so a tick's cost is that
of the objects that ran. What can't be written now keeps its last row, at first that of its beginning, and says so.
What can't be read is in quarantine: its row stays as it is, it is told, counted, and tried again at the next
loading, and it keeps nothing else from running.

object  <id>     the object with its scripts (`checkpoint_record`)
program <hash>   the source of a program that scripts here use, or have used
once    <name>   an object of the world file that was made
region  state    the region's time, and the number of its last object
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import GeneratorType
from typing import Any

from migrate.errors import BadRecord, CaptureRefused, Pinned, ScriptSyntaxError, UnknownProgram
from migrate.rows import RowKey
from simulator.checkpoint import captured, has_times_in_heap, script_bytes
from simulator.checkpoint_record import UnitRecord, encode_unit
from simulator.checkpoint_restore import begin_again, restore_unit
from simulator.errors import ScriptRefused, StoreDamaged
from simulator.memory_report import largest_part, memory_report
from simulator.row_records import ProgramRow, RegionRow, encode_row, read_row, rows_of_kind
from simulator.unbegun import capture_unbegun
from simulator.world.inside import forget
from simulator.world.objects import WorldObject
from simulator.world.outside import left_behind
from simulator.world.scripts import RunningScript
from simulator.world.senders import room_again
from simulator.world.teleports import ended
from simulator.world.world import CANT_BE_SAVED, Told, World

STATE_ROW: RowKey = ("region", "state")


class RegionRows:
    """The rows of one region. `born`: the number of its last object. `made_once`: names of the world file."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rows: dict[RowKey, bytes | None] = {}
        self._programs: set[str] = set()
        self._written_us = 0
        self.born = 0
        self.made_once: set[str] = set()

    # --- Reading ---

    def load(self, rows: Mapping[RowKey, bytes], kept_out: Mapping[str, str]) -> None:
        """Continue from what the store holds. `kept_out`: see `Region.load`. Raises `StoreDamaged` if the region's own
        row can't be read.
        """
        if STATE_ROW in rows:
            state = read_row(STATE_ROW, rows[STATE_ROW], RegionRow)
            self._world.time_us, self.born = state.time_us, state.born
        for key, value in rows_of_kind(rows, "program"):
            self._load_program(key, value)
        self.made_once = {key for key, _ in rows_of_kind(rows, "once")}
        objects = rows_of_kind(rows, "object")
        alone = {key for key, _ in objects}
        for key, value in objects:
            if key in kept_out:
                self.quarantine(key, kept_out[key])
            else:
                self._load_object(key, value, alone)

    def _load_program(self, program: str, value: bytes) -> None:
        """One that no longer compiles (a later version may refuse what an earlier one took) is told."""
        self._programs.add(program)
        try:
            row = read_row(("program", program), value, ProgramRow)
            made = self._world.programs.add(row.source, row.filename)
        except (StoreDamaged, ScriptSyntaxError, ScriptRefused) as error:
            self._world.notes.append(Told("program can't be used", program, "", str(error)))
            return
        if made != program:
            # Objects that need it are in quarantine; the source is still there for whoever looks into it.
            reason = f"its source is that of program {made}. Open the store with the Gossamer that wrote it."
            self._world.notes.append(Told("program can't be used", program, row.filename, reason))

    def _load_object(self, id: str, value: bytes, alone: set[str]) -> None:
        """`alone`: ids with rows of their own. A part among them was unlinked when its root could not be saved."""
        try:
            body, record = restore_unit(id, value, self._world, own=True)
        except (BadRecord, UnknownProgram) as error:
            self.quarantine(id, str(error))
            return
        if body.extras is not None:
            body.extras.parts = tuple(part for part in body.parts if not _is_alone(part, alone - {id}))
        begin_again(body, record.at_us)
        left_behind(body)
        forget(body)
        place = body.place
        self._world.take_in(body)
        if self._world.places.at(place) not in (None, self._world.here.name):
            self._world.borders.put(body, place)  # it was to go there when the region ended
        else:
            ended(body, "its region was started anew")
        for each in body.members:
            room_again(each)

    def quarantine(self, id: str, reason: str, data: bytes | None = None) -> None:
        """Keep an object that can't be read: its row stays, or is `data` from now on; nothing of it runs."""
        if data is not None:
            self._rows["object", id] = data
        self._world.quarantined[id] = reason
        advice = f"{reason} It is kept in the store as it is; gossamer inspect shows it."
        self._world.notes.append(Told("object can't be read", id, "", advice))

    # --- Writing ---

    def take(self) -> dict[RowKey, bytes | None]:
        """Return what has changed since the last asking, with the region's own row if there is anything."""
        world = self._world
        if self._rows or (world.objects and world.time_us >= self._written_us + self._heartbeat_us()):
            self._rows[STATE_ROW] = encode_row(RegionRow(world.time_us, self.born))
            self._written_us = world.time_us
        rows, self._rows = self._rows, {}
        return rows

    def _heartbeat_us(self) -> int:
        limits = self._world.limits
        return limits.heartbeat_us if len(self._world.clockwork) else limits.idle_heartbeat_us

    def write_changed(self, lap_us: Callable[[], int]) -> None:
        """Write every object down that has changed; one that grows too large may thereby change others.

        `lap_us` tells what was used since the last asking: what writing takes comes off the objects' shares of time, by
        their bytes. By the clock, chance would choose who of many alike pays for an interrupt. Only what could not be
        written the last time is timed by itself: it may take long and has no bytes.
        """
        world, used_us = self._world, 0
        changed = tuple(world.changed)
        world.changed.clear()
        written: list[tuple[WorldObject, int]] = []
        lap_us()
        for id in changed:
            body = world.objects.get(id)
            if body is None or body.root is not body:
                continue
            if world.refusals.stands(id, CANT_BE_SAVED):
                used_us += lap_us()
                self._write(body)
                self._charge(body, lap_us())
            else:
                written.append((body, self._write(body)))
        used_us += lap_us()
        whole = sum(size for _, size in written)
        for body, size in written:
            self._charge(body, used_us * size // max(1, whole))

    def _charge(self, body: WorldObject, used_us: int) -> None:
        """Who has run pays for it. The others would be in debt for what was done to them."""
        world = self._world
        frame = world.frame
        ran = [each for each in _members(body) if frame in [script.ran_in for script in each.scripts]]
        for each in ran:
            world.scheduler.charge(each, used_us // len(ran))

    def take_over(self, body: WorldObject, data: bytes) -> None:
        """Write down an object that has just arrived and is as it came: by its own record."""
        if any(each.written_bytes > _allowed(each) for each in body.members):
            self._world.touched(body)
        else:
            self._rows["object", body.id] = data

    def still_true(self, body: WorldObject) -> UnitRecord | None:
        """Return how an object that is to leave was written down last, if it has not changed since."""
        if body.crossing is None or body.id in self._world.changed:
            return None
        return body.crossing.written

    def delete(self, id: str) -> None:
        """Delete an object's row: it has left, or is gone."""
        self._rows["object", id] = None

    def keep_program(self, program: str) -> None:
        """Write a program's source down, if that is not done yet."""
        if program not in self._programs:
            self._programs.add(program)
            self._rows["program", program] = encode_row(ProgramRow(*self._world.programs.source(program)))

    def make_once(self, name: str) -> None:
        """Note that an object of the world file was made."""
        self.made_once.add(name)
        self._rows["once", name] = b""

    def _write(self, body: WorldObject) -> int:
        """Write one down; return how many bytes it takes, 0 if it can't be written now."""
        world, crossing = self._world, body.crossing
        if crossing is not None:
            crossing.written = None
        generators: list[GeneratorType[Any, Any, Any]] = []
        try:
            record = captured(body, generators)
        except (CaptureRefused, Pinned) as error:
            world.refused(body, CANT_BE_SAVED, str(error))
            self._write_unbegun(body)
            for each in _members(body):
                self._end_largest(each, more_than=_allowed(each))
            return 0
        if crossing is not None and crossing.leaves_soon and not generators and not has_times_in_heap(body):
            # Generators would be kept: their `finally` must run where the script lets go of them, and not here.
            crossing.written = record
        data = self._rows["object", body.id] = encode_unit(record)
        world.refusals.over(body.id, CANT_BE_SAVED)
        world.counts.captures += 1
        body.captures += 1
        for each in _members(body):
            if world.unwritten:
                world.unwritten.pop(each.id, None)
            if world.linked and world.linked.pop(each.id, self) is None and each is not body:
                # From now on it is part of its root's row, which is written in the same transaction.
                self._rows["object", each.id] = None
            if each.written_bytes > _allowed(each):
                self._end_largest(each)
        return len(data)

    def _write_unbegun(self, body: WorldObject) -> None:
        """An object that could never be written as it is would be gone after a crash: it begins anew then."""
        unwritten = self._world.unwritten
        if body.id in unwritten:
            with suppress(CaptureRefused, Pinned):  # the reason has been told
                self._rows["object", body.id] = capture_unbegun(body, unwritten.pop(body.id))

    def _end_largest(self, body: WorldObject, more_than: int = 0) -> None:
        """An object has grown beyond its memory: the script that reaches most of it fails, if that is so much."""
        sizes = [(_size(script), script) for script in body.scripts if script.alive]
        if not sizes:
            return
        size, script = max(sizes, key=lambda each: each[0])
        if size > more_than:
            script.give_up(memory_report(script, size))


def _is_alone(part: WorldObject, alone: set[str]) -> bool:
    """Whether a part has a row of its own, or is worn by one that has."""
    worn = None if part.extras is None else part.extras.worn
    return part.id in alone or (worn is not None and worn[0] in alone)


def _members(root: WorldObject) -> tuple[WorldObject, ...]:
    """All objects of the linkset of its root; most are alone."""
    return root.members if root.extras is not None else (root,)


def _size(script: RunningScript) -> int:
    """What a script keeps; of one that can't be written as it is, the largest part."""
    try:
        return script_bytes(script)
    except (CaptureRefused, Pinned):
        return largest_part(script)[0]


def _allowed(body: WorldObject) -> int:
    """How large one object may be, without what hangs on it."""
    limits = body.world.limits
    contents = limits.contents_bytes_max if body.extras is not None and body.contents else 0
    return limits.memory_bytes_max * len(body.scripts) + limits.store_bytes_max + contents
