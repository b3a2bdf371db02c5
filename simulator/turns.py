"""Giving scripts their turns, one after the other, while there is time: the innermost loop of a region.

The one idea: everything that a turn of a microsecond pays for stands in one function, with what it needs in local
variables: who is next in the scheduler's three rings, the turn, the look at the clock that ends it and begins the next,
and the accounts. What the region counts as a whole is added up once, behind the last turn.

How rings are joined and left is the scheduler's business, how long a slice is the slicer's, what a turn does the
script's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from simulator.scheduler import Group
    from simulator.world.objects import WorldObject
    from simulator.world.scripts import RunningScript
    from simulator.world.world import World


class Slicer(Protocol):
    """Who cuts the time for scripts into slices: `simulator.slicer`."""

    @property
    def spent(self) -> bool:
        """Whether there is no time for another turn, as of the last `begin` or `turned`."""

    @property
    def up(self) -> bool:
        """Whether the slice of the present turn is up; scripts look at `CONTROL.due` instead."""

    def more(self) -> bool:
        """Whether there is time for turns."""

    def begin(self, runnable: int) -> int:
        """Begin with the first turn where so many scripts are runnable; return how long a slice is in microseconds."""

    def turned(self) -> int:
        """Between two turns: return how long the last one was in microseconds."""

    def end(self) -> None:
        """No more turns."""

    def lap(self) -> int:
        """Outside of turns: return how much of the processor was used since the last asking, in microseconds."""


def give_turns(
    world: World,
    slicer: Slicer,
    settle: Callable[[], None],
    brought: Sequence[object],
    ran: Callable[[WorldObject], None] | None,
) -> None:
    """Give turns until nobody is runnable or the time is spent. Long, because it is the loop.

    `settle` handles what a turn has brought: it is called where `brought` or something to remove is there. `ran` is
    told whose turn has ended, and makes turns as short as they can be: one step each.
    """
    limits, removing, changed, frame = world.limits, world.removing, world.changed, world.frame
    scheduler, turned = world.scheduler, slicer.turned
    ring, leave, quantum_us = scheduler.owners, scheduler.leave, scheduler.quantum_us
    uninterruptible_us_max = limits.uninterruptible_us_max
    steps = range(limits.turn_steps_max if ran is None else 1)
    slices = cpu_us = ran_in_frame = 0
    while ring.last is not None and not slicer.spent:
        owner: Group = ring.last.after
        if owner.deficit_us <= 0:
            owner.deficit_us += quantum_us
            if owner.deficit_us <= 0:
                ring.last = owner
                continue
        body: WorldObject = owner.last.after
        if body.deficit_us <= 0:
            body.deficit_us += quantum_us
            if body.deficit_us <= 0:
                owner.last = body
                continue
        script: RunningScript = body.last.after
        if script.deficit_us <= 0:
            script.deficit_us += quantum_us
            if script.deficit_us <= 0:
                body.last = script
                continue
        runnable = script.turn(steps, slicer)
        if runnable is None:
            leave(owner, body, script)
            continue
        if brought or removing:
            settle()
            runnable = script.runnable
        used_us = turned()
        script.cpu_us += used_us
        script.slices += 1
        slices += 1
        cpu_us += used_us
        if script.ran_in != frame:
            script.ran_in = frame
            ran_in_frame += 1
        if body.extras is None:
            changed[body.id] = None
        else:
            world.touched(body)
        if used_us > uninterruptible_us_max:
            script.worked_too_long(used_us)
            settle()
            runnable = script.runnable
        if ran is not None:
            ran(body)
        script.deficit_us -= used_us
        body.deficit_us -= used_us
        owner.deficit_us -= used_us
        if not runnable:
            leave(owner, body, script)
        elif script.deficit_us <= 0:
            body.last = script
        if body.deficit_us <= 0 and body.after is not None:
            owner.last = body
        if owner.deficit_us <= 0 and owner.after is not None:
            ring.last = owner
    world.ran_in_frame += ran_in_frame
    world.counts.slices += slices
    world.counts.cpu_us += cpu_us
