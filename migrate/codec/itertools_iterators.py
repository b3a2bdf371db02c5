"""Iterators of `itertools`, `map` and `filter` that stand half-way, without moving them.

The one idea: up to Python 3.13 most say by `__reduce__` what makes them again. What they do not say, the garbage
collector knows; and what can't be told to a new one has a type of its own here.
"""

from __future__ import annotations

import gc
import itertools
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.codec.iterator_factory import MAKERS, parts_of, word_of
from migrate.errors import BadRecord

if TYPE_CHECKING:
    from migrate.codec.instances import Parts

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
        return parts_of("tuple", ())
    if kind is itertools.groupby and not state:
        # It tells nothing of a group whose items are being taken; the garbage collector knows its key.
        known = [value for value in gc.get_referents(iterator) if value is not itertools.groupby]
        if known[2:]:
            return parts_of("group", *arguments, known[-1])
    # None as a state means that there is none.
    return parts_of("itertool", _ITERTOOLS_NAMES[kind], arguments, *(s for s in state if s is not None))


_BATCH_SIZE, _BATCH_STRICT = 3, 4
"""Where an `itertools.batched` keeps its arguments: words from the start of the object (CPython 3.12 and 3.13,
`Modules/itertoolsmodule.c`, `batchedobject`; the second one is a byte). Nothing else tells them."""


def _part_batched(_: object, iterator: Any) -> Parts:
    inside = [value for value in gc.get_referents(iterator) if value is not type(iterator)]
    if not inside:
        return parts_of("tuple", ())
    is_strict = _BATCHED_IS_STRICT and bool(word_of(iterator, _BATCH_STRICT) & 0xFF)
    return parts_of("batched", *inside, word_of(iterator, _BATCH_SIZE), is_strict)


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
        return parts_of("batched", self._inside, self._size, self._is_strict)


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
        return parts_of("pairwise", self._inside, *self._held)


_KEEPS_RESULT: Final = isinstance(gc.get_referents(itertools.pairwise("ab"))[-1], tuple)
"""Since Python 3.13 a pairwise also keeps the tuple that it gave last."""


def _part_pairwise(_: object, iterator: Any) -> Parts:
    """Says nothing by itself; the garbage collector knows its iterator and the item it holds."""
    # Since Python 3.12 it refers to its type as well.
    known = [value for value in gc.get_referents(iterator) if value is not itertools.pairwise]
    if _KEEPS_RESULT:
        known.pop()
    inside, *held = known or [iter(())]
    return parts_of("pairwise", inside, *held)


_POOL_MAX: Final = 10_000
"""What `permutations(pool, r)` and the like may take at once, as `r`."""


_OF_POOLS: Final = frozenset({"combinations", "combinations_with_replacement", "permutations", "product"})
"""Those that take all items of what they are given when they are made; they say that these are tuples."""


def _made_itertool(name: str, arguments: Any, *state: Any) -> object:
    kind = _ITERTOOLS[name]
    if name in _OF_POOLS:
        for argument in exact(arguments, tuple):
            # What gives its items one by one may have no end, and they are all taken at once.
            if type(argument) is not int:
                exact(argument, tuple)
            elif abs(argument) > _POOL_MAX:
                raise BadRecord(f"a record holds {name} of more than {_POOL_MAX}.")
    made = kind(*exact(arguments, tuple))
    if state:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.__setstate__(*state)
    return made


PARTERS: Final[dict[type, Callable[[Any, Any], Parts]]] = {
    **dict.fromkeys(_ITERTOOLS.values(), _part_itertool),
    **({itertools.batched: _part_batched} if hasattr(itertools, "batched") else {}),
    Batched: lambda _, iterator: iterator.part(),
    itertools.pairwise: _part_pairwise,
    Pairwise: lambda _, iterator: iterator.part(),
}

MAKERS.update(
    {
        "itertool": _made_itertool,
        "batched": _made_batched,
        "group": _made_group,
        "pairwise": Pairwise,
    }
)
