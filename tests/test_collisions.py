"""What touches what, and who is told."""

from __future__ import annotations

import math

import pytest

from scripts_api import Rotation, Vector
from scripts_api.testing import ScriptWorld, everywhere
from simulator.commands import Rez
from simulator.world.frame_looks import LOOKS_MAX
from tests.regions import Grid

FEELER = """
from scripts_api import Script

class Feeler(Script):
    log = ()
    frames = 0

    def on_collision_start(self, others):
        self.log = (*self.log, *(f"+{other.name}" for other in others))

    def on_collision(self, others):
        self.frames += 1

    def on_collision_end(self, others):
        self.log = (*self.log, *(f"-{other.name}" for other in others))

    def on_touch(self, toucher):
        setattr(self.object, toucher.name, True)
"""
HERE = Vector(100, 100, 0)


@everywhere
def test_a_passing_object_begins_and_ends_to_touch(world: ScriptWorld) -> None:
    """And touches all the while."""
    feeler = world.rez(FEELER, position=HERE)
    world.rez(name="ball", position=HERE - Vector(3, 0, 0), velocity=Vector(2, 0, 0))
    world.advance(1.0)
    assert () == feeler.log
    world.advance(0.4)
    assert ("+ball",) == feeler.log
    world.advance(1.0)
    assert ("+ball", "-ball") == feeler.log
    assert 15 <= feeler.frames <= 26


@everywhere
def test_what_leaves_the_region_or_the_world_is_touched_no_longer(world: ScriptWorld) -> None:
    """The end is told in the region where it touched."""
    feeler = world.rez(FEELER, position=HERE)
    ball, dying = world.rez(name="ball", position=HERE), world.rez(DYING, name="fly", position=HERE)
    world.advance(0.1)
    world.cross(ball, "east")
    world.touch(dying)
    world.advance(0.1)
    assert ["+ball", "+fly", "-ball", "-fly"] == sorted(feeler.log)


DYING = """
from scripts_api import Script

class Dying(Script):
    def on_touch(self, toucher):
        self.die()
"""


@everywhere
def test_an_object_that_crosses_touches_others_there(world: ScriptWorld) -> None:
    """What it touched before ends, what is there begins."""
    feeler = world.rez(FEELER, position=HERE)
    world.rez(name="here", position=HERE)
    world.rez(name="there", position=Vector(384, 128, 0))
    world.advance(0.1)
    world.cross(feeler, "east")
    world.advance(0.1)
    assert ("+here", "-here", "+there") == feeler.log


@pytest.mark.parametrize(
    ("mine", "others", "noticed"),
    [("", "", (1, 1)), ("phantom", "", (0, 0)), ("sensor", "", (1, 0)), ("sensor", "sensor", (0, 0))],
)
def test_phantoms_and_sensors(mine: str, others: str, noticed: tuple[int, int], world: ScriptWorld) -> None:
    """A phantom touches nothing; a sensor notices and is not noticed."""
    one, two = world.rez(FEELER, position=HERE), world.rez(FEELER, position=HERE + Vector(9, 0, 0))
    if mine:
        world.touch(one, mine)
    if others:
        world.touch(two, others)
    world.advance(0.1)
    two._body.world.borders.put(two._body, HERE)
    world.advance(0.1)
    assert noticed == (len(one.log), len(two.log))


@everywhere
def test_people_are_noticed(world: ScriptWorld) -> None:
    """A doormat knows who stands on it; the parts of a linkset do not touch each other."""
    mat = world.rez(FEELER, position=HERE)
    ada = world.enter("ada", HERE)
    world.advance(0.1)
    ada.sit(mat)
    world.advance(0.1)
    assert ("+ada", "-ada") == mat.log


def test_boxes_are_as_large_as_they_are_turned() -> None:
    """A long box touches along its length, and no longer when it is turned away."""
    grid = Grid("west")
    long = grid.rez(FEELER, name="long")
    grid.object(long).scale = Vector(10, 0.2, 0.2)
    grid["west"].region._world.collisions.grown(grid.object(long))
    grid.rez(name="box", position=(54.0, 50.0, 0.0))
    grid.run(0.1)
    assert ("+box",) == grid.state(long)["log"]
    grid.object(long).rotation = Rotation.from_axis_angle(Vector(0, 0, 1), math.pi / 2)
    grid.run(0.1)
    assert ("+box", "-box") == grid.state(long)["log"]


def test_nothing_is_looked_at_where_nobody_wants_to_know() -> None:
    """A region full of objects without such handlers has no alarm and no cells."""
    grid = Grid("west")
    for _ in range(3):
        grid.rez("class Plain(Script):\n    def on_touch(self, toucher):\n        pass")
    grid.run(0.2)
    world = grid["west"].region._world
    assert (0, False) == (len(world.clockwork), world.cells._looked_at)


@everywhere
def test_a_script_can_wait_for_a_collision(world: ScriptWorld) -> None:
    """Without a handler."""
    waiter = world.rez(WAITER, position=HERE)
    world.rez(name="ball", position=HERE - Vector(2, 0, 0), velocity=Vector(2, 0, 0))
    world.advance(1.5)
    assert ["ball hits me"] == world.said
    assert waiter.error is None


WAITER = """
from scripts_api import CollisionStart, Script

class Waiter(Script):
    def on_start(self):
        hit = self.wait(CollisionStart)
        self.say(f"{hit.others[0].name} hits me")
"""


def test_moving_costs_nothing_in_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Motion is reckoned when somebody asks, so a frame looks at none of a hundred objects that fly."""
    grid = Grid("west")
    for number in range(100):
        grid.rez(velocity=(0.01 * number, 0.01, 0.0))
    asked: list[str] = []
    kind = type(next(iter(grid["west"].region.objects.values())))
    reckon = kind.position_at
    monkeypatch.setattr(
        kind, "position_at", lambda body, time_us: asked.append(body.id) or reckon(body, time_us)
    )
    grid.run(0.5)
    assert [] == asked


def test_a_crowd_takes_turns() -> None:
    """When more want to know than are looked at in a frame, each is looked at within some frames."""
    grid = Grid("west", slices=2000)
    program = grid["west"].programs.add("from scripts_api import *\n" + FEELER, "feeler.py")
    for number in range(LOOKS_MAX + 100):
        place = Vector(1 + number % 90, 1 + number // 90 * 2, 0)
        grid["west"].host.command(Rez("feeler", "ada", place, scripts=(program,)))
    grid.rez(name="floor", position=(50.0, 5.0, 0.0))
    for body in grid["west"].region.objects.values():
        if body.name == "floor":
            body.scale = Vector(64, 64, 1)
            body.world.collisions.grown(body)
    grid.tick(6)
    under = [
        body for body in grid["west"].region.objects.values() if 20 < body.position.x < 80 and body.scripts
    ]
    assert [] == [body.id for body in under if "+floor" not in grid.state(body.id)["log"]]
