"""Scripts that do what they should not: each meets a limit with a clear error, and no one else notices."""

from __future__ import annotations

import re

import pytest

from simulator.commands import KillScripts
from tests.regions import Grid

BYSTANDER = """
class Bystander(Script):
    count = 0
    def on_start(self):
        while True:
            self.count += 1
"""

ABUSE = {
    "recursion without end": (
        """
        class Deep(Script):
            def on_touch(self, toucher):
                self.down()
            def down(self):
                self.down()
        """,
        r"box.py\", line 6, in .*down[\s\S]*RecursionError: maximum recursion depth exceeded",
    ),
    "a timer of zero seconds": (
        """
        class Timers(Script):
            def on_touch(self, toucher):
                self.every(0)
        """,
        r"line 5, in .*on_touch[\s\S]*ScriptError: every: .*0",
    ),
    "a timer of negative seconds": (
        """
        class Timers(Script):
            def on_touch(self, toucher):
                self.after(-1)
        """,
        r"line 5, in .*on_touch[\s\S]*ScriptError: after: .*-1",
    ),
    "more timers than a script may have": (
        """
        class Timers(Script):
            def on_touch(self, toucher):
                for _ in range(100):
                    self.every(10)
        """,
        r"line 6, in .*on_touch[\s\S]*LimitReached: .*64",
    ),
    "a spawn bomb": (
        """
        class Bomb(Script):
            def on_touch(self, toucher):
                self.spread()
            def spread(self):
                while True:
                    self.spawn(self.spread)
        """,
        r"line 8, in .*spread[\s\S]*LimitReached: .*64",
    ),
    "an error in every handler": (
        """
        class Broken(Script):
            def on_touch(self, toucher):
                raise ValueError(toucher.name)
        """,
        r"line 5, in .*on_touch[\s\S]*ValueError: eve",
    ),
    "endless growth": (
        """
        class Hoarder(Script):
            kept = ""
            def on_touch(self, toucher):
                while True:
                    self.kept += "x" * 1000
        """,
        r"MemoryError: .*at most 131072",
    ),
}


@pytest.mark.parametrize("name", ABUSE)
def test_it_meets_a_limit_at_its_own_line(name: str) -> None:
    """The author is told where; a bystander runs on as if alone."""
    source, message = ABUSE[name]
    grid = Grid("west", edges=200, slices=20)
    bystander, bad = grid.rez(BYSTANDER, owner="honest"), grid.rez(source, owner="bad")
    for _ in range(3):
        grid.touch(bad)
    grid.run(2)
    before = grid.state(bystander)["count"]
    grid.run(1)
    error = grid.fails(bad)
    assert error is not None
    assert re.search(message, error), error
    assert grid.state(bystander)["count"] - before >= 0.9 * 200 * 20 * 50


CATCHES = """
class Catches(Script):
    rounds = 0
    def on_start(self):
        while True:
            try:
                while True:
                    self.rounds += 1
            except BaseException:
                self.rounds = -1
            finally:
                self.rounds = -2
"""


def test_what_catches_everything_catches_neither_its_preemption_nor_its_end() -> None:
    """It is preempted like any other, and a kill runs none of its handlers."""
    grid = Grid("west")
    bystander, catches = grid.rez(BYSTANDER, owner="honest"), grid.rez(CATCHES, owner="bad")
    grid.run(1)
    rounds, count = grid.state(catches)["rounds"], grid.state(bystander)["count"]
    assert rounds > 0
    assert 0.8 < rounds / count < 1.25
    grid.region_of(catches).host.command(KillScripts(catches))
    grid.tick()
    rounds = grid.state(catches)["rounds"]
    grid.run(1)
    assert rounds == grid.state(catches)["rounds"] > 0


CANCELS = """
class Cancels(Script):
    done = 0
    def on_touch(self, toucher):
        for _ in range(20000):
            self.after(1000).cancel()
            self.done += 1
"""


def test_timers_that_are_cancelled_leave_nothing() -> None:
    """However many there were: the clockwork forgets them long before they would fire."""
    grid = Grid("west", edges=2_000)
    cancels = grid.rez(CANCELS)
    grid.touch(cancels)
    grid.run(2)
    clockwork = grid["west"].region._world.clockwork
    assert 20_000 == grid.state(cancels)["done"]
    assert 0 == len(clockwork)
    assert sum(map(len, clockwork._buckets.values())) < 2_000
