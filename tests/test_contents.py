"""What lies in objects: reading, writing, rezzing and giving it, here, over borders and after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrate.errors import BadRecord
from scripts_api import Rotation, Vector
from scripts_api.testing import ScriptWorld, everywhere
from simulator.checkpoint import capture
from simulator.checkpoint_record import read_unit
from simulator.checkpoint_restore import restore
from simulator.commands import PutCopy
from simulator.world.attributes import write_attribute
from simulator.world.items import Notecard, Template, packed, unpacked
from simulator.world.linksets import link
from tests.regions import Grid, script

WHEEL = (("wheel", Vector(), Rotation(), Template()),)
CHILD = """
from scripts_api import Script

class Child(Script):
    param = None

    def on_rez(self, param):
        self.param = param
        self.say(f"{self.object.name} got {param}")
"""
NURSERY = """
from scripts_api import Script, ScriptError, Vector

class Nursery(Script):
    ref = None
    error = None
    changes = 0

    def on_touch(self, toucher):
        try:
            self.ref = self.rez("child", self.object.position + Vector(1, 0, 0), param={"for": [toucher.name]})
        except ScriptError as error:
            self.error = str(error)

    def on_changed(self, what):
        self.changes += 1
        self.say(f"{what}: {', '.join(self.object.contents.names())}")

    def on_undeliverable(self, receiver, payload, reason):
        self.error = f"{payload}: {reason}"

    def on_message(self, sender, payload):
        self.give(*payload)
"""


@everywhere
def test_a_script_in_the_contents_becomes_an_object(world: ScriptWorld, tmp_path: Path) -> None:
    """Where it is wanted, of the same owner, with a copy of the parameter."""
    (tmp_path / "child.py").write_text(CHILD)
    nursery = world.rez(NURSERY, contents={"child": tmp_path / "child.py"}, owner="ada")
    world.touch(nursery, "ben")
    world.advance(0.2)
    child = world.find("child")
    assert ["child got {'for': ['ben']}"] == world.said
    assert ("ada", nursery.position + Vector(1, 0, 0)) == (child.owner, child.position)
    assert child.ref == nursery.state["ref"]


@everywhere
def test_contents_cross_borders_with_their_programs(world: ScriptWorld) -> None:
    """An object of an object, with a notecard in it, is rezzed in another region."""
    model = world.rez(CHILD, name="child", contents={"note": "hello"})
    nursery = world.rez(NURSERY, contents={"child": model})
    world.cross(nursery, "east")
    world.touch(nursery, "ben")
    world.advance(0.2)
    child = world.find("child")
    assert ("east", ["note"]) == (child.region, sorted(child.contents))
    assert "child got {'for': ['ben']}" == world.said[-1]


@everywhere
def test_giving_puts_a_copy_into_another_object(world: ScriptWorld) -> None:
    """In another region too, under a name that is free; the giver keeps its own."""
    giver = world.rez(NURSERY, contents={"child": world.rez(CHILD), "guide": "one\ntwo"})
    taker = world.rez(NURSERY, position=Vector(300, 10, 0), contents={"guide": "mine"})
    sender = world.rez(SENDER)
    for name in ("guide", "child"):
        world.touch(sender, f"{giver.id} {taker.id} {name}")
        world.advance(0.3)
    assert ["child", "guide"] == sorted(giver.contents)
    assert ["object got None", "contents: guide, guide 2", "contents: child, guide, guide 2"] == world.said
    world.touch(taker, "cat")
    world.advance(0.2)
    assert "child got {'for': ['cat']}" == world.said[-1]


SENDER = """
from scripts_api import ObjectRef, Script

class Sender(Script):
    def on_touch(self, toucher):
        giver, taker, name = toucher.name.split(" ", 2)
        self.send(ObjectRef(giver), (ObjectRef(taker), name))
"""


@everywhere
def test_what_cant_be_given_comes_back(world: ScriptWorld) -> None:
    """Told with its name and the reason."""
    giver = world.rez(NURSERY, contents={"guide": "text"})
    sender = world.rez(SENDER)
    world.touch(sender, f"{giver.id} west:99 guide")
    world.advance(0.3)
    assert giver.state["error"].startswith("guide: ")


@everywhere
def test_notecards_are_read_and_written(world: ScriptWorld) -> None:
    """By every script of the object; lines are a list."""
    keeper = world.rez(KEEPER, contents={"guide": "one\ntwo\n"})
    world.touch(keeper)
    world.advance(0.1)
    assert [["guide", "log"], ["one", "two"], "notecard", ["guide"]] == keeper.state["seen"]


KEEPER = """
from scripts_api import Script

class Keeper(Script):
    seen = None

    def on_touch(self, toucher):
        contents = self.object.contents
        contents.write("log", "a line")
        self.seen = [contents.names(), contents["guide"].lines(), contents["log"].kind]
        contents.remove("log")
        self.seen.append(contents.names())
"""


def test_contents_survive_a_crash() -> None:
    """What was written in a tick that was committed is there again, and can be rezzed."""
    grid = Grid("west")
    child = grid["west"].programs.add(script(CHILD), "child.py")
    held = (("child", Template((child,))), ("guide", Notecard("hello")))
    box = grid.rez(script(NURSERY), contents=held)
    grid["west"].crash()
    assert dict(held) == dict(grid.object(box).contents)
    grid.touch(box, "ada")
    grid.run(0.2)
    assert "child got {'for': ['ada']}" == grid["west"].said[-1]


@pytest.mark.parametrize("many", [3, 200])
def test_grey_goo_is_stopped(many: int) -> None:
    """An owner's scripts make so many objects at once, and no more."""
    grid = Grid("west", slices=400)
    box = grid.rez(script(GOO), param=many, contents=goo(grid))
    grid.run(0.2)
    expected = min(many, 100)
    made = grid.state(box)["made"]
    assert expected <= made <= expected + 3
    refused = "rez: at most 100 at once and 5 a second; sleep for 0."
    error = grid.state(box)["error"]
    assert error is None if many == 3 else error.startswith(refused)


GOO = """
from scripts_api import LimitReached, Script

class Goo(Script):
    made = 0
    error = None

    def on_rez(self, param):
        try:
            for _ in range(param):
                self.rez("goo")
                self.made += 1
        except LimitReached as error:
            self.error = str(error)
"""


def goo(grid: Grid) -> tuple[tuple[str, Template], ...]:
    """A box without scripts."""
    return (("goo", Template()),)


@pytest.mark.parametrize(
    "value",
    [
        None,
        ("notecard", 7),
        ("script", 1),
        ("object", ()),
        ("notecard", "x" * 70_000),
        ("object", (1,), "", "", None, None, False, {}),
    ],
)
def test_strangers_items_are_refused(value: Any) -> None:
    """What a record says that lies in an object must be one of the three kinds, in every part."""
    with pytest.raises(BadRecord):
        unpacked(value)


def test_items_in_items_have_an_end() -> None:
    """A record can't make the region look into boxes for ever."""
    item: Any = ("notecard", "x")
    for _ in range(10):
        item = ("object", (), "", "", Template().color, Template().scale, False, {"box": item})
    with pytest.raises(BadRecord):
        unpacked(item)


def test_a_record_without_a_program_of_its_contents_is_refused() -> None:
    """It is kept, rather than let in with something in it that can't be used."""
    grid, other = Grid("west"), Grid("west")
    child = grid["west"].programs.add(script(CHILD), "child.py")
    box = grid.rez(None, contents=(("child", Template((child,))),))
    with pytest.raises(BadRecord, match=child):
        restore(read_unit(capture(grid.object(box))), other["west"].region._world)


@pytest.mark.parametrize("traits", ["physical", ("physical", "sensor"), ("magic",), (7,), 7, None])
def test_an_item_from_a_stranger_has_traits_that_there_are(traits: object) -> None:
    """In their order, each once."""
    with pytest.raises(BadRecord, match="traits"):
        unpacked((*packed(Template()), traits))


@everywhere
def test_what_is_rezzed_falls_notices_and_stops_as_its_model(world: ScriptWorld) -> None:
    """From another object's contents, also behind a border."""
    model = world.rez(name="model", position=Vector(100, 100, 50))
    for name, value in (("physical", True), ("sensor", True), ("bounces", False)):
        write_attribute(model._body, name, value)
    maker = world.rez(MAKER, contents={"model": model})
    world.cross(maker, "east")
    world.touch(maker)
    world.advance(0.1)
    made = world.find("model")._body
    assert ("east", True, True, False) == (
        made.world.here.name,
        made.is_physical,
        made.is_sensor,
        made.bounces,
    )


MAKER = """
from scripts_api import Script

class Maker(Script):
    def on_touch(self, toucher):
        self.rez("model")
"""


@everywhere
def test_a_copy_of_an_object_is_put_into_another(world: ScriptWorld) -> None:
    """Over a border too, with its scripts as they begin, and its looks."""
    child, maker = world.rez(CHILD, name="model"), world.rez(MAKER, position=Vector(300, 100, 0))
    world.tell("west", PutCopy(child.id, maker.id))
    world.advance(0.2)
    assert ["model"] == maker.contents
    world.touch(maker)
    world.advance(0.2)
    assert ["model got None", "model got None"] == world.said


def test_a_copy_that_is_not_taken_is_told() -> None:
    """To the scripts of what was to be copied, as whatever could not be given."""
    grid = Grid("west")
    child = grid.rez(RETURNED)
    grid["west"].host.command(PutCopy(child, "west:99"))
    grid.run(0.2)
    assert ("west:99", "box") == grid.state(child)["back"]


RETURNED = """
class Returned(Script):
    back = None

    def on_undeliverable(self, receiver, payload, reason):
        self.back = receiver.id, payload
"""


@everywhere
def test_a_linkset_lies_in_contents_and_is_rezzed_as_one(world: ScriptWorld) -> None:
    """With all its parts where they hang, their scripts and their names, and nobody who sits on it."""
    train = world.rez(CHILD, name="train", position=Vector(50, 50, 0))
    for number in (1, 2):
        car = world.rez(CHILD, name=f"car {number}", position=Vector(50 - 3 * number, 50, 1))
        link(train._body, car.ref)
    world.enter("ada", Vector(50, 50, 0)).sit(train)
    maker = world.rez(MAKER.replace("model", "train"), position=Vector(300, 100, 0))
    world.tell("west", PutCopy(train.id, maker.id))
    world.advance(0.2)
    world.said.clear()
    world.touch(maker)
    world.advance(0.2)
    made = world.find("train")._body
    assert ("east", 3, None) == (made.world.here.name, len(made.members), made.worn_by)
    assert {"car 1 got None", "car 2 got None", "train got None"} == set(world.said)
    places = {each.name: each.position - made.position for each in made.members}
    assert {"train": Vector(), "car 1": Vector(-3, 0, 1), "car 2": Vector(-6, 0, 1)} == places
    world.cross(world.find("car 1"), "west")
    assert 3 == len(world.find("train")._body.members)


@pytest.mark.parametrize(
    "parts",
    [
        7,
        (7,),
        (("wheel", Vector(), Rotation(), ("notecard", "x")),),
        (("wheel", Vector(99, 0, 0), Rotation(), packed(Template())),),
        (("wheel" * 99, Vector(), Rotation(), packed(Template())),),
        (("wheel", Vector(), 7, packed(Template())),),
        (("wheel", Vector(), Rotation(), packed(Template())),) * 256,
        (("wheel", Vector(), Rotation(), packed(replace(Template(), parts=WHEEL))),),
    ],
)
def test_parts_from_a_stranger_are_parts(parts: object) -> None:
    """Objects that have none of their own, not too many, and not too far away."""
    with pytest.raises(BadRecord):
        unpacked((*packed(Template()), (), parts))
