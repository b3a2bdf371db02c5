"""An object with everything its scripts are in the middle of, as bytes, and back.

The one idea: one record for one object, the same in the store and on the way to another region; a linkset is its
root's record with those of its parts inside. An object's heap is one codec graph, so whatever its scripts share
among their microthreads, queues and attributes stays shared. Times are written as what remains of them at `at_us`;
whoever takes the object in says from when they count.

Nothing is entered into the world here: `restore` makes the object, `begin_again` winds its clockwork up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from types import GeneratorType
from typing import Any

import msgspec
from msgspec.structs import replace

from migrate.codec import Room, decode, encode, open_record, programs_of
from migrate.codec.writer import BYTES_PER_BYTE
from migrate.engines import Microthread
from migrate.errors import BadRecord, CaptureRefused, UnknownProgram
from migrate.limits import RECORD_MEMORY_MAX
from scripts_api import Changed, Script
from scripts_api.requests import Sense
from simulator import usual
from simulator.checkpoint_checks import COUNTERS, check_size, check_state
from simulator.usual import differing
from simulator.world.calls import Condition
from simulator.world.extras import Extras
from simulator.world.grants import owned_anew
from simulator.world.items import packed_items, programs_in, unpacked_items
from simulator.world.journeys import Journey, Path
from simulator.world.linksets import add_part
from simulator.world.modules import kind_of, modules_of, restore_modules, state_of_modules, take_modules
from simulator.world.objects import WorldObject
from simulator.world.script_extras import extras_state, restore_extras, wind_up_extras
from simulator.world.scripts import RunningScript
from simulator.world.threads import Role, ScriptThread
from simulator.world.timers import ScriptListen, ScriptTimer
from simulator.world.world import World

VERSION = 2
READS = (1, VERSION)
"""The first wrote out what is usual too."""

READABLE_BYTES_MAX = RECORD_MEMORY_MAX * 3 // 4
"""What may travel takes so much at most: a reader adds what it copies while it puts things together."""

OVER = -1  # the deadline of a timer that has fired for the last time and whose event is still in the queue


class UnitRecord(msgspec.Struct, frozen=True, array_like=True, tag="unit"):
    """`programs`: of each script, in order. `frames`: how many frames of scripts are in the heap. `carried`: programs
    that its contents need. `parts`: the records of what hangs on it.
    """

    version: int
    object: str
    name: str
    owner: str
    at_us: int
    programs: tuple[str, ...]
    frames: int
    heap: bytes
    carried: tuple[str, ...] = ()
    parts: tuple[bytes, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(UnitRecord)
_slot_of_host = Script.__dict__["_host"].__get__

SELDOM = ("physical", "falls", "worn", "grants", "keys")
"""What few objects have, written where it is not empty."""

APPEARANCE = ("description", "text", "color", "scale", "phantom", "velocity", "spin")
OBJECT_FIELDS = (*APPEARANCE, "rotation", "store", "outgoing")
SCRIPT_FIELDS = (*COUNTERS, "instance", "error", "leaving", "queue")
THREAD_FIELDS = ("event", "request", "number", "answer", "error")
"""What is written as it is, where it is not as usual."""

_object_fields = attrgetter(*OBJECT_FIELDS)
_script_fields = attrgetter(*SCRIPT_FIELDS)
_thread_fields = attrgetter(*THREAD_FIELDS)


def capture(
    body: WorldObject,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
    *,
    with_modules: bool = True,
) -> bytes:
    """Return an object with what hangs on it as bytes; it goes on undisturbed. Raises `CaptureRefused`, `Pinned`.

    `generators`: takes its scripts' own, for `drop_generator` when the object lives on elsewhere. `with_modules`:
    with what its scripts keep in globals and class attributes.
    """
    time_us = body.world.time_us
    scripts = [_script_state(script, time_us) for script in body.scripts]
    state = {"object": _object_state(body, time_us), "scripts": scripts}
    if with_modules and body.modules is not None:
        state["modules"] = state_of_modules(body)
    heap = encode(
        state,
        modules=modules_of(body),
        externals=_externals(body),
        generators=generators,
        trusted=body.world.trusted,
    )
    programs = tuple([script.program for script in body.scripts])
    frames = 0
    for script in scripts:
        if "threads" in script:
            frames += sum([len(thread["frames"]) for thread in script["threads"]])
    carried: tuple[str, ...] = ()
    parts: tuple[bytes, ...] = ()
    if body.extras is not None:
        carried = tuple(dict.fromkeys(programs_in(body.contents)))
        parts = tuple([capture(part, generators, with_modules=with_modules) for part in body.parts])
    body.written_bytes = len(heap)
    return _encode(
        UnitRecord(VERSION, body.id, body.name, body.owner, time_us, programs, frames, heap, carried, parts)
    )


def require_readable(unit: bytes) -> None:
    """Make sure that another region can take all of a unit at once. Raises `CaptureRefused`: better here than there."""
    if len(unit) * BYTES_PER_BYTE <= READABLE_BYTES_MAX:
        return
    room, record = Room(), read_unit(unit)
    try:
        for each in (record, *map(read_unit, record.parts)):
            room.screen(open_record(each.heap).body)
    except BadRecord as refusal:
        raise CaptureRefused(f"with all its parts it is too much to travel at once: {refusal}") from None
    if room.bytes < RECORD_MEMORY_MAX - READABLE_BYTES_MAX:
        raise CaptureRefused(
            f"with all its parts it would take more than {READABLE_BYTES_MAX} bytes of memory at once: keep less."
        )


def begun_at(record: UnitRecord, at_us: int) -> bytes:
    """Return a record's bytes with its times counted from `at_us` of another region."""
    return _encode(replace(record, at_us=at_us))


def programs_needed(record: UnitRecord) -> tuple[str, ...]:
    """Return its scripts' programs, those of its contents, and what something in it refers to since an upgrade."""
    parts = map(read_unit, record.parts)
    own = (*record.programs, *record.carried, *programs_of(record.heap))
    return tuple(dict.fromkeys((*own, *(each for part in parts for each in programs_needed(part)))))


def frames_in(record: UnitRecord) -> int:
    """Return how many frames of scripts are in an object and what hangs on it."""
    return record.frames + sum(frames_in(read_unit(part)) for part in record.parts)


def script_bytes(script: RunningScript) -> int:
    """Return how large the written form of one script is by itself. Raises `CaptureRefused`, `Pinned`."""
    return value_bytes(script.body, _script_state(script, script.body.world.time_us))


def value_bytes(body: WorldObject, value: object) -> int:
    """Return how large the written form of something that scripts of an object keep is. Raises `CaptureRefused`."""
    trusted = body.world.trusted
    return len(encode(value, modules=modules_of(body), externals=_externals(body), trusted=trusted))


def read_unit(data: bytes) -> UnitRecord:
    """Read the record around an object. Raises `BadRecord`."""
    try:
        record = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRecord(f"{len(data)} bytes are no object ({error}): have them sent again.") from None
    if record.version not in READS:
        raise BadRecord(
            f"an object has version {record.version}, this Gossamer reads {READS[0]} to {VERSION}:"
            " upgrade the older side."
        )
    return record


def restore_unit(id: str, data: bytes, world: World, *, own: bool = False) -> tuple[WorldObject, UnitRecord]:
    """Make the object of that id from its bytes; `own`: this region's own store kept them.

    Raises `BadRecord`, `UnknownProgram`.
    """
    record = read_unit(data)
    if record.object != id:
        raise BadRecord(f"what was kept or sent as object {id} says that it is {record.object}.")
    return restore(record, world, own=own), record


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
    if len({each.id for each in body.members}) < len(body.members):
        raise BadRecord(f"the object {record.object} has the same part twice.")
    _check_worn(body)
    return body


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
    _require_programs(record, world)
    take_modules(body, programs_of(record.heap))
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


def _require_programs(record: UnitRecord, world: World) -> None:
    missing = [program for program in programs_of(record.heap) if program not in world.programs]
    if missing:
        raise UnknownProgram(f"object {record.object} needs the program {missing[0]}, which is not here.")


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
            if isinstance(thread.request, Sense):
                body.world.halo.seeing.wait(thread)
        body.world.wake(script)


def renew_owned(body: WorldObject, owner: str) -> None:
    """Let an object's linkset have another owner: the scheduler meets it as a new one. Raises as `renew` does."""
    ids = [each.id for each in body.links]
    made = renew(body.root, owner, ids)
    for id in ids:
        made.world.tell(made.world.objects[id], Changed("owner"))
    made.world.touched(made)


def renew(body: WorldObject, owner: str | None = None, owned: Sequence[str] = ()) -> WorldObject:
    """Drop a root with its linkset and restore it, in place. Raises `CaptureRefused`, `Pinned`.

    `owner`: of those of its objects whose ids are in `owned`, from now on.
    """
    world, crossing = body.world, body.crossing
    made = restore(read_unit(capture(body)), world, own=True)
    was_changed, departing = body.id in world.changed, world.departing.get(body.id)
    linked = [each.id for each in body.members if each.id in world.linked]
    for each in body.members:
        world.take_out(each)
    if owner is not None:
        owned_anew((each for each in made.members if each.id in owned), owner)
    begin_again(made, world.time_us)
    world.take_in(made)
    if crossing is not None:
        # The neighbour that was asked answers for the same object.
        for name in ("place", "rotation", "velocity", "at_us"):
            # As they were: it may be beyond the border already, or where a script has put it.
            setattr(made, name, getattr(body, name))
        world.borders.take_over(made, crossing)
    if departing is not None:
        world.departing[made.id] = departing
    if was_changed:
        world.touched(made)
    world.linked.update(dict.fromkeys(linked))
    return made


# --- Out ---


class HostObjects(Mapping[str, object]):
    """The host's own objects that scripts refer to, found by name when they are asked for: most scripts hold
    none.
    """

    def __init__(self, body: WorldObject) -> None:
        self._scripts = body.scripts

    def __getitem__(self, name: str) -> object:
        kind, _, index = name.partition(" ")
        if (
            kind not in ("script", "object", "region")
            or not index.isdigit()
            or int(index) >= len(self._scripts)
        ):
            raise KeyError(name)
        script = self._scripts[int(index)]
        return script if kind == "script" else getattr(script, kind)

    def __iter__(self) -> Iterator[str]:
        return (f"{kind} {i}" for i in range(len(self._scripts)) for kind in ("script", "object", "region"))

    def __len__(self) -> int:
        return 3 * len(self._scripts)


def _externals(body: WorldObject) -> dict[int, str]:
    """The names of those host objects that there are."""
    named: dict[int, str] = {}
    for index, script in enumerate(body.scripts):
        named[id(script)] = f"script {index}"
        if script.own is not None:
            named[id(script.own)] = f"object {index}"
        if script.own_region is not None:
            named[id(script.own_region)] = f"region {index}"
    return named


def _object_state(body: WorldObject, time_us: int) -> dict[str, Any]:
    state = differing(OBJECT_FIELDS, _object_fields(body), usual.OBJECT)
    state["place"] = body.place
    if body.crossing is not None and body.crossing.held:
        state["held"], state["age_us"] = True, 0
    else:
        state["age_us"] = time_us - body.at_us
    journey = body.journey
    if journey is not None:
        if journey.target is not None:
            state["target"] = journey.target
        if journey.path is not None:
            # Legs without a rotation are written as they always were.
            legs = tuple(leg[:2] if leg[2] is None else leg for leg in journey.path.legs)
            state["path"] = (legs, journey.path.at, journey.path.loop, journey.rest_us)
    return state if body.extras is None else state | _extras_state(body.extras, time_us)


def _extras_state(extras: Extras, time_us: int) -> dict[str, Any]:
    """What few objects have: only what is there."""
    state: dict[str, Any] = {}
    if extras.contents:
        state["contents"] = packed_items(extras.contents)
    if extras.agent is not None:
        state["agent"] = extras.agent
    if extras.sensor:
        state["sensor"] = True
    if extras.touching:
        state["touching"] = extras.touching
    for name in SELDOM:
        if value := getattr(extras, name):
            state[name] = value
    if not extras.bounces:
        state["bounces"] = False
    if extras.budgets:
        state["budgets"] = {name: max(0, full_us - time_us) for name, full_us in extras.budgets.items()}
    if extras.root is not None:
        state["part"] = (extras.offset, extras.turn)
    return state


def _script_state(script: RunningScript, time_us: int) -> dict[str, Any]:
    threads = script.threads
    state = differing(SCRIPT_FIELDS, _script_fields(script), usual.SCRIPT)
    state["elapsed_us"] = script.elapsed_us()
    if script.condition is not Condition.RUNNING:
        state["condition"] = script.condition.value
    if script.chat_full_us > time_us:
        state["chat_us"] = script.chat_full_us - time_us
    if script.log_full_us > time_us:
        state["log_us"] = script.log_full_us - time_us
    if threads:
        state["threads"] = [_thread_state(thread, time_us) for thread in threads]
        if script.handler is not None:
            state["handler"] = threads.index(script.handler)
        if script.ready:
            state["ready"] = [threads.index(thread) for thread in script.ready]
    if script.timers:
        state["timers"] = [_timer_state(timer, time_us) for timer in script.timers.values()]
    if script.listens:
        state["listens"] = [_listen_state(number, listen) for number, listen in script.listens.items()]
    if script.extras is not None:
        state["extras"] = extras_state(script.extras, time_us)
    return state


def _thread_state(thread: ScriptThread, time_us: int) -> dict[str, Any]:
    microthread = thread.microthread
    state = differing(THREAD_FIELDS, _thread_fields(thread), usual.THREAD)
    state["role"] = thread.role.value
    state["frames"] = microthread.capture()
    if thread.deadline_us is not None:
        state["remaining_us"] = max(0, thread.deadline_us - time_us)
    if microthread.engine != usual.THREAD["engine"]:
        state["engine"] = microthread.engine
    return state


def _timer_state(timer: ScriptTimer, time_us: int) -> tuple[Any, ...]:
    remaining_us = max(0, timer.deadline_us - time_us)
    return (
        timer.number,
        remaining_us,
        timer.interval_us,
        timer.function,
        timer.queued,
        timer.entry is not None,
    )


def _listen_state(number: int, listen: ScriptListen) -> tuple[Any, ...]:
    return number, listen.channel, listen.sender, listen.name, listen.text, listen.enabled


# --- Back ---


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
