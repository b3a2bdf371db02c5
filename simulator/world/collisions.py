"""What touches what: overlaps of bounding boxes, told when they begin, while they last and when they end.

The one idea: only objects whose scripts want to know are looked at, once a frame, and only against what the cells
say is near. A region in which no script handles collisions pays nothing. Nothing is pushed away: whoever wants
to bounce does so in its handler.

The box of an object is the smallest one along the world's axes that holds it as it is turned. Phantom objects
touch nothing. A sensor notices what is in it, and nobody notices a sensor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scripts_api import AgentRef, Collision, CollisionEnd, CollisionStart, ObjectRef, Vector
from scripts_api.limits import TOUCHED_LEN_MAX
from simulator.world.frame_looks import FrameLooks

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.objects import WorldObject
    from simulator.world.world import World

Box = tuple[float, float, float, float, float, float]
KINDS: Final = (CollisionStart, Collision, CollisionEnd)
Touching = dict[ObjectRef | AgentRef, None]


class Collisions(FrameLooks[None]):
    """The objects of a region that want to know what they touch. `radius_m`: of the largest object so far."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.radius_m = 0.0
        self._boxes: dict[WorldObject, Box] = {}

    def consider(self, body: WorldObject) -> None:
        """Look anew whether an object's scripts want to know."""
        if any(_wants(script) for script in body.scripts):
            self._include(body)
        else:
            self.gone(body)

    def grown(self, body: WorldObject) -> None:
        """An object has come or has another size: the largest one says how far to look."""
        self.radius_m = max(self.radius_m, body.scale.length / 2)

    def due(self) -> None:
        """Look once a frame."""
        super().due()
        self._boxes.clear()

    def _see(self, body: WorldObject) -> None:
        """What it touches is kept with the object itself, and saved with it."""

    def _look(self, body: WorldObject, before: None) -> None:
        touched: Touching = dict.fromkeys(body.touching)
        now: Touching = dict.fromkeys(self._touched_by(body))
        begun, ended = (
            tuple(ref for ref in now if ref not in touched),
            tuple(ref for ref in touched if ref not in now),
        )
        going_on = tuple(ref for ref in now if ref in touched)
        if begun or ended:
            body.more().touching = tuple(now)
            self._world.touched(body)
        for event, others in ((CollisionStart, begun), (Collision, going_on), (CollisionEnd, ended)):
            if others:
                self._world.tell_wanted(body, event(others))

    def _touched_by(self, body: WorldObject) -> list[ObjectRef | AgentRef]:
        """Return what an object touches, in the order of their ids."""
        if body.phantom:
            return []
        boxes, root = self._boxes, body.root
        west, east, south, north, low, high = self._box(body)
        found: list[WorldObject] = []
        for cell in self._world.cells.near(body.position, body.scale.length / 2 + self.radius_m):
            for other in cell:
                # Written out, and reckoned once a frame: this is what a crowd costs.
                box = boxes.get(other) or self._box(other)
                if box[0] > east or box[1] < west or box[2] > north or box[3] < south:
                    continue
                if box[4] > high or box[5] < low or other.phantom or other.is_sensor or other.root is root:
                    continue
                found.append(other)
        found.sort(key=lambda other: other.id)
        return [other.noticed for other in found[:TOUCHED_LEN_MAX]]

    def _box(self, body: WorldObject) -> Box:
        """The sides of the box around an object in this frame: west, east, south, north, low, high."""
        box = self._boxes.get(body)
        if box is None:
            (x, y, z), (a, b, c) = body.position, _extent(body)
            box = self._boxes[body] = (x - a, x + a, y - b, y + b, z - c, z + c)
        return box


def _wants(script: ScriptCalls) -> bool:
    if any(hasattr(script.instance, kind.handler) for kind in KINDS):
        return True
    return any(kind.__name__ in thread.awaited for thread in script.threads or () for kind in KINDS)


def _extent(body: WorldObject) -> Vector:
    """Half the sides of the box around an object."""
    rotation, (x, y, z) = body.rotation_at(body.world.time_us), body.scale
    if rotation[3] == 1.0:
        return Vector(x / 2, y / 2, z / 2)
    sides = [Vector(*axis).rotated(rotation) for axis in ((x, 0, 0), (0, y, 0), (0, 0, z))]
    return Vector(*(sum(abs(side[axis]) for side in sides) / 2 for axis in (0, 1, 2)))
