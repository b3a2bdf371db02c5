"""An object with everything its scripts are in the middle of, as bytes.

The one idea: what its scripts keep is one codec graph, the heap, so whatever they share among their microthreads,
queues and attributes stays shared; what the host knows of them stands beside it, as fields. Times are written as what
remains of them at `at_us`; whoever takes the object in says from when they count.

The way back is `checkpoint_restore`; the record around a heap is `checkpoint_record`.
"""

from __future__ import annotations

from types import GeneratorType
from typing import Any

from msgspec.structs import replace

from migrate.codec import Room, encode, open_record
from migrate.codec.writer import BYTES_PER_BYTE
from migrate.errors import BadRecord, CaptureRefused, TooMuch
from migrate.limits import RECORD_BYTES_MAX, RECORD_MEMORY_MAX
from simulator.checkpoint_fields import ObjectFields, ScriptFields, ThreadFields, TimerFields
from simulator.checkpoint_hosts import names_of_hosts
from simulator.checkpoint_record import SELDOM, VERSION, UnitRecord, encode_unit, read_unit
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

    `generators`: takes its scripts' own, for `drop_generators` when the object lives on elsewhere. `with_modules`:
    with what its scripts keep in globals and class attributes.
    """
    time_us = body.world.time_us
    values = _values(body, time_us, with_modules=with_modules)
    heap = encode(
        values,
        modules=modules_of(body),
        externals=names_of_hosts(body),
        generators=generators,
        trusted=body.world.trusted,
    )
    carried: tuple[str, ...] = ()
    parts: tuple[bytes, ...] = ()
    if body.extras is not None:
        carried = tuple(dict.fromkeys(programs_in(body.contents)))
        parts = tuple([capture(part, generators, with_modules=with_modules) for part in body.parts])
    body.written_bytes = len(heap)
    return UnitRecord(
        VERSION,
        body.id,
        body.name,
        body.owner,
        time_us,
        tuple([script.program for script in body.scripts]),
        _frames_in(values["scripts"]),
        heap,
        carried,
        parts,
        _object_fields(body, time_us),
        tuple([_script_fields(script, time_us) for script in body.scripts]),
    )


def has_times_in_heap(body: WorldObject) -> bool:
    """Whether what remains of some time is among an object's values: then they are others with each tick."""
    if body.extras is not None or (body.journey is not None and body.journey.path is not None):
        return True
    return any(script.extras is not None for script in body.scripts)


def brought_up_to_date(record: UnitRecord, body: WorldObject) -> UnitRecord:
    """Return the record of an object as `captured` would, if nothing has changed since but the time: its heap stays.
    Not for who `has_times_in_heap`.
    """
    time_us = body.world.time_us
    scripts = tuple([_script_fields(script, time_us) for script in body.scripts])
    return replace(record, at_us=time_us, fields=_object_fields(body, time_us), scripts=scripts)


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
    return value_bytes(script.body, _script_values(script, script.body.world.time_us))


def value_bytes(body: WorldObject, value: object) -> int:
    """Return how large the written form of something that scripts of an object keep is; one byte more than a record may
    have if it is too much to be written. Raises `CaptureRefused`.
    """
    trusted = body.world.trusted
    try:
        return len(encode(value, modules=modules_of(body), externals=names_of_hosts(body), trusted=trusted))
    except TooMuch:
        return RECORD_BYTES_MAX + 1


# --- Fields ---


def _object_fields(body: WorldObject, time_us: int) -> ObjectFields:
    held = body.crossing is not None and body.crossing.held
    return ObjectFields(
        body.place,
        0 if held else time_us - body.at_us,
        body.description,
        body.text,
        body.color,
        body.scale,
        body.phantom,
        body.velocity,
        body.spin,
        body.rotation,
        held,
        None if body.journey is None else body.journey.target,
    )


def _script_fields(script: RunningScript, time_us: int) -> ScriptFields:
    threads, timers = script.threads, script.timers
    return ScriptFields(
        script.cpu_us,
        script.slices,
        script.events,
        script.next_number,
        script.random_state,
        script.elapsed_us(),
        script.drops,
        script.drops_untold,
        max(0, script.chat_full_us - time_us),
        max(0, script.log_full_us - time_us),
        script.condition,
        script.error,
        threads.index(script.handler) if threads and script.handler is not None else None,
        tuple([threads.index(thread) for thread in script.ready]) if threads and script.ready else (),
        tuple([_thread_fields(thread, time_us) for thread in threads]) if threads else (),
        tuple([_timer_fields(timer, time_us) for timer in timers.values()]) if timers else (),
    )


def _thread_fields(thread: ScriptThread, time_us: int) -> ThreadFields:
    remaining_us = None if thread.deadline_us is None else max(0, thread.deadline_us - time_us)
    return ThreadFields(thread.role, remaining_us, thread.number, thread.microthread.engine)


def _timer_fields(timer: ScriptTimer, time_us: int) -> TimerFields:
    remaining_us = max(0, timer.deadline_us - time_us)
    return TimerFields(timer.number, remaining_us, timer.interval_us, timer.queued, timer.entry is not None)


# --- Values ---


def _values(body: WorldObject, time_us: int, *, with_modules: bool) -> dict[str, Any]:
    """What goes into the heap: only what is there."""
    values: dict[str, Any] = {"scripts": [_script_values(script, time_us) for script in body.scripts]}
    if seldom := _seldom_values(body, time_us):
        values["object"] = seldom
    if with_modules and body.modules is not None:
        values["modules"] = state_of_modules(body)
    return values


def _frames_in(scripts: list[dict[str, Any]]) -> int:
    frames = 0
    for script in scripts:
        if "threads" in script:
            frames += sum([len(thread[0]) for thread in script["threads"]])
    return frames


def _seldom_values(body: WorldObject, time_us: int) -> dict[str, Any]:
    """What few objects have: only what is there."""
    values: dict[str, Any] = {}
    if body.store is not None:
        values["store"] = body.store
    if body.outgoing is not None:
        values["outgoing"] = body.outgoing
    if body.journey is not None and (path := body.journey.path) is not None:
        # A leg without a rotation has the form that the first version of records reads too.
        legs = tuple(leg[:2] if leg[2] is None else leg for leg in path.legs)
        values["path"] = (legs, path.at, path.loop, body.journey.rest_us)
    return values if body.extras is None else values | _extras_values(body.extras, time_us)


def _extras_values(extras: Extras, time_us: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if extras.contents:
        values["contents"] = packed_items(extras.contents)
    if extras.agent is not None:
        values["agent"] = extras.agent
    if extras.sensor:
        values["sensor"] = True
    if extras.touching:
        values["touching"] = extras.touching
    for name in SELDOM:
        if value := getattr(extras, name):
            values[name] = value
    if not extras.bounces:
        values["bounces"] = False
    if extras.budgets:
        values["budgets"] = {name: max(0, full_us - time_us) for name, full_us in extras.budgets.items()}
    if extras.root is not None:
        values["part"] = (extras.offset, extras.turn)
    return values


def _script_values(script: RunningScript, time_us: int) -> dict[str, Any]:
    """What a script keeps, with its microthreads and what they wait for: only what is there."""
    values: dict[str, Any] = {"instance": script.instance}
    if script.threads:
        values["threads"] = [_thread_values(thread) for thread in script.threads]
    if script.queue is not None:
        values["queue"] = script.queue
    if script.leaving is not None:
        values["leaving"] = script.leaving
    if script.timers:
        values["timers"] = [timer.function for timer in script.timers.values()]
    if script.listens:
        values["listens"] = [_listen_values(number, listen) for number, listen in script.listens.items()]
    if script.extras is not None:
        values["extras"] = extras_state(script.extras, time_us)
    return values


def _thread_values(thread: ScriptThread) -> tuple[Any, ...]:
    """Its frames, what it waits for, and the rest, if there is any of it."""
    frames = thread.microthread.capture()
    if thread.event is None and thread.answer is None and thread.error is None:
        return frames, thread.request
    return frames, thread.request, thread.event, thread.answer, thread.error


def _listen_values(number: int, listen: ScriptListen) -> tuple[Any, ...]:
    return number, listen.channel, listen.sender, listen.name, listen.text, listen.enabled
