"""Units and mail from a stranger who was admitted: all of one together stays within what a reader may take."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from migrate.codec import encode, open_record
from migrate.codec.record import seal
from migrate.deliveries import EventArrived
from migrate.errors import BadRecord, CaptureRefused, UnknownProgram
from migrate.limits import RECORD_MEMORY_MAX
from simulator import checkpoint
from simulator.checkpoint import capture, require_readable
from simulator.checkpoint_record import UnitRecord, read_unit
from simulator.checkpoint_restore import begin_again, restore, restore_unit
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


RICH = """
class Rich(Script):
    def on_start(self):
        self.every(0.05, self.tick)
        self.listen(7, name="ada")
        self.heap = {"a": [1, 2.5, "three"], "b": (None, True)}
        self.spawn(self.rest)
        self.spawn(self.count)
        self.object.velocity = Vector(3, 2, 0)
    def rest(self):
        while True:
            self.sleep(0.03)
    def count(self):
        self.n = 0
        while True:
            self.n += 1
    def tick(self):
        self.say(f"{self.n}")
    def on_touch(self, toucher):
        self.sleep(1.0)
"""


def altered(unit: bytes, random: Random) -> bytes:
    """A unit with some bytes changed: most of what the host knows of an object stands around its heap."""
    body = bytearray(unit)
    heap = unit.index(read_unit(unit).heap)
    heap_end = heap + len(read_unit(unit).heap)
    outside = [*range(heap), *range(heap_end, len(unit))]
    for _ in range(random.randint(1, 3)):
        place = min(random.choice(outside), len(body) - 1)
        match random.randrange(3):
            case 0:
                body[place] = random.randrange(256)
            case 1:
                body[place] ^= 1 << random.randrange(8)
            case _:
                body[place : place + 1] = random.choice(
                    (b"\xcf" + b"\xff" * 8, b"\xc0", b"\xd3\x80" + bytes(7), b"")
                )
    return bytes(body)


def live(count: int, seed: int) -> tuple[int, int]:
    """Let that many altered units come; return how many were refused, and how many lived for some frames."""
    random, grid = Random(seed), Grid("west", slices=4)
    box = grid.rez(RICH)
    grid.touch(box)
    grid.tick(4)
    unit, world = capture(grid.object(box)), grid["west"].region._world
    world.take_out(grid.object(box))
    refused = lived = 0
    for _ in range(count):
        try:
            body, _ = restore_unit(box, altered(unit, random), world)
        except (BadRecord, UnknownProgram):
            refused += 1
            continue
        begin_again(body, world.time_us)
        world.take_in(body)
        world.touched(body)
        grid.tick(3)
        lived += 1
        if box in grid["west"].region.objects:
            world.take_out(grid.object(box))
    return refused, lived


def test_altered_units_are_refused_or_live() -> None:
    """What passes the checks runs, is written down, and harms nobody."""
    refused, lived = live(1_000, seed=1)
    assert refused > 300
    assert lived > 100


@pytest.mark.slow
def test_many_altered_units_are_refused_or_live() -> None:
    """The same for longer."""
    for seed in range(2, 52):
        live(2_000, seed)
