"""A region's rows: what was written is read again, and what can't be read is kept and said."""

from __future__ import annotations

import msgspec
import pytest

from migrate import deliveries as came
from migrate.rows import RowKey
from simulator.errors import StoreDamaged
from simulator.host import CLOCK_ROW
from simulator.region_rows import STATE_ROW
from simulator.row_records import ClockRow, ProgramRow, RegionRow, encode_row, read_row
from tests.regions import Grid, OneRegion

COUNTER = """
class Counter(Script):
    count = 0
    def on_start(self):
        while True:
            self.count += 1
"""


@pytest.fixture
def grid() -> Grid:
    """A region with two objects that count."""
    grid = Grid("west")
    grid.rez(COUNTER, name="first")
    grid.rez(COUNTER.replace("Counter", "Other"), name="second")
    grid.tick(2)
    return grid


def alter(one: OneRegion, key: RowKey, value: bytes) -> None:
    """Write a row into the store behind the region's back."""
    one.store.commit(one.store.lease, one.store.last_tick() + 1, {key: value})


@pytest.mark.parametrize("row", [RegionRow(7, 3), ProgramRow("a.py", "pass"), ClockRow(5)], ids=repr)
def test_a_row_comes_back(row: RegionRow | ProgramRow | ClockRow) -> None:
    """What was encoded is what is read."""
    assert row == read_row(("kind", "key"), encode_row(row), type(row))


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x00" * 8,
        encode_row(ClockRow(5)),
        msgspec.msgpack.encode(["region2", 1, 2]),
        msgspec.msgpack.encode(["region1", -1, 2]),
        msgspec.msgpack.encode(["region1", 1]),
        b"\x93\xa7region1\x01\xa1\xff",
    ],
)
def test_a_row_of_anything_else_is_refused(value: bytes) -> None:
    """Of another kind or version too; the error names the row, shows its beginning, and says what to do."""
    with pytest.raises(
        StoreDamaged, match=r"row region/state can't be read .* begins with .* Open the store"
    ):
        read_row(STATE_ROW, value, RegionRow)


@pytest.mark.parametrize("key", [STATE_ROW, CLOCK_ROW], ids="/".join)
def test_a_region_without_its_time_does_not_run(grid: Grid, key: RowKey) -> None:
    """It would give numbers of objects twice, or turn its time back."""
    alter(grid["west"], key, b"nonsense")
    with pytest.raises(StoreDamaged, match="/".join(key)):
        grid["west"].crash()


def test_an_object_that_cannot_be_read_is_kept(grid: Grid) -> None:
    """It is told and counted, its row stays as it is, and the others run on."""
    west = grid["west"]
    alter(west, ("object", "west:1"), b"nonsense")
    west.crash()
    grid.tick(2)
    assert b"nonsense" == west.store.load()["object", "west:1"]
    assert ("object can't be read", True) == (west.told[-1][0], "gossamer inspect" in west.told[-1][1])
    statistics = west.region.statistics()
    assert (1, 1) == (statistics.objects, statistics.objects_quarantined)
    assert grid.state("west:2")["count"] > 0


def test_an_object_in_quarantine_runs_when_it_can_be_read_again(grid: Grid) -> None:
    """A later version, or its program, makes it whole."""
    west = grid["west"]
    (program,) = {script.program for script in grid.object("west:1").scripts}
    row = west.store.load()["program", program]
    alter(west, ("program", program), encode_row(ProgramRow("first.py", "not python")))
    west.crash()
    grid.tick(2)
    assert ["west:2"] == list(west.region.objects)
    assert ["program can't be used", "object can't be read"] == [what for what, _ in west.told]
    alter(west, ("program", program), row)
    west.crash()
    before = grid.state("west:1")["count"]
    grid.tick()
    assert grid.state("west:1")["count"] > before


def test_a_program_whose_source_is_another_is_told(grid: Grid) -> None:
    """Its hash is its name."""
    west = grid["west"]
    alter(west, ("program", "0" * 32), encode_row(ProgramRow("x.py", "class X(Script): pass")))
    alter(west, ("program", "1" * 32), b"nonsense")
    west.crash()
    grid.tick()
    assert 2 == [what for what, _ in west.told].count("program can't be used")


def test_what_a_neighbour_has_spoilt_and_sent_back_is_kept(grid: Grid) -> None:
    """A unit that comes back unreadable neither ends the region nor disappears."""
    west = grid["west"]
    unit = came.Unit("west:9", 3, b"spoilt", (), ())
    west.host.command(came.Returned(unit, "east", "no room"))
    grid.tick()
    assert b"spoilt" == west.store.load()["object", "west:9"]
    assert 1 == west.region.statistics().objects_quarantined


LOCKED = """
import threading
{top}
class Locked(Script):
    {inside}
    def on_start(self):
        self.lock = threading.Lock()
    def on_rez(self, param):
        self.log("made with " + str(param))
"""


@pytest.mark.parametrize(
    ("top", "inside"),
    [("", "pass"), ("LOCK = threading.Lock()", "pass"), ("", "kept = threading.Lock()")],
    ids=["in an attribute", "in a global", "in a class attribute"],
)
def test_what_could_never_be_written_begins_anew_after_a_crash(top: str, inside: str) -> None:
    """It is not lost, though nothing that it has become could be saved."""
    grid = Grid("west")
    box = grid.rez(LOCKED.format(top=top, inside=inside), param=7)
    grid.tick(2)
    assert 1 == [what for what, _ in grid["west"].told].count("script can't be saved")
    grid["west"].crash()
    grid.tick(2)
    assert "lock" in grid.state(box)
    assert 2 == [text for _, text in grid["west"].told].count("made with 7")


def test_what_was_written_once_goes_on_from_there_after_a_crash() -> None:
    """Its beginning does not take the place of a record in which it has done something."""
    grid = Grid("west")
    box = grid.rez(
        """
        import threading
        class Later(Script):
            touches = 0
            def on_touch(self, toucher):
                self.touches += 1
                self.lock = threading.Lock() if self.touches == 2 else None
        """
    )
    for _ in range(2):
        grid.touch(box)
        grid.tick(2)
    grid["west"].crash()
    grid.tick(2)
    assert 1 == grid.state(box)["touches"]


def test_what_is_lost_or_refused_is_counted(grid: Grid) -> None:
    """Mail that can't be read, and programs that do not compile."""
    west = grid["west"]
    west.host.command(came.EventArrived("east:1", "west:1", b"nonsense"))
    west.host.command(came.ProgramCame("0" * 32, "x.py\nclass", "east"))
    grid.tick()
    statistics = west.region.statistics()
    assert (1, 1) == (statistics.events_unread, statistics.programs_refused)


def test_a_region_in_which_nothing_happens_notes_its_time_now_and_then() -> None:
    """So that it knows, after a crash, how long it was away: to the limit's ten seconds."""
    grid = Grid("west")
    grid.rez()
    for _ in range(120):
        grid.now_us += 1_000_000
        grid.tick()
    one = grid["west"]
    noted = read_row(CLOCK_ROW, one.store.load()[CLOCK_ROW], ClockRow).now_us
    assert grid.now_us - noted <= grid.limits.idle_heartbeat_us + 1_100_000
    assert one.store.statistics().commits < 20
