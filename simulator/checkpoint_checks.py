"""What must be true of an object's state before it is let into a region: it may come from a stranger.

The one idea: the codec makes sure that a record holds nothing but values; here it is made sure that they are
the right ones, so that the kernel can rely on them as if it had made them itself. Whatever `checkpoint` takes
out of a state has been looked at here, and what is wrong raises `BadRecord`.

What the kernel itself may write passes always: a limit that is checked here is one that is kept there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from migrate import Module
from migrate.errors import BadRecord
from migrate.frame import Frame
from scripts_api import AgentRef, ObjectRef, Question, Script, ScriptError, Timer, TimerFired, checks
from scripts_api.budgets import BUDGETS
from scripts_api.events import EVENTS
from scripts_api.grants import GRANTS, KEYS
from scripts_api.limits import (
    GRANTERS_MAX,
    LINKSET_LEN_MAX,
    PATH_LEN_MAX,
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
from simulator.limits import RegionLimits
from simulator.world.calls import Condition
from simulator.world.events import NEVER_DROPPED
from simulator.world.threads import Role

COUNTERS: Final = ("cpu_us", "slices", "events", "drops", "drops_untold", "next_number", "random_state")
"""Fields of a script that are written down and restored as they are: whole numbers from 0."""

TIMES: Final = ("elapsed_us", "chat_us", "log_us")
ENGINES: Final = ("generator", "native")
NATURAL_MAX: Final = 2**64 - 1
"""No count or time is larger: statistics travel as 64 bits, and a float can still hold it."""


def check_state(
    id: str,
    root: Any,
    kinds: Sequence[type[Script]],
    modules: Mapping[str, Module],
    limits: RegionLimits,
) -> None:
    """Check all that the heap of an object holds. `kinds`: the class of each of its scripts.

    Raises `BadRecord`. Whether a script's instance belongs to its own host is checked where it is taken.
    """
    try:
        _is(root.get("modules", {}), dict, "the state of modules")
        _check_object(root["object"], limits)
        for kind, state in zip(kinds, root["scripts"], strict=True):
            _check_script(state, kind, modules, limits)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        # What a stranger's state lacks, or has in another shape, shows where it is looked at.
        raise BadRecord(f"object {id} has a state that can't be read: {error!r}.") from None


def _check_object(state: dict[str, Any], limits: RegionLimits) -> None:
    try:
        for name in ("place", "velocity", "spin"):
            checks.vector(name, state[name])
        if state["target"] is not None:
            checks.vector("target", state["target"])
        checks.scale("scale", state["scale"])
        checks.rotation("rotation", state["rotation"])
        checks.color("color", state["color"])
        checks.flag("phantom", state["phantom"])
        checks.description("description", state["description"])
        checks.description("text", state["text"])
    except ScriptError as error:
        raise BadRecord(f"an object's state is wrong: {error}") from None
    _natural(state["age_us"], "age")
    # Records that were written before it was told apart have none.
    _is(state.get("held", False), bool, "whether it waits at a border")
    if state["store"] is not None:
        _is(state["store"], dict, "the store")
        for key, value in state["store"].items():
            _is(key, str, "a key of the store")
            _is(value, bytes, "a value of the store")
    if "path" in state:
        _check_path(*state["path"])
    _check_extras(state)
    if state["outgoing"] is not None:
        # However many there are: answers to questions wait there whatever their number.
        for receiver, data in _list(state["outgoing"], None, "outgoing messages"):
            _is(receiver, str, "a receiver")
            _is(data, bytes, "a message")


def _check_path(legs: Any, at: int, loop: Any, rest_us: Any) -> None:
    _is(legs, tuple, "a path")
    if not len(legs) <= PATH_LEN_MAX or _natural(at, "a leg") >= len(legs):
        raise BadRecord(f"an object is on leg {at} of a path of {len(legs)}.")
    _is(loop, bool, "a flag")
    if rest_us is not None:
        _natural(rest_us, "a rest")
    try:
        for place, duration_us, *turns in legs:
            checks.vector("path", place)
            if _natural(duration_us, "a leg's time") == 0:
                raise BadRecord("a leg of a path takes no time.")
            for turn in turns:
                checks.rotation("path", turn)
    except ScriptError as error:
        raise BadRecord(f"a path is wrong: {error}") from None


def _check_extras(state: dict[str, Any]) -> None:
    """What few objects have. Contents are checked where they are unpacked."""
    if "budgets" in state:
        _is(state["budgets"], dict, "the budgets")
        for name, remaining_us in state["budgets"].items():
            _one_of(name, BUDGETS, "a budget")
            _natural(remaining_us, "a budget's time")
    if "touching" in state:
        _is(state["touching"], tuple, "what it touches")
        for ref in state["touching"]:
            _reference(ref, (ObjectRef, AgentRef), "what it touches")
    for name in ("physical", "falls", "bounces"):
        _is(state.get(name, False), bool, name)
    if "worn" in state:
        wearer, root = state["worn"]
        _reference(ObjectRef(wearer), ObjectRef, "who wears it")
        _reference(ObjectRef(root), ObjectRef, "the attachment")
    for key in _is_tuple(state.get("keys", ()), "keys"):
        _one_of(key, KEYS, "a key")
    _check_grants(state.get("grants", {}))
    if "agent" in state:
        _reference(AgentRef(state["agent"]), AgentRef, "whose body it is")
    if "part" in state:
        offset, turn = state["part"]
        try:
            checks.vector("offset", offset)
            checks.rotation("turn", turn)
        except ScriptError as error:
            raise BadRecord(f"a part's place is wrong: {error}") from None


def _check_grants(grants: Any) -> None:
    _is(grants, dict, "the grants")
    if len(grants) > GRANTERS_MAX:
        raise BadRecord(f"{len(grants)} agents have granted something; at most {GRANTERS_MAX} are kept.")
    for agent, granted in grants.items():
        _reference(AgentRef(agent), AgentRef, "who grants something")
        for grant in _is_tuple(granted, "grants"):
            _one_of(grant, GRANTS, "a grant")


def check_size(id: str, members: int) -> None:
    """Check of how many objects a linkset is. Raises `BadRecord`."""
    if members > LINKSET_LEN_MAX:
        raise BadRecord(f"the object {id} has {members} parts; at most {LINKSET_LEN_MAX} can be.")


def _check_script(
    state: dict[str, Any], kind: type[Script], modules: Mapping[str, Module], limits: RegionLimits
) -> None:
    for name in (*COUNTERS, *TIMES):
        _natural(state[name], name)
    _one_of(state["condition"], [each.value for each in Condition], "a script's condition")
    if state["error"] is not None:
        _is(state["error"], str, "the error")
    _check_kinds(state, kind)
    _check_queue(state["queue"], limits)
    _check_threads(state, modules, limits)
    for timer in _list(state["timers"], limits.timers_max, "timers"):
        _check_timer(*timer)
    for listen in _list(state["listens"], limits.listens_max, "listens"):
        _check_listen(*listen)
    if "extras" in state:
        _check_extras_of_script(state["extras"])


def _check_extras_of_script(state: Any) -> None:
    _is(state, dict, "what few scripts have")
    _natural(state["interval_us"], "a least time between events")
    if state["rest_us"] is not None:
        _natural(state["rest_us"], "a remaining time")
    try:
        for number, position, range_m, inside in _list(state["targets"], TARGETS_MAX, "targets"):
            _natural(number, "a target's number")
            checks.vector("a target", position)
            checks.number("a target", "range_m", range_m)
            _is(inside, bool, "a flag")
    except ScriptError as error:
        raise BadRecord(f"a target is wrong: {error}") from None
    for number, remaining_us, interval_us, request in _list(state["sensors"], SENSORS_MAX, "sensors"):
        _natural(number, "a sensor's number")
        _natural(remaining_us, "a remaining time")
        if _natural(interval_us, "an interval") == 0:
            raise BadRecord("a sensor senses every 0 microseconds.")
        _is(request, Sense, "a sensing")
        _check_sense(request)


def _check_kinds(state: dict[str, Any], kind: type[Script]) -> None:
    if not issubclass(type(state["instance"]), kind):
        raise BadRecord(f"a script is a {type(state['instance']).__name__}, which is no {kind.__name__}.")
    leaving = state["leaving"]
    if leaving is not None and not (isinstance(leaving, type) and issubclass(leaving, kind)):
        raise BadRecord(f"a script is about to become {type(leaving).__name__}, which is no state of it.")


def _check_queue(queue: Any, limits: RegionLimits) -> None:
    if queue is None:
        return
    for event in _list(queue, None, "events"):
        _check_event(event)
    # What is never dropped may come on top of what the queue takes.
    _list(
        [event for event in queue if type(event) not in NEVER_DROPPED], limits.queue_len_max, "events queued"
    )


def _check_threads(state: dict[str, Any], modules: Mapping[str, Module], limits: RegionLimits) -> None:
    # A handler begins even where as many are spawned as may be.
    threads = _list(state["threads"], limits.microthreads_max + 1, "microthreads")
    for thread in threads:
        _check_thread(thread, modules)
    runnable = {index for index, thread in enumerate(threads) if thread["request"] is None}
    ready = _list(state["ready"], len(threads), "microthreads that are ready")
    if sorted(ready) != sorted(runnable):
        raise BadRecord(
            f"the microthreads {ready} of a script are ready, where {sorted(runnable)} wait for nothing."
        )
    if state["handler"] is not None and _natural(state["handler"], "the handler") >= len(threads):
        raise BadRecord(f"a script has no microthread {state['handler']}.")


def _check_thread(state: dict[str, Any], modules: Mapping[str, Module]) -> None:
    _one_of(state["role"], [each.value for each in Role], "what a microthread is for")
    _one_of(state["engine"], ENGINES, "a microthread's engine")
    if state["event"] is not None:
        _check_event(state["event"])
    if state["request"] is not None:
        _check_request(state["request"])
    if state["remaining_us"] is not None:
        _natural(state["remaining_us"], "a remaining time")
        if state["request"] is None:
            raise BadRecord("a microthread that waits for nothing has a time-out.")
    if state["error"] is not None:
        _is(state["error"], BaseException, "an error")
    _natural(state["number"], "a question's number")
    # An answer may be anything, but it must be there.
    _is(state["answer"], object, "an answer")
    _check_frames(state["frames"], modules)


def _check_event(event: Any) -> None:
    """Check what the kernel reads of an event; the rest is the script's business."""
    _is(event, EVENTS, "an event")
    if isinstance(event, TimerFired):
        _is(event.timer, Timer, "a timer that has fired")
        _natural(event.timer.number, "a timer's number")
    elif isinstance(event, Question):
        _reference(event.sender, ObjectRef, "who asks")
        _natural(event.number, "a question's number")


def _check_request(request: Any) -> None:
    """Check what the kernel reads of a request that waits."""
    _is(request, REQUESTS, "a request")
    if isinstance(request, WaitFor):
        _is(request.events, tuple, "the events that are waited for")
    elif isinstance(request, (Ask, Http, AskGrants)):
        _natural(request.timeout_us, "a time-out")
    elif isinstance(request, Sense):
        _check_sense(request)
    elif isinstance(request, Teleport):
        _is(request.region, str, "a region")
    if isinstance(request, (AskGrants, Transfer)):
        _reference(request.agent, AgentRef, "who is asked")
    if isinstance(request, AskGrants):
        _is(request.grants, tuple, "grants")
    if isinstance(request, (Send, Give, Ask)):
        # It may wait for room, and then it is sent from here.
        _reference(request.receiver, ObjectRef, "a receiver")
    if isinstance(request, Give):
        _is(request.name, str, "the name of an item")


def _check_sense(request: Sense) -> None:
    for value in (request.radius_m, request.arc):
        _is(value, float, "a number of a sensing")
    if not 0 < request.radius_m <= SENSE_RADIUS_M_MAX:
        raise BadRecord(
            f"a sensing reaches {request.radius_m:g} m; at most {SENSE_RADIUS_M_MAX:g} are possible."
        )
    for text in (request.kind, request.name):
        _is(text, (str, type(None)), "a text of a sensing")


def _is_tuple(value: Any, what: str) -> tuple[Any, ...]:
    _is(value, tuple, what)
    return tuple(value)


def _reference(value: Any, kinds: type | tuple[type, ...], what: str) -> None:
    """Check a reference with the rules that scripts' calls have."""
    _is(value, kinds, what)
    try:
        checks.any_ref("a record", what, value)
    except ScriptError as error:
        raise BadRecord(str(error)) from None


def _check_frames(frames: Any, modules: Mapping[str, Module]) -> None:
    _is(frames, tuple, "the frames")
    for frame in frames:
        _is(frame, Frame, "a frame")
    for caller in frames[:-1]:
        # The innermost one may not have begun; whoever has called another has.
        if caller.point not in modules[caller.program].program.function(caller.function).points:
            raise BadRecord(f"a call stands at '{caller.point}' of '{caller.function}', which is no call.")


def _check_timer(
    number: int, remaining_us: int, interval_us: int | None, function: Any, queued: bool, alive: bool
) -> None:
    _natural(number, "a timer's number")
    _natural(remaining_us, "a remaining time")
    if interval_us is not None and _natural(interval_us, "an interval") == 0:
        raise BadRecord("a timer fires every 0 microseconds.")
    if function is not None and not callable(function):
        raise BadRecord(f"a timer calls a {type(function).__name__}, which is no function.")
    _is(queued, bool, "a flag")
    _is(alive, bool, "a flag")


def _check_listen(number: int, channel: int, sender: Any, name: Any, text: Any, enabled: bool) -> None:
    _natural(number, "a listen's number")
    _is(channel, int, "a channel")
    if sender is not None:
        _reference(sender, (ObjectRef, AgentRef), "a sender")
    for value in (name, text):
        if value is not None:
            _is(value, str, "a text")
    _is(enabled, bool, "a flag")


def _is(value: Any, kinds: type | tuple[type, ...], what: str) -> None:
    if not isinstance(value, kinds):
        raise BadRecord(f"{what} is a {type(value).__name__}.")


def _one_of(value: Any, known: Sequence[str], what: str) -> None:
    _is(value, str, what)
    if value not in known:
        raise BadRecord(f"{what} is {value!r}; it must be one of {', '.join(known)}.")


def _natural(value: Any, what: str) -> int:
    if type(value) is not int:
        raise BadRecord(f"{what} is a {type(value).__name__}; it must be a whole number.")
    if not 0 <= value <= NATURAL_MAX:
        raise BadRecord(f"{what} is {value}; it must be from 0 to {NATURAL_MAX}.")
    return value


def _list(value: Any, len_max: int | None, what: str) -> list[Any]:
    _is(value, list, what)
    if len_max is not None and len(value) > len_max:
        raise BadRecord(f"there are {len(value)} {what}; at most {len_max} can be.")
    return list(value)
