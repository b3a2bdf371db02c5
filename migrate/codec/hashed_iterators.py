"""Iterators over dicts and sets that stand half-way, without moving them.

The one idea: CPython tells what such an iterator will still give, and the garbage collector which dict or set stands
behind it. What is put together again checks like the first that its container keeps its size.

Two are not of the same type again: one over a set has its own type here, because the members may lie in another order;
and one over a dict that is not complete yet, because the iterator hangs on one of the dict's own values, is a chain.
"""

from __future__ import annotations

import collections
import gc
import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.codec.iterator_factory import MAKERS, Unsettled, parts_of
from migrate.errors import BadRecord, CaptureRefused

if TYPE_CHECKING:
    from migrate.codec.instances import Parts

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
        return parts_of("tuple", ())
    left = _remaining(iterator)
    name = _DICT_KINDS[type(iterator)][0]
    if left is None:
        return parts_of("changed keys", name)
    return parts_of("dict", name, inside, len(inside), len(inside) - len(left))


def _part_ordered(_: object, iterator: Any) -> Parts:
    inside = _container_of(iterator, collections.OrderedDict)
    if inside is None:
        return parts_of("tuple", ())
    left = _remaining(iterator) or []
    name = next(name for name, opened in _ORDERED_OPENERS.items() if _ends_with(list(opened(inside)), left))
    return parts_of("dict", name, inside, len(inside), len(inside) - len(left))


def _ends_with(items: list[Any], left: list[Any]) -> bool:
    """Whether `left` is what an iterator over `items` still gives; pairs are made anew each time."""
    rest = items[len(items) - len(left) :]
    return all(a is b or (type(a) is type(b) is tuple and len(a) == len(b) == 2 and a[0] is b[0] and a[1] is b[1])
               for a, b in zip(rest, left, strict=True))  # fmt: skip


class SetIterator(Unsettled):
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
            return parts_of("tuple", ())
        changed = self._size >= 0 and len(self._inside) != self._size
        return parts_of("set", self._inside, self._left[::-1], *((self._size,) if changed else ()))

    def settle(self) -> None:
        """The set is complete: from now on its size must not change."""
        if self._size < 0:
            self._size = len(self._inside)


def _part_set(_: object, iterator: Any) -> Parts:
    inside = _container_of(iterator, set) or _container_of(iterator, frozenset)
    if inside is None:
        return parts_of("tuple", ())
    return parts_of("set", inside, _remaining(iterator))


class LateIterator(Unsettled):
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


PARTERS: Final[dict[type, Callable[[Any, Any], Parts]]] = {
    **dict.fromkeys(_DICT_KINDS, _part_dict),
    type(iter(collections.OrderedDict())): _part_ordered,
    type(iter(set())): _part_set,
    SetIterator: lambda _, iterator: iterator.part(),
    LateIterator: lambda writer, iterator: iterator.part(writer),
}

MAKERS.update(
    {
        "dict": _made_dict_iterator,
        "changed keys": _made_of_changed_keys,
        "set": SetIterator,
    }
)
