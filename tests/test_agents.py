"""Somebody in the world: entering, walking, sitting, chatting, being given things, here and over borders."""

from __future__ import annotations

import pytest

from scripts_api import Vector
from scripts_api.testing import ScriptWorld, everywhere
from simulator.commands import EnterWorld, SitDown
from tests.regions import Grid

BUS = """
from scripts_api import Script, ScriptError

class Bus(Script):
    log = ()

    def on_sit(self, agent):
        self.log = (*self.log, f"+{agent.name}")
        self.say_to(agent, f"welcome, {agent.name}")

    def on_stand(self, agent):
        self.log = (*self.log, f"-{agent.name}")

    def on_touch(self, toucher):
        self.say(", ".join(agent.name for agent in self.object.seated) or "nobody")

    def on_message(self, sender, payload):
        self.object.unseat(self.object.seated[payload])

    def on_arrive(self, from_region):
        self.log = (*self.log, f"{self.region.name}: {[agent.name for agent in self.region.agents()]}")
"""


@everywhere
def test_who_sits_crosses_with_the_object(world: ScriptWorld) -> None:
    """As part of it, and can touch, talk and stand up there."""
    bus = world.rez(BUS, name="bus", position=Vector(200, 100, 0))
    ada, ben = world.enter("ada", Vector(201, 100, 0)), world.enter("ben", Vector(199, 100, 0))
    ada.sit(bus)
    ben.sit(bus)
    bus._body.world.borders.set_velocity(bus._body, Vector(50, 0, 0))
    world.advance(1.5)
    assert ["east"] * 3 == [bus.region, ada.region, ben.region]
    assert ada.position.x == bus.position.x
    ada.touch(bus)
    ben.stand()
    world.advance(0.5)
    ben.walk(Vector(0, 1, 0))
    assert ("+ada", "+ben", "east: ['ada', 'ben']", "-ben") == bus.log
    assert ["welcome, ada", "ada, ben"] == ada.heard
    assert bus.position.x - ben.position.x > 20


@everywhere
def test_who_walks_crosses_a_border(world: ScriptWorld) -> None:
    """And is known by the same reference there."""
    ada = world.enter("ada", Vector(250, 100, 0))
    bus = world.rez(BUS, position=Vector(270, 100, 0))
    ada.walk(Vector(10, 0, 0))
    world.advance(2.0)
    ada.walk(Vector())
    assert ("east", 270) == (ada.region, round(ada.position.x))
    ada.sit(bus)
    world.advance(0.1)
    assert ("+ada",) == bus.log


@everywhere
def test_who_sat_on_what_dies_stands(world: ScriptWorld) -> None:
    """Where it sat; and who leaves while it sits takes nothing along."""
    bus, other = world.rez(DYING), world.rez(BUS)
    ada, ben = world.enter("ada"), world.enter("ben")
    ada.sit(bus)
    ben.sit(other)
    world.touch(bus)
    ben.leave()
    world.advance(0.1)
    assert "west" == ada.region
    assert ("+ben", "-ben") == other.log
    with pytest.raises(KeyError):
        _ = bus.position


DYING = """
from scripts_api import Script

class Dying(Script):
    def on_touch(self, toucher):
        self.die()
"""
GUIDE = """
from scripts_api import Script, ScriptError

class Guide(Script):
    found = None
    error = None

    def on_touch(self, toucher):
        self.found = [(each.name, type(each.ref).__name__) for each in self.sense(20, kind="agent")]
        try:
            self.give(toucher, "guide")
        except ScriptError as error:
            self.error = str(error)
"""


@everywhere
def test_agents_are_found_and_given_things(world: ScriptWorld) -> None:
    """By what senses and by what gives; who is not there is told of."""
    guide = world.rez(GUIDE, contents={"guide": "text"})
    ada, ben = world.enter("ada"), world.enter("ben", Vector(10, 10, 0))
    ada.touch(guide)
    world.advance(0.2)
    assert ([("ada", "AgentRef")], ["guide"], []) == (guide.found, ada.contents, ben.contents)
    world.touch(guide, "nobody")
    world.advance(0.1)
    assert "give: 'nobody' is not in the region west; see region.agents()." == guide.state["error"]


@everywhere
def test_agents_talk_and_hear(world: ScriptWorld) -> None:
    """What is near them, and not themselves."""
    ada, ben = world.enter("ada"), world.enter("ben", Vector(10, 10, 0))
    world.rez(PARROT)
    ada.say("hello")
    world.advance(0.1)
    assert (["hello ada"], []) == (ada.heard, ben.heard)


PARROT = """
from scripts_api import Script

class Parrot(Script):
    def on_start(self):
        self.listen()

    def on_listen(self, message):
        self.say(f"{message.text} {message.speaker.name}")
"""


@everywhere
def test_a_script_can_make_someone_stand_up(world: ScriptWorld) -> None:
    """And is told when it names somebody who does not sit there."""
    bus = world.rez(BUS)
    sender = world.rez(EJECT)
    ada = world.enter("ada")
    ada.sit(bus)
    world.touch(sender, bus.id)
    world.advance(0.2)
    assert ("+ada", "-ada") == bus.log


EJECT = """
from scripts_api import ObjectRef, Script

class Eject(Script):
    def on_touch(self, toucher):
        self.send(ObjectRef(toucher.name), 0)
"""


def test_a_crash_keeps_who_is_there() -> None:
    """Where it sat, or where it stood."""
    grid = Grid("west")
    bus = grid.rez(BUS)
    for name in ("ada", "ben"):
        grid["west"].host.command(EnterWorld(name, Vector(50, 50, 0)))
    grid["west"].host.command(SitDown("agent:ada", bus))
    grid.run(0.2)
    grid["west"].crash()
    assert {"agent:ada", "agent:ben"} == set(grid["west"].region._world.agents)
    assert ["agent:ada"] == [part.agent for part in grid.object(bus).parts]
