"""A script as it runs: its microthreads, its turns, and everything that can become of it.

The one idea: a script has one handler at a time and any number of spawned microthreads. When a handler has
ended the next event begins another. A turn runs what is ready, step by step, until the slice is up.

How events reach it is in `events`, what its calls do to the world in `calls`, what its requests are answered
with in `answers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migrate import PREEMPTED, Failed, Finished
from migrate.engines.steps import not_begun
from migrate.limits import SLICES_PER_WEIGHING
from scripts_api import (
    Enter,
    Event,
    Exit,
    HttpRequest,
    NoAnswer,
    Overflow,
    Question,
    Script,
    Start,
    TimerFired,
)
from scripts_api.requests import Ask, Sleep
from simulator.limits import REPORT_BYTES_MAX
from simulator.world.answers import answer_request
from simulator.world.calls import RUNNING, Condition
from simulator.world.events import ScriptEvents
from simulator.world.modules import renewed_kind
from simulator.world.script_extras import Rest
from simulator.world.threads import Role, ScriptThread

if TYPE_CHECKING:
    from simulator.turns import Slicer


class RunningScript(ScriptEvents):
    """One script of one object. It has not begun when it is made: `begin` follows once its object is in the
    world.
    """

    __slots__ = ()

    @property
    def runnable(self) -> bool:
        """Whether there is something to run now."""
        if self.condition is not RUNNING or self.body.dying:
            return False
        return bool(self.ready) or (self.handler is None and bool(self.queue) and not self.rests)

    @property
    def rests(self) -> bool:
        """Whether it takes no event for a while, because it has just taken one."""
        return self.extras is not None and self.extras.rest is not None

    def wake_up(self) -> None:
        """Tell the scheduler that there may be something to run."""
        self.world.wake(self)

    # --- Turns ---

    def turn(self, steps: range, slicer: Slicer) -> bool | None:
        """Run what is ready until the slice is up or so many steps are done; return whether it is runnable still; None
        if it was not even before. Long, because a sleeper that wakes and sleeps on pays for every call within.
        """
        if self.condition is not RUNNING or self.body.dying:
            return None
        if not self.ready and (
            not self.queue or self.handler is not None or (self.extras is not None and self.rests)
        ):
            return None
        for _ in steps:
            if self.queue is not None and self.handler is None and (self.extras is None or not self.rests):
                self._take_event(self.queue)
            ready = self.ready
            if ready:
                thread = ready.pop(0)
                if thread.error is None:
                    answer, thread.answer = thread.answer, None
                    step = thread.microthread.resume(answer)
                else:
                    error, thread.error = thread.error, None
                    step = thread.microthread.throw(error)
                if step is PREEMPTED:
                    if self.ready is ready:
                        ready.append(thread)
                    else:
                        self.ready = [*(self.ready or ()), thread]
                    return True
                if type(step) is Sleep and step.duration_us:
                    thread.wait(step, step.duration_us)
                else:
                    self._stepped(thread, step)
            if not self.ready and (self.queue is None or self.handler is not None):
                return False
            if slicer.up:
                break
            if self.condition is not RUNNING or self.body.dying:
                return False
        return self.runnable

    def _take_event(self, queue: list[Event]) -> None:
        """Take events out of the queue until there is one that has a handler, and begin or do that.

        A handler that can never be suspended needs no microthread: it is called, and that is all. Long, because it is
        done for every event, and each call within would cost a twentieth of that.
        """
        while queue:
            if self.drops_untold:
                event: Event = Overflow(self.drops_untold)
                self.drops_untold = 0
            else:
                event = queue.pop(0)
            if not queue:
                self.queue = None
            kind = type(event)
            if kind is TimerFired:
                function, arguments = self._timer_call(event)  # type: ignore[arg-type]  # told by its type
            else:
                function, arguments = getattr(self.instance, event.handler, None), event.arguments()
            if function is not None:
                break
            self.refuse(event, "does not take messages")
        else:
            if not self.queue:
                self.queue = None
            return
        self.events += 1
        if self.extras is not None and self.extras.min_interval_us:
            self.extras.rest = Rest(self, self.world.time_us + self.extras.min_interval_us)
        programs = self.body.world.programs
        count = len(arguments)
        try:
            brief = programs.brief[function.__func__]
        except (KeyError, AttributeError, TypeError):
            brief = programs.is_brief(self.program, function)
        if not brief:
            self.handler = ScriptThread(self, Role.HANDLER, self.microthread(function, arguments), event)
            self._add(self.handler)
            return
        try:
            # What most events give is called in half the time without unpacking it.
            value = function(arguments[0]) if count == 1 else function(*arguments)
        except BaseException as error:  # noqa: BLE001 - whatever a script raises ends it
            self.refuse(event, "has failed")
            called = not_begun(error, function).called if isinstance(error, TypeError) else None
            self.give_up(self._reported(error, called, event))
        else:
            if kind is Question or kind is Exit or kind is HttpRequest:
                self._handled(event, value)

    def _timer_call(self, event: TimerFired) -> tuple[Any, tuple[Any, ...]]:
        """What a timer that has fired calls. Its own function gets no arguments."""
        function = self.handler_of(event)
        is_own = function is not None and function != getattr(self.instance, event.handler, None)
        self.taken(event)
        return function, () if is_own else event.arguments()

    def _handled(self, event: Event | None, value: object) -> None:
        if type(event) is Question:
            self.world.mail.reply(self.body, event, True, value)
        elif type(event) is HttpRequest:
            self.world.inside.answered(event, value)
        elif type(event) is Exit and self.leaving is not None:
            self._enter(self.leaving)

    def _stepped(self, thread: ScriptThread, step: Any) -> None:
        kind = type(step)
        if kind is Finished:
            self._ended(thread)
            self._handled(thread.event, step.value)
        elif kind is Failed:
            self.fail(thread, self._reported(step.error, step.called, thread.event))
        else:
            answer_request(self, thread, step)

    def _reported(self, error: BaseException, called: Callable[..., Any] | None, event: Event | None) -> str:
        """Return an error in its author's terms. `called`: what takes other arguments than it was called with."""
        report = self.world.report(error, called)
        if called is None:
            return report
        if event is None:
            caller = "It was begun by spawn, with the arguments that are given there."
        elif type(event) is TimerFired and getattr(called, "__name__", "") != event.handler:
            caller = "A timer calls it, without arguments."
        else:
            caller = f"An event calls it: `gossamer api {event.handler}` tells with what."
        return f"{report}\n{caller} self counts as one."

    def _ended(self, thread: ScriptThread) -> None:
        assert self.threads is not None
        self.threads.remove(thread)
        # A million idle scripts keep no empty lists.
        self.threads, self.ready = self.threads or None, self.ready or None
        microthread = thread.microthread
        if self.habit is not None or microthread.slices_left != SLICES_PER_WEIGHING:
            self.habit = microthread.habit(self.habit)
        self.world.counts.engine_moves += microthread.moves
        if thread is self.handler:
            self.handler = None

    def _add(self, thread: ScriptThread) -> None:
        if self.threads is None:
            self.threads = []
        self.threads.append(thread)
        self.woken(thread)

    def add_spawned(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        """Begin another microthread, whatever their number."""
        self._add(ScriptThread(self, Role.SPAWNED, self.microthread(function, arguments)))

    def woken(self, thread: ScriptThread) -> None:
        """Take a microthread that no longer waits among those that are ready."""
        if self.ready is None:
            self.ready = [thread]
        else:
            self.ready.append(thread)
        body = self.body
        world = body.world
        if body.extras is None:
            world.changed[body.id] = None
        else:
            world.touched(body)
        if self.after is None:
            world.scheduler.wake(self)

    def questions_over(self, thread: ScriptThread) -> None:
        """End a question that was not answered in time: its microthread gets `NoAnswer`."""
        request = thread.request
        assert isinstance(request, Ask)
        thread.wake(error=NoAnswer(f"ask: no answer within {request.timeout_us / 1e6:g} s."))

    # --- What can become of it ---

    def begin(self) -> None:
        """Start, for the first time or after a reset."""
        self.started_us, self.elapsed_before_us = self.world.time_us, 0
        self.deliver(Start())

    def reset(self) -> None:
        """Begin anew: everything of its own is as at first; its stream of random numbers goes on."""
        self.drop_all("was reset")
        self.kind = renewed_kind(self.body, self.program)
        self.instance.__class__ = self.kind
        self.instance.__dict__.clear()
        self.condition, self.error = Condition.RUNNING, None
        self.world.touched(self.body)
        self.world.collisions.consider(self.body)
        self.begin()

    def become(self, thread: ScriptThread, state: type[Script]) -> None:
        """Unwind, leave this state, enter that one."""
        self._unwind(thread)
        self.clear_queue("has become another state")
        self.close_listens()
        self.cancel_sensors()
        if hasattr(self.instance, "on_exit") and not self.leaving:
            self.leaving = state
            self.enqueue(Exit())
        else:
            self._enter(state)

    def _enter(self, state: type[Script]) -> None:
        self.leaving = None
        self.instance.__class__ = state
        self.world.collisions.consider(self.body)
        self.deliver(Enter())

    def _unwind(self, thread: ScriptThread) -> None:
        for each in (thread, self.handler):
            if each is not None and self.threads is not None and each in self.threads:
                self._discard(each, "has become another state")

    def _discard(self, thread: ScriptThread, reason: str | None) -> None:
        if thread.event is not None:
            self.refuse(thread.event, reason)
        self._ended(thread)
        if self.ready and thread in self.ready:
            self.ready.remove(thread)
        thread.discard()

    def fail(self, thread: ScriptThread, report: str) -> None:
        """End the script by an error of one of its microthreads."""
        self._ended(thread)
        if thread.event is not None:
            self.refuse(thread.event, "has failed")
        self.give_up(report)

    def give_up(self, report: str) -> None:
        """End the script by an error; its state is kept for inspection and reset."""
        self.halt(Condition.FAILED, "has failed")
        self.error = writable(report)
        self.world.told(self.body, "script failed", self.error)

    def worked_too_long(self, used_us: int) -> None:
        """End it for work that nothing could interrupt."""
        if not self.threads or self.condition is not Condition.RUNNING:
            return
        if self.world.cells.filed_much_us == self.world.time_us:
            return  # It has looked around, and the region had to find its way first.
        thread = self.ready[-1] if self.ready else self.threads[-1]
        where = thread.microthread.capture()[-1]
        limit_ms = self.world.limits.uninterruptible_us_max // 1000
        report = (
            f"{where.function} worked for {used_us // 1000} ms without reaching a loop edge or a call; at most"
            f" {limit_ms} ms are allowed. Do it in smaller parts."
        )
        if self.ready and thread in self.ready:
            self.ready.remove(thread)
        thread.discard()
        self.fail(thread, report)

    def halt(self, condition: Condition, reason: str) -> None:
        """Stop it and keep its attributes; who asks it is told the reason."""
        self.drop_all(reason)
        self.condition = condition
        self.world.touched(self.body)

    def stop(self) -> None:
        """Stop at its own wish."""
        self.halt(Condition.STOPPED, "is stopped")

    def pause(self) -> None:
        """Run nothing of it until `go_on`; everything is kept."""
        if self.condition is Condition.RUNNING:
            self.condition = Condition.PAUSED
            self.world.touched(self.body)

    def go_on(self) -> None:
        """End a pause."""
        if self.condition is Condition.PAUSED:
            self.condition = Condition.RUNNING
            self.world.touched(self.body)
            self.wake_up()

    def drop_all(self, reason: str | None) -> None:
        """Drop microthreads, queue, timers and listens; None where they live on elsewhere."""
        for thread in list(self.threads or ()):
            self._discard(thread, reason)
        self.clear_queue(reason)
        for timer in list((self.timers or {}).values()):
            self.drop_timer(timer)
        self.close_listens()
        self._drop_extras()
        self.leaving = None

    def _drop_extras(self) -> None:
        if self.extras is not None:
            self.cancel_sensors()
            if self.extras.rest is not None:
                self.world.clockwork.cancel(self.extras.rest.entry)
            self.extras = None
            self.world.targets.consider(self.body)


def writable(report: str) -> str:
    """Return a report as a text that can be written: without halves of characters, and without the middle of a long
    one.
    """
    data = report.encode("utf-8", "backslashreplace")
    if len(data) > REPORT_BYTES_MAX:
        half = REPORT_BYTES_MAX // 2
        data = data[:half] + b"\n[...]\n" + data[-half:]
    return data.decode("utf-8", "ignore")
