"""Drafts: an arrival that was prepared is the same arrival, and one that was not is one too."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from migrate.deliveries import Drafted
from migrate.errors import BadRecord
from simulator import drafts as drafts_module
from simulator.checkpoint import capture
from simulator.checkpoint_record import UnitRecord, encode_unit, read_unit
from simulator.checkpoint_restore import members_of, restore_unit
from simulator.drafts import DRAFT_BYTES_MAX, DRAFT_US_MAX, Drafts
from simulator.world.linksets import link
from tests.flying import WITH_GENERATOR, flown
from tests.regions import Grid, script

SLEEPER = """
class Sleeper(Script):
    touched = 0
    def on_start(self):
        self.heap = [f"{n}" for n in range(20)]
        self.shared = self.heap
        self.every(0.3, self.tick)
        self.spawn(self.fly)
    def fly(self):
        here = self.heap
        self.sleep(10.0)
        assert here is self.heap is self.shared
        self.say("awake")
    def tick(self):
        self.ticks = getattr(self, "ticks", 0) + 1
    def on_touch(self, toucher):
        self.touched += 1
"""
BUSY = """
class Busy(Script):
    count = 0
    def on_start(self):
        while True:
            self.count += 1
"""


@pytest.fixture
def grid() -> Grid:
    """Two regions side by side."""
    return Grid("west", "east")


def used(grid: Grid, region: str = "east") -> tuple[int, int]:
    """How many units have arrived, and how many of them as they were drafted."""
    statistics = grid[region].region.statistics()
    return statistics.arrived, statistics.drafts_used


def deliveries_of(grid: Grid, region: str = "east") -> list[type]:
    """The kinds of all that is delivered to a region from now on."""
    found: list[type] = []
    take = grid[region].region._crossings.take

    def noting(delivery: object) -> bool:
        found.append(type(delivery))
        return take(delivery)

    grid[region].region._crossings.take = noting  # type: ignore[method-assign]  # listened to
    return found


def test_who_sleeps_is_put_together_before_it_comes(grid: Grid) -> None:
    """And goes on as if nothing had been prepared: what it shares, its sleep, its timers, its place."""
    box = flown(grid, SLEEPER)
    assert (1, 1) == used(grid)
    assert 100 < grid.object(box).position.x <= 122
    grid.run(0.4)
    assert {"touched": 0, "ticks": 2} == {name: grid.state(box)[name] for name in ("touched", "ticks")}
    grid.touch(box)
    grid.run(10.0)
    assert (1, ["awake"]) == (grid.state(box)["touched"], grid["east"].said)
    assert None is grid.fails(box)


def test_who_runs_on_is_offered_without_a_draft(grid: Grid) -> None:
    """It would be another before it comes."""
    offered = deliveries_of(grid)
    flown(grid, BUSY)
    assert (1, 0) == used(grid)
    assert Drafted not in offered
    assert len(offered) >= 2


def test_who_is_large_is_offered_without_a_draft(grid: Grid) -> None:
    """It would be sent twice."""
    offered = deliveries_of(grid)
    flown(grid, SLEEPER.replace("range(20)", "range(12_000)"))
    assert (1, 0) == used(grid)
    assert Drafted not in offered


def test_who_has_run_since_is_read_when_it_comes(grid: Grid) -> None:
    """What it did in between is not lost."""
    box = flown(grid, SLEEPER, grid.touch)
    assert (1, 0) == used(grid)
    assert 1 == grid.state(box)["touched"]


def test_a_draft_that_was_lost_is_not_missed(grid: Grid) -> None:
    """Nor does a crash in between matter."""
    grid.rez(SLEEPER, region="east")  # so that its program is in the store
    box = flown(grid, SLEEPER, lambda box: grid["east"].crash())
    assert (1, 0) == used(grid)
    assert 0 == grid.state(box)["touched"]


def test_whose_program_is_not_there_yet_comes_unprepared(grid: Grid) -> None:
    """Its source is asked for, and the unit read when it comes."""
    box = grid.rez(SLEEPER, position=(80, 50, 0), velocity=(100, 0, 0))
    grid.run(0.4)
    assert (1, 0) == used(grid)
    assert 0 == grid.state(box)["touched"]


def test_a_linkset_is_prepared_as_a_whole(grid: Grid) -> None:
    """If one of its scripts has run since, all of it is read when it comes: they may share what reading takes."""
    grid["east"].programs.add(script(SLEEPER), "box.py")
    for touched, expected in ((False, (1, 1)), (True, (2, 1))):
        root = grid.rez(SLEEPER, position=(80, 50, 0))
        part = grid.rez(SLEEPER, position=(80, 50, 1))
        link(grid.object(root), grid.object(part).ref)
        body = grid.object(root)
        body.world.borders.set_velocity(body, type(body.velocity)(100.0, 0.0, 0.0))
        grid.run(0.1)
        if touched:
            grid.touch(part)
        grid.run(0.3)
        assert [part] == [each.id for each in grid.object(root).parts]
        assert (expected, int(touched)) == (used(grid), grid.state(part)["touched"])


def test_generators_are_left_for_the_unit(grid: Grid) -> None:
    """A draft that is let go of must not run what stands in their `finally`."""
    box = flown(grid, WITH_GENERATOR)
    assert (1, 0) == used(grid)
    grid.touch(box)
    grid.tick()
    assert ["2"] == grid["east"].said
    assert [] == grid["west"].said


# --- By themselves ---


@pytest.fixture
def sleeper(grid: Grid) -> str:
    """An object that sleeps."""
    box = grid.rez(SLEEPER, region="west")
    grid.tick(2)
    return box


def opened(grid: Grid, *units: bytes) -> Drafts:
    """Drafts of these units."""
    drafts = Drafts(grid["west"].region._world)
    for unit in units:
        drafts.open(read_unit(unit).object, unit)
    return drafts


def changed(unit: bytes, **fields: Any) -> bytes:
    """The same with something else in its record."""
    return encode_unit(msgspec.structs.replace(read_unit(unit), **fields))


def test_a_draft_serves_once(grid: Grid, sleeper: str) -> None:
    """What it has put together belongs to one object."""
    unit = capture(grid.object(sleeper))
    drafts = opened(grid, unit)
    world = grid["west"].region._world
    bodies = [restore_unit(sleeper, unit, world, drafts=drafts)[0] for _ in range(2)]
    assert 1 == world.counts.drafts_used
    assert bodies[0].scripts[0].instance is not bodies[1].scripts[0].instance
    assert (0, 0) == (len(drafts), drafts.bytes)


def test_a_prepared_unit_is_what_an_unprepared_one_is(grid: Grid, sleeper: str) -> None:
    """Field by field and value by value: written down again, it is the record that came, not the one of the draft."""
    draft = capture(grid.object(sleeper))
    grid.run(0.1)
    unit = capture(grid.object(sleeper))
    assert draft != unit
    world = grid["west"].region._world
    prepared, plain = (
        restore_unit(sleeper, unit, world, drafts=each)[0] for each in (opened(grid, draft), None)
    )
    assert 1 == world.counts.drafts_used
    assert capture(prepared) == capture(plain)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "else"},
        {"owner": "eve"},
        {"carried": ("0" * 32,)},
        {"heap": b""},
        {"programs": ()},
        {"version": 2},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_draft_of_something_else_is_not_used(grid: Grid, sleeper: str, other: dict[str, Any]) -> None:
    """Whatever its values hang on is compared."""
    unit = capture(grid.object(sleeper))
    assert opened(grid, unit).take([read_unit(changed(unit, **other))]) is None


def test_a_draft_of_a_linkset_with_another_part_is_not_used(grid: Grid, sleeper: str) -> None:
    """Even if all else of that is the same."""
    part = grid.rez(SLEEPER, region="west")
    grid.tick(2)
    link(grid.object(sleeper), grid.object(part).ref)
    unit = capture(grid.object(sleeper))
    (data,) = read_unit(unit).parts
    other = changed(unit, parts=(changed(data, object="west:77"),))
    drafts = opened(grid, unit)
    assert drafts.take(members_of(read_unit(other))) is None
    assert opened(grid, unit).take(members_of(read_unit(unit))) is not None


def test_fields_are_looked_at_when_they_come(grid: Grid, sleeper: str) -> None:
    """The draft's being right says nothing of the unit's."""
    unit, world = capture(grid.object(sleeper)), grid["west"].region._world
    record: UnitRecord = read_unit(unit)
    (fields,) = record.scripts
    wrong = [
        {"fields": None},
        {"scripts": ()},
        {"scripts": (msgspec.structs.replace(fields, ready=(0,)),)},
        {"scripts": (msgspec.structs.replace(fields, threads=()),)},
    ]
    for each in wrong:
        with pytest.raises(BadRecord, match=r"fields|ready|microthreads"):
            restore_unit(sleeper, changed(unit, **each), world, drafts=opened(grid, unit))


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x80" * 100], ids=["empty", "text", "bytes"])
def test_what_is_no_draft_is_left_alone(grid: Grid, sleeper: str, data: bytes) -> None:
    """The unit itself will be judged."""
    drafts = Drafts(grid["west"].region._world)
    drafts.open(sleeper, data)
    unit = capture(grid.object(sleeper))
    drafts.open("west:99", unit)
    drafts.open(sleeper, changed(unit, programs=("0" * 32,)))
    drafts.open(sleeper, changed(unit, version=2))
    drafts.open(sleeper, changed(unit, owner="x" * DRAFT_BYTES_MAX))
    assert (0, 0) == (len(drafts), drafts.bytes)


def test_drafts_take_so_much_memory_and_no_more(
    grid: Grid, sleeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest give way; a later one of the same object takes the place of the former."""
    unit = capture(grid.object(sleeper))
    many = [changed(unit, object=f"west:{n}") for n in range(100, 110)]
    monkeypatch.setattr(drafts_module, "DRAFTS_BYTES_MAX", 3 * len(many[0]))
    drafts = opened(grid, *many, many[-1])
    assert (3, 3 * len(many[0])) == (len(drafts), drafts.bytes)
    assert None is drafts.take([read_unit(many[6])])
    assert None is not drafts.take([read_unit(many[7])])


def test_of_many_small_drafts_the_oldest_give_way(
    grid: Grid, sleeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their bytes do not tell what their modules take."""
    monkeypatch.setattr(drafts_module, "DRAFTS_LEN_MAX", 3)
    unit = capture(grid.object(sleeper))
    drafts = opened(grid, *[changed(unit, object=f"west:{n}") for n in range(100, 110)])
    assert (3, 3 * len(changed(unit, object="west:100"))) == (len(drafts), drafts.bytes)


def test_what_never_comes_is_forgotten(grid: Grid, sleeper: str) -> None:
    """When its offer has lapsed, by the region's own tick."""
    drafts = grid["west"].region._crossings._drafts
    drafts.open(sleeper, capture(grid.object(sleeper)))
    grid.run(DRAFT_US_MAX / 1e6 - 0.1)
    assert 1 == len(drafts)
    grid.run(0.2)
    assert (0, 0) == (len(drafts), drafts.bytes)
