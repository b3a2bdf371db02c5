"""A real simulator process that notes when things happened: `python -m bench.child WORLD NAME NOTES [plain]`.

The one idea: it is `gossamer simulator` with a pencil. The loop, the sockets, the store and the kernel are the
product's; added is a line of the clock where an object was frozen, ready in memory, durable and cleaned up. `SIGUSR1`
begins a stretch whose statistics are wanted, `SIGTERM` ends it, and then everything noted is written to the file
NOTES.

`plain` replaces the sockets by ones without CURVE, to see what encryption costs; the product has none such.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from bench.plain import PlainEndpoint
from migrate.deliveries import Departed
from simulator.clock import monotonic_us
from simulator.config import World, read_world
from simulator.hosting import HostedRegion
from simulator.limits import RegionLimits
from simulator.log import configure_log
from simulator.process import SimulatorProcess, open_endpoint
from simulator.region import Outputs
from simulator.slicer import WallSlicer, limited_time
from simulator.world.programs import Programs

STALL_SLICES = 5
"""Slices that a turn of a loop can't last."""


class Mark(msgspec.Struct, frozen=True):
    """Something happened to an object of a generation: "frozen", "ready", "durable" or "cleaned"."""

    what: str
    object: str
    gen: int
    at_us: int
    bytes: int = 0


class Stretch(msgspec.Struct, frozen=True):
    """Statistics at a moment; `cpu_us` and `owner_us` by object and by owner; `rounds` of all loops together. `stalls`:
    how many turns have lasted much longer than a slice, since the process began.
    """

    at_us: int
    rounds: int
    frames: int
    arrived: int
    cpu_us: dict[str, int]
    owner_us: dict[str, int]
    owners: dict[str, str]
    stalls: int


class Notes(msgspec.Struct):
    """All that a process has noted. `all_ran_us`: when every script had had a turn since this process began."""

    began_us: int
    loaded_us: int = 0
    all_ran_us: int = 0
    marks: list[Mark] = []
    stretches: list[Stretch] = []


class NotingSlicer(WallSlicer):
    """Counts turns that have lasted much longer than a slice: where scripts only loop, the machine did that."""

    stalls = 0

    def turned(self) -> int:
        """See `WallSlicer`."""
        used_us = super().turned()
        NotingSlicer.stalls += used_us > STALL_SLICES * self._slice_us
        return used_us


class NotingRegion(HostedRegion):
    """A hosted region that notes."""

    def __init__(self, world: World, name: str, programs: Programs, notes: Notes) -> None:
        self.notes = notes
        self._ready_us = 0
        self._cleaned: list[Departed] = []
        self._wants_stretch = False
        self._wanted = len(world.objects_of(name))
        super().__init__(world, name, programs)
        self._turns = {id: _slices(body) for id, body in self._region.objects.items()}
        notes.loaded_us = monotonic_us()

    def step(self, now_us: int, inputs: Any, slicer: WallSlicer) -> Outputs:
        """Run the kernel, and note what is cleaned up and when it was done."""
        self._cleaned = [each for each in inputs if isinstance(each, Departed)]
        outputs = super().step(now_us, inputs, slicer)
        self._ready_us = monotonic_us()
        return outputs

    def _committed(self, outputs: Outputs) -> None:
        super()._committed(outputs)
        now_us = monotonic_us()
        marks = self.notes.marks
        marks += [
            Mark("frozen", each.object, each.gen, self._frozen_us, each.bytes) for each in outputs.departed
        ]
        for each in outputs.arrived:
            marks.append(Mark("ready", each.object, each.gen, self._ready_us))
            marks.append(Mark("durable", each.object, each.gen, now_us))
        marks += [Mark("cleaned", each.object, each.gen, now_us) for each in self._cleaned]
        if not self.notes.all_ran_us:
            self._look_who_ran(now_us)
        if self._wants_stretch:
            self.note_stretch()

    def _look_who_ran(self, now_us: int) -> None:
        """Has everybody had a turn? Who has is not looked at again."""
        objects = self._region.objects
        if len(objects) < self._wanted:
            return
        for id, body in objects.items():
            if _slices(body) == self._turns.get(id, 0):
                return
        self.notes.all_ran_us = now_us
        print("running", flush=True)

    def want_stretch(self) -> None:
        """Note the statistics after the present tick."""
        self._wants_stretch = True

    def note_stretch(self) -> None:
        """Note the statistics now."""
        self._wants_stretch = False
        costs = self._region.script_statistics()
        cpu_us, owner_us = {}, dict.fromkeys((each.owner for each in costs), 0)
        owners = {each.object: each.owner for each in costs}
        for each in costs:
            cpu_us[each.object] = each.cpu_us
            owner_us[each.owner] += each.cpu_us
        rounds = sum(self._region.state_of(id).get("rounds", 0) for id in cpu_us)
        counted = self._region.statistics()
        stretch = Stretch(
            monotonic_us(),
            rounds,
            counted.frames,
            counted.arrived,
            cpu_us,
            owner_us,
            owners,
            NotingSlicer.stalls,
        )
        self.notes.stretches.append(stretch)


def _slices(body: Any) -> int:
    return sum(script.slices for script in body.scripts)


def main(world_file: str, name: str, notes_file: str, *options: str) -> None:
    """Run the simulator until it is told to stop, then write the notes."""
    notes = Notes(monotonic_us())
    configure_log()
    world = read_world(Path(world_file))
    limits = RegionLimits()
    programs = Programs(partial(limited_time, limits.uninterruptible_us_max))
    regions = {each: NotingRegion(world, each, programs, notes) for each in world.regions_of(name)}
    endpoint: Any = PlainEndpoint(world, name) if "plain" in options else open_endpoint(world, name)
    process = SimulatorProcess(
        world,
        name,
        regions,
        endpoint,
        lambda interrupted: NotingSlicer(limits.slice_us, limits.uninterruptible_us_max, interrupted),
    )
    signal.signal(signal.SIGTERM, lambda number, frame: process.stop())
    for region in regions.values():
        signal.signal(signal.SIGUSR1, partial(_want_stretch, region))
    with contextlib.closing(endpoint):
        process.run()
    for region in regions.values():
        region.note_stretch()
    Path(notes_file).write_bytes(msgspec.json.encode(notes))


def _want_stretch(region: Any, number: int, frame: FrameType | None) -> None:
    region.want_stretch()


if __name__ == "__main__":
    main(*sys.argv[1:])
