"""What happens to a script's events: who gets them, where they wait, when they are dropped.

The one idea: an event goes to the microthread that waits for it, else into the queue if there is a handler
for it or one is at work that may yet wait for it, else nowhere. The queue is bounded; what is dropped is
counted, told to the script, and, if somebody waits for an answer to it, refused.
"""

from __future__ import annotations

from typing import Any

from scripts_api import (
    Arrive,
    Changed,
    Collision,
    Enter,
    Event,
    HttpRequest,
    MovingStart,
    Question,
    RegionStart,
    Sensor,
    SensorEmpty,
    SensorFound,
    Start,
    TimerFired,
    Upgrade,
)
from scripts_api.requests import WaitFor
from simulator.world.calls import RUNNING, Condition, ScriptCalls
from simulator.world.script_extras import ScriptSensor
from simulator.world.sensing import sense
from simulator.world.timers import ScriptTimer

JUMP_THE_QUEUE = frozenset((Start, Arrive, Enter, Upgrade))
NEVER_DROPPED = JUMP_THE_QUEUE | {RegionStart}
REPLACED = frozenset((Collision, SensorFound, SensorEmpty))
SPECIAL = NEVER_DROPPED | REPLACED | {Changed, MovingStart}
"""Events that do not just go to the back of the queue."""


class ScriptEvents(ScriptCalls):
    """What happens to a script's events, until a handler or a microthread has them."""

    __slots__ = ()

    @property
    def alive(self) -> bool:
        """Whether it runs, or would if it were not paused."""
        return self.condition in (Condition.RUNNING, Condition.PAUSED)

    def deliver(self, event: Event) -> None:
        """Take an event: to whoever waits for it, into the queue, or nowhere if nobody would handle it.

        What usually happens is spelt out, though `enqueue` does it too: each call is a tenth of it.
        """
        if self.condition is not RUNNING and not self.alive:
            self.refuse(event, "is stopped" if self.condition is Condition.STOPPED else "has failed")
            return
        for thread in self.threads or ():
            request = thread.request
            if type(request) is WaitFor and type(event).__name__ in request.events:
                self.events += 1
                thread.wake(event)
                return
        queue, kind = self.queue, type(event)
        # Where one of its kind waits already, there is a handler, or there will be none when it comes up.
        is_another = bool(queue) and type(queue[-1]) is kind  # type: ignore[index]  # there is one
        if not is_another and self.handler is None and getattr(self.instance, event.handler, None) is None:
            self.refuse(event, "does not take messages")
            return
        body = self.body
        world = body.world
        if queue is None:
            self.queue = [event]
        elif len(queue) < world.limits.queue_len_max and kind not in SPECIAL:
            queue.append(event)
        else:
            self.enqueue(event)
            return
        if body.extras is None:
            world.changed[body.id] = None
        else:
            world.touched(body)
        if self.after is None:
            world.scheduler.wake(self)  # type: ignore[arg-type]  # every one is a RunningScript

    def handles(self, event: Event) -> bool:
        """Whether the script, in its present state, has a handler for the event."""
        return self.handler_of(event) is not None

    def refuse(self, event: Event, reason: str | None) -> None:
        """Do not take an event; who asks is told the reason, if there is one."""
        if reason is not None and isinstance(event, Question):
            self.world.mail.reply(self.body, event, False, f"the script of {self.body.name!r} {reason}")
        elif reason is not None and isinstance(event, HttpRequest):
            self.world.inside.refused(event, reason)

    def enqueue(self, event: Event) -> None:
        """Put an event into the queue, or drop it if that is full."""
        queue, body = self.queue, self.body
        world = body.world
        if queue is None:
            self.queue = [event]
        elif type(event) in SPECIAL and self._placed(event, queue):
            pass
        elif len(queue) < world.limits.queue_len_max:
            queue.append(event)
        else:
            self._drop(event)
            return
        if body.extras is None:
            world.changed[body.id] = None
        else:
            world.touched(body)
        if self.after is None:
            world.scheduler.wake(self)  # type: ignore[arg-type]  # every one is a RunningScript

    def _placed(self, event: Event, queue: list[Event]) -> bool:
        """Put an event where its kind belongs; False if it goes to the back, if there is room."""
        kind = type(event)
        if kind in JUMP_THE_QUEUE:
            queue.insert(0, event)
            return True
        if kind is RegionStart:
            queue.append(event)
            return True
        for index, waiting in enumerate(queue):
            # One change of a kind is enough, and of collisions and of what a sensor finds the last.
            if waiting == event or (kind in REPLACED and _outdated(waiting, event)):
                queue[index] = event
                return True
        return False

    def _drop(self, event: Event) -> None:
        self.drops += 1
        self.drops_untold += 1
        self.world.counts.events_dropped += 1
        self.refuse(event, "has too many events in its queue")
        # A timer whose event is dropped fires again.
        self.taken(event)

    def deliver_wanted(self, event: Event) -> None:
        """Take an event if there is a handler for it or somebody waits for it; else it must not lie in the queue,
        however often it comes.
        """
        if self.handles(event) or any(thread.waits_for(event) for thread in self.threads or ()):
            self.deliver(event)

    def sensor_due(self, sensor: ScriptSensor) -> None:
        """A repeating sensor senses."""
        world, body, request = self.world, self.body, sensor.request
        world.halo.seeing.look(body.position, request.radius_m)
        found = sense(world, body, request)
        handle = Sensor(self, sensor.number)
        self.deliver_wanted(SensorFound(handle, found) if found else SensorEmpty(handle))

    def timer_due(self, timer: ScriptTimer) -> None:
        """A timer fires; at most one event of it is in the queue."""
        if not timer.queued and self.alive:
            timer.queued = True
            self.enqueue(TimerFired(self.timer_handle(timer.number)))

    def handler_of(self, event: Event) -> Any:
        """Return the function or method that the event calls, or None."""
        if type(event) is TimerFired:
            timer = self.timers.get(event.timer.number) if self.timers else None
            if timer is not None and timer.function is not None:
                return timer.function
        return getattr(self.instance, event.handler, None)

    def taken(self, event: Event) -> None:
        """An event has left the queue: a timer that fires once is over with it."""
        if type(event) is not TimerFired:
            return
        timer = self.timers.get(event.timer.number) if self.timers else None
        if timer is not None:
            timer.queued = False
            if timer.interval_us is None:
                self.drop_timer(timer)

    def clear_queue(self, reason: str | None) -> None:
        """Drop what waits in the queue."""
        queue, self.queue = self.queue, None
        for event in queue or ():
            self.refuse(event, reason)
            self.taken(event)


def _outdated(waiting: Event, event: Event) -> bool:
    """Whether an event that waits is made out of date by a newer one: of the same kind, or of the same sensor."""
    if type(waiting) not in REPLACED:
        return False
    sensor = getattr(event, "sensor", None)
    return type(waiting) is type(event) if sensor is None else getattr(waiting, "sensor", None) == sensor
