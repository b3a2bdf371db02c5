"""Writes a graph in which a script's own `__hash__` decides where the keys of a dict or set lie, or that holds a NaN.

The one idea: pickle's Python form writes the same format as its C form and can be taken up on containers. Such ones are
written empty, and filled at the end of the record, when what their keys consist of is in place. A NaN stays one object.

It is some twenty times slower than the C form, so it is used only where that one's bytes could not be read.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from migrate.codec.keys import KeyFactories
from migrate.errors import CaptureRefused

_EASY: Final = frozenset({str, bytes, int, float, bool, type(None)})

_NATIVE: Final = _EASY | {bytearray, list, tuple, dict, set, frozenset}


def write_carefully(root: object, part: Callable[[Any], Any], memo: dict[int, tuple[int, object]]) -> bytes:
    """The heap's bytes. `part`: takes a value apart; `memo`: what both sides know beforehand."""
    writer = _Writer(part, memo)
    try:
        writer.dump(root)
    except RecursionError:
        raise CaptureRefused("values are nested too deeply to travel: keep them flatter.") from None
    return writer.written.getvalue()


def _is_easy(key: object) -> bool:
    return type(key) in _EASY or (type(key) is tuple and all(_is_easy(item) for item in key))


_PythonPickler: Any = vars(pickle)["_Pickler"]


class _Writer(_PythonPickler):  # type: ignore[misc]  # typeshed does not know the Python form
    def __init__(self, part: Callable[[Any], Any], memo: dict[int, tuple[int, object]]) -> None:
        self.written = BytesIO()
        super().__init__(self.written, 5)
        self.memo = memo
        self._part = part
        self.postponed: list[tuple[Any, tuple[object, ...]]] = []

    def dump(self, root: object) -> None:
        """Write everything, then what fills the containers."""
        self.write(pickle.PROTO + b"\x05")
        self.framer.start_framing()
        self.save(root)
        for factory, arguments in self.postponed:
            self.save_reduce(factory, arguments)
            self.write(pickle.POP)
        self.write(pickle.STOP)
        self.framer.end_framing()

    def reducer_override(self, value: object) -> Any:
        """Unlike the C form, the Python form asks for every value."""
        return NotImplemented if type(value) in _NATIVE else self._part(value)

    def save_dict(self, value: dict[object, object]) -> None:
        if all(map(_is_easy, value)):
            super().save_dict(value)
            return
        self.write(pickle.EMPTY_DICT)
        self.memoize(value)
        self.postponed.append((KeyFactories.put_items, (value, list(value), list(value.values()))))

    def save_set(self, value: set[object]) -> None:
        if all(map(_is_easy, value)):
            super().save_set(value)
            return
        self.write(pickle.EMPTY_SET)
        self.memoize(value)
        self.postponed.append((KeyFactories.put_members, (value, list(value))))

    def save_frozenset(self, value: frozenset[object]) -> None:
        if all(map(_is_easy, value)):
            super().save_frozenset(value)
        else:
            self.save_reduce(KeyFactories.frozen, (list(value),), obj=value)

    def save_float(self, value: float) -> None:
        super().save_float(value)
        if value != value:
            self.memoize(value)

    dispatch = dict(_PythonPickler.dispatch)
    dispatch[dict] = save_dict
    dispatch[float] = save_float
    dispatch[set] = save_set
    dispatch[frozenset] = save_frozenset
