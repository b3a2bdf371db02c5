"""Objects whose values are put together before they come, by the drafts that neighbours send ahead of their offers.

The one idea: what takes longest of an arrival is to screen a stranger's heap and to make its values, and that is done
while the object still runs on the other side. The unit that comes is compared with its draft, byte by byte. Where no
script of it has run since, its heap is the same, and only its fields are filled in. Where one has, or where the draft
was lost, nothing differs but the time that it takes. Machines that move while they run are moved likewise: see
"Live Migration of Virtual Machines", Clark et al., NSDI 2005.

Nothing here is durable: a region that begins again knows of no drafts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from migrate.errors import BadRecord, UnknownProgram
from migrate.frame_parts import drop_generators
from migrate.limits import OFFER_US_MAX
from simulator.checkpoint_earlier import fields_of
from simulator.checkpoint_record import VERSION, UnitRecord, read_unit
from simulator.checkpoint_restore import Opened, limited_reading, members_of, open_unit
from simulator.world.objects import WorldObject
from simulator.world.world import World

DRAFT_BYTES_MAX: Final = 64 * 1024
"""A larger unit comes without a draft: it would be sent twice."""

DRAFTS_BYTES_MAX: Final = 2 * 1024 * 1024
"""Of all drafts of a region together: two hundred objects of 10 KB under way at a time. The oldest gives way."""

DRAFTS_LEN_MAX: Final = 512
"""However small they are: each may need a module of its own, which a few hundred bytes can't tell the size of."""

DRAFT_US_MAX: Final = OFFER_US_MAX
"""As long as an offer stands; what has not come by then has been refused, or its simulator is gone."""


@dataclass(frozen=True, slots=True)
class _Draft:
    opened: list[Opened]
    bytes: int
    until_us: int


class Drafts:
    """The drafts of one region's arrivals, by the id of their root; the oldest first."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._drafts: dict[str, _Draft] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._drafts)

    def open(self, id: str, data: bytes) -> None:
        """Read what a neighbour says that it will offer. What can't be read now is read, or refused, when it comes."""
        self._forget(id)
        if len(data) > DRAFT_BYTES_MAX:
            return
        try:
            record = read_unit(data)
            if record.version != VERSION or record.object != id:
                return
            with limited_reading(id, self._world) as generators:
                opened = open_unit(members_of(record), self._world, generators=generators)
        except (BadRecord, UnknownProgram):
            return
        if generators:
            # They could not be let go of like values: what stands in their `finally` is not to run here.
            drop_generators(generators)
            return
        self._drafts[id] = _Draft(opened, len(data), self._world.now_us + DRAFT_US_MAX)
        self.bytes += len(data)
        while self.bytes > DRAFTS_BYTES_MAX or len(self) > DRAFTS_LEN_MAX:
            self._forget(next(iter(self._drafts)))

    def take(self, records: Sequence[UnitRecord]) -> list[Opened] | None:
        """Return a linkset as it was opened, with the fields that it came with; None if it has changed since, or was
        never here. It is taken once. Raises `BadRecord` if it is without fields.
        """
        draft = self._forget(records[0].object)
        if draft is None or [*map(_kept, records)] != [_kept(opened.record) for opened in draft.opened]:
            return None
        self._world.counts.drafts_used += 1
        return [_refilled(opened, record) for opened, record in zip(draft.opened, records, strict=True)]

    def forget_old(self) -> None:
        """Let go of those whose time is over."""
        while self._drafts:
            id, draft = next(iter(self._drafts.items()))
            if draft.until_us > self._world.now_us:
                return
            self._forget(id)

    def _forget(self, id: str) -> _Draft | None:
        draft = self._drafts.pop(id, None)
        if draft is not None:
            self.bytes -= draft.bytes
        return draft


def _kept(record: UnitRecord) -> tuple[object, ...]:
    """What of a record its values depend on."""
    return (
        record.version,
        record.object,
        record.name,
        record.owner,
        record.programs,
        record.carried,
        record.heap,
    )


def _refilled(opened: Opened, record: UnitRecord) -> Opened:
    fields, scripts = fields_of(record, opened.values)
    return Opened(record, opened.body, opened.values, fields, scripts)


def may_stay_as_it_is(body: WorldObject) -> bool:
    """Whether an object's scripts all wait, so that a draft of it may still be true when it leaves."""
    return not any(script.runnable for each in body.members for script in each.scripts)
