"""A picture of a value that two runs can be compared by: plain text, the same for equal graphs.

The one idea: walk the graph once and number the objects with an identity; what is met again is drawn as its number.
So sharing and cycles show, addresses and the order of sets do not. It runs no method of a script's classes.
"""

from __future__ import annotations

import enum
import functools
import re
from collections import deque
from types import FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

from migrate.injector.module import MARKS, MODULE_PREFIX

PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...), type(NotImplemented), range)
FUNCTIONS = FunctionType | type(functools.lru_cache(len))

LINES_MAX = 20_000
"""A picture is cut there: a difference beyond it would tell a reader nothing."""


def portrait(value: object) -> list[str]:
    """One line for each part of the graph, with its path."""
    painter = _Painter()
    painter.paint(value, "")
    return painter.lines


class _Painter:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.seen: dict[int, int] = {}
        self.kept: list[object] = []
        self.todo: deque[tuple[object, str]] = deque()

    def paint(self, value: object, path: str) -> None:
        self.todo.append((value, path))
        while self.todo and len(self.lines) < LINES_MAX:
            value, path = self.todo.popleft()
            self._one(value, path)

    def _one(self, value: object, path: str) -> None:
        kind = type(value)
        if kind in PLAIN:
            self.lines.append(f"{path} = {_plain(value)}")
            return
        number = self.seen.get(id(value))
        if number is not None:
            self.lines.append(f"{path} is #{number}")
            return
        number = self.seen[id(value)] = len(self.seen)
        self.kept.append(value)
        self.lines.append(f"{path} = #{number} {describe(value)}")
        self.todo.extend((part, path + name) for name, part in _parts(value))


def _plain(value: object) -> str:
    # repr of a huge int is refused by CPython.
    return hex(value) if type(value) is int else repr(value)


def describe(value: object) -> str:
    """What kind of thing it is, and its own plain content."""
    if isinstance(value, type):
        return f"class {value.__qualname__}"
    if isinstance(value, FUNCTIONS | MethodType):
        return f"function {value.__qualname__}"
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, GeneratorType):
        return f"generator {value.__qualname__}"
    if isinstance(value, PLAIN):
        plain: Any = next(k for k in PLAIN if isinstance(value, k))
        return f"{type(value).__qualname__} {plain.__repr__(value)}"
    shown = type(value).__qualname__
    if isinstance(value, _SHOWN_BY_REPR):
        return f"{shown} {value!r}"
    return shown


_SHOWN_BY_REPR: tuple[type, ...] = (re.Pattern, slice)


def _parts(value: object) -> list[tuple[str, object]]:
    if isinstance(value, type | ModuleType | FUNCTIONS | GeneratorType | enum.Enum) or type(value) in MARKS:
        return []
    if isinstance(value, MethodType):
        return [(".__self__", value.__self__)]
    parts: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        for index, key in enumerate(dict.keys(value)):
            parts += [(f".key{index}", key), (f"[{_short(key, index)}]", dict.__getitem__(value, key))]
    elif isinstance(value, list | tuple | deque):
        base: Any = list if isinstance(value, list) else tuple if isinstance(value, tuple) else deque
        parts += [(f"[{index}]", item) for index, item in enumerate(base.__iter__(value))]
    elif isinstance(value, set | frozenset):
        parts += [(f"{{{index}}}", item) for index, item in enumerate(sorted(value, key=portrait))]
    elif isinstance(value, bytearray):
        parts.append((".bytes", bytes(value)))
    elif isinstance(value, functools.partial):
        parts += [(".func", value.func), (".args", value.args), (".keywords", value.keywords)]
    elif isinstance(value, BaseException):
        parts += _error_parts(value)
    elif not _state(value) and not hasattr(value, "__next__"):
        parts.append(
            (".repr", _without_addresses(repr(value)))
            if type(value).__module__ in _REPR_MODULES
            else ("", None)
        )
    return [*(p for p in parts if p[0]), *_state(value)]


_REPR_MODULES = frozenset({"decimal", "fractions", "datetime", "collections", "operator", "random"})


def _error_parts(error: BaseException) -> list[tuple[str, object]]:
    parts: list[tuple[str, object]] = [(".args", error.args)]
    parts += [(f".{n}", getattr(error, n)) for n in ("__cause__", "__context__", "__suppress_context__")]
    if isinstance(error, BaseExceptionGroup):
        parts.append((".exceptions", error.exceptions))
    return parts


def _state(value: object) -> list[tuple[str, object]]:
    """Attributes in `__dict__` and slots, by name."""
    found: dict[str, object] = dict(getattr(value, "__dict__", ()))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        if kind.__module__.startswith((MODULE_PREFIX, "scripts_api")) or kind.__module__ == "__main__":
            for name in (slots,) if isinstance(slots, str) else slots:
                mangled = (
                    f"_{kind.__name__.lstrip('_')}{name}"
                    if name.startswith("__") and not name.endswith("__")
                    else name
                )
                if name not in ("__dict__", "__weakref__") and hasattr(value, mangled):
                    found[name] = getattr(value, mangled)
    return [(f".{name}", found[name]) for name in sorted(found)]


def _short(key: object, index: int) -> str:
    """A key that shows what it is; others by their place, because `repr` may be a script's."""
    return _plain(key)[:60] if type(key) in PLAIN else f"key{index}"


def _without_addresses(text: str) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", text)
