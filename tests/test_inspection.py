"""Looking into a region's store without running it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts_api import AgentRef, Vector
from simulator.cli import gossamer
from simulator.commands import EnterWorld, GrantToObject, WearObject
from simulator.errors import RegionInUse, StoreDamaged, StoreTooNew
from simulator.inspection import inspect_region
from simulator.row_records import ProgramRow, encode_row
from simulator.store import Rows, SqliteStore
from simulator.store.reading import StoredRegion, read_store
from simulator.store.schema import NEWEST
from simulator.world.items import Notecard
from simulator.world.linksets import link
from tests.regions import Grid


def test_a_stopped_store_is_read_without_claiming_it(tmp_path: Path) -> None:
    """The epoch stays, so a running successor is not fenced off by someone who only looks."""
    path = tmp_path / "r.sqlite"
    store = SqliteStore("r", path)
    store.commit(store.lease, 1, {("object", "r:1"): b"x"})
    store.close()
    stored = read_store(path)
    assert ("r", 1, 1, {("object", "r:1"): b"x"}) == (stored.region, stored.epoch, stored.tick, stored.rows)
    assert 1 == read_store(path).epoch


def test_a_store_that_a_process_holds_is_refused(tmp_path: Path) -> None:
    """What it wrote last is not in the file yet."""
    path = tmp_path / "r.sqlite"
    store = SqliteStore("r", path)
    store.commit(store.lease, 1, {("object", "r:1"): b"x"})
    with pytest.raises(RegionInUse, match="look into a backup"):
        read_store(path)
    store.close()


def test_what_a_killed_process_has_left_is_read(tmp_path: Path) -> None:
    """All that it committed; the files stay as they lie there, for the next owner."""
    store = SqliteStore("r", tmp_path / "r.sqlite")
    store.commit(store.lease, 1, {("object", "r:1"): b"x"})
    left = tmp_path / "left"
    left.mkdir()
    for each in tmp_path.glob("r.sqlite*"):
        shutil.copy(each, left)
    store.close()
    before = {each.name: each.read_bytes() for each in left.iterdir()}
    assert {"r.sqlite", "r.sqlite-wal"} == set(before)
    stored = read_store(left / "r.sqlite")
    assert (1, 1, {("object", "r:1"): b"x"}) == (stored.epoch, stored.tick, stored.rows)
    assert before == {each.name: each.read_bytes() for each in left.iterdir()}


def test_a_store_of_a_later_gossamer_is_not_guessed_at(tmp_path: Path) -> None:
    """As little as a region would begin with it."""
    path = tmp_path / "r.sqlite"
    SqliteStore("r", path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {NEWEST + 1}")
    with pytest.raises(StoreTooNew, match=rf"r\.sqlite has store version {NEWEST + 1}; .* up to {NEWEST}"):
        read_store(path)


def test_another_file_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "notes.txt"
    path.write_text("no database at all, but long enough to have a header of some sort" * 9)
    with pytest.raises(StoreDamaged, match=r"notes\.txt"):
        read_store(path)


COUNTER = """
def numbers():
    n = 0
    while True:
        yield n
        n += 1


class Counter(Script):
    count = 0

    def on_start(self):
        for n in numbers():
            self.count = self.add(n)

    def add(self, n):
        for _ in range(3):
            n += 1
        return n
"""


@pytest.fixture
def store_of_a_counter(tmp_path: Path) -> Path:
    """A backup of a region in which a script counts for ever."""
    grid = Grid("r", edges=30)
    grid.rez(COUNTER, name="counter")
    grid.tick(5)
    path = tmp_path / "r.sqlite"
    grid["r"].store.backup(path)
    return path


def test_the_command_shows_frames_by_their_points(store_of_a_counter: Path) -> None:
    """Objects, scripts, microthreads with their frames, points and locals, a generator by where it is."""
    shown = CliRunner().invoke(gossamer, ["inspect", str(store_of_a_counter)])
    assert 0 == shown.exit_code, shown.output
    for expected in (
        "object r:1  'counter' of ada",
        "self.count = ",
        "microthread (handler, generator) runnable",
        "Counter.on_start at ",
        " = <generator numbers at yield:0>",
    ):
        assert expected in shown.output


def shown(rows: Rows) -> str:
    """What is shown of a store with these rows."""
    return "\n".join(inspect_region(StoredRegion("r", 1, 1, rows, ())))


def rows_of(source: str) -> Rows:
    """The rows of a region with an object that has this script."""
    grid = Grid("r")
    grid.rez(source)
    grid.tick()
    return grid["r"].store.load()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("while True: pass", "worked for more than 100 ms"),
        ("class Broken(", "'(' was never closed"),
        ("1 / 0", "ZeroDivisionError"),
        ("x = 1", "holds no script"),
    ],
)
def test_a_program_that_cannot_be_used_is_told(source: str, reason: str) -> None:
    """It neither hangs the listing nor ends it."""
    rows = rows_of(COUNTER) | {("program", "0" * 32): encode_row(ProgramRow("bad.py", source))}
    text = shown(rows)
    assert f"program {'0' * 12}  can't be used: " in text
    assert reason in text
    assert "object r:1  'box' of ada" in text


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (("object", "r:2"), b"nonsense", "object r:2  in quarantine, 8 bytes: it can't be read: "),
        (("program", "0" * 32), b"nonsense", f"program {'0' * 12}  can't be used: row program/"),
        (("link", "east"), b"nonsense", "links and hand-overs can't be shown: row link/east"),
    ],
)
def test_a_row_that_cannot_be_read_is_told(key: tuple[str, str], value: bytes, expected: str) -> None:
    """And everything else is shown."""
    text = shown(rows_of(COUNTER) | {key: value})
    assert expected in text
    assert "object r:1  'box' of ada" in text


def test_no_value_is_asked_how_it_looks() -> None:
    """A `__repr__` of a script may never return."""
    text = shown(
        rows_of("""
        class Loud:
            def __repr__(self):
                while True:
                    pass
        class Holder(Script):
            def on_start(self):
                self.loud = Loud()
                held = Loud()
                self.send(self.object.ref, 1)
                self.sleep(1.0)
                self.say(str(held))
        """)
    )
    assert "self.loud = <Loud>" in text
    assert "held = <Loud>" in text
    assert "waits: Sleep(duration_us=1000000)" in text


def test_keys_that_never_end_are_cut_short() -> None:
    """A `__hash__` of a script runs where its keys are put into a dict."""
    text = shown(
        rows_of("""
        slow = []
        class Key:
            def __hash__(self):
                while not slow:
                    pass
                return 1
        class Holder(Script):
            def on_start(self):
                slow.append(1)
                self.held = {Key(): 1}
        """)
    )
    assert "object r:1  in quarantine" in text
    assert "worked for more than 100 ms" in text


def test_a_moving_object_is_shown_where_it_was_at_the_last_commit(tmp_path: Path) -> None:
    """It is written down when its motion changes; where it has flown since then is reckoned."""
    grid = Grid("west", "east")
    grid.rez(name="still", position=(10.0, 10.0, 0.0))
    grid.rez(name="bird", position=(50.0, 50.0, 0.0), velocity=(10.0, 0.0, 0.0))
    grid.run(4.0)
    path = tmp_path / "west.sqlite"
    grid["west"].store.backup(path)
    (still, bird) = [line for line in inspect_region(read_store(path)) if line.startswith("object")]
    assert still.endswith("at Vector(10, 10, 0)")
    east = float(bird.partition("Vector(")[2].partition(",")[0])
    heartbeat_m, frame_m = 10.0, 0.2
    assert 90.0 - heartbeat_m <= east <= 90.0 + frame_m
    assert bird.endswith("moves with Vector(10, 0, 0)")


def test_an_object_that_waits_at_a_border_is_shown_there(tmp_path: Path) -> None:
    """It does not move on while its neighbour is silent."""
    grid = Grid("west", "east")
    grid.down.add("east")
    grid.rez(name="bird", position=(90.0, 50.0, 0.0), velocity=(100.0, 0.0, 0.0))
    grid.run(1.0)
    path = tmp_path / "west.sqlite"
    grid["west"].store.backup(path)
    (bird,) = [line for line in inspect_region(read_store(path)) if line.startswith("object")]
    assert bird.endswith("at Vector(100, 50, 0), waits at a border")


def test_what_a_script_has_failed_with_is_shown(tmp_path: Path) -> None:
    """Its line and error; and what a script has named itself moves no cursor."""
    grid = Grid("r")
    grid.rez(
        "class Breaks(Script):\n    def on_start(self):\n        raise KeyError(1)\n", name="lamp\x1b[2J"
    )
    grid.tick()
    path = tmp_path / "r.sqlite"
    grid["r"].store.backup(path)
    shown = CliRunner().invoke(gossamer, ["inspect", str(path)]).output
    assert ("KeyError: 1" in shown, "'lamp\\x1b[2J' of ada" in shown) == (True, True), shown


def test_a_linkset_is_shown_with_its_parts_and_contents() -> None:
    """Each part where it hangs, with what its scripts are doing; what lies in them by kind and name."""
    grid = Grid("west")
    root = grid.rez("class Plain(Script):\n    pass", name="engine", contents=(("guide", Notecard("x")),))
    part = grid.rez("class Plain(Script):\n    pass", name="car", position=(47.0, 50.0, 0.0))
    link(grid.object(root), grid.object(part).ref)
    grid.run(0.1)
    text = shown(grid["west"].store.load())
    assert f"object {root}  'engine' of ada" in text
    assert "  holds notecard 'guide'" in text
    assert f"  object {part}  'car' of ada" in text
    assert "hangs at Vector(-3, 0, 0) from its root" in text


def test_what_falls_is_worn_granted_and_watched_is_shown() -> None:
    """Where it is by now, by whom, and how much."""
    grid = Grid("west")
    west = grid["west"].host
    stone = grid.rez(WATCHFUL, name="stone", position=(20.0, 20.0, 100.0))
    hat = grid.rez(name="hat")
    west.command(EnterWorld("ada", Vector(50, 50, 0)))
    west.command(WearObject("agent:ada", hat))
    west.command(GrantToObject(AgentRef("agent:ada", "ada"), stone, ("control",)))
    grid.run(1.02)
    text = shown(grid["west"].store.load())
    fallen = next(line for line in text.splitlines() if "'stone'" in line)
    assert "falls" in fallen
    assert 93.0 < float(fallen.partition("Vector(")[2].split(",")[2].partition(")")[0]) < 97.0
    assert "    watches for 1 places, with 1 sensors" in text
    assert "  granted by agent:ada: control" in text
    assert "worn by west:3, hangs at Vector(0, 0, 1) from its root" in text


WATCHFUL = """
class Watchful(Script):
    def on_start(self):
        self.object.physical = True
        self.object.target(Vector(), 1)
        self.sense_every(1, 5)
"""


SENSOR = """
import argparse

class Sensor(Script):
    def on_start(self):
        self.readings = argparse.Namespace(all=[0.5, 1.5])
        self.spawn(self.measure)

    def measure(self):
        mine = self.readings
        while True:
            self.sleep(1)
            mine.all.append(1.0)
"""


def test_values_of_trusted_mode_are_shown_without_being_read() -> None:
    """They could run any code; the rest of the object is shown as ever."""
    grid = Grid("west", trusted=("west",))
    grid.rez(SENSOR, name="sensor")
    grid.run(0.1)
    stored = StoredRegion("west", 1, 1, grid["west"].store.load(), ())
    text = "\n".join(inspect_region(stored))
    assert re.search(r"self\.readings = '⟨argparse\.\w+, \d+ bytes of cloudpickle⟩'", text)
    assert "Sensor.measure at call:0" in text
    assert "quarantine" not in text


def test_values_of_trusted_mode_are_read_where_that_is_wanted() -> None:
    """The switch says that the store is trusted."""
    grid = Grid("west", trusted=("west",))
    grid.rez(SENSOR, name="sensor")
    stored = StoredRegion("west", 1, 1, grid["west"].store.load(), ())
    assert "self.readings = <Namespace>" in "\n".join(inspect_region(stored, trusted=True))


def test_inspecting_runs_no_code_of_a_trusted_value(tmp_path: Path) -> None:
    """What would run when it is read does not."""

    class Trap:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "sprung",)

    grid = Grid("west", trusted=("west",))
    box = grid.rez(SENSOR)
    grid.object(box).scripts[0].instance.trap = Trap()  # type: ignore[attr-defined]  # any attribute
    grid.touch(box)
    grid.run(1.1)
    stored = StoredRegion("west", 1, 1, grid["west"].store.load(), ())
    assert "self.trap = " in "\n".join(inspect_region(stored))
    assert not (tmp_path / "sprung").exists()
    list(inspect_region(stored, trusted=True))
    assert (tmp_path / "sprung").exists()
