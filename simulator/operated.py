"""A region as its operator has it: what is asked of it, and what is done in it from outside.

The one idea: a question is answered from what is there at this moment, and a deed is checked at once, done in the next
tick, and confirmed when that is committed: `done` is called then.

Who asks is `operating`, what comes to which region `control_desk`; what drives the region is `hosting`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path, PurePath

from migrate.codec import decode
from migrate.errors import BadRecord
from migrate.exchange import Exchange, ExchangeStatistics
from scripts_api import ScriptError, Vector, checks
from scripts_api.limits import SAY_M, SIT_M_MAX
from simulator.attaching import NOT_TRUSTED
from simulator.blocking import add_new
from simulator.commands import (
    AttachScript,
    Command,
    DetachScript,
    EnterWorld,
    GrantToObject,
    KillScripts,
    LeaveWorld,
    PauseScripts,
    PressKeys,
    PutCopy,
    RemoveObject,
    ResetScripts,
    ResumeScripts,
    SitDown,
    SpeakUp,
    StandUp,
    TakeOffObject,
    TouchObject,
    UpgradeScripts,
    WalkAgent,
    WearObject,
)
from simulator.config import World
from simulator.control import (
    CrossingEnd,
    DoAgent,
    DoAttach,
    DoDetach,
    DoEnter,
    DoGrant,
    DoPut,
    DoSay,
    DoScripts,
    DoTouch,
    DoUpgrade,
    FoundObject,
    ObjectStatus,
    RegionStatus,
    ScriptAction,
    ScriptCost,
)
from simulator.control_desk import Confirm
from simulator.errors import ScriptRefused
from simulator.host import RegionHost
from simulator.plain_text import as_plain_text
from simulator.region import Outputs, Region
from simulator.statistics import RegionStatistics
from simulator.store import RegionStore, StoreStatistics
from simulator.world.agents import agent_called
from simulator.world.attaching import attached, function_in
from simulator.world.objects import WorldObject
from simulator.world.programs import Programs
from simulator.world.upgrades import check_state, waits_for

SCRIPT_ACTIONS: dict[ScriptAction, Callable[[str], Command]] = {
    "pause": PauseScripts,
    "resume": ResumeScripts,
    "reset": ResetScripts,
    "kill": KillScripts,
    "remove": RemoveObject,
}

STILL_AT_WORK = (
    "{} is at work still and goes on with the old code; on_upgrade, and every other event, waits until it has ended."
    " `reset` would begin the script anew."
)


class OperatedRegion:
    """What the control desk wants of a region; `HostedRegion` fills it."""

    _world: World
    _name: str
    _programs: Programs
    _region: Region
    _host: RegionHost[Outputs]
    _exchange: Exchange
    _store: RegionStore
    _departed: deque[CrossingEnd]
    _arrived: deque[CrossingEnd]

    def status(self) -> RegionStatus:
        """Return how the region is, with all its objects and counters."""
        return RegionStatus(
            epoch=self._store.lease.epoch,
            tick=self._store.last_tick(),
            objects=[
                ObjectStatus(
                    body.id, body.name, _triple(body.position), _triple(body.velocity_at(body.world.time_us))
                )
                for body in self._region.objects.values()
            ],
            departed=list(self._departed),
            arrived=list(self._arrived),
            statistics=_numbers(self._region.statistics()),
            exchange=_numbers(self._exchange.statistics()),
            store=_numbers(self._store.statistics()),
            stalled=self._host.stalled,
        )

    def state_of(self, object_id: str) -> dict[str, str]:
        """Return the attributes of an object's scripts, each as text; none if it is not here."""
        return {name: as_plain_text(value) for name, value in self._region.state_of(object_id).items()}

    def holds(self, object_id: str) -> bool:
        """Return whether the object is here."""
        return object_id in self._region.objects

    def find(self, name: str) -> list[FoundObject]:
        """The objects of that id or name."""
        return [
            FoundObject(body.id, body.name, self._name)
            for body in self._region.objects.values()
            if name in (body.id, body.name)
        ]

    def touch(self, question: DoTouch, done: Callable[[], None]) -> None:
        """Touch an object in the next tick; `done` is called once that is committed."""
        self._host.command(TouchObject(question.object, agent_called(question.toucher)), done)

    def say(self, question: DoSay, done: Callable[[], None]) -> None:
        """Say a line to what is near a place, or to the whole region. Raises `ScriptRefused`."""
        speaker = agent_called(question.speaker)
        place, range_m = (
            (Vector(), None) if question.position is None else (Vector(*question.position), SAY_M)
        )
        try:
            text, channel = checks.line("say", question.text), checks.channel("say", question.channel)
        except ScriptError as error:
            raise ScriptRefused(str(error)) from None
        self._host.command(SpeakUp(speaker, place, text, channel, range_m), done)

    def script_costs(self) -> list[ScriptCost]:
        """Return what each script costs, the costliest first."""
        return [
            ScriptCost(
                region=self._name,
                **{name: getattr(each, name) for name in ScriptCost.__struct_fields__ if name != "region"},
            )
            for each in self._region.script_statistics()
        ]

    def do_scripts(self, question: DoScripts, done: Callable[[], None]) -> None:
        """Do that in the next tick; `done` is called once it is committed."""
        self._host.command(SCRIPT_ACTIONS[question.action](question.object), done)

    def upgrade(self, question: DoUpgrade, done: Confirm) -> None:
        """Replace the source of an object's scripts in the next tick. Raises `ScriptSyntaxError`, `ScriptRefused`."""
        body = self._region.objects[question.object]
        files = [PurePath(self._programs.source(script.program)[0]).name for script in body.scripts]
        if question.filename not in files:
            runs = ", ".join(files) or "no script"
            raise ScriptRefused(
                f"no script of {body.name!r} ({body.id}) comes from a file named {question.filename}: it runs {runs}."
                " A script is replaced by the file of the same name, in whatever folder."
            )
        program = add_new(self._programs, question.source, question.filename)
        for script, file in zip(body.scripts, files, strict=True):
            if file == question.filename:
                check_state(script, program)
        self._host.command(
            UpgradeScripts(question.object, program), lambda: done(self._at_work(question.object))
        )

    def _at_work(self, object_id: str) -> str:
        """Say which handlers of an object keep new code waiting, if any do."""
        body = self._region.objects.get(object_id)
        handlers = dict.fromkeys(filter(None, map(waits_for, body.scripts if body is not None else ())))
        return STILL_AT_WORK.format(" and ".join(handlers)) if handlers else ""

    def attach(self, question: DoAttach, done: Callable[[], None]) -> None:
        """Give an object another script in the next tick. Raises `ScriptSyntaxError`, `ScriptRefused`."""
        if not self._world.world.trusted:
            raise ScriptRefused(NOT_TRUSTED.format(f"region {self._name}"))
        program = add_new(self._programs, question.source, question.filename)
        body = self._region.objects[question.object]
        scripts_max = body.world.limits.scripts_per_object_max
        if attached(body, function_in(question.filename)) is None and len(body.scripts) >= scripts_max:
            raise ScriptRefused(f"{body.name!r} ({body.id}) has {scripts_max} scripts, all it may have.")
        try:
            values = decode(question.values, modules={}, trusted=True)
        except BadRecord as error:
            raise ScriptRefused(f"what {question.filename} uses can't be read here: {error}") from None
        self._host.command(AttachScript(question.object, program, values), done)

    def detach(self, question: DoDetach, done: Callable[[], None]) -> None:
        """Stop what was attached in the next tick. Raises `ScriptRefused`."""
        body = self._region.objects[question.object]
        if attached(body, question.function) is None:
            raise ScriptRefused(f"{body.name!r} ({body.id}) has no function {question.function} attached.")
        self._host.command(DetachScript(question.object, question.function), done)

    def put(self, question: DoPut, done: Callable[[], None]) -> None:
        """Put a copy of an object into another's contents in the next tick."""
        self._host.command(PutCopy(question.object, question.into), done)

    def grant(self, question: DoGrant, done: Callable[[], None]) -> None:
        """Let somebody grant an object something in the next tick."""
        agent = agent_called(question.agent)
        self._host.command(GrantToObject(agent, question.object, question.grants), done)

    def enter(self, question: DoEnter, done: Callable[[], None]) -> None:
        """Let somebody enter at a place in the next tick. Raises `ScriptRefused`."""
        place = Vector(*question.position)
        if not self._world.places.region(self._name).holds(place):
            raise ScriptRefused(f"{place} is not in region {self._name}.")
        self._host.command(EnterWorld(question.name, place), done)

    def act(self, question: DoAgent, done: Callable[[], None]) -> None:
        """Let somebody do something in the next tick. Raises `ScriptRefused`."""
        body = self._region.objects[question.object]
        if body.agent is None:
            raise ScriptRefused(f"{body.name!r} ({body.id}) is an object, and nobody's body.")
        if question.deed in ("sit", "wear"):
            self._check_seat(body, question.seat)
        if question.deed == "wear" and self._region.objects[question.seat].owner != body.owner:
            raise ScriptRefused(
                f"{question.seat} belongs to somebody else, whose script can ask {body.name} for it."
            )
        made = {
            "leave": LeaveWorld(body.agent),
            "walk": WalkAgent(body.agent, Vector(*question.velocity)),
            "sit": SitDown(body.agent, question.seat),
            "stand": StandUp(body.agent),
            "wear": WearObject(body.agent, question.seat),
            "take_off": TakeOffObject(body.agent, question.seat),
            "press": PressKeys(body.agent, question.keys),
        }
        self._host.command(made[question.deed], done)

    def _check_seat(self, body: WorldObject, seat_id: str) -> None:
        seat = self._region.objects.get(seat_id)
        if seat is None:
            raise ScriptRefused(f"{seat_id} is not in region {self._name}, where {body.name} is.")
        distance = seat.position.distance(body.position)
        if distance > SIT_M_MAX:
            raise ScriptRefused(
                f"{seat.name!r} ({seat.id}) is {distance:.1f} m away from {body.name}; walk to within {SIT_M_MAX:g} m."
            )

    def hold(self, held: Callable[[], None]) -> None:
        """Take nothing from neighbours until `release`; `held` is called when all that was taken is committed."""
        self._host.hold(held)

    def release(self) -> None:
        """Take messages again."""
        self._host.release()

    def backup(self, target: Path) -> None:
        """Write a copy of the store. Raises `StoreError`."""
        self._store.backup(target)


def _numbers(statistics: RegionStatistics | ExchangeStatistics | StoreStatistics) -> dict[str, int]:
    """Return each counter by its name; what is true counts 1."""
    return {name: int(value) for name, value in asdict(statistics).items()}


def _triple(vector: Vector) -> tuple[float, float, float]:
    return vector.x, vector.y, vector.z
