"""The store beside a model of it, a dict: whatever is done to both, they say the same.

Hypothesis makes up what is done: commits, refused commits, full disks, processes that end or are killed, backups.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from simulator.errors import LeaseLost, StoreFull
from simulator.store import Lease, RowChanges, RowKey, SqliteStore
from simulator.store.reading import read_store

KEYS = st.tuples(st.sampled_from(["object", "link", "outbox"]), st.sampled_from(["a", "b", "ä|1", ""]))
VALUES = st.one_of(st.none(), st.binary(max_size=40), st.integers(1, 60).map(lambda kib: bytes(kib * 1024)))
CHANGES = st.dictionaries(KEYS, VALUES, max_size=6)
NO_LIMIT = 1 << 20


class StoreBesideModel(RuleBasedStateMachine):
    """One region's file, in mode full, and what it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="store-model-"))
        self.lives = 0
        self.path = self.folder / "0" / "middle.sqlite"
        self.rows: dict[RowKey, bytes] = {}
        self.tick = self.epoch = 0
        self.open()

    def open(self) -> None:
        self.store = SqliteStore("middle", self.path)
        self.epoch += 1

    def apply(self, changes: RowChanges) -> None:
        for key, value in changes.items():
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value

    @rule(changes=CHANGES, step=st.integers(1, 3))
    def commit(self, changes: RowChanges, step: int) -> None:
        """A tick is written."""
        self.tick += step
        self.store.commit(self.store.lease, self.tick, changes)
        self.apply(changes)

    @rule(changes=CHANGES, back=st.integers(0, 2))
    def commit_again(self, changes: RowChanges, back: int) -> None:
        """A tick that was written before is refused."""
        with pytest.raises(LeaseLost):
            self.store.commit(self.store.lease, self.tick - back, changes)

    @rule(changes=CHANGES)
    def commit_without_lease(self, changes: RowChanges) -> None:
        """A commit of an earlier owner is refused."""
        with pytest.raises(LeaseLost):
            self.store.commit(Lease("middle", self.epoch - 1), self.tick + 1, changes)

    @rule(changes=CHANGES, again=st.booleans())
    def commit_on_a_full_disk(self, changes: RowChanges, again: bool) -> None:
        """It is written whole or not at all; the same commit succeeds when there is room."""
        self.limit(1)
        try:
            self.store.commit(self.store.lease, self.tick + 1, changes)
            written = True
        except StoreFull:
            written = False
        self.limit(NO_LIMIT)
        if again and not written:
            self.store.commit(self.store.lease, self.tick + 1, changes)
            written = True
        if written:
            self.tick += 1
            self.apply(changes)

    @rule()
    def end(self) -> None:
        """Its process ends in order, and another one begins."""
        self.store.close()
        self.open()

    @rule()
    def die(self) -> None:
        """Its process is killed: the next one finds the files as they lie there."""
        self.lives += 1
        found = self.folder / str(self.lives)
        shutil.copytree(self.path.parent, found)
        self.store.close()
        self.path = found / "middle.sqlite"
        self.open()

    @rule()
    def back_up(self) -> None:
        """A backup can be read by itself, and holds the same."""
        self.lives += 1
        target = self.folder / f"backup-{self.lives}.sqlite"
        self.store.backup(target)
        stored = read_store(target)
        assert (self.epoch, self.tick, self.rows, ()) == (
            stored.epoch,
            stored.tick,
            stored.rows,
            stored.damaged,
        )

    @invariant()
    def is_as_the_model(self) -> None:
        """What is read is what was written."""
        assert (self.tick, self.epoch) == (self.store.last_tick(), self.store.lease.epoch)
        assert self.rows == self.store.load()

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.store.close()
        shutil.rmtree(self.folder)

    def limit(self, pages_max: int) -> None:
        """Let the file not grow, which is what SQLite makes of a full disk."""
        self.store._database.execute(f"PRAGMA max_page_count = {pages_max}")


def compare(runs: int, steps: int) -> None:
    kept: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}
    run_state_machine_as_test(
        StoreBesideModel, settings=settings(max_examples=runs, stateful_step_count=steps, **kept)
    )


def test_the_store_does_what_its_model_does() -> None:
    """Some dozens of lives of a store."""
    compare(15, 20)


@pytest.mark.slow
def test_the_store_does_what_its_model_does_for_long() -> None:
    """The same for longer."""
    compare(150, 60)
