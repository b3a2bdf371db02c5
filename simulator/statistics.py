"""What a region and its scripts cost: frozen records of plain integers, counted where it happens.

The one idea: one truth. The command line, the operator's questions, the viewer and the tests all read these.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.world import World


@dataclass(frozen=True, slots=True)
class ScriptStatistics:
    """One script since it was made: processor time, turns, events, what waits, its share of its object's
    memory.
    """

    object: str
    name: str
    owner: str
    program: str
    condition: str
    cpu_us: int
    slices: int
    events: int
    queued: int
    drops: int
    microthreads: int
    frames: int
    timers: int
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """One region since its process began, and what is here now."""

    objects: int
    scripts: int
    scripts_runnable: int
    scripts_failed: int
    microthreads: int
    waiting: int
    frames: int
    slices: int
    cpu_us: int
    events: int
    events_dropped: int
    captures: int
    captures_refused: int
    arrived: int
    departed: int
    frames_arrived: int
    offers_denied: int
    time_dilation_percent: int
    share_of_scripts_run_percent: int

    @classmethod
    def of(cls, world: World) -> RegionStatistics:
        """Count."""
        scripts = [script for body in world.objects.values() for script in body.scripts]
        counts = world.counts
        return cls(
            objects=len(world.objects),
            scripts=len(scripts),
            scripts_runnable=sum(script.runnable for script in scripts),
            scripts_failed=counts["scripts_failed"],
            microthreads=sum(len(script.threads or ()) for script in scripts),
            waiting=len(world.clockwork),
            frames=counts["frames"],
            slices=counts["slices"],
            cpu_us=counts["cpu_us"],
            events=sum(script.events for script in scripts),
            events_dropped=counts["events_dropped"],
            captures=counts["captures"],
            captures_refused=counts["captures_refused"],
            arrived=counts["arrived"],
            departed=counts["departed"],
            frames_arrived=counts["frames_arrived"],
            offers_denied=counts["offers_denied"],
            time_dilation_percent=round(100 * world.time_dilation),
            share_of_scripts_run_percent=round(100 * world.share_ran),
        )

    def as_numbers(self) -> dict[str, int]:
        """Return them by name."""
        return asdict(self)


def script_statistics(world: World) -> list[ScriptStatistics]:
    """Return every script of a region, the costliest first."""
    found = [
        ScriptStatistics(
            object=body.id,
            name=body.name,
            owner=body.owner,
            program=script.program,
            condition=script.condition.value,
            cpu_us=script.cpu_us,
            slices=script.slices,
            events=script.events,
            queued=len(script.queue or ()),
            drops=script.drops,
            microthreads=len(script.threads or ()),
            frames=sum(thread.microthread.depth for thread in script.threads or ()),
            timers=len(script.timers or ()),
            memory_bytes=body.written_bytes // len(body.scripts),
        )
        for body in world.objects.values()
        for script in body.scripts
    ]
    return sorted(found, key=lambda each: (-each.cpu_us, each.object))
