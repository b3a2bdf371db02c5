"""How long SQLite's log of a store may grow, where the disk is small.

The one idea: a log of 4 MB costs nothing on a disk with room, and can fill a small one by itself, though the store
takes a hundredth of that. There the log is folded into the file more often; elsewhere that would double what commits of
large stores take.

It writes nothing of a store.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

SMALL_DISK_BYTES = 64 << 20  # free when a store is opened: the logs of sixteen regions
LOG_PAGES = 64
PAGE_BYTES = 4096


def shorten_log(database: sqlite3.Connection) -> None:
    """Fold the log often from now on, and give back what it has taken beyond that."""
    database.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
    database.execute(f"PRAGMA journal_size_limit = {LOG_PAGES * PAGE_BYTES}")


def lies_on_small_disk(path: Path) -> bool:
    """Return whether there is little room where the store lies."""
    return shutil.disk_usage(path.parent).free < SMALL_DISK_BYTES
