"""A region with its exchange and its store: one tick, one transaction, then what may leave.

The one idea: output commit. Everything a tick changed, the kernel's rows and the exchange's, goes into one
transaction; only when that is durable are frames handed out, answers given and what was said let out. A
tick that the store refuses for want of room is kept, and written before anything else once there is room;
until then the region stands still, tells its neighbours to keep what they have for it, and lets out nothing
new, so nobody can have seen what is not stored.

While it is held, for the copies of a backup, it takes nothing from its neighbours: see docs/protocol.md.

It has no clock and no socket: real processes and the simulation drive it alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from migrate.deliveries import Delivery
from migrate.exchange import Exchange
from simulator.errors import StoreError, StoreFull
from simulator.row_records import ClockRow, encode_row, read_row
from simulator.store import Lease, RowChanges, RowKey, Rows

CLOCK_ROW: RowKey = ("host", "clock")

Frames = list[tuple[str, bytes]]


class StepOutputs(Protocol):
    """What the host needs of a step's outputs; the observer gets all of them after the commit."""

    @property
    def rows(self) -> RowChanges:
        """The kernel's rows that changed; None deletes one."""


Brought = TypeVar("Brought", bound=StepOutputs)
BroughtBy = TypeVar("BroughtBy", bound=StepOutputs, covariant=True)


class Kernel(Protocol[BroughtBy]):
    """What the host needs of a region's kernel."""

    def step(self, now_us: int, inputs: Sequence[Any], slicer: Any) -> BroughtBy:
        """Take what came, run scripts while the slicer gives time, and return what changed."""


class TickStore(Protocol):
    """What the host needs of a `RegionStore`: see there."""

    @property
    def lease(self) -> Lease:
        """The lease that commits are made with."""

    def last_tick(self) -> int:
        """Return the number of the last committed tick; 0 in a new store."""

    def commit(self, lease: Lease, tick: int, rows: RowChanges) -> None:
        """Write one tick, all of it or nothing."""

    def close(self) -> None:
        """Give the lease back."""


@dataclass(slots=True)
class _Unwritten(Generic[Brought]):
    """A tick that has run and is not committed: kept while the store has no room for it."""

    rows: RowChanges
    outputs: Brought


class RegionHost(Generic[Brought]):
    """One region, ready to be ticked by whoever has a clock and a network."""

    def __init__(
        self,
        kernel: Kernel[Brought],
        exchange: Exchange,
        store: TickStore,
        saved: Rows,
        observe: Callable[[Brought], None] = lambda outputs: None,
    ) -> None:
        """`saved` is what the store holds. `observe` is shown each step's outputs once they are committed.

        Raises `StoreDamaged` if the clock's row can't be read.
        """
        self._kernel, self._exchange, self._store, self._observe = kernel, exchange, store, observe
        self._tick = store.last_tick()
        self._commands: list[tuple[object, Callable[[], None] | None]] = []
        self._answers: list[Callable[[], None]] = []
        self._unwritten: _Unwritten[Brought] | None = None
        self._came_meanwhile: list[Delivery] = []
        self._held = False
        self._tell_held: list[Callable[[], None]] = []
        self.stalled: str | None = None
        self.last_now_us = self._now_us = 0
        if CLOCK_ROW in saved:
            self.last_now_us = read_row(CLOCK_ROW, saved[CLOCK_ROW], ClockRow).now_us

    def command(self, command: object, done: Callable[[], None] | None = None) -> None:
        """Give the kernel a command in the next tick; `done` is called once that tick is committed."""
        self._commands.append((command, done))

    def tick(
        self, now_us: int, frames: Iterable[tuple[str, bytes]], slicer: Any, *, may_wait: bool = False
    ) -> Frames:
        """Take the frames, `(source region, bytes)`, run one tick, commit it, and return the frames to send.

        `may_wait`: another tick follows soon, so one that has only taken note of what neighbours have need not be
        committed by itself: it is in the commit of a later one, and acknowledged then.

        Raises `LeaseLost` and `StoreFailed`: the region must then be dropped. A full disk raises nothing,
        see `stalled`.
        """
        # What a held region that stands still has taken must not be acknowledged: its copy may be made already.
        if self._unwritten is not None and (self._held or not self._write(self._unwritten, now_us)):
            self._hear_only(frames, now_us)
            return self._exchange.outgoing(now_us)
        inputs = self._inputs(frames, now_us)
        outputs = self._kernel.step(now_us, inputs, slicer)
        awaited = self._answers or self._tell_held or self._exchange.letters_wait()
        if may_wait and not outputs.rows and not awaited:
            self._observe(outputs)
            return self._exchange.outgoing(now_us)
        rows = {**outputs.rows, **self._exchange.delta()}
        self._write(_Unwritten(rows, outputs), now_us)
        return self._exchange.outgoing(now_us)

    def hold(self, held: Callable[[], None]) -> None:
        """Take no messages from neighbours until `release`, and run on. `held` is called when all that was taken
        before is committed, or when the region stands still: then it commits nothing before `release`.
        """
        self._held = True
        self._exchange.pause()
        self._tell_held.append(held)
        if self._unwritten is not None:
            self._is_held()

    def release(self) -> None:
        """Take messages again, behind the next commit."""
        self._held = False
        self._tell_held.clear()

    def close(self) -> None:
        """Give the region up; everything that was let out is committed. When that was is noted for who goes on."""
        if self._unwritten is None and self._now_us:
            # A store that could not be written before can't be now, which was told then.
            with suppress(StoreError):
                self._commit({})
        self._store.close()

    def _hear_only(self, frames: Iterable[tuple[str, bytes]], now_us: int) -> None:
        """Take acknowledgements; the exchange is paused, so messages stay with the neighbours' links."""
        for source, frame in frames:
            self._came_meanwhile += self._exchange.receive(source, frame, now_us)

    def _inputs(self, frames: Iterable[tuple[str, bytes]], now_us: int) -> list[Delivery | object]:
        inputs: list[Delivery | object] = [*self._came_meanwhile]
        self._came_meanwhile.clear()
        for source, frame in frames:
            inputs += self._exchange.receive(source, frame, now_us)
        inputs += self._exchange.tick(now_us)
        for command, done in self._commands:
            inputs.append(command)
            if done is not None:
                self._answers.append(done)
        self._commands.clear()
        return inputs

    def _commit(self, rows: RowChanges) -> None:
        clock = {CLOCK_ROW: encode_row(ClockRow(self._now_us))}
        self._store.commit(self._store.lease, self._tick + 1, {**rows, **clock})
        self._tick += 1

    def _write(self, tick: _Unwritten[Brought], now_us: int) -> bool:
        """Commit a tick and let out what it brought; False when there is no room, and then it is kept."""
        self._now_us = now_us
        if tick.rows:
            try:
                self._commit(tick.rows)
            except StoreFull as error:
                self._unwritten, self.stalled = tick, str(error)
                self._exchange.pause()
                self._is_held()
                return False
        self._unwritten, self.stalled = None, None
        self._exchange.committed()
        if not self._held:
            self._exchange.resume()
        self._observe(tick.outputs)
        for done in self._answers:
            done()
        self._answers.clear()
        self._is_held()
        return True

    def _is_held(self) -> None:
        for tell in self._tell_held:
            tell()
        self._tell_held.clear()
