"""Teleporting: to any region of the world, and on there; what is refused leaves the object where it was."""

from __future__ import annotations

import pytest

from scripts_api import Vector
from scripts_api.testing import ScriptWorld, everywhere
from simulator.testing import World
from tests.regions import Grid

SHUTTLE = """
from scripts_api import Script, ScriptError, Vector

class Shuttle(Script):
    log = ()

    def on_touch(self, toucher):
        region, *place = toucher.name.split()
        try:
            self.object.teleport(region, Vector(*map(float, place)) if place else None)
        except ScriptError as error:
            self.log = (*self.log, f"{type(error).__name__}: {error}")
        else:
            self.log = (*self.log, f"in {self.region.name}")

    def on_arrive(self, from_region):
        self.log = (*self.log, f"from {from_region}")

    def on_message(self, sender, payload):
        self.object.velocity = Vector(1, 0, 0)
"""


@pytest.mark.parametrize("captured", [False, True], ids=["left alone", "captured everywhere"])
def test_an_object_goes_to_a_region_far_away(captured: bool) -> None:
    """Over others, with what hangs on it and who sits on it, and its handler goes on there."""
    world = World("west", "middle", "east", everywhere=captured)
    shuttle = world.rez(SHUTTLE, position=Vector(10, 10, 5))
    ada = world.enter("ada", Vector(10, 10, 5))
    ada.sit(shuttle)
    world.touch(shuttle, "east 100 50 7")
    world.advance(0.5)
    assert ("east", Vector(612, 50, 7), "east") == (shuttle.region, shuttle.position, ada.region)
    assert {"in east", "from west"} == set(shuttle.log)


@everywhere
def test_an_object_goes_elsewhere_in_its_region(world: ScriptWorld) -> None:
    """At once; its middle if no place is named."""
    shuttle = world.rez(SHUTTLE, position=Vector(10, 10, 5))
    world.touch(shuttle, "west")
    world.advance(0.1)
    assert (Vector(128, 128, 5), ("in west",)) == (shuttle.position, shuttle.log)


@everywhere
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nowhere", "there is no region 'nowhere' in this world"),
        ("east 300 5 5", "Vector(300, 5, 5) is not in the region east, which is 256 by 256 m"),
        ("east 30 5 -5", "the ground is at 0"),
    ],
)
def test_a_place_that_is_not_there_is_refused(words: str, said: str, world: ScriptWorld) -> None:
    """And the object stays where it is."""
    shuttle = world.rez(SHUTTLE, position=Vector(10, 10, 5))
    world.touch(shuttle, words)
    world.advance(0.1)
    assert (Vector(10, 10, 5), 1) == (shuttle.position, len(shuttle.log))
    assert said in shuttle.log[0]


def test_who_is_refused_is_where_it_was() -> None:
    """With the region's reason."""
    grid = Grid("west", "east")
    shuttle = grid.rez(SHUTTLE, position=(10, 20, 5))
    full = grid["east"].region._world
    full.limits = type(full.limits)(objects_max=0)
    grid.touch(shuttle, "east")
    grid.run(1.0)
    assert Vector(10, 20, 5) == grid.object(shuttle).position
    (told,) = grid.state(shuttle)["log"]
    assert told.startswith(
        "TeleportFailed: object.teleport: the object is not in east: region east has as many"
    )


def test_something_else_may_move_it_meanwhile() -> None:
    """Then that is what counts, and whoever teleported is told."""
    grid = Grid("west", "east")
    shuttle = grid.rez(SHUTTLE, position=(10, 20, 5))
    grid.down.add("east")
    grid.touch(shuttle, "east")
    grid.run(0.1)
    body = grid.object(shuttle)
    body.world.borders.set_velocity(body, Vector(1, 0, 0))
    grid.run(0.2)
    assert pytest.approx((10.2, 20, 5), abs=0.1) == tuple(body.position)
    assert ("something else has moved it",) == tuple(line[-28:-1] for line in grid.state(shuttle)["log"])


def test_a_crash_on_the_way_changes_nothing() -> None:
    """The region asks again when it is back, and the handler goes on behind the border."""
    grid = Grid("west", "east")
    shuttle = grid.rez(SHUTTLE, position=(10, 20, 5))
    grid.down.add("east")
    grid.touch(shuttle, "east 50 50 0")
    grid.run(0.1)
    grid["west"].crash()
    grid.down.clear()
    grid.run(1.0)
    assert Vector(150, 50, 0) == grid.object(shuttle).position
    assert {"in east", "from west"} == set(grid.state(shuttle)["log"])


def test_a_region_that_is_away_is_not_waited_for_for_ever() -> None:
    """The object is where it was, and can go on."""
    grid = Grid("west", "east")
    shuttle = grid.rez(SHUTTLE, position=(10, 20, 5))
    grid.down.add("east")
    grid.touch(shuttle, "east")
    grid.run(6.0)
    (told,) = grid.state(shuttle)["log"]
    assert (Vector(10, 20, 5), True) == (
        grid.object(shuttle).position,
        told.endswith("gave no answer in time."),
    )
