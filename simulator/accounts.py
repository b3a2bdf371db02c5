"""What each script of a region costs, and what that comes to for an object, an owner, a region.

The one idea: the costs are counted with the script or object they belong to, in plain integers; here they are only
read, and added up when somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from migrate import CaptureRefused, Frame, Pinned
from simulator.world.modules import in_authors_terms
from simulator.world.programs import Programs
from simulator.world.scripts import RunningScript
from simulator.world.world import CANT_BE_SAVED, World

By: TypeAlias = Literal["object", "owner", "region"]


@dataclass(frozen=True, slots=True)
class ScriptStatistics:
    """One script since it was made: processor time, turns, events, waits; what waits now; where its microthreads stand,
    and which can't be captured there, or what it has failed with; its share of its object's memory; why its object is
    unsaved, if it is.

    `sleeps`: since it has come to this region; of its object, `captures`: the same, and `crossings` since it was made,
    one that was refused on the other side counting twice. `engines`: those that its microthreads are on;
    `engine_moves`: how often these moved to another.
    """

    object: str
    name: str
    owner: str
    program: str
    condition: str
    cpu_us: int
    slices: int
    events: int
    sleeps: int
    queued: int
    drops: int
    microthreads: int
    frames: int
    timers: int
    engines: str
    engine_moves: int
    memory_bytes: int
    captures: int
    crossings: int
    where: str
    unsaved: str


def script_statistics(world: World, gen_of: Callable[[str], int]) -> list[ScriptStatistics]:
    """Return every script of a region, the costliest first. `gen_of`: an object's generation."""
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
            sleeps=script.sleeps,
            queued=len(script.queue or ()),
            drops=script.drops,
            microthreads=len(script.threads or ()),
            frames=sum(thread.microthread.depth for thread in script.threads or ()),
            timers=len(script.timers or ()),
            engines="+".join(sorted({thread.microthread.runs_on for thread in script.threads or ()})),
            engine_moves=sum(thread.microthread.moves for thread in script.threads or ()),
            memory_bytes=body.written_bytes // len(body.scripts),
            captures=body.root.captures,
            crossings=gen_of(body.root.id) - 1,
            where="; ".join(_where(script)),
            unsaved=in_authors_terms(world.refusals.reason(body.root.id, CANT_BE_SAVED) or ""),
        )
        for body in world.objects.values()
        for script in body.scripts
    ]
    return sorted(found, key=lambda each: (-each.cpu_us, each.object))


def _where(script: RunningScript) -> Iterator[str]:
    if script.error is not None:
        yield in_short(script.error)
    for thread in script.threads or ():
        try:
            frame = thread.microthread.capture()[-1]
        except Pinned as pinned:
            yield f"pinned: {pinned}"
        except CaptureRefused as refused:
            yield f"can't be captured: {refused}"
        else:
            yield f"{frame.function}, line {line_of(frame, script.world.programs)}"


def in_short(error: str) -> str:
    """Return what a script has failed with as one line: the innermost line of a traceback, and its end."""
    *above, last = error.strip().splitlines() or [""]
    found = re.findall(r'^  File "(.*)", line (\d+)', "\n".join(above), re.MULTILINE)
    return f"{found[-1][0]}, line {found[-1][1]}: {last}" if found else last


def line_of(frame: Frame, programs: Programs) -> int:
    """Return the line that a frame is suspended in."""
    function = programs.modules[frame.program].program.function(frame.function)
    point = function.points.get(frame.point)
    return function.node.lineno if point is None else point.position[0]


class Cost(Protocol):
    """A script's costs, here or as an operator is told them."""

    @property
    def object(self) -> str:
        """The id of its object."""

    @property
    def owner(self) -> str:
        """Whose object that is."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What scripts of one object, owner or region cost together. `captures`, `crossings`: of their objects."""

    of: str
    scripts: int
    cpu_us: int
    slices: int
    events: int
    sleeps: int
    queued: int
    drops: int
    microthreads: int
    memory_bytes: int
    captures: int
    crossings: int


OF_SCRIPTS: Final = (
    "cpu_us",
    "slices",
    "events",
    "sleeps",
    "queued",
    "drops",
    "microthreads",
    "memory_bytes",
)
OF_OBJECTS: Final = ("captures", "crossings")


def rolled_up(costs: Iterable[Cost], by: By) -> list[Sum]:
    """Add costs up by "object", "owner" or "region", the costliest first."""
    groups: dict[str, list[Cost]] = {}
    for each in costs:
        groups.setdefault(getattr(each, by), []).append(each)
    sums = [_sum(of, group) for of, group in groups.items()]
    return sorted(sums, key=lambda each: (-each.cpu_us, each.of))


def _sum(of: str, group: list[Cost]) -> Sum:
    objects = {each.object: each for each in group}.values()
    return Sum(
        of,
        len(group),
        **{name: sum(getattr(each, name) for each in group) for name in OF_SCRIPTS},
        **{name: sum(getattr(each, name) for each in objects) for name in OF_OBJECTS},
    )
