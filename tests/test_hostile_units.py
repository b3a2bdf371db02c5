"""Units and mail from a stranger who was admitted: all of one together stays within what a reader may take."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace

from migrate.codec import encode, open_record
from migrate.codec.record import seal
from migrate.deliveries import EventArrived
from migrate.errors import BadRecord, CaptureRefused
from migrate.limits import RECORD_MEMORY_MAX
from simulator import checkpoint
from simulator.checkpoint import capture, require_readable
from simulator.checkpoint_record import UnitRecord, read_unit
from simulator.checkpoint_restore import restore
from simulator.world.linksets import link
from simulator.world.mail import Sent
from simulator.world.objects import WorldObject
from tests.regions import Grid

BOX = """
class Box(Script):
    def on_start(self):
        self.held = "what is put in here"
"""
HELD = b"\x8c\x13what is put in here\x94"
PARTS = 30
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def linkset() -> WorldObject:
    """The root of a linkset of boxes with a script each."""
    grid = Grid("west")
    boxes = [grid.object(grid.rez(BOX)) for _ in range(PARTS + 1)]
    for box in boxes[1:]:
        link(boxes[0], box.ref)
    grid.tick(2)
    return boxes[0]


def with_held(record: UnitRecord, held: bytes) -> UnitRecord:
    """A record in whose script something else lies."""
    heap = open_record(record.heap)
    body = heap.body[:2] + heap.body[11:].replace(
        HELD, held
    )  # without the frame around it, whose length changes
    return replace(record, heap=seal(heap.programs, body))


def evil(root: WorldObject, held: bytes) -> UnitRecord:
    """A whole linkset with that in each part."""
    record = read_unit(capture(root))
    encoder = msgspec.msgpack.Encoder()
    return replace(
        record, parts=tuple(encoder.encode(with_held(read_unit(each), held)) for each in record.parts)
    )


SETS = b"(" + b"\x8f" * 150_000 + b"t\x94"  # 32 MiB of sets in 150 KB
KEYS = (
    b"}("
    + b"".join(b"\x8a\x0b" + (1 + n * (2**61 - 1)).to_bytes(11, "little") + b"N" for n in range(4_000))
    + b"u\x94"
)


@pytest.mark.parametrize("held", [SETS, KEYS], ids=["memory", "keys that collide"])
def test_parts_share_what_a_unit_may_take(linkset: WorldObject, held: bytes) -> None:
    """One of them would be let through; thirty of them would take a gigabyte, or a minute."""
    record = evil(linkset, held)
    tracemalloc.start()
    with pytest.raises(BadRecord, match=r"more than a record may|could collide"):
        restore(record, linkset.world)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * MIB


def test_what_no_reader_takes_does_not_leave(linkset: WorldObject) -> None:
    """A linkset whose parts together are too much is refused here, with the reason; a smaller one is not."""
    require_readable(capture(linkset))
    with pytest.raises(CaptureRefused, match="with all its parts"):
        require_readable(msgspec.msgpack.encode(evil(linkset, SETS)))
    assert checkpoint.READABLE_BYTES_MAX < RECORD_MEMORY_MAX


def sent(size: int) -> bytes:
    """A message with a payload of so many bytes, more or less."""
    return msgspec.msgpack.encode(Sent("eve", encode("x" * size, modules={})))


@pytest.mark.parametrize(("size", "unread"), [(16_000, 0), (17_000, 1)])
def test_messages_larger_than_scripts_may_send_are_not_read(size: int, unread: int) -> None:
    """They are counted; a neighbour's scripts can't have sent them."""
    grid = Grid("west")
    box = grid.rez(BOX)
    one = grid["west"]
    step: Callable[..., object] = one.region._crossings.take
    step(EventArrived("east:1", box, sent(size)))
    assert unread == one.region.statistics().events_unread
