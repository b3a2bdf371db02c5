"""Encoding and decoding: values, identity, cycles, frames, instances."""

from __future__ import annotations

from typing import Any

import pytest

from migrate.codec import decode, encode
from migrate.control import Box
from migrate.frame import Frame
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
