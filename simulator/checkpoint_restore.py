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
from simulator.checkpoint_checks import COUNTERS, check_size, check_state
from simulator.checkpoint_hosts import HostObjects
from simulator.checkpoint_record import APPEARANCE, SELDOM, UnitRecord, read_unit
from simulator.errors import WorkedTooLong
from simulator.world.calls import Condition
from simulator.world.items import unpacked_items
from simulator.world.journeys import Journey, Path
from simulator.world.linksets import add_part
from simulator.world.modules import kind_of, modules_of, restore_modules, take_modules
from simulator.world.objects import WorldObject
from simulator.world.script_extras import restore_extras, wind_up_extras
from simulator.world.scripts import RunningScript
from simulator.world.threads import Role, ScriptThread
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
    root = decode(
        record.heap,
        modules=modules,
        externals=HostObjects(body),
        own=own,
        trusted=world.trusted,
        together=room,
    )
    check_state(record.object, root, [script.kind for script in body.scripts], modules, world.limits)
    if is_part is not ("part" in root["object"]):
        raise BadRecord(
            f"object {record.object} is {'no' if is_part else 'a'} part, where its record says so."
        )
    body.written_bytes = len(record.heap)
    restore_modules(body, root.get("modules", {}))
    _restore_object(body, root["object"])
    for script, state in zip(body.scripts, root["scripts"], strict=True):
        _restore_script(script, state)
    return body


def _require_programs(record: UnitRecord, programs: tuple[str, ...], world: World) -> None:
    missing = [program for program in programs if program not in world.programs]
    if missing:
        raise UnknownProgram(f"object {record.object} needs the program {missing[0]}, which is not here.")


def _restore_object(body: WorldObject, state: dict[str, Any]) -> None:
    for name in (*APPEARANCE, "place", "rotation", "store", "outgoing"):
        setattr(body, name, state[name])
    body.at_us = -int(state["age_us"])
    if state["target"] is not None:
        body.journey = Journey(body, state["target"])
    if "path" in state:
        legs, at, loop, rest_us = state["path"]
        legs = tuple((*leg, None)[:3] for leg in legs)
        body.journey = Journey(body, state["target"], Path(legs, at, loop), rest_us)
    if "contents" in state:
        body.more().contents = unpacked_items(state["contents"])
    if "agent" in state:
        body.more().agent = state["agent"]
    if "sensor" in state:
        body.more().sensor = True
    if "touching" in state:
        body.more().touching = state["touching"]
    for name in (*SELDOM, "bounces"):
        if name in state:
            setattr(body.more(), name, state[name])
    if "budgets" in state:
        body.more().budgets = state["budgets"]
    if "part" in state:
        extras = body.more()
        extras.offset, extras.turn = state["part"]


def _restore_script(script: RunningScript, state: dict[str, Any]) -> None:
    for name in COUNTERS:
        setattr(script, name, state[name])
    instance = state["instance"]
    if _host_of(instance) is not script:
        raise BadRecord(f"a script of {script.body.id} belongs to another script's host.")
    script.instance = instance
    script.condition, script.error = Condition(state["condition"]), state["error"]
    script.leaving, script.elapsed_before_us = state["leaving"], state["elapsed_us"]
    script.chat_full_us, script.log_full_us = state["chat_us"], state["log_us"]
    script.queue = state["queue"]
    threads = [_restore_thread(script, each) for each in state["threads"]]
    script.threads = threads or None
    script.handler = None if state["handler"] is None else threads[state["handler"]]
    script.ready = [threads[index] for index in state["ready"]] or None
    script.timers = {each[0]: _restore_timer(script, *each) for each in state["timers"]} or None
    script.listens = {number: ScriptListen(*rest) for number, *rest in state["listens"]} or None
    if "extras" in state:
        restore_extras(script, state["extras"])


def _host_of(instance: Script) -> object:
    """What lies in an instance's slot; asked for by name, a class of a script could answer by itself."""
    try:
        return _slot_of_host(instance)
    except AttributeError:
        return None


def _restore_thread(script: RunningScript, state: dict[str, Any]) -> ScriptThread:
    modules = modules_of(script.body)
    microthread = Microthread.restore(state["frames"], modules, engine=state["engine"])
    thread = ScriptThread(script, Role(state["role"]), microthread, state["event"])
    thread.request, thread.number = state["request"], state["number"]
    thread.answer, thread.error = state["answer"], state["error"]
    thread.deadline_us = state["remaining_us"]
    return thread


def _restore_timer(
    script: RunningScript,
    number: int,
    remaining_us: int,
    interval_us: int | None,
    function: Any,
    queued: bool,
    alive: bool,
) -> ScriptTimer:
    timer = ScriptTimer(script, number, interval_us, function)
    timer.deadline_us, timer.queued = remaining_us if alive else OVER, queued
    return timer
