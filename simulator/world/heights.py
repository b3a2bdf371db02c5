"""Up and down: the ground, the top of the world, and what falls.

The one idea: falling is a function of time as flying is, so the moment at which something lands is computed once,
when its motion changes. Nothing is looked at while it falls. What lands stays down; a script that wants it to bounce
says so in `on_land`.

The ground is level, at height 0. What an object's journey does to it is in `journeys`: nothing falls on its way.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scripts_api import CrossingDenied, Land, ScriptError, Vector
from scripts_api.limits import GRAVITY_M_PER_S2, HEIGHT_M_MAX
from scripts_api.values import STILL
from simulator.world.clockwork import Entry

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject

WORLD_ENDS = "the world ends here"
_SOON_S = 1e8  # whoever is years away will change course before


class Landing:
    """When one object meets the ground, or the top of the world."""

    __slots__ = ("body", "entry", "hit_us")

    def __init__(self, body: WorldObject, hit_us: int) -> None:
        self.body, self.hit_us = body, hit_us
        self.entry: Entry = body.world.clockwork.set(hit_us, self)

    def due(self) -> None:
        """It is there."""
        body = self.body
        body.more().landing = None
        speed = body.velocity_at(self.hit_us).z
        body.settle(self.hit_us)
        if speed < 0:
            _land(body, -speed)
        else:
            _meet_top(body, speed)
        body.world.borders.plan(body)
        body.world.touched(body)


def _land(body: WorldObject, speed: float) -> None:
    x, y, _ = body.place
    body.place = Vector(x, y, 0)
    if body.is_physical:
        body.velocity = body.spin = STILL
    else:
        body.velocity = Vector(body.velocity.x, body.velocity.y, 0)
    body.world.tell_all(body, Land(speed))


def _meet_top(body: WorldObject, speed: float) -> None:
    x, y, _ = body.place
    body.place = Vector(x, y, HEIGHT_M_MAX)
    body.velocity = Vector(body.velocity.x, body.velocity.y, -speed if body.bounces else 0)
    body.world.tell_all(body, CrossingDenied("", WORLD_ENDS))


def check_height(call: str, place: Vector) -> None:
    """Raise `ScriptError` for a place below the ground or above the top of the world."""
    if not 0 <= place.z <= HEIGHT_M_MAX:
        raise ScriptError(
            f"{call}: the height of {place} is {place.z:g} m; the ground is at 0, and the world ends at"
            f" {HEIGHT_M_MAX:g} m."
        )


def levelled(place: Vector) -> Vector:
    """Return the nearest place that is neither below the ground nor above the top of the world."""
    if 0 <= place.z <= HEIGHT_M_MAX:
        return place
    return Vector(place.x, place.y, min(max(place.z, 0.0), HEIGHT_M_MAX))


def plan(body: WorldObject) -> None:
    """Reckon whether an object falls from now on, and when it meets the ground or the top: its motion has changed."""
    forget(body)
    extras, held = body.extras, body.crossing is not None and body.crossing.held
    free = body.journey is None and not held and body.root is body
    falls = free and body.is_physical and (body.place.z > 0 or body.velocity.z > 0)
    if extras is not None:
        extras.falls = falls
    seconds = _seconds(body.place.z, body.velocity.z, falls) if free else None
    if seconds is not None and seconds < _SOON_S:
        body.more().landing = Landing(body, body.at_us + int(seconds * 1e6) + 1)


def forget(body: WorldObject) -> None:
    """An object moves with another from now on, or is gone."""
    extras = body.extras
    if extras is not None:
        extras.falls = False
        if extras.landing is not None:
            body.world.clockwork.cancel(extras.landing.entry)
            extras.landing = None


def _seconds(height: float, speed: float, falls: bool) -> float | None:
    """Return in how many seconds something meets the ground or the top; None: never."""
    to_top = HEIGHT_M_MAX - height
    if not falls:
        return None if not speed else max(0.0, (to_top if speed > 0 else -height) / speed)
    g = GRAVITY_M_PER_S2
    if speed > 0 and speed * speed > 2 * g * to_top:
        return (speed - math.sqrt(speed * speed - 2 * g * to_top)) / g
    return (speed + math.sqrt(speed * speed + 2 * g * height)) / g


def fallen(place: Vector, duration_us: int) -> Vector:
    """Return where something is that would be at a place without gravity."""
    seconds = duration_us / 1e6
    return Vector(place.x, place.y, max(0.0, place.z - GRAVITY_M_PER_S2 / 2 * seconds * seconds))
