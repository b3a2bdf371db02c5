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
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

from migrate.exchange import Exchange
from migrate.rows import ExchangeState
from scripts_api import Vector
from simulator.clock import Clock, monotonic_us
from simulator.commands import Rez
from simulator.config import ObjectSpec, World
from simulator.control import CrossingEnd
from simulator.crossings import Crossed
from simulator.errors import ConfigError, StoreFull
from simulator.fetching import Fetcher
from simulator.host import Frames, RegionHost
from simulator.limits import RegionLimits
from simulator.log import SUPERSEDED, configure_log
from simulator.operated import OperatedRegion
from simulator.process import FrameSlicer, SimulatorProcess, open_endpoint
from simulator.region import Outputs, Region
from simulator.serving import HttpServer
from simulator.slicer import WallSlicer, limited_time
from simulator.store import RegionStore, Rows, SqliteStore
from simulator.suspects import note, suspect_of, take_note
from simulator.world.programs import Programs
from simulator.world.world import SAYS, Told
from simulator.world_scripts import UNUSABLE, WorldScripts

CROSSINGS_KEPT_MAX = 1_000  # ends of crossings that an operator who asks now and then still finds
LOOK_FOR_ROOM_S = 1.0  # a person frees space, or a clean-up that runs every minute
TOLD_MAX = 1_000  # lines for the log between two ticks; a flood of them must not take the process's memory


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


SUPERSEDED_TEXT = (
    "A neighbour knows more of this region than its store does, so they no longer hear each other. Either another"
    " process runs it from a newer store: stop that one. Or this store is an older copy: put the stores of all regions"
    " back from one backup."
)


class HostedRegion(OperatedRegion):
    """A region with its store and its exchange, as the process and the control desk want it."""

    def __init__(self, world: World, name: str, programs: Programs, parent: int | None = None) -> None:
        """Open the store and continue from it. `parent`: without it nobody waits for room. Raises `StoreError`."""
        self._world, self._name, self._scripts = world, name, WorldScripts(world, programs)
        self._programs = programs
        self._log = structlog.get_logger()
        self._web = _open_web(world, name)
        path = None if world.world.durability == "memory" else world.store_folder / f"{name}.sqlite"
        self._suspect_path = None if path is None else path.with_suffix(".suspect")
        self._store = _open_store(world, name, path, parent)
        rows = self._store.load()
        saved = ExchangeState.from_rows(rows) if rows else None
        knows = world.regions.__contains__
        self._exchange = Exchange(name, self._store.lease.epoch, saved, knows=knows)
        self._region = Region(
            world.places.region(name),
            world.places,
            self._exchange,
            programs,
            _limits(world, "" if self._web is None else self._web.url),
            trusted=world.world.trusted,
        )
        self._host = RegionHost(self, self._exchange, self._store, rows, self._committed)
        self._fetcher = Fetcher(world.world.http)
        self._told: deque[Told] = deque(maxlen=TOLD_MAX)
        self._told_superseded = False
        self._departed: deque[CrossingEnd] = deque(maxlen=CROSSINGS_KEPT_MAX)
        self._arrived: deque[CrossingEnd] = deque(maxlen=CROSSINGS_KEPT_MAX)
        self._frozen_us = 0
        self._closed = False
        now_us = Clock(self._host.last_now_us).now_us()
        away_us = now_us - self._host.last_now_us if self._host.last_now_us else 0
        suspect = None if self._suspect_path is None else take_note(self._suspect_path)
        kept_out = {} if suspect is None else {suspect.object: suspect.reason}
        self._region.load(rows, now_us, away_us, kept_out)
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

    def tick(self, now_us: int, frames: Frames, slicer: FrameSlicer, *, may_wait: bool = False) -> Frames:
        """Run and commit one tick; return what may leave. `may_wait`: see `RegionHost.tick`."""
        for answer in self._fetcher.answers():
            self._host.command(answer)
        for came in self._web.requests() if self._web is not None else ():
            self._host.command(came)
        return self._host.tick(now_us, frames, slicer, may_wait=may_wait)

    def step(self, now_us: int, inputs: Any, slicer: WallSlicer) -> Outputs:
        """Run the kernel, and note when it froze what it hands over: at the end of its last slice."""
        began_us = monotonic_us()
        try:
            outputs = self._region.step(now_us, inputs, slicer)
        except Exception as error:
            suspect = suspect_of(error)
            if suspect is not None and self._suspect_path is not None:
                note(self._suspect_path, suspect)
            raise
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
        if self._exchange.superseded and not self._told_superseded:
            self._told_superseded = True
            self._told.append(Told(SUPERSEDED, "", self._name, SUPERSEDED_TEXT))
        taken = list(self._told)
        self._told.clear()
        return taken

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


def _open_store(world: World, name: str, path: Path | None, parent: int | None) -> RegionStore:
    """Open it as soon as there is room to write that it was claimed."""
    told = False
    while True:
        try:
            return SqliteStore(name, path, world.world.durability)
        except StoreFull as error:
            if parent is not None and os.getppid() != parent:
                raise
            if not told:
                structlog.get_logger().error("region waits", region=name, reason=str(error))
            told = True
            time.sleep(LOOK_FOR_ROOM_S)


def _open_web(world: World, name: str) -> HttpServer | None:
    """Listen for requests, if the region has an address for that. Raises `ConfigError`."""
    address = world.regions[name].web
    if address is None:
        return None
    try:
        return HttpServer(address)
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
