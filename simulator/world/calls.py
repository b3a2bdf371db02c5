"""What a script's calls do to the world: `scripts_api.host.ScriptHost`, for one script.

The one idea: a call takes effect at once, in memory, within the tick; what leaves the region, or is heard or
seen, does so after the tick's commit. Nothing here waits.

The fields of a script lie here too, because a million of them must be small: whatever is empty is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from migrate import Microthread
from migrate.engines import Habit
from scripts_api import (
    AgentRef,
    Budget,
    Event,
    Item,
    LimitReached,
    Listen,
    Memory,
    ObjectRef,
    OwnObject,
    RayHit,
    Region,
    Rotation,
    Script,
    ScriptError,
    Sensed,
    Sensor,
    Target,
    Timer,
    Vector,
    checks,
)
from scripts_api.limits import SENSORS_MAX, TARGETS_MAX
from scripts_api.requests import Sense
from simulator.scheduler import Task
from simulator.world import agents, linksets, rays, wearing
from simulator.world.attributes import check_free, read_attribute, write_attribute
from simulator.world.chance import next_state, number_of
from simulator.world.journeys import begin_journey, follow_path
from simulator.world.objects import WorldObject
from simulator.world.script_extras import ScriptExtras, ScriptSensor, ScriptTarget
from simulator.world.sensing import look
from simulator.world.threads import ScriptThread
from simulator.world.timers import ScriptListen, ScriptTimer

if TYPE_CHECKING:
    from simulator.world.world import World


class Condition(Enum):
    """Whether a script runs."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"


RUNNING = Condition.RUNNING
"""At hand without asking the enumeration, which takes longer than all else that is asked of a script in its turn."""


class Turned(Task):
    """What every turn of a script reads and writes. In a class of its own, so that it lies side by side: of two hundred
    thousand scripts none is in a cache when it wakes, and each stretch of 64 bytes is fetched by itself.
    """

    __slots__ = (
        "body", "condition", "cpu_us", "events", "extras", "handler", "queue", "ran_in", "random_state", "ready",
        "sleeps", "slices", "threads",
    )  # fmt: skip

    body: WorldObject


class ScriptCalls(Turned):
    """A script's fields, and its calls: the `ScriptHost` of its instance."""

    __slots__ = (
        "chat_full_us", "drops", "drops_untold", "elapsed_before_us", "error", "habit", "instance", "kind", "leaving",
        "listens", "log_full_us", "next_number", "own", "own_region", "program", "started_us", "timers",
    )  # fmt: skip

    def __init__(self, body: WorldObject, program: str, kind: type[Script], random_state: int) -> None:
        super().__init__()
        self.body, self.program, self.kind, self.random_state = body, program, kind, random_state
        self.condition = Condition.RUNNING
        self.instance = kind.__new__(kind)
        self.instance._host = self
        self.own: OwnObject | None = None
        self.own_region: Region | None = None
        self.queue: list[Event] | None = None
        self.ready: list[ScriptThread] | None = None
        self.threads: list[ScriptThread] | None = None
        self.handler: ScriptThread | None = None
        self.timers: dict[int, ScriptTimer] | None = None
        self.listens: dict[int, ScriptListen] | None = None
        self.extras: ScriptExtras | None = None
        self.leaving: type[Script] | None = None
        self.habit: Habit | None = None
        self.error: str | None = None
        self.next_number = 1
        self.started_us, self.elapsed_before_us = body.world.time_us, 0
        self.chat_full_us = self.log_full_us = self.ran_in = 0
        self.cpu_us = self.slices = self.events = self.sleeps = self.drops = self.drops_untold = 0

    @property
    def world(self) -> World:
        """The world of the region that its object is in."""
        return self.body.world

    @property
    def object(self) -> OwnObject:
        """See `ScriptHost`."""
        if self.own is None:
            self.own = OwnObject(self)
        return self.own

    @property
    def region(self) -> Region:
        """See `ScriptHost`."""
        if self.own_region is None:
            self.own_region = Region(self)
        return self.own_region

    def deliver(self, event: Event) -> None:
        """Give it an event: see `ScriptEvents`."""
        raise NotImplementedError

    def deliver_wanted(self, event: Event) -> None:
        """Give it an event if it wants it: see `ScriptEvents`."""
        raise NotImplementedError

    def wake_up(self) -> None:
        """Tell the scheduler that there may be something to run: see `RunningScript`."""
        raise NotImplementedError

    # --- Chat and log ---

    def say(self, text: str, channel: int, range_m: float | None) -> None:
        """See `ScriptHost`."""
        self.world.budgets.spend(self, "chat", "say")
        self.world.chat.say(self.body.ref, self.body.position, text, channel, range_m)

    def say_to(self, receiver: ObjectRef | AgentRef, text: str, channel: int) -> None:
        """See `ScriptHost`."""
        self.world.chat.check_receiver(receiver)
        self.world.budgets.spend(self, "chat", "say_to")
        self.world.chat.say_to(self.body.ref, receiver, text, channel)

    def log(self, text: str) -> None:
        """See `ScriptHost`."""
        self.world.budgets.spend(self, "log", "log")
        self.world.told(self.body, "script log", text)

    def listen(
        self, channel: int, sender: ObjectRef | AgentRef | None, name: str | None, text: str | None
    ) -> Listen:
        """See `ScriptHost`."""
        if self.listens is None:
            self.listens = {}
        if len(self.listens) >= self.world.limits.listens_max:
            raise LimitReached(f"listen: the script has {len(self.listens)} listens; close one first.")
        number = self.take_number()
        self.listens[number] = ScriptListen(channel, sender, name, text)
        self.world.chat.opened(self, channel)
        return Listen(self, number)

    def close_listen(self, number: int) -> None:
        """See `ScriptHost`."""
        if self.listens and number in self.listens:
            listen = self.listens.pop(number)
            self.world.chat.closed(self, listen.channel)

    def close_listens(self) -> None:
        """Close all of its listens."""
        for number in list(self.listens or ()):
            self.close_listen(number)
        self.listens = None

    def listen_enabled(self, number: int) -> bool:
        """See `ScriptHost`."""
        listen = (self.listens or {}).get(number)
        return listen is not None and listen.enabled

    def enable_listen(self, number: int, enabled: bool) -> None:
        """See `ScriptHost`."""
        listen = (self.listens or {}).get(number)
        if listen is not None:
            listen.enabled = enabled

    # --- Microthreads, timers, time ---

    def spawn(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """See `ScriptHost`."""
        count = len(self.threads or ())
        if count >= self.world.limits.microthreads_max:
            raise LimitReached(f"spawn: the script has {count} microthreads; let some end first.")
        self.add_spawned(function, args)

    def add_spawned(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Begin another microthread, whatever their number: see `RunningScript`."""
        raise NotImplementedError

    def microthread(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Microthread:
        """A microthread on the engine that fits the program, and how deeply the script's others have called."""
        engine = self.world.programs.engine(self.program)
        return Microthread(function, arguments, engine=engine, habit=self.habit)

    def start_timer(
        self, first_us: int, interval_us: int | None, function: Callable[..., Any] | None
    ) -> Timer:
        """See `ScriptHost`; an interval is at least a frame."""
        if self.timers is None:
            self.timers = {}
        limits = self.world.limits
        if len(self.timers) >= limits.timers_max:
            raise LimitReached(f"a timer: the script has {len(self.timers)} of them; cancel one first.")
        number = self.take_number()
        interval_us = interval_us and max(interval_us, limits.frame_us)
        timer = self.timers[number] = ScriptTimer(self, number, interval_us, function)  # type: ignore[arg-type]  # every one is a RunningScript
        timer.set(self.world.time_us + first_us)
        return Timer(self, number)

    def timer_handle(self, number: int) -> Timer:
        """Return the handle of a timer by its number, whether there is such a timer or not."""
        return Timer(self, number)

    def cancel_timer(self, number: int) -> None:
        """See `ScriptHost`."""
        timer = (self.timers or {}).get(number)
        if timer is None:
            return
        if timer.queued and self.queue:
            self.queue = [each for each in self.queue if getattr(each, "timer", None) != Timer(self, number)]
        self.drop_timer(timer)

    def drop_timer(self, timer: ScriptTimer) -> None:
        """Cancel and forget a timer; an event of it that is queued stays there."""
        timer.cancel()
        assert self.timers is not None
        self.timers.pop(timer.number, None)
        if not self.timers:
            self.timers = None
        self.world.touched(self.body)

    def timer_active(self, number: int) -> bool:
        """See `ScriptHost`."""
        return number in (self.timers or {})

    def more(self) -> ScriptExtras:
        """What few scripts have, for writing."""
        if self.extras is None:
            self.extras = ScriptExtras()
        return self.extras

    def min_event_interval_us(self) -> int:
        """See `ScriptHost`."""
        return 0 if self.extras is None else self.extras.min_interval_us

    def set_min_event_interval(self, interval_us: int) -> None:
        """See `ScriptHost`."""
        if interval_us or self.extras is not None:
            self.more().min_interval_us = interval_us
            self.world.touched(self.body)

    def elapsed_us(self) -> int:
        """See `ScriptHost`."""
        return self.elapsed_before_us + self.world.time_us - self.started_us

    def memory(self) -> Memory:
        """See `ScriptHost`."""
        limit_bytes = self.world.limits.memory_bytes_max * len(self.body.scripts)
        return Memory(self.body.written_bytes, limit_bytes)

    def random(self) -> float:
        """See `ScriptHost`."""
        self.random_state = state = next_state(self.random_state)
        return number_of(state)

    def take_number(self) -> int:
        """Return a number that no other timer, listen or question of this script has or had."""
        number = self.next_number
        self.next_number += 1
        return number

    # --- The object, its store, its region ---

    def read(self, name: str) -> Any:
        """See `ScriptHost`."""
        return read_attribute(self.body, name)

    def write(self, name: str, value: Any) -> None:
        """See `ScriptHost`."""
        write_attribute(self.body, name, value)

    def move_to(self, target: Vector, duration_us: int) -> None:
        """See `ScriptHost`."""
        check_free("object.move_to", self.body)
        begin_journey(self.body.root, target, duration_us)

    def follow(self, legs: tuple[tuple[Vector, int, Rotation | None], ...], loop: bool) -> None:
        """See `ScriptHost`."""
        check_free("object.follow", self.body)
        follow_path(self.body.root, legs, loop)

    def push(self, change: Vector) -> None:
        """See `ScriptHost`."""
        present = self.body.velocity_at(self.world.time_us)
        check_free("object.impulse", self.body)
        write_attribute(self.body, "velocity", checks.speed("object.impulse", present + change))

    def start_target(self, position: Vector, range_m: float) -> Target:
        """See `ScriptHost`."""
        if self.extras is not None and len(self.extras.targets) >= TARGETS_MAX:
            raise LimitReached(f"object.target: the script has {TARGETS_MAX} targets; cancel one first.")
        number = self.take_number()
        self.more().targets[number] = ScriptTarget(number, position, range_m)
        self.world.targets.consider(self.body)
        return Target(self, number)

    def cancel_target(self, number: int) -> None:
        """See `ScriptHost`."""
        if self.extras is not None and self.extras.targets.pop(number, None) is not None:
            self.world.targets.consider(self.body)
            self.world.touched(self.body)

    def target_active(self, number: int) -> bool:
        """See `ScriptHost`."""
        return self.extras is not None and number in self.extras.targets

    def http_address(self) -> str:
        """See `ScriptHost`."""
        web = self.world.limits.web
        if not web:
            raise ScriptError(
                f"object.http_address: the region {self.world.here.name} takes no requests. Whoever runs it can give it"
                ' an address in the world\'s file, as web = "127.0.0.1:8080" under [regions.NAME].'
            )
        return f"{web}/{quote(self.body.id)}"

    def wearer(self) -> AgentRef | None:
        """See `ScriptHost`."""
        wearer = self.body.worn_by
        return None if wearer is None else wearer.somebody

    def attach(self, agent: AgentRef, position: Vector, rotation: Rotation) -> None:
        """See `ScriptHost`."""
        wearing.wear(self.body, agent, position, rotation)

    def detach(self) -> None:
        """See `ScriptHost`."""
        wearing.remove(self.body)

    def grants(self, agent: AgentRef) -> tuple[str, ...]:
        """See `ScriptHost`."""
        return self.body.grants_of(agent.id)

    def store_get(self, key: str) -> Any:
        """See `ScriptHost`."""
        return self.world.stores.get(self.body, key)

    def store_put(self, key: str, value: Any) -> None:
        """See `ScriptHost`."""
        self.world.stores.put(self, key, value)

    def store_delete(self, key: str) -> None:
        """See `ScriptHost`."""
        self.world.stores.delete(self, key)

    def store_keys(self) -> Iterable[str]:
        """See `ScriptHost`."""
        return sorted(self.body.store or ())

    def look(self, ref: ObjectRef | AgentRef) -> Sensed | None:
        """See `ScriptHost`."""
        return look(self.world, self.body, ref)

    def start_sensor(self, interval_us: int, sensing: Sense) -> Sensor:
        """See `ScriptHost`; an interval is at least a frame."""
        if self.extras is not None and len(self.extras.sensors) >= SENSORS_MAX:
            raise LimitReached(f"sense_every: the script has {SENSORS_MAX} sensors; cancel one first.")
        number, interval_us = self.take_number(), max(interval_us, self.world.limits.frame_us)
        sensor = self.more().sensors[number] = ScriptSensor(self, number, interval_us, sensing, interval_us)  # type: ignore[arg-type]  # every one is a RunningScript
        self.world.halo.seeing.look(self.body.position, sensing.radius_m)
        sensor.set(self.world.time_us + interval_us)
        return Sensor(self, number)

    def cancel_sensor(self, number: int) -> None:
        """See `ScriptHost`."""
        sensor = None if self.extras is None else self.extras.sensors.pop(number, None)
        if sensor is None:
            return
        sensor.cancel()
        if self.queue:
            self.queue = [
                each for each in self.queue if getattr(each, "sensor", None) != Sensor(self, number)
            ]
        self.world.touched(self.body)

    def cancel_sensors(self) -> None:
        """End all of its sensings that repeat."""
        for number in list(self.extras.sensors if self.extras is not None else ()):
            self.cancel_sensor(number)

    def sensor_active(self, number: int) -> bool:
        """See `ScriptHost`."""
        return self.extras is not None and number in self.extras.sensors

    def cast_ray(self, start: Vector, end: Vector, kind: str | None, count: int) -> tuple[RayHit, ...]:
        """See `ScriptHost`."""
        return rays.cast_ray(self.world, self.body, start, end, kind, count)

    # --- Contents, linkset, budgets ---

    def content_names(self, kind: str | None) -> list[str]:
        """See `ScriptHost`."""
        return self.world.contents.names(self.body, kind)

    def content(self, name: str) -> Item:
        """See `ScriptHost`."""
        return self.world.contents.view(self.body, name)

    def write_notecard(self, name: str, text: str) -> None:
        """See `ScriptHost`."""
        self.world.contents.write(self, name, text)

    def remove_content(self, name: str) -> None:
        """See `ScriptHost`."""
        self.world.contents.remove(self, name)

    def budget(self, name: str) -> Budget:
        """See `ScriptHost`."""
        return self.world.budgets.read(self, name)

    def link(self, other: ObjectRef) -> None:
        """See `ScriptHost`."""
        linksets.link(self.body, other)

    def unlink(self, part: ObjectRef | None) -> None:
        """See `ScriptHost`."""
        linksets.unlink(self.body, part)

    def link_count(self) -> int:
        """See `ScriptHost`."""
        return len(self.body.links)

    def link_number(self) -> int:
        """See `ScriptHost`."""
        return self.body.links.index(self.body)

    def read_link(self, number: int, name: str) -> Any:
        """See `ScriptHost`."""
        return linksets.read_part(self.body, number, name)

    def write_link(self, number: int, name: str, value: Any) -> None:
        """See `ScriptHost`."""
        linksets.write_part(self.body, number, name, value)

    def send_to_links(self, payload: Any, to: str) -> None:
        """See `ScriptHost`."""
        linksets.send_to_parts(self, payload, to)

    def seated(self) -> tuple[AgentRef, ...]:
        """See `ScriptHost`."""
        return tuple(part.somebody for part in self.body.links if part.agent is not None)

    def unseat(self, agent: AgentRef) -> None:
        """See `ScriptHost`."""
        agents.unseat(self.body, agent)

    # --- The region ---

    def region_fact(self, name: str) -> Any:
        """See `ScriptHost`."""
        return self.world.fact(name)

    def is_edge(self, position: Vector, direction: Vector) -> bool:
        """See `ScriptHost`."""
        return self.world.is_edge(position, direction)
