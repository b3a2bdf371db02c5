"""`scripts_api.testing`, as an author uses it: worlds inside tests, left alone and captured everywhere."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

from scripts_api import Vector
from scripts_api.testing import ScriptWorld, World, everywhere

EXAMPLES = Path(__file__).parents[1] / "examples"
COUNTER = """
from scripts_api import Script
class Counter(Script):
    count = 0
    def on_start(self):
        self.listen(3)
    def on_touch(self, toucher):
        for _ in range(10):
            self.count += 1
        self.say(f"{toucher.name}: {self.count}")
        self.log("touched")
    def on_listen(self, message):
        self.say(f"{message.speaker.name} said {message.text}")
    def on_touch_end(self, toucher):
        self.say(f"{toucher.name} lets go")
    def on_arrive(self, region):
        self.say(f"from {region}")
"""


@everywhere
def test_a_world_does_what_a_test_wants(world: ScriptWorld) -> None:
    """Rez, touch, say, advance, cross; what was said, logged and kept is at hand."""
    counter = world.rez(COUNTER, name="counter", position=Vector(10, 20, 0))
    world.touch(counter, "ada")
    world.advance(0.2)
    world.release(counter, "ada")
    world.say("hello", near=counter, speaker="bob", channel=3)
    world.advance(0.2)
    world.cross(counter, "east")
    world.advance(0.2)
    assert ["ada: 10", "ada lets go", "bob said hello", "from west"] == world.said
    assert ["touched"] == world.logged
    assert (10, "east", None) == (counter.count, counter.region, counter.error)


@everywhere
def test_time_stands_still_until_it_is_advanced(world: ScriptWorld) -> None:
    """A lamp from its file blinks twice a second, however long the test itself takes."""
    lamp = world.rez(EXAMPLES / "lamp.py")
    assert 0 == lamp.blinks
    world.advance(2.6)
    assert 5 == lamp.blinks


@everywhere
def test_an_object_flies_on_through_regions(world: ScriptWorld) -> None:
    """Restored everywhere, it still crosses."""
    rocket = world.rez(EXAMPLES / "rocket.py", position=Vector(250, 10, 0), velocity=Vector(50, 0, 0))
    world.advance(0.4)
    assert ("east", 1) == (rocket.region, rocket.crossings)


@everywhere
def test_a_journey_goes_on_behind_the_border(world: ScriptWorld) -> None:
    """move_to ends where it was meant to, in another region, and the script is told."""
    walker = world.rez(
        """
from scripts_api import Script, Vector
class Walker(Script):
    def on_start(self):
        self.object.move_to(Vector(286, 40, 2), 1.5)
    def on_moving_end(self):
        self.say(f"{self.region.name} {self.object.position} {self.object.velocity}")
""",
        position=Vector(226, 50, 0),
    )
    world.advance(2.0)
    assert ["east Vector(286, 40, 2) Vector(0, 0, 0)"] == world.said
    assert Vector(286, 40, 2) == walker.position


def test_a_script_that_fails_ends_the_test() -> None:
    """With what its author would see."""
    world = World()
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        world.rez(
            "from scripts_api import Script\nclass A(Script):\n    def on_start(self):\n        1 / 0\n"
        )


def test_a_script_is_found_by_its_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The class that a test imports stands for the file that it is in."""
    (tmp_path / "counter_of_a_test.py").write_text(COUNTER)
    monkeypatch.syspath_prepend(str(tmp_path))
    from counter_of_a_test import Counter  # type: ignore[import-not-found]  # written just above

    world = World("only")
    counter = world.rez(Counter)
    world.touch(counter)
    assert 10 == counter.count


def test_a_script_is_found_beside_its_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the tests were started; else in that folder; and one that is nowhere is named with both places."""
    monkeypatch.chdir(tmp_path)
    world = World()
    (tmp_path / "counter.py").write_text(COUNTER)
    assert 0 == world.rez("../examples/lamp.py").blinks
    assert 0 == world.rez("counter.py").count
    with pytest.raises(FileNotFoundError, match=r"neither .*tests/nowhere\.py nor .*nowhere\.py"):
        world.rez("nowhere.py")


def test_an_unknown_region_is_named_with_those_there_are() -> None:
    """A slip of a test's author."""
    world = World()
    with pytest.raises(ValueError, match="no region 'nowhere'; it has west, east"):
        world.cross(world.rez(), "nowhere")


@pytest.mark.parametrize(
    ("method", "meant"),
    [
        ("on_strat", "on_start"),
        ("on_tuoch", "on_touch"),
        ("onTouch", "on_touch"),
        ("on_mesage", "on_message"),
    ],
)
def test_a_misspelt_handler_is_told(method: str, meant: str) -> None:
    """With its file and line, and the handler that is nearest."""
    source = (
        f"from scripts_api import Script\nclass Box(Script):\n    def {method}(self, *args):\n        pass\n"
    )
    remark = f"box.py, line 3: nothing calls Box.{method}. Is it meant to be {meant}?"
    with pytest.warns(UserWarning, match=re.escape(remark)):
        World().rez(source, name="box")


@pytest.mark.parametrize(
    "body",
    [
        "def on_tick(self): pass",
        "def on_open(self): pass",
        "def once(self): pass",
        "def on_touched(self): pass\n    def on_start(self):\n        self.every(1, self.on_touched)",
        "def on_touched(self): pass\n    def on_start(self):\n        getattr(self, 'on_touched')()",
        "class Part:\n        def on_strat(self): pass",
    ],
)
def test_other_methods_may_be_named_like_handlers(body: str) -> None:
    """What is called by the script itself, or looks like no handler, is its author's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        World().rez(f"from scripts_api import Script\nclass Box(Script):\n    {body}\n")
