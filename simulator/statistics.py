"""What a region costs: frozen records of plain integers, counted where it happens.

The one idea: one truth. The command line, the operator's questions, the viewer and the tests all read these. What each
of its scripts costs is in `accounts`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.world import World


@dataclass(slots=True)
class Counts:
    """What has happened in a region since its process began: added to where it happens, read as statistics.

    `frames`: of the region. `slices`, `cpu_us`: of scripts, which take turns in frames. `events_unread`:
    mail whose bytes or whose receiver could not be read, and which is lost. `captures`: times an object was
    written down. `arrived`, `departed`: objects over a border; `frames_arrived`: suspended calls in them;
    `drafts_used`: how many of those that arrived were as their draft had been.
    `programs_refused`: sources from neighbours that do not compile here, or are not what was asked for.
    `spilled`: microthreads that were kept as frames while they waited. `engine_moves`: times a microthread that
    has ended moved to the native engine, its calls being deep, or back. `images_sent`: of what is near a border, to the
    neighbour behind it; `baselines_sent`: times a neighbour was sent all of them.
    """

    frames: int = 0
    slices: int = 0
    cpu_us: int = 0
    events_dropped: int = 0
    events_unread: int = 0
    captures: int = 0
    captures_refused: int = 0
    arrived: int = 0
    departed: int = 0
    frames_arrived: int = 0
    drafts_used: int = 0
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
    drafts_used: int
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
            scripts_failed=sum(script.error is not None for script in scripts),
            microthreads=len(running),
            microthreads_native=sum(microthread.runs_on == "native" for microthread in running),
            waiting=len(world.clockwork),
            events=sum(script.events for script in scripts),
            time_dilation_percent=round(100 * world.time_dilation),
            share_of_scripts_run_percent=round(100 * world.share_ran),
        )
