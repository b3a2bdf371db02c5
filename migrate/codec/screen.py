"""Reads a stranger's pickle without making anything of it, and refuses what could hurt.

The one idea: pickle is a small stack machine, so it is run here first with numbers in place of values. A
number says what kind of value would lie there (`codes`). When the run ends well, the real unpickler will call
nothing but our factories, add to nothing but new lists, dicts and sets, hash nothing costly, and stay within
its memory.

It allocates about 16 bytes for each byte read and makes no object of the record. What the factories do with
their arguments is their own to check.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final, NoReturn

from migrate.codec.codes import (
    COLLIDING,
    DICT,
    FACTORIES,
    FACTORY,
    FACTORY_KINDS,
    FIELDS,
    LIST,
    OPAQUE,
    PLAIN,
    SET,
    TUPLE,
)
from migrate.codec.runs import RUN_BYTE_BYTES, RUNS, Match, kinds_kept, only_texts_kept
from migrate.errors import BadRecord, TooManyCollidingKeys
from migrate.limits import (
    COLLIDING_KEYS_MAX,
    HASH_VISITS_MAX,
    KEY_VISITS_MAX,
    OPEN_MARKS_MAX,
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

AT_ONCE_BYTES_MAX: Final = 128 * 1024
"""Bytes of heaps, in one unit, in which runs are taken at once. How much memory those take is reckoned by their bytes,
which is too much, but not too much for that few.
"""

_SEVERAL: Final = FACTORY << 1
"""Kind of what stands for the values of a run until its list or dict takes them: nothing else may."""

_RUN_ON_STACK: Final = {LIST: (_SEVERAL,), DICT: (_SEVERAL, _SEVERAL)}

_NEVER_KEYS: Final = frozenset({LIST, DICT, SET, OPAQUE})

_SHORT_RUN_BYTES: Final = 200
"""In shorter runs it is looked at once whether they keep texts only: what is kept there is asked for most."""

_PLAIN: Final = (PLAIN,)

_UNKNOWN: Final = (-1,)
"""Kind of a value that was kept in a run and has not been asked for yet."""


class Room:
    """What all records of one unit together may take of their reader. `bytes`: of memory. `keys`: that could
    collide.
    """

    __slots__ = ("at_once", "bytes", "keys")

    def __init__(self, *, at_once: int = AT_ONCE_BYTES_MAX) -> None:
        """`at_once`: bytes of heaps that may be looked at roughly; 0 reckons the memory exactly."""
        self.bytes, self.keys, self.at_once = RECORD_MEMORY_MAX, UNIT_COLLIDING_KEYS_MAX, at_once

    def screen(self, body: bytes) -> int:
        """Run one record's heap and take off what it needs; return how much memory is left."""
        keys = _Keys()
        self.bytes = screen(body, self.bytes, keys, self.at_once)
        self.at_once -= len(body)
        self.keys -= keys.colliding
        if self.keys < 0:
            raise TooManyCollidingKeys(
                f"records that came together have more than {UNIT_COLLIDING_KEYS_MAX} keys that could collide."
            )
        return self.bytes


def screen(body: bytes, room: int, keys: _Keys | None = None, at_once: int = 0) -> int:
    """Run `body` with kinds for values; return how much of `room` (bytes of memory) the real run leaves. `keys`:
    counts what its keys cost. `at_once`: up to how many bytes runs of plain values are taken at once.
    """
    if body[:2] != b"\x80\x05":
        _refuse("it does not begin as protocol 5")
    keys = keys or _Keys()
    if len(body) <= at_once:
        try:
            return _run(body, room, keys, RUNS)
        except (BadRecord, IndexError):
            # It may only be too intricate to be taken at once.
            keys.colliding = keys.visits = 0
    try:
        return _run(body, room, keys, {})
    except IndexError:
        raise BadRecord(
            "the heap of a record cannot be read: it ends early or takes what is not there. "
            "Have it sent again."
        ) from None


def _run(body: bytes, room: int, keys: _Keys, runs: Mapping[int, Match]) -> int:
    """Longer than the house rule: it is the machine itself, and a call for each opcode would double its time."""
    stack: list[int] = []
    below: list[list[int]] = []
    memo = list(FACTORY_KINDS)
    untold: list[tuple[int, int, int]] = []
    fixed = _FIXED
    i = 2
    while True:
        op = body[i]
        if op == 0x8C:  # SHORT_BINUNICODE, almost always memoized
            stack.append(PLAIN)
            i += 2 + body[i + 1]
            if body[i] == 0x94:
                memo.append(PLAIN)
                i += 1
        elif op == 0x68:  # BINGET
            kind = memo[body[i + 1]]
            if kind < 0:
                kind = _told(body, memo, untold, body[i + 1])
            stack.append(kind)
            i += 2
        elif length := fixed[op]:
            stack.append(PLAIN)
            i += length
        elif op > 0x7F:
            if op == 0x94:  # MEMOIZE
                kind = stack[-1]
                if kind >= FACTORY:
                    _refuse("it keeps a factory for later")
                memo.append(kind)
                i += 1
            elif op == 0x86:  # TUPLE2
                items = [stack.pop(), stack.pop()]
                kind = _tuple_kind(items) if any(items) else TUPLE + 2
                stack.append(kind)
                room -= 168
                i += 1
                if body[i] == 0x94:
                    memo.append(kind)
                    i += 1
            elif op == 0x85 or op == 0x87:  # TUPLE1, TUPLE3
                items = [stack.pop()] if op == 0x85 else [stack.pop(), stack.pop(), stack.pop()]
                kind = _tuple_kind(items) if any(items) else TUPLE + len(items)
                stack.append(kind)
                room -= 168
                i += 1
                if body[i] == 0x94:
                    memo.append(kind)
                    i += 1
            elif op == 0x95:  # FRAME: only tells the unpickler how much to read ahead
                count = int.from_bytes(body[i + 1 : i + 9], "little")
                i += 9
                if i + count > len(body):
                    _refuse(f"a frame of {count} bytes is longer than the record")
            elif op == 0x8F:  # EMPTY_SET
                stack.append(SET)
                room -= 216
                i += 1
            elif op == 0x90:  # ADDITEMS
                items = stack
                stack = below.pop()
                if stack[-1] != SET:
                    _refuse("it adds to what is no new set")
                keys.check(items)
                room -= 2 * _ITEM_BYTES * len(items)
                i += 1
            elif op == 0x91:  # FROZENSET
                items = stack
                stack = below.pop()
                keys.check(items)
                stack.append(_tuple_kind(items))
                room -= 2 * _ITEM_BYTES * len(items) + 216
                i += 1
            elif op in _COUNTED:
                stack.append(_COUNTED_KINDS.get(op, PLAIN))
                count, i = _counted(body, i)
                room -= count
            else:
                _refuse(f"it holds opcode {op:#04x} at byte {i}")
        elif op == 0x28:  # MARK
            below.append(stack)
            if len(below) > OPEN_MARKS_MAX:
                _refuse(f"more than {OPEN_MARKS_MAX} containers are open in each other")
            i += 1
            kind = stack[-1] if stack else PLAIN
            stack = []
            if kind in runs and (found := runs[kind](body, i)):
                end = found.end()
                if found.lastindex is not None:
                    memo += kinds_kept(body, i, end)
                elif end - i < _SHORT_RUN_BYTES and only_texts_kept(body, i, end):
                    memo += _PLAIN * body.count(b"\x94", i, end)
                elif kept := body.count(b"\x94", i, end):
                    untold.append((len(memo), i, end))
                    memo += _UNKNOWN * kept
                room -= RUN_BYTE_BYTES * (end - i)
                i = end
                stack += _RUN_ON_STACK[kind]
        elif op == 0x7D:  # EMPTY_DICT
            stack.append(DICT)
            room -= 64
            i += 1
            if body[i] == 0x94:
                memo.append(DICT)
                i += 1
        elif op == 0x75:  # SETITEMS
            items = stack
            stack = below.pop()
            if stack[-1] != DICT or len(items) & 1:
                _refuse("it sets items of what is no new dict")
            if any(items):
                if items[0] == _SEVERAL:
                    items[:2] = PLAIN, PLAIN
                if any(its_keys := items[::2]):
                    keys.check(its_keys)
                if max(items) >= FACTORY:
                    _refuse("it keeps a factory as a value")
            room -= _ITEM_BYTES * len(items)
            i += 1
        elif op == 0x52:  # REDUCE
            arguments = stack.pop()
            number = stack.pop() - FACTORY
            if number < 0:
                _refuse("it calls what is no factory")
            kind, size = _PRODUCTS[number]
            if kind == FIELDS:
                kind = max(COLLIDING, arguments)
            stack.append(kind)
            room -= size
            i += 1
            if body[i] == 0x94:
                memo.append(kind)
                i += 1
        elif op == 0x74:  # TUPLE
            items = stack
            stack = below.pop()
            kind = _tuple_kind(items) if any(items) else TUPLE + len(items)
            stack.append(kind)
            room -= _ITEM_BYTES * len(items) + 48
            i += 1
            if body[i] == 0x94:
                memo.append(kind)
                i += 1
        elif op == 0x30:  # POP
            if stack.pop() == _SEVERAL:
                _refuse("it drops one value of a run")
            i += 1
        elif op == 0x73:  # SETITEM
            item, key = stack.pop(), stack.pop()
            if stack[-1] != DICT or item >= FACTORY:
                _refuse("it sets an item of what is no new dict")
            if key:
                keys.check((key,))
            room -= 2 * _ITEM_BYTES
            i += 1
        elif op == 0x5D:  # EMPTY_LIST
            stack.append(LIST)
            room -= 56
            i += 1
            if body[i] == 0x94:
                memo.append(LIST)
                i += 1
        elif op == 0x65:  # APPENDS
            items = stack
            stack = below.pop()
            if stack[-1] != LIST:
                _refuse("it appends to what is no new list")
            if any(items):
                if items[0] == _SEVERAL:
                    items[0] = PLAIN
                if max(items) >= FACTORY:
                    _refuse("it keeps a factory as a value")
            room -= _ITEM_BYTES * len(items)
            i += 1
        elif op == 0x61:  # APPEND
            item = stack.pop()
            if stack[-1] != LIST or item >= FACTORY:
                _refuse("it appends to what is no new list")
            room -= _ITEM_BYTES
            i += 1
        elif op == 0x6A:  # LONG_BINGET
            number = int.from_bytes(body[i + 1 : i + 5], "little")
            kind = memo[number]
            if kind < 0:
                kind = _told(body, memo, untold, number)
            stack.append(kind)
            i += 5
        elif op == 0x31:  # POP_MARK
            stack = below.pop()
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
        elif op in _COUNTED:
            stack.append(_COUNTED_KINDS.get(op, PLAIN))
            count, i = _counted(body, i)
            room -= count
        else:
            _refuse(f"it holds opcode {op:#04x} at byte {i}")


def _told(body: bytes, memo: list[int], untold: list[tuple[int, int, int]], number: int) -> int:
    """The kind of a value that was kept in a run, now that it is asked for; that run's others are told too."""
    at = bisect_right(untold, number, key=itemgetter(0)) - 1
    first, start, end = untold[at]
    kinds = kinds_kept(body, start, end)
    memo[first : first + len(kinds)] = kinds
    return memo[number]


def _counted(body: bytes, i: int) -> tuple[int, int]:
    """How long the value at `i` is that says so itself, and where it ends."""
    width = _COUNTED[body[i]]
    count = int.from_bytes(body[i + 1 : i + 1 + width], "little")
    i += 1 + width + count
    if i > len(body):
        _refuse(f"a value of {count} bytes is longer than the record")
    return count, i


def _tuple_kind(items: Sequence[int]) -> int:
    highest = max(items) if items else PLAIN
    if LIST <= highest <= OPAQUE:
        return OPAQUE
    if highest >= FACTORY:
        _refuse("it keeps a factory as a value")
    if not _NEVER_KEYS.isdisjoint(items):
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
