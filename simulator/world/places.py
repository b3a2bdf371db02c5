"""Where regions lie, which one holds a place, and when something that moves will leave one.

The one idea: motion is a function of time, `position + velocity * (now - then)`, so the moment at which an
object reaches a border is computed once, when its velocity changes, and nothing is summed up tick by tick.

Metres in the world: x to the east, y to the north. A region holds its south and west borders, not the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scripts_api import Vector

_new = tuple.__new__


@dataclass(frozen=True, slots=True)
class RegionPlace:
    """A region's rectangle: its south-west corner and its extent."""

    name: str
    corner: tuple[float, float]
    size: tuple[float, float]

    def holds(self, position: Vector) -> bool:
        """Return whether a place is in the region."""
        x, y, _ = position
        (west, south), (width, height) = self.corner, self.size
        return west <= x < west + width and south <= y < south + height

    def clamped(self, position: Vector) -> Vector:
        """Return the place in the region that is nearest."""
        x, y = (
            min(
                max(position[axis], self.corner[axis]),
                math.nextafter(self.corner[axis] + self.size[axis], -math.inf),
            )
            for axis in (0, 1)
        )
        return Vector(x, y, position.z)

    def leaves(self, position: Vector, velocity: Vector) -> tuple[float, int] | None:
        """Return in how many seconds, and along which axis, something leaves; None: never.

        `position` is in the region or on its border.
        """
        found: tuple[float, int] | None = None
        for axis in (0, 1):
            if not velocity[axis]:
                continue
            low, high = self.corner[axis], self.corner[axis] + self.size[axis]
            way = (high if velocity[axis] > 0 else low) - position[axis]
            seconds = max(0.0, way / velocity[axis])
            if found is None or seconds < found[0]:
                found = seconds, axis
        return found


class Places:
    """All regions of the world, which do not overlap."""

    def __init__(self, regions: Iterable[RegionPlace]) -> None:
        self._regions = {region.name: region for region in regions}

    def __contains__(self, name: object) -> bool:
        """Whether there is a region of that name."""
        return name in self._regions

    def region(self, name: str) -> RegionPlace:
        """Return the region of that name. Raises `KeyError`."""
        return self._regions[name]

    def near(self, region: RegionPlace, distance_m: float) -> list[RegionPlace]:
        """Return the other regions that come within so many metres of a region."""
        return [
            each
            for each in self._regions.values()
            if each.name != region.name and _gap(each, region) <= distance_m
        ]

    def at(self, position: Vector) -> str | None:
        """Return the region that holds a place, or None where the world has none."""
        return next((each.name for each in self._regions.values() if each.holds(position)), None)

    def beyond(self, region: RegionPlace, position: Vector, velocity: Vector, axis: int) -> str | None:
        """Return the region behind the border that something reaches at a place, or None."""
        outward = list(position)
        if velocity[axis] > 0:
            outward[axis] = region.corner[axis] + region.size[axis]
        else:
            outward[axis] = math.nextafter(region.corner[axis], -math.inf)
        return self.at(Vector(*outward))


def _gap(one: RegionPlace, two: RegionPlace) -> float:
    """How far two rectangles are from each other."""
    gaps = [
        max(
            one.corner[axis] - two.corner[axis] - two.size[axis],
            two.corner[axis] - one.corner[axis] - one.size[axis],
        )
        for axis in (0, 1)
    ]
    return math.hypot(*(max(0.0, gap) for gap in gaps))


def moved(position: Vector, velocity: Vector, duration_us: int) -> Vector:
    """Return where something is after a time in microseconds, at a velocity in metres a second."""
    # Written out: this is what it costs to ask where something is.
    seconds = duration_us / 1e6
    x, y, z = position
    east, north, up = velocity
    return _new(Vector, (x + east * seconds, y + north * seconds, z + up * seconds))


def stopped(velocity: Vector, axis: int) -> Vector:
    """Return the velocity of what stops at a border that is square to an axis: along it, it goes on."""
    left = list(velocity)
    left[axis] = 0.0
    return Vector(*left)


def reflected(velocity: Vector, axis: int) -> Vector:
    """Return the velocity of what bounces off a border that is square to an axis."""
    turned = list(velocity)
    turned[axis] = -turned[axis]
    return Vector(*turned)
