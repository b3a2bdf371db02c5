"""Iterators that stand half-way, without moving them.

The one idea: an iterator is the thing it goes over and a position. CPython tells both for most types by `__reduce__`;
what it does not tell (which dict or set stands behind an iterator) the garbage collector knows.

What is put together again is the same type, over the same container, with the check that the container kept its
size. Two exceptions: an iterator over a set has its own type here, because the members may lie in another order; and
one over a dict that is not complete yet, because the iterator hangs on one of the dict's own values, is a chain.
"""

from __future__ import annotations

import collections
import gc
import itertools
import operator
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.errors import BadRecord, CaptureRefused

if TYPE_CHECKING:
    from migrate.codec.instances import Parts


def _iterator(name: str, *arguments: object) -> Parts:
    return IteratorFactories.iterator, (name, *arguments)


def _part_sequence(name: str) -> Callable[[Any, Any], Parts]:
    """Over a list, tuple, string, …: (the sequence, the index); an exhausted one has an empty sequence."""

    def part(_: object, iterator: Any) -> Parts:
        _, (sequence,), *index = iterator.__reduce__()
        return _iterator(name, sequence, *index)

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
        raise CaptureRefused("the iterator of re.finditer cannot travel: go over list(re.finditer(…)) instead.")
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
    """What it will still give; None if its container has changed, so that its next step raises."""
    try:
        _, (left,) = iterator.__reduce__()
    except RuntimeError:
        return None
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
        return _iterator("changed", name)
    return _iterator("dict", name, inside, len(inside), len(inside) - len(left))


def _part_ordered(_: object, iterator: Any) -> Parts:
    inside = _container_of(iterator, collections.OrderedDict)
    if inside is None:
        return _iterator("tuple", ())
    left = _remaining(iterator)
    if left is None:
        return _iterator("changed", "keys")
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

    def __init__(self, inside: Any, left: list[object]) -> None:
        if not isinstance(inside, set | frozenset) or type(left) is not list:
            raise BadRecord("a record holds an iterator over a set that is none.")
        self._inside: Any = inside
        # Taken from the end; the size is known only when the whole record has been read.
        self._left, self._size = left[::-1], -1

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
        if self._size >= 0 and len(self._inside) != self._size:
            return _iterator("changed", "set")
        return _iterator("set", self._inside, self._left[::-1])

    def settle(self) -> None:
        """The set is complete: from now on its size must not change."""
        self._size = len(self._inside)


def _part_set(_: object, iterator: Any) -> Parts:
    inside = _container_of(iterator, set) or _container_of(iterator, frozenset)
    if inside is None:
        return _iterator("tuple", ())
    left = _remaining(iterator)
    return _iterator("changed", "set") if left is None else _iterator("set", inside, left)


def _part_deque(_: object, iterator: Any) -> Parts:
    _, (inside, index) = iterator.__reduce__()
    return _iterator("deque", inside, index)
