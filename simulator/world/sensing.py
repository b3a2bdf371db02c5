"""What is near an object, and what something is like that is known: `sense` and `look`.

The one idea: the cells give what may be near, the nearest ring first, so that in a crowd hardly more is measured than
is told. What lies behind a border comes from the images that neighbours show.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scripts_api import AgentRef, ObjectRef, Sensed, Vector
from scripts_api.limits import SENSED_LEN_MAX
from scripts_api.requests import Sense
from simulator.world.halo_records import Image
from simulator.world.objects import WorldObject
from simulator.world.showing import IMAGE_M

if TYPE_CHECKING:
    from simulator.world.world import World


def sense(world: World, body: WorldObject, request: Sense) -> tuple[Sensed, ...]:
    """Return what is near an object, the nearest first; of equally near ones, in the order of their ids."""
    place, ahead = body.position, Vector(1, 0, 0).rotated(body.rotation_at(world.time_us))
    found: list[tuple[float, str, WorldObject]] = []
    for ring in world.cells.rings(place, request.radius_m):
        for other in (other for cell in ring.cells for other in cell):
            if other.root is body.root or not _fits(other, request):
                continue
            there = other.position
            distance = place.distance(there)
            if distance <= request.radius_m and _within(ahead, there - place, request.arc):
                found.append((distance, other.id, other))
        if len(found) >= SENSED_LEN_MAX:
            found = heapq.nsmallest(SENSED_LEN_MAX, found, key=_nearness)
            if found[-1][0] <= ring.sure_m:
                break
    near = [(distance, id, _sensed(other, distance)) for distance, id, other in found]
    near += _sensed_over_borders(world, request, place, ahead)
    near.sort(key=_nearness)
    return tuple(sensed for _, _, sensed in near[:SENSED_LEN_MAX])


def look(world: World, body: WorldObject, ref: ObjectRef | AgentRef) -> Sensed | None:
    """Return what something is like, here or among the images of neighbours; None if it is in neither."""
    found = (world.objects if isinstance(ref, ObjectRef) else world.agents).get(ref.id)
    if found is not None:
        return _sensed(found, body.position.distance(found.position))
    world.halo.seeing.look(body.position, IMAGE_M)
    seen = world.halo.seeing.image_of(ref)
    if seen is None:
        return None
    image, there = seen
    distance = body.position.distance(there)
    return Sensed(image.ref, image.name, image.owner, there, Vector(*image.velocity), distance)


def _sensed_over_borders(
    world: World, request: Sense, place: Vector, ahead: Vector
) -> Iterator[tuple[float, str, Sensed]]:
    all_round = request.arc >= math.pi
    fitting = (
        (distance, image.id, image, age_us)
        for distance, image, age_us in world.halo.seeing.images(place, request.radius_m)
        if _shows(image, request)
        and (all_round or _within(ahead, image.position(age_us) - place, request.arc))
    )
    for distance, id, image, age_us in heapq.nsmallest(SENSED_LEN_MAX, fitting, key=_nearness):
        there, velocity = image.position(age_us), Vector(*image.velocity)
        yield distance, id, Sensed(image.ref, image.name, image.owner, there, velocity, distance)


def _shows(image: Image, request: Sense) -> bool:
    if request.name is not None and request.name != image.name:
        return False
    return request.kind is None or (request.kind == "agent") is (image.agent is not None)


def _nearness(found: tuple[float, str, *tuple[Any, ...]]) -> tuple[float, str]:
    return found[0], found[1]


def _fits(body: WorldObject, request: Sense) -> bool:
    """Whether it may be found: not the parts of linksets, but who sits on them."""
    is_agent = body.agent is not None
    if not is_agent and (body.root is not body or request.kind == "agent"):
        return False
    return not (is_agent and request.kind == "object") and request.name in (None, body.name)


def _sensed(body: WorldObject, distance: float) -> Sensed:
    return Sensed(
        body.noticed, body.name, body.owner, body.position, body.velocity_at(body.world.time_us), distance
    )


def _within(ahead: Vector, way: Vector, arc: float) -> bool:
    if arc >= math.pi or not way:
        return True
    return math.acos(max(-1.0, min(1.0, ahead.dot(way.unit)))) <= arc
