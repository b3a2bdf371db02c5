"""A microthread of a script as the scheduler sees it: what it is for, what it waits for, how it goes on.

The one idea: between two steps a microthread either is ready, with the answer or the error that it goes on
with, or waits, with the request it made and perhaps a moment at which it gives up. That, with its frames, is
all there is to write down.
"""

from __future__ import annotations

from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from migrate import CaptureRefused, Microthread, Pinned
from scripts_api import AgentRef, Event, HttpFailed, ScriptError
from scripts_api.requests import Ask, AskGrants, Http, Sense, Sleep, Transfer, WaitFor
from scripts_api.waiting import Request
from simulator.world.clockwork import Entry
from simulator.world.grants import end_asking
from simulator.world.sensing import sense

if TYPE_CHECKING:
    from simulator.world.scripts import RunningScript


SENSE_TRIES_MAX: Final = 256
"""Frames that a sensing waits while its region files what is in it: enough for 250,000 objects. Then it is answered
whatever that costs, or it would never be where everything moves at once.
"""


class Role(Enum):
    """What a microthread is for."""

    HANDLER = "handler"
    SPAWNED = "spawned"


class ScriptThread:
    """One microthread. `event`: what a handler handles. `number`: of the question it waits for an answer to, or how
    often it has tried.
    """

    __slots__ = (
        "answer", "deadline_us", "entry", "error", "event", "microthread", "number", "request", "role", "script"
    )  # fmt: skip

    def __init__(
        self, script: RunningScript, role: Role, microthread: Microthread, event: Event | None = None
    ) -> None:
        """Begin when the script has its turn: `microthread` has not run yet, or stands where it was restored."""
        self.script, self.role, self.microthread, self.event = script, role, microthread, event
        self.request: Request[Any] | None = None
        self.answer: Any = None
        self.error: BaseException | None = None
        self.deadline_us: int | None = None
        self.entry: Entry | None = None
        self.number = 0

    @property
    def ready(self) -> bool:
        """Whether it can go on."""
        return self.request is None

    def wait(self, request: Request[Any], timeout_us: int | None) -> None:
        """Wait for what `request` says, for so long at most; None: for ever."""
        self.request = request
        script = self.script
        script.sleeps += 1
        if not script.ready:
            script.ready = None
        world = script.body.world
        clockwork = world.clockwork
        if timeout_us is not None:
            self.deadline_us = deadline_us = world.time_us + timeout_us
            self.entry = clockwork.set(deadline_us, self, self.entry)
        else:
            world.waiting_for_ever += 1
        if clockwork.alive + world.waiting_for_ever > world.limits.parked_live_max:
            # One that can't be captured now stays as it is.
            with suppress(CaptureRefused, Pinned):
                self.microthread.spill()
                world.counts.spilled += 1

    def wake(self, answer: Any = None, error: BaseException | None = None) -> None:
        """End its waiting: it goes on with the answer, or by raising the error, when the script has its turn."""
        self._stop_waiting()
        self.request = self.deadline_us = None
        self.answer, self.error = answer, error
        self.script.woken(self)

    def due(self) -> None:
        """End its waiting for want of time: a sleep is over, a wait returns None, a question raises `NoAnswer`."""
        if type(self.request) is Sleep:
            self.request = self.deadline_us = None
            script = self.script
            if script.ready is not None or script.body.extras is not None:
                script.woken(self)
                return
            # The usual case of it, for as many as wake in a frame.
            script.ready = [self]
            body = script.body
            world = body.world
            world.changed[body.id] = None
            if script.after is None:
                world.scheduler.wake(script)
        elif isinstance(self.request, Ask):
            self.script.questions_over(self)
        elif isinstance(self.request, Sense):
            self.sense_again()
        elif isinstance(self.request, Transfer):
            self._own_anew(self.request.agent)
        elif isinstance(self.request, AskGrants):
            end_asking(self, self.request)
        elif isinstance(self.request, Http):
            self.wake(error=HttpFailed(f"http: no answer within {self.request.timeout_us / 1e6:g} s."))
        else:
            self.wake()

    def _own_anew(self, agent: AgentRef) -> None:
        """Let its object begin anew with another owner: what it is in the middle of goes on."""
        body = self.script.body
        self.wake()
        try:
            body.world.renew(body, agent.id.partition(":")[2])
        except (CaptureRefused, Pinned) as error:
            self.error = ScriptError(f"object.transfer: {body.name!r} keeps what can't travel: {error}")

    def sense_again(self) -> None:
        """Answer a sensing with what is known now: neighbours have answered, or had their time. In a region where much
        is to be filed before anybody can look, it waits for another frame.
        """
        assert isinstance(self.request, Sense)
        world = self.script.world
        if not world.cells.ready() and self.number < SENSE_TRIES_MAX:
            self.number += 1
            world.clockwork.cancel(self.entry)
            self.wait(self.request, world.limits.frame_us)
            return
        self.wake(sense(world, self.script.body, self.request))

    @property
    def waits_for_ever(self) -> bool:
        """Whether it waits, and no moment ends that."""
        return self.request is not None and self.deadline_us is None

    @property
    def awaited(self) -> tuple[str, ...]:
        """The classes of events that it waits for, by name."""
        return self.request.events if isinstance(self.request, WaitFor) else ()

    def waits_for(self, event: Event) -> bool:
        """Whether it waits for an event of that class."""
        return type(event).__name__ in self.awaited

    def discard(self) -> None:
        """Drop it for ever; nothing of the script runs."""
        self._stop_waiting()
        self.microthread.discard()

    def _stop_waiting(self) -> None:
        if self.waits_for_ever:
            self.script.world.waiting_for_ever -= 1
        elif self.entry is not None:
            self.script.world.clockwork.cancel(self.entry)
