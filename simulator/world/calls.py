"""What a script's calls do to the world: `scripts_api.host.ScriptHost`, for one script.

The one idea: a call takes effect at once, in memory, within the tick; what leaves the region, or is heard or
seen, does so after the tick's commit. Nothing here waits.

The fields of a script lie here too, because a million of them must be small: whatever is empty is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from migrate import Microthread
from scripts_api import (
    AgentRef,
    Event,
    LimitReached,
    Listen,
    Memory,
    ObjectRef,
    OwnObject,
    Region,
    Script,
    Timer,
    Vector,
)
from simulator.scheduler import Member
from simulator.world.chance import draw
from simulator.world.journeys import begin_journey
from simulator.world.objects import WorldObject, read_attribute, write_attribute
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


class ScriptCalls(Member):
    """A script's fields and its calls."""

    __slots__ = (
        "body", "chat_full_us", "condition", "cpu_us", "drops", "drops_untold", "elapsed_before_us", "error",
        "events", "handler", "instance", "kind", "leaving", "listens", "log_full_us", "next_number", "own",
        "own_region", "program", "queue", "ran_in", "random_state", "ready", "slices", "started_us", "threads",
        "timers",
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
        self.leaving: type[Script] | None = None
        self.error: str | None = None
        self.next_number = 1
        self.started_us, self.elapsed_before_us = body.world.time_us, 0
        self.chat_full_us = self.log_full_us = self.ran_in = 0
        self.cpu_us = self.slices = self.events = self.drops = self.drops_untold = 0

    @property
    def world(self) -> World:
        """The region's world."""
        return self.body.world

    @property
    def object(self) -> OwnObject:
        """The view of its object, always the same."""
        if self.own is None:
            self.own = OwnObject(self)
        return self.own

    @property
    def region(self) -> Region:
        """The view of its region, always the same."""
        if self.own_region is None:
            self.own_region = Region(self)
        return self.own_region

    def deliver(self, event: Event) -> None:
        """Take an event."""
        raise NotImplementedError

    def wake_up(self) -> None:
        """There may be something to run."""
        raise NotImplementedError

    # --- Chat and log ---

    def say(self, text: str, channel: int, range_m: float | None) -> None:
        """Say a line."""
        self._spend_on_chat("say")
        self.world.chat.say(self.body.ref, self.body.position, text, channel, range_m)

    def say_to(self, receiver: ObjectRef | AgentRef, text: str, channel: int) -> None:
        """Say a line to one."""
        self._spend_on_chat("say_to")
        self.world.chat.say_to(self.body.ref, receiver, text, channel)

    def log(self, text: str) -> None:
        """Write a line for the author."""
        rate = self.world.limits.log_rate
        self.log_full_us = rate.spend(self.log_full_us, self.world.time_us, "log")
        self.world.told(self.body, "script log", text)

    def _spend_on_chat(self, call: str) -> None:
        rate = self.world.limits.chat_rate
        self.chat_full_us = rate.spend(self.chat_full_us, self.world.time_us, call)

    def listen(
        self, channel: int, sender: ObjectRef | AgentRef | None, name: str | None, text: str | None
    ) -> Listen:
        """Open an ear."""
        if self.listens is None:
            self.listens = {}
        if len(self.listens) >= self.world.limits.listens_max:
            raise LimitReached(f"listen: the script has {len(self.listens)} listens; close one first.")
        number = self.take_number()
        self.listens[number] = ScriptListen(channel, sender, name, text)
        self.world.chat.opened(self, channel)
        return Listen(self, number)

    def close_listen(self, number: int) -> None:
        """Close an ear."""
        if self.listens and number in self.listens:
            listen = self.listens.pop(number)
            self.world.chat.closed(self, listen.channel)

    def close_listens(self) -> None:
        """Close all ears."""
        for number in list(self.listens or ()):
            self.close_listen(number)
        self.listens = None

    def listen_enabled(self, number: int) -> bool:
        """Whether it hears."""
        listen = (self.listens or {}).get(number)
        return listen is not None and listen.enabled

    def enable_listen(self, number: int, enabled: bool) -> None:
        """Let it hear, or not."""
        listen = (self.listens or {}).get(number)
        if listen is not None:
            listen.enabled = enabled

    # --- Microthreads, timers, time ---

    def spawn(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Begin another microthread."""
        count = len(self.threads or ())
        if count >= self.world.limits.microthreads_max:
            raise LimitReached(f"spawn: the script has {count} microthreads; let some end first.")
        self.add_spawned(function, args)

    def add_spawned(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Begin another microthread."""
        raise NotImplementedError

    def microthread(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Microthread:
        """A microthread on the engine that fits the program."""
        return Microthread(function, arguments, engine=self.world.programs.engine(self.program))

    def start_timer(
        self, first_us: int, interval_us: int | None, function: Callable[..., Any] | None
    ) -> Timer:
        """Fire in `first_us`, and then at every interval, which is at least a frame. Raises `LimitReached`."""
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
        """Return the handle of a timer."""
        return Timer(self, number)

    def cancel_timer(self, number: int) -> None:
        """Stop a timer, and take what it queued out."""
        timer = (self.timers or {}).get(number)
        if timer is None:
            return
        if timer.queued and self.queue:
            self.queue = [each for each in self.queue if getattr(each, "timer", None) != Timer(self, number)]
        self.drop_timer(timer)

    def drop_timer(self, timer: ScriptTimer) -> None:
        """Forget a timer."""
        timer.cancel()
        assert self.timers is not None
        self.timers.pop(timer.number, None)
        if not self.timers:
            self.timers = None

    def timer_active(self, number: int) -> bool:
        """Whether it will still fire."""
        return number in (self.timers or {})

    def elapsed_us(self) -> int:
        """For how long it has run."""
        return self.elapsed_before_us + self.world.time_us - self.started_us

    def memory(self) -> Memory:
        """What the object's scripts reach, as it was last written down."""
        limit_bytes = self.world.limits.memory_bytes_max * len(self.body.scripts)
        return Memory(self.body.written_bytes, limit_bytes)

    def random(self) -> float:
        """The next number of its stream."""
        self.random_state, number = draw(self.random_state)
        return number

    def take_number(self) -> int:
        """A number that nothing else of this script has."""
        number = self.next_number
        self.next_number += 1
        return number

    # --- Messages ---

    def send(self, receiver: ObjectRef, payload: Any) -> None:
        """Send a copy."""
        self.world.mail.send(self.body, receiver, payload)

    # --- The object, its store, its region ---

    def read(self, name: str) -> Any:
        """An attribute of the object."""
        return read_attribute(self.body, name)

    def write(self, name: str, value: Any) -> None:
        """Set one."""
        write_attribute(self.body, name, value)

    def move_to(self, target: Vector, duration_us: int) -> None:
        """Send the object to a place."""
        begin_journey(self.body, target, duration_us)

    def push(self, change: Vector) -> None:
        """Change the velocity."""
        write_attribute(self.body, "velocity", self.body.velocity + change)

    def store_get(self, key: str) -> Any:
        """A copy of what is kept."""
        return self.world.stores.get(self.body, key)

    def store_put(self, key: str, value: Any) -> None:
        """Keep a copy."""
        self.world.stores.put(self, key, value)

    def store_delete(self, key: str) -> None:
        """Forget a key."""
        self.world.stores.delete(self, key)

    def store_keys(self) -> Iterable[str]:
        """All keys, sorted."""
        return sorted(self.body.store or ())

    def region_fact(self, name: str) -> Any:
        """A fact of the region."""
        return self.world.fact(name)

    def is_edge(self, position: Vector, direction: Vector) -> bool:
        """Whether the world ends there."""
        return self.world.is_edge(position, direction)
