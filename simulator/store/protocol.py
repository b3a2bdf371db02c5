"""What a region needs of the service that keeps its state, whatever lies behind it.

The one idea: a region's state is a set of rows `(kind, key) -> bytes`, and a tick is one transaction over
them that also carries the tick's number and is guarded by the epoch of the lease. So a store needs to know
nothing of objects, links or scripts, and a crash always falls back to a whole tick.

What the rows mean is the business of `migrate.rows`, `simulator.row_records` and `simulator.checkpoint`; where they
lie is that of `sqlite`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

from migrate.rows import RowChanges, RowKey

Rows: TypeAlias = dict[RowKey, bytes]

Durability = Literal["full", "process", "memory"]
DURABILITIES: tuple[str, ...] = get_args(Durability)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write a region: a claim with a higher epoch ends every claim before it."""

    region: str
    epoch: int


@dataclass(frozen=True, slots=True)
class StoreStatistics:
    """What a store has done since it was opened. `refused_full`: commits for which there was no room."""

    commits: int
    rows_written: int
    bytes_written: int
    refused_full: int


class RegionStore(Protocol):
    """One region's state. Whoever opens it holds its lease until `close`."""

    @property
    def lease(self) -> Lease:
        """The lease this opening has claimed."""

    def load(self) -> Rows:
        """Return every row as of the last commit. Raises `StoreDamaged` if a row's checksum is wrong."""

    def last_tick(self) -> int:
        """Return the number of the last committed tick; 0 in a new store."""

    def commit(self, lease: Lease, tick: int, rows: RowChanges) -> None:
        """Write one tick, all of it or nothing; a value of None deletes the row.

        Raises `LeaseLost` when the epoch is no longer current, `StoreFull` when there is no room (the same
        commit may be tried again), `StoreFailed` when the system refuses.
        """

    def backup(self, target: Path) -> None:
        """Write the last committed state as a store of its own, while the region runs. Raises `StoreError`, and leaves
        nothing then; whoever is killed meanwhile leaves a part.
        """

    def statistics(self) -> StoreStatistics:
        """Return what was written since the opening."""

    def close(self) -> None:
        """Give the lease back; nothing can be read or written any more."""
