"""The time that a hand-over takes is made up for, without anybody's clock being compared with another's."""

from __future__ import annotations

import msgspec
import pytest

from migrate.errors import BadRecord
from simulator import transit as transit_module
from simulator.checkpoint import capture
from simulator.checkpoint_record import encode_unit, read_unit
from simulator.transit import KEPT_US, MADE_UP_US_MAX, Transit
from tests.regions import FRAME_US, Grid

SLEEPER = """
class Sleeper(Script):
    def on_start(self):
        self.began = self.region.now
        self.sleep(1.0)
        self.slept = self.region.now - self.began
"""
SPEED = 100.0


@pytest.fixture
def grid() -> Grid:
    """Three regions in a row."""
    return Grid("west", "middle", "east")


@pytest.fixture
def transit(grid: Grid) -> Transit:
    """That of a region by itself."""
    return Transit(grid["west"].region._world)


@pytest.mark.parametrize("delay", [0, 3, 20])
def test_an_object_appears_where_it_would_have_been(grid: Grid, delay: int) -> None:
    """Over one border and the next: but for half a round trip each time, which here is half a frame. `delay`: frames
    for which units are under way.
    """
    box = grid.rez(region="east", position=(250, 50, 0), velocity=(-SPEED, 0, 0))
    began_us, x = grid.now_us, grid.object(box).position.x
    crossings = 0
    while grid.now_us < began_us + 2_300_000:
        grid.tick()
        if is_under_way(grid, box):
            crossings += 1
            held, grid.frames = grid.frames, {name: [] for name in grid.frames}
            grid.tick(delay)
            for name, frames in held.items():
                grid.frames[name] += frames
        else:
            late_us = grid.now_us - began_us - (x - grid.object(box).position.x) / SPEED * 1e6
            assert abs(late_us) <= crossings * FRAME_US / 2 + 1
    assert 2 == crossings
    assert box in grid["west"].region.objects


def test_a_change_of_course_keeps_the_moment_of_the_grant(grid: Grid) -> None:
    """The neighbour's answer is about the object, and so is its time."""
    box = grid.rez(region="east", position=(220, 50, 0), velocity=(-SPEED, 0, 0))
    began_us, x = grid.now_us, grid.object(box).position.x
    grid.run(0.14)
    body = grid.object(box)
    assert body.crossing is not None
    assert body.crossing.leaves_soon
    body.world.borders.set_velocity(body, body.velocity)
    grid.run(0.26)
    assert box in grid["middle"].region.objects
    late_us = grid.now_us - began_us - (x - grid.object(box).position.x) / SPEED * 1e6
    assert abs(late_us) <= FRAME_US / 2 + 1


def is_under_way(grid: Grid, box: str) -> bool:
    """Whether no region has it."""
    return all(box not in one.region.objects for one in grid.regions.values())


def test_a_sleep_goes_on_meanwhile(grid: Grid) -> None:
    """Who sleeps for a second wakes a second later, wherever that is."""
    box = grid.rez(SLEEPER, position=(80, 50, 0), velocity=(SPEED, 0, 0))
    grid.run(1.4)
    assert box in grid["east"].region.objects
    assert abs(grid.state(box)["slept"] - 1.0) <= 2 * FRAME_US / 1e6


def test_a_restart_goes_on_from_there(grid: Grid) -> None:
    """What is written down of an arrival counts from the same moment as what runs."""
    box = grid.rez(region="east", position=(220, 50, 0), velocity=(-SPEED, 0, 0))
    grid.run(0.4)
    body = grid.object(box)
    record = read_unit(grid["middle"].store.load()["object", box])
    assert record.fields is not None
    assert body.at_us == record.at_us - record.fields.age_us
    assert body.at_us < body.world.time_us


# --- The estimate ---


def test_what_lies_between_is_how_long_it_was_frozen(grid: Grid, transit: Transit) -> None:
    """Granted, frozen 30 ms after that by the source's clock, here 100 ms after it by ours."""
    transit.granted("west:1", "1")
    grid["west"].region._world.now_us += 100_000
    assert 70_000 == transit.took_us("west:1", 30_000)
    assert 0 == len(transit)


@pytest.mark.parametrize(
    ("passed_us", "frozen_after_us", "took_us"),
    [
        (100_000, None, 0),
        (100_000, 100_001, 0),
        (100_000, 2**64 - 1, 0),
        (MADE_UP_US_MAX + 50_000, 40_000, MADE_UP_US_MAX),
    ],
    ids=["an older source", "a round trip's error", "a lie", "an outage"],
)
def test_what_can_not_be_is_not_made_up_for(
    grid: Grid, transit: Transit, passed_us: int, frozen_after_us: int | None, took_us: int
) -> None:
    """Nobody's motion goes back, nor far ahead."""
    transit.granted("west:1", "1")
    grid["west"].region._world.now_us += passed_us
    assert took_us == transit.took_us("west:1", frozen_after_us)


def test_a_grant_of_before_a_crash_is_not_known(transit: Transit) -> None:
    """Then nothing is made up for."""
    assert 0 == transit.took_us("west:1", 0)


@pytest.mark.parametrize(("number", "took_us"), [("1", 100_000), ("2", 0)])
def test_the_first_grant_of_the_last_offer_counts(
    grid: Grid, transit: Transit, number: str, took_us: int
) -> None:
    """An offer is repeated until an answer is heard: later answers may be given after that."""
    transit.granted("west:1", "1")
    grid["west"].region._world.now_us += 100_000
    transit.granted("west:1", number)
    assert took_us == transit.took_us("west:1", 0)


def test_a_grant_that_asks_for_programs_does_not_count(grid: Grid) -> None:
    """The object can't leave by it."""
    box = grid.rez(SLEEPER, position=(80, 50, 0), velocity=(SPEED, 0, 0))
    transit, programs = grid["middle"].region._crossings._transit, grid["middle"].programs
    program = grid.object(box).scripts[0].program
    noted = []
    while box in grid["west"].region.objects:
        grid.tick()
        noted.append((program in programs, len(transit)))
    assert (False, 1) not in noted
    assert (True, 1) in noted


def test_so_many_grants_are_kept(transit: Transit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest give way: a neighbour may offer what it likes."""
    monkeypatch.setattr(transit_module, "GRANTS_LEN_MAX", 3)
    for number in range(10):
        transit.granted(f"west:{number}", "1")
    assert 3 == len(transit)


def test_grants_that_nobody_uses_are_forgotten(grid: Grid) -> None:
    """By the region's own tick."""
    transit = grid["west"].region._crossings._transit
    transit.granted("west:1", "1")
    grid.run(KEPT_US / 1e6 - 0.1)
    assert 1 == len(transit)
    grid.run(0.2)
    assert 0 == len(transit)


def test_a_record_that_is_kept_says_nothing_of_it(grid: Grid) -> None:
    """Only one that is on its way does."""
    box = grid.rez(position=(80, 50, 0), velocity=(SPEED, 0, 0))
    grid.run(0.4)
    rows = grid["middle"].store.load()
    assert None is read_unit(rows["object", box]).frozen_after_us
    record = read_unit(capture(grid.object(box)))
    with pytest.raises(BadRecord, match=r"`int` >= 0"):
        read_unit(encode_unit(msgspec.structs.replace(record, frozen_after_us=-1)))
