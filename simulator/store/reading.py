"""Reads a region's file without claiming it: for looking into a store that nobody runs, or into a backup.

The one idea: a stopped region's file is whole by itself, so it is opened as one that never changes; the epoch
stays what it was. What a killed process has left is read in a copy, because SQLite puts the two files of it together
where it opens them. A file that a process holds is refused: back it up and look into the copy.
"""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.errors import RegionInUse, StoreDamaged
from simulator.store.lockholder import lock_holder
from simulator.store.protocol import Rows
from simulator.store.schema import APPLICATION_ID, known_version, row_checksum


@dataclass(frozen=True, slots=True)
class StoredRegion:
    """What a file holds. `damaged`: keys of rows whose checksum is wrong; they are not among the rows."""

    region: str
    epoch: int
    tick: int
    rows: Rows
    damaged: tuple[str, ...]


def read_store(path: Path) -> StoredRegion:
    """Read a region's file. Raises RegionInUse, StoreDamaged, StoreTooNew."""
    try:
        log = _log_of(path)
        if not log.exists():
            return _read_file(f"{path.absolute().as_uri()}?immutable=1", path)
        holder = lock_holder(path)
        if holder is not None:
            raise RegionInUse(
                f"{path} can't be read on its own: process {holder} holds it. Stop that, or look into a backup."
            )
        with TemporaryDirectory(prefix="gossamer-") as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(log, _log_of(copy))
            return _read_file(copy.as_uri(), path)
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(f"{path} can't be read: {error}. Name a region's store.") from None


def _log_of(path: Path) -> Path:
    """Where SQLite keeps what a process has written last."""
    return path.with_name(path.name + "-wal")


def _read_file(uri: str, path: Path) -> StoredRegion:
    database = sqlite3.connect(uri, uri=True)
    try:
        return _read(database, path)
    finally:
        database.close()


def _read(database: sqlite3.Connection, path: Path) -> StoredRegion:
    if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreDamaged(f"{path} is an SQLite file but not a region's store. Name a region's store.")
    known_version(database, str(path))
    meta = dict(database.execute("SELECT name, value FROM meta"))
    rows: Rows = {}
    damaged: list[str] = []
    for kind, key, value, checksum in database.execute("SELECT kind, key, value, checksum FROM rows"):
        if checksum == row_checksum(kind, key, value):
            rows[kind, key] = value
        else:
            damaged.append(f"{kind}/{key}")
    return StoredRegion(
        str(meta.get("region", "?")), int(meta["epoch"]), int(meta["tick"]), rows, tuple(damaged)
    )
