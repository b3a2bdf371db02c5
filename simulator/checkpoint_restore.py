"""An object out of its bytes, with everything its scripts are in the middle of.

The one idea: whatever a record holds is checked (`checkpoint_checks`) before anything is made of it. Nothing is entered
into the world here: `restore` makes the object, `begin_again` winds its clockwork up.

The way out is `checkpoint`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from migrate.codec import Room, decode, programs_of
from migrate.engines import Microthread
from migrate.errors import BadRecord, UnknownProgram
from migrate.frame_parts import drop_generators
from scripts_api import Script
from scripts_api.requests import Sense
from simulator.checkpoint_checks import check_fit, check_size, check_values
from simulator.checkpoint_earlier import fields_of
from simulator.checkpoint_fields import ObjectFields, ScriptFields, ThreadFields, TimerFields, check_ranges
from simulator.checkpoint_hosts import HostObjects
from simulator.checkpoint_record import SELDOM, UnitRecord, read_unit
from simulator.errors import ScriptRefused, WorkedTooLong
from simulator.world.items import unpacked_items
from simulator.world.journeys import Journey, Path
from simulator.world.linksets import add_part
from simulator.world.modules import kind_of, modules_of, restore_modules, take_modules
from simulator.world.objects import WorldObject
from simulator.world.script_extras import restore_extras, wind_up_extras
from simulator.world.scripts import RunningScript, writable
from simulator.world.threads import ScriptThread
from simulator.world.timers import ScriptListen, ScriptTimer
from simulator.world.world import World

if TYPE_CHECKING:
    from simulator.drafts import Drafts

OVER = -1  # the deadline of a timer that has fired for the last time and whose event is still in the queue

_slot_of_host = Script.__dict__["_host"].__get__


@dataclass(frozen=True, slots=True)
class Opened:
    """An object whose heap has been read: `values`, checked, of what its scripts keep, and its still empty `body`,
    which they know. `fields`, those of its `scripts`, and the rest of its `record` are yet to be filled in.
    """

    record: UnitRecord
    body: WorldObject
    values: dict[str, Any]
    fields: ObjectFields
    scripts: tuple[ScriptFields, ...]

    @property
    def is_part(self) -> bool:
        """Whether it hangs on another."""
        return "part" in self.values["object"]


def restore_unit(
    id: str,
    data: bytes,
    world: World,
    *,
    own: bool = False,
    drafts: Drafts | None = None,
    riders: tuple[str, ...] | None = None,
) -> tuple[WorldObject, UnitRecord]:
    """Make the object of that id from its bytes; `own`: this region's own store kept them. `drafts`: see `restore`.
    `riders`: the ids that its parts must have, if they are known.

    Raises `BadRecord`, `UnknownProgram`.
    """
    record = read_unit(data)
    if record.object != id:
        raise BadRecord(f"what was kept or sent as object {id} says that it is {record.object}.")
    with limited_reading(id, world) as generators:
        body = restore(record, world, own=own, drafts=drafts, generators=generators)
        if riders is not None and tuple(part.id for part in body.parts) != riders:
            raise BadRecord(f"object {id} has other parts than those that were sent along.")
        return body, record


@contextmanager
def limited_reading(id: str, world: World) -> Iterator[list[GeneratorType[Any, Any, Any]]]:
    """Limit what a record may do here, where no turn ends it. Methods of its scripts may be asked, above all to hash
    keys: raises `BadRecord` if they take long. What stands in the `finally` of scripts' generators, which go into the
    list, never runs if the record is refused.
    """
    generators: list[GeneratorType[Any, Any, Any]] = []
    try:
        with world.programs.limited_reading():
            yield generators
    except (BadRecord, UnknownProgram, WorkedTooLong) as error:
        drop_generators(generators)
        if isinstance(error, WorkedTooLong):
            raise BadRecord(f"object {id} can't be put together: {error}") from None
        raise


def restore(
    record: UnitRecord,
    world: World,
    *,
    own: bool = False,
    drafts: Drafts | None = None,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
) -> WorldObject:
    """Make the object of a record, with what hangs on it. `drafts`: may have put its values together already.
    `generators`: see `migrate.codec.decode`.

    Raises `BadRecord`, `UnknownProgram`.
    """
    records = members_of(record)
    opened = drafts.take(records) if drafts is not None else None
    first, *parts = opened or open_unit(records, world, own=own, generators=generators)
    body = _filled(first)
    if first.is_part:
        raise BadRecord(f"object {record.object} is a part, and came by itself.")
    for each in parts:
        if not each.is_part:
            raise BadRecord(f"object {each.record.object} is no part, where its record says so.")
        part = _filled(each)
        extras = part.more()
        add_part(body, part, extras.offset, extras.turn)
    if body.extras is not None:
        if len({each.id for each in body.members}) < len(body.members):
            raise BadRecord(f"the object {record.object} has the same part twice.")
        _check_worn(body)
    return body


def members_of(record: UnitRecord) -> tuple[UnitRecord, ...]:
    """Return the records of a whole linkset, its root's first. Raises `BadRecord`."""
    check_size(record.object, len(record.parts) + 1)
    parts = tuple(map(read_unit, record.parts))
    if any(part.parts for part in parts):
        raise BadRecord(f"a part of the object {record.object} has parts of its own.")
    return (record, *parts)


def open_unit(
    records: Sequence[UnitRecord],
    world: World,
    *,
    own: bool = False,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
) -> list[Opened]:
    """Read the heaps of a whole linkset: `members_of`. `generators`: see `migrate.codec.decode`.

    Raises `BadRecord`, `UnknownProgram`.
    """
    room = Room()
    return [_opened(record, world, room, own=own, generators=generators) for record in records]


def begin_again(body: WorldObject, at_us: int) -> None:
    """Count the times of an object and what hangs on it from `at_us`, in the region's time, and let its scripts
    go on.
    """
    for part in body.parts:
        begin_again(part, at_us)
    body.at_us += at_us
    if body.extras is not None and body.extras.budgets:
        body.extras.budgets = {name: full_us + at_us for name, full_us in body.extras.budgets.items()}
    for script in body.scripts:
        script.started_us = at_us
        script.chat_full_us += at_us
        script.log_full_us += at_us
        for timer in (script.timers or {}).values():
            if timer.deadline_us != OVER:
                timer.set(at_us + timer.deadline_us)
        if script.extras is not None:
            wind_up_extras(script, script.extras, at_us)
        for listen in (script.listens or {}).values():
            body.world.chat.opened(script, listen.channel)
        for thread in script.threads or ():
            if thread.deadline_us is not None:
                thread.deadline_us += at_us
                thread.entry = body.world.clockwork.set(thread.deadline_us, thread)
            body.world.waiting_for_ever += thread.waits_for_ever
            if isinstance(thread.request, Sense):
                body.world.halo.seeing.wait(thread)
        body.world.wake(script)


def _check_worn(body: WorldObject) -> None:
    """Check that all that is worn in a linkset is worn by somebody in it."""
    agents = {each.id for each in body.members if each.agent is not None}
    firsts = {each.id: each.extras.worn for each in body.members if each.extras is not None}
    for each in body.members:
        worn = None if each.extras is None else each.extras.worn
        if worn is None:
            continue
        if each is body or each.id in agents or worn[0] not in agents or firsts.get(worn[1]) != worn:
            raise BadRecord(f"{each.id} is worn by {worn[0]}, which is nobody in the linkset of {body.id}.")


def _opened(
    record: UnitRecord,
    world: World,
    room: Room,
    *,
    own: bool,
    generators: list[GeneratorType[Any, Any, Any]] | None,
) -> Opened:
    """`room`: what is left for it of what the whole unit may take."""
    body = WorldObject(world, record.object, record.name, record.owner)
    if len(record.programs) > world.limits.scripts_per_object_max:
        raise BadRecord(
            f"object {record.object} has {len(record.programs)} scripts; this region takes objects of at most"
            f" {world.limits.scripts_per_object_max}."
        )
    for program in (*record.programs, *record.carried):
        if program not in world.programs:
            raise BadRecord(f"object {record.object} needs the program {program}, which is not here.")
    programs = programs_of(record.heap)
    _require_programs(record, programs, world)
    try:
        for program in record.programs:
            body.scripts.append(RunningScript(body, program, kind_of(body, program), 0))
        take_modules(body, programs)
    except ScriptRefused as error:
        raise BadRecord(f"object {record.object} needs a module whose top level fails now: {error}") from None
    modules = modules_of(body)
    values = decode(
        record.heap,
        modules=modules,
        externals=HostObjects(body),
        own=own,
        trusted=world.trusted,
        together=room,
        generators=generators,
    )
    fields, scripts = fields_of(record, values)
    check_values(record.object, values, [script.kind for script in body.scripts], modules, world.limits)
    return Opened(record, body, values, fields, scripts)


def _filled(opened: Opened) -> WorldObject:
    record, body, values, fields = opened.record, opened.body, opened.values, opened.fields
    check_ranges(fields)
    check_fit(record.object, opened.scripts, values)
    body.written_bytes = len(record.heap)
    restore_modules(body, values["modules"])
    _restore_object(body, fields, values["object"])
    for script, its_fields, its_values in zip(body.scripts, opened.scripts, values["scripts"], strict=True):
        _restore_script(script, its_fields, its_values)
    return body


def _require_programs(record: UnitRecord, programs: tuple[str, ...], world: World) -> None:
    missing = [program for program in programs if program not in world.programs]
    if missing:
        raise UnknownProgram(f"object {record.object} needs the program {missing[0]}, which is not here.")


def _restore_object(body: WorldObject, fields: ObjectFields, values: dict[str, Any]) -> None:
    body.place, body.velocity, body.spin, body.rotation = (
        fields.place,
        fields.velocity,
        fields.spin,
        fields.rotation,
    )
    body.description, body.text, body.color = fields.description, fields.text, fields.color
    body.scale, body.phantom = fields.scale, fields.phantom
    body.at_us = -fields.age_us
    if fields.target is not None:
        body.journey = Journey(body, fields.target)
    if values:
        _restore_seldom(body, fields, values)


def _restore_seldom(body: WorldObject, fields: ObjectFields, values: dict[str, Any]) -> None:
    body.store, body.outgoing = values.get("store"), values.get("outgoing")
    if "path" in values:
        if fields.target is None:
            raise BadRecord(f"object {body.id} follows a path to nowhere.")
        legs, at, loop, rest_us = values["path"]
        legs = tuple((*leg, None)[:3] for leg in legs)
        body.journey = Journey(body, fields.target, Path(legs, at, loop), rest_us)
    if "contents" in values:
        body.more().contents = unpacked_items(values["contents"])
    if "agent" in values:
        body.more().agent = values["agent"]
    if "sensor" in values:
        body.more().sensor = True
    if "touching" in values:
        body.more().touching = values["touching"]
    for name in (*SELDOM, "bounces"):
        if name in values:
            setattr(body.more(), name, values[name])
    if "budgets" in values:
        body.more().budgets = values["budgets"]
    if "part" in values:
        extras = body.more()
        extras.offset, extras.turn = values["part"]


def _restore_script(script: RunningScript, fields: ScriptFields, values: dict[str, Any]) -> None:
    instance = values["instance"]
    if _host_of(instance) is not script:
        raise BadRecord(f"a script of {script.body.id} belongs to another script's host.")
    script.instance = instance
    script.cpu_us, script.slices, script.events = fields.cpu_us, fields.slices, fields.events
    script.drops, script.drops_untold = fields.drops, fields.drops_untold
    script.next_number, script.random_state = fields.next_number, fields.random_state
    script.condition = fields.condition
    script.error = None if fields.error is None else writable(fields.error)
    script.elapsed_before_us = fields.elapsed_us
    script.chat_full_us, script.log_full_us = fields.chat_us, fields.log_us
    script.leaving, script.queue = values["leaving"], values["queue"]
    threads = [_restore_thread(script, *each) for each in zip(fields.threads, values["threads"], strict=True)]
    script.threads = threads or None
    script.handler = None if fields.handler is None else threads[fields.handler]
    script.ready = [threads[index] for index in fields.ready] or None
    timers = zip(fields.timers, values["timers"], strict=True)
    script.timers = {each.number: _restore_timer(script, each, function) for each, function in timers} or None
    script.listens = {number: ScriptListen(*rest) for number, *rest in values["listens"]} or None
    if "extras" in values:
        restore_extras(script, values["extras"])


def _host_of(instance: Script) -> object:
    """What lies in an instance's slot; asked for by name, a class of a script could answer by itself."""
    try:
        return _slot_of_host(instance)
    except AttributeError:
        return None


def _restore_thread(script: RunningScript, fields: ThreadFields, values: tuple[Any, ...]) -> ScriptThread:
    frames, request, *rest = values
    microthread = Microthread.restore(frames, modules_of(script.body), engine=fields.engine)
    thread = ScriptThread(script, fields.role, microthread)
    thread.request, thread.number, thread.deadline_us = request, fields.number, fields.remaining_us
    if rest:
        thread.event, thread.answer, thread.error = rest
    return thread


def _restore_timer(script: RunningScript, fields: TimerFields, function: Any) -> ScriptTimer:
    timer = ScriptTimer(script, fields.number, fields.interval_us, function)
    timer.deadline_us, timer.queued = fields.remaining_us if fields.alive else OVER, fields.queued
    return timer
