"""`scripts_api.testing`, as an author uses it: worlds inside tests, left alone and captured everywhere."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

from scripts_api import Vector
from scripts_api.testing import ScriptFailed, ScriptWorld, World, everywhere

pytest_plugins = ["pytester"]  # runs an author's tests as pytest would
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
    """A clock ticks twice a second, however long the test itself takes."""
    clock = world.rez(CLOCK)
    assert 0 == clock.ticks
    world.advance(2.6)
    assert 5 == clock.ticks


CLOCK = """
from scripts_api import Script
class Clock(Script):
    ticks = 0
    def on_start(self):
        self.every(0.5)
    def on_timer(self, timer):
        self.ticks += 1
"""


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
    assert 0 == world.rez("../examples/door.py").opened
    assert 0 == world.rez("counter.py").count
    with pytest.raises(FileNotFoundError, match=r"there is no .*tests/nowhere\.py nor .*nowhere\.py"):
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


# --- What an author gets to see ---


@everywhere("a", "b", "c")
def test_a_test_may_name_its_regions(world: ScriptWorld) -> None:
    """From west to east, in both runs."""
    counter = world.rez(COUNTER, position=Vector(600, 9, 0))
    assert "c" == counter.region
    world.cross(counter, "a")
    assert "a" == counter.region


def test_time_in_which_nothing_is_due_is_skipped() -> None:
    """Twenty years of one sleeper, to the frame; a script that looks at the clock sees no difference."""
    world = World()
    clock = world.rez(
        """
from scripts_api import Script
class Clock(Script):
    told = ()
    def on_start(self):
        began = self.region.now
        for seconds in (0.1, 86_400 * 365 * 20, 1):
            self.sleep(seconds)
            self.told = (*self.told, (round(self.region.now - began, 2), self.region.time_dilation))
"""
    )
    year_s = 365 * 86_400
    world.advance(20 * year_s + 60)
    assert ((0.1, 1.0), (20 * year_s + 0.1, 1.0), (20 * year_s + 1.1, 1.0)) == clock.told


def test_what_is_skipped_would_have_changed_nothing() -> None:
    """Flights, borders, timers and chat come to the same, frame by frame or at one go."""

    def story(step_s: float) -> object:
        world = World()
        world.rez(CLOCKED, name="traveller", position=Vector(200, 9, 0), velocity=Vector(7, 0, 0))
        for _ in range(round(60 / step_s)):
            world.advance(step_s)
        return world.said, world.find("traveller").position

    assert story(0.02) == story(60)


def test_an_answer_from_outside_comes_at_once() -> None:
    """And not when something else is due."""
    world = World()
    world.pages["https://example.org/"] = "yes"
    asker = world.rez(
        """
from scripts_api import Script
class Asker(Script):
    took = None
    def on_start(self):
        began = self.region.now
        self.http("https://example.org/", timeout_s=60)
        self.took = self.region.now - began
"""
    )
    world.advance(100.0)
    assert asker.took < 0.1


CLOCKED = """
from scripts_api import Script
class Clocked(Script):
    def on_start(self):
        self.every(1.3)
    def on_timer(self, timer):
        self.say(f"{self.region.name} {self.object.position} {self.region.now} {self.elapsed_s}")
    def on_crossing_denied(self, region, reason):
        self.say(reason)
"""


def test_a_failure_names_its_object_and_shows_the_author_s_lines_only(pytester: pytest.Pytester) -> None:
    """In the author's test run, without any configuration: the test's line, the script's line, none of ours."""
    pytester.makepyfile(
        broken="""
        from scripts_api import Script

        class Broken(Script):
            def on_touch(self, toucher):
                self.object.color = "red"
        """,
        test_broken="""
        from broken import Broken
        from scripts_api.testing import everywhere

        @everywhere
        def test_red(world):
            box = world.rez(Broken, name="box")
            world.touch(box)

        def test_nowhere(world):
            world.rez(Broken, position=(1, 2, 3))
        """,
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=3)
    shown = result.stdout.str()
    for part in (
        ">       world.touch(box)",
        "'box': script failed:",
        'File "broken.py", line 5, in on_touch',
        "object.color: the value is 'red'; it must be a Color.",
        "rez: position is (1, 2, 3); it must be a Vector.",
    ):
        assert part in shown
    assert [] == [ours for ours in ("simulator/", "checks.py", "_frame") if ours in shown]


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ('world.rez("door.txt")', "ValueError: 'door.txt' is no script; give its class, the path"),
        ('world.rez("class A(:\\n")', "ScriptFailed: object.py, line 1:"),
        ('world.rez("x = 1\\n")', "ScriptFailed: object.py holds no script"),
        ("world.rez(COUNTER, contents={'a': 7})", "ValueError: 7 is no script"),
        ("world.rez(position=Vector(-1, 0, 0))", "no region at Vector(-1, 0, 0); the world goes from 0 to 512"),
        ("world.enter('ada', Vector(0, 999, 0))", "enter: there is no region at Vector(0, 999, 0)"),
        ("world.touch('box')", "TypeError: touch: 'box' is no object of this world; give what world.rez"),
        ("world.say(7, near=box)", "say: text is 7"),
        ("world.say('a', near=box, channel='b')", "say: channel is 'b'"),
        ("world.advance(-1)", "advance: seconds is -1"),
        ("world.find('bix')", "find: nothing is named 'bix' in this world; there are box"),
        ("box.cuont", "AttributeError: 'box' has no 'cuont'; its script has count"),
        ("world.enter('ada', Vector(1, 1, 0)).sit(box)", "sit: 'box' in west is 179.6 m from ada in west; at"),
    ],
)  # fmt: skip
def test_a_slip_of_a_test_s_author_is_told(slip: str, told: str) -> None:
    """With the value, and what to write instead; nothing that is wrong passes for something else."""
    world = World()
    box = world.rez(COUNTER, name="box")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - what is raised is in `told`
        eval(slip, {"world": world, "box": box, "Vector": Vector, "COUNTER": COUNTER})
    assert told in f"{type(caught.value).__name__}: {caught.value}"


@everywhere
def test_what_is_gone_says_so(world: ScriptWorld) -> None:
    """An object that has died exists no longer; one between two regions does."""
    dying = world.rez(DYING)
    flying = world.rez(position=Vector(250, 9, 0), velocity=Vector(90, 0, 0))
    assert dying.exists
    world.touch(dying)
    assert not dying.exists
    with pytest.raises(KeyError, match="object west:1 is gone"):
        _ = dying.position
    for _ in range(20):
        world.advance(0.02)
        assert flying.exists
    assert "east" == flying.region


def test_all_that_failed_in_a_frame_is_told() -> None:
    """Not only the last of it."""
    world = World()
    one, _ = (world.rez(BROKEN, name=name) for name in ("one", "two"))
    with pytest.raises(ScriptFailed, match=r"(?s)'one': script failed:.*'two': script failed:"):
        world.say("now", near=one)


DYING = """
from scripts_api import Script
class Dying(Script):
    def on_touch(self, toucher):
        self.die()
"""
BROKEN = """
from scripts_api import Script
class Broken(Script):
    def on_start(self):
        self.listen()
    def on_listen(self, message):
        1 / 0
"""


@everywhere
def test_what_cant_travel_is_told_like_any_failure(world: ScriptWorld) -> None:
    """With the object and the variable, in both runs."""
    with pytest.raises(
        ScriptFailed, match=r"(?s)'box': script can't be saved:.*self\.door of Locked: a lock"
    ):
        world.rez(LOCKED, name="box")


def test_what_was_told_once_ends_a_test_again() -> None:
    """Where everything is restored, nothing that can't be goes on."""
    world = World(everywhere=True)
    with pytest.raises(ScriptFailed):
        world.rez(LOCKED, name="box")
    with pytest.raises(ScriptFailed, match=r"captured everywhere: self\.door of Locked: a lock"):
        world.advance(1.0)


LOCKED = """
from scripts_api import Script
class Locked(Script):
    def on_start(self):
        import threading
        self.door = threading.Lock()
"""


@everywhere
def test_a_handler_may_be_a_generator(world: ScriptWorld) -> None:
    """Each `yield` gives up the slice, for who likes to see where."""
    stepper = world.rez(STEPPER)
    world.touch(stepper)
    world.advance(0.2)
    assert ["one", "two", "other", "three"] == sorted(world.said, key=["one", "two", "other", "three"].index)
    assert world.said.index("other") < world.said.index("three")


STEPPER = """
from scripts_api import Script

class Stepper(Script):
    def on_touch(self, toucher):
        self.spawn(self.other)
        self.say("one")
        yield
        self.say("two")
        yield
        self.say("three")

    def other(self):
        self.say("other")
"""
