"""What a region's store holds, as text for whoever runs the region: objects, scripts, frames, links, mail.

The one idea: everything is decoded with the region's own programs, but nothing is brought to life: the host's
objects that scripts refer to are stood in for by their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import GeneratorType
from typing import Any

import msgspec

from migrate import Frame
from migrate.codec import decode
from migrate.errors import BadRecord, UnknownProgram
from migrate.frame_parts import generator_frame
from migrate.handoff import State
from migrate.rows import ExchangeState
from simulator.checkpoint import read_unit
from simulator.region_rows import ProgramRow
from simulator.store.reading import StoredRegion
from simulator.world.programs import Programs

SHOWN_LEN_MAX = 60
"""Characters of a value that are shown."""


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


def inspect_region(stored: StoredRegion) -> Iterator[str]:
    """The lines to show."""
    yield f"region {stored.region}: epoch {stored.epoch}, tick {stored.tick}, {len(stored.rows)} rows"
    for key in stored.damaged:
        yield f"  row {key} has a wrong checksum: the file was damaged"
    programs = Programs()
    for key, value in _of_kind(stored, "program"):
        row = msgspec.msgpack.decode(value, type=ProgramRow)
        programs.add(row.source, row.filename)
        yield f"program {key[:12]}  {row.filename}, {len(row.source)} characters"
    for key, value in _of_kind(stored, "object"):
        yield from _object_lines(key, value, programs)
    yield from _exchange_lines(stored)


def _of_kind(stored: StoredRegion, kind: str) -> list[tuple[str, bytes]]:
    return sorted((key, value) for (each, key), value in stored.rows.items() if each == kind)


def _object_lines(id: str, value: bytes, programs: Programs) -> Iterator[str]:
    try:
        record = read_unit(value)
        root = decode(record.heap, modules=programs.modules, externals=_Named())
    except (BadRecord, UnknownProgram) as error:
        yield f"object {id}: can't be read: {error}"
        return
    yield f"object {id}  '{record.name}' of {record.owner}, {len(value)} bytes, at {root['object']['place']}"
    for program, script in zip(record.programs, root["scripts"], strict=True):
        yield f"  script {program[:12]}  {script['condition']}, {_queue(script)}, {len(script['timers'])} timers"
        for name, held in sorted(vars(script["instance"]).items()):
            yield f"    self.{name} = {_shown(held)}"
        for thread in script["threads"]:
            yield from _thread_lines(thread, programs)


def _queue(script: dict[str, Any]) -> str:
    return f"{len(script['queue'] or ())} events queued"


def _thread_lines(thread: dict[str, Any], programs: Programs) -> Iterator[str]:
    request = thread["request"]
    doing = "runnable" if request is None else f"waits: {_shown(request)}"
    remaining = thread["remaining_us"]
    left = "" if remaining is None else f", {remaining / 1e6:.3f} s left"
    yield f"    microthread ({thread['role']}, {thread['engine']}) {doing}{left}"
    for frame in thread["frames"]:
        yield f"      {frame.function} at {frame.point}, {_place(frame, programs)}"
        for name, held in frame.locals.items():
            yield f"        {name} = {_shown(held)}"


def _place(frame: Frame, programs: Programs) -> str:
    program = programs.modules[frame.program].program
    point = program.function(frame.function).points.get(frame.point)
    return f"{program.filename}" if point is None else f"{program.filename} line {point.position[0]}"


def _shown(value: object) -> str:
    if isinstance(value, GeneratorType) and (frame := generator_frame(value)) is not None:
        return f"<generator {frame.function} at {frame.point}>"
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a script's own __repr__ may raise anything
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return text if len(text) <= SHOWN_LEN_MAX else f"{text[:SHOWN_LEN_MAX]}… ({len(text)} characters)"


def _exchange_lines(stored: StoredRegion) -> Iterator[str]:
    state = ExchangeState.from_rows(stored.rows)
    for peer, link in sorted(state.links.items()):
        waiting = len(state.outbox.get(peer, ()))
        yield f"link to {peer}: {link.acked} acknowledged, {link.taken} taken, {waiting} in the outbox"
    for id, hand in sorted(state.hands.items()):
        where = f", to {hand.dst}" if hand.dst else ""
        yield f"hand-over of {id}: {State(hand.state).name}, generation {hand.gen}{where}"
    for id, held in sorted(state.held.items()):
        yield f"held for {id}: {len(held)} messages"
