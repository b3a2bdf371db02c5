"""What does it cost a tick that scripts in it have changed: writing them down, and making that durable?

Measured on a real store file with full durability. Limit: the same bytes written to a file with one `fsync`, which is
what the disk takes whatever the software is.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from bench.figures import Figures, Samples, alternate, figure
from bench.regions import TOUCHED, OneRegion, touches
from simulator.store import SqliteStore

SIZES = (1, 10, 100, 1_000)


def run(quick: bool) -> Figures:
    """`commit.*`."""
    rounds = 10 if quick else 60
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        one = OneRegion()
        ids = one.rez(TOUCHED, max(SIZES))
        store = SqliteStore("west", Path(folder) / "west.sqlite", "full")
        for dirty in SIZES[-3:-1] if quick else SIZES:
            figures |= _figures(dirty, _measured(one, ids[:dirty], store, Path(folder) / "bare", rounds))
        store.close()
    return figures


def _measured(
    one: OneRegion, ids: list[str], store: SqliteStore, bare: Path, rounds: int
) -> dict[str, list[float]]:
    """Milliseconds of a tick's parts, with that many dirty scripts."""
    commands = touches(ids, 1)
    one.step(commands)
    rows = one.step(commands).rows

    def write() -> float:
        """What the tick takes longer because its objects are written down; they are clean in the other tick."""
        began = time.perf_counter()
        one.step(commands)
        return (time.perf_counter() - began) * 1e3

    def commit() -> float:
        began = time.perf_counter()
        store.commit(store.lease, store.last_tick() + 1, rows)
        return (time.perf_counter() - began) * 1e3

    data = b"".join(value for value in rows.values() if value)
    kept = _Unwritten(ids)
    return alternate(
        {"tick": write, "clean": kept.tick, "store": commit, "fsync": lambda: _fsync_ms(bare, data)}, rounds
    )


class _Unwritten:
    """The same tick in a region that writes nothing down."""

    def __init__(self, ids: list[str]) -> None:
        self._one = OneRegion(written=False)
        self._commands = touches(self._one.rez(TOUCHED, len(ids)), 1)

    def tick(self) -> float:
        """Its milliseconds."""
        began = time.perf_counter()
        self._one.step(self._commands)
        return (time.perf_counter() - began) * 1e3


def _fsync_ms(path: Path, data: bytes) -> float:
    with path.open("wb") as file:
        began = time.perf_counter()
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        return (time.perf_counter() - began) * 1e3


def _figures(dirty: int, found: dict[str, list[float]]) -> Figures:
    limit = min(found["fsync"])
    captured: Samples = [
        max(0.0, tick - clean) for tick, clean in zip(found["tick"], found["clean"], strict=True)
    ]
    whole = [one + other for one, other in zip(captured, found["store"], strict=True)]
    return {
        f"commit.dirty{dirty}_ms": figure(whole, "ms", limit, note="written down and committed"),
        f"commit.dirty{dirty}_written_ms": figure(captured, "ms", note="of that, capture and encoding"),
        f"commit.dirty{dirty}_stored_ms": figure(found["store"], "ms", limit, note="of that, SQLite"),
    }
