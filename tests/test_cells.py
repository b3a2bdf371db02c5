"""Sensing and chat by cells find what looking at every object would, and look at few."""

from __future__ import annotations

from random import Random

import pytest

from scripts_api import Vector
from scripts_api.limits import SENSED_LEN_MAX
from scripts_api.requests import Sense
from simulator.commands import MoveObject, RemoveObject
from simulator.world import cells, chat, threads
from simulator.world.attributes import write_attribute
from simulator.world.objects import WorldObject
from simulator.world.sensing import sense
from simulator.world.world import World
from tests.regions import Grid

RADII_M = (0.5, 3.0, 10.0, 40.0, 96.0)


def sensed(world: World, body: WorldObject, radius_m: float) -> list[str]:
    """What an object senses, by the cells."""
    return [each.ref.id for each in sense(world, body, Sense(radius_m, 3.15, None, None))]


def seen(world: World, body: WorldObject, radius_m: float) -> list[str]:
    """The same by looking at every object."""
    place = body.position
    found = [(place.distance(each.position), each.id) for each in world.objects.values() if each is not body]
    return [id for distance, id in sorted(found) if distance <= radius_m][:SENSED_LEN_MAX]


def scattered(random: Random, count: int) -> Grid:
    """Two regions; many objects in the first, one in three of them moving."""
    grid = Grid("west", "east")
    for number in range(count):
        place = (random.uniform(0, 100), random.uniform(0, 100), random.uniform(0, 10))
        velocity = (
            (random.uniform(-40, 40), random.uniform(-40, 40), 0.0) if number % 3 == 0 else (0.0, 0.0, 0.0)
        )
        grid.rez(name=f"box {number}", position=place, velocity=velocity)
    return grid


@pytest.mark.parametrize("seed", range(3))
def test_cells_find_what_a_look_at_everything_finds(seed: int) -> None:
    """While objects move, turn, bounce, wait at borders, are put elsewhere, go and come."""
    random = Random(seed)
    grid = scattered(random, 60)
    world = next(iter(grid["west"].region.objects.values())).world
    for step in range(60):
        bodies = list(world.objects.values())
        body, other = random.choice(bodies), random.choice(bodies)
        change = random.randrange(5)
        if change == 0:
            write_attribute(other, "velocity", Vector(random.uniform(-60, 60), random.uniform(-60, 60), 0))
        elif change == 1:
            place = Vector(random.uniform(0, 200), random.uniform(0, 100), 0)
            grid["west"].host.command(MoveObject(other.id, place))
        elif change == 2 and len(bodies) > 30:
            grid["west"].host.command(RemoveObject(other.id))
        grid.tick(random.choice((1, 1, 5)))
        if step % 20 == 19:
            grid["west"].crash()
            world = next(iter(grid["west"].region.objects.values())).world
        bodies = list(world.objects.values())
        body = random.choice(bodies)
        for radius_m in RADII_M:
            assert seen(world, body, radius_m) == sensed(world, body, radius_m)


def test_a_crowd_far_away_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what lies behind the nearest 32, in however wide a circle."""
    grid = Grid("west")
    for number in range(40):
        grid.rez(name="near", position=(1 + number * 0.1, 1, 0))
    for number in range(200):
        grid.rez(name="far", position=(30 + number * 0.3, 90, 0))
    world = grid.object("west:1").world
    sensed(world, grid.object("west:1"), 96.0)
    looked: list[str] = []
    position_at = WorldObject.position_at

    def counted(body: WorldObject, time_us: int) -> Vector:
        looked.append(body.name)
        return position_at(body, time_us)

    monkeypatch.setattr(WorldObject, "position_at", counted)
    assert SENSED_LEN_MAX == len(sensed(world, grid.object("west:1"), 96.0))
    assert {"near"} == set(looked)


def test_nothing_is_kept_where_nobody_looks() -> None:
    """A region without sensing pays nothing for it."""
    grid = Grid("west")
    box = grid.rez(velocity=(1, 0, 0))
    grid.run(1.0)
    cells = grid.object(box).world.cells
    assert ({}, {}) == (cells._cells, cells._moved)


def test_what_has_moved_often_leaves_nothing_behind() -> None:
    """Leavings that a change of course made void are cleared away, cells that are empty too."""
    grid = Grid("west")
    box = grid.object(grid.rez(position=(50, 50, 0)))
    for number in range(5_000):
        write_attribute(box, "velocity", Vector(0.001 + number / 1e6, 0, 0))
        sensed(box.world, box, 1.0)
    assert len(box.world.cells._leaving) <= 1_002
    assert 1 == len(box.world.cells._cells)


@pytest.mark.parametrize("scanned_max", [0, 10_000])
def test_a_line_is_heard_alike_by_cells_and_by_listens(
    scanned_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same scripts, in the order in which they began to listen."""
    monkeypatch.setattr(chat, "SCANNED_MAX", scanned_max)
    grid = Grid("west", slices=60)
    ear = """
    class Ear(Script):
        def on_start(self):
            self.listen(5)
        def on_listen(self, heard):
            self.log(self.object.name)
    """
    for number in range(30):
        grid.rez(ear, name=f"{number}", position=(1 + 3 * ((7 * number) % 30), 50, 0))
    grid.rez(
        "class Mouth(Script):\n    def on_touch(self, toucher):\n        self.whisper('x', 5)\n",
        name="mouth",
        position=(46, 50, 0),
    )
    grid.touch("west:31")
    grid.tick(3)
    near = [f"{number}" for number in range(30) if abs(1 + 3 * ((7 * number) % 30) - 46) <= 10]
    assert near == [text for what, text in grid["west"].told if what == "script log"]


LOOKING = """
class Looking(Script):
    found = frame = None

    def on_touch(self, toucher):
        self.found = len(self.sense(96))
        self.after_s = self.elapsed_s
"""


def test_a_first_look_takes_some_frames_where_there_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no frame is late for it; and it finds what it would have found at once."""
    monkeypatch.setattr(cells, "FILED_MAX", 4)
    grid = Grid("west")
    for number in range(30):
        grid.rez(position=(50.0 + number, 50.0, 0.0))
    looking = grid.rez(LOOKING)
    grid.touch(looking)
    grid.tick(3)
    assert None is grid.state(looking)["found"]
    grid.tick(20)
    assert 30 == grid.state(looking)["found"]


def test_a_look_is_answered_where_everything_moves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is to file in each frame."""
    monkeypatch.setattr(cells, "FILED_MAX", 4)
    monkeypatch.setattr(threads, "SENSE_TRIES_MAX", 6)
    grid = Grid("west")
    boxes = [grid.rez(position=(50.0 + number, 50.0, 0.0)) for number in range(30)]
    looking = grid.rez(LOOKING)
    grid.touch(looking)
    for _ in range(10):
        for box in boxes:
            write_attribute(grid.object(box), "velocity", Vector(0.1, 0, 0))
        grid.tick()
    assert 30 == grid.state(looking)["found"]


def test_nobody_is_blamed_for_what_the_region_had_to_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ray has its answer at once, whatever was to be filed before: that is not the script's own work."""
    monkeypatch.setattr(cells, "FILED_MAX", 4)
    grid = Grid("west")
    for number in range(30):
        grid.rez(position=(50.0 + number, 50.0, 0.0))
    busy = grid.object(grid.rez(BUSY)).scripts[0]
    busy.cast_ray(Vector(1, 1, 0), Vector(2, 2, 0), None, 1)
    busy.worked_too_long(200_000)
    assert None is busy.error
    grid.tick()
    busy.worked_too_long(200_000)
    assert "worked for 200 ms" in (busy.error or "")


BUSY = """
class Busy(Script):
    def on_start(self):
        while True:
            pass
"""
