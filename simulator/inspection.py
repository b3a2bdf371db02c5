"""What a region's store holds, as text for whoever runs the region: objects, scripts, frames, links, mail.

The one idea: everything is decoded with the region's own programs, but no script is resumed and no value is
asked how it looks (`plain_text`); the host's objects that scripts refer to are stood in for by their names.
What can't be read is said in its place, and the rest is shown.

Some code of scripts does run: to find classes and functions, each program's module runs its top level, and
keys with a `__hash__` of their own are put into their dicts by it. Both have the time that they have in a
simulator.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import GeneratorType
from typing import Any

from migrate import Frame
from migrate.codec import decode
from migrate.errors import BadRecord, ScriptSyntaxError, UnknownProgram
from migrate.frame_parts import generator_frame
from migrate.handoff import State
from migrate.rows import ExchangeState, LinkRow
from scripts_api import Vector
from simulator.accounts import in_short
from simulator.checkpoint_checks import check_fit, check_values
from simulator.checkpoint_earlier import fields_of
from simulator.checkpoint_fields import ObjectFields, ScriptFields, ThreadFields, check_ranges
from simulator.checkpoint_record import UnitRecord, read_unit
from simulator.errors import ScriptRefused, StoreDamaged, WorkedTooLong
from simulator.limits import UNINTERRUPTIBLE_US_MAX, RegionLimits
from simulator.plain_text import as_plain_text
from simulator.region_rows import STATE_ROW
from simulator.row_records import ProgramRow, RegionRow, read_row, rows_of_kind
from simulator.slicer import limited_time
from simulator.store.reading import StoredRegion
from simulator.world.heights import fallen
from simulator.world.items import unpacked_items
from simulator.world.places import moved
from simulator.world.programs import Programs

SHOWN_LEN_MAX = 60
"""Characters of a value that are shown: it stays on a line of a terminal, behind its name."""

_limited = partial(limited_time, UNINTERRUPTIBLE_US_MAX)


class _Named(Mapping[str, object]):
    """Stands for the host's objects: any name is there, as itself."""

    def __getitem__(self, name: str) -> object:
        return f"⟨{name}⟩"

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        # An empty one would count as none.
        return 1


def inspect_region(stored: StoredRegion, *, trusted: bool = False) -> Iterator[str]:
    """Yield the lines to show. Raises nothing for what is wrong in the store: a line tells it.

    `trusted`: read values of trusted mode too, which can run any code; else it is told that they are there.
    """
    yield f"region {stored.region}: epoch {stored.epoch}, tick {stored.tick}, {len(stored.rows)} rows"
    for key in stored.damaged:
        yield f"  row {key} has a wrong checksum: the file was damaged"
    time_us = _time_us(stored)
    programs = Programs(_limited)
    reading = _Reading(programs, time_us, trusted)
    for key, value in rows_of_kind(stored.rows, "program"):
        yield _program_line(key, value, programs)
    for key, value in rows_of_kind(stored.rows, "object"):
        yield from _object_lines(key, value, reading)
    yield from _exchange_lines(stored)


def _program_line(key: str, value: bytes, programs: Programs) -> str:
    try:
        row = read_row(("program", key), value, ProgramRow)
        programs.add(row.source, row.filename)
    except (StoreDamaged, ScriptSyntaxError, ScriptRefused) as error:
        return f"program {key[:12]}  can't be used: {error}"
    return f"program {key[:12]}  {row.filename}, {len(row.source)} characters"


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading an object takes. `time_us`: the region's."""

    programs: Programs
    time_us: int
    trusted: bool

    def heap(self, data: bytes) -> Any:
        """Decode. Raises `BadRecord`, `UnknownProgram`, `WorkedTooLong`."""
        with _limited():
            return decode(
                data,
                modules=self.programs.modules,
                externals=_Named(),
                trusted=self.trusted,
                stand_in=None if self.trusted else _untouched,
            )


def _untouched(data: bytes) -> str:
    """What a value of trusted mode is, as far as can be told without reading it: the first name in it."""
    names = ["", ""]
    for operation, argument, _ in pickletools.genops(data):
        if operation.name == "STACK_GLOBAL":
            return f"⟨{'.'.join(names)}, {len(data)} bytes of cloudpickle⟩"
        if isinstance(argument, str):
            names = [names[1], argument]
    return f"⟨{len(data)} bytes of cloudpickle⟩"


def _object_lines(id: str, value: bytes, reading: _Reading) -> Iterator[str]:
    programs = reading.programs
    try:
        record = read_unit(value)
        values = reading.heap(record.heap)
        fields, scripts = fields_of(record, values)
        _check(record, fields, scripts, values, programs)
    except (BadRecord, UnknownProgram, WorkedTooLong) as error:
        yield f"object {id}  in quarantine, {len(value)} bytes: it can't be read: {error}"
        return
    where = _motion(fields, values["object"], record.at_us, reading.time_us)
    yield f"object {id}  '{record.name}' of {record.owner}, {len(value)} bytes, {where}"
    for program, script, kept in zip(record.programs, scripts, values["scripts"], strict=True):
        queue = f"{len(kept['queue'] or ())} events queued"
        yield f"  script {program[:12]}  {script.condition.value}, {queue}, {len(script.timers)} timers"
        if script.error is not None:
            yield f"    with {in_short(script.error)}"
        for name, held in sorted(_attributes(kept["instance"]).items()):
            yield f"    self.{name} = {_shown(held)}"
        for thread, (frames, request, *_) in zip(script.threads, kept["threads"], strict=True):
            yield from _thread_lines(thread, frames, request, programs)
        if "extras" in kept:
            extras = kept["extras"]
            yield f"    watches for {len(extras['targets'])} places, with {len(extras['sensors'])} sensors"
    for name, (kind, *_) in sorted(values["object"].get("contents", {}).items()):
        yield f"  holds {kind} '{name}'"
    for agent, grants in sorted(values["object"].get("grants", {}).items()):
        yield f"  granted by {agent}: {', '.join(grants)}"
    for part in record.parts:
        # A part's id is in its own record, which is read as its root's was.
        yield from (f"  {line}" for line in _part_lines(part, reading))


def _part_lines(value: bytes, reading: _Reading) -> Iterator[str]:
    try:
        record = read_unit(value)
        if record.parts:
            raise BadRecord("it has parts of its own.")
    except BadRecord as error:
        yield f"a part of {len(value)} bytes can't be read: {error}"
        return
    yield from _object_lines(record.object, value, reading)


def _time_us(stored: StoredRegion) -> int:
    """The region's own time at its last commit; the beginning of time if its row can't be read."""
    if STATE_ROW not in stored.rows:
        return 0
    try:
        return read_row(STATE_ROW, stored.rows[STATE_ROW], RegionRow).time_us
    except StoreDamaged:
        return 0


def _motion(fields: ObjectFields, values: dict[str, Any], written_us: int, time_us: int) -> str:
    """Where it was at the last commit: it was written down when its motion changed, and has moved on since."""
    place, velocity = fields.place, fields.velocity
    if "part" in values:
        worn = f"worn by {values['worn'][0]}, " if "worn" in values else ""
        return f"{worn}hangs at {values['part'][0]} from its root"
    falls = values.get("falls", False)
    if not velocity and not falls:
        return f"at {place}"
    if fields.held:
        return f"at {place}, waits at a border"
    age_us = max(written_us, time_us) - written_us + fields.age_us
    now = moved(place, velocity, age_us)
    if falls:
        return f"at {_rounded(fallen(now, age_us))}, falls"
    return f"at {_rounded(now)}, moves with {velocity}"


def _rounded(place: Vector) -> Vector:
    return Vector(*(round(each, 3) for each in place))


def _check(
    record: UnitRecord,
    fields: ObjectFields,
    scripts: tuple[ScriptFields, ...],
    values: Any,
    programs: Programs,
) -> None:
    """Refuse what a region would refuse. Raises `BadRecord`."""
    unknown = [program for program in record.programs if program not in programs]
    if unknown:
        raise BadRecord(f"object {record.object} needs the program {unknown[0]}, which is not here.")
    kinds = [programs.kind(program) for program in record.programs]
    check_ranges(fields)
    check_values(record.object, values, kinds, programs.modules, RegionLimits())
    check_fit(record.object, scripts, values)
    unpacked_items(values["object"].get("contents", {}))


def _thread_lines(
    thread: ThreadFields, frames: tuple[Frame, ...], request: object, programs: Programs
) -> Iterator[str]:
    doing = "runnable" if request is None else f"waits: {_shown(request)}"
    left = "" if thread.remaining_us is None else f", {thread.remaining_us / 1e6:.3f} s left"
    yield f"    microthread ({thread.role.value}, {thread.engine}) {doing}{left}"
    for frame in frames:
        yield f"      {frame.function} at {frame.point}, {_place(frame, programs)}"
        for name, held in frame.locals.items():
            yield f"        {name} = {_shown(held)}"


def _place(frame: Frame, programs: Programs) -> str:
    program = programs.modules[frame.program].program
    point = program.function(frame.function).points.get(frame.point)
    return f"{program.filename}" if point is None else f"{program.filename} line {point.position[0]}"


def _attributes(instance: object) -> dict[str, object]:
    # Not `vars`: it would ask a class of the script that has a `__getattribute__`.
    found: dict[str, object] = object.__getattribute__(instance, "__dict__")
    return found


def _shown(value: object) -> str:
    if type(value) is GeneratorType and (frame := generator_frame(value)) is not None:
        return f"<generator {frame.function} at {frame.point}>"
    return as_plain_text(value, SHOWN_LEN_MAX)


def _exchange_lines(stored: StoredRegion) -> Iterator[str]:
    try:
        state = ExchangeState.from_rows(stored.rows)
    except BadRecord as error:
        yield f"links and hand-overs can't be shown: {error}"
        return
    for peer in sorted({*state.links, *state.outbox}):
        # Nothing has been heard of a peer without a row.
        link = state.links.get(peer, LinkRow(0, 0, 0))
        waiting = len(state.outbox.get(peer, ()))
        yield f"link to {peer}: {link.acked} acknowledged, {link.taken} taken, {waiting} in the outbox"
    for id, hand in sorted(state.hands.items()):
        where = f", to {hand.dst}" if hand.dst else ""
        yield f"hand-over of {id}: {State(hand.state).name}, generation {hand.gen}{where}"
    for id, held in sorted(state.held.items()):
        yield f"held for {id}: {len(held)} messages"
