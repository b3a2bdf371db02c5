"""Places that scripts watch for: `on_target` when their object comes near one, `on_not_target` when it goes.

The one idea: only objects with targets are looked at, once a frame, and the way since the last look is looked at with
the place where it ended, so that nothing flies past unseen. A region in which no script has targets pays nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts_api import AtTarget, NotAtTarget, Target, Vector
from simulator.world.frame_looks import FrameLooks

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.objects import WorldObject
    from simulator.world.script_extras import ScriptTarget

Sighting = tuple[int, Vector]


class Targets(FrameLooks[Sighting]):
    """The objects of a region that have targets, with when and where each was at the last look."""

    def consider(self, body: WorldObject) -> None:
        """Look anew whether an object has targets."""
        if any(script.extras is not None and script.extras.targets for script in body.scripts):
            self._include(body)
        else:
            self.gone(body)

    def _see(self, body: WorldObject) -> Sighting:
        return self._world.time_us, body.position

    def _look(self, body: WorldObject, before: Sighting) -> None:
        here = body.position
        # Whoever was put somewhere, or turned, since then did not come straight from there.
        start = before[1] if body.root.at_us <= before[0] else here
        for script in body.scripts:
            for target in list(script.extras.targets.values() if script.extras is not None else ()):
                self._tell(script, target, start, here)

    def _tell(self, script: ScriptCalls, target: ScriptTarget, start: Vector, here: Vector) -> None:
        handle, was_inside = Target(script, target.number), target.inside
        target.inside = here.distance(target.position) <= target.range_m
        passed = not was_inside and _nearest(start, here, target.position) <= target.range_m
        if target.inside is not was_inside:
            self._world.touched(script.body)
        if passed:
            script.deliver_wanted(AtTarget(handle))
        if (was_inside or passed) and not target.inside:
            script.deliver_wanted(NotAtTarget(handle))


def _nearest(start: Vector, end: Vector, place: Vector) -> float:
    """Return how near to a place something comes on a straight way."""
    way = end - start
    length = way.dot(way)
    share = 0.0 if not length else min(1.0, max(0.0, (place - start).dot(way) / length))
    return (start + way * share).distance(place)
