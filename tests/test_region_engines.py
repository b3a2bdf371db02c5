"""Engines in a region: what is parked when many wait, and what statistics say of scripts that call deeply."""

from __future__ import annotations

import pytest

from migrate.injector import twins
from simulator.commands import RemoveObject
from simulator.errors import ScriptRefused
from simulator.limits import RegionLimits
from simulator.world import programs
from tests.regions import FRAME_US, Grid, script

SLEEPERS = """
class Sleepers(Script):
    woken = 0
    def on_start(self):
        for n in range(10):
            self.spawn(self.nap, n)
    def nap(self, n):
        kept = [n] * 3
        self.sleep(1 + n / 10)
        self.woken += sum(kept) == 3 * n
"""

DEEP = """
class Deep(Script):
    rounds = 0
    def on_start(self):
        while True:
            self.rounds += self.down(40)
    def down(self, n):
        for _ in range(3):
            pass
        return 1 if n == 0 else self.down(n - 1)
"""


def test_an_idle_script_holds_nothing() -> None:
    """No engine, no frame, no list of them: only its state."""
    grid = Grid("west")
    sleepers = grid.rez(SLEEPERS)
    script = grid.object(sleepers).scripts[0]
    assert (10, None, None) == (len(script.threads or ()), script.ready, script.queue)
    grid.run(3)
    assert 10 == grid.state(sleepers)["woken"]
    assert [None] * 4 == [script.threads, script.ready, script.queue, script.handler]


def test_beyond_a_number_those_that_wait_are_kept_as_frames() -> None:
    """They wake as all others do."""
    grid = Grid("west", limits=RegionLimits(frame_us=FRAME_US, parked_live_max=3))
    sleepers = grid.rez(SLEEPERS)
    assert 7 == grid["west"].region.statistics().spilled
    grid.run(3)
    assert 10 == grid.state(sleepers)["woken"]


WAITERS = """
class Waiters(Script):
    woken = 0
    def on_start(self):
        for _ in range(10):
            self.spawn(self.one)
    def one(self):
        self.wait(Touch)
        self.woken += 1
"""


def test_those_that_wait_for_ever_are_counted_too() -> None:
    """What has ended its waiting, by an event or by being removed, is not."""
    grid = Grid("west", limits=RegionLimits(frame_us=FRAME_US, parked_live_max=13))
    first, second = grid.rez(WAITERS), grid.rez(WAITERS)
    region = grid["west"].region
    assert 7 == region.statistics().spilled
    for _ in range(10):
        grid.touch(first)
        grid.tick()
    assert 10 == grid.state(first)["woken"]
    grid["west"].host.command(RemoveObject(second))
    grid.tick(2)
    grid.rez(WAITERS)
    assert 7 == region.statistics().spilled
    grid["west"].crash()
    grid.rez(WAITERS)
    assert 7 == grid["west"].region.statistics().spilled


def test_a_script_that_calls_deeply_moves_by_itself() -> None:
    """To the native engine, and the statistics show it."""
    grid = Grid("west", edges=400)
    deep = grid.rez(DEEP)
    grid.run(2)
    (script,) = grid["west"].region.script_statistics()
    assert ("native", 1) == (script.engines, script.engine_moves)
    assert 1 == grid["west"].region.statistics().microthreads_native
    assert grid.state(deep)["rounds"] > 0


TOUCHED_DEEPLY = """
class Touched(Script):
    rounds = 0
    def on_touch(self, toucher):
        for _ in range(3):
            self.rounds += self.down(40 if toucher.name == "eve" else 0)
    def down(self, n):
        for _ in range(3):
            pass
        return 1 if n == 0 else self.down(n - 1)
"""


def test_many_short_handlers_that_call_deeply_move_their_script() -> None:
    """What one has shown is known of the next: none of them is long enough to move by itself. After one that is calm
    they begin where they began before.
    """
    grid = Grid("west", edges=100, slices=1)
    box = grid.rez(TOUCHED_DEEPLY)
    shown = []
    for toucher in ["eve"] * 20 + ["bob", "eve"]:
        grid.touch(box, toucher)
        grid.tick()
        (script,) = grid["west"].region.script_statistics()
        grid.tick(8)
        shown.append((script.engines, grid["west"].region.statistics().engine_moves))
    assert [("generator", 0), ("native", 1), ("", 1), ("native", 2)] == [shown[0], *shown[-3:]]
    assert 22 * 3 == grid.state(box)["rounds"]


CHOSEN = """
class Chosen(Script, engine="native"):
    count = 0
    def on_start(self):
        while True:
            self.count += 1
"""


def test_an_author_may_choose_the_engine() -> None:
    """Where Gossamer would have taken the other; it stays, however shallow the calls are, and over a restart."""
    grid = Grid("west", edges=400)
    chosen = grid.rez(CHOSEN)
    grid.run(2)
    (cost,) = grid["west"].region.script_statistics()
    assert ("native", 0) == (cost.engines, cost.engine_moves)
    before = grid.state(chosen)["count"]
    grid["west"].restore()
    grid.run(1)
    (cost,) = grid["west"].region.script_statistics()
    assert "native" == cost.engines
    assert grid.state(chosen)["count"] > before > 0


def test_an_engine_that_there_is_not_is_refused() -> None:
    """The author is told which there are."""
    with pytest.raises(ScriptRefused, match=r"""engine .*'turbo'.*"generator" or "native\""""):
        Grid("west").rez(CHOSEN.replace("native", "turbo"))


def test_a_host_chooses_where_no_author_has() -> None:
    """Its word goes before what would fit, and an author's before that."""
    plain = "from scripts_api import *\nclass Plain(Script): pass\n"
    for wanted in ("native", "generator"):
        known = programs.Programs(engine=wanted)
        assert wanted == known.engine(known.add(plain, "plain.py"))
        assert "native" == known.engine(known.add(f"from scripts_api import *\n{CHOSEN}", "chosen.py"))


def test_functions_known_to_be_brief_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of modules that come and go do not pile up."""
    monkeypatch.setattr(programs, "BRIEF_KEPT_MAX", 3)
    known = programs.Programs()
    program = known.add(
        "from scripts_api import *\nclass Brief(Script):\n    def on_touch(self, t): pass\n", "b.py"
    )
    for _ in range(10):
        assert known.is_brief(program, known.another(program).namespace["Brief"].on_touch)
    assert len(known.brief) <= 3


def test_no_script_pays_for_what_all_of_its_program_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """How they begin is compiled when the program comes, and not in the turn of the first."""
    known = programs.Programs()
    known.add(script(SLEEPERS.replace("Sleepers", "Ready")), "ready.py")
    (kind,) = known._kinds.values()
    monkeypatch.setattr(twins, "make_twin", None)
    assert kind.on_start is not twins.twin(kind.on_start)
