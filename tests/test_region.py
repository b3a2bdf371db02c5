"""The region kernel: events, microthreads, timers, queues and everything that can become of a script."""

from __future__ import annotations

from dataclasses import fields

import pytest

from simulator.commands import KillScripts, PauseScripts, RemoveObject, ResetScripts, ResumeScripts
from simulator.limits import RegionLimits
from simulator.statistics import Counts, RegionStatistics
from simulator.world.linksets import link
from tests.regions import FRAME_US, Grid


@pytest.fixture
def alone() -> Grid:
    """One region that is left alone."""
    return Grid("west")


@pytest.fixture(params=["left alone", "restored behind every slice"])
def grid(request: pytest.FixtureRequest) -> Grid:
    """One region; all of it is dropped and restored behind every slice, or not at all."""
    if request.param == "left alone":
        return Grid("west")
    return Grid("west", edges=1_000, slices=1, everywhere=True)


def test_a_script_starts_and_speaks(grid: Grid) -> None:
    """A script's on_start runs, and what it says comes out after the commit."""
    grid.rez("""
        class Greeter(Script):
            def on_start(self):
                self.say(f"I am {self.object.name}")
    """)
    assert ["I am box"] == grid["west"].said


def test_start_comes_before_rez_with_its_parameter(grid: Grid) -> None:
    """on_start first, then on_rez with the parameter."""
    grid.rez(
        """
        class Box(Script):
            def on_start(self):
                self.say("start")
            def on_rez(self, param):
                self.say(f"rez {param}")
        """,
        param={"n": 1},
    )
    assert ["start", "rez {'n': 1}"] == grid["west"].said


def test_a_loop_without_end_is_preempted_and_goes_on(alone: Grid) -> None:
    """A script that never stops gets its slices and nothing else; a second one runs beside it."""
    one = alone.rez("""
        class Endless(Script):
            count = 0
            def on_start(self):
                while True:
                    self.count += 1
    """)
    two = alone.rez("""
        class Endless(Script):
            count = 0
            def on_start(self):
                while True:
                    self.count += 2
    """)
    before = alone.state(one)["count"], alone.state(two)["count"]
    alone.tick()
    after = alone.state(one)["count"], alone.state(two)["count"]
    assert (10 * alone.edges, 20 * alone.edges) == (after[0] - before[0], after[1] - before[1])


def test_handlers_do_not_interrupt_each_other(grid: Grid) -> None:
    """While a handler waits, other events of the script queue."""
    box = grid.rez("""
        class Slow(Script):
            def on_touch(self, toucher):
                self.say(f"{toucher.name} in")
                self.sleep(0.1)
                self.say(f"{toucher.name} out")
    """)
    grid.touch(box, "eve")
    grid.touch(box, "bob")
    grid.run(0.5)
    assert ["eve in", "eve out", "bob in", "bob out"] == grid["west"].said


def test_sleep_takes_as_long_as_it_says(grid: Grid) -> None:
    """A sleeper wakes in the first frame at or behind its time, and not before."""
    grid.rez("""
        class Sleeper(Script):
            def on_start(self):
                self.sleep(0.1)
                self.say("awake")
    """)
    grid.run(0.1 - FRAME_US / 1e6)
    assert [] == grid["west"].said
    grid.tick()
    assert ["awake"] == grid["west"].said


def test_spawned_microthreads_run_beside_the_handler(grid: Grid) -> None:
    """A script that computes answers in another microthread."""
    box = grid.rez("""
        class Busy(Script):
            count = 0
            def on_start(self):
                self.spawn(self.work, 3)
            def work(self, step):
                while True:
                    self.count += step
            def on_touch(self, toucher):
                self.say(f"{toucher.name}: {self.count > 0}")
    """)
    grid.tick(3)
    grid.touch(box)
    grid.tick(3)
    assert ["eve: True"] == grid["west"].said


def test_wait_returns_the_next_event_of_its_kind(grid: Grid) -> None:
    """Straight-line code that waits gets the event instead of the handler; others queue."""
    box = grid.rez("""
        class Straight(Script):
            def on_start(self):
                self.say("waiting")
                touch = self.wait(Touch)
                self.say(f"got {touch.toucher.name}")
                self.say(repr(self.wait(Heard, timeout_s=0.1)))
            def on_touch(self, toucher):
                self.say(f"handled {toucher.name}")
    """)
    grid.touch(box, "eve")
    grid.touch(box, "bob")
    grid.run(0.5)
    assert ["waiting", "got eve", "None", "handled bob"] == grid["west"].said


def test_timers_keep_their_cadence_and_never_burst(grid: Grid) -> None:
    """A timer fires at its interval; what it misses while the script is busy is not made up for."""
    box = grid.rez("""
        class Clock(Script):
            ticks = ()
            def on_start(self):
                self.ticks = []
                self.every(0.1, self.tick)
            def tick(self):
                self.ticks.append(round(self.elapsed_s, 2))
                if len(self.ticks) == 2:
                    self.sleep(0.35)
    """)
    grid.run(0.85)
    assert [0.1, 0.2, 0.56, 0.6, 0.7, 0.8] == grid.state(box)["ticks"]


def test_after_fires_once_and_can_be_cancelled(grid: Grid) -> None:
    """`after` calls once; a cancelled timer never calls, not even from the queue."""
    box = grid.rez("""
        class Once(Script):
            def on_start(self):
                self.after(0.05, self.ring)
                self.other = self.after(0.05)
                self.sleep(0.1)
                self.other.cancel()
            def ring(self):
                self.say("ring")
            def on_timer(self, timer):
                self.say("never")
    """)
    grid.run(0.5)
    assert ["ring"] == grid["west"].said
    assert not grid.state(box)["other"].active


def test_events_come_after_one_that_was_taken_back(alone: Grid) -> None:
    """A timer's event that a busy handler has taken out of the queue leaves it open for the next."""
    box = alone.rez(
        """
        class Busy(Script):
            def on_start(self):
                self.touches = 0
                timer = self.every(0.1)
                self.sleep(1.0)
                timer.cancel()
                self.sleep(1.0)
            def on_timer(self, timer):
                self.touches -= 10
            def on_touch(self, toucher):
                self.touches += 1
        """
    )
    alone.run(1.5)
    alone.touch(box)
    alone.touch(box)
    alone.run(1.0)
    assert 2 == alone.state(box)["touches"]


def test_a_timer_without_function_calls_on_timer(grid: Grid) -> None:
    """on_timer is given the timer."""
    grid.rez("""
        class Clock(Script):
            def on_start(self):
                self.mine = self.after(0.05)
            def on_timer(self, timer):
                self.say(str(timer == self.mine))
    """)
    grid.run(0.2)
    assert ["True"] == grid["west"].said


def test_too_many_events_are_dropped_counted_and_told(alone: Grid) -> None:
    """A queue holds 64; on_overflow says how many were dropped."""
    box = alone.rez("""
        class Slow(Script):
            touches = 0
            def on_start(self):
                self.sleep(0.1)
            def on_touch(self, toucher):
                self.touches += 1
            def on_overflow(self, dropped):
                self.say(f"{dropped} dropped")
    """)
    for _ in range(70):
        alone.touch(box)
    alone.run(0.3)
    assert (64, ["6 dropped"]) == (alone.state(box)["touches"], alone["west"].said)
    assert 6 == alone["west"].region.statistics().events_dropped


def test_an_error_stops_the_script_and_shows_its_line(grid: Grid) -> None:
    """The author is told file, line and caret; state is kept; the region goes on."""
    box = grid.rez("""
        class Faulty(Script):
            count = 0
            def on_start(self):
                self.count = 7
                self.divide(0)
            def divide(self, by):
                return 1 / by
    """)
    ((what, text),) = grid["west"].told
    assert "script failed" == what
    assert 'File "box.py", line 9, in divide' in text
    assert "return 1 / by" in text
    assert text.endswith("ZeroDivisionError: division by zero")
    assert 7 == grid.state(box)["count"]
    grid.rez("""
        class Fine(Script):
            def on_start(self):
                self.say("fine")
    """)
    assert ["fine"] == grid["west"].said


def test_reset_begins_anew(grid: Grid) -> None:
    """Own state goes back to its defaults, timers and queue are empty, the store stays."""
    box = grid.rez("""
        class Again(Script):
            count = 0
            def on_start(self):
                self.say(f"start {self.count} {self.object.store.get('runs', 0)}")
                self.every(0.05, self.tick)
            def tick(self):
                self.count += 1
            def on_touch(self, toucher):
                self.object.store["runs"] = 1
                self.reset()
                self.say("never said")
    """)
    grid.run(0.3)
    grid.touch(box)
    grid.tick(3)
    assert ["start 0 0", "start 0 1"] == grid["west"].said
    assert 1 == len(grid.object(box).scripts[0].timers or ())


def test_a_failed_script_can_be_reset(grid: Grid) -> None:
    """After a reset from outside it runs again."""
    box = grid.rez("""
        class Once(Script):
            def on_start(self):
                if "tried" in self.object.store:
                    self.say("well")
                else:
                    self.object.store["tried"] = True
                    raise ValueError("first time")
    """)
    grid["west"].host.command(ResetScripts(box))
    grid.tick(2)
    assert ["well"] == grid["west"].said


def test_states_have_handlers_of_their_own(grid: Grid) -> None:
    """become unwinds the handler, runs on_exit of the old and on_enter of the new state."""
    box = grid.rez("""
        class Door(Script):
            def on_start(self):
                self.become(Closed)
        class Closed(Door):
            def on_enter(self):
                self.say("closed")
            def on_touch(self, toucher):
                self.become(Open)
                self.say("never said")
            def on_exit(self):
                self.say("creak")
        class Open(Door):
            def on_enter(self):
                self.say("open")
            def on_touch(self, toucher):
                self.become(Closed)
    """)
    grid.touch(box)
    grid.tick(3)
    grid.touch(box)
    grid.tick(3)
    assert ["closed", "creak", "open", "closed"] == grid["west"].said


def test_a_state_must_be_one_of_the_script(grid: Grid) -> None:
    """A class that is not derived from the script's own is no state of it."""
    grid.rez("""
        class Box(Script):
            def on_start(self):
                try:
                    self.become(Script)
                except ScriptError as error:
                    self.say(str(error))
    """)
    assert "must be a class derived from this script's class" in grid["west"].said[0]


def test_a_stopped_script_takes_no_events(grid: Grid) -> None:
    """stop ends everything but the state."""
    box = grid.rez("""
        class Quiet(Script):
            def on_start(self):
                self.stop()
            def on_touch(self, toucher):
                self.say("never said")
    """)
    grid.touch(box)
    grid.tick(2)
    assert [] == grid["west"].said


def test_a_paused_script_keeps_everything(grid: Grid) -> None:
    """Paused in the middle of a loop, it goes on there; events of the meantime are handled."""
    box = grid.rez("""
        class Endless(Script):
            count = 0
            def on_start(self):
                self.spawn(self.work)
            def work(self):
                while True:
                    self.count += 1
            def on_touch(self, toucher):
                self.say("touched")
    """)
    grid["west"].host.command(PauseScripts(box))
    grid.tick()
    before = grid.state(box)["count"]
    grid.touch(box)
    grid.tick(5)
    assert (before, []) == (grid.state(box)["count"], grid["west"].said)
    grid["west"].host.command(ResumeScripts(box))
    grid.tick(4)
    assert ["touched"] == grid["west"].said
    assert grid.state(box)["count"] > before


def test_kill_ends_a_script_that_catches_everything(grid: Grid) -> None:
    """No except and no finally of a killed script runs."""
    box = grid.rez("""
        class Stubborn(Script):
            def on_start(self):
                try:
                    while True:
                        pass
                except BaseException:
                    self.say("caught")
                finally:
                    self.say("finally")
    """)
    grid["west"].host.command(KillScripts(box))
    grid.tick(3)
    assert ([], 0) == (grid["west"].said, grid["west"].region.statistics().scripts_runnable)


def test_die_removes_the_object(grid: Grid) -> None:
    """The object is gone, and its row too."""
    grid.rez("""
        class Moth(Script):
            def on_start(self):
                self.sleep(0.05)
                self.die()
    """)
    grid.run(0.2)
    assert {} == grid["west"].region.objects
    assert [] == [key for kind, key in grid["west"].store.load() if kind == "object"]


def test_an_object_can_be_removed_from_outside(grid: Grid) -> None:
    """Whatever its script is doing."""
    box = grid.rez("""
        class Endless(Script):
            def on_start(self):
                while True:
                    pass
    """)
    grid["west"].host.command(RemoveObject(box))
    grid.tick(2)
    assert {} == grid["west"].region.objects


def test_a_spawn_bomb_meets_a_limit(grid: Grid) -> None:
    """The script gets an error at its own line."""
    box = grid.rez("""
        class Bomb(Script):
            def on_start(self):
                while True:
                    self.spawn(self.on_start)
    """)
    grid.tick(20)
    assert "LimitReached: spawn: the script has 64 microthreads" in (grid.fails(box) or "")


def test_a_script_that_keeps_too_much_is_ended(grid: Grid) -> None:
    """Memory is what the script can reach; the author is told how much it was."""
    box = grid.rez("""
        class Hoarder(Script):
            def on_start(self):
                kept = []
                self.say(str(0 < self.memory.limit_bytes))
                while True:
                    kept.append(len(kept) * 10**9)
                    self.sleep(0.001)
                    if len(kept) == 100:
                        kept.extend(range(10**15, 10**15 + 60_000))
    """)
    grid.tick(200)
    report = grid.fails(box) or ""
    assert "MemoryError: Hoarder (box.py) keeps " in report
    assert "at most 131072 are allowed" in report
    assert "bytes, is local 'kept' in Hoarder.on_start, line 9. Keep less" in report


@pytest.mark.parametrize(
    ("kept", "size"),
    [
        ("'x' * 10_000_000", "more than 6291456 bytes"),
        ("[0] * 5_000_000; self.lock = Lock()", "more than 6291456 bytes"),
        ("'x' * 400_000; self.lock = Lock()", "400027 bytes"),
        ("[{} for _ in range(600_000)]", "more than 6291456 bytes"),
        ("[0] * 1_000_000", "2002415 bytes"),
    ],
)
def test_however_much_it_keeps_a_script_is_ended(kept: str, size: str) -> None:
    """More than can be written is not less than what may be kept."""
    grid = Grid("west", edges=1_000_000)
    box = grid.rez(f"""
        from threading import Lock
        class Hoarder(Script):
            def on_touch(self, toucher):
                self.kept = {kept}
    """)
    grid.touch(box)
    grid.tick()
    report = grid.fails(box) or ""
    assert f"MemoryError: Hoarder (box.py) keeps {size}, as it would be written down" in report
    assert "is self.kept. Keep less" in report


def test_a_script_that_is_pinned_is_ended_for_what_it_keeps_in_attributes() -> None:
    """What its microthreads keep can't be looked at now."""
    grid = Grid("west")
    box = grid.rez("""
        class Hoarder(Script, engine="native"):
            def on_start(self):
                self.kept = "x" * 400_000
                sorted([2, 1], key=self.key)
            def key(self, value):
                self.sleep(100)
    """)
    grid.tick()
    assert "The largest part, 400027 bytes, is self.kept." in (grid.fails(box) or "")


def test_recursion_is_named_where_it_is_what_takes_the_memory() -> None:
    """No variable is large: it is the calls themselves."""
    grid = Grid(
        "west", edges=200, limits=RegionLimits(frame_us=FRAME_US, memory_bytes_max=20_000, store_bytes_max=0)
    )
    box = grid.rez("""
        class Deep(Script):
            def on_start(self):
                self.down()
            def down(self):
                self.down()
    """)
    grid.tick()
    assert "is what its " in (grid.fails(box) or "")
    assert "calls need that wait for each other" in (grid.fails(box) or "")


def test_who_keeps_little_beside_one_who_keeps_too_much_runs_on() -> None:
    """Only the script that is too large is ended, also where another of the linkset can't be written at all."""
    grid = Grid("west", edges=1_000_000)
    keeps = """
        from threading import Lock
        class Keeps(Script):
            def on_touch(self, toucher):
                self.kept = {}
    """
    large, little = grid.rez(keeps.format("'x' * 10_000_000")), grid.rez(keeps.format("Lock()"))
    link(grid.object(large), grid.object(little).ref)
    for each in (large, little):
        grid.touch(each)
    grid.tick()
    assert "MemoryError" in (grid.fails(large) or "")
    assert grid.fails(little) is None


@pytest.mark.parametrize("call", ["say", "log"])
def test_who_talks_too_much_meets_a_limit(call: str, grid: Grid) -> None:
    """100 lines at once, and 20 a second in the long run."""
    box = grid.rez(f"""
        class Chatter(Script):
            lines = 0
            def on_start(self):
                while True:
                    try:
                        self.{call}("blah")
                        self.lines += 1
                    except LimitReached:
                        self.sleep(0.02)
    """)
    grid.run(2.0)
    assert 120 <= grid.state(box)["lines"] <= 141


def test_a_script_that_runs_too_long_without_an_edge_is_ended() -> None:
    """Work that nothing could interrupt ends the script, and says where."""
    grid = Grid("west", limits=RegionLimits(uninterruptible_us_max=500))
    box = grid.rez("""
        class Heavy(Script):
            def on_start(self):
                self.work()
            def work(self):
                self.sleep(1)
    """)
    assert "work worked for 1 ms without reaching a loop edge" in (grid.fails(box) or "")


def test_the_same_inputs_give_the_same_rows() -> None:
    """Two runs of one story write the same bytes."""

    def story() -> list[object]:
        grid = Grid("west")
        box = grid.rez("""
            class Chancy(Script):
                seen = ()
                def on_start(self):
                    self.seen = []
                    while True:
                        self.seen.append(self.random())
                        self.sleep(0.02 * self.random())
        """)
        grid.touch(box)
        grid.tick(10)
        return [sorted(outputs.rows.items()) for outputs in grid["west"].outputs]

    assert story() == story()


def test_only_what_changed_is_written(alone: Grid) -> None:
    """An object that just flies, or sleeps, is not written down again."""
    alone.rez(velocity=(1.0, 0.0, 0.0))
    alone.rez("""
        class Sleeper(Script):
            def on_start(self):
                self.sleep(100)
    """)
    alone.tick(10)
    written = [key for outputs in alone["west"].outputs[-5:] for key in outputs.rows]
    assert [] == [key for kind, key in written if kind == "object"]


def test_a_count_is_a_name_that_there_is() -> None:
    """A mistyped one fails where it stands, and every one is among the statistics."""
    counts = Counts()
    with pytest.raises(AttributeError):
        counts.event_dropped += 1  # type: ignore[attr-defined]  # mistyped, as it may happen
    assert set() == {each.name for each in fields(Counts)} - {each.name for each in fields(RegionStatistics)}


def test_statistics_say_how_crowded_a_region_is() -> None:
    """With forty endless scripts and ten slices in a frame, a quarter of them run in each."""
    grid = Grid("west", slices=10)
    for _ in range(40):
        grid.rez("""
            class Endless(Script):
                def on_start(self):
                    while True:
                        pass
        """)
    grid.tick(100)
    statistics = grid["west"].region.statistics()
    assert (25, 40, 40) == (
        statistics.share_of_scripts_run_percent,
        statistics.scripts_runnable,
        statistics.microthreads,
    )
    costs = grid["west"].region.script_statistics()
    assert 40 == len(costs)
    assert [cost.cpu_us for cost in costs] == sorted((cost.cpu_us for cost in costs), reverse=True)
