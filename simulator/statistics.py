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
    memory. `engines`: those that its microthreads are on; `engine_moves`: how often these moved to another.
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
    engines: str
    engine_moves: int
    memory_bytes: int


@dataclass(slots=True)
class Counts:
    """What has happened in a region since its process began: added to where it happens, read as statistics.

    `frames`: of the region. `slices`, `cpu_us`: of scripts, which take turns in frames. `events_unread`:
    mail whose bytes or whose receiver could not be read, and which is lost. `captures`: times an object was
    written down. `arrived`, `departed`: objects over a border; `frames_arrived`: suspended calls in them.
    `programs_refused`: sources from neighbours that do not compile here, or are not what was asked for.
    `spilled`: microthreads that were kept as frames while they waited. `engine_moves`: times a microthread that
    has ended moved to the native engine, its calls being deep, or back. `images_sent`: of what is near a border, to the
    neighbour behind it; `baselines_sent`: times a neighbour was sent all of them.
    """

    frames: int = 0
    slices: int = 0
    cpu_us: int = 0
    scripts_failed: int = 0
    events_dropped: int = 0
    events_unread: int = 0
    captures: int = 0
    captures_refused: int = 0
    arrived: int = 0
    departed: int = 0
    frames_arrived: int = 0
    offers_denied: int = 0
    programs_refused: int = 0
    spilled: int = 0
    engine_moves: int = 0
    images_sent: int = 0
    baselines_sent: int = 0


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """One region: every one of its `Counts`, and what is here now.

    `waiting`: sleeps, time-outs, timers and borders that are set. `events`: handled by the scripts that are
    here. `microthreads_native`: those that are on the native engine now. `objects_quarantined`: rows of the
    store that can't be read and are kept.
    """

    objects: int
    objects_quarantined: int
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
    events_unread: int
    captures: int
    captures_refused: int
    arrived: int
    departed: int
    frames_arrived: int
    offers_denied: int
    programs_refused: int
    spilled: int
    engine_moves: int
    images_sent: int
    baselines_sent: int
    microthreads_native: int
    time_dilation_percent: int
    share_of_scripts_run_percent: int

    @classmethod
    def of(cls, world: World) -> RegionStatistics:
        """Return the statistics of a region as it is now; takes a walk over its scripts."""
        scripts = [script for body in world.objects.values() for script in body.scripts]
        running = [thread.microthread for script in scripts for thread in script.threads or ()]
        counts = asdict(world.counts)
        counts["engine_moves"] += sum(microthread.moves for microthread in running)
        return cls(
            **counts,
            objects_quarantined=len(world.quarantined),
            objects=len(world.objects),
            scripts=len(scripts),
            scripts_runnable=sum(script.runnable for script in scripts),
            microthreads=len(running),
            microthreads_native=sum(microthread.runs_on == "native" for microthread in running),
            waiting=len(world.clockwork),
            events=sum(script.events for script in scripts),
            time_dilation_percent=round(100 * world.time_dilation),
            share_of_scripts_run_percent=round(100 * world.share_ran),
        )


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
            engines="+".join(sorted({thread.microthread.runs_on for thread in script.threads or ()})),
            engine_moves=sum(thread.microthread.moves for thread in script.threads or ()),
            memory_bytes=body.written_bytes // len(body.scripts),
        )
        for body in world.objects.values()
        for script in body.scripts
    ]
    return sorted(found, key=lambda each: (-each.cpu_us, each.object))
