"""The embedded store: one SQLite file per region, held by one connection of one process.

The one idea: SQLite's own exclusive lock is the fence. The process that holds it is the only one that can
write or even read the file; when it dies the kernel drops the lock at once, and whoever opens next claims
`epoch + 1`. The epoch inside each commit is the second lock on the same door, and catches a process that
was wrongly thought dead.

A single connection also keeps clear of SQLite's WAL-reset corruption bug, which needs two and which
versions before 3.51.3 have. It does not batch or delay: `commit` returns when the tick is as durable as the
mode promises.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from migrate.rows import RowChanges, RowKey
from simulator.errors import LeaseLost, RegionInUse, StoreDamaged, StoreError, StoreFailed, StoreFull
from simulator.store.lockholder import lock_holder
from simulator.store.protocol import Durability, Lease, Rows, StoreStatistics
from simulator.store.schema import bring_forward, row_checksum
from simulator.store.short_log import lies_on_small_disk, shorten_log

SYNCHRONOUS: dict[Durability, str] = {"full": "FULL", "process": "NORMAL", "memory": "OFF"}
GO_BACK = "Put all regions back from one backup, never one alone: its neighbours know what it no longer does."
_PUT = (
    "INSERT INTO rows (kind, key, value, checksum) VALUES {}"
    " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, checksum = excluded.checksum"
)
_ROW = "(?, ?, ?, ?)"
_PUT_ONE = _PUT.format(_ROW)
TOGETHER = 25  # rows in one statement take 40% less each; of more of them not much more
_PUT_TOGETHER = _PUT.format(", ".join([_ROW] * TOGETHER))
_DELETE = "DELETE FROM rows WHERE kind = ? AND key = ?"
_TICK = (
    "UPDATE meta SET value = :tick WHERE name = 'tick' AND value < :tick"
    " AND :epoch = (SELECT value FROM meta WHERE name = 'epoch')"
)


class SqliteStore:
    """A region's state in a file (modes "full" and "process") or in memory; calls as in `RegionStore`."""

    def __init__(self, region: str, path: Path | None, durability: Durability = "full") -> None:
        """Open or create the file and claim the region. A path of None is for mode "memory".

        Raises `RegionInUse`, `StoreTooNew`, `StoreDamaged`.
        """
        self._name = f"the store of region {region}" + (f" ({path})" if path else "")
        self._path = path
        self._commits = self._rows = self._bytes = self._refused_full = 0
        self._database = self._connect(durability)
        try:
            self.lease = Lease(region, self._claim(region))
        except BaseException:
            self._database.close()
            raise
        if path is not None:
            _beginning(path).unlink(missing_ok=True)

    def load(self) -> Rows:
        """Return every row as of the last commit, its checksum checked."""
        rows: Rows = {}
        with self._reading():
            for kind, key, value, checksum in self._database.execute(
                "SELECT kind, key, value, checksum FROM rows"
            ):
                if checksum != row_checksum(kind, key, value):
                    raise StoreDamaged(
                        f"row {kind}/{key} of {self._name} has a wrong checksum: the file was damaged. {GO_BACK}"
                    )
                rows[kind, key] = value
        return rows

    def last_tick(self) -> int:
        """Return the number of the last committed tick."""
        return self._meta("tick")

    def commit(self, lease: Lease, tick: int, rows: RowChanges) -> None:
        """Write one tick in one transaction. Raises `LeaseLost`, `StoreFull`, `StoreFailed`.

        Where there is no room it is tried again with a short log: a small disk may be full of the log alone.
        """
        put = [
            (kind, key, value, row_checksum(kind, key, value))
            for (kind, key), value in rows.items()
            if value is not None
        ]
        gone = [key for key, value in rows.items() if value is None]
        try:
            self._write(lease, tick, put, gone)
        except StoreFull:
            try:
                self._fold_log()
                self._write(lease, tick, put, gone)
            except StoreFull:
                self._refused_full += 1
                raise
        self._commits += 1
        self._rows += len(rows)
        self._bytes += sum(len(value) for _, _, value, _ in put)

    def _write(
        self, lease: Lease, tick: int, put: list[tuple[str, str, bytes, int]], gone: list[RowKey]
    ) -> None:
        with self._transaction():
            self._advance(lease, tick)
            self._database.executemany(_DELETE, gone)
            self._put(put)

    def _fold_log(self) -> None:
        """Write what the log holds into the file, cut it, and keep it short. Raises `StoreFull`, `StoreFailed`."""
        shorten_log(self._database)
        try:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            raise self._write_error(error) from error

    def _put(self, rows: list[tuple[str, str, bytes, int]]) -> None:
        alone = len(rows) % TOGETHER
        self._database.executemany(_PUT_ONE, rows[:alone])
        for start in range(alone, len(rows), TOGETHER):
            together = rows[start : start + TOGETHER]
            self._database.execute(_PUT_TOGETHER, list(chain.from_iterable(together)))

    def backup(self, target: Path) -> None:
        """Write the last committed state to a new file. Raises `StoreError`, and then there is no such file."""
        if target.exists():
            raise StoreError(f"{target} exists already. Name a file that does not exist for the backup.")
        try:
            self._copy_to(target)
        except BaseException as error:  # whatever ends it: a part of a copy is none
            for file in (target, *target.parent.glob(f"{target.name}-*")):
                file.unlink(missing_ok=True)
            if isinstance(error, sqlite3.DatabaseError):
                raise self._copy_error(error, target) from error
            raise

    def _copy_to(self, target: Path) -> None:
        copy = sqlite3.connect(target)
        try:
            self._database.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()

    def _copy_error(self, error: sqlite3.DatabaseError, target: Path) -> StoreError:
        if _code(error) == sqlite3.SQLITE_FULL:
            return StoreFull(
                f"no room for a copy of {self._name} at {target}. Free space there, or name another folder."
            )
        return StoreFailed(
            f"{self._name} can't be copied to {target}: {error}. Look at both disks, or name another folder."
        )

    def statistics(self) -> StoreStatistics:
        """Return what was written since the opening."""
        return StoreStatistics(self._commits, self._rows, self._bytes, self._refused_full)

    def close(self) -> None:
        """Fold the write-ahead log into the file and drop the lock."""
        self._database.close()

    def _connect(self, durability: Durability) -> sqlite3.Connection:
        if (self._path is None) != (durability == "memory"):
            raise ValueError(f"mode {durability!r} with path {self._path}: exactly mode 'memory' has no file")
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._check_length(self._path)
        with self._opening():
            # No thread check: whoever owns the host calls from one thread at a time. No implicit
            # transactions: ours are named.
            database = sqlite3.connect(
                self._path or ":memory:", timeout=0, isolation_level=None, check_same_thread=False
            )
        with self._opening(database):
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(f"PRAGMA synchronous = {SYNCHRONOUS[durability]}")
            if self._path is not None and lies_on_small_disk(self._path):
                shorten_log(database)
        return database

    def _check_length(self, path: Path) -> None:
        """A file without a byte is new to SQLite, which would throw away even what its log holds. Here it is damaged,
        unless the mark beside it says that whoever made it has not come further.
        """
        if not path.exists():
            try:
                _beginning(path).touch()
            except OSError as error:
                raise (
                    self._full()
                    if error.errno == errno.ENOSPC
                    else StoreFailed(
                        f"{self._name} can't be made: {error}. Name another folder for the world, or mend that."
                    )
                ) from error
        elif path.is_file() and path.stat().st_size == 0 and not _beginning(path).exists():
            raise StoreDamaged(f"{self._name} has 0 bytes: it was damaged. {GO_BACK}")

    def _claim(self, region: str) -> int:
        with self._opening(self._database), self._transaction():
            bring_forward(self._database, self._name)
            self._check_region(region)
            self._database.execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch'")
        return self._meta("epoch")

    def _check_region(self, region: str) -> None:
        self._database.execute("INSERT OR IGNORE INTO meta VALUES ('region', ?)", (region,))
        found = self._database.execute("SELECT value FROM meta WHERE name = 'region'").fetchone()[0]
        if found != region:
            raise StoreDamaged(f"{self._path} holds region {found!r}, not {region!r}. Was the file renamed?")

    @contextlib.contextmanager
    def _opening(self, database: sqlite3.Connection | None = None) -> Iterator[None]:
        """Turn what SQLite says of a file that cannot be opened into what to do about it."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if database is not None:
                database.close()
            raise self._opening_error(error) from error

    def _opening_error(self, error: sqlite3.DatabaseError) -> StoreError:
        if _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            holder = lock_holder(self._path) if self._path else None
            who = f"process {holder}" if holder else "another process"
            return RegionInUse(
                f"{self._name} is held by {who}. A region runs in one process at a time: stop that one first."
            )
        if _code(error) == sqlite3.SQLITE_FULL:
            return self._full()
        return StoreDamaged(f"{self._name} can't be opened: {error}. Check the file, or go back. {GO_BACK}")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StoreDamaged(f"{self._name} can't be read: {error}. {GO_BACK}") from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """One transaction; whatever fails inside or at its commit leaves the file as it was before."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except BaseException as error:
            # A failed COMMIT may have rolled back already; then there is nothing left to undo.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and _code(error) not in (
                sqlite3.SQLITE_BUSY,
                sqlite3.SQLITE_LOCKED,
            ):
                raise self._write_error(error) from error
            raise

    def _write_error(self, error: sqlite3.OperationalError) -> StoreError:
        if _code(error) == sqlite3.SQLITE_FULL:
            return self._full()
        return StoreFailed(f"{self._name} can't be written: {error}. See the system's log for the disk.")

    def _full(self) -> StoreFull:
        return StoreFull(
            f"no room to write {self._name}: the region waits. Free space on its disk and it goes on by itself."
        )

    def _advance(self, lease: Lease, tick: int) -> None:
        if self._database.execute(_TICK, {"tick": tick, "epoch": lease.epoch}).rowcount != 1:
            stands = f"tick {self._meta('tick')} of epoch {self._meta('epoch')}"
            raise LeaseLost(
                f"tick {tick} of epoch {lease.epoch} refused by {self._name}, which stands at {stands}."
                " Another process has claimed the region; this one must let it go."
            )

    def _meta(self, name: str) -> int:
        return int(self._database.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0])


def _beginning(path: Path) -> Path:
    """The mark of a store that is made and has not been written yet."""
    return path.with_name(f"{path.name}.beginning")


def _code(error: sqlite3.DatabaseError) -> int:
    # The low byte is SQLite's primary code; the rest only refines it. Errors of Python's own module have no
    # code.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
