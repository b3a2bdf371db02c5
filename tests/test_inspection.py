"""Looking into a region's store without running it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import gossamer
from simulator.errors import RegionInUse, StoreDamaged
from simulator.store import SqliteStore
from simulator.store.reading import read_store
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
        "$iterator.1 = <generator numbers at yield:0>",
    ):
        assert expected in shown.output
