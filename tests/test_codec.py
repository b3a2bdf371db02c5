"""Encoding and decoding: values, identity, cycles, frames, instances."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import pytest

from migrate.codec import decode, encode
from migrate.codec.codes import FACTORY_KINDS, NUMBERS, PREFIX
from migrate.control import Box
from migrate.errors import BadRecord, CaptureRefused, TooMuch
from migrate.frame import Frame
from migrate.limits import RECORD_BYTES_MAX
from tests.codec_programs import FakeProgram

HASH = "ab" * 16
PROGRAM = FakeProgram("""
import dataclasses, enum, typing
class Rocket:
    def burn(self): pass
class Slotted:
    __slots__ = ("x", "y")
class Both(Slotted):
    __slots__ = ("z", "__dict__")
class Colour(enum.Enum):
    RED = 1
    GREEN = 2
class Rights(enum.Flag):
    READ = 1
    WRITE = 2
    BOTH = 3
class Stack(list):
    pass
class Point(typing.NamedTuple):
    x: int
    y: int
class Loud:
    def __init__(self): raise AssertionError
    def __setattr__(self, name, value): raise AssertionError
    def __getattribute__(self, name): raise AssertionError
    def __reduce_ex__(self, version): raise AssertionError
""")
MODULES = {HASH: PROGRAM}
NAMES = PROGRAM.namespace


def over(value: Any) -> Any:
    """The value after a journey."""
    return decode(encode(value, modules=MODULES), modules=MODULES)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -1, 2**31, -(2**63), 10**400, 1.5, -0.0, float("inf"), "", "text", "\ud800\0\U0001f680", b"",
        b"\x00\xff", (), (1,), (1, 2, 3, 4), [], [1, [2]], {}, {"a": {1: None}}, {1, 2}, frozenset({"x"}),
        "long" * 100, b"bytes" * 100, list(range(3000)), {n: str(n) for n in range(3000)},
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_plain_values_come_back_equal(value: object) -> None:
    """Values of the plain built-in types are what they were."""
    back = over(value)
    assert (type(value), value) == (type(back), back)


def test_sharing_is_kept() -> None:
    """One list in two places is still one list."""
    shared: list[int] = []
    back = over([shared, {"again": shared}])
    assert back[0] is back[1]["again"]


def test_cycles_are_kept() -> None:
    """A list in itself and a tuple through a list come back as such."""
    loop: list[Any] = []
    loop.append(loop)
    ring: tuple[Any, ...] = (1, [])
    ring[1].append(ring)
    back, again = over((loop, ring))
    assert back[0] is back
    assert again[1][0] is again


@pytest.mark.parametrize(
    "bits", [0x7FF8000000000000, 0xFFF8000000000000, 0x7FF9000000000001, 0xFFFFFFFFFFFFFFFF]
)
def test_a_nan_stays_one_object(bits: int) -> None:
    """It equals nothing, so a dict finds it by identity only."""
    (nan,) = struct.unpack("<d", struct.pack("<Q", bits))
    key, table = over((nan, {nan: 1}))
    assert key in table


@pytest.mark.parametrize(
    "container",
    [
        {(x, y): x for x in range(100) for y in range(100)},
        {(x, y) for x in range(100) for y in range(100)},
        frozenset((x, y) for x in range(100) for y in range(100)),
        {n << 40: n for n in range(5_000)},
    ],
    ids=["dict", "set", "frozenset", "large integers"],
)
def test_more_keys_than_a_reader_hashes_unlooked_at(container: Any) -> None:
    """A grid of places is what scripts keep; its keys come back, in a dict in their order."""
    back = over(container)
    assert container == back
    assert type(container) is not dict or list(container) == list(back)


def test_a_chain_of_objects_may_be_long() -> None:
    """Twenty thousand links need no stack on either side."""
    first = link = NAMES["Rocket"]()
    for _ in range(20_000):
        link.next = link = NAMES["Rocket"]()
    link.next = None
    back, links = over(first), 0
    while back is not None:
        back, links = back.next, links + 1
    assert 20_001 == links


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x" * 7_000_000, "more than 6291456 bytes cannot travel at once: keep less"),
        ([b"x" * 40_000] + [b"%d" % n * 1000 for n in range(2000)], "more than 6291456 bytes cannot"),
        ([{} for _ in range(600_000)], "too much to travel at once: .* bytes more than a record may"),
        ((), "too deeply to travel: keep them flatter"),
    ],
    ids=["bytes", "little by little", "memory", "depth"],
)
def test_what_a_reader_would_refuse_is_not_written(value: Any, message: str) -> None:
    """Better refused at capture, where the script goes on, than where it arrives."""
    for _ in range(20_000 if value == () else 0):
        value = (value,)
    with pytest.raises(CaptureRefused, match=message):
        encode(value, modules=MODULES)


def test_frame_keeps_all_it_is_made_of() -> None:
    """Program, function, point and locals of a frame."""
    back = over((Frame(HASH, "Rocket.burn", "loop:0", {"n": 1, "$it": None}),))[0]
    assert (HASH, "Rocket.burn", "loop:0", {"n": 1, "$it": None}) == (
        back.program,
        back.function,
        back.point,
        back.locals,
    )


def test_instance_keeps_attributes_and_identity() -> None:
    """One instance, referred to by two frames and by itself."""
    rocket = NAMES["Rocket"]()
    rocket.count, rocket.me = 3, rocket
    first, second = over(
        (Frame(HASH, "a", "call:0", {"self": rocket}), Frame(HASH, "b", "loop:0", {"x": rocket}))
    )
    back = first.locals["self"]
    assert back is second.locals["x"] is back.me
    assert (NAMES["Rocket"], 3) == (type(back), back.count)


def test_shared_attribute_dict_stays_shared() -> None:
    """A local that holds an instance's `__dict__` sees later changes."""
    rocket = NAMES["Rocket"]()
    rocket.count = 1
    back, attributes = over([rocket, vars(rocket)])
    back.count = 2
    assert attributes == {"count": 2}


def test_slots_come_back_and_unset_ones_stay_unset() -> None:
    """Slots of a class and of its base, with attributes beside them."""
    value = NAMES["Both"]()
    value.x, value.z, value.more = 1, [2], "three"
    back = over(value)
    assert (1, [2], "three") == (back.x, back.z, back.more)
    assert not hasattr(back, "y")


def test_enum_members_are_the_same_objects() -> None:
    """Members by name, combined flags by value."""
    rights = NAMES["Rights"]
    assert over(NAMES["Colour"].RED) is NAMES["Colour"].RED
    assert over(rights.READ | rights.WRITE) is rights.BOTH


def test_instances_of_extended_builtins_keep_both_halves() -> None:
    """A list with attributes and a named tuple."""
    stack = NAMES["Stack"]([1, 2])
    stack.name = "s"
    back, point = over((stack, NAMES["Point"](3, 4)))
    assert ([1, 2], "s", NAMES["Stack"]) == (list(back), back.name, type(back))
    assert (NAMES["Point"](3, 4), NAMES["Point"]) == (point, type(point))


def test_no_method_of_an_object_is_called() -> None:
    """Neither side runs what a class defines."""
    loud = object.__new__(NAMES["Loud"])
    object.__setattr__(loud, "n", 1)
    assert {"n": 1} == object.__getattribute__(over(loud), "__dict__")


def test_boxes_are_shared_and_may_be_unbound() -> None:
    """A closure's variable is one for all who share it."""
    bound, unbound = Box("n", "f"), Box("m", "f")
    bound.v = None
    first, second, empty = over((bound, bound, unbound))
    assert first is second
    assert (None, "n", "f") == (first.v, first.name, first.owner)
    with pytest.raises(NameError):
        _ = empty.v


def test_externals_are_bound_anew() -> None:
    """The host's own object is replaced by that of the other host."""
    here, there = object(), object()
    data = encode({"host": here}, modules=MODULES, externals={id(here): "host"})
    assert decode(data, modules=MODULES, externals={"host": there})["host"] is there


def test_a_factory_that_is_added_changes_no_record() -> None:
    """What a record holds is numbered behind the numbers that are kept for factories, used or not."""
    shared: list[object] = []
    assert b"h" + bytes([NUMBERS + 1]) in encode([shared, shared], modules={})
    assert NUMBERS == PREFIX.count(b"\x94") == len(FACTORY_KINDS)


def test_what_a_host_wrote_itself_it_reads_again() -> None:
    """Its own store is no stranger: a key that is refused from elsewhere comes back."""
    key: Any = ("a",)
    for _ in range(14):
        key = (key, key)
    record = encode({key: 1}, modules=MODULES)
    with pytest.raises(BadRecord, match="nested too deeply"):
        decode(record, modules=MODULES)
    assert {key: 1} == decode(record, modules=MODULES, own=True)


def test_no_more_is_written_than_a_record_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """To find out that it is too much takes no longer, however much it is."""
    written = 0

    def count(buffer: BytesIO, data: Any) -> int:
        nonlocal written
        taken = BytesIO.write(buffer, data)
        written += taken
        return taken

    monkeypatch.setattr("migrate.codec.writer._take", count)
    with pytest.raises(TooMuch, match="keep less"):
        encode([0] * 10_000_000, modules={})
    assert RECORD_BYTES_MAX < written < RECORD_BYTES_MAX + 1_000_000
