"""Iterators that stand half-way, without moving them: all of them, and here those over sequences and of the builtins.

The one idea: an iterator is the thing it goes over and a position. CPython tells both for most types by `__reduce__`;
what is put together again is the same type, over the same container.

Those over dicts and sets are in `hashed_iterators`, those of `itertools` in `itertools_iterators`.
"""

from __future__ import annotations

import enum
import operator
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final

from migrate.codec import hashed_iterators, itertools_iterators
from migrate.codec.containers import exact
from migrate.codec.iterator_factory import MAKERS, IteratorFactories, Unsettled, parts_of, word_of
from migrate.control import Begun
from migrate.errors import BadRecord, CaptureRefused

if TYPE_CHECKING:
    from migrate.codec.instances import Parts

__all__ = ["PARTERS", "IteratorFactories", "Unsettled", "part_members"]


def _part_sequence(name: str) -> Callable[[Any, Any], Parts]:
    """Over a list, tuple, string, …: (the sequence, the index); an exhausted one has an empty one, maybe a tuple."""

    def part(_: object, iterator: Any) -> Parts:
        _, (sequence,), *index = iterator.__reduce__()
        return parts_of("tuple" if type(sequence) is tuple else name, sequence, *index)

    return part


def _part_range(_: object, iterator: Any) -> Parts:
    _, (numbers,), *index = iterator.__reduce__()
    left = numbers[index[0] or 0 :] if index else numbers
    return parts_of("range", left.start, left.stop, left.step)


def _part_enumerate(_: object, iterator: Any) -> Parts:
    return parts_of("enumerate", *iterator.__reduce__()[1])


def _part_zip(_: object, iterator: Any) -> Parts:
    _, iterators, *strict = iterator.__reduce__()
    return parts_of("zip", iterators, bool(strict))


def _part_callable(_: object, iterator: Any) -> Parts:
    _, arguments, *_ = iterator.__reduce__()
    if len(arguments) != 2:
        return parts_of("tuple", ())
    if type(getattr(arguments[0], "__self__", None)).__name__ == "SRE_Scanner":
        raise CaptureRefused(
            "the iterator of re.finditer cannot travel by itself: loop over it directly, or keep list(re.finditer(…))."
        )
    return parts_of("callable", *arguments)


_DEQUE_CHANGES: Final = 7
_ITERATOR_CHANGES: Final = 5
"""Where a deque, and an iterator over one, count changes: words from the start of the object (CPython 3.11 to 3.13,
`Modules/_collectionsmodule.c`, `state`). Nothing else tells that an iterator will find its deque changed."""


def _part_deque(_: object, iterator: Any) -> Parts:
    kind, (inside, index) = iterator.__reduce__()
    if operator.length_hint(iterator) and word_of(inside, _DEQUE_CHANGES) != word_of(
        iterator, _ITERATOR_CHANGES
    ):
        raise CaptureRefused(
            "a loop goes over a deque that was changed meanwhile: its iterator cannot travel. "
            "Loop over list(…) of it, or change it after the loop."
        )
    return parts_of("deque" if kind is type(iter(deque())) else "reversed deque", inside, index)


def _part_reversed(_: object, iterator: Any) -> Parts:
    kind, (sequence,), *index = iterator.__reduce__()
    if kind is not reversed or not index:
        return parts_of("tuple", ())
    return parts_of("reversed", sequence, *index)


_One = enum.Enum("_One", "A")

_MEMBERS_CODES: Final = frozenset((iter(_One).gi_code, reversed(_One).gi_code))  # type: ignore[attr-defined]  # generators


def part_members(generator: GeneratorType[Any, Any, Any]) -> Parts | None:
    """`for member in SomeEnum`: a generator of the library's, over the names of the members."""
    frame = generator.gi_frame
    if generator.gi_code not in _MEMBERS_CODES:
        return None
    if frame is None:
        return parts_of("tuple", ())
    variables = frame.f_locals
    kind, (names,), *index = variables[".0"].__reduce__()
    if not index:
        left: list[str] = []
    elif kind is reversed:
        left = names[index[0] :: -1] if index[0] >= 0 else []
    else:
        left = names[index[0] :]
    members = variables["cls"]._member_map_
    return parts_of("list", [members[name] for name in left], 0)


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
    type(iter(deque())): _part_deque,
    type(reversed(deque())): _part_deque,
    type(reversed([])): _part_reversed,
    reversed: _part_reversed,
    Begun: lambda _, begun: parts_of("begun", begun.iterator),
    **hashed_iterators.PARTERS,
    **itertools_iterators.PARTERS,
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


def _made_reversed(sequence: Any, index: int) -> object:
    made: Any = list.__reversed__(sequence) if isinstance(sequence, list) else reversed(sequence)
    made.__setstate__(exact(index, int))
    return made


MAKERS.update(
    {
        **{name: _sequence_maker(base) for name, (_, base) in _SEQUENCES.items()},
        "indexed": _sequence_maker(None),
        "range": lambda start, stop, step: iter(range(exact(start, int), exact(stop, int), exact(step, int))),
        "enumerate": lambda iterator, index: enumerate(iterator, exact(index, int)),
        "zip": lambda iterators, strict: zip(*exact(iterators, tuple), strict=exact(strict, bool)),
        "callable": lambda function, sentinel: iter(function, sentinel),
        "deque": lambda inside, index: type(iter(deque()))(inside, exact(index, int)),  # type: ignore[call-arg]  # undocumented
        "reversed deque": lambda inside, index: type(reversed(deque()))(inside, exact(index, int)),  # type: ignore[call-arg]  # undocumented
        "reversed": _made_reversed,
        "begun": Begun,
    }
)
