"""Iterators that stand half-way, without moving them.

The one idea: an iterator is the thing it goes over and a position. CPython tells both for most types by `__reduce__`;
what it does not tell (which dict or set stands behind an iterator) the garbage collector knows.

What is put together again is the same type, over the same container, with the check that the container kept its
size. Two exceptions: an iterator over a set has its own type here, because the members may lie in another order; and
one over a dict that is not complete yet, because the iterator hangs on one of the dict's own values, is a chain.
"""

from __future__ import annotations

import collections
import ctypes
import enum
import gc
import itertools
import operator
import sys
import warnings
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.control import Begun
from migrate.errors import BadRecord, CaptureRefused

if TYPE_CHECKING:
    from migrate.codec.instances import Parts


def _iterator(name: str, *arguments: object) -> Parts:
    return IteratorFactories.iterator, (name, *arguments)


def _part_sequence(name: str) -> Callable[[Any, Any], Parts]:
    """Over a list, tuple, string, …: (the sequence, the index); an exhausted one has an empty one, maybe a tuple."""

    def part(_: object, iterator: Any) -> Parts:
        _, (sequence,), *index = iterator.__reduce__()
        return _iterator("tuple" if type(sequence) is tuple else name, sequence, *index)

    return part


def _part_range(_: object, iterator: Any) -> Parts:
    _, (numbers,), *index = iterator.__reduce__()
    left = numbers[index[0] or 0 :] if index else numbers
    return _iterator("range", left.start, left.stop, left.step)


def _part_enumerate(_: object, iterator: Any) -> Parts:
    return _iterator("enumerate", *iterator.__reduce__()[1])


def _part_zip(_: object, iterator: Any) -> Parts:
    _, iterators, *strict = iterator.__reduce__()
    return _iterator("zip", iterators, bool(strict))


def _part_callable(_: object, iterator: Any) -> Parts:
    _, arguments, *_ = iterator.__reduce__()
    if len(arguments) != 2:
        return _iterator("tuple", ())
    if type(getattr(arguments[0], "__self__", None)).__name__ == "SRE_Scanner":
        raise CaptureRefused(
            "the iterator of re.finditer cannot travel by itself: loop over it directly, or keep list(re.finditer(…))."
        )
    return _iterator("callable", *arguments)


_DICT_KINDS: Final[dict[type, tuple[str, Callable[[Any], Any]]]] = {
    type(iter({})): ("keys", lambda inside: dict.keys(inside)),
    type(iter({}.values())): ("values", lambda inside: dict.values(inside)),
    type(iter({}.items())): ("items", lambda inside: dict.items(inside)),
    type(reversed({})): ("keys-reversed", lambda inside: reversed(dict.keys(inside))),
    type(reversed({}.values())): ("values-reversed", lambda inside: reversed(dict.values(inside))),
    type(reversed({}.items())): ("items-reversed", lambda inside: reversed(dict.items(inside))),
}
_DICT_OPENERS: Final[dict[str, Callable[[Any], Any]]] = dict(_DICT_KINDS.values())

_ORDERED_OPENERS: Final[dict[str, Callable[[Any], Any]]] = {
    "ordered-keys": lambda inside: iter(collections.OrderedDict.keys(inside)),
    "ordered-values": lambda inside: iter(collections.OrderedDict.values(inside)),
    "ordered-items": lambda inside: iter(collections.OrderedDict.items(inside)),
    "ordered-keys-reversed": lambda inside: reversed(collections.OrderedDict.keys(inside)),
    "ordered-values-reversed": lambda inside: reversed(collections.OrderedDict.values(inside)),
    "ordered-items-reversed": lambda inside: reversed(collections.OrderedDict.items(inside)),
}
_OPENERS: Final = _DICT_OPENERS | _ORDERED_OPENERS


def _remaining(iterator: Any) -> list[object] | None:
    """What it will still give; None if its next step raises, because keys of its dict were taken out and put back.

    Raises CaptureRefused if its container has changed in a way that a script may still take back.
    """
    try:
        _, (left,) = iterator.__reduce__()
    except RuntimeError as error:
        if "keys changed" in str(error) and not operator.length_hint(iterator):
            return None
        raise CaptureRefused(
            f"a loop goes over something that was changed meanwhile ({error}): its iterator cannot travel. "
            "Loop over list(…) of it, or change it after the loop."
        ) from None
    return list(left)


def _container_of(iterator: Any, kind: type) -> Any:
    """The dict or set behind it; None once it is exhausted."""
    return next((value for value in gc.get_referents(iterator) if isinstance(value, kind)), None)


def _part_dict(_: object, iterator: Any) -> Parts:
    inside = _container_of(iterator, dict)
    if inside is None:
        return _iterator("tuple", ())
    left = _remaining(iterator)
    name = _DICT_KINDS[type(iterator)][0]
    if left is None:
        return _iterator("changed keys", name)
    return _iterator("dict", name, inside, len(inside), len(inside) - len(left))


def _part_ordered(_: object, iterator: Any) -> Parts:
    inside = _container_of(iterator, collections.OrderedDict)
    if inside is None:
        return _iterator("tuple", ())
    left = _remaining(iterator) or []
    name = next(name for name, opened in _ORDERED_OPENERS.items() if _ends_with(list(opened(inside)), left))
    return _iterator("dict", name, inside, len(inside), len(inside) - len(left))


def _ends_with(items: list[Any], left: list[Any]) -> bool:
    """Whether `left` is what an iterator over `items` still gives; pairs are made anew each time."""
    rest = items[len(items) - len(left) :]
    return all(a is b or (type(a) is type(b) is tuple and len(a) == len(b) == 2 and a[0] is b[0] and a[1] is b[1])
               for a, b in zip(rest, left, strict=True))  # fmt: skip


class SetIterator:
    """What is left of a loop over a set after a journey: the members, and the set that must keep its size."""

    __slots__ = ("_inside", "_left", "_size")

    def __init__(self, inside: Any, left: list[object], size: int = -1) -> None:
        if not isinstance(inside, set | frozenset) or type(left) is not list:
            raise BadRecord("a record holds an iterator over a set that is none.")
        self._inside: Any = inside
        # Taken from the end. The size that it must keep is mostly known only when the whole record has been read.
        self._left, self._size = left[::-1], exact(size, int)

    def __iter__(self) -> SetIterator:
        return self

    def __next__(self) -> object:
        if self._inside is None:
            raise StopIteration
        if self._size < 0:
            self._size = len(self._inside)
        if len(self._inside) != self._size:
            self._size = 1 << 62  # It stays broken, as a set's own iterator does.
            raise RuntimeError("Set changed size during iteration")
        if not self._left:
            self._inside = None
            raise StopIteration
        return self._left.pop()

    def __length_hint__(self) -> int:
        return len(self._left)

    def part(self) -> Parts:
        if self._inside is None:
            return _iterator("tuple", ())
        changed = self._size >= 0 and len(self._inside) != self._size
        return _iterator("set", self._inside, self._left[::-1], *((self._size,) if changed else ()))

    def settle(self) -> None:
        """The set is complete: from now on its size must not change."""
        if self._size < 0:
            self._size = len(self._inside)


def _part_set(_: object, iterator: Any) -> Parts:
    inside = _container_of(iterator, set) or _container_of(iterator, frozenset)
    if inside is None:
        return _iterator("tuple", ())
    return _iterator("set", inside, _remaining(iterator))


_DEQUE_CHANGES: Final = 7
_ITERATOR_CHANGES: Final = 5
"""Where a deque, and an iterator over one, count changes: words from the start of the object (CPython 3.11 to 3.13,
`Modules/_collectionsmodule.c`, `state`). Nothing else tells that an iterator will find its deque changed."""


def _word(value: object, word: int) -> int:
    return ctypes.c_size_t.from_address(id(value) + word * ctypes.sizeof(ctypes.c_size_t)).value


def _part_deque(_: object, iterator: Any) -> Parts:
    kind, (inside, index) = iterator.__reduce__()
    if operator.length_hint(iterator) and _word(inside, _DEQUE_CHANGES) != _word(iterator, _ITERATOR_CHANGES):
        raise CaptureRefused(
            "a loop goes over a deque that was changed meanwhile: its iterator cannot travel. "
            "Loop over list(…) of it, or change it after the loop."
        )
    return _iterator("deque" if kind is type(iter(deque())) else "reversed deque", inside, index)


def _part_set_iterator(_: object, iterator: SetIterator) -> Parts:
    return iterator.part()


class LateIterator:
    """An iterator over a dict that was not complete when it was put together: it opens when it is first used."""

    __slots__ = ("_inside", "_name", "_opened", "_position")

    def __init__(self, name: str, inside: Any, position: int) -> None:
        self._name, self._inside, self._position = name, inside, position
        self._opened: Iterator[object] | None = None

    def __iter__(self) -> LateIterator:
        return self

    def __next__(self) -> object:
        if self._opened is None:
            self.settle()
        assert self._opened is not None
        return next(self._opened)

    def settle(self) -> None:
        """The dict is complete."""
        if self._opened is None:
            self._opened = _opened_at(self._name, self._inside, self._position)

    def part(self, writer: Any) -> Parts:
        self.settle()
        return PARTERS[type(self._opened)](writer, self._opened)


def _opened_at(name: str, inside: Any, position: int) -> Iterator[object]:
    opened: Iterator[object] = iter(_OPENERS[name](inside))
    for _ in range(position):
        next(opened, None)
    return opened


_ITERTOOLS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (
        itertools.accumulate, itertools.chain, itertools.combinations, itertools.combinations_with_replacement,
        itertools.compress, itertools.count, itertools.cycle, itertools.dropwhile, itertools.filterfalse,
        itertools.groupby, itertools.islice, itertools.permutations, itertools.product,
        itertools.repeat, itertools.starmap, itertools.takewhile, itertools.zip_longest, map, filter,
    )
} | {
    "tee": type(itertools.tee(())[0]),
    "tee data": type(itertools.tee(())[0].__reduce__()[2][0]),
    "grouper": type(next(itertools.groupby("x"))[1]),
}  # fmt: skip
"""Iterators that say by `__reduce__` what makes them again: up to Python 3.13."""

_ITERTOOLS_NAMES: Final = {kind: name for name, kind in _ITERTOOLS.items()}


def _reduced(iterator: Any) -> tuple[Any, ...]:
    with warnings.catch_warnings():
        # Python 3.12 and 3.13 announce that 3.14 will not do this any more.
        warnings.simplefilter("ignore", DeprecationWarning)
        parts: tuple[Any, ...] = iterator.__reduce__()
    return parts


def _part_itertool(_: object, iterator: Any) -> Parts:
    kind, arguments, *state = _reduced(iterator)
    if kind is iter:
        return _iterator("tuple", ())
    if kind is itertools.groupby and not state:
        # It tells nothing of a group whose items are being taken; the garbage collector knows its key.
        known = [value for value in gc.get_referents(iterator) if value is not itertools.groupby]
        if known[2:]:
            return _iterator("group", *arguments, known[-1])
    # None as a state means that there is none.
    return _iterator("itertool", _ITERTOOLS_NAMES[kind], arguments, *(s for s in state if s is not None))


_BATCH_SIZE, _BATCH_STRICT = 3, 4
"""Where an `itertools.batched` keeps its arguments: words from the start of the object (CPython 3.12 and 3.13,
`Modules/itertoolsmodule.c`, `batchedobject`; the second one is a byte). Nothing else tells them."""


def _part_batched(_: object, iterator: Any) -> Parts:
    inside = [value for value in gc.get_referents(iterator) if value is not type(iterator)]
    if not inside:
        return _iterator("tuple", ())
    is_strict = _BATCHED_IS_STRICT and bool(_word(iterator, _BATCH_STRICT) & 0xFF)
    return _iterator("batched", *inside, _word(iterator, _BATCH_SIZE), is_strict)


_BATCHED_IS_STRICT: Final = sys.version_info >= (3, 13)


def _made_batched(inside: Any, size: int, is_strict: bool) -> object:
    if not 1 <= exact(size, int) <= _POOL_MAX:
        raise BadRecord(f"a record holds batches of {size}: from 1 to {_POOL_MAX} are taken.")
    if not hasattr(itertools, "batched") or is_strict > _BATCHED_IS_STRICT:
        return Batched(inside, size, is_strict)
    options = {"strict": True} if is_strict else {}
    made: object = itertools.batched(inside, size, **options)
    return made


class Batched:
    """What `itertools.batched` is on a Python that has none, or none that is strict: it came from a newer one."""

    __slots__ = ("_inside", "_is_strict", "_size")

    def __init__(self, inside: Iterator[object], size: int, is_strict: bool) -> None:
        self._inside, self._size, self._is_strict = inside, size, is_strict

    def __iter__(self) -> Batched:
        return self

    def __next__(self) -> tuple[object, ...]:
        batch = tuple(itertools.islice(self._inside, self._size))
        if not batch:
            raise StopIteration
        if self._is_strict and len(batch) < self._size:
            raise ValueError("batched(): incomplete batch")
        return batch

    def part(self) -> Parts:
        return _iterator("batched", self._inside, self._size, self._is_strict)


def _made_group(inside: Any, key: Any, current: object) -> object:
    """A `groupby` that has given an item of the group `current`."""
    made: Any = itertools.groupby(inside, key)
    made.__setstate__((current, None, current))
    next(_ITERTOOLS["grouper"](made, current))
    return made


class Pairwise:
    """What is left of `itertools.pairwise` after a journey: that one cannot be told the item that it holds."""

    __slots__ = ("_held", "_inside")

    def __init__(self, inside: Iterator[object], *held: object) -> None:
        self._inside, self._held = inside, held

    def __iter__(self) -> Pairwise:
        return self

    def __next__(self) -> tuple[object, object]:
        if not self._held:
            self._held = (next(self._inside),)
        (first,), second = self._held, next(self._inside)
        self._held = (second,)
        return first, second

    def part(self) -> Parts:
        return _iterator("pairwise", self._inside, *self._held)


_KEEPS_RESULT: Final = isinstance(gc.get_referents(itertools.pairwise("ab"))[-1], tuple)
"""Since Python 3.13 a pairwise also keeps the tuple that it gave last."""


def _part_pairwise(_: object, iterator: Any) -> Parts:
    """Says nothing by itself; the garbage collector knows its iterator and the item it holds."""
    # Since Python 3.12 it refers to its type as well.
    known = [value for value in gc.get_referents(iterator) if value is not itertools.pairwise]
    if _KEEPS_RESULT:
        known.pop()
    inside, *held = known or [iter(())]
    return _iterator("pairwise", inside, *held)


def _part_reversed(_: object, iterator: Any) -> Parts:
    kind, (sequence,), *index = iterator.__reduce__()
    if kind is not reversed or not index:
        return _iterator("tuple", ())
    return _iterator("reversed", sequence, *index)


_One = enum.Enum("_One", "A")

_MEMBERS_CODES: Final = frozenset((iter(_One).gi_code, reversed(_One).gi_code))  # type: ignore[attr-defined]  # generators


def part_members(generator: GeneratorType[Any, Any, Any]) -> Parts | None:
    """`for member in SomeEnum`: a generator of the library's, over the names of the members."""
    frame = generator.gi_frame
    if generator.gi_code not in _MEMBERS_CODES:
        return None
    if frame is None:
        return _iterator("tuple", ())
    variables = frame.f_locals
    kind, (names,), *index = variables[".0"].__reduce__()
    if not index:
        left: list[str] = []
    elif kind is reversed:
        left = names[index[0] :: -1] if index[0] >= 0 else []
    else:
        left = names[index[0] :]
    members = variables["cls"]._member_map_
    return _iterator("list", [members[name] for name in left], 0)


_SEQUENCES: Final[dict[str, tuple[type, type]]] = {
    "list": (type(iter([])), list),
    "tuple": (type(iter(())), tuple),
    "str": (type(iter("")), str),
    "wide str": (type(iter("\u0100")), str),
    "bytes": (type(iter(b"")), bytes),
    "bytearray": (type(iter(bytearray())), bytearray),
    "array": (type(iter(array("b"))), array),
}


class _Indexed:
    def __getitem__(self, index: int) -> object:
        raise IndexError


PARTERS: Final[dict[type, Callable[[Any, Any], Parts]]] = {
    **{kind: _part_sequence(name) for name, (kind, _) in _SEQUENCES.items()},
    type(iter(_Indexed())): _part_sequence("indexed"),
    type(iter(range(0))): _part_range,
    type(iter(range(1 << 70))): _part_range,
    enumerate: _part_enumerate,
    zip: _part_zip,
    type(iter(int, 1)): _part_callable,
    **dict.fromkeys(_DICT_KINDS, _part_dict),
    type(iter(collections.OrderedDict())): _part_ordered,
    type(iter(set())): _part_set,
    SetIterator: _part_set_iterator,
    LateIterator: lambda writer, iterator: iterator.part(writer),
    type(iter(deque())): _part_deque,
    type(reversed(deque())): _part_deque,
    type(reversed([])): _part_reversed,
    reversed: _part_reversed,
    **dict.fromkeys(_ITERTOOLS.values(), _part_itertool),
    **({itertools.batched: _part_batched} if hasattr(itertools, "batched") else {}),
    Batched: lambda _, iterator: iterator.part(),
    itertools.pairwise: _part_pairwise,
    Pairwise: lambda _, iterator: iterator.part(),
    Begun: lambda _, begun: _iterator("begun", begun.iterator),
}


def _sequence_maker(base: type | None) -> Callable[..., Iterator[object]]:
    def make(sequence: Any, index: int = 0) -> Iterator[object]:
        if base is not None and not isinstance(sequence, base):
            raise BadRecord(
                f"a record holds an iterator over a {type(sequence).__name__} that cannot be one."
            )
        made: Any = iter(sequence) if base is None else base.__iter__(sequence)  # type: ignore[attr-defined]  # all have it
        made.__setstate__(exact(index, int))
        return made  # type: ignore[no-any-return]  # an iterator

    return make


def _made_dict_iterator(name: str, inside: Any, size: int, position: int) -> Iterator[object]:
    if (
        name not in _OPENERS
        or not isinstance(inside, dict)
        or not 0 <= exact(position, int) <= exact(size, int)
    ):
        raise BadRecord("a record holds an iterator over a dict that is none.")
    if len(inside) != size:
        return LateIterator(name, inside, position)
    return _opened_at(name, inside, position)


def _made_of_changed_keys(name: str) -> Iterator[object]:
    """One whose next step says that keys were changed, because its dict has more of them than it should give."""
    items = {1: 1}
    iterator: Iterator[object] = iter(_DICT_OPENERS[name](items))
    next(iterator)
    del items[1]
    items[2] = 2
    return iterator


_POOL_MAX: Final = 10_000
"""What `permutations(pool, r)` and the like may take at once, as `r`."""


def _made_itertool(name: str, arguments: Any, *state: Any) -> object:
    kind = _ITERTOOLS[name]
    if any(type(argument) is int and abs(argument) > _POOL_MAX for argument in exact(arguments, tuple)) and name in (
        "combinations", "combinations_with_replacement", "permutations",
    ):  # fmt: skip
        raise BadRecord(f"a record holds {name} of more than {_POOL_MAX}.")
    made = kind(*arguments)
    if state:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.__setstate__(*state)
    return made


def _made_reversed(sequence: Any, index: int) -> object:
    made: Any = list.__reversed__(sequence) if isinstance(sequence, list) else reversed(sequence)
    made.__setstate__(exact(index, int))
    return made


_MAKERS: Final[dict[str, Callable[..., object]]] = {
    **{name: _sequence_maker(base) for name, (_, base) in _SEQUENCES.items()},
    "indexed": _sequence_maker(None),
    "range": lambda start, stop, step: iter(range(exact(start, int), exact(stop, int), exact(step, int))),
    "enumerate": lambda iterator, index: enumerate(iterator, exact(index, int)),
    "zip": lambda iterators, strict: zip(*exact(iterators, tuple), strict=exact(strict, bool)),
    "callable": lambda function, sentinel: iter(function, sentinel),
    "dict": _made_dict_iterator,
    "changed keys": _made_of_changed_keys,
    "set": SetIterator,
    "deque": lambda inside, index: type(iter(deque()))(inside, exact(index, int)),  # type: ignore[call-arg]  # undocumented
    "reversed deque": lambda inside, index: type(reversed(deque()))(inside, exact(index, int)),  # type: ignore[call-arg]  # undocumented
    "reversed": _made_reversed,
    "itertool": _made_itertool,
    "batched": _made_batched,
    "group": _made_group,
    "pairwise": Pairwise,
    "begun": Begun,
}


class IteratorFactories:
    """Puts iterators together."""

    __slots__ = ()

    late: list[SetIterator | LateIterator]

    def iterator(self, name: str, *arguments: Any) -> object:
        """An iterator that goes on where it was."""
        made = _MAKERS[name](*arguments)
        if isinstance(made, SetIterator | LateIterator):
            self.late.append(made)
        return made
