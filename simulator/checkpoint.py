"""An object with everything its scripts are in the middle of, as bytes.

The one idea: an object's heap is one codec graph, so whatever its scripts share among their microthreads, queues and
attributes stays shared. Times are written as what remains of them at `at_us`; whoever takes the object in says from
when they count.

The way back is `checkpoint_restore`; the record around a heap is `checkpoint_record`.
"""

from __future__ import annotations

from types import GeneratorType
from typing import Any

from migrate.codec import Room, encode, open_record
from migrate.codec.writer import BYTES_PER_BYTE
from migrate.errors import BadRecord, CaptureRefused, TooMuch
from migrate.limits import RECORD_BYTES_MAX, RECORD_MEMORY_MAX
from simulator import usual
from simulator.checkpoint_checks import COUNTERS
from simulator.checkpoint_hosts import names_of_hosts
from simulator.checkpoint_record import APPEARANCE, SELDOM, VERSION, UnitRecord, encode_unit, read_unit
from simulator.usual import Fields
from simulator.world.calls import Condition
from simulator.world.extras import Extras
from simulator.world.items import packed_items, programs_in
from simulator.world.modules import modules_of, state_of_modules
from simulator.world.objects import WorldObject
from simulator.world.script_extras import extras_state
from simulator.world.scripts import RunningScript
from simulator.world.threads import ScriptThread
from simulator.world.timers import ScriptListen, ScriptTimer

READABLE_BYTES_MAX = RECORD_MEMORY_MAX * 3 // 4
"""What may travel takes so much at most: a reader adds what it copies while it puts things together."""

OBJECT_FIELDS = (*APPEARANCE, "rotation", "store", "outgoing")
SCRIPT_FIELDS = (*COUNTERS, "instance", "error", "leaving", "queue")
THREAD_FIELDS = ("event", "request", "number", "answer", "error")
"""What is written as it is, where it is not as usual."""

_OBJECT = Fields(OBJECT_FIELDS, usual.OBJECT)
_SCRIPT = Fields(SCRIPT_FIELDS, usual.SCRIPT)
_THREAD = Fields(THREAD_FIELDS, usual.THREAD)


def capture(
    body: WorldObject,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
    *,
    with_modules: bool = True,
) -> bytes:
    """Return an object with what hangs on it as bytes; see `captured`."""
    return encode_unit(captured(body, generators, with_modules=with_modules))


def captured(
    body: WorldObject,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
    *,
    with_modules: bool = True,
) -> UnitRecord:
    """Return an object with what hangs on it as a record; it goes on undisturbed. Raises `CaptureRefused`, `Pinned`.

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
        externals=names_of_hosts(body),
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
    return UnitRecord(
        VERSION, body.id, body.name, body.owner, time_us, programs, frames, heap, carried, parts
    )


def require_readable(unit: bytes) -> None:
    """Make sure that another region can take all of a unit at once. Raises `CaptureRefused`: better here than there."""
    if len(unit) * BYTES_PER_BYTE <= READABLE_BYTES_MAX:
        return
    room, record = Room(at_once=0), read_unit(unit)
    try:
        for each in (record, *map(read_unit, record.parts)):
            room.screen(open_record(each.heap).body)
    except BadRecord as refusal:
        raise CaptureRefused(f"with all its parts it is too much to travel at once: {refusal}") from None
    if room.bytes < RECORD_MEMORY_MAX - READABLE_BYTES_MAX:
        raise CaptureRefused(
            f"with all its parts it would take more than {READABLE_BYTES_MAX} bytes of memory at once: keep less."
        )


def script_bytes(script: RunningScript) -> int:
    """Return how large the written form of one script is by itself: see `value_bytes`. Raises `Pinned` too."""
    return value_bytes(script.body, _script_state(script, script.body.world.time_us))


def value_bytes(body: WorldObject, value: object) -> int:
    """Return how large the written form of something that scripts of an object keep is; one byte more than a record may
    have if it is too much to be written. Raises `CaptureRefused`.
    """
    trusted = body.world.trusted
    try:
        return len(encode(value, modules=modules_of(body), externals=names_of_hosts(body), trusted=trusted))
    except TooMuch:
        return RECORD_BYTES_MAX + 1


def _object_state(body: WorldObject, time_us: int) -> dict[str, Any]:
    state = _OBJECT.differing(body)
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
            # A leg without a rotation has the form that the first version of records reads too.
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
    state = _SCRIPT.differing(script)
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
    state = _THREAD.differing(thread)
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
