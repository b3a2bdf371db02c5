"""What a ray meets: `cast_ray`.

The one idea: the ray is turned into the axes of each object near it, where its box is an upright one, so what is met is
exact however an object is turned. The ground ends every ray.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scripts_api import RayHit, Vector

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.world import World


def cast_ray(
    world: World, body: WorldObject, start: Vector, end: Vector, kind: str | None, count: int
) -> tuple[RayHit, ...]:
    """Return what lies on a straight way, the nearest first; nothing of the object's own linkset."""
    found = [(share, other.id, other) for other, share in _met(world, body, start, end, kind)]
    way, ground = end - start, _ground(start, end)
    if ground is not None:
        found = [each for each in found if each[0] <= ground]
    found.sort(key=lambda each: each[:2])
    hits = [_hit(other, start + way * share, way.length * share) for share, _, other in found[:count]]
    if ground is not None and len(hits) < count:
        hits.append(RayHit(None, "ground", start + way * ground, way.length * ground))
    return tuple(hits)


def _met(
    world: World, body: WorldObject, start: Vector, end: Vector, kind: str | None
) -> Iterator[tuple[WorldObject, float]]:
    reach = world.collisions.radius_m
    low = min(start.x, end.x) - reach, min(start.y, end.y) - reach
    high = max(start.x, end.x) + reach, max(start.y, end.y) + reach
    for _, cell in world.cells.within(low, high):
        for other in cell:
            if other.root is body.root or other.phantom or other.is_sensor:
                continue
            if kind is not None and (other.agent is None) is not (kind == "object"):
                continue
            share = _share(other, start, end)
            if share is not None:
                yield other, share


def _share(other: WorldObject, start: Vector, end: Vector) -> float | None:
    """Return which share of the way lies before an object's box, or None where it does not meet it."""
    turn_back, place = other.rotation_at(other.world.time_us).inverse, other.position
    begin = (start - place).rotated(turn_back)
    way = (end - place).rotated(turn_back) - begin
    first, last = 0.0, 1.0
    for axis in (0, 1, 2):
        half = other.scale[axis] / 2
        if not way[axis]:
            if abs(begin[axis]) > half:
                return None
            continue
        one, two = ((side - begin[axis]) / way[axis] for side in (-half, half))
        first, last = max(first, min(one, two)), min(last, max(one, two))
    return first if first <= last else None


def _ground(start: Vector, end: Vector) -> float | None:
    """Return which share of the way lies above the ground, or None where it ends above it."""
    if start.z < 0 or end.z >= 0 or start.z == end.z:
        return None
    return start.z / (start.z - end.z)


def _hit(other: WorldObject, place: Vector, distance: float) -> RayHit:
    return RayHit(other.noticed, other.name, place, distance)
