"""Writes the graphs that the C pickler cannot: with keys that hash by a script's own method, a NaN, or long chains.

The one idea: pickle's Python form writes the same format as its C form and can be made to put work off. Objects are
written empty and filled one after the other, so a chain of any length needs no stack; containers whose keys a script's
`__hash__` places are filled last, when what their keys consist of is in place. A NaN stays one object.

It is some twenty times slower than the C form, so it is used only where that one's bytes could not be read.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from migrate.codec.keys import KeyFactories
from migrate.errors import CaptureRefused

_EASY: Final = frozenset({str, bytes, int, float, bool, type(None)})

_NATIVE: Final = _EASY | {bytearray, list, tuple, dict, set, frozenset}


def write_carefully(
    root: object, part: Callable[[Any], Any], memo: dict[int, tuple[int, object]], written: BytesIO
) -> bytes:
    """The heap's bytes. `part`: takes a value apart; `memo`: what both sides know beforehand; `written`: takes them."""
    writer = _Writer(part, memo, written)
    try:
        writer.dump(root)
    except RecursionError:
        raise CaptureRefused(
            "lists, tuples or dicts lie in each other too deeply to travel: keep them flatter, or make objects of them."
        ) from None
    return writer.written.getvalue()


def _is_easy(key: object) -> bool:
    """Whether `screen` lets any number of such keys pass: a stranger cannot choose their hashes."""
    return type(key) in _EASY and (type(key) is not int or -(1 << 31) <= key < 1 << 31)


_PythonPickler: Any = vars(pickle)["_Pickler"]


class _Writer(_PythonPickler):  # type: ignore[misc]  # typeshed does not know the Python form
    def __init__(
        self, part: Callable[[Any], Any], memo: dict[int, tuple[int, object]], written: BytesIO
    ) -> None:
        self.written = written
        super().__init__(self.written, 5)
        self.memo = memo
        self._part = part
        self.empty: deque[tuple[Any, tuple[object, ...]]] = deque()
        self.keyed: list[tuple[Any, tuple[object, ...]]] = []

    def dump(self, root: object) -> None:
        """Write everything, then what fills the objects, then what fills the containers with keys of scripts."""
        self.write(pickle.PROTO + b"\x05")
        self.framer.start_framing()
        self.save(root)
        self._fill_objects()
        # Filling one may bring further ones, and objects, into the record.
        for filler, arguments in self.keyed:
            for argument in arguments:
                self.save(argument)
                self.write(pickle.POP)
            self._fill_objects()
            self._fill(filler, arguments)
        self.write(pickle.STOP)
        self.framer.end_framing()

    def _fill_objects(self) -> None:
        while self.empty:
            self._fill(*self.empty.popleft())

    def _fill(self, filler: Any, arguments: tuple[object, ...]) -> None:
        self.save_reduce(filler, arguments)
        self.write(pickle.POP)

    def save_reduce(self, func: Any, args: Any, state: Any = None, *rest: Any, obj: Any = None) -> None:
        """Put off what fills an object. `rest`: items that no factory has, and the filler."""
        super().save_reduce(func, args, obj=obj)
        if state is not None:
            self.empty.append((rest[-1], (obj, state)))

    def reducer_override(self, value: object) -> Any:
        """Unlike the C form, the Python form asks for every value."""
        return NotImplemented if type(value) in _NATIVE else self._part(value)

    def save_dict(self, value: dict[object, object]) -> None:
        if all(map(_is_easy, value)):
            super().save_dict(value)
            return
        self.write(pickle.EMPTY_DICT)
        self.memoize(value)
        self.keyed.append((KeyFactories.put_items, (value, list(value), list(value.values()))))

    def save_set(self, value: set[object]) -> None:
        if all(map(_is_easy, value)):
            super().save_set(value)
            return
        self.write(pickle.EMPTY_SET)
        self.memoize(value)
        self.keyed.append((KeyFactories.put_members, (value, list(value))))

    def save_frozenset(self, value: frozenset[object]) -> None:
        if all(map(_is_easy, value)):
            super().save_frozenset(value)
            return
        members = list(value)
        # What they consist of must be there before they are hashed, and a frozenset cannot be filled later.
        self.save(members)
        self.write(pickle.POP)
        self._fill_objects()
        self.save_reduce(KeyFactories.frozen, (members,), obj=value)

    def save_float(self, value: float) -> None:
        super().save_float(value)
        if value != value:
            self.memoize(value)

    dispatch = dict(_PythonPickler.dispatch)
    dispatch[dict] = save_dict
    dispatch[float] = save_float
    dispatch[set] = save_set
    dispatch[frozenset] = save_frozenset
