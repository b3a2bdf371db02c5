"""Objects on their way to a place, or along a path: `object.move_to` and `object.follow`.

The one idea: a journey is a velocity and a target, and perhaps a path that goes on behind it. When it ends follows
from the two and from where the object is, so it is reckoned anew wherever the object comes, and an object that
has to wait at a border comes later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts_api import MovingEnd, MovingStart, Rotation, ScriptError, Vector, checks
from scripts_api.values import STILL
from simulator.world import heights
from simulator.world.clockwork import Entry

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject

Leg = tuple[Vector, int, Rotation | None]

NEAR_M = 0.001  # a leg to where the object is already is a rest; what rounding leaves is no way


@dataclass(frozen=True, slots=True)
class Path:
    """Places with the microseconds that it takes to each from the one before, and how the object is turned there.
    `at`: the leg that is under way.
    """

    legs: tuple[Leg, ...]
    at: int
    loop: bool

    @property
    def turn(self) -> Rotation | None:
        """How the object is turned at the end of this leg."""
        return self.legs[self.at][2]

    @property
    def turns(self) -> bool:
        """Whether a leg says how the object is turned; else the path leaves that alone."""
        return any(turn is not None for _, _, turn in self.legs)

    def next(self) -> Path | None:
        """Return the path with its next leg under way, or None at its end."""
        if self.at + 1 < len(self.legs):
            return Path(self.legs, self.at + 1, self.loop)
        return Path(self.legs, 0, True) if self.loop else None


class Journey:
    """One object's way to `target`. `pause_us`: for how long it rests there, where a leg leads nowhere else."""

    __slots__ = ("body", "entry", "path", "pause_us", "target")

    def __init__(
        self, body: WorldObject, target: Vector, path: Path | None = None, pause_us: int | None = None
    ) -> None:
        self.body, self.target, self.path, self.pause_us = body, target, path, pause_us
        self.entry: Entry | None = None

    def set(self) -> None:
        """Reckon when it ends, from where the object is and how fast, and be called then."""
        body = self.body
        speed = body.velocity.length
        way = body.position.distance(self.target)
        duration_us = int(way / speed * 1e6) if speed else self.pause_us or 0
        self.entry = body.world.clockwork.set(body.world.time_us + duration_us, self)

    @property
    def rest_us(self) -> int | None:
        """What remains of a pause."""
        if self.pause_us is None or self.entry is None:
            return self.pause_us
        due_us: int = self.entry[0]
        return max(0, due_us - self.body.world.time_us)

    def cancel(self) -> None:
        """End it where the object is, which is settled."""
        self.body.world.clockwork.cancel(self.entry)
        self.body.journey = None
        if self.path is not None and self.path.turns:
            self.body.spin = STILL

    def due(self) -> None:
        """The object is there, unless it waits at a border: then it is reckoned anew behind it."""
        body, path = self.body, self.path
        self.entry = None
        if body.crossing is not None and body.crossing.held:
            return
        body.settle(body.world.time_us)
        body.journey = None
        body.world.touched(body)
        if path is not None and path.turn is not None:
            body.rotation = path.turn
        following = None if path is None else path.next()
        if following is not None:
            _begin_leg(body, following)
            return
        if path is not None and path.turns:
            body.spin = STILL
        body.world.borders.stop(body, self.target)
        body.world.tell_links(body, MovingEnd())


def begin_journey(body: WorldObject, target: Vector, duration_us: int) -> None:
    """Send an object to a place. Raises `ScriptError` where there is no region, and if it would be too fast."""
    call = "object.move_to"
    _check_place(call, body, target)
    if duration_us == 0:
        body.world.borders.put(body, target)
        body.world.tell_links(body, MovingEnd())
        return
    _check_speed(call, body.position, target, duration_us)
    body.world.tell_links(body, MovingStart())
    _go(body, Journey(body, target), duration_us)


def follow_path(body: WorldObject, legs: tuple[Leg, ...], loop: bool) -> None:
    """Send an object along a path. Raises `ScriptError` where there is no region, and if it would be too fast."""
    call, place = "object.follow", body.position
    for target, duration_us, _ in legs + legs[:1] * loop:
        _check_place(call, body, target)
        _check_speed(call, place, target, duration_us)
        place = target
    body.world.tell_links(body, MovingStart())
    _begin_leg(body, Path(legs, 0, loop))


def _check_place(call: str, body: WorldObject, target: Vector) -> None:
    if body.world.places.at(target) is None:
        raise ScriptError(f"{call}: there is no region at {target}; the world ends before it.")
    heights.check_height(call, target)


def _check_speed(call: str, start: Vector, target: Vector, duration_us: int) -> None:
    checks.speed(call, (target - start) * (1e6 / duration_us))


def _begin_leg(body: WorldObject, path: Path) -> None:
    target, duration_us, turn = path.legs[path.at]
    rests = body.position.distance(target) < NEAR_M
    body.settle(body.world.time_us)
    if turn is not None:
        body.spin = _spin_to(turn, body.rotation, duration_us)
    elif path.turns:
        body.spin = STILL
    _go(body, Journey(body, target, path, duration_us if rests else None), duration_us)


def _spin_to(turn: Rotation, present: Rotation, duration_us: int) -> Vector:
    """Return the spin that takes an object to a rotation evenly, the shorter way round."""
    way = present.inverse * turn
    axis = Vector(way.x, way.y, way.z) * (-1 if way.w < 0 else 1)
    return axis.unit * (way.angle * 1e6 / duration_us)


def _go(body: WorldObject, journey: Journey, duration_us: int) -> None:
    way = journey.target - body.position
    body.world.borders.set_velocity(
        body, STILL if journey.pause_us is not None else way * (1e6 / duration_us)
    )
    body.journey = journey
    heights.plan(body)
    journey.set()
