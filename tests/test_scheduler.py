"""Deficit round robin over owners, objects and scripts: nobody starves and a flood gains nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from simulator.limits import RegionLimits
from simulator.scheduler import Body, Scheduler, Task
from simulator.statistics import Counts
from simulator.turns import Slicer, give_turns

QUANTUM_US = 1_000


class Box(Body):
    """An object of an owner."""

    id, extras = "west:1", None

    def __init__(self, owner: str) -> None:
        super().__init__()
        self.owner = owner


class Work(Task):
    """A script with so many slices of work left, each of which takes so long."""

    def __init__(self, box: Box, name: str, left: int = 1_000_000, slice_us: int = QUANTUM_US) -> None:
        super().__init__()
        self.body, self.name, self.left, self.slice_us = box, name, left, slice_us
        self.cpu_us = self.slices = self.ran_in = 0

    @property
    def runnable(self) -> bool:
        return self.left > 0

    def turn(self, steps: range, turns: Turns) -> bool | None:
        """Work for a slice."""
        if not self.left:
            return None
        self.left -= 1
        turns.last = self
        return self.runnable


class Turns:
    """So many turns, each as long as who has it takes. `used`: the time that each script had."""

    up = False

    def __init__(self, left: int, charged: Callable[[Work], None] = lambda work: None) -> None:
        self.left, self.charged = left, charged
        self.used: Counter[str] = Counter()
        self.last: Work | None = None

    @property
    def spent(self) -> bool:
        """Whether there are no more."""
        return self.left <= 0

    def turned(self) -> int:
        """One is over."""
        assert self.last is not None
        self.left -= 1
        self.used[self.last.name] += self.last.slice_us
        self.charged(self.last)
        return self.last.slice_us


def run(
    scheduler: Scheduler[Work], slices: int, charged: Callable[[Work], None] = lambda work: None
) -> Counter[str]:
    """Run so many slices and return the time that each script had. `charged`: is told whose slice has ended."""
    turns = Turns(slices, charged)
    world: Any = SimpleNamespace(
        limits=RegionLimits(),
        removing={},
        changed={},
        frame=1,
        ran_in_frame=0,
        counts=Counts(),
        scheduler=scheduler,
    )
    give_turns(world, cast(Slicer, turns), lambda: None, (), None)
    return turns.used


def test_scripts_of_one_object_take_turns() -> None:
    """Equal scripts get equal time."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    box = Box("ada")
    for name in "abc":
        scheduler.wake(Work(box, name))
    assert {"a": 10_000, "b": 10_000, "c": 10_000} == run(scheduler, 30)


def test_time_is_shared_by_owner_first() -> None:
    """An owner with fifty scripts gets no more than one with a single script."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    for index in range(50):
        scheduler.wake(Work(Box("many"), f"many {index}"))
    scheduler.wake(Work(Box("one"), "one"))
    assert 50_000 == run(scheduler, 100)["one"]


def test_time_of_an_owner_is_shared_by_object() -> None:
    """An object with ten scripts gets no more than the owner's other object."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    full, single = Box("ada"), Box("ada")
    for index in range(10):
        scheduler.wake(Work(full, f"full {index}"))
    scheduler.wake(Work(single, "single"))
    assert 50_000 == run(scheduler, 100)["single"]


def test_short_slices_and_long_ones_get_the_same_time() -> None:
    """Who uses a tenth of a slice each time gets ten times as many."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    scheduler.wake(Work(Box("ada"), "short", slice_us=100))
    scheduler.wake(Work(Box("bob"), "long", slice_us=1_000))
    used = run(scheduler, 1_100)
    assert abs(used["short"] - used["long"]) <= 2 * QUANTUM_US


def test_a_debt_is_paid_off() -> None:
    """Who has overrun its slice by far waits until the others have had as much."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    scheduler.wake(Work(Box("ada"), "heavy", slice_us=10 * QUANTUM_US))
    scheduler.wake(Work(Box("bob"), "light"))
    used = run(scheduler, 1_100)
    assert abs(used["heavy"] - used["light"]) <= 11 * QUANTUM_US


def test_nobody_saves_up_while_idle() -> None:
    """Who comes back after a pause gets its turn and no more than that."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    idler = Work(Box("ada"), "idler", left=1, slice_us=10)
    scheduler.wake(idler)
    scheduler.wake(Work(Box("bob"), "busy"))
    run(scheduler, 100)
    idler.left, idler.slice_us = 1_000, QUANTUM_US
    scheduler.wake(idler)
    assert 10_000 == run(scheduler, 20)["idler"]


def test_nothing_is_left_when_all_have_run() -> None:
    """Who is not runnable stands in no ring."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    works = [Work(Box("ada"), str(index), left=3) for index in range(4)]
    for work in works:
        scheduler.wake(work)
        scheduler.wake(work)
    run(scheduler, 100)
    assert (None, 0, [False] * 4) == (
        scheduler.owners.last,
        scheduler.queued,
        [work.after is not None for work in works],
    )


def test_who_is_gone_is_passed_over() -> None:
    """A script that ended while it stood in line is not run."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    gone, here = (Work(Box("ada"), name) for name in ("gone", "here"))
    scheduler.wake(gone)
    scheduler.wake(here)
    gone.left = 0
    assert {"here": 10_000} == run(scheduler, 10)


def test_what_is_done_for_an_object_comes_off_its_share() -> None:
    """Work outside of turns counts like a turn: nine tenths of what this object takes is writing it down."""
    scheduler: Scheduler[Work] = Scheduler(QUANTUM_US)
    written, light = Work(Box("ada"), "written"), Work(Box("bob"), "light")
    for each in (written, light):
        scheduler.wake(each)

    def charged(work: Work) -> None:
        if work is written:
            scheduler.charge(work.body, 9 * QUANTUM_US)

    used = run(scheduler, 1_100, charged)
    assert abs(10 * used["written"] - used["light"]) <= 20 * QUANTUM_US
