"""Reads a stranger's pickle without making anything of it, and refuses what could hurt.

The one idea: pickle is a small stack machine, so it is run here first with numbers in place of values. A
number says what kind of value would lie there (`codes`). When the run ends well, the real unpickler will call
nothing but our factories, add to nothing but new lists, dicts and sets, hash nothing costly, and stay within
its memory.

It allocates about 16 bytes for each byte read and makes no object of the record. What the factories do with
their arguments is their own to check.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NoReturn

from migrate.codec.codes import (
    COLLIDING,
    DICT,
    FACTORIES,
    FACTORY,
    FACTORY_KINDS,
    LIST,
    OPAQUE,
    PLAIN,
    SET,
    TUPLE,
)
from migrate.errors import BadRecord, TooManyCollidingKeys
from migrate.limits import (
    COLLIDING_KEYS_MAX,
    HASH_VISITS_MAX,
    KEY_VISITS_MAX,
    RECORD_MEMORY_MAX,
    UNIT_COLLIDING_KEYS_MAX,
)

_PRODUCTS: Final = tuple((factory.product, factory.product_bytes) for factory in FACTORIES)

_FIXED_OPS: Final[dict[int, int]] = {
    ord("N"): 1,
    0x88: 1,
    0x89: 1,
    ord(")"): 1,
    ord("K"): 2,
    ord("M"): 3,
    ord("J"): 5,
    ord("G"): 9,
}
"""Opcodes that push one plain value: their whole length."""

_FIXED: Final = bytes(_FIXED_OPS.get(op, 0) for op in range(256))
"""The same by opcode; 0 for all others."""

_COUNTED: Final[dict[int, int]] = {
    ord("X"): 4,
    0x8D: 8,
    ord("C"): 1,
    ord("B"): 4,
    0x8E: 8,
    0x96: 8,
    0x8A: 1,
    0x8B: 4,
}
"""Opcodes that push a string, bytes, a bytearray or a long integer: the length of their count."""

_COUNTED_KINDS: Final[dict[int, int]] = {0x96: OPAQUE, 0x8A: COLLIDING, 0x8B: COLLIDING}

_ITEM_BYTES: Final = 40
"""An item of a container: its reference, and what most values take."""

_LEAF: Final = re.compile(rb"\x94\((?:G.{8}|h[\x40-\xff]|K.|[N\x88\x89)]|M..|J.{4})+e", re.DOTALL)
"""Behind EMPTY_LIST: a list of numbers and of what the record itself has memoized, which is never a factory."""

_LEAF_BODY_MAX: Final = 256 * 1024
"""Bytes of a heap up to which such lists are taken at once. Each of their bytes is then reckoned as an item, which
is too much, but not too much for a heap of that size.
"""


class Room:
    """What all records of one unit together may take of their reader. `bytes`: of memory. `keys`: that could
    collide.
    """

    __slots__ = ("bytes", "keys")

    def __init__(self) -> None:
        self.bytes, self.keys = RECORD_MEMORY_MAX, UNIT_COLLIDING_KEYS_MAX

    def screen(self, body: bytes) -> int:
        """Run one record's heap and take off what it needs; return how much memory is left."""
        keys = _Keys()
        self.bytes = screen(body, self.bytes, keys)
        self.keys -= keys.colliding
        if self.keys < 0:
            raise TooManyCollidingKeys(
                f"records that came together have more than {UNIT_COLLIDING_KEYS_MAX} keys that could collide."
            )
        return self.bytes


def screen(body: bytes, room: int, keys: _Keys | None = None) -> int:
    """Run `body` with kinds for values; return how much of `room` (bytes of memory) the real run leaves. `keys`:
    counts what its keys cost.

    Longer than the house rule: it is the machine itself, and a call for each opcode would double its time.
    """
    if body[:2] != b"\x80\x05":
        _refuse("it does not begin as protocol 5")
    try:
        return _run(body, room, keys or _Keys())
    except IndexError:
        raise BadRecord(
            "the heap of a record cannot be read: it ends early or takes what is not there. "
            "Have it sent again."
        ) from None


def _run(body: bytes, room: int, keys: _Keys) -> int:
    stack: list[int] = []
    push = stack.append
    below: list[list[int]] = []
    memo = list(FACTORY_KINDS)
    memoize = memo.append
    fixed, leaf = _FIXED, _LEAF.match if len(body) <= _LEAF_BODY_MAX else _never
    i = 2
    while True:
        op = body[i]
        if op == 0x8C:  # SHORT_BINUNICODE, almost always memoized
            push(PLAIN)
            i += 2 + body[i + 1]
            if body[i] == 0x94:
                memoize(PLAIN)
                i += 1
        elif op == 0x68:  # BINGET
            push(memo[body[i + 1]])
            i += 2
        elif length := fixed[op]:
            push(PLAIN)
            i += length
        elif op == 0x28:  # MARK
            below.append(stack)
            stack = []
            push = stack.append
            i += 1
        elif op == 0x75:  # SETITEMS
            items = stack
            stack = below.pop()
            push = stack.append
            if stack[-1] != DICT or len(items) & 1:
                _refuse("it sets items of what is no new dict")
            if any(items):
                keys.check(items[::2])
                _check_values(items)
            room -= _ITEM_BYTES * len(items)
            i += 1
        elif op == 0x5D:  # EMPTY_LIST
            push(LIST)
            room -= 56
            i += 1
            if found := leaf(body, i):
                memoize(LIST)
                room -= _ITEM_BYTES * (found.end() - i)
                i = found.end()
        elif op == 0x94:  # MEMOIZE
            kind = stack[-1]
            if kind >= FACTORY:
                _refuse("it keeps a factory for later")
            memoize(kind)
            i += 1
        elif op == 0x65:  # APPENDS
            items = stack
            stack = below.pop()
            push = stack.append
            if stack[-1] != LIST:
                _refuse("it appends to what is no new list")
            if any(items):
                _check_values(items)
            room -= _ITEM_BYTES * len(items)
            i += 1
        elif 0x85 <= op <= 0x87:  # TUPLE1, TUPLE2, TUPLE3
            items = _take(stack, op - 0x84)
            push(_tuple_kind(items) if any(items) else TUPLE + op - 0x84)
            room -= 168
            i += 1
        elif op == 0x74:  # TUPLE
            items = stack
            stack = below.pop()
            push = stack.append
            push(_tuple_kind(items) if any(items) else TUPLE + len(items))
            room -= _ITEM_BYTES * len(items) + 48
            i += 1
        elif op == 0x52:  # REDUCE
            stack.pop()
            number = stack.pop() - FACTORY
            if number < 0:
                _refuse("it calls what is no factory")
            kind, size = _PRODUCTS[number]
            push(kind)
            room -= size
            i += 1
        elif op == 0x7D:  # EMPTY_DICT
            push(DICT)
            room -= 64
            i += 1
        elif op in _COUNTED:
            width = _COUNTED[op]
            count = int.from_bytes(body[i + 1 : i + 1 + width], "little")
            i += 1 + width + count
            if i > len(body):
                _refuse(f"a value of {count} bytes is longer than the record")
            push(_COUNTED_KINDS.get(op, PLAIN))
            room -= count
        elif op == 0x30:  # POP
            stack.pop()
            i += 1
        elif op == 0x6A:  # LONG_BINGET
            push(memo[int.from_bytes(body[i + 1 : i + 5], "little")])
            i += 5
        elif op == 0x61:  # APPEND
            (item,) = items = _take(stack, 1)
            if stack[-1] != LIST or item >= FACTORY:
                _refuse("it appends to what is no new list")
            room -= _ITEM_BYTES
            i += 1
        elif op == 0x73:  # SETITEM
            items = _take(stack, 2)
            if stack[-1] != DICT:
                _refuse("it sets an item of what is no new dict")
            keys.check(items[:1])
            _check_values(items)
            room -= 2 * _ITEM_BYTES
            i += 1
        elif op == 0x8F:  # EMPTY_SET
            push(SET)
            room -= 216
            i += 1
        elif op == 0x90:  # ADDITEMS
            items = stack
            stack = below.pop()
            push = stack.append
            if stack[-1] != SET:
                _refuse("it adds to what is no new set")
            keys.check(items)
            room -= 2 * _ITEM_BYTES * len(items)
            i += 1
        elif op == 0x91:  # FROZENSET
            items = stack
            stack = below.pop()
            push = stack.append
            keys.check(items)
            push(_tuple_kind(items))
            room -= 2 * _ITEM_BYTES * len(items) + 216
            i += 1
        elif op == 0x95:  # FRAME: only tells the unpickler how much to read ahead
            count = int.from_bytes(body[i + 1 : i + 9], "little")
            i += 9
            if i + count > len(body):
                _refuse(f"a frame of {count} bytes is longer than the record")
        elif op == 0x31:  # POP_MARK
            stack = below.pop()
            push = stack.append
            i += 1
        elif op == 0x2E:  # STOP
            if i + 1 != len(body):
                _refuse(f"{len(body) - i - 1} bytes follow its end")
            if len(stack) != 1 or below or stack[0] >= FACTORY:
                _refuse("it does not end with one value")
            room -= 60 * len(memo)
            if room < 0:
                _refuse(f"it would take {-room} bytes more than a record may")
            return room
        else:
            _refuse(f"it holds opcode {op:#04x} at byte {i}")


def _never(body: bytes, start: int) -> None:
    """No list is taken at once."""


def _take(stack: list[int], count: int) -> list[int]:
    if len(stack) < count:
        _refuse("it takes values that are not there")
    items = stack[-count:]
    del stack[-count:]
    return items


def _check_values(items: Sequence[int]) -> None:
    if max(items, default=PLAIN) >= FACTORY:
        _refuse("it keeps a factory as a value")


def _tuple_kind(items: Sequence[int]) -> int:
    highest = max(items, default=PLAIN)
    if highest == PLAIN:
        return TUPLE + len(items)
    if highest >= FACTORY:
        _refuse("it keeps a factory as a value")
    if any(LIST <= item <= OPAQUE for item in items):
        return OPAQUE
    # The sum grows with every reference to a shared tuple, as the time to hash it does.
    return min(TUPLE + len(items) + sum(items), TUPLE + HASH_VISITS_MAX)


class _Keys:
    """What keys of dicts and members of sets may cost in one record."""

    __slots__ = ("colliding", "visits")

    def __init__(self) -> None:
        self.colliding = 0
        self.visits = 0

    def check(self, kinds: Sequence[int]) -> None:
        if not any(kinds):
            return
        for kind in kinds:
            if kind == PLAIN:
                continue
            if LIST <= kind <= OPAQUE or kind >= FACTORY:
                _refuse("a key is of a kind that may not be one")
            if kind > KEY_VISITS_MAX:
                _refuse("a key is nested too deeply")
            self.colliding += 1
            self.visits += kind
        if self.visits > HASH_VISITS_MAX:
            _refuse("hashing its keys would take too long")
        if self.colliding > COLLIDING_KEYS_MAX:
            raise TooManyCollidingKeys(
                f"a record has more than {COLLIDING_KEYS_MAX} keys that could collide."
            )


def _refuse(reason: str) -> NoReturn:
    raise BadRecord(
        f"the heap of a record is refused: {reason}. It was not written by this version's encoder."
    )
