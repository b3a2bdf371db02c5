"""The embedded store: what is committed is there after any end of the process, and nothing else is."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from migrate.rows import RowChanges
from simulator.errors import LeaseLost, RegionInUse, StoreDamaged, StoreError, StoreFull, StoreTooNew
from simulator.store import Durability, Lease, SqliteStore, schema, short_log
from simulator.store.schema import NEWEST
from simulator.store.sqlite import TOGETHER
from tests.needs import need_root

GOLDEN_FILES = sorted((Path(__file__).parent / "golden" / "store").glob("*.sqlite"))
OPENED: list[SqliteStore] = []

HOLD = """
import sys, time
from pathlib import Path
from simulator.store import SqliteStore
store = SqliteStore("middle", Path(sys.argv[1]))
store.commit(store.lease, 1, {("object", "middle:1"): b"kept"})
print("ready", flush=True)
time.sleep(60)
"""

DIE = """
import os, signal, sqlite3, sys
from pathlib import Path
from simulator.store import SqliteStore
class Dying(sqlite3.Connection):
    def execute(self, statement, *values):
        if statement.startswith(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(statement, *values)
connect = sqlite3.connect
sqlite3.connect = lambda *args, **more: connect(*args, **more, factory=Dying)
SqliteStore("middle", Path(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the region's file goes."""
    return tmp_path / "middle.sqlite"


@pytest.fixture(autouse=True)
def closed_stores() -> Iterator[None]:
    """Close whatever a test opened: Python 3.13 complains of connections that are left to the collector."""
    yield
    while OPENED:
        OPENED.pop().close()


def open_store(path: Path | None, region: str = "middle", durability: Durability = "full") -> SqliteStore:
    OPENED.append(SqliteStore(region, path, durability))
    return OPENED[-1]


def hold_in_another_process(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"
    return holder


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def change_file(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()


def test_rows_come_back_after_reopening(path: Path) -> None:
    """What was committed is loaded by the next opening."""
    store = open_store(path)
    store.commit(store.lease, 1, {("object", "middle:1"): b"lamp", ("link", "west"): b"7"})
    store.close()
    assert open_store(path).load() == {("object", "middle:1"): b"lamp", ("link", "west"): b"7"}


@pytest.mark.parametrize("count", [TOGETHER - 1, TOGETHER, 2 * TOGETHER + 1])
def test_many_rows_of_one_commit_come_back(path: Path, count: int) -> None:
    """Those that are written together, and those that are left."""
    rows: RowChanges = {("object", f"middle:{number}"): b"%d" % number for number in range(count)}
    store = open_store(path)
    store.commit(store.lease, 1, rows)
    assert rows == store.load()


def test_none_deletes_a_row(path: Path) -> None:
    """A row whose new value is None is gone after the commit."""
    store = open_store(path)
    store.commit(store.lease, 1, {("object", "a"): b"1", ("object", "b"): b"2"})
    store.commit(store.lease, 2, {("object", "a"): None, ("object", "b"): b"3"})
    assert store.load() == {("object", "b"): b"3"}


def test_new_store_stands_at_tick_zero(path: Path) -> None:
    """A region without history starts at tick 0."""
    assert open_store(path).last_tick() == 0


def test_last_tick_is_the_committed_one(path: Path) -> None:
    """The tick's number is part of its transaction."""
    store = open_store(path)
    store.commit(store.lease, 41, {})
    store.close()
    assert open_store(path).last_tick() == 41


def test_each_opening_claims_a_higher_epoch(path: Path) -> None:
    """Whoever opens the file later has the higher epoch."""
    first = open_store(path)
    first.close()
    assert open_store(path).lease == Lease("middle", first.lease.epoch + 1)


def test_commit_of_an_old_epoch_is_refused(path: Path) -> None:
    """A lease from before the present claim writes nothing."""
    store = open_store(path)
    with pytest.raises(LeaseLost, match="Another process has claimed the region"):
        store.commit(Lease("middle", store.lease.epoch - 1), 1, {("object", "a"): b"1"})
    assert store.load() == {}


def test_tick_cannot_be_committed_twice(path: Path) -> None:
    """The same tick number is refused the second time, so no tick can be applied twice."""
    store = open_store(path)
    store.commit(store.lease, 1, {})
    with pytest.raises(LeaseLost):
        store.commit(store.lease, 1, {})


def test_refused_commit_can_be_followed_by_a_good_one(path: Path) -> None:
    """A refusal leaves no open transaction behind."""
    store = open_store(path)
    with pytest.raises(LeaseLost):
        store.commit(Lease("middle", 0), 1, {})
    store.commit(store.lease, 1, {("object", "a"): b"1"})
    assert store.load() == {("object", "a"): b"1"}


def test_second_process_is_refused_and_the_holder_named(path: Path) -> None:
    """Opening a region that another process holds names that process and what to do."""
    holder = hold_in_another_process(path)
    try:
        with pytest.raises(RegionInUse, match=rf"held by process {holder.pid}.*stop that one first"):
            open_store(path)
    finally:
        end(holder)


def test_same_process_cannot_open_twice(path: Path) -> None:
    """The fence holds within one process too."""
    store = open_store(path)
    with pytest.raises(RegionInUse):
        open_store(path)
    store.commit(store.lease, 1, {})


def test_refused_opening_leaves_the_fence_up(path: Path) -> None:
    """An attempt that failed does not weaken the lock of the store that stands."""
    store = open_store(path)
    for _ in range(2):
        with pytest.raises(RegionInUse):
            open_store(path)
    store.close()


def test_killed_holder_loses_the_lock_at_once(path: Path) -> None:
    """After a SIGKILL the next process opens the region and finds every committed row."""
    end(hold_in_another_process(path))
    store = open_store(path)
    assert (store.load(), store.lease.epoch) == ({("object", "middle:1"): b"kept"}, 2)


def test_file_of_a_newer_version_is_refused(path: Path) -> None:
    """A store written by a later Gossamer is left alone, with both versions in the message."""
    open_store(path).close()
    change_file(path, f"PRAGMA user_version = {NEWEST + 1}")
    with pytest.raises(StoreTooNew, match=rf"store version {NEWEST + 1}.*up to {NEWEST}"):
        open_store(path)


def test_refused_newer_file_is_untouched(path: Path) -> None:
    """Refusing a newer file does not count as a claim of it."""
    open_store(path).close()
    change_file(path, f"PRAGMA user_version = {NEWEST + 1}")
    with pytest.raises(StoreTooNew):
        open_store(path)
    change_file(path, f"PRAGMA user_version = {NEWEST}")
    assert open_store(path).lease.epoch == 2


@pytest.mark.parametrize("golden", GOLDEN_FILES, ids=lambda golden: golden.stem)
def test_files_of_every_version_open(golden: Path, path: Path) -> None:
    """A store written by any earlier version is brought forward with its rows."""
    shutil.copy(golden, path)
    store = open_store(path)
    assert (store.last_tick(), store.load()) == (7, {("object", "middle:1"): b"lamp", ("link", "west"): b"9"})
    store.close()
    assert NEWEST == version_of(path)


def test_there_is_a_golden_file_of_every_version() -> None:
    """So that every migration runs in every test run."""
    assert [*range(1, NEWEST + 1)] == [*map(version_of, GOLDEN_FILES)]


def version_of(path: Path) -> int:
    """The version of a file's tables."""
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def test_altered_row_is_found(path: Path) -> None:
    """A value that changed behind our back fails its checksum, and the row is named."""
    store = open_store(path)
    store.commit(store.lease, 1, {("object", "middle:1"): b"lamp"})
    store.close()
    change_file(path, "UPDATE rows SET value = x'00'")
    with pytest.raises(StoreDamaged, match=r"row object/middle:1 .* wrong checksum") as error:
        open_store(path).load()
    assert "Put all regions back from one backup, never one alone" in str(error.value)


def test_rows_that_changed_places_are_found(path: Path) -> None:
    """The key is part of the checksum: two swapped rows don't pass."""
    store = open_store(path)
    store.commit(store.lease, 1, {("object", "a"): b"1"})
    store.close()
    change_file(path, "UPDATE rows SET key = 'b'")
    with pytest.raises(StoreDamaged, match="object/b"):
        open_store(path).load()


def test_file_that_is_no_database_is_refused(path: Path) -> None:
    """A file of something else gives a clear error instead of SQLite's."""
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreDamaged, match="can't be opened: file is not a database"):
        open_store(path)


def test_a_file_without_a_byte_is_damaged(path: Path) -> None:
    """SQLite would begin anew in it, and throw away what the log beside it holds; it is left as it is."""
    open_store(path).close()
    path.write_bytes(b"")
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"what was committed last")
    with pytest.raises(
        StoreDamaged, match=r"has 0 bytes: it was damaged\. Put all regions back from one backup"
    ):
        open_store(path)
    assert (0, b"what was committed last") == (path.stat().st_size, log.read_bytes())


@pytest.mark.parametrize("place", ["PRAGMA journal_mode", "BEGIN"], ids=["at once", "before it is claimed"])
def test_whoever_dies_at_the_first_opening_leaves_a_new_store(path: Path, place: str) -> None:
    """Also where it leaves a file without a byte."""
    died = subprocess.run([sys.executable, "-c", DIE, str(path), place], check=False)
    assert (-signal.SIGKILL, True) == (died.returncode, path.exists())
    assert 1 == open_store(path).lease.epoch
    assert {path.name, f"{path.name}-wal"} == {file.name for file in path.parent.iterdir()}


def test_a_new_store_that_finds_no_room_begins_when_there_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has made its file by then."""
    with monkeypatch.context() as full:
        full.setattr(schema, "MIGRATIONS", (("PRAGMA max_page_count = 1", "CREATE TABLE t (x)"),))
        with pytest.raises(StoreFull):
            open_store(path)
    path.write_bytes(b"")
    assert 1 == open_store(path).lease.epoch


def test_database_of_something_else_is_refused(path: Path) -> None:
    """Another program's SQLite file is not turned into a region."""
    change_file(path, "CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StoreDamaged, match="not a region's store"):
        open_store(path)


def test_file_of_another_region_is_refused(path: Path) -> None:
    """A renamed file does not make one region carry on as another."""
    open_store(path).close()
    with pytest.raises(StoreDamaged, match="holds region 'middle', not 'west'"):
        open_store(path, "west")


def test_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A path that is no file is reported with the path."""
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "middle.sqlite").mkdir()
    with pytest.raises(StoreDamaged, match=r"middle\.sqlite"):
        open_store(tmp_path / "world" / "middle.sqlite")


def test_full_disk_writes_nothing_of_the_tick(path: Path) -> None:
    """A tick that does not fit is refused whole, and the tick before stays."""
    store = fill_up(path)
    with pytest.raises(StoreFull, match="no room to write the store of region middle"):
        store.commit(store.lease, 2, {("object", "a"): b"2", ("object", "big"): bytes(1 << 20)})
    assert (store.last_tick(), store.load()) == (1, {("object", "a"): b"1"})


def test_commit_succeeds_once_there_is_room(path: Path) -> None:
    """The very commit that was refused by a full disk goes through later."""
    store = fill_up(path)
    rows = {("object", "a"): b"2", ("object", "big"): bytes(1 << 20)}
    with pytest.raises(StoreFull):
        store.commit(store.lease, 2, rows)
    limit_pages(store, 1 << 20)
    store.commit(store.lease, 2, rows)
    assert store.load() == rows


def test_refusals_for_want_of_room_are_counted(path: Path) -> None:
    """The statistics tell how often the disk was full."""
    store = fill_up(path)
    with pytest.raises(StoreFull):
        store.commit(store.lease, 2, {("object", "big"): bytes(1 << 20)})
    assert store.statistics().refused_full == 1


def test_backup_holds_the_last_commit_while_the_region_runs(path: Path, tmp_path: Path) -> None:
    """A backup is a store by itself, and the region goes on."""
    store = open_store(path)
    store.commit(store.lease, 1, {("object", "a"): b"1"})
    store.backup(tmp_path / "backup.sqlite")
    store.commit(store.lease, 2, {("object", "a"): b"2"})
    assert open_store(tmp_path / "backup.sqlite").load() == {("object", "a"): b"1"}


def test_backup_does_not_overwrite(path: Path, tmp_path: Path) -> None:
    """An existing file is never replaced by a backup."""
    (tmp_path / "backup.sqlite").write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        open_store(path).backup(tmp_path / "backup.sqlite")


def test_a_backup_that_fails_leaves_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a part of it nor SQLite's journal; both disks may be the cause."""
    target = tmp_path / "backup.sqlite"

    def fails(store: SqliteStore, target: Path) -> None:
        target.write_text("a part")
        target.with_name(f"{target.name}-journal").write_text("its journal")
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(SqliteStore, "_copy_to", fails)
    with pytest.raises(StoreError, match=r"can't be copied to .*backup\.sqlite: disk I/O error"):
        open_store(path).backup(target)
    assert [] == list(tmp_path.glob("backup*"))


def test_memory_store_needs_no_file() -> None:
    """Mode "memory" keeps its rows as long as it is open."""
    store = open_store(None, durability="memory")
    store.commit(store.lease, 1, {("object", "a"): b"1"})
    assert store.load() == {("object", "a"): b"1"}


def test_process_mode_survives_sigkill(path: Path) -> None:
    """Mode "process" keeps a commit through the death of its process."""
    child = subprocess.run([sys.executable, "-c", KILL_MYSELF, str(path)], check=False)
    assert child.returncode == -signal.SIGKILL
    assert open_store(path, durability="process").load() == {("object", "a"): b"1"}


KILL_MYSELF = """
import os, signal, sys
from pathlib import Path
from simulator.store import SqliteStore
store = SqliteStore("middle", Path(sys.argv[1]), "process")
store.commit(store.lease, 1, {("object", "a"): b"1"})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_disk_that_is_really_full(tmp_path: Path) -> None:
    """On a file system without room the commit is refused, and works after room was made."""
    with small_disk(tmp_path, "400k") as disk:
        commit_on_full_disk(disk)


@contextlib.contextmanager
def small_disk(tmp_path: Path, size: str) -> Iterator[Path]:
    need_root("mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=False).returncode:
        pytest.skip("mounting is not allowed here; provide it with: docker run --cap-add SYS_ADMIN")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_small_disk_is_not_filled_by_the_log(tmp_path: Path) -> None:
    """What is committed again and again takes little room; SQLite's log alone would take 4 MB."""
    with (
        small_disk(tmp_path, "600k") as disk,
        contextlib.closing(open_store(disk / "middle.sqlite")) as store,
    ):
        commit_often(store)
        assert 0 == store.statistics().refused_full


def test_a_disk_that_was_full_of_the_log_is_not_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had room when the store was opened. Once a little is made, that is enough for good."""
    monkeypatch.setattr(short_log, "SMALL_DISK_BYTES", 0)
    with (
        small_disk(tmp_path, "900k") as disk,
        contextlib.closing(open_store(disk / "middle.sqlite")) as store,
    ):
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(200_000))
        with pytest.raises(StoreFull):
            commit_often(store)
        ballast.unlink()
        commit_often(store)
        ballast.write_bytes(bytes(400_000))
        commit_often(store)
        assert 1 == store.statistics().refused_full


def commit_often(store: SqliteStore) -> None:
    """A hundred commits of the same 20 KB."""
    for number in range(100):
        rows: RowChanges = {("object", str(key)): bytes([number]) * 2_000 for key in range(10)}
        store.commit(store.lease, store.last_tick() + 1, rows)


def commit_on_full_disk(disk: Path) -> None:
    ballast = disk / "ballast"
    rows = {("object", "big"): bytes(150_000)}
    with contextlib.closing(open_store(disk / "middle.sqlite")) as store:
        ballast.write_bytes(bytes(300_000))
        with pytest.raises(StoreFull):
            store.commit(store.lease, 1, rows)
        ballast.unlink()
        store.commit(store.lease, 1, rows)
        assert store.load() == rows


def fill_up(path: Path) -> SqliteStore:
    """A store at tick 1 whose file may not grow, which is what SQLite makes of a full disk."""
    store = open_store(path)
    store.commit(store.lease, 1, {("object", "a"): b"1"})
    limit_pages(store, 1)
    return store


def limit_pages(store: SqliteStore, pages_max: int) -> None:
    store._database.execute(f"PRAGMA max_page_count = {pages_max}")
