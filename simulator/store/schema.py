"""The tables of a region's SQLite file and the way from every older form of them to the newest.

The one idea: `user_version` in the file's header counts the migrations that have run. A file is brought
forward one step at a time inside one transaction; a file with a higher number was written by a later
Gossamer and is left alone.

Golden files of every version lie in `tests/golden/store` and are opened by every test run.
"""

from __future__ import annotations

import sqlite3
import zlib

from simulator.errors import StoreDamaged, StoreTooNew

APPLICATION_ID = 0x676F7373  # "goss": tells a region's file from any other SQLite file

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID",
        "CREATE TABLE rows (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
        " checksum INTEGER NOT NULL, PRIMARY KEY (kind, key))",
        "INSERT INTO meta VALUES ('epoch', 0), ('tick', 0)",
    ),
    # The same tables. Objects that are written from now on have records of version 3, which no earlier Gossamer reads:
    # it must leave the file alone, and not put them into quarantine.
    (),
)
NEWEST = len(MIGRATIONS)


def bring_forward(database: sqlite3.Connection, name: str) -> None:
    """Create or migrate the tables, inside the caller's transaction. Raises `StoreTooNew`, `StoreDamaged`."""
    version = known_version(database, name)
    _check_kind(database, name, version)
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {NEWEST}")
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def known_version(database: sqlite3.Connection, name: str) -> int:
    """Return the version of a file's tables. Raises `StoreTooNew` if a later Gossamer wrote them."""
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    if version > NEWEST:
        raise StoreTooNew(
            f"{name} has store version {version}; this Gossamer reads versions up to {NEWEST}."
            " Open it with the Gossamer that wrote it, or a later one."
        )
    return version


def row_checksum(kind: str, key: str, value: bytes) -> int:
    """Return the CRC-32 of a row: its key counts too, so that rows that changed places are found."""
    return zlib.crc32(value, zlib.crc32(f"{kind}/{key}".encode()))


def _check_kind(database: sqlite3.Connection, name: str, version: int) -> None:
    found = int(database.execute("PRAGMA application_id").fetchone()[0])
    empty = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if found != APPLICATION_ID and not (version == 0 and empty):
        raise StoreDamaged(
            f"{name} is an SQLite file but not a region's store: application id {found:#x},"
            f" expected {APPLICATION_ID:#x}. Name another folder for the world, or move that file away."
        )
