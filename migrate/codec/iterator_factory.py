"""The factory of iterators, and what all that take them apart have in common.

The one idea: an iterator travels as a name and arguments, and `MAKERS` has what puts it together again by that name.
The families fill it: `iterators`, which imports the others, `hashed_iterators` and `itertools_iterators`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact

if TYPE_CHECKING:
    from migrate.codec.instances import Parts

MAKERS: Final[dict[str, Callable[..., object]]] = {}


_STEPPING: Final = frozenset({"dict", "deque", "reversed deque"})
"""Iterators that get to where they were step by step."""


class Unsettled:
    """An iterator over something that may not be complete yet when the iterator is put together."""

    __slots__ = ()

    def settle(self) -> None:
        """The whole record has been read."""
        raise NotImplementedError


class IteratorFactories:
    """Puts iterators together."""

    __slots__ = ()

    late: list[Unsettled]

    def spend(self, items: int) -> None:
        """Account for `items` that are gone through; the reader does it."""
        raise NotImplementedError

    def iterator(self, name: str, *arguments: Any) -> object:
        """An iterator that goes on where it was."""
        if name in _STEPPING:
            # A stranger may have written down any number, and many iterators over one container.
            self.spend(abs(exact(arguments[-1], int)))
        made = MAKERS[name](*arguments)
        if isinstance(made, Unsettled):
            self.late.append(made)
        return made


def parts_of(name: str, *arguments: object) -> Parts:
    """What puts an iterator together again."""
    return IteratorFactories.iterator, (name, *arguments)


def word_of(value: object, word: int) -> int:
    """A word of an object's own memory, counted from its start."""
    return ctypes.c_size_t.from_address(id(value) + word * ctypes.sizeof(ctypes.c_size_t)).value
