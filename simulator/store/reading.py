"""Reads a region's file without claiming it: for looking into a store that nobody runs, or into a backup.

The one idea: a stopped region's file is whole by itself, so it is opened as one that never changes; the epoch
stays what it was. A file that a process holds is refused: back it up and look into the copy.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import RegionInUse, StoreDamaged
from simulator.store.lockholder import lock_holder
from simulator.store.protocol import Rows
from simulator.store.schema import APPLICATION_ID
from simulator.store.sqlite import row_checksum


@dataclass(frozen=True, slots=True)
class StoredRegion:
    """What a file holds. `damaged`: keys of rows whose checksum is wrong; they are not among the rows."""

    region: str
    epoch: int
    tick: int
    rows: Rows
    damaged: tuple[str, ...]


def read_store(path: Path) -> StoredRegion:
    """Read a region's file. Raises RegionInUse, StoreDamaged."""
    if path.with_name(path.name + "-wal").exists():
        holder = lock_holder(path)
        who = (
            f"process {holder} holds it"
            if holder
            else "its last owner was killed, and what it wrote last is apart"
        )
        raise RegionInUse(
            f"{path} can't be read on its own: {who}. Run the region and stop it, or look into a backup."
        )
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
        try:
            return _read(database, path)
        finally:
            database.close()
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(f"{path} can't be read: {error}. Name a region's store.") from None


def _read(database: sqlite3.Connection, path: Path) -> StoredRegion:
    if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreDamaged(f"{path} is an SQLite file but not a region's store. Name a region's store.")
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
