"""Objects that cross borders: continuous motion, scripts in the middle of whatever they do, refusals,
crashes.
"""

from __future__ import annotations

from pathlib import Path
from types import GeneratorType

import pytest

from migrate.frame_parts import generator_frame
from scripts_api import Vector
from simulator.commands import MoveObject
from simulator.limits import RegionLimits
from simulator.world.threads import Role
from tests.regions import FRAME_US, Grid

COUNTER = """
class Rocket(Script):
    arrivals = ()
    count = 0
    def on_start(self):
        self.arrivals = []
        self.spawn(self.compute)
    def compute(self):
        for number in numbers():
            assert self.count == number
            self.add()
    def add(self):
        self.count += 1
    def on_arrive(self, region):
        self.arrivals.append(region)
    def on_touch(self, toucher):
        self.say(f"{toucher.name} {self.region.name}")
def numbers():
    n = 0
    while True:
        yield n
        n += 1
"""


@pytest.fixture
def grid() -> Grid:
    """Two regions side by side."""
    return Grid("west", "east")


def test_an_object_flies_over_the_border(grid: Grid) -> None:
    """Its place and speed go on as if there were no border, but for half of the frame that its answer takes."""
    box = grid.rez(position=(90, 50, 0), velocity=(100, 0, 0))
    grid.run(0.4)
    assert box in grid["east"].region.objects
    assert Vector(100, 0, 0) == grid.object(box).velocity
    assert grid.object(box).position.x == pytest.approx(131, abs=1.01)
    assert {} == grid["west"].region.objects


def test_a_script_crosses_in_the_middle_of_its_loop(grid: Grid) -> None:
    """Loop, generator, helper and all: not a number is missing or repeated, there and back again."""
    box = grid.rez(COUNTER, position=(90, 50, 0), velocity=(200, 0, 0))
    grid.run(2.2)
    arrivals = grid.state(box)["arrivals"]
    assert ["west", "east", "west"] == arrivals[:3]
    before = grid.state(box)["count"]
    grid.run(0.1)
    assert before < grid.state(box)["count"]
    assert None is grid.fails(box)


def test_a_handler_that_sleeps_wakes_in_the_other_region(grid: Grid) -> None:
    """A sleep travels with what remains of it; the event being handled and those in the queue travel too."""
    box = grid.rez(
        """
        class Slow(Script):
            def on_touch(self, toucher):
                self.say(f"{toucher.name} {self.region.name}")
                self.sleep(0.5)
                self.say(f"{toucher.name} {self.region.name}")
        """,
        position=(90, 50, 0),
        velocity=(50, 0, 0),
    )
    grid.touch(box, "eve")
    grid.touch(box, "bob")
    grid.run(0.5)
    assert (["eve west"], []) == (grid["west"].said, grid["east"].said)
    grid.run(0.3)
    assert ["eve east", "bob east"] == grid["east"].said


def test_timers_and_listens_travel(grid: Grid) -> None:
    """A timer keeps its cadence and a listen hears in the new region."""
    box = grid.rez(
        """
        class Clock(Script):
            ticks = 0
            def on_start(self):
                self.every(0.1, self.tick)
                self.ear = self.listen(7)
            def tick(self):
                self.ticks += 1
            def on_listen(self, message):
                self.say(f"heard {message.text}")
        """,
        position=(90, 50, 0),
        velocity=(50, 0, 0),
    )
    grid.run(1.0)
    assert 9 <= grid.state(box)["ticks"] <= 10
    grid.rez(
        """
        class Speaker(Script):
            def on_start(self):
                self.shout("hello", 7)
        """,
        region="east",
        position=(150, 50, 0),
    )
    grid.tick(3)
    assert ["heard hello"] == grid["east"].said


def test_source_travels_once(grid: Grid) -> None:
    """The destination compiles what it lacks; the second crossing needs no source."""
    box = grid.rez(COUNTER, position=(90, 50, 0), velocity=(200, 0, 0))
    grid.run(0.3)
    assert box in grid["east"].region.objects
    rows = grid["east"].store.load()
    assert 1 == len([key for kind, key in rows if kind == "program"])


def test_events_reach_an_object_that_has_moved(grid: Grid) -> None:
    """Messages find it in order, each exactly once."""
    box = grid.rez(
        """
        class Postbox(Script):
            got = ()
            def on_start(self):
                self.got = []
            def on_message(self, sender, payload):
                self.got.append(payload)
        """,
        position=(90, 50, 0),
        velocity=(40, 0, 0),
    )
    grid.rez(
        f"""
        class Writer(Script):
            def on_start(self):
                for n in range(50):
                    self.send(ObjectRef("{box}"), n)
                    self.sleep(0.02)
        """
    )
    grid.run(1.4)
    assert list(range(50)) == grid.state(box)["got"]
    assert box in grid["east"].region.objects


def test_an_object_bounces_where_the_world_ends(grid: Grid) -> None:
    """It turns round at the border and its script is told."""
    box = grid.rez(
        """
        class Ball(Script):
            def on_crossing_denied(self, region, reason):
                self.say(f"{region!r}: {reason}")
        """,
        position=(10, 50, 0),
        velocity=(-100, 0, 0),
    )
    grid.run(0.2)
    assert Vector(100, 0, 0) == grid.object(box).velocity
    assert ["'': the world ends here"] == grid["west"].said


def test_an_object_bounces_off_a_full_region() -> None:
    """Denied before anything froze: it turns round, its script never stopped, and is told why."""
    grid = Grid("west", "east", limits=RegionLimits(frame_us=FRAME_US, objects_max=1))
    grid.rez(region="east", position=(150, 50, 0))
    box = grid.rez(
        """
        class Ball(Script):
            def on_crossing_denied(self, region, reason):
                self.say(f"{region}: {reason}")
        """,
        position=(90, 50, 0),
        velocity=(100, 0, 0),
    )
    grid.run(0.3)
    assert Vector(-100, 0, 0) == grid.object(box).velocity
    assert ["east: region east has as many objects as it may have"] == grid["west"].said


def test_an_object_waits_at_the_border_of_a_silent_region_and_then_bounces(grid: Grid) -> None:
    """No answer in time is a denial; meanwhile it stands at the border and its script runs."""
    box = grid.rez(COUNTER, position=(90, 50, 0), velocity=(100, 0, 0))
    grid.down.add("east")
    grid.run(1.0)
    assert 99.9 < grid.object(box).position.x < 100
    before = grid.state(box)["count"]
    grid.run(4.5)
    assert Vector(-100, 0, 0) == grid.object(box).velocity
    assert before < grid.state(box)["count"]


def test_a_script_that_cannot_travel_stays_and_is_told(grid: Grid) -> None:
    """What can't be captured runs on where it is; the object bounces and the author learns why."""
    box = grid.rez(
        """
        import threading
        class Held(Script):
            count = 0
            def on_start(self):
                held = threading.Lock()
                while held is not None:
                    self.count += 1
        """,
        position=(90, 50, 0),
        velocity=(100, 0, 0),
    )
    grid.run(0.4)
    assert Vector(-100, 0, 0) == grid.object(box).velocity
    assert {"script can't travel", "script can't be saved"} == {what for what, _ in grid["west"].told}
    before = grid.state(box)["count"]
    grid.tick()
    assert before < grid.state(box)["count"]


def test_what_stays_in_the_way_is_told_once_in_its_authors_words(grid: Grid) -> None:
    """However often it is tried, at whatever line it is; another reason is told again."""
    box = grid.rez(
        """
        import threading
        class Rocket(Script):
            def on_start(self):
                self.k = threading.Lock()
                self.spawn(self.work)
            def work(self):
                while True:
                    for _ in range(7):
                        pass
            def on_touch(self, toucher):
                self.after(100, self.ticker())
                self.k = None
            def ticker(self):
                held = threading.Lock()
                def tick():
                    return held
                return tick
        """,
        position=(90, 50, 0),
        velocity=(100, 0, 0),
    )
    grid.run(5.0)
    told = grid["west"].told
    assert {"script can't travel", "script can't be saved"} == {what for what, _ in told}
    assert 2 == len(told)
    assert {True} == {text.startswith("self.k of Rocket: a lock cannot travel") for _, text in told}
    grid.touch(box)
    grid.run(5.0)
    assert 2 == len(told := grid["west"].told[2:])
    assert {True} == {text.startswith("closure of tick: a lock cannot travel") for _, text in told}


def test_a_script_may_put_its_object_into_another_region(grid: Grid) -> None:
    """To set a position across the border is a crossing."""
    box = grid.rez("""
        class Jumper(Script):
            def on_start(self):
                self.object.position = Vector(170, 20, 5)
            def on_arrive(self, region):
                self.say(f"from {region} at {self.object.position}")
    """)
    grid.tick(6)
    assert ["from west at Vector(170, 20, 5)"] == grid["east"].said
    assert box in grid["east"].region.objects


def test_there_is_no_way_out_of_the_world(grid: Grid) -> None:
    """To set a position where no region is raises an error and changes nothing."""
    box = grid.rez("""
        class Jumper(Script):
            def on_start(self):
                try:
                    self.object.position = Vector(-5, 20, 5)
                except ScriptError as error:
                    self.say(str(error))
    """)
    assert "there is no region at Vector(-5, 20, 5)" in grid["west"].said[0]
    assert Vector(50, 50, 0) == grid.object(box).position


@pytest.mark.parametrize("moment", range(1, 30, 3))
def test_a_crash_at_any_moment_loses_and_repeats_nothing(grid: Grid, moment: int) -> None:
    """Either region may die around a crossing: the numbers go on from the last commit, in one place."""
    box = grid.rez(COUNTER, position=(90, 50, 0), velocity=(100, 0, 0))
    grid.tick(moment)
    for one in grid.regions.values():
        one.crash()
    grid.run(1.0)
    assert None is grid.fails(box)
    assert 1 <= len(grid.state(box)["arrivals"])
    assert [box] == [id for one in grid.regions.values() for id in one.region.objects]


def test_a_region_that_was_away_goes_on_where_it_was(grid: Grid) -> None:
    """Time stands still while it is away; scripts are told for how long it was."""
    box = grid.rez(
        """
        class Sleeper(Script):
            def on_start(self):
                self.sleep(0.5)
                self.say(f"awake after {self.elapsed_s:.1f}")
            def on_region_start(self, away_s):
                self.say(f"away for {away_s:.0f}")
        """,
        velocity=(10, 0, 0),
    )
    grid.run(0.2)
    x = grid.object(box).position.x
    grid.now_us += 60_000_000
    grid["west"].crash(away_us=60_000_000)
    grid.tick()
    assert abs(grid.object(box).position.x - x) <= 10 * 0.25
    grid.run(0.6)
    assert ["awake after 0.5", "away for 60"] == grid["west"].said


def test_two_frames_and_a_generator_cross() -> None:
    """The demo's rocket crosses inside `burn`, called by `compute`, with the generator of digits suspended."""
    grid = Grid("west", "east", edges=997)
    source = (Path(__file__).parents[1] / "examples" / "rocket.py").read_text()
    box = grid.rez(source, name="rocket", position=(90, 50, 0), velocity=(100, 0, 0))
    while box not in grid["east"].region.objects:
        grid.tick()
    (thread,) = [each for each in grid.object(box).scripts[0].threads or () if each.role is Role.SPAWNED]
    compute, burn = thread.microthread.capture()
    assert ("Rocket.compute", "Rocket.burn") == (compute.function, burn.function)
    assert (True, True) == (compute.point.startswith("call:"), burn.point.startswith("loop:"))
    (digits,) = [value for value in compute.locals.values() if isinstance(value, GeneratorType)]
    generator = generator_frame(digits)
    assert generator is not None
    assert ("digits_of_pi", True) == (generator.function, generator.point.startswith("yield:"))
    assert {"q", "r", "t", "k", "n", "m"} <= set(generator.locals)
    (arrived,) = [each for outputs in grid["east"].outputs for each in outputs.arrived]
    assert (box, 2, 2) == (arrived.object, arrived.gen, arrived.frames)


def test_a_journey_ends_by_a_change_of_course(grid: Grid) -> None:
    """To set the velocity on the way is to give the journey up."""
    box = grid.rez("""
        class Walker(Script):
            def on_start(self):
                self.object.move_to(Vector(60, 50, 0), 1.0)
                self.sleep(0.5)
                self.object.velocity = Vector()
                self.object.move_to(Vector(60, 50, 0), 0)
            def on_moving_end(self):
                self.say(f"{self.elapsed_s:.2f}")
    """)
    grid.run(2.0)
    assert ["0.50"] == grid["west"].said
    assert Vector(60, 50, 0) == grid.object(box).position


def test_what_was_put_into_another_region_gets_there_after_a_crash() -> None:
    """To the very place, though it waited for an answer when its region ended."""
    grid = Grid("west", "east")
    box = grid.rez(name="box")
    grid.down.add("east")
    grid["west"].host.command(MoveObject(box, Vector(130, 20, 3)))
    grid.run(0.1)
    grid["west"].crash()
    grid.down.clear()
    grid.run(5.0)
    assert ("east", Vector(130, 20, 3)) == (grid.region_of(box).name, grid.object(box).position)


def test_what_arrives_is_written_down_as_it_came() -> None:
    """Nothing of it has changed: after a crash it goes on with its times counted from its arrival."""
    grid = Grid("west", "east")
    box = grid.rez(
        """
        class Sleeper(Script):
            def on_start(self):
                self.spawn(self.nap)
            def nap(self):
                self.sleep(10)
                self.log("awake")
        """,
        position=(98, 50, 0),
        velocity=(8, 0, 0),
    )
    grid.run(1.0)
    assert box in grid["east"].region.objects
    assert 0 == grid["east"].region.statistics().captures
    grid["east"].crash()
    grid.run(8.7)
    assert [] == grid["east"].told
    grid.run(1.5)  # a crash sets the region's time back to its last commit
    assert ["awake"] == [text for _, text in grid["east"].told]
