"""`Script`: what an author derives from, with every call that a script can make.

The one idea: plain code. Handlers are methods named `on_…`, own state is ordinary attributes, and a call that
waits looks like any other: it blocks this handler alone. Calls marked "Waits." are suspension points; all
others never suspend. Every call checks its arguments first and raises `ScriptError` at the author's line.

What the calls do is the world's business (`host`, `requests`); this file knows no world. It is long because it is one
list: what an author finds behind `self.`, each call with all that must be known of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

from scripts_api import checks, requests
from scripts_api.budgets import BUDGETS, Budget
from scripts_api.errors import ScriptError
from scripts_api.events import Event
from scripts_api.grants import GRANTS
from scripts_api.handles import Listen, Sensor, Timer
from scripts_api.http import HttpResponse
from scripts_api.limits import (
    HTTP_SECONDS_MAX,
    NOTE_TEXT_LEN_MAX,
    RAY_HITS_MAX,
    RAY_M_MAX,
    SAY_M,
    SENSE_RADIUS_M_MAX,
    SHOUT_M,
    WHISPER_M,
)
from scripts_api.memory import Memory
from scripts_api.objects import OwnObject
from scripts_api.rays import RayHit
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.regions import Region
from scripts_api.sensing import Sensed
from scripts_api.values import STILL, UPRIGHT, Rotation, Vector
from scripts_api.waiting import Request, waits

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ENDS = ("become", "reset", "stop", "die")
Awaited = TypeVar("Awaited", bound=Event)


class Script:
    """A script. Derive from it, write handlers, and keep state in attributes: they travel.

    A state is a class derived from the script's own, with other handlers: `self.become(Open)`.
    """

    # The host is in a slot and not in `__dict__`, so that `__dict__` is the author's own state and nothing
    # else.
    __slots__ = ("_host",)

    _host: ScriptHost

    def __init_subclass__(cls, *, engine: Literal["generator", "native"] | None = None) -> None:
        """`class Name(Script, engine="native")` chooses how its microthreads run. By default Gossamer does: "generator"
        is dense, "native" is fast where calls are deep, and waits in special methods too.
        """
        super().__init_subclass__()
        if engine not in (None, "generator", "native"):
            checks.refuse("a script's class", "engine", engine, '"generator" or "native", written out')

    @property
    def object(self) -> OwnObject:
        """The object that the script is in: where it is, what it looks like, what it holds.

        Second Life: none; a prim's functions are a script's own.
        """
        return self._host.object

    @property
    def region(self) -> Region:
        """The region that the object is in at present.

        Second Life: none; a region's functions are a script's own.
        """
        return self._host.region

    # --- Time and microthreads ---

    @waits
    def sleep(self, seconds: float) -> Request[None]:
        """Block this handler for some time. Waits.

        `seconds`: 0 to a hundred years; 0 gives up the slice. Other microthreads of the script run on; its events
        queue. Raises `ScriptError` for what is no such time.

        Second Life: llSleep.
        """
        return requests.Sleep(checks.duration_us("sleep", "seconds", seconds))

    @waits
    def wait(self, *events: type[Awaited], timeout_s: float | None = None) -> Request[Awaited | None]:
        """Wait for the next event of one of some classes (`Touch`, `Heard`, …) and return it. Waits.

        `events`: at least one class. All other events queue. The event comes here instead of to its handler. Returns
        None when `timeout_s` seconds have passed; a `timeout_s` of None waits for ever. Raises `ScriptError` for what
        is no class of events, and for no such time.

        Second Life: none; a state for each step of a talk.
        """
        if not events:
            raise ScriptError("wait: no event is named; name at least one class, as in self.wait(Touch).")
        for event in events:
            if not isinstance(event, type) or not issubclass(event, Event) or event is Event:
                checks.refuse("wait", "an event", event, "a class of scripts_api such as Touch or Heard")
        return requests.WaitFor(
            tuple(event.__name__ for event in events), checks.timeout_us("wait", timeout_s)
        )

    def spawn(self, function: Callable[..., Any], *args: Any) -> None:
        """Begin another microthread of this script that calls a method or function. Never waits.

        `function`: is called with `args`, and what it returns is dropped. It takes turns with the handlers and
        interrupts them at suspension points only. Raises `ScriptError` for what can't be called, `LimitReached` when
        the script has 64 microthreads.

        Second Life: none; a script for each thing that goes on at a time.
        """
        self._host.spawn(_callable("spawn", function), args)

    def every(self, seconds: float, function: Callable[[], Any] | None = None) -> Timer:
        """Call a method every so many seconds, or `on_timer` if none is given. Never waits.

        `seconds`: above 0, at least one tick. `function`: is called without arguments. It keeps its cadence and never
        bursts to catch up: a timer has at most one event in the queue. Raises `ScriptError` for what is no such time
        or can't be called, `LimitReached` when the script has 64 timers.

        Second Life: llSetTimerEvent.
        """
        interval_us = checks.duration_us("every", "seconds", seconds)
        if interval_us == 0:
            raise ScriptError("every: seconds is 0; write how often, or use after(0, …) to be called once.")
        return self._host.start_timer(interval_us, interval_us, _callable_or_none("every", function))

    def after(self, seconds: float, function: Callable[[], Any] | None = None) -> Timer:
        """Call a method once in so many seconds, or `on_timer` if none is given. Never waits.

        `seconds`: 0 to a hundred years. `function`: is called without arguments. Raises `ScriptError` for what is no
        such time or can't be called, `LimitReached` when the script has 64 timers.

        Second Life: llSetTimerEvent, and to stop the timer in its event.
        """
        first_us = checks.duration_us("after", "seconds", seconds)
        return self._host.start_timer(first_us, None, _callable_or_none("after", function))

    @property
    def elapsed_s(self) -> float:
        """Seconds that the script has run since it started or was reset, wherever it was.

        Second Life: llGetTime.
        """
        return self._host.elapsed_us() / 1e6

    @property
    def min_event_interval_s(self) -> float:
        """Seconds that pass at least between two events that the script takes, 0 at first; others queue.

        To set it takes effect with the next event. Answers that a handler waits for, and spawned microthreads, are not
        held up. Raises `ScriptError` for what is no time from 0 to a hundred years.

        Second Life: llMinEventDelay.
        """
        return self._host.min_event_interval_us() / 1e6

    @min_event_interval_s.setter
    def min_event_interval_s(self, seconds: float) -> None:
        call = "min_event_interval_s"
        self._host.set_min_event_interval(checks.duration_us(call, "the value", seconds))

    @property
    def memory(self) -> Memory:
        """What the scripts of the object reach together, and may reach.

        Second Life: llGetUsedMemory.
        """
        return self._host.memory()

    def random(self) -> float:
        """Return a number from 0 to below 1 from the script's own stream, which travels. Never waits.

        Second Life: llFrand.
        """
        return self._host.random()

    # --- States and ends ---

    @waits
    def become(self, state: type[Script]) -> Request[NoReturn]:
        """Go over into a state: this script's class, or one derived from it. Waits, and never returns.

        `state`: the class. Unwinds the handler, runs `on_exit`, clears the queue, closes listens and repeating sensors,
        keeps timers, targets and grants, runs `on_enter`. Raises `ScriptError` for what is no state of this script.

        Second Life: state.
        """
        if not isinstance(state, type) or not issubclass(state, Script) or state is Script:
            checks.refuse("become", "the state", state, "a class derived from this script's class")
        return requests.Become(state)

    @waits
    def reset(self) -> Request[NoReturn]:
        """Begin anew: own state, queue, timers, listens, sensors and targets are as at first. Waits, and never returns.

        The object's store, contents and grants stay.

        Second Life: llResetScript.
        """
        return requests.Reset()

    @waits
    def stop(self) -> Request[NoReturn]:
        """Stop this script and keep its state; it takes no more events until it is reset. Waits, and never returns.

        Second Life: llSetScriptState.
        """
        return requests.Stop()

    @waits
    def die(self) -> Request[NoReturn]:
        """Remove the object, with its whole linkset, from the world at once. Waits, and never returns.

        Whoever sits on it stands up; if somebody wears it, only it is gone.

        Second Life: llDie.
        """
        return requests.Die()

    # --- Chat ---

    def whisper(self, text: str, channel: int = 0) -> None:
        """Say a line to what is within 10 m, over borders too. Never waits.

        `text`: at most 1024 bytes of UTF-8. `channel`: 0 is the one that people hear. Raises `ScriptError` for what is
        no such text or no channel, `LimitReached` when too much was said of late.

        Second Life: llWhisper.
        """
        self._host.say(checks.line("whisper", text), checks.channel("whisper", channel), WHISPER_M)

    def say(self, text: str, channel: int = 0) -> None:
        """Say a line to what is within 20 m, over borders too. Never waits.

        `text`: at most 1024 bytes of UTF-8. `channel`: 0 is the one that people hear. Raises `ScriptError` for what is
        no such text or no channel, `LimitReached` when too much was said of late.

        Second Life: llSay.
        """
        self._host.say(checks.line("say", text), checks.channel("say", channel), SAY_M)

    def shout(self, text: str, channel: int = 0) -> None:
        """Say a line to what is within 100 m, over borders too. Never waits.

        `text`: at most 1024 bytes of UTF-8. `channel`: 0 is the one that people hear. Raises `ScriptError` for what is
        no such text or no channel, `LimitReached` when too much was said of late.

        Second Life: llShout.
        """
        self._host.say(checks.line("shout", text), checks.channel("shout", channel), SHOUT_M)

    def region_say(self, text: str, channel: int = 1) -> None:
        """Say a line to all objects of the region. Never waits.

        `text`: at most 1024 bytes of UTF-8. `channel`: any but 0. Raises `ScriptError` for what is no text or
        no such channel, `LimitReached` when too much was said of late.

        Second Life: llRegionSay.
        """
        if checks.channel("region_say", channel) == 0:
            raise ScriptError("region_say: channel is 0, which people hear; use another channel, or shout.")
        self._host.say(checks.line("region_say", text), channel, None)

    def say_to(self, receiver: ObjectRef | AgentRef, text: str, channel: int = 0) -> None:
        """Say a line to one object or agent of the region; nobody else hears it. Never waits.

        `receiver`: an object hears it if it listens. `text`: at most 1024 bytes of UTF-8. `channel`: an agent
        hears 0. Raises `ScriptError` for an object that is not in the region and for what is no text or no channel,
        `LimitReached` when too much was said of late.

        Second Life: llRegionSayTo.
        """
        checks.any_ref("say_to", "the receiver", receiver)
        self._host.say_to(receiver, checks.line("say_to", text), checks.channel("say_to", channel))

    def listen(
        self,
        channel: int = 0,
        *,
        sender: ObjectRef | AgentRef | None = None,
        name: str | None = None,
        text: str | None = None,
    ) -> Listen:
        """Hear on a channel; `on_listen(message)` is called. Never waits.

        `channel`: a whole number of 32 bits. `sender`, `name`, `text`: only from that speaker, of that exact name, with
        that exact text. A script never hears its own object. Raises `ScriptError` for wrong arguments, `LimitReached`
        when the script has 65 listens.

        Second Life: llListen.
        """
        if sender is not None:
            checks.any_ref("listen", "sender", sender)
        wanted_name = None if name is None else checks.name("listen", name)
        wanted_text = None if text is None else checks.line("listen", text)
        return self._host.listen(checks.channel("listen", channel), sender, wanted_name, wanted_text)

    def log(self, text: str) -> None:
        """Write a line to the author's log. Never waits.

        `text`: any value, as `str` writes it; what is beyond 4096 characters is cut. Raises `LimitReached` when too
        much was logged of late.

        Second Life: llOwnerSay.
        """
        self._host.log(str(text)[:NOTE_TEXT_LEN_MAX])

    # --- Messages ---

    @waits
    def send(self, receiver: ObjectRef, payload: Any) -> Request[None]:
        """Send any object a copy of a value that can travel, wherever it is. Waits while too much is under way.

        It follows the object when that has moved. Events of one sender reach one receiver in order and
        exactly once; one that can't be delivered comes back: `on_undeliverable`. The receiver's
        `on_message(sender, payload)` is called. While a neighbour is away, or the receiver is slow, a certain
        amount waits for it; whoever sends more goes on when there is room again. Raises `ScriptError` if the
        payload can't travel, `LimitReached` when too much was sent of late.

        Second Life: llMessageLinked.
        """
        return requests.Send(checks.object_ref("send", "the receiver", receiver), payload)

    @waits
    def ask(self, receiver: ObjectRef, payload: Any, timeout_s: float = 10.0) -> Request[Any]:
        """Send a question and return what the other script's `on_message` returns. Waits.

        `receiver`: an object, wherever it is. `payload`: a value that can travel, at most 16 KiB. Raises `NoAnswer`
        when no answer comes in `timeout_s` seconds, the object is gone, or its script fails; `ScriptError` for a
        payload that can't travel, a wrong time, and a question to this very script; `LimitReached` when too much was
        sent.

        Second Life: none; a message there, another back, and a table of what was asked.
        """
        checks.object_ref("ask", "the receiver", receiver)
        return requests.Ask(receiver, payload, checks.duration_us("ask", "timeout_s", timeout_s))

    # --- Contents ---

    @waits
    def rez(
        self,
        name: str,
        position: Vector | None = None,
        *,
        velocity: Vector = STILL,
        rotation: Rotation = UPRIGHT,
        param: Any = None,
    ) -> Request[ObjectRef]:
        """Make an object of an "object" or "script" in the contents, and return a reference to it. Waits.

        `position`: metres in the world, in this region; where this object is if none is given. `velocity`: metres a
        second, and `rotation`: both in the world. `param`: any value that can travel; its `on_rez(param)` is called
        with a copy. It belongs to this object's owner. The object's other scripts get `on_object_rez(ref)`.
        Raises `ScriptError` for a name that is not in the contents or is a notecard's, a place outside the
        region, a param that can't travel; `LimitReached` when the owner has rezzed too many of late.

        Second Life: llRezObject.
        """
        place = None if position is None else checks.vector("rez", position, "position")
        velocity, rotation = checks.vector("rez", velocity, "velocity"), checks.rotation("rez", rotation)
        return requests.RezItem(checks.item_name("rez", name), place, velocity, rotation, param)

    @waits
    def give(self, receiver: ObjectRef | AgentRef, name: str) -> Request[None]:
        """Put a copy of something in the contents into another object, wherever that is, or give it to someone in
        the region. Waits while too much is under way, as `send` does.

        The receiver's scripts get `on_changed("contents")`. Where it has something of that name, the copy is
        named "name 2". What can't be taken (the receiver is gone, or full) comes back as
        `on_undeliverable(receiver, name, reason)`. Raises `ScriptError` for a name that is not in the contents
        and for someone who is not in the region, `LimitReached` when too much was given of late.

        Second Life: llGiveInventory.
        """
        checks.any_ref("give", "the receiver", receiver)
        return requests.Give(receiver, checks.item_name("give", name))

    @waits
    def http(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: str | None = None,
        timeout_s: float = 30.0,
    ) -> Request[HttpResponse]:
        """Ask the outside world by HTTP and return its answer. Waits.

        `url`: of a host that the world's file allows; by default it allows none. `method`: "GET", "HEAD", "POST",
        "PUT", "PATCH" or "DELETE". `headers`: at most 16, of ASCII. `body`: at most 16 KiB; an answer has at most 64
        KiB. Status 404 and the like are answers. Raises `ScriptError` for an address that is not allowed,
        `LimitReached` when too much was asked of late, `HttpFailed` when no answer comes in `timeout_s` seconds (at
        most 60), when it is too large, and when the object crosses a border meanwhile.

        Second Life: llHTTPRequest, which answers by an event.
        """
        if method not in METHODS:
            checks.refuse("http", "method", method, f"one of {', '.join(METHODS)}")
        if checks.number("http", "timeout_s", timeout_s) > HTTP_SECONDS_MAX:
            checks.refuse("http", "timeout_s", timeout_s, f"at most {HTTP_SECONDS_MAX:g} seconds")
        timeout_us = checks.duration_us("http", "timeout_s", timeout_s)
        sent = checks.headers("http", {} if headers is None else headers), checks.http_body("http", body)
        return requests.Http(checks.url("http", url), method, *sent, timeout_us)

    def budget(self, name: str) -> Budget:
        """Return what is left of "chat", "log", "messages", "rez", "give" or "http". Never waits.

        Who does more gets `LimitReached`. Raises `ScriptError` for another name.

        Second Life: none; llGetFreeURLs and the like for single limits.
        """
        if name not in BUDGETS:
            checks.refuse("budget", "the name", name, f"one of {', '.join(BUDGETS)}")
        return self._host.budget(name)

    @waits
    def request_grants(
        self, agent: AgentRef, *grants: str, timeout_s: float = 60.0
    ) -> Request[tuple[str, ...]]:
        """Ask someone to grant the object something, and return what of it is granted, sorted. Waits.

        `agent`: wherever it is. `grants`: of "attach" (`object.attach` puts the object on), "control" (the agent's keys
        come to `on_control` while it sits on the object or wears it) and "own" (`object.transfer` may give the object
        to it). What is granted already is not asked for again. An empty tuple: the agent has refused, or said nothing
        for `timeout_s` seconds. Whatever the agent grants or takes back, now or later, is told by
        `on_grant(principal, grants)` too. Raises `ScriptError` for what is no agent, and for unknown grants,
        `LimitReached` when too much was asked and said of late: it counts as a line of chat.

        Second Life: llRequestPermissions.
        """
        call = "request_grants"
        checks.agent_ref(call, "the agent", agent)
        if not grants:
            raise ScriptError(f"{call}: no grant is named; name at least one of {', '.join(GRANTS)}.")
        for grant in grants:
            if grant not in GRANTS:
                checks.refuse(call, "a grant", grant, f"one of {', '.join(GRANTS)}")
        timeout_us = checks.duration_us(call, "timeout_s", timeout_s)
        return requests.AskGrants(agent, tuple(sorted(set(grants))), timeout_us)

    # --- Sensing ---

    @waits
    def sense(
        self, radius: float, *, arc: float = math.pi, kind: str | None = None, name: str | None = None
    ) -> Request[tuple[Sensed, ...]]:
        """Return what is within `radius` metres, over borders too, the nearest first, at most 32. Waits.

        `radius`: above 0, at most 96. `arc`: half the angle of view in radians about the object's own x axis; pi is
        all around. `kind`: "object" or "agent"; `name`: exactly that name. Of linksets only the root is found, and who
        sits on them; nothing that is worn. Raises `ScriptError` for wrong arguments.

        Second Life: llSensor.
        """
        return _sensing("sense", radius, arc, kind, name)

    def sense_every(
        self,
        seconds: float,
        radius: float,
        *,
        arc: float = math.pi,
        kind: str | None = None,
        name: str | None = None,
    ) -> Sensor:
        """Sense every so many seconds; `on_sensor(found)` is called, or `on_no_sensor()` where nothing is. Never waits.

        `seconds`: above 0, at least one tick. `radius`, `arc`, `kind`, `name`: as for `sense`. At most one event of a
        sensor is in the queue, the newest. To become another state ends it. Raises `ScriptError` for wrong arguments,
        `LimitReached` when the script has 8 sensors.

        Second Life: llSensorRepeat.
        """
        call = "sense_every"
        interval_us = checks.duration_us(call, "seconds", seconds)
        if interval_us == 0:
            checks.refuse(call, "seconds", seconds, "above 0; use sense to look once")
        return self._host.start_sensor(interval_us, _sensing(call, radius, arc, kind, name))

    def cast_ray(
        self, start: Vector, end: Vector, *, kind: str | None = None, count: int = 1
    ) -> tuple[RayHit, ...]:
        """Return what lies on a straight way in this region, the nearest first. Never waits.

        `start`, `end`: metres in the world, at most 100 m from each other. `kind`: "object" or "agent"; None for both.
        `count`: how many at most, 1 to 32. The ground ends the ray and is told too, with a `ref` of None. Phantoms,
        sensors and the object's own linkset are not met; parts of others are, exactly as they are turned. Raises
        `ScriptError` for wrong arguments.

        Second Life: llCastRay.
        """
        call = "cast_ray"
        checks.vector(call, start, "start")
        checks.vector(call, end, "end")
        if start.distance(end) > RAY_M_MAX:
            checks.refuse(call, "the distance", start.distance(end), f"at most {RAY_M_MAX:g} m")
        _check_kind(call, kind)
        if type(count) is not int or not 1 <= count <= RAY_HITS_MAX:
            checks.refuse(call, "count", count, f"a whole number from 1 to {RAY_HITS_MAX}")
        return self._host.cast_ray(start, end, kind, count)

    def look(self, ref: ObjectRef | AgentRef) -> Sensed | None:
        """Return what an object or someone in the region is like at this moment, however far away. Never waits.

        `ref`: an object's or an agent's. Beyond a border what is within 100 m of it is known, from some frames after
        the first look on. None: it is not there, or not known. Raises `ScriptError` for what is no reference.

        Second Life: llGetObjectDetails.
        """
        return self._host.look(checks.any_ref("look", "the reference", ref))


def _sensing(call: str, radius: float, arc: float, kind: str | None, name: str | None) -> requests.Sense:
    if not 0 < checks.number(call, "radius", radius) <= SENSE_RADIUS_M_MAX:
        checks.refuse(call, "radius", radius, f"above 0 and at most {SENSE_RADIUS_M_MAX:g} m")
    if not 0 <= checks.number(call, "arc", arc) <= math.pi:
        checks.refuse(call, "arc", arc, "from 0 to pi")
    _check_kind(call, kind)
    wanted_name = None if name is None else checks.name(call, name)
    return requests.Sense(float(radius), float(arc), kind, wanted_name)


def _check_kind(call: str, kind: str | None) -> None:
    if kind not in (None, "object", "agent"):
        checks.refuse(call, "kind", kind, '"object", "agent" or None')


def _callable(call: str, function: Any) -> Callable[..., Any]:
    if not callable(function):
        checks.refuse(call, "the function", function, "a method or function, without calling it")
    found: Callable[..., Any] = function
    if hasattr(function, "request") and function.__name__ in ENDS:
        return found
    ours = str(getattr(function, "__module__", "")).startswith("scripts_api")
    if ours or isinstance(function, (type, BuiltinFunctionType)):
        # Nobody would get its answer, and there would be nothing of the script's own to write down while it waits.
        name = getattr(function, "__name__", function)
        checks.refuse(call, "the function", name, "a method of your own that calls it")
    return found


def _callable_or_none(call: str, function: object) -> Callable[..., Any] | None:
    return None if function is None else _callable(call, function)
