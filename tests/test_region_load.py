"""What a script that floods, spins or swarms can do to the others: take its own share, and nothing else."""

from __future__ import annotations

import pytest

from scripts_api import Vector
from simulator.commands import MoveObject, PauseScripts
from simulator.scheduler import Body, Scheduler
from simulator.slicer import CountedSlicer
from tests.regions import FRAME_US, Grid

SLICES = 50 * 20
"""In a second: of twenty in each frame."""

HONEST = """
class Honest(Script):
    count = 0
    def on_start(self):
        while True:
            self.count += 1
"""


def honest_count(*bad: str, events: int = 0) -> int:
    """How far an honest script comes in a second beside those of another owner, who take half of it to the end."""
    grid = Grid("west", edges=50, slices=20)
    honest = grid.rez(HONEST, owner="honest")
    others = [grid.rez(source, owner="bad") for source in bad]
    for _ in range(events):
        grid.touch(others[0])
    before, taken = grid.state(honest)["count"], sum(slices(grid, other) for other in others)
    grid.run(1.0)
    count: int = grid.state(honest)["count"] - before
    assert [None] * len(others) == [grid.fails(other) for other in others]
    taken = sum(slices(grid, other) for other in others) - taken
    # Who has died, or does nothing, leaves the honest one more than its share, and nothing would be shown.
    assert not others or 0.45 * SLICES <= taken <= 0.55 * SLICES
    return count


def slices(grid: Grid, box: str) -> int:
    """How many turns an object's script has had."""
    return grid.object(box).scripts[0].slices


def test_who_is_paused_in_line_has_no_turn() -> None:
    """A script that was given an event and then paused stands in line no more, and is charged nothing."""
    grid = Grid("west")
    box = grid.rez("class Touched(Script):\n    def on_touch(self, toucher):\n        pass")
    grid.tick()
    before = slices(grid, box)
    grid.touch(box)
    grid["west"].host.command(PauseScripts(box))
    grid.tick()
    assert (before, False) == (slices(grid, box), grid["west"].region.wants_time)


@pytest.mark.parametrize(
    "bad",
    [
        [HONEST],
        [HONEST] * 20,
        [
            """
            class Swarm(Script):
                def on_start(self):
                    for _ in range(60):
                        self.spawn(self.spin)
                def spin(self):
                    while True:
                        pass
            """
        ],
        [
            """
            class Restless(Script):
                def on_start(self):
                    for _ in range(60):
                        self.every(0.001, self.tick)
                def tick(self):
                    for _ in range(1000):
                        pass
            """
        ],
        [
            """
            class Echo(Script):
                def on_start(self):
                    self.send(self.object.ref, 0)
                def on_message(self, sender, payload):
                    self.send(self.object.ref, payload + 1)
                    for _ in range(1000):
                        pass
            """
        ],
    ],
    ids=["one", "twenty", "microthreads", "timers", "messages"],
)
def test_an_owner_gets_its_share_whatever_another_does(bad: list[str]) -> None:
    """Half of the time, within a tenth."""
    alone = honest_count()
    assert 0.45 * alone <= honest_count(*bad)


def test_a_flood_of_events_costs_its_own_script() -> None:
    """A hundred thousand touches in one frame: 64 wait, the rest is counted, the neighbour keeps its share."""
    spinner = """
    class Touched(Script):
        def on_touch(self, toucher):
            for _ in range(1000):
                pass
    """
    assert 0.45 * honest_count() <= honest_count(spinner, events=100_000)


class LappedSlicer(CountedSlicer):
    """To write an object down takes seven milliseconds."""

    def lap(self) -> int:
        """Return how long it is since the last asking."""
        return 7_000


def test_who_has_run_pays_for_being_written_down() -> None:
    """What it takes comes off the share of its object and owner; who was only changed by others owes nothing."""
    grid = Grid("west", edges=50, slices=1)
    spins, still = grid.rez(HONEST, owner="ada"), grid.rez("class Still(Script):\n    pass", owner="bob")
    grid.run(0.1)
    slicer = LappedSlicer(50, 1)
    slicer.allow(1)
    grid["west"].region.step(grid.now_us + FRAME_US, [MoveObject(still, Vector(1, 1, 1))], slicer)
    assert (True, 0) == (grid.object(spins).deficit_us <= -3_000, grid.object(still).deficit_us)


UNSAVED = """
import threading
class Unsaved(Script):
    def on_start(self):
        self.held = threading.Lock()
        while True:
            pass
"""


class ListedSlicer(CountedSlicer):
    """Each asking takes as long as the list says."""

    def __init__(self, *laps_us: int) -> None:
        super().__init__(50, 10)
        self.allow(1)
        self._laps_us = list(laps_us)

    def lap(self) -> int:
        """Return how long it is since the last asking."""
        return self._laps_us.pop(0)


@pytest.fixture
def charged(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What objects were charged with, by their owners."""
    charged: dict[str, int] = {}

    def charge(scheduler: object, body: Body, used_us: int) -> None:
        charged[body.owner] = used_us

    monkeypatch.setattr(Scheduler, "charge", charge)
    return charged


def test_writing_is_paid_by_the_bytes(charged: dict[str, int]) -> None:
    """Of many that are alike none pays more because the machine was busy while it was written down."""
    grid = Grid("west", edges=50, slices=10)
    for owner in "abcd":
        grid.rez(HONEST, owner=owner)
    grid.run(0.1)
    grid["west"].region.step(grid.now_us + FRAME_US, [], ListedSlicer(99, 1_000))
    assert (["a", "b", "c", "d"], True) == (sorted(charged), set(charged.values()) <= {249, 250})


def test_what_cannot_be_written_pays_for_trying(charged: dict[str, int]) -> None:
    """It has no bytes, and may take long each time."""
    grid = Grid("west", edges=50, slices=10)
    grid.rez(HONEST, owner="ada")
    grid.rez(UNSAVED, owner="bob")
    grid.run(0.1)
    grid["west"].region.step(grid.now_us + FRAME_US, [], ListedSlicer(99, 300, 7_000, 200))
    assert {"ada": 500, "bob": 7_000} == charged
