"""New code for a script that runs: what stays, what changes when, and what travels along."""

from __future__ import annotations

import pytest

from scripts_api import Vector
from scripts_api.testing import ScriptWorld, World, everywhere

OLD = """
from scripts_api import Script
class Lamp(Script):
    version = 1
    lit = 0
    def on_touch(self, toucher):
        self.lit += 1
        self.sleep(1)
        self.say(self.name_of())
        self.sleep(1)
        self.say(self.name_of())
    def on_touch_end(self, toucher):
        raise ValueError(self.lit)
    def name_of(self):
        return f"old {self.lit}"
"""

NEW = """
from scripts_api import Script
class Lamp(Script):
    version = 2
    lit = 0
    def on_upgrade(self, old_version):
        self.say(f"from {old_version}")
        self.lit += 100
    def on_touch(self, toucher):
        self.say(self.name_of())
    def name_of(self):
        return f"new {self.lit}"
"""


@everywhere
def test_a_handler_in_flight_ends_as_it_began(world: ScriptWorld) -> None:
    """It goes on with the old code and the shared state, then the new code is told, then it gets what waits."""
    lamp = world.rez(OLD, name="lamp")
    world.touch(lamp)
    world.upgrade(lamp, NEW)
    world.touch(lamp)
    world.advance(2.5)
    assert ["old 1", "old 1", "from 1", "new 101"] == world.said


@everywhere
def test_the_old_code_crosses_with_what_it_is_doing(world: ScriptWorld) -> None:
    """The other region has never seen either program."""
    lamp = world.rez(OLD, name="lamp")
    world.touch(lamp)
    world.upgrade(lamp, NEW)
    world.cross(lamp, "east")
    world.advance(2.5)
    assert ("east", ["old 1", "old 1", "from 1"]) == (lamp.region, world.said)
    world.touch(lamp)
    assert "new 101" == world.said[-1]


def test_a_script_that_failed_goes_on_with_its_state() -> None:
    """Mending the source is enough."""
    world = World()
    lamp = world.rez(OLD, name="lamp")
    world.touch(lamp)
    world.advance(2.5)
    with pytest.raises(AssertionError, match="ValueError: 1"):
        world.release(lamp)
    world.upgrade(lamp, NEW)
    world.advance(0.1)
    assert (None, 101) == (lamp.error, lamp.lit)


STATES = """
from scripts_api import Script
class Door(Script):
    def on_touch(self, toucher):
        self.become({state})
class {state}(Door):
    def on_timer(self, timer):
        self.say("{word}")
    def on_enter(self):
        self.every(1.0)
        self.every(1.0, self.swing)
    def swing(self):
        self.say("swing {word}")
"""


@everywhere
def test_state_and_timers_stay(world: ScriptWorld) -> None:
    """A state becomes the new code's state of that name, a timer's method the new method."""
    door = world.rez(STATES.format(state="Open", word="old"), name="door")
    world.touch(door)
    world.advance(1.1)
    world.upgrade(door, STATES.format(state="Open", word="new"))
    world.advance(1.0)
    assert ["old", "swing old", "new", "swing new"] == world.said


def test_a_state_that_is_gone_keeps_the_old_code() -> None:
    """Refused as a whole, and the author is told what to do."""
    world = World()
    door = world.rez(STATES.format(state="Open", word="old"), name="door", position=Vector(1, 1, 0))
    world.touch(door)
    with pytest.raises(AssertionError, match="is in state Open, which the new code does not have"):
        world.upgrade(door, STATES.format(state="Ajar", word="new"))
    world.advance(1.1)
    assert ["old", "swing old"] == world.said


LOOP = """
from scripts_api import Script
class Clock(Script):
    step = 0
    def on_start(self):
        self.spawn(self.run)
    def run(self):
        while True:
            self.sleep(1)
            self.step += 1
            self.say(f"{self.name_of()} {self.step}")
    def on_touch(self, toucher):
        self.step += 10
    def name_of(self):
        return "NAME"
"""


@everywhere
def test_a_loop_without_end_shares_its_state_with_the_new_code(world: ScriptWorld) -> None:
    """The loop stays old; what the new handler changes, it sees."""
    clock = world.rez(LOOP.replace("NAME", "old"), name="clock")
    world.upgrade(clock, LOOP.replace("NAME", "new").replace("+= 10", "+= 20"))
    world.touch(clock)
    world.advance(1.1)
    assert ["old 21"] == world.said
    assert 21 == clock.step
