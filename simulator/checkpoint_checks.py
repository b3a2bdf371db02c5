"""What must be true of an object's state before it is let into a region: it may come from a stranger.

The one idea: the codec makes sure that a record holds nothing but values; here it is made sure that they are
the right ones, so that the kernel can rely on them as if it had made them itself. Whatever `checkpoint_restore` takes
out of a state has been looked at here, and what is wrong raises `BadRecord`.

What the kernel itself may write passes always: a limit that is checked here is one that is kept there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from migrate import Module
from migrate.errors import BadRecord
from migrate.frame import Frame
from scripts_api import (
    AgentRef,
    HttpRequest,
    ObjectRef,
    Question,
    Script,
    ScriptError,
    Timer,
    TimerFired,
    checks,
)
from scripts_api.events import EVENTS
from scripts_api.limits import (
    LINKSET_LEN_MAX,
    SENSE_RADIUS_M_MAX,
    SENSORS_MAX,
    TARGETS_MAX,
)
from scripts_api.requests import (
    REQUESTS,
    Ask,
    AskGrants,
    Give,
    Http,
    Send,
    Sense,
    Teleport,
    Transfer,
    WaitFor,
)
from simulator.checkpoint_basics import a_list, natural, reference, require, told
from simulator.checkpoint_fields import ScriptFields
from simulator.checkpoint_objects import check_object
from simulator.limits import RegionLimits
from simulator.world.events import NEVER_DROPPED

LISTS: Final = ("threads", "timers", "listens")
"""Lists of a script's values that are mostly empty, and not written then."""


def check_values(
    id: str,
    values: Any,
    kinds: Sequence[type[Script]],
    modules: Mapping[str, Module],
    limits: RegionLimits,
) -> None:
    """Complete and check the values that the heap of an object holds. `kinds`: the class of each of its scripts.

    Raises `BadRecord`. Whether a script's instance belongs to its own host is checked where it is taken.
    """
    try:
        require(values, dict, "what an object keeps")
        require(values.setdefault("modules", {}), dict, "the state of modules")
        check_object(values.setdefault("object", {}))
        for kind, script in zip(kinds, values["scripts"], strict=True):
            _check_script(script, kind, modules, limits)
    except BadRecord:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's classes raise anything
        # What a state lacks, or has in another shape, shows where it is looked at.
        raise BadRecord(f"object {id} has a state that can't be read: {told(error)}.") from None


def check_fit(id: str, fields: Sequence[ScriptFields], values: dict[str, Any]) -> None:
    """Check that the fields of an object's scripts are of the scripts whose values these are, which were checked.

    Raises `BadRecord`.
    """
    if len(fields) != len(values["scripts"]):
        raise BadRecord(
            f"object {id} has fields of {len(fields)} scripts, and values of {len(values['scripts'])}."
        )
    for script, kept in zip(fields, values["scripts"], strict=True):
        _check_fit(script, kept)


def _check_fit(fields: ScriptFields, values: dict[str, Any]) -> None:
    counts = len(fields.threads), len(fields.timers)
    if counts != (len(values["threads"]), len(values["timers"])):
        raise BadRecord("a script has {} microthreads and {} timers, and values of others.".format(*counts))
    runnable = [index for index, (_, request, *_) in enumerate(values["threads"]) if request is None]
    if sorted(fields.ready) != runnable:
        raise BadRecord(
            f"the microthreads {fields.ready} of a script are ready, where {runnable} wait for nothing."
        )
    if any(fields.threads[index].remaining_us is not None for index in runnable):
        raise BadRecord("a microthread that waits for nothing has a time-out.")
    if fields.handler is not None and fields.handler >= len(fields.threads):
        raise BadRecord(f"a script has no microthread {fields.handler}.")


def check_size(id: str, members: int) -> None:
    """Check of how many objects a linkset is. Raises `BadRecord`."""
    if members > LINKSET_LEN_MAX:
        raise BadRecord(f"the object {id} has {members} parts; at most {LINKSET_LEN_MAX} can be.")


def _check_script(
    values: Any, kind: type[Script], modules: Mapping[str, Module], limits: RegionLimits
) -> None:
    require(values, dict, "what a script keeps")
    for name in LISTS:
        values.setdefault(name, [])
    _check_kinds(values["instance"], values.setdefault("leaving"), kind)
    _check_queue(values.setdefault("queue"), limits)
    # A handler begins even where as many are spawned as may be.
    for thread in a_list(values["threads"], limits.microthreads_max + 1, "microthreads"):
        _check_thread(thread, modules)
    for function in a_list(values["timers"], limits.timers_max, "timers"):
        if function is not None and not callable(function):
            raise BadRecord(f"a timer calls a {type(function).__name__}, which is no function.")
    for listen in a_list(values["listens"], limits.listens_max, "listens"):
        _check_listen(*listen)
    if "extras" in values:
        _check_extras_of_script(values["extras"])


def _check_extras_of_script(state: Any) -> None:
    require(state, dict, "what few scripts have")
    natural(state["interval_us"], "a least time between events")
    if state["rest_us"] is not None:
        natural(state["rest_us"], "a remaining time")
    try:
        for number, position, range_m, inside in a_list(state["targets"], TARGETS_MAX, "targets"):
            natural(number, "a target's number")
            checks.vector("a target", position)
            checks.number("a target", "range_m", range_m)
            require(inside, bool, "a flag")
    except ScriptError as error:
        raise BadRecord(f"a target is wrong: {error}") from None
    for number, remaining_us, interval_us, request in a_list(state["sensors"], SENSORS_MAX, "sensors"):
        natural(number, "a sensor's number")
        natural(remaining_us, "a remaining time")
        if natural(interval_us, "an interval") == 0:
            raise BadRecord("a sensor senses every 0 microseconds.")
        require(request, Sense, "a sensing")
        _check_sense(request)


def _check_kinds(instance: object, leaving: object, kind: type[Script]) -> None:
    if not issubclass(type(instance), kind):
        raise BadRecord(f"a script is a {type(instance).__name__}, which is no {kind.__name__}.")
    if leaving is not None and not (isinstance(leaving, type) and issubclass(leaving, kind)):
        named = getattr(leaving, "__name__", type(leaving).__name__)
        raise BadRecord(f"a script is about to become {named}, which is no state of it.")


def _check_queue(queue: Any, limits: RegionLimits) -> None:
    if queue is None:
        return
    for event in a_list(queue, None, "events"):
        _check_event(event)
    # What is never dropped may come on top of what the queue takes.
    a_list(
        [event for event in queue if type(event) not in NEVER_DROPPED], limits.queue_len_max, "events queued"
    )


def _check_thread(values: Any, modules: Mapping[str, Module]) -> None:
    """An answer may be anything."""
    require(values, tuple, "a microthread")
    frames, request, event, _, error = values if len(values) != 2 else (*values, None, None, None)
    if event is not None:
        _check_event(event)
    if request is not None:
        _check_request(request)
    if error is not None:
        require(error, BaseException, "an error")
    _check_frames(frames, modules)


def _check_event(event: Any) -> None:
    """Check what the kernel reads of an event; the rest is the script's business."""
    require(event, EVENTS, "an event")
    if isinstance(event, TimerFired):
        require(event.timer, Timer, "a timer that has fired")
        natural(event.timer.number, "a timer's number")
    elif isinstance(event, HttpRequest):
        natural(event.number, "a request's number")
    elif isinstance(event, Question):
        reference(event.sender, ObjectRef, "who asks")
        natural(event.number, "a question's number")


def _check_request(request: Any) -> None:
    """Check what the kernel reads of a request that waits."""
    require(request, REQUESTS, "a request")
    if isinstance(request, WaitFor):
        require(request.events, tuple, "the events that are waited for")
    elif isinstance(request, (Ask, Http, AskGrants)):
        natural(request.timeout_us, "a time-out")
    elif isinstance(request, Sense):
        _check_sense(request)
    elif isinstance(request, Teleport):
        require(request.region, str, "a region")
    if isinstance(request, (AskGrants, Transfer)):
        reference(request.agent, AgentRef, "who is asked")
    if isinstance(request, AskGrants):
        require(request.grants, tuple, "grants")
    if isinstance(request, (Send, Give, Ask)):
        # It may wait for room, and then it is sent from here.
        reference(request.receiver, ObjectRef, "a receiver")
    if isinstance(request, Give):
        require(request.name, str, "the name of an item")


def _check_sense(request: Sense) -> None:
    for value in (request.radius_m, request.arc):
        require(value, float, "a number of a sensing")
    if not 0 < request.radius_m <= SENSE_RADIUS_M_MAX:
        raise BadRecord(
            f"a sensing reaches {request.radius_m:g} m; at most {SENSE_RADIUS_M_MAX:g} are possible."
        )
    for text in (request.kind, request.name):
        require(text, (str, type(None)), "a text of a sensing")


def _check_frames(frames: Any, modules: Mapping[str, Module]) -> None:
    require(frames, tuple, "the frames")
    for frame in frames:
        require(frame, Frame, "a frame")
    for caller in frames[:-1]:
        # The innermost one may not have begun; whoever has called another has.
        if caller.point not in modules[caller.program].program.function(caller.function).points:
            raise BadRecord(f"a call stands at '{caller.point}' of '{caller.function}', which is no call.")


def _check_listen(number: int, channel: int, sender: Any, name: Any, text: Any, enabled: bool) -> None:
    natural(number, "a listen's number")
    require(channel, int, "a channel")
    if sender is not None:
        reference(sender, (ObjectRef, AgentRef), "a sender")
    for value in (name, text):
        if value is not None:
            require(value, str, "a text")
    require(enabled, bool, "a flag")
