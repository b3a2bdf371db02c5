"""What leaves a region is written anew only if it has changed since it was written down."""

from __future__ import annotations

from typing import Any

import pytest

from scripts_api import Vector
from simulator import crossings
from simulator.checkpoint_renew import renew
from simulator.world.journeys import follow_path
from tests.flying import WITH_GENERATOR, flown
from tests.regions import Grid

SLEEPER = """
class Sleeper(Script):
    touched = 0
    def on_start(self):
        self.spawn(self.rest)
    def rest(self):
        self.sleep(10.0)
    def tick(self):
        self.touched += 1
    def on_touch(self, toucher):
        self.touched += 1
"""
TICKING = SLEEPER.replace("self.spawn(", "self.every(0.08, self.tick); self.spawn(")
SENSES = """
class Senses(Script):
    def on_start(self):
        self.sense_every(60.0, 5.0)
"""


@pytest.fixture
def grid() -> Grid:
    """Two regions side by side; `tests.regions` compares each object that leaves with what it would be written as."""
    return Grid("west", "east")


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of objects that were written anew to be offered, or to leave."""
    found: list[str] = []
    captured = crossings.captured

    def noted(body: Any, *rest: Any) -> Any:
        found.append(body.id)
        return captured(body, *rest)

    monkeypatch.setattr(crossings, "captured", noted)
    return found


def test_who_has_not_changed_is_written_once(grid: Grid, anew: list[str]) -> None:
    """For its offer; when it leaves its heap is there already, and its fields are those of that moment."""
    box = flown(grid, SLEEPER)
    assert [box] == anew
    body = grid.object(box)
    (thread,) = body.scripts[0].threads or ()
    assert thread.deadline_us is not None
    assert 9_500_000 < thread.deadline_us - body.world.time_us < 9_700_000


def test_what_is_written_between_serves_too(grid: Grid, anew: list[str]) -> None:
    """Its timer calls it, and whoever was called is written down in that tick."""
    box = flown(grid, TICKING)
    assert [box] == anew
    assert 5 == grid.state(box)["touched"]


def test_times_among_values_are_those_of_leaving(grid: Grid, anew: list[str]) -> None:
    """How long it is until it senses stands in its heap."""
    box = flown(grid, SENSES)
    assert [box, box] == anew


def test_who_was_touched_is_written_when_it_leaves(grid: Grid, anew: list[str]) -> None:
    """In the frame before, too."""
    box = grid.rez(SLEEPER, position=(80, 50, 0), velocity=(100, 0, 0))
    while box in grid["west"].region.objects:
        grid.touch(box)
        grid.tick(with_scripts=False)
    grid.run(0.1)
    assert [box, box] == anew
    grid.run(10.0)
    assert grid.state(box)["touched"] > 5


def test_who_has_lost_a_timer_is_written_before_it_leaves(grid: Grid) -> None:
    """One that fires once, whose event found no room in the queue: its function is gone."""
    box = flown(
        grid,
        """
class Full(Script):
    def on_start(self):
        self.after(0.2, self.tick)
        self.sleep(10.0)
    def tick(self):
        pass
    def on_touch(self, toucher):
        pass
""",
        lambda box: [grid.touch(box) for _ in range(grid.limits.queue_len_max)],
    )
    assert None is grid.object(box).scripts[0].timers


def test_who_can_not_be_written_does_not_leave_as_it_was(grid: Grid) -> None:
    """It has changed since it was written, and stays where it is with all that it has become."""
    box = grid.rez(
        """
        from threading import Lock
        class Locked(Script):
            touched = 0
            def on_start(self):
                self.sleep(0.05)
            def on_touch(self, toucher):
                self.touched, self.lock = self.touched + 1, Lock()
        """,
        position=(80, 50, 0),
        velocity=(100, 0, 0),
    )
    grid.run(0.1)
    grid.touch(box)
    grid.run(0.4)
    assert box in grid["west"].region.objects
    assert 1 == grid.state(box)["touched"]


def test_a_path_is_written_when_it_leaves(grid: Grid, anew: list[str]) -> None:
    """What remains of a rest is a time."""
    box = grid.rez(position=(80, 50, 0))
    follow_path(grid.object(box), ((Vector(180, 50, 0), 1_000_000, None),), loop=False)
    grid.run(0.5)
    assert box in grid["east"].region.objects
    assert [box, box] == anew


def test_who_was_put_together_anew_is_written_when_it_leaves(grid: Grid, anew: list[str]) -> None:
    """Its generators are others than those that were met when it was written."""
    box = flown(grid, WITH_GENERATOR, lambda box: renew(grid.object(box)))
    assert [box, box] == anew
    assert [] == grid["west"].said


def test_no_generator_is_ended_by_leaving(grid: Grid, anew: list[str]) -> None:
    """They are let go of when the object leaves, without their `finally`; none is kept until then."""
    box = flown(grid, WITH_GENERATOR)
    assert [box, box] == anew
    grid.touch(box)
    grid.tick()
    assert (["2"], []) == (grid["east"].said, grid["west"].said)


def test_a_generator_ends_where_its_script_lets_go_of_it(grid: Grid) -> None:
    """In its slice, also when it is about to leave."""
    box = flown(
        grid,
        """
class Ending(Script):
    def on_start(self):
        self.ended = self.seen = False
        self.numbers = self.count()
        next(self.numbers)
    def count(self):
        try:
            yield 1
        finally:
            self.ended = True
    def on_touch(self, toucher):
        self.numbers = None
        self.seen = self.ended
""",
        grid.touch,
    )
    assert grid.state(box)["seen"]


def test_who_was_refused_keeps_nothing(grid: Grid) -> None:
    """What is kept is kept for as long as it may leave."""
    grid.down.add("east")
    box = grid.rez(SLEEPER, position=(80, 50, 0), velocity=(100, 0, 0))
    grid.run(0.1)
    crossing = grid.object(box).crossing
    assert crossing is not None
    assert crossing.written is not None
    grid.run(6.0)
    crossing = grid.object(box).crossing
    assert crossing is None or crossing.written is None
