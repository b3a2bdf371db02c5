"""Up and down, edges, paths: what falls lands, what can't go on bounces or stops, and is told."""

from __future__ import annotations

import math

import pytest

from scripts_api import Rotation, Vector
from scripts_api.limits import HEIGHT_M_MAX
from scripts_api.testing import ScriptWorld, everywhere
from simulator.testing import World

MOVER = """
from scripts_api import Rotation, Script, Vector
import math

class Mover(Script):
    log = ()

    def note(self, *what):
        self.log = (*self.log, what)

    def on_land(self, speed):
        self.note("land", round(speed, 1), self.object.position.z)

    def on_crossing_denied(self, region, reason):
        self.note("denied", region, reason)

    def on_moving_start(self):
        self.note("start")

    def on_moving_end(self):
        self.note("end")

    def on_touch(self, toucher):
        deed = toucher.name
        own = self.object
        if deed == "fall":
            own.physical = True
        elif deed == "throw":
            own.physical = True
            own.velocity = Vector(20, 0, 9.8)
        elif deed == "stop at edges":
            own.bounces = False
        elif deed == "sink":
            own.velocity = Vector(1, 0, -2)
        elif deed == "rise":
            own.velocity = Vector(0, 0, 2000)
        elif deed == "west":
            own.velocity = Vector(-50, 10, 0)
        elif deed == "lift":
            own.physical = True
            own.move_to(own.position + Vector(0, 0, 10), 2)
        elif deed == "turn":
            quarter = Rotation.from_axis_angle(Vector(0, 0, 1), math.pi / 2)
            half = Rotation.from_axis_angle(Vector(0, 0, 1), math.pi)
            own.follow([(own.position + Vector(4, 0, 0), 2, quarter), (own.position, 2), (own.position, 1, half)])
        elif deed == "turn over border":
            own.follow([(own.position + Vector(100, 0, 0), 4, Rotation.from_axis_angle(Vector(0, 0, 1), 3))])
"""

MIDDLE = Vector(128, 128, 0)


@everywhere
def test_what_is_physical_falls_to_the_ground(world: ScriptWorld) -> None:
    """Faster and faster, and lies still there; it is told how fast it came down."""
    box = world.rez(MOVER, position=MIDDLE + Vector(0, 0, 19.6))
    world.touch(box, "fall")
    world.advance(0.98)
    assert pytest.approx(19.6 - 4.9, abs=0.2) == box.position.z
    assert pytest.approx(-9.8, abs=0.4) == box.velocity.z
    world.advance(1.2)
    assert (MIDDLE, Vector()) == (box.position, box.velocity)
    assert (("land", 19.6, 0.0),) == box.log


@everywhere
def test_what_is_thrown_flies_in_a_parabola_over_a_border(world: ScriptWorld) -> None:
    """Up, down, and on behind the border: the throw is one function of time in both regions."""
    ball = world.rez(MOVER, position=Vector(240, 100, 0))
    world.touch(ball, "throw")
    world.advance(0.98)
    assert pytest.approx(4.9, abs=0.1) == ball.position.z
    world.advance(1.1)
    assert ("east", pytest.approx(280, abs=1.0), 0.0) == (ball.region, ball.position.x, ball.position.z)
    assert (("land", 9.8, 0.0),) == ball.log


@everywhere
def test_what_is_not_physical_slides_on_where_it_meets_the_ground(world: ScriptWorld) -> None:
    """Only the way down ends."""
    sledge = world.rez(MOVER, position=MIDDLE + Vector(0, 0, 2))
    world.touch(sledge, "sink")
    world.advance(2.0)
    assert (0.0, Vector(1, 0, 0)) == (sledge.position.z, sledge.velocity)
    assert pytest.approx(130.0, abs=0.1) == sledge.position.x


@everywhere
def test_the_world_ends_above(world: ScriptWorld) -> None:
    """What comes there bounces, as at the world's edge, and is told."""
    kite = world.rez(MOVER, position=MIDDLE + Vector(0, 0, HEIGHT_M_MAX - 1000))
    world.touch(kite, "rise")
    world.advance(1.0)
    assert -2000.0 == kite.velocity.z
    assert (("denied", "", "the world ends here"),) == kite.log


@everywhere
def test_who_does_not_bounce_stops_at_the_edge(world: ScriptWorld) -> None:
    """And goes on along it."""
    box = world.rez(MOVER, position=Vector(20, 100, 0))
    world.touch(box, "stop at edges")
    world.touch(box, "west")
    world.advance(1.0)
    assert (0.0, Vector(0, 10, 0)) == (box.position.x, box.velocity)
    assert (("denied", "", "the world ends here"),) == box.log


@everywhere
def test_nothing_falls_on_its_way_somewhere(world: ScriptWorld) -> None:
    """A journey carries it; behind its end it falls."""
    lift = world.rez(MOVER, position=MIDDLE)
    world.touch(lift, "lift")
    world.advance(1.0)
    assert pytest.approx(5.0, abs=0.2) == lift.position.z
    world.advance(1.3)
    assert 9.0 < lift.position.z < 10.0
    world.advance(2.0)
    assert (("start",), ("end",), ("land", 14.0, 0.0)) == lift.log


@everywhere
def test_a_path_turns_what_follows_it(world: ScriptWorld) -> None:
    """Evenly, to the rotation of each keyframe; where one has none it keeps the one it has."""
    fan = world.rez(MOVER, position=MIDDLE)
    world.touch(fan, "turn")
    world.advance(1.0)
    assert pytest.approx(math.pi / 4, abs=0.03) == turn_of(fan)
    world.advance(1.5)
    assert pytest.approx(math.pi / 2) == turn_of(fan)
    world.advance(2.7)
    assert pytest.approx(math.pi) == turn_of(fan)
    assert Vector() == fan._body.spin
    assert (("start",), ("end",)) == fan.log


@everywhere
def test_a_path_turns_over_a_border(world: ScriptWorld) -> None:
    """As if there were none."""
    fan = world.rez(MOVER, position=Vector(200, 100, 0))
    world.touch(fan, "turn over border")
    world.advance(4.2)
    assert ("east", pytest.approx(3.0)) == (fan.region, turn_of(fan))


def turn_of(fan: object) -> float:
    body = fan._body  # type: ignore[attr-defined]  # a test's object has the world's behind it
    turn: Rotation = body.rotation_at(body.world.time_us)
    return turn.angle


@everywhere
def test_what_moves_by_a_path_no_longer_turns(world: ScriptWorld) -> None:
    """Another velocity ends the path, and the turning that belongs to it."""
    fan = world.rez(MOVER, position=MIDDLE)
    world.touch(fan, "turn")
    world.advance(0.5)
    world.touch(fan, "sink")
    assert Vector() == fan._body.spin


@pytest.mark.parametrize("call", ["move_to(far, 1e-6)", "follow([(own.position, 1), (far, 1e-6)])"])
def test_nothing_becomes_faster_than_can_be_saved(call: str) -> None:
    """Whoever is sent too far in too short a time stays where it is."""
    world = World(*"abcdef")
    box = world.rez(HURRY.replace("CALL", call), position=Vector(10, 10, 0))
    world.touch(box)
    world.advance(0.1)
    assert "the velocity would be" in box.state["error"]
    assert (Vector(10, 10, 0), None) == (box.position, box._body.journey)


HURRY = """
from scripts_api import Script, ScriptError, Vector

class Hurry(Script):
    error = None

    def on_touch(self, toucher):
        own, far = self.object, Vector(1500, 10, 0)
        try:
            own.CALL
        except ScriptError as error:
            self.error = str(error)
"""
