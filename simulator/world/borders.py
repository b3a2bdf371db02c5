"""What happens where a region ends: ask the neighbour in time, go over, wait, or bounce.

The one idea: an object that moves has one plan, made when its motion changes: the moment and place at which
it meets a border, and who is behind it. Some frames before that moment it asks; at that moment it goes over
if the answer was yes, waits on the border while there is none, and bounces off if it was no or if the world
ends there.

The states of a plan: PLANNED -> ASKED -> GRANTED or DENIED. What travels and how is the region's business.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from scripts_api import CrossingDenied, Depart, ScriptError, Vector
from scripts_api.values import STILL
from simulator.world import heights, teleports
from simulator.world.clockwork import Entry
from simulator.world.heights import WORLD_ENDS
from simulator.world.objects import WorldObject
from simulator.world.places import moved, reflected, stopped

if TYPE_CHECKING:
    from simulator.checkpoint_record import UnitRecord
    from simulator.world.world import World


class Plan(Enum):
    """How far the plan for a border has come."""

    PLANNED = "planned"
    ASKED = "asked"
    GRANTED = "granted"
    DENIED = "denied"


class Crossing:
    """The plan of one object. `axis`: of the border; None where a script has put the object outside, from `back`.
    `asked_us`, `granted_us`: when, by the clock that never stands still; the latter is an estimate, see `transit`.
    `written`: how the object was written down last, for as long as it may leave soon.
    """

    __slots__ = (
        "asked_us", "axis", "back", "body", "dst", "entry", "granted_us", "held", "hit_us", "reason", "state",
        "written",
    )  # fmt: skip

    def __init__(
        self, body: WorldObject, hit_us: int, axis: int | None, dst: str | None, back: Vector | None = None
    ) -> None:
        self.body, self.hit_us, self.axis, self.dst, self.back = body, hit_us, axis, dst, back
        self.state = Plan.PLANNED
        self.asked_us = self.granted_us = 0
        self.written: UnitRecord | None = None
        self.held = False
        self.reason = "" if dst else WORLD_ENDS
        self.entry: Entry | None = None

    @property
    def leaves_soon(self) -> bool:
        """Whether its neighbour was asked for it and has not refused."""
        return self.state in (Plan.ASKED, Plan.GRANTED)

    def due(self) -> None:
        """It is time to ask, or to meet the border."""
        self.body.world.borders.due(self)


class Borders:
    """The plans of all objects of a region."""

    def __init__(self, world: World) -> None:
        self._world = world

    def plan(self, body: WorldObject) -> None:
        """Make the plan of an object whose motion has changed."""
        world, old = self._world, body.crossing
        world.cells.moved(body)
        world.departing.pop(body.id, None)
        if old is not None:
            world.clockwork.cancel(old.entry)
            body.crossing = None
            if old.axis is None:
                teleports.ended(body, teleports.MOVED)
        heights.plan(body)
        leaves = world.here.leaves(body.place, body.velocity)
        if leaves is None:
            return
        seconds, axis = leaves
        if seconds > 1e8:
            # Years away: whoever is that slow will change course before.
            return
        hit_us = body.at_us + int(seconds * 1e6) + 1
        place = moved(body.place, body.velocity, hit_us - body.at_us)
        crossing = Crossing(body, hit_us, axis, world.places.beyond(world.here, place, body.velocity, axis))
        if old is not None and old.dst == crossing.dst and old.leaves_soon:
            # The neighbour's answer is about the object, not about its course.
            crossing.state, crossing.asked_us, crossing.granted_us = old.state, old.asked_us, old.granted_us
        body.crossing = crossing
        self._set_alarm(crossing)

    def set_velocity(self, body: WorldObject, velocity: Vector) -> None:
        """Change an object's course; a journey ends."""
        body.settle(self._world.time_us)
        _end_journey(body)
        body.velocity = velocity
        if not self._world.here.holds(body.place):
            # It has met the border in this very tick, and now turns where it stands; or it was to go elsewhere.
            body.place = self._inside(body, body.place)
        self.plan(body)

    def stop(self, body: WorldObject, place: Vector) -> None:
        """Let an object stand still at a place that it has reached, here or just behind a border."""
        body.settle(self._world.time_us)
        body.velocity = STILL
        if self._world.places.at(place) == self._world.here.name:
            body.place = place
            self.plan(body)
        else:
            self.put(body, place)

    def put(self, body: WorldObject, position: Vector) -> None:
        """Put an object somewhere else, in another region too. Raises `ScriptError` where there is none."""
        world = self._world
        dst = world.places.at(position)
        if dst is None:
            raise ScriptError(
                f"object.position: there is no region at {position}; the world ends before it. See region.is_edge."
            )
        heights.check_height("object.position", position)
        body.settle(world.time_us)
        _end_journey(body)
        back, body.place = self._inside(body, body.place), position
        if dst == world.here.name:
            self.plan(body)
            return
        world.departing.pop(body.id, None)
        if body.crossing is not None:
            world.clockwork.cancel(body.crossing.entry)
            teleports.ended(body, teleports.MOVED)
        body.crossing = crossing = Crossing(body, world.time_us, None, dst, back)
        crossing.held = True
        heights.plan(body)
        world.cells.moved(body)
        # Asked in the next tick: the script that moves it is running and can't be looked at now.
        self._set_alarm(crossing)

    def let_go(self, body: WorldObject) -> None:
        """Forget an object's plan and journey: from now on it moves with another."""
        _end_journey(body)
        heights.forget(body)
        self._world.departing.pop(body.id, None)
        if body.crossing is not None:
            self._world.clockwork.cancel(body.crossing.entry)
            body.crossing = None
            teleports.ended(body, teleports.MOVED)

    def due(self, crossing: Crossing) -> None:
        """Ask the neighbour, or meet the border, as the plan says."""
        if crossing.state is Plan.PLANNED and crossing.dst is not None:
            self._ask(crossing)
        elif self._world.time_us >= crossing.hit_us:
            self._meet(crossing)
            return
        self._set_alarm(crossing)

    def granted(self, body: WorldObject, dst: str) -> None:
        """The neighbour has said yes."""
        crossing = body.crossing
        if crossing is None or crossing.dst != dst or crossing.state is not Plan.ASKED:
            return
        crossing.state = Plan.GRANTED
        crossing.granted_us = (crossing.asked_us + self._world.now_us) // 2
        if self._world.time_us >= crossing.hit_us:
            self._world.departing[body.id] = dst

    def denied(self, body: WorldObject, dst: str, reason: str) -> None:
        """The neighbour has said no, or nothing, or the grant has lapsed before it was used."""
        crossing = body.crossing
        if crossing is None or crossing.dst != dst or crossing.state in (Plan.PLANNED, Plan.DENIED):
            return
        self._world.departing.pop(body.id, None)
        if crossing.hit_us > self._world.time_us + self._world.limits.border_lead_us:
            crossing.state = Plan.PLANNED
            self._set_alarm(crossing)
            return
        crossing.state, crossing.reason = Plan.DENIED, reason
        if self._world.time_us >= crossing.hit_us:
            self.bounce(body, reason)

    def bounce(self, body: WorldObject, reason: str) -> None:
        """Throw an object back into the region, and tell its scripts."""
        crossing = body.crossing
        assert crossing is not None, f"{body.id} bounces without a border"
        world = self._world
        met_us = min(world.time_us, crossing.hit_us)
        body.rotation = body.rotation_at(world.time_us)
        body.place, body.velocity = self._inside(body, body.position_at(met_us)), body.velocity_at(met_us)
        _end_journey(body)
        world.clockwork.cancel(crossing.entry)
        body.at_us = world.time_us
        if crossing.axis is not None:
            turned = reflected if body.bounces else stopped
            body.velocity = turned(body.velocity, crossing.axis)
        region, body.crossing = crossing.dst or "", None
        teleports.ended(body, reason)
        self.plan(body)
        world.touched(body)
        world.tell_all(body, CrossingDenied(region, reason))

    def take_over(self, body: WorldObject, crossing: Crossing) -> None:
        """An object was restored in place: its plan is that of the one it replaces."""
        if body.crossing is not None:
            self._world.clockwork.cancel(body.crossing.entry)
        crossing.body, body.crossing, crossing.written = body, crossing, None
        heights.plan(body)
        self._world.cells.moved(body)
        self._set_alarm(crossing)

    def turn_back(self, body: WorldObject, dst: str, reason: str) -> None:
        """An object that had left has been sent back; it is in the region again."""
        if body.crossing is not None:
            self.bounce(body, reason)
        else:
            teleports.ended(body, reason)
            self._world.tell_all(body, CrossingDenied(dst, reason))

    def _inside(self, body: WorldObject, place: Vector) -> Vector:
        """Return where an object is that does not go to a place outside the region, or is in it."""
        if not self._world.here.holds(place) and body.crossing is not None and body.crossing.back is not None:
            return body.crossing.back
        return self._world.here.clamped(place)

    def _ask(self, crossing: Crossing) -> None:
        body, dst = crossing.body, crossing.dst
        assert dst is not None, f"{body.id} asks nobody"
        crossing.state, crossing.asked_us = Plan.ASKED, self._world.now_us
        self._world.touched(body)
        reason = self._world.offer(body, dst)
        if reason is None:
            self._world.tell_all(body, Depart(dst))
        else:
            crossing.state, crossing.reason = Plan.DENIED, reason

    def _meet(self, crossing: Crossing) -> None:
        body = crossing.body
        if crossing.state is Plan.GRANTED:
            assert crossing.dst is not None
            self._world.departing[body.id] = crossing.dst
        elif crossing.state is Plan.ASKED:
            if crossing.axis is not None:
                place, velocity = body.position_at(crossing.hit_us), body.velocity_at(crossing.hit_us)
                body.place, body.velocity = self._world.here.clamped(place), velocity
            body.at_us = self._world.time_us
            crossing.held = True
            heights.plan(body)
            self._world.cells.moved(body)
            self._world.touched(body)
        else:
            self.bounce(body, crossing.reason)

    def _set_alarm(self, crossing: Crossing) -> None:
        world = self._world
        when_us = crossing.hit_us
        if crossing.state is Plan.PLANNED and crossing.dst is not None:
            when_us = max(world.time_us, when_us - world.limits.border_lead_us)
        crossing.entry = world.clockwork.set(when_us, crossing)


def _end_journey(body: WorldObject) -> None:
    if body.journey is not None:
        body.journey.cancel()
