"""Linksets under everything at once: linked, unlinked, sat on, worn, thrown, sent over borders, and regions that crash
meanwhile.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from scripts_api import ScriptError, Vector
from simulator.commands import EnterWorld, MoveObject, SitDown, StandUp, TakeOffObject, WearObject
from simulator.world.attributes import write_attribute
from simulator.world.linksets import link, unlink
from simulator.world.objects import WorldObject
from tests.regions import Grid

COUNTER = """
class Counter(Script):
    count = 0

    def on_start(self):
        self.spawn(self.work)

    def work(self):
        while True:
            self.count += 1
            self.sleep(0.1)
"""
NAMES = ("west", "middle", "east")


def bodies(grid: Grid) -> list[WorldObject]:
    """Everything that is in some region, parts too."""
    return [body for one in grid.regions.values() for body in one.region.objects.values()]


def act(grid: Grid, random: Random) -> None:
    """Do one thing at random; what a script would be refused changes nothing."""
    present = bodies(grid)
    if not present:
        return
    one, two = random.choice(present), random.choice(present)
    region = grid[one.world.here.name]
    deed = random.choice(
        [
            "link",
            "link",
            "unlink",
            "move",
            "move",
            "sit",
            "stand",
            "crash",
            "wear",
            "wear",
            "take off",
            "fall",
        ]
    )
    try:
        if deed == "link":
            link(one, two.ref)
        elif deed == "unlink":
            unlink(one, None)
    except ScriptError:
        return
    if deed == "move":
        place = Vector(random.uniform(1, 299), random.uniform(1, 99), 0)
        region.host.command(MoveObject(one.id, place))
    elif deed == "sit":
        region.host.command(SitDown("agent:ada", one.id))
    elif deed == "wear":
        region.host.command(WearObject("agent:ada", one.id))
    elif deed == "take off":
        region.host.command(TakeOffObject("agent:ada", one.id))
    elif deed == "fall":
        with suppress(ScriptError):
            write_attribute(one, "physical", True)
            write_attribute(one, "velocity", Vector(random.uniform(-20, 20), random.uniform(-9, 9), 9))
    elif deed == "stand":
        region.host.command(StandUp("agent:ada"))
    elif deed == "crash" and random.random() < 0.3:
        region.crash()


@pytest.mark.parametrize("seed", range(12))
def test_no_part_is_lost_or_doubled(seed: int) -> None:
    """Each object is once in the world, with its linkset whole and its script at work."""
    random = Random(seed)
    grid = Grid(*NAMES)
    made = {
        grid.rez(COUNTER, name=f"box {n}", region="middle", position=(150.0, 50.0, 0.0)) for n in range(7)
    }
    grid["middle"].host.command(EnterWorld("ada", Vector(150, 50, 0)))
    grid.tick()
    made |= {body.id for body in bodies(grid)}
    for _ in range(150):
        act(grid, random)
        grid.tick(random.randrange(1, 4))
    grid.run(6.0)
    found = bodies(grid)
    assert sorted(made) == sorted(body.id for body in found)
    for body in found:
        assert all(part.root is body and part.world is body.world for part in body.parts)
        assert body.worn_by is None or body.worn_by.root is body.root
        assert body in body.members
        assert body.world.objects[body.id] is body
    before = {body.id: grid.state(body.id).get("count") for body in found if body.scripts}
    grid.run(1.0)
    assert [] == [id for id, count in before.items() if grid.state(id)["count"] <= count]


@pytest.mark.parametrize("seed", range(3))
def test_a_store_holds_each_part_once(seed: int) -> None:
    """In its own row or in its root's, whatever has happened."""
    random = Random(100 + seed)
    grid = Grid("west")
    made = {grid.rez(COUNTER, name=f"box {n}", position=(50.0, 50.0, 0.0)) for n in range(7)}
    for _ in range(60):
        one, two = random.choice(bodies(grid)), random.choice(bodies(grid))
        try:
            link(one, two.ref) if random.random() < 0.6 else unlink(one, None)
        except ScriptError:
            continue
        grid.tick()
        rows = {key for kind, key in grid["west"].store.load() if kind == "object"}
        assert {body.id for body in bodies(grid) if body.root is body} == rows
    grid["west"].crash()
    assert made == {body.id for body in bodies(grid)}
