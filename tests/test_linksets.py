"""Objects that hang together: they move, cross, are saved and die as one."""

from __future__ import annotations

import math

import pytest

from migrate.errors import BadRecord
from scripts_api import Rotation, Vector
from scripts_api.testing import ScriptWorld, WorldObject, everywhere
from simulator.checkpoint import capture
from simulator.checkpoint_record import UnitRecord, read_unit
from simulator.checkpoint_restore import restore
from tests.regions import Grid

TRAIN = """
from scripts_api import ObjectRef, Script

class Train(Script):
    heard = ()
    error = None
    changes = 0

    def on_touch(self, toucher):
        verb, _, id = toucher.name.partition(" ")
        try:
            if verb == "link":
                self.object.link(ObjectRef(id))
            elif verb == "unlink":
                self.object.unlink(ObjectRef(id) if id else None)
            elif verb == "send":
                self.object.links.send({"to": id}, to=id)
            elif verb == "die":
                self.die()
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"

    def on_changed(self, what):
        self.changes += 1

    def on_message(self, sender, payload):
        self.heard = (*self.heard, (sender.name, payload["to"]))

    def on_arrive(self, from_region):
        links = self.object.links
        self.say(f"{self.object.name} is number {links.own} of {len(links)} in {self.region.name}")
"""


def train(world: ScriptWorld, cars: int = 2) -> list[WorldObject]:
    """An engine with cars behind it, each 3 m from the next."""
    at = Vector(200, 100, 5)
    made = [world.rez(TRAIN, name="engine", position=at)]
    for number in range(1, cars + 1):
        made.append(world.rez(TRAIN, name=f"car {number}", position=at - Vector(3 * number, 0, 0)))
        world.touch(made[0], f"link {made[-1].id}")
    world.advance(0.1)
    assert [None] * len(made) == [each.state["error"] for each in made]
    return made


@everywhere
def test_parts_follow_their_root(world: ScriptWorld) -> None:
    """Where they are follows from where it is and how it is turned."""
    engine, first, second = train(world)
    body = engine._body
    body.world.borders.put(body, Vector(100, 100, 5))
    body.rotation = Rotation.from_axis_angle(Vector(0, 0, 1), math.pi / 2)
    assert [Vector(100, 97, 5), Vector(100, 94, 5)] == [rounded(first.position), rounded(second.position)]


def rounded(place: Vector) -> Vector:
    return Vector(*(round(each, 9) + 0.0 for each in place))


@everywhere
def test_a_linkset_crosses_as_one(world: ScriptWorld) -> None:
    """All parts arrive in the same tick, in their order, with their scripts, and are told."""
    engine, first, second = train(world)
    engine._body.world.borders.set_velocity(engine._body, Vector(40, 0, 0))
    world.advance(2.0)
    assert {"east"} == {each.region for each in (engine, first, second)}
    assert [
        "car 1 is number 1 of 3 in east",
        "car 2 is number 2 of 3 in east",
        "engine is number 0 of 3 in east",
    ] == sorted(world.said)
    assert 3.0 == pytest.approx(engine.position.x - first.position.x)
    assert Vector(40, 0, 0) == engine.velocity


@everywhere
def test_messages_find_a_part_that_has_crossed(world: ScriptWorld) -> None:
    """From an object that stayed behind, and from one part to the others."""
    engine, first, _ = train(world)
    world.cross(engine, "east")
    world.touch(first, "send others")
    world.advance(0.1)
    caller = world.rez(CALLER, name="caller")
    world.touch(caller, first.id)
    world.advance(0.2)
    assert (("caller", "hello"),) == first.heard
    assert (("car 1", "others"),) == engine.heard


CALLER = """
from scripts_api import ObjectRef, Script

class Caller(Script):
    def on_touch(self, toucher):
        self.send(ObjectRef(toucher.name), {"to": "hello"})
"""


@pytest.mark.parametrize(
    ("to", "hear"), [("all", [1, 0, 1]), ("others", [1, 0, 1]), ("root", [1, 0, 0]), ("parts", [0, 0, 1])]
)
def test_link_messages_reach_whom_they_are_for(to: str, hear: list[int], world: ScriptWorld) -> None:
    """Never the script that sends."""
    cars = train(world)
    world.touch(cars[1], f"send {to}")
    world.advance(0.1)
    assert hear == [len(car.heard) for car in cars]


@everywhere
def test_an_unlinked_part_stays_where_it_is(world: ScriptWorld) -> None:
    """And is an object of its own from then on, over a border too."""
    engine, first, second = train(world)
    world.touch(engine, f"unlink {first.id}")
    world.advance(0.1)
    world.cross(engine, "east")
    assert ("west", Vector(197, 100, 5)) == (first.region, rounded(first.position))
    assert {"east"} == {engine.region, second.region}
    world.cross(first, "east")
    assert "car 1 is number 0 of 1 in east" == world.said[-1]


@everywhere
def test_a_linkset_dies_as_one(world: ScriptWorld) -> None:
    """Whichever part wants to."""
    engine, first, second = train(world)
    world.touch(first, "die")
    world.advance(0.1)
    for each in (engine, first, second):
        with pytest.raises(KeyError):
            _ = each.position


@pytest.mark.parametrize("moment", ["linked", "unlinked"])
def test_a_crash_finds_every_part_once(moment: str) -> None:
    """In one record with its root, or in its own, as the last committed tick left it."""
    grid = Grid("west")
    engine = grid.rez(TRAIN, name="engine")
    car = grid.rez(TRAIN, name="car", position=(47.0, 50.0, 0.0))
    grid.touch(engine, f"link {car}")
    grid.run(0.1)
    assert [("object", engine)] == [key for key in grid["west"].store.load() if key[0] == "object"]
    if moment == "unlinked":
        grid.touch(car, "unlink")
        grid.run(0.1)
    grid["west"].crash()
    assert {engine, car} == set(grid["west"].region.objects)
    assert ([engine, car] if moment == "linked" else [engine]) == [
        each.id for each in grid.object(engine).members
    ]
    assert Vector(47, 50, 0) == grid.object(car).position


def test_linksets_merge_and_have_an_end() -> None:
    """Two linksets make one; a part too many is refused and nothing has changed."""
    grid = Grid("west")
    boxes = [grid.rez(TRAIN, name=f"box {n}", position=(50.0 + n * 0.1, 50.0, 0.0)) for n in range(4)]
    for root, part in ((0, 1), (2, 3), (0, 3)):
        grid.touch(boxes[root], f"link {boxes[part]}")
        grid.run(0.1)
    assert [boxes[0], boxes[1], boxes[2], boxes[3]] == [each.id for each in grid.object(boxes[0]).members]
    assert 1 == len([key for key in grid["west"].store.load() if key[0] == "object"])


@pytest.mark.parametrize(
    ("what", "part"),
    [
        ("is not in the region", "east:77"),
        ("is linked to 'engine' already", "itself"),
        ("belongs to ben", "strange"),
        ("m from the root; at most 64 m", "far"),
    ],
)
def test_what_cant_be_linked_says_why(what: str, part: str) -> None:
    """And both stay as they are."""
    grid = Grid("west")
    engine = grid.rez(TRAIN, name="engine", position=(10.0, 50.0, 0.0))
    strange = grid.rez(TRAIN, name="strange", owner="ben")
    far = grid.rez(TRAIN, name="far", position=(90.0, 50.0, 0.0))
    grid.touch(engine, "link " + {"itself": engine, "strange": strange, "far": far}.get(part, part))
    grid.run(0.1)
    assert what in grid.state(engine)["error"]
    assert {engine, strange, far} == {
        id for id, body in grid["west"].region.objects.items() if not body.parts
    }


def test_strangers_linksets_are_refused() -> None:
    """Parts of parts, parts that say they are none, the same part twice."""
    grid = Grid("west")
    engine, car = grid.rez(TRAIN), grid.rez(TRAIN)
    alone = capture(grid.object(car))
    grid.touch(engine, f"link {car}")
    grid.run(0.1)
    whole = read_unit(capture(grid.object(engine)))
    (part,) = whole.parts
    world = grid["west"].region._world
    for parts in ((alone,), (part, part), (capture(grid.object(engine)),)):
        with pytest.raises(BadRecord):
            restore(with_parts(whole, parts), world)
    with pytest.raises(BadRecord):
        restore(read_unit(part), world)


def with_parts(record: UnitRecord, parts: tuple[bytes, ...]) -> UnitRecord:
    """The record with other parts."""
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return UnitRecord(**(fields | {"parts": parts}))


LAMP = """
from scripts_api import Color, Script, Vector, Rotation

class Lamp(Script):
    seen = None

    def on_touch(self, toucher):
        links = self.object.links
        links[1].color = Color(1, 0, 0)
        links[1].position = Vector(0, 0, 2)
        links[-1].text = "on"
        self.seen = [links[1].name, links[1].position, links[0].position, links[1].ref.id, [p.name for p in links]]
"""


@everywhere
def test_a_script_sets_what_its_parts_are_like(world: ScriptWorld) -> None:
    """By number, in relation to the root."""
    lamp, bulb = world.rez(LAMP, name="lamp"), world.rez(name="bulb")
    from simulator.world.linksets import link

    link(lamp._body, bulb.ref)
    world.touch(lamp)
    world.advance(0.1)
    assert ["bulb", Vector(0, 0, 2), Vector(), bulb.id, ["lamp", "bulb"]] == lamp.seen
    assert (lamp.position + Vector(0, 0, 2), "on") == (bulb.position, bulb.text)


HOLDING = """
import threading
from scripts_api import ObjectRef, Script

class Holding(Script):
    held = None

    def on_touch(self, toucher):
        verb, _, id = toucher.name.partition(" ")
        if verb == "link":
            self.object.link(ObjectRef(id))
        else:
            self.held = threading.Lock()
            if verb == "unlink":
                self.object.unlink(ObjectRef(id))
"""


@pytest.mark.parametrize("verb", ["unlink", "hold and link"])
def test_a_root_that_cant_be_saved_neither_loses_nor_doubles_its_parts(verb: str) -> None:
    """A crash finds each part once: as it was last saved together, or in its own row."""
    grid = Grid("west")
    root = grid.rez(HOLDING, name="root")
    car = grid.rez(name="car", position=(47.0, 50.0, 0.0))
    grid.touch(root, "hold" if verb != "unlink" else f"link {car}")
    grid.run(0.1)
    grid.touch(root, f"link {car}" if verb != "unlink" else f"unlink {car}")
    grid.run(0.1)
    assert "script can't be saved" in {what for what, _ in grid["west"].told}
    grid["west"].crash()
    assert {root, car} == set(grid["west"].region.objects)
    assert [1, 1] == [len(grid.object(id).members) for id in (root, car)]
    assert Vector(47, 50, 0) == grid.object(car).position


PAINTER = """
from scripts_api import ObjectRef, Script, ScriptError, Vector

class Painter(Script):
    error = owner = None

    def on_touch(self, toucher):
        own = self.object
        own.link(ObjectRef(toucher.name))
        part = own.links[1]
        part.scale, part.phantom, part.name = Vector(40, 1, 1), True, "wall"
        self.owner = part.owner
        try:
            part.phantom = "yes"
        except ScriptError as error:
            self.error = str(error)
"""


@everywhere
def test_a_part_has_what_an_object_has(world: ScriptWorld) -> None:
    """And what becomes large is looked for further away from then on."""
    painter, wall = world.rez(PAINTER), world.rez()
    world.touch(painter, wall.id)
    body = wall._body
    assert ("wall", True, Vector(40, 1, 1), "author") == (body.name, body.phantom, body.scale, painter.owner)
    assert "object.phantom: the value is 'yes'; it must be True or False." == painter.state["error"]
    assert body.world.collisions.radius_m >= 20
