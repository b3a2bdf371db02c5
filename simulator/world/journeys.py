"""Objects on their way to a place: `object.move_to`.

The one idea: a journey is a velocity and a target. When it ends follows from the two and from where the
object is, so it is reckoned anew wherever the object comes, and an object that has to wait at a border comes
later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts_api import MovingEnd, ScriptError, Vector
from simulator.world.clockwork import Entry

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject


class Journey:
    """One object's way to `target`."""

    __slots__ = ("body", "entry", "target")

    def __init__(self, body: WorldObject, target: Vector) -> None:
        self.body, self.target = body, target
        self.entry: Entry | None = None

    def set(self) -> None:
        """Reckon when it ends, from where the object is and how fast, and be called then."""
        body = self.body
        speed = body.velocity.length
        way = body.position.distance(self.target)
        duration_us = int(way / speed * 1e6) if speed else 0
        self.entry = body.world.clockwork.set(body.world.time_us + duration_us, self)

    def cancel(self) -> None:
        """End it where the object is."""
        self.body.world.clockwork.cancel(self.entry)
        self.body.journey = None

    def due(self) -> None:
        """The object is there, unless it waits at a border: then it is reckoned anew behind it."""
        body = self.body
        self.entry = None
        if body.crossing is not None and body.crossing.held:
            return
        body.journey = None
        body.world.borders.stop(body, self.target)
        body.world.touched(body)
        body.world.tell_all(body, MovingEnd())


def begin_journey(body: WorldObject, target: Vector, duration_us: int) -> None:
    """Send an object to a place. Raises `ScriptError` where there is no region."""
    world = body.world
    if world.places.at(target) is None:
        raise ScriptError(f"object.move_to: there is no region at {target}; the world ends before it.")
    if duration_us == 0:
        world.borders.put(body, target)
        world.tell_all(body, MovingEnd())
        return
    world.borders.set_velocity(body, (target - body.position) * (1e6 / duration_us))
    body.journey = Journey(body, target)
    body.journey.set()
