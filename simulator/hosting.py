"""A simulator process put together: stores, exchanges, regions and sockets of one simulator of a world.

The one idea: everything real meets here and nowhere else. What can't be opened (a region held by another
process, a port in use, a key that is missing) ends the process before anything runs, with a message; what is
wrong with a single script is told in the log, and the rest of the world runs.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path, PurePath
from types import FrameType
from typing import Any

import structlog

from migrate.codec import decode
from migrate.errors import BadRecord
from migrate.exchange import Exchange, ExchangeStatistics
from migrate.rows import ExchangeState
from scripts_api import AgentRef, ScriptError, Vector, checks
from scripts_api.limits import SAY_M, SIT_M_MAX
from simulator.attaching import NOT_TRUSTED
from simulator.clock import Clock, monotonic_us
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
    Rez,
    SitDown,
    SpeakUp,
    StandUp,
    TakeOffObject,
    TouchObject,
    UpgradeScripts,
    WalkAgent,
    WearObject,
)
from simulator.config import ObjectSpec, World
from simulator.control import (
    CrossingEnd,
    DoAgent,
    DoAttach,
    DoDetach,
    DoEnter,
    DoGrant,
    DoPut,
    DoSay,
    DoUpgrade,
    FoundObject,
    ObjectStatus,
    RegionStatus,
    ScriptAction,
    ScriptCost,
)
from simulator.crossings import Crossed
from simulator.errors import ConfigError, ScriptRefused, StoreFull
from simulator.fetching import Fetcher
from simulator.host import Frames, RegionHost
from simulator.limits import RegionLimits
from simulator.log import configure_log
from simulator.plain_text import as_plain_text
from simulator.process import SimulatorProcess, Slicer, open_endpoint
from simulator.region import Outputs, Region
from simulator.serving import WebDoor
from simulator.slicer import WallSlicer, limited_time
from simulator.statistics import RegionStatistics
from simulator.store import RegionStore, Rows, SqliteStore, StoreStatistics
from simulator.world.agents import PREFIX
from simulator.world.attaching import attached
from simulator.world.objects import WorldObject
from simulator.world.places import Places, RegionPlace
from simulator.world.programs import Programs
from simulator.world.world import SAYS, Told
from simulator.world_scripts import UNUSABLE, WorldScripts

CROSSINGS_KEPT_MAX = 1_000  # ends of crossings that an operator who asks now and then still finds
LOOK_FOR_ROOM_S = 1.0  # a person frees space, or a clean-up that runs every minute
TOLD_MAX = 1_000  # lines for the log between two ticks; a flood of them must not take the process's memory

SCRIPT_ACTIONS: dict[ScriptAction, Callable[[str], Command]] = {
    "pause": PauseScripts,
    "resume": ResumeScripts,
    "reset": ResetScripts,
    "kill": KillScripts,
    "remove": RemoveObject,
}


def run_simulator(
    world: World,
    name: str,
    parent: int | None = None,
    *,
    quiet: bool = False,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Run one simulator of a world until it is told to stop.

    `parent`: end when that process is gone. `quiet`: leave what scripts say and log out of the log. `begun` is
    called when everything is open and the first tick is next.

    Raises `StoreError`, `KeyFileError`, `AddressInUse`, `AddressWrong` before anything runs.
    """
    configure_log()
    structlog.contextvars.bind_contextvars(simulator=name)
    limits = _limits(world)
    with _regions(world, name, parent) as regions:
        endpoint = open_endpoint(world, name)
        process = SimulatorProcess(
            world,
            name,
            regions,
            endpoint,
            lambda interrupted: WallSlicer(limits.slice_us, limits.uninterruptible_us_max, interrupted),
            parent,
            quiet,
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: _stop(process, frame))
        begun()
        process.run()


def _stop(process: SimulatorProcess, frame: FrameType | None) -> None:
    process.stop()


@contextmanager
def _regions(world: World, name: str, parent: int | None) -> Iterator[dict[str, HostedRegion]]:
    """Open every region of the simulator; close those that are open when one can't be."""
    log = structlog.get_logger()
    programs = Programs(
        partial(limited_time, _limits(world).uninterruptible_us_max),
        lambda remark: log.warning("handler misspelt?", remark=remark),
        world.world.engine,
    )
    with ExitStack() as stack:
        opened = {}
        for region in world.regions_of(name):
            opened[region] = HostedRegion(world, region, programs, parent)
            stack.callback(opened[region].close)
        yield opened


class HostedRegion:
    """A region with its store and its exchange, as the process and the control desk want it."""

    def __init__(self, world: World, name: str, programs: Programs, parent: int | None = None) -> None:
        """Open the store and continue from it. `parent`: without it nobody waits for room. Raises `StoreError`."""
        self._world, self._name, self._scripts = world, name, WorldScripts(world, programs)
        self._programs = programs
        self._log = structlog.get_logger()
        self._web = _open_web(world, name)
        self._store = _open_store(world, name, parent)
        rows = self._store.load()
        saved = ExchangeState.from_rows(rows) if rows else None
        knows = world.regions.__contains__
        self._exchange = Exchange(name, self._store.lease.epoch, saved, knows=knows)
        self._region = Region(
            _place(world, name),
            _places(world),
            self._exchange,
            programs,
            _limits(world, "" if self._web is None else self._web.url),
            trusted=world.world.trusted,
        )
        self._host = RegionHost(self, self._exchange, self._store, rows, self._committed)
        self._fetcher = Fetcher(world.world.http)
        self._told: deque[Told] = deque(maxlen=TOLD_MAX)
        self._departed: deque[CrossingEnd] = deque(maxlen=CROSSINGS_KEPT_MAX)
        self._arrived: deque[CrossingEnd] = deque(maxlen=CROSSINGS_KEPT_MAX)
        self._frozen_us = 0
        self._closed = False
        now_us = Clock(self._host.last_now_us).now_us()
        self._region.load(rows, now_us, now_us - self._host.last_now_us if self._host.last_now_us else 0)
        self._tell_of_other_scripts()
        self._rez_objects(rows)

    # --- Ticks ---

    @property
    def last_now_us(self) -> int:
        """The time of the last commit, in an earlier process too: microseconds since 1970; 0: there was none."""
        return self._host.last_now_us

    @property
    def stalled(self) -> str | None:
        """Why the region stands still, or None."""
        return self._host.stalled

    @property
    def wants_time(self) -> bool:
        """Whether a script could run on."""
        return self._host.stalled is None and self._region.wants_time

    def tick(self, now_us: int, frames: Frames, slicer: Slicer, *, may_wait: bool = False) -> Frames:
        """Run and commit one tick; return what may leave. `may_wait`: see `RegionHost.tick`."""
        for answer in self._fetcher.answers():
            self._host.command(answer)
        for came in self._web.requests() if self._web is not None else ():
            self._host.command(came)
        return self._host.tick(now_us, frames, slicer, may_wait=may_wait)

    def step(self, now_us: int, inputs: Any, slicer: WallSlicer) -> Outputs:
        """Run the kernel, and note when it froze what it hands over: at the end of its last slice."""
        began_us = monotonic_us()
        outputs = self._region.step(now_us, inputs, slicer)
        self._frozen_us = max(began_us, slicer.ended_us)
        return outputs

    def _committed(self, outputs: Outputs) -> None:
        now_us = monotonic_us()
        here = [said for said in outputs.said if not said.over_border]
        self._told.extend(Told(SAYS, said.speaker.id, said.speaker.name, said.text) for said in here)
        self._told.extend(outputs.told)
        self._departed.extend(_end(crossed, self._frozen_us) for crossed in outputs.departed)
        for wanted in outputs.http:
            self._fetcher.fetch(wanted)
        for reply in outputs.replies:
            assert self._web is not None, f"{reply} answers nobody"
            self._web.reply(reply)
        self._arrived.extend(_end(crossed, now_us) for crossed in outputs.arrived)

    def take_told(self) -> list[Told]:
        """Return what was said, logged and reported since the last asking."""
        taken = list(self._told)
        self._told.clear()
        return taken

    # --- The operator's questions ---

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

    def touch(self, object_id: str, toucher: str, done: Callable[[], None]) -> None:
        """Touch an object in the next tick; `done` is called once that is committed."""
        self._host.command(TouchObject(object_id, AgentRef(f"agent:{toucher}", toucher)), done)

    def script_costs(self) -> list[ScriptCost]:
        """Return what each script costs, the costliest first."""
        return [
            ScriptCost(
                region=self._name,
                **{name: getattr(each, name) for name in ScriptCost.__struct_fields__ if name != "region"},
            )
            for each in self._region.script_statistics()
        ]

    def do_scripts(self, object_id: str, action: ScriptAction, done: Callable[[], None]) -> None:
        """Do that in the next tick; `done` is called once it is committed."""
        self._host.command(SCRIPT_ACTIONS[action](object_id), done)

    def upgrade(self, question: DoUpgrade, done: Callable[[], None]) -> None:
        """Replace the source of an object's scripts in the next tick. Raises `ScriptSyntaxError`, `ScriptRefused`."""
        body = self._region.objects[question.object]
        files = [PurePath(self._programs.source(script.program)[0]).name for script in body.scripts]
        if question.filename not in files:
            runs = ", ".join(files) or "no script"
            raise ScriptRefused(
                f"{body.name!r} ({body.id}) runs {runs}, not {question.filename}: name its file."
            )
        program = self._programs.add(question.source, question.filename)
        self._host.command(UpgradeScripts(question.object, program), done)

    def attach(self, question: DoAttach, done: Callable[[], None]) -> None:
        """Give an object another script in the next tick. Raises `ScriptSyntaxError`, `ScriptRefused`."""
        if not self._world.world.trusted:
            raise ScriptRefused(NOT_TRUSTED.format(f"region {self._name}"))
        program = self._programs.add(question.source, question.filename)
        body, scripts_max = self._region.objects[question.object], RegionLimits().scripts_per_object_max
        if attached(body, question.filename) is None and len(body.scripts) >= scripts_max:
            raise ScriptRefused(f"{body.name!r} ({body.id}) has {scripts_max} scripts, all it may have.")
        try:
            values = decode(question.values, modules={}, trusted=True)
        except BadRecord as error:
            raise ScriptRefused(f"what {question.filename} uses can't be read here: {error}") from None
        self._host.command(AttachScript(question.object, program, values), done)

    def detach(self, question: DoDetach, done: Callable[[], None]) -> None:
        """Stop what was attached in the next tick. Raises `ScriptRefused`."""
        body = self._region.objects[question.object]
        if attached(body, question.filename) is None:
            raise ScriptRefused(f"{body.name!r} ({body.id}) has no script {question.filename}.")
        self._host.command(DetachScript(question.object, question.filename), done)

    def find(self, name: str) -> list[FoundObject]:
        """The objects of that id or name."""
        return [
            FoundObject(body.id, body.name, self._name)
            for body in self._region.objects.values()
            if name in (body.id, body.name)
        ]

    def say(self, question: DoSay, done: Callable[[], None]) -> None:
        """Say a line to what is near a place, or to the whole region. Raises `ScriptRefused`."""
        speaker = AgentRef(f"agent:{question.speaker}", question.speaker)
        place, range_m = (
            (Vector(), None) if question.position is None else (Vector(*question.position), SAY_M)
        )
        try:
            text, channel = checks.line("say", question.text), checks.channel("say", question.channel)
        except ScriptError as error:
            raise ScriptRefused(str(error)) from None
        self._host.command(SpeakUp(speaker, place, text, channel, range_m), done)

    def enter(self, question: DoEnter, done: Callable[[], None]) -> None:
        """Let somebody enter at a place in the next tick. Raises `ScriptRefused`."""
        place = Vector(*question.position)
        if not _place(self._world, self._name).holds(place):
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

    def grant(self, question: DoGrant, done: Callable[[], None]) -> None:
        """Let somebody grant an object something in the next tick."""
        agent = AgentRef(PREFIX + question.agent, question.agent)
        self._host.command(GrantToObject(agent, question.object, question.grants), done)

    def put(self, question: DoPut, done: Callable[[], None]) -> None:
        """Put a copy of an object into another's contents in the next tick."""
        self._host.command(PutCopy(question.object, question.into), done)

    def _check_seat(self, body: WorldObject, seat_id: str) -> None:
        seat = self._region.objects.get(seat_id)
        if seat is None:
            raise ScriptRefused(f"{seat_id} is not in region {self._name}, where {body.name} is.")
        distance = seat.position.distance(body.position)
        if distance > SIT_M_MAX:
            raise ScriptRefused(
                f"{seat.name!r} ({seat.id}) is {distance:.1f} m away from {body.name}; walk to within {SIT_M_MAX:g} m."
            )

    def backup(self, target: Path) -> None:
        """Write a copy of the store. Raises `StoreError`."""
        self._store.backup(target)

    def close(self) -> None:
        """Give the region up; a second time does nothing."""
        if not self._closed:
            self._closed = True
            self._host.close()
            if self._web is not None:
                self._web.close()

    # --- Beginning ---

    def _rez_objects(self, rows: Rows) -> None:
        """Make the objects that the world begins with, once in the region's life."""
        for name, spec in self._world.objects_of(self._name).items():
            if ("once", name) not in rows:
                self._rez(name, spec)

    def _rez(self, name: str, spec: ObjectSpec) -> None:
        try:
            scripts = (self._scripts.program(spec.script),) if spec.script is not None else ()
            contents = tuple(map(self._scripts.item, spec.contents))
        except UNUSABLE as error:
            self._log.error(
                "object not made", region=self._name, object=name, script=spec.script, reason=str(error)
            )
            return
        corner = self._world.regions[self._name].corner
        x, y, z = spec.position
        position = Vector(corner[0] + x, corner[1] + y, z)
        velocity = Vector(*spec.velocity)
        self._host.command(Rez(name, spec.owner, position, velocity, scripts, once=name, contents=contents))

    def _tell_of_other_scripts(self) -> None:
        """Objects that were made in an earlier run keep the script of that time."""
        for differing in self._scripts.differing(self._region.objects.values()):
            self._log.warning(
                "objects run another script than the file",
                region=self._name,
                objects=differing.shown,
                script=differing.script,
                remedy=self._scripts.remedy(differing),
            )


def _open_store(world: World, name: str, parent: int | None) -> RegionStore:
    """Open it as soon as there is room to write that it was claimed."""
    durability = world.world.durability
    path = None if durability == "memory" else world.store_folder / f"{name}.sqlite"
    told = False
    while True:
        try:
            return SqliteStore(name, path, durability)
        except StoreFull as error:
            if parent is not None and os.getppid() != parent:
                raise
            if not told:
                structlog.get_logger().error("region waits", region=name, reason=str(error))
            told = True
            time.sleep(LOOK_FOR_ROOM_S)


def _place(world: World, name: str) -> RegionPlace:
    spec = world.regions[name]
    return RegionPlace(name, spec.corner, spec.size)


def _places(world: World) -> Places:
    return Places(_place(world, name) for name in world.regions)


def _open_web(world: World, name: str) -> WebDoor | None:
    """Listen for requests, if the region has an address for that. Raises `ConfigError`."""
    address = world.regions[name].web
    if address is None:
        return None
    try:
        return WebDoor(address)
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"{world.path}: regions.{name}.web is {address!r}, where nothing can listen: {error}. Choose another port."
        ) from None


def _limits(world: World, web: str = "") -> RegionLimits:
    return RegionLimits(
        frame_us=round(world.limits.frame_ms * 1000),
        slice_us=round(world.limits.slice_ms * 1000),
        memory_bytes_max=world.limits.memory_kib * 1024,
        hop_every=world.limits.hop_every,
        http_hosts=world.world.http,
        web=web,
    )


def _end(crossed: Crossed, at_us: int) -> CrossingEnd:
    return CrossingEnd(crossed.object, crossed.gen, at_us, crossed.frames, crossed.bytes)


def _numbers(statistics: RegionStatistics | ExchangeStatistics | StoreStatistics) -> dict[str, int]:
    """Return each counter by its name; what is true counts 1."""
    return {name: int(value) for name, value in asdict(statistics).items()}


def _triple(vector: Vector) -> tuple[float, float, float]:
    return vector.x, vector.y, vector.z
