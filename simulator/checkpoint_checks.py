"""What must be true of an object's state before it is let into a region: it may come from a stranger.

The one idea: the codec makes sure that a record holds nothing but values; here it is made sure that they are
the right ones, so that the kernel can rely on them as if it had made them itself. Every check raises
`BadRecord`.
"""

from __future__ import annotations

from typing import Any

from migrate.errors import BadRecord
from migrate.frame import Frame
from scripts_api import AgentRef, ObjectRef, Script, ScriptError, checks
from scripts_api.events import EVENTS
from scripts_api.requests import REQUESTS
from simulator.limits import RegionLimits

ENGINES = ("generator", "native")


def check_object(state: dict[str, Any], limits: RegionLimits) -> None:
    """Check the object's own part."""
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
    for key, value in _dict(state["store"] or {}, "store").items():
        _is(key, str, "a key of the store")
        _is(value, bytes, "a value of the store")
    for receiver, data in _list(
        state["outgoing"] or [], limits.outgoing_len_max + 1_000, "outgoing messages"
    ):
        _is(receiver, str, "a receiver")
        _is(data, bytes, "a message")


def check_script(state: dict[str, Any], kind: type[Script], limits: RegionLimits) -> None:
    """Check one script's part; its instance is checked where it is taken."""
    for name in (
        "cpu_us",
        "slices",
        "events",
        "drops",
        "drops_untold",
        "next_number",
        "random_state",
        "elapsed_us",
    ):
        _natural(state[name], name)
    _is(state["error"] or "", str, "the error")
    leaving = state["leaving"]
    if leaving is not None and not (isinstance(leaving, type) and issubclass(leaving, kind)):
        raise BadRecord(f"a script is about to become {leaving!r}, which is no state of it.")
    for event in _list(state["queue"] or [], 4 * limits.queue_len_max, "queue"):
        _is(event, EVENTS, "an event")
    threads = _list(state["threads"], limits.microthreads_max + 1, "microthreads")
    for thread in threads:
        _check_thread(thread)
    for index in [*_list(state["ready"], len(threads), "ready"), state["handler"] or 0]:
        if _natural(index, "a microthread's number") >= max(1, len(threads)):
            raise BadRecord(f"a script has no microthread {index}.")
    if len(set(state["ready"])) != len(state["ready"]):
        raise BadRecord("a microthread of a script is ready twice.")
    for timer in _list(state["timers"], limits.timers_max, "timers"):
        _check_timer(*timer)
    for listen in _list(state["listens"], limits.listens_max, "listens"):
        _check_listen(*listen)


def _check_thread(state: dict[str, Any]) -> None:
    if state["event"] is not None:
        _is(state["event"], EVENTS, "an event")
    if state["request"] is not None:
        _is(state["request"], REQUESTS, "a request")
    if state["remaining_us"] is not None:
        _natural(state["remaining_us"], "a remaining time")
    if state["error"] is not None:
        _is(state["error"], BaseException, "an error")
    _natural(state["number"], "a question's number")
    if state["engine"] not in ENGINES:
        raise BadRecord(f"a microthread runs on {state['engine']!r}, which is no engine.")
    for frame in state["frames"]:
        _is(frame, Frame, "a frame")


def _check_timer(
    number: int, remaining_us: int, interval_us: int | None, function: Any, queued: bool, alive: bool
) -> None:
    _natural(number, "a timer's number")
    _natural(remaining_us, "a remaining time")
    if interval_us is not None and _natural(interval_us, "an interval") == 0:
        raise BadRecord("a timer fires every 0 microseconds.")
    if function is not None and not callable(function):
        raise BadRecord(f"a timer calls {function!r}, which is no function.")
    _is(queued, bool, "a flag")
    _is(alive, bool, "a flag")


def _check_listen(number: int, channel: int, sender: Any, name: Any, text: Any, enabled: bool) -> None:
    _natural(number, "a listen's number")
    _is(channel, int, "a channel")
    if sender is not None:
        _is(sender, (ObjectRef, AgentRef), "a sender")
    for value in (name, text):
        _is(value or "", str, "a text")
    _is(enabled, bool, "a flag")


def _is(value: Any, kinds: type | tuple[type, ...], what: str) -> None:
    if not isinstance(value, kinds):
        raise BadRecord(f"{what} is a {type(value).__name__}.")


def _natural(value: Any, what: str) -> int:
    if type(value) is not int or value < 0:
        raise BadRecord(f"{what} is {value!r}; it must be a whole number from 0.")
    return value


def _list(value: Any, len_max: int, what: str) -> list[Any]:
    _is(value, list, what)
    if len(value) > len_max:
        raise BadRecord(f"there are {len(value)} {what}; at most {len_max} can be.")
    return list(value)


def _dict(value: Any, what: str) -> dict[Any, Any]:
    _is(value, dict, what)
    return dict(value)
