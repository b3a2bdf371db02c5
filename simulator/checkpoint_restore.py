"""An object out of its bytes, with everything its scripts are in the middle of.

The one idea: whatever a record holds is checked (`checkpoint_checks`) before anything is made of it. Nothing is entered
into the world here: `restore` makes the object, `begin_again` winds its clockwork up.

The way out is `checkpoint`.
"""

from __future__ import annotations

from typing import Any

from migrate.codec import Room, decode, programs_of
from migrate.engines import Microthread
from migrate.errors import BadRecord, UnknownProgram
from scripts_api import Script
from scripts_api.requests import Sense
from simulator.checkpoint_checks import check_size, check_state
from simulator.checkpoint_earlier import fields_of
from simulator.checkpoint_fields import ObjectFields, ScriptFields, ThreadFields, TimerFields, check_ranges
from simulator.checkpoint_hosts import HostObjects
from simulator.checkpoint_record import SELDOM, UnitRecord, read_unit
from simulator.errors import WorkedTooLong
from simulator.world.items import unpacked_items
from simulator.world.journeys import Journey, Path
from simulator.world.linksets import add_part
from simulator.world.modules import kind_of, modules_of, restore_modules, take_modules
from simulator.world.objects import WorldObject
from simulator.world.script_extras import restore_extras, wind_up_extras
from simulator.world.scripts import RunningScript
from simulator.world.threads import ScriptThread
from simulator.world.timers import ScriptListen, ScriptTimer
from simulator.world.world import World

OVER = -1  # the deadline of a timer that has fired for the last time and whose event is still in the queue

_slot_of_host = Script.__dict__["_host"].__get__


def restore_unit(id: str, data: bytes, world: World, *, own: bool = False) -> tuple[WorldObject, UnitRecord]:
    """Make the object of that id from its bytes; `own`: this region's own store kept them.

    Raises `BadRecord`, `UnknownProgram`.
    """
    record = read_unit(data)
    if record.object != id:
        raise BadRecord(f"what was kept or sent as object {id} says that it is {record.object}.")
    try:
        # Methods of the script may be asked, above all to hash keys: here no turn ends them.
        with world.programs.limited_reading():
            return restore(record, world, own=own), record
    except WorkedTooLong as error:
        raise BadRecord(f"object {id} can't be put together: {error}") from None


def restore(record: UnitRecord, world: World, *, own: bool = False) -> WorldObject:
    """Make the object of a record, with what hangs on it. Raises `BadRecord`, `UnknownProgram`."""
    check_size(record.object, len(record.parts) + 1)
    room = Room()
    body = _restore_one(record, world, room, is_part=False, own=own)
    for data in record.parts:
        part_record = read_unit(data)
        if part_record.parts:
            raise BadRecord(f"a part of the object {record.object} has parts of its own.")
        part = _restore_one(part_record, world, room, is_part=True, own=own)
        extras = part.more()
        add_part(body, part, extras.offset, extras.turn)
    if body.extras is not None:
        if len({each.id for each in body.members}) < len(body.members):
            raise BadRecord(f"the object {record.object} has the same part twice.")
        _check_worn(body)
    return body


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


def _restore_one(record: UnitRecord, world: World, room: Room, *, is_part: bool, own: bool) -> WorldObject:
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
    for program in record.programs:
        body.scripts.append(RunningScript(body, program, kind_of(body, program), 0))
    programs = programs_of(record.heap)
    _require_programs(record, programs, world)
    take_modules(body, programs)
    modules = modules_of(body)
    values = decode(
        record.heap,
        modules=modules,
        externals=HostObjects(body),
        own=own,
        trusted=world.trusted,
        together=room,
    )
    fields, of_scripts = fields_of(record, values)
    check_ranges(fields)
    check_state(
        record.object, of_scripts, values, [script.kind for script in body.scripts], modules, world.limits
    )
    if is_part is not ("part" in values["object"]):
        raise BadRecord(
            f"object {record.object} is {'no' if is_part else 'a'} part, where its record says so."
        )
    body.written_bytes = len(record.heap)
    restore_modules(body, values["modules"])
    _restore_object(body, fields, values["object"])
    for script, its_fields, its_values in zip(body.scripts, of_scripts, values["scripts"], strict=True):
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
    script.condition, script.error = fields.condition, fields.error
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
