"""Values of scripts as text, for an operator to read, without running anything of a script.

The one idea: only built-in types and those of `scripts_api` show what they hold; whatever else there is shows
its class. `repr` would call a script's own `__repr__`, which may never return. There is a budget of
characters, because a small graph that shares its parts can be written out without end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from scripts_api import TRAVELLING, Color, Listen, Rotation, Timer, Vector

DEPTH_MAX: Final = 20
"""Nested deeper it is cut; nobody reads that."""

LEN_MAX: Final = 256 * 1024
"""Characters of one value: the demo's digits many times over, and a message holds a dozen."""

INT_BITS_MAX: Final = 10_000
"""Larger integers show their size: to write one down takes time that grows with its square."""

_PLAIN = frozenset({float, complex, str, bytes, bool, type(None)})
_OF_NUMBERS = frozenset({Vector, Rotation, Color, Timer, Listen})
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


def as_plain_text(value: object, len_max: int = LEN_MAX) -> str:
    """Return a value as Python would write it where it is made of built-in types, cut behind `len_max`."""
    writer = _Writer(len_max)
    writer.write(value, 0)
    text = "".join(writer.parts)
    return text if len(text) <= len_max else f"{text[:len_max]}…"


class _Writer:
    """The parts of a text, and how many characters it may still take."""

    def __init__(self, room: int) -> None:
        self.parts: list[str] = []
        self._room = room

    def write(self, value: Any, depth: int) -> None:
        """Write a value; nothing once the room is used up."""
        kind = type(value)
        if kind is int:
            bits = value.bit_length()
            self._put(repr(value) if bits <= INT_BITS_MAX else f"<int of {bits} bits>")
        elif kind in _PLAIN or kind in _OF_NUMBERS:
            self._put(repr(value))
        elif depth >= DEPTH_MAX:
            self._put("…")
        elif kind in TRAVELLING:
            names = [name for name in kind.__match_args__ if name != "_host"]
            self._put(f"{kind.__name__}(")
            self._pairs(((f"{name}=", getattr(value, name)) for name in names), depth)
            self._put(")")
        elif kind is dict:
            self._dict(value, depth)
        elif kind in _BRACKETS:
            self._sequence(value, depth)
        else:
            self._put(f"<{kind.__qualname__}>")

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self._room -= len(text)

    def _dict(self, value: dict[Any, Any], depth: int) -> None:
        self._put("{")
        separator = ""
        for key, each in value.items():
            if self._room < 0:
                return
            self._put(separator)
            self.write(key, depth + 1)
            self._put(": ")
            self.write(each, depth + 1)
            separator = ", "
        self._put("}")

    def _sequence(self, value: Any, depth: int) -> None:
        kind = type(value)
        if not value and kind in (set, frozenset):
            self._put(f"{kind.__name__}()")
            return
        opening, closing = _BRACKETS[kind]
        self._put(opening)
        self._pairs((("", each) for each in value), depth)
        self._put(f",{closing}" if kind is tuple and len(value) == 1 else closing)

    def _pairs(self, pairs: Iterable[tuple[str, Any]], depth: int) -> None:
        separator = ""
        for label, each in pairs:
            if self._room < 0:
                return
            self._put(separator + label)
            self.write(each, depth + 1)
            separator = ", "
