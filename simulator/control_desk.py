"""Answers the operator's questions inside a simulator.

The one idea: a question that only looks is answered at once; one that changes the world becomes a command
of the next tick and is answered after that tick's commit, so the answer is as durable as the deed.

It trusts its caller, because the sockets let only the operator's key get this far.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from migrate.errors import ScriptSyntaxError
from simulator.backup_desk import BackupDesk, HeldRegion
from simulator.control import (
    Answer,
    AskLines,
    AskObjects,
    AskScripts,
    AskState,
    AskStatus,
    DoAgent,
    DoAttach,
    DoBackup,
    DoDetach,
    DoEnter,
    DoGrant,
    Done,
    DoPut,
    DoSay,
    DoScripts,
    DoStop,
    DoTouch,
    DoUpgrade,
    FoundObject,
    Line,
    Lines,
    Objects,
    Question,
    Refused,
    RegionStatus,
    SaidLine,
    ScriptCost,
    Scripts,
    State,
    Status,
    decode_question,
    encode_answer,
)
from simulator.errors import ScriptRefused
from simulator.world.world import SAYS, Told

LINES_MAX = 1000  # what is said scrolls by; whoever wants all of it asks more often than it fills this

Reply = Callable[[bytes], object]


class Confirm(Protocol):
    """Called when something was done and committed."""

    def __call__(self, remark: str = "") -> None:
        """`remark`: see `Done`."""


class DeskRegion(HeldRegion, Protocol):
    """What the desk needs of a region."""

    @property
    def stalled(self) -> str | None:
        """Why the region stands still, or None."""

    def status(self) -> RegionStatus:
        """Return how the region is."""

    def state_of(self, object_id: str) -> dict[str, str]:
        """The attributes of an object's script, each as Python would write it."""

    def holds(self, object_id: str) -> bool:
        """Whether the object is this region's own."""

    def touch(self, question: DoTouch, done: Callable[[], None]) -> None:
        """Touch an object; `done` is called after the commit of the tick that did it."""

    def script_costs(self) -> list[ScriptCost]:
        """What each script costs, the costliest first."""

    def do_scripts(self, question: DoScripts, done: Callable[[], None]) -> None:
        """Do that to an object; `done` is called after the commit."""

    def upgrade(self, question: DoUpgrade, done: Confirm) -> None:
        """Replace a script's source; raises `ScriptSyntaxError` and `ScriptRefused`, and then nothing has changed."""

    def attach(self, question: DoAttach, done: Callable[[], None]) -> None:
        """Give an object another script; raises `ScriptSyntaxError` and `ScriptRefused`: nothing has changed then."""

    def detach(self, question: DoDetach, done: Callable[[], None]) -> None:
        """Stop what was attached; raises `ScriptRefused`."""

    def find(self, name: str) -> list[FoundObject]:
        """The objects of that id or name."""

    def say(self, question: DoSay, done: Callable[[], None]) -> None:
        """Say a line; raises `ScriptRefused`. `done` is called after the commit."""

    def enter(self, question: DoEnter, done: Callable[[], None]) -> None:
        """Let somebody enter; raises `ScriptRefused`."""

    def act(self, question: DoAgent, done: Callable[[], None]) -> None:
        """Let somebody do something; raises `ScriptRefused`."""

    def grant(self, question: DoGrant, done: Callable[[], None]) -> None:
        """Let somebody grant an object something; `done` is called after the commit."""

    def put(self, question: DoPut, done: Callable[[], None]) -> None:
        """Put a copy of an object into another; `done` is called after the commit."""


Act = Callable[[DeskRegion, Confirm], None]
InRegion = DoSay | DoEnter
ToObject = DoTouch | DoScripts | DoUpgrade | DoAttach | DoDetach | DoAgent | DoGrant | DoPut


class ControlDesk:
    """Takes the operator's questions to one simulator and gives the answers."""

    def __init__(
        self,
        simulator: str,
        regions: Mapping[str, DeskRegion],
        stop: Callable[[], None],
        sockets: Callable[[], dict[str, int]],
    ) -> None:
        """`sockets`: the counters of the simulator's endpoint, by name."""
        self._simulator, self._regions, self._stop, self._sockets = simulator, regions, stop, sockets
        self._backups = BackupDesk(simulator, regions)
        self._lines: deque[Line] = deque(maxlen=LINES_MAX)
        self._lines_told = 0

    def heard(self, region: str, told: Told) -> None:
        """Keep a line that was said or logged."""
        self._lines_told += 1
        line = Line(self._lines_told, region, told.what, told.object, told.name, told.text)
        self._lines.append(line)

    def end_silent_backup(self) -> bool:
        """Let the regions go on whose backup nobody drives any more; return whether there was one."""
        return self._backups.end_if_silent()

    def take(self, data: bytes, reply: Reply) -> None:
        """Take a question and answer it, now or after the next commit."""
        try:
            question = decode_question(data)
        except msgspec.DecodeError as error:
            reply(
                encode_answer(Refused(f"this is no question that simulator {self._simulator} knows: {error}"))
            )
            return
        answer = self._answer(question, reply)
        if answer is not None:
            reply(encode_answer(answer))

    def _answer(self, question: Question, reply: Reply) -> Answer | None:
        match question:
            case AskStatus():
                return self._status(question)
            case AskState():
                return self._state(question)
            case AskScripts():
                return Scripts([cost for region in self._regions.values() for cost in region.script_costs()])
            case AskObjects():
                return Objects(
                    [found for region in self._regions.values() for found in region.find(question.name)]
                )
            case AskLines():
                return self._lines_after(question.after)
            case DoSay():
                return self._in_region(question, reply, lambda region, done: region.say(question, done))
            case DoEnter():
                return self._in_region(question, reply, lambda region, done: region.enter(question, done))
            case DoTouch():
                return self._act(question, reply, lambda region, done: region.touch(question, done))
            case DoScripts():
                return self._act(question, reply, lambda region, done: region.do_scripts(question, done))
            case DoUpgrade():
                return self._act(question, reply, lambda region, done: region.upgrade(question, done))
            case DoAttach():
                return self._act(question, reply, lambda region, done: region.attach(question, done))
            case DoDetach():
                return self._act(question, reply, lambda region, done: region.detach(question, done))
            case DoAgent():
                return self._act(question, reply, lambda region, done: region.act(question, done))
            case DoGrant():
                return self._act(question, reply, lambda region, done: region.grant(question, done))
            case DoPut():
                return self._act(question, reply, lambda region, done: region.put(question, done))
            case DoBackup():
                self._backups.take(question, lambda answer: reply(encode_answer(answer)))
                return None
            case DoStop():
                self._stop()
                return Done()

    def _status(self, question: AskStatus) -> Status:
        regions = {name: region.status() for name, region in self._regions.items()}
        said = [
            SaidLine(line.number, line.region, line.name, line.text)
            for line in self._lines
            if line.what == SAYS and line.number > question.said_after
        ]
        return Status(self._simulator, os.getpid(), regions, said, self._sockets())

    def _state(self, question: AskState) -> Answer:
        region = self._region_of(question.object)
        return self._absent(question.object) if region is None else State(region.state_of(question.object))

    def _lines_after(self, after: int | None) -> Lines:
        lines = [] if after is None else [line for line in self._lines if line.number > after]
        return Lines(os.getpid(), self._lines_told, lines)

    def _in_region(self, question: InRegion, reply: Reply, act: Act) -> Answer | None:
        """Do something in a region, and answer when that is committed."""
        region = self._regions.get(question.region)
        if region is None:
            return Refused(f"region {question.region} is not in simulator {self._simulator}")
        return _answered_later(region, reply, act)

    def _act(self, question: ToObject, reply: Reply, act: Act) -> Answer | None:
        """Do something to an object, and answer when that is committed."""
        region = self._region_of(question.object)
        if region is None:
            return self._absent(question.object)
        return _answered_later(region, reply, act)

    def _region_of(self, object_id: str) -> DeskRegion | None:
        return next((region for region in self._regions.values() if region.holds(object_id)), None)

    def _absent(self, object_id: str) -> Refused:
        return Refused(f"object {object_id} is not in simulator {self._simulator}")


def _answered_later(region: DeskRegion, reply: Reply, act: Act) -> Answer | None:
    """Do something in a region; the answer is there at once only if it can't be done."""
    if region.stalled is not None:
        return Refused(region.stalled)

    def done(remark: str = "") -> None:
        reply(encode_answer(Done(remark)))

    try:
        act(region, done)
    except (ScriptSyntaxError, ScriptRefused) as refusal:
        return Refused(str(refusal))
    return None
