"""What scripts watch for: targets, sensors that repeat, rays; and how often events may come."""

from __future__ import annotations

import math

import pytest

from scripts_api import AgentRef, ObjectRef, RayHit, Rotation, Vector
from scripts_api.testing import ScriptWorld, everywhere
from simulator.world.attributes import write_attribute
from simulator.world.modules import kind_of
from simulator.world.scripts import RunningScript

ARROW = """
from scripts_api import Script, Vector, LimitReached

class Arrow(Script):
    log = ()
    error = None

    def on_start(self):
        self.near = self.object.target(Vector(300, 100, 0), 5)

    def on_target(self, target):
        self.log = (*self.log, ("at", target == self.near, round(self.object.position.x)))

    def on_not_target(self, target):
        self.log = (*self.log, ("left", target.active, round(self.object.position.x)))

    def on_touch(self, toucher):
        if toucher.name == "many":
            try:
                for _ in range(9):
                    self.object.target(Vector(), 1)
            except LimitReached as error:
                self.error = str(error)
        else:
            self.near.cancel()
"""


@everywhere
def test_a_target_is_told_when_it_is_reached_and_left(world: ScriptWorld) -> None:
    """Behind a border too."""
    arrow = world.rez(ARROW, position=Vector(240, 100, 0), velocity=Vector(20, 0, 0))
    world.advance(4.0)
    assert ("east", (("at", True, 295), ("left", True, 305))) == (arrow.region, arrow.log)


@everywhere
def test_what_flies_past_between_two_frames_was_there(world: ScriptWorld) -> None:
    """The way since the last frame counts."""
    arrow = world.rez(ARROW, position=Vector(262, 98, 0), velocity=Vector(1000, 50, 0))
    world.advance(0.1)
    assert ["at", "left"] == [each[0] for each in arrow.log]


@everywhere
def test_a_cancelled_target_is_not_told(world: ScriptWorld) -> None:
    """And there are 8 for each script."""
    arrow = world.rez(ARROW, position=Vector(280, 100, 0), velocity=Vector(20, 0, 0))
    world.touch(arrow)
    world.advance(2.0)
    assert () == arrow.log
    world.touch(arrow, "many")
    assert "object.target: the script has 8 targets; cancel one first." == arrow.state["error"]


GUARD = """
from scripts_api import Script

class Guard(Script):
    log = ()

    def on_start(self):
        self.sensor = self.sense_every(0.5, 10, kind="object", name="thief")

    def on_sensor(self, found):
        self.log = (*self.log, ("found", [each.name for each in found]))

    def on_no_sensor(self):
        self.log = (*self.log, ("nothing",))

    def on_touch(self, toucher):
        if toucher.name == "sleep":
            self.sleep(3)
        elif toucher.name == "become":
            self.become(Off)
        else:
            self.sensor.cancel()

class Off(Guard):
    pass
"""


@everywhere
def test_a_sensor_repeats_and_crosses(world: ScriptWorld) -> None:
    """And tells what it finds, or that it finds nothing."""
    guard = world.rez(GUARD, position=Vector(200, 100, 0))
    world.advance(1.1)
    assert (("nothing",),) * 2 == guard.log
    world.cross(guard, "east")
    world.rez(name="thief", position=guard.position + Vector(3, 0, 0))
    world.rez(name="cat", position=guard.position + Vector(3, 0, 0))
    world.advance(1.0)
    assert ("found", ["thief"]) == guard.log[-1]
    world.touch(guard)
    before = guard.log
    world.advance(2.0)
    assert before == guard.log


@everywhere
def test_only_the_newest_of_a_sensor_waits(world: ScriptWorld) -> None:
    """However long the handler takes that is at work; and a state ends it."""
    guard = world.rez(GUARD)
    world.touch(guard, "sleep")
    world.advance(3.2)
    assert (("nothing",),) == guard.log
    world.touch(guard, "become")
    world.advance(2.0)
    assert (("nothing",),) == guard.log


COUNTER = """
from scripts_api import Script

class Counter(Script):
    times = ()

    def on_start(self):
        self.min_event_interval_s = 0.5
        self.spawn(self.tick)

    def tick(self):
        while True:
            self.sleep(0.1)
            self.ticks = getattr(self, "ticks", 0) + 1

    def on_touch(self, toucher):
        self.times = (*self.times, round(self.elapsed_s, 1))
"""


@everywhere
def test_events_come_no_more_often_than_a_script_wants(world: ScriptWorld) -> None:
    """They queue; what it has spawned runs on, and so it does behind a border."""
    counter = world.rez(COUNTER, position=Vector(240, 100, 0), velocity=Vector(20, 0, 0))
    for _ in range(4):
        world.touch(counter)
    world.advance(2.3)
    later = counter.times[1:]
    assert 3 == len(later)
    assert [pytest.approx(0.5, abs=0.11)] * 3 == [b - a for a, b in zip(counter.times, later, strict=False)]
    assert ("east", 0.5) == (counter.region, counter._body.scripts[0].min_event_interval_us() / 1e6)
    assert counter.ticks > 18


MAKER = """
from scripts_api import Script

class Maker(Script):
    made = None

    def on_touch(self, toucher):
        self.made = self.rez("model")

    def on_object_rez(self, made):
        self.told = made
"""


@everywhere
def test_other_scripts_are_told_what_one_has_rezzed(world: ScriptWorld) -> None:
    """Who has rezzed it has the reference already."""
    maker = world.rez(MAKER, contents={"model": world.rez(name="model")})
    maker._body.scripts.append(another_script(maker))
    world.touch(maker)
    world.advance(0.1)
    states = [script.instance.__dict__ for script in maker._body.scripts]
    assert {state["made"] for state in states} == {state["told"] for state in states}
    assert all(state["made"] != state["told"] for state in states)


def another_script(object: object) -> RunningScript:
    """A second script of the same program in an object."""
    body = object._body  # type: ignore[attr-defined]  # a test's object has the world's behind it
    program = body.scripts[0].program
    return RunningScript(body, program, kind_of(body, program), 1)


EYE = """
from scripts_api import Script, Vector

class Eye(Script):
    seen = None

    def on_touch(self, toucher):
        here = self.object.position
        self.seen = self.cast_ray(here + Vector(0, 0, 1), here + Vector(50, 0, 1), count=8)
        self.down = self.cast_ray(here + Vector(0, 0, 1), here + Vector(50, 0, -1), count=8)
        self.people = self.cast_ray(here + Vector(0, 0, 1), here + Vector(50, 0, 1), kind="agent")
        self.load = self.region.statistics()
"""


@everywhere
def test_a_ray_meets_boxes_as_they_are_turned(world: ScriptWorld) -> None:
    """The nearest first, people too, and neither phantoms nor what it flies past."""
    eye = world.rez(EYE, position=Vector(20, 100, 0))
    wall = world.rez(name="wall", position=Vector(40, 100, 1))
    write_attribute(wall._body, "rotation", Rotation.from_axis_angle(Vector(0, 0, 1), math.pi / 4))
    write_attribute(wall._body, "scale", Vector(2, 2, 2))
    for name, y, z in (("beside", 101.5, 1), ("above", 100, 3)):
        world.rez(name=name, position=Vector(35, y, z))
    ghost = world.rez(name="ghost", position=Vector(30, 100, 1))
    write_attribute(ghost._body, "phantom", True)
    ada = world.enter("ada", Vector(60, 100, 1))
    world.touch(eye)
    world.advance(0.1)
    near, far = eye.seen
    assert (wall.ref, "wall", pytest.approx(20 - math.sqrt(2))) == (near.ref, near.name, near.distance)
    assert pytest.approx((40 - math.sqrt(2), 100, 1)) == tuple(near.position)
    assert AgentRef("agent:ada") == far.ref
    assert (RayHit(ada.ref, "ada", far.position, far.distance),) == eye.people
    assert [("wall", wall.ref), ("ground", None)] == [(hit.name, hit.ref) for hit in eye.down]
    assert pytest.approx((45, 100, 0)) == tuple(eye.down[1].position)
    assert (6, 1, 1, 1.0) == (eye.load.objects, eye.load.agents, eye.load.scripts, eye.load.time_dilation)


def test_a_ray_does_not_meet_its_own_linkset(world: ScriptWorld) -> None:
    """However large it is."""
    eye = world.rez(EYE, position=Vector(20, 100, 0))
    write_attribute(eye._body, "scale", Vector(8, 8, 8))
    other = world.rez(name="other", position=Vector(20, 100, 0))
    write_attribute(other._body, "scale", Vector(8, 8, 8))
    world.touch(eye)
    world.advance(0.1)
    assert [(ObjectRef(other.id), 0.0)] == [(hit.ref, hit.distance) for hit in eye.seen]
