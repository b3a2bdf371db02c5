"""The data service: where a region's state survives its process.

`RegionStore` is what a region needs of a store, `SqliteStore` the embedded one. Rows are opaque bytes here.
"""

from migrate.rows import RowChanges, RowKey
from simulator.store.protocol import (
    DURABILITIES,
    Durability,
    Lease,
    RegionStore,
    Rows,
    StoreStatistics,
)
from simulator.store.sqlite import SqliteStore

__all__ = [
    "DURABILITIES",
    "Durability",
    "Lease",
    "RegionStore",
    "RowChanges",
    "RowKey",
    "Rows",
    "SqliteStore",
    "StoreStatistics",
]
